# SPDX-License-Identifier: Apache-2.0
"""The record of a resource: one item of the stack's table, and its transitions as pure functions.

The record says which request of CloudFormation counts, how far it has got, and what the resource has done
before. Nothing here depends on Amazon Personalize, and nothing has a client or a clock.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from dataset_import.event import Request, SignalState

IN_FLIGHT = 30.0
"""Seconds for which a call of a superseded request may still take effect, or its job may not be seen yet.

A call is sent within `CALL_WITHIN` seconds of a write that found the request current, and is over 13 s later.
"""

CALL_WITHIN = 5.0
"""Seconds after a write, which found a request current, within which it may start its job."""

FRESH = 10.0
"""Seconds for which a list of jobs may be acted on. Others may have started jobs after that."""

TOMBSTONE = 14 * 3600
"""Seconds for which the record of a deleted resource stays: longer than any event of it can be late."""

_REMEMBERED = 20
"""Requests, jobs, states and handles that a record remembers, of each the latest."""

_LATEST = 2


@dataclass(frozen=True, kw_only=True)
class Record:
    """What is known of a resource.

    Attributes of the request that counts:
        request: The request.
        event: Its event, with the response URL while an answer is due; None once the request is done.
        deadline: When it has to be answered, or signalled, at the latest.
        has_schedule: Whether its schedule exists.
        superseded: The ids of the open requests that it has superseded, whose schedules may still exist.
        in_flight_until: Until when a call may still take effect that was made for a request before, for
            another job, or to remove copies.
        starting_until: Until when a job may come to be seen that a call of it, or of the request before, has
            started; 0 once its job is seen.
        busy_until: Until when an invocation copies files, which cannot be interrupted; 0 if none does.
        copies_left: Whether copies of files have yet to be removed, so that it goes on after its answer.
        leased_until: Until when an invocation polls; others need not.
        job_name: The name of its job; empty until one has been chosen.
        is_restoring: Whether that job runs an earlier one again, which the last request has undone.
        waiting_reason: Why the job has not begun; empty once it runs.
        refused_since: When the first of the latest refusals in a row came; 0 where the last call was none.
        decided: The answer, or later the signal, that was decided but may not have been delivered.
        answered: Whether CloudFormation has its answer.
        outcome: The status of that answer, SUCCESS or FAILED; empty before.
        signal: What becomes of its signal.
        earlier_states: Stand for the properties that the resource may have had when the request came, the
            three likeliest first, and then those of before.
        is_rollback: Whether it goes back to what was before the last request.
        has_status: Whether the status of the stack has said so, instead of the properties.
        undoes_failure: Whether that request did not succeed.

    Attributes of the resource:
        physical_id: The physical id that CloudFormation knows; empty until a Create has been answered.
        settled: Stands for the properties that CloudFormation takes the resource to have: those of the last
            request that succeeded, or that a rollback has gone back to.
        jobs: The names of the jobs that the resource has started or adopted, oldest first; None where that
            is not known, because the resource is older than its record.
        replaced: Descriptions of the jobs that the first import of the resource has replaced, oldest first.
            A rollback that deletes the resource runs them again.
        replaced_by: The name of the job that has replaced them.
        switched_from: Descriptions of the jobs that an Update has replaced. Its rollback runs them again.
        switched_by: The name of the job that has replaced them.
        switched_states: Stand for properties of before that Update, as in `earlier_states`.
        finished: The ids of earlier requests.
        spent_handles: The handles of wait conditions that CloudFormation no longer waits for.
        has_replaced: Whether the last Update has replaced the resource. The record then outlives the Delete
            of the new id: if that is part of a rollback, the resource lives on under the old one.
        expires_at: When the record may be deleted, in seconds since the epoch; 0 while the resource lives.
    """

    key: str
    version: int = 0
    request: Request
    event: Mapping[str, Any] | None
    deadline: float
    has_schedule: bool = False
    superseded: tuple[str, ...] = ()
    in_flight_until: float = 0.0
    starting_until: float = 0.0
    busy_until: float = 0.0
    copies_left: bool = False
    leased_until: float = 0.0
    job_name: str = ""
    is_restoring: bool = False
    waiting_reason: str = ""
    refused_since: float = 0.0
    decided: Mapping[str, Any] | None = None
    answered: bool = False
    outcome: str = ""
    signal: SignalState = SignalState.NONE
    earlier_states: tuple[str, ...] = ()
    is_rollback: bool = False
    has_status: bool = False
    undoes_failure: bool = False
    physical_id: str = ""
    settled: str = ""
    jobs: tuple[str, ...] | None = None
    replaced: tuple[Mapping[str, Any], ...] = ()
    replaced_by: str = ""
    switched_from: tuple[Mapping[str, Any], ...] = ()
    switched_by: str = ""
    switched_states: tuple[str, ...] = ()
    finished: tuple[str, ...] = ()
    spent_handles: tuple[str, ...] = ()
    has_replaced: bool = False
    expires_at: int = 0

    @property
    def latest_jobs(self) -> tuple[str, ...]:
        """The names of the latest jobs, which a list of jobs may not show yet."""
        return (self.jobs or ())[-_LATEST:]

    @property
    def is_open(self) -> bool:
        """Whether something is still to be done for the request."""
        return self.event is not None

    def to_json(self) -> str:
        """Return the record as the table stores it."""
        return json.dumps({**vars(self), "request": vars(self.request)})

    @classmethod
    def from_json(cls, text: str) -> Record:
        """Read a stored record, perhaps of another version of the handler.

        Raises:
            ValueError, TypeError, KeyError: It is no record.
        """
        stored = json.loads(text)
        known = {item.name for item in fields(cls)}
        values: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in stored.items()
            if name in known
        }
        members = {item.name for item in fields(Request)}
        request = {name: value for name, value in stored["request"].items() if name in members}
        values["request"] = Request(**request)
        values["signal"] = SignalState(values.get("signal", ""))
        return cls(**values)


def delivered(record: Record, *, goes_on: bool, deadline: float, now: float) -> Record:
    """Return the record after what was decided has been delivered.

    Args:
        record: The record, with something decided.
        goes_on: Whether the request has more to do: a signal to send, or a job to start.
        deadline: The deadline of that.
        now: Seconds since the epoch.
    """
    content = record.decided or {}
    if not record.answered:
        record = _answered(record, content)
        if goes_on:
            event = {name: value for name, value in (record.event or {}).items() if name != "ResponseURL"}
            return replace(record, event=event, decided=None, answered=True, deadline=deadline)
    elif record.signal is SignalState.DUE:
        spent = remember(record.spent_handles, record.request.handle)
        record = replace(record, spent_handles=spent)
    return closed(replace(record, decided=None, answered=True), now)


def _answered(record: Record, answer: Mapping[str, Any]) -> Record:
    request, status = record.request, str(answer.get("Status", ""))
    physical_id = str(answer.get("PhysicalResourceId", ""))
    if request.type == "Delete":
        return replace(record, outcome=status)
    if status != "SUCCESS":
        # CloudFormation waits for no signal after a failure.
        signal = SignalState.NONE if record.signal is SignalState.DUE else record.signal
        settled = request.properties if record.is_rollback else record.settled
        physical_id = record.physical_id or physical_id
        return replace(record, outcome=status, physical_id=physical_id, settled=settled, signal=signal)
    is_replaced = bool(request.physical_id) and physical_id != request.physical_id
    jobs = record.jobs if record.jobs is not None else (record.job_name,) * bool(record.job_name)
    return replace(
        record,
        outcome=status,
        physical_id=physical_id,
        settled=request.properties,
        jobs=jobs,
        has_replaced=is_replaced,
    )


def closed(record: Record, now: float) -> Record:
    """Return the record of a request that is done: without its event, and a tombstone after a Delete."""
    is_gone = record.request.type == "Delete" and not record.has_replaced
    return replace(
        record,
        event=None,
        leased_until=0.0,
        waiting_reason="",
        expires_at=int(now) + TOMBSTONE if is_gone else 0,
    )


def with_job(record: Record, name: str) -> Record:
    """Return the record with a job of this name as the request's own."""
    jobs = record.jobs
    if jobs is not None:
        jobs = remember(tuple(job for job in jobs if job != name), name)
    return replace(record, job_name=name, jobs=jobs)


def remember_states(likeliest: tuple[str, ...], known: tuple[str, ...]) -> tuple[str, ...]:
    """Return the likeliest states, and then those of before, of which the oldest are forgotten."""
    return (*likeliest, *(state for state in dict.fromkeys(known) if state not in likeliest))[:_REMEMBERED]


def remember(known: tuple[str, ...], new: str) -> tuple[str, ...]:
    """Return the remembered names with a new one, of which the oldest are forgotten."""
    return (*known, new)[-_REMEMBERED:] if new else known
