# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from botocore.exceptions import ClientError

from personalize_import.status.evidence import EvidenceReader
from personalize_import.status.handler_code import (
    ErrorKind,
    Personalize,
    ServiceError,
    error_kind,
    error_message,
)
from personalize_import.status.imports import ImportStatus, derive_status
from personalize_import.status.report import FailedAttempt, ReadError, StackStatus, StatusReport
from personalize_import.status.stacks import NoSuchStackError, Stack, Stacks

if TYPE_CHECKING:
    from mypy_boto3_personalize import PersonalizeClient


_THIS_MACHINE = ("localhost", "127.0.0.1", "::1")


class StatusReader:
    """Reads the status of imports, with read-only calls.

    docs/command-line.md has the policy that it needs.

    Args:
        client: Returns the boto3 client of a service, such as `boto3.Session().client`.
    """

    def __init__(self, client: Callable[[Any], Any]) -> None:
        self._client = cache(client)

    def read(self, names: Sequence[str] = ()) -> StatusReport:
        """Read the status of the imports of stacks, and of the stacks nested in them.

        Args:
            names: The names or ARNs of the stacks. If omitted, all stacks of the region that have imports.

        Raises:
            ClientError, BotoCoreError: Nothing could be read.
        """
        families = self._named(names) if names else self._all()
        reader = EvidenceReader(self._client, self._personalize)
        now = datetime.now(UTC)
        stacks: dict[str, StackStatus] = {}
        imports: dict[tuple[str, str], ImportStatus] = {}
        missing: list[str] = []
        errors: list[ReadError] = []
        notes: list[str] = []
        for name, family in families:
            try:
                # A nested stack that is named together with its parent counts once.
                for stack in family():
                    stacks[stack.id] = _stack_status(stack)
                    notes += stack.notes
                    for each in stack.imports:
                        status = derive_status(reader.evidence(stack, each), now)
                        status = status if self._has_console else replace(status, link="")
                        imports[stack.id, each.logical_id] = status
            except NoSuchStackError:
                missing.append(name)
            except (ClientError, ServiceError) as error:
                errors.append(_read_error(name, error))
        return StatusReport(
            imports=tuple(imports.values()),
            stacks=tuple(stacks.values()),
            missing=tuple(dict.fromkeys(missing)),
            errors=tuple(errors),
            notes=tuple(dict.fromkeys([*notes, *reader.notes])),
        )

    def _named(self, names: Sequence[str]) -> Iterator[tuple[str, Callable[[], Sequence[Stack]]]]:
        for name in names:

            def family(name: str = name) -> Sequence[Stack]:
                return self._stacks.family(self._stacks.describe(name))

            yield name, family

    def _all(self) -> Iterator[tuple[str, Callable[[], Sequence[Stack]]]]:
        for described in self._stacks.roots():

            def family(described: Any = described) -> Sequence[Stack]:
                found = self._stacks.family(described)
                return found if any(stack.imports for stack in found) else ()

            yield described["StackName"], family

    @cached_property
    def _stacks(self) -> Stacks:
        return Stacks(self._client("cloudformation"))

    @cached_property
    def _has_console(self) -> bool:
        """Whether AWS has a console of the account. An emulator on this machine has none."""
        host = urlsplit(str(self._client("personalize").meta.endpoint_url)).hostname
        return host not in _THIS_MACHINE

    @cached_property
    def _personalize(self) -> Personalize:
        client: PersonalizeClient = self._client("personalize")
        return Personalize(lambda: client, time)


def _read_error(stack: str, error: ClientError | ServiceError) -> ReadError:
    if isinstance(error, ServiceError):
        kind, message = error.kind, f"{error.service} said: {error.message}"
    else:
        kind, message = error_kind(error), error_message(error)
    return ReadError(stack=stack, message=message, is_temporary=kind is ErrorKind.TEMPORARY)


def _stack_status(stack: Stack) -> StackStatus:
    failure = stack.failure
    if failure is None:
        return StackStatus(name=stack.name, id=stack.id, status=stack.status)
    path = stack.template.path(failure.logical_id) if failure.logical_id else ""
    attempt = FailedAttempt(at=failure.at, path=path, reason=failure.reason)
    return StackStatus(name=stack.name, id=stack.id, status=stack.status, failed_attempt=attempt)
