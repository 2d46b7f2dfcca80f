# SPDX-License-Identifier: Apache-2.0
"""The code of the function that performs the imports, as an asset made without Docker and without network."""

from __future__ import annotations

import functools
import importlib.metadata
from pathlib import Path

from aws_cdk import aws_lambda as lambda_

from cdk_personalize_import.bare_source import bare_source
from cdk_personalize_import.errors import MissingHandlerError
from cdk_personalize_import.file_set import FileSet

ENTRY = "dataset_import.handler.handler"

_PACKAGE = Path(__file__).resolve().parent
_PLACES = (
    _PACKAGE / "_lambda" / "dataset_import",  # installed from a wheel
    _PACKAGE.parent.parent / "lambda" / "dataset_import",  # a checkout
)
_LICENCES = ("LICENSE", "NOTICE")


def handler_code() -> lambda_.Code:
    """Return the handler and the crhelper that is installed here, ready for AWS Lambda.

    Raises:
        MissingHandlerError: One of the two is not there.
    """
    source = find_handler(_PLACES)
    files = FileSet({**_handler_files(source), **_crhelper_files()})
    return lambda_.Code.from_asset(str(source), **files.asset_options())


def find_handler(places: tuple[Path, ...]) -> Path:
    """Return the first of the folders that holds the handler.

    Raises:
        MissingHandlerError: None of them does.
    """
    for place in places:
        if (place / "handler.py").is_file():
            return place
    raise MissingHandlerError(
        "The handler of cdk-personalize-import is neither in "
        f"{' nor in '.join(str(place) for place in places)}. "
        "Install cdk-personalize-import again, or work in a whole checkout of it."
    )


@functools.cache
def _handler_files(source: Path) -> dict[str, bytes]:
    return {
        f"{source.name}/{path.relative_to(source).as_posix()}": bare_source(path.read_text("utf-8")).encode()
        for path in source.rglob("*.py")
    }


def _crhelper_files() -> dict[str, Path]:
    """Return crhelper's modules and its licence, which has to travel with them."""
    try:
        listed = importlib.metadata.files("crhelper") or []
    except importlib.metadata.PackageNotFoundError:
        listed = []
    files = {
        path.as_posix(): Path(str(path.locate()))
        for path in listed
        if path.suffix == ".py" or (path.parts[0].endswith(".dist-info") and path.name in _LICENCES)
    }
    if "crhelper/__init__.py" not in files:
        raise MissingHandlerError(
            "crhelper, which travels in the function's code, is not installed in full. "
            "Install it again: pip install --force-reinstall crhelper."
        )
    return files
