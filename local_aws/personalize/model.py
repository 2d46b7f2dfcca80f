# SPDX-License-Identifier: Apache-2.0
"""Amazon Personalize of one account and region, for imports, solutions and recommenders."""

import functools
import re
import threading
from collections.abc import Callable, Mapping
from typing import Any

from .catalogue import Catalogue
from .errors import ServiceError
from .imports import Imports
from .ports import AccessChecker, Clock, ObjectReader
from .recommenders import Recommenders
from .scope import Scope
from .solutions import Solutions
from .state import State
from .tagging import Tagging
from .timing import Timing
from .validation import validate

ROOT_CALLER = "arn:aws:iam::{account}:root"


class Personalize:
    """The service for one account and region.

    Args:
        clock: Returns seconds since the epoch. Every status depends on it alone.
        access: Checks whether the service may read data, and whether callers may pass roles.
        objects: Reads the data.
        account: The account's id, as in the ARNs.
        region: The region, as in the ARNs.
        partition: The partition, as in the ARNs.
        timing: The durations. If omitted, those of the service.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        access: AccessChecker,
        objects: ObjectReader,
        account: str = "123456789012",
        region: str = "us-east-1",
        partition: str = "aws",
        timing: Timing | None = None,
    ) -> None:
        self.state = State()
        self._caller = ROOT_CALLER.format(account=account)
        self._clock = clock
        self._lock = threading.RLock()
        scope = Scope(self.state, clock, timing or Timing(), partition, region, account)
        tagging = Tagging(scope)
        self._parts = (
            Catalogue(scope, tagging),
            Imports(scope, tagging, access, objects),
            Solutions(scope, tagging),
            Recommenders(scope, tagging),
            tagging,
        )

    def handle(self, operation: str, params: Mapping[str, Any], caller: str | None = None) -> dict[str, Any]:
        """Return the response to a call of the API, in the form of boto3.

        Args:
            operation: The operation's name in the API, such as CreateDatasetImportJob.
            params: Its parameters.
            caller: The ARN of the caller. If omitted, the account's root.

        Raises:
            ServiceError: The call fails.
        """
        validate(operation, params)
        with self._lock:
            self.state.advance(self._clock())
            return self._method(operation)(dict(params), caller or self._caller)

    def records(self, dataset_arn: str) -> int:
        """Return the number of records in a dataset; 0 if it does not exist."""
        with self._lock:
            self.state.advance(self._clock())
            dataset = self.state.datasets.get(dataset_arn)
            return len(dataset.records) if dataset else 0

    def _method(self, operation: str) -> Callable[[dict[str, Any], str], dict[str, Any]]:
        name = _method_name(operation)
        for part in self._parts:
            method = getattr(part, name, None)
            if method is not None:
                return method  # type: ignore[no-any-return]
        raise ServiceError("UnknownOperationException", f"{operation} is not part of this model.", 501)


@functools.cache
def _method_name(operation: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", operation).lower()
