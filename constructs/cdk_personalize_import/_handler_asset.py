# SPDX-License-Identifier: Apache-2.0
"""The code of the function, as an asset that needs neither Docker nor network."""

from __future__ import annotations

import functools
import hashlib
import importlib.metadata
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jsii
from aws_cdk import AssetHashType, BundlingOptions, BundlingOutput, DockerImage, ILocalBundling
from aws_cdk import aws_lambda as lambda_

from cdk_personalize_import.errors import MissingHandlerError

ENTRY = "dataset_import.handler.handler"
_PACKAGE = Path(__file__).resolve().parent
_PLACES = (
    _PACKAGE / "_lambda" / "dataset_import",  # installed from a wheel
    _PACKAGE.parent.parent / "lambda" / "dataset_import",  # a checkout
)
_LICENCES = ("LICENSE", "NOTICE")


def handler_code() -> lambda_.Code:
    """Return the handler and the installed crhelper as code for AWS Lambda.

    Raises:
        MissingHandlerError: One of the two is missing.
    """
    source = find_handler(_PLACES)
    files = FileSet({**_handler_files(source), **_crhelper_files()})
    return lambda_.Code.from_asset(str(source), **files.asset_options())


def find_handler(places: tuple[Path, ...]) -> Path:
    """Return the first folder that contains the handler.

    Raises:
        MissingHandlerError: No folder contains it.
    """
    for place in places:
        if (place / "handler.py").is_file():
            return place
    raise MissingHandlerError(
        "The handler of cdk-personalize-import is neither in "
        f"{' nor in '.join(str(place) for place in places)}. "
        "Install cdk-personalize-import again, or use a complete checkout."
    )


@functools.cache
def _handler_files(source: Path) -> dict[str, Path]:
    return {f"{source.name}/{path.relative_to(source).as_posix()}": path for path in source.rglob("*.py")}


def _crhelper_files() -> dict[str, Path]:
    """Return crhelper's modules and its licence, which requires that it is distributed with them."""
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
            "crhelper, which is part of the function's code, is not installed completely. "
            "Install it again: pip install --force-reinstall crhelper."
        )
    return files


@jsii.implements(ILocalBundling)
class FileSet:
    """Files of this machine that become one asset, with the names that they have in it.

    The hash of the asset depends only on names and contents, so it is the same on every machine.
    """

    def __init__(self, files: Mapping[str, Path]) -> None:
        self._files = dict(sorted(files.items()))

    @functools.cached_property
    def fingerprint(self) -> str:
        """A hash of names and contents that does not depend on the version of the CDK."""
        content = hashlib.sha256()
        for name, path in self._files.items():
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
            content.update(f"{name}\0{digest}\n".encode())
        return content.hexdigest()

    def asset_options(self) -> dict[str, Any]:
        """Return the options of an asset that contains these files instead of its folder."""
        return {
            "asset_hash_type": AssetHashType.OUTPUT,
            "bundling": BundlingOptions(
                # Required, but never pulled: try_bundle copies the files or raises.
                image=DockerImage.from_registry("none"),
                local=self,
                # Never run. The CDK caches assets by these options without `local`.
                command=[self.fingerprint],
                # Without it, the CDK would treat a single archive as the asset.
                output_type=BundlingOutput.NOT_ARCHIVED,
            ),
        }

    def try_bundle(self, output_dir: str, *_: object, **__: object) -> bool:
        """Copy the files to the folder of the asset. The CDK calls it.

        It never returns False, because the CDK would then use Docker.
        """
        for name, path in self._files.items():
            target = Path(output_dir, name)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
        return True
