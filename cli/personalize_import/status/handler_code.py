# SPDX-License-Identifier: Apache-2.0
"""The handler's own code for records and jobs, so that `status` and the handler decide the same.

The handler is the top-level package `dataset_import`, as in AWS Lambda. It is in no folder of the path. In a
wheel it is in `cdk_personalize_import`, whose import would load the CDK, which takes seconds.
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

HANDLER = "dataset_import"

_PACKAGES = Path(__file__).resolve().parents[2]
PLACES = (
    _PACKAGES / "cdk_personalize_import" / "_lambda" / HANDLER,  # installed from a wheel
    _PACKAGES.parent / "lambda" / HANDLER,  # a checkout
)


def load_handler(places: tuple[Path, ...] = PLACES) -> None:
    """Make the handler's package importable by its name, without changing `sys.path`.

    Raises:
        ImportError: No folder contains the handler.
    """
    if HANDLER in sys.modules:
        return
    for place in places:
        spec = importlib.util.spec_from_file_location(
            HANDLER, place / "__init__.py", submodule_search_locations=[str(place)]
        )
        if spec is None or spec.loader is None or not (place / "record.py").is_file():
            continue
        package = sys.modules[HANDLER] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(package)
        return
    raise ImportError(
        f"The handler of cdk-personalize-import is neither in {' nor in '.join(map(str, places))}. "
        "Install cdk-personalize-import again."
    )


load_handler()

# The handler can be imported from here on.
from dataset_import.errors import ErrorKind, PollingError, ServiceError, error_kind, error_message  # noqa: E402
from dataset_import.event import record_key  # noqa: E402
from dataset_import.jobs import (  # noqa: E402
    ACTIVE,
    RUNNING,
    Dataset,
    Job,
    base_and_increments,
    current_jobs,
    has_fingerprint,
    has_prefix,
    job_arn,
    job_name,
    restored_base,
)
from dataset_import.personalize import Personalize  # noqa: E402
from dataset_import.record import Record  # noqa: E402
from dataset_import.request import FINGERPRINT_LENGTH, text_of  # noqa: E402
from dataset_import.table import Table  # noqa: E402

__all__ = [
    "ACTIVE",
    "FINGERPRINT_LENGTH",
    "Dataset",
    "ErrorKind",
    "Job",
    "RUNNING",
    "Personalize",
    "PollingError",
    "Record",
    "ServiceError",
    "Table",
    "base_and_increments",
    "current_jobs",
    "error_kind",
    "error_message",
    "has_fingerprint",
    "has_prefix",
    "job_arn",
    "job_name",
    "record_key",
    "restored_base",
    "text_of",
]
