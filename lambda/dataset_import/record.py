# SPDX-License-Identifier: Apache-2.0
"""The record of a resource: one item of the stack's table, and its transitions as pure functions.

The record says which request of CloudFormation counts, how far it has got, and what the resource has done
before. It knows nothing of what the resource is. Nothing here has a client or a clock.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from dataset_import.event import Request, SignalState, signal_state

IN_FLIGHT = 30.0
"""Seconds for which a call of a superseded request may still take effect.

A call is sent within `PROMPT` seconds of a write that found the request current, and is over 13 s later.
"""

PROMPT = 5.0
"""Seconds after a write within which a request may act on having been current."""

TOMBSTONE = 14 * 3600
"""Seconds for which the record of a deleted resource stays: longer than any event of it can be late."""

_REMEMBERED = 20
"""Requests, jobs and handles that a record remembers, of each the latest."""


@dataclass(frozen=True, kw_only=True)
class Record:
    """What is known of a resource.

    Attributes of the request that counts:
        request: The request.
        event: Its event, with the response URL while an answer is due; None once the request is done.
        deadline: When it has to be answered, or signalled, at the latest.
        has_schedule: Whether its schedule exists.
        superseded: The ids of the open requests that it has superseded, whose schedules may still exist.
        in_flight_until: Until when a call may still take effect that was made for a request before, or for
            another job.
        busy_until: Until when an invocation does what cannot be interrupted; 0 if there is no such thing.
        leased_until: Until when an invocation polls; others need not.
        job_name: The name of its job; empty until one has been chosen.
        waiting_reason: Why the job has not begun; empty once it runs.
        refused_since: When the first of the latest refusals in a row came; 0 where the last call was none.
        decided: The answer, or later the signal, that was decided but may not have been delivered.
        answered: Whether CloudFormation has its answer.
        outcome: The status of that answer, SUCCESS or FAILED; empty before.
        signal: What becomes of its signal.
        settled_before: Stands for the properties that the resource had when the request came.
        is_rollback: Whether it goes back to what was before the last request.
        undoes_failure: Whether that request did not succeed.

    Attributes of the resource:
        physical_id: The physical id that CloudFormation knows; empty until a Create has been answered.
        settled: Stands for the properties of the last request that succeeded.
        jobs: The names of the jobs that the resource has started or adopted, oldest first; None where that
            is not known, because the resource is older than its record.
        replaced: What is needed to run the jobs again that the resource has replaced when it was new, oldest
            first. A rollback that deletes it restores them.
        switched_from: The same of jobs that an Update has replaced. A rollback of it restores them.
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
    busy_until: float = 0.0
    leased_until: float = 0.0
    job_name: str = ""
    waiting_reason: str = ""
    refused_since: float = 0.0
    decided: Mapping[str, Any] | None = None
    answered: bool = False
    outcome: str = ""
    signal: SignalState = SignalState.NONE
    settled_before: str = ""
    is_rollback: bool = False
    undoes_failure: bool = False
    physical_id: str = ""
    settled: str = ""
    jobs: tuple[str, ...] | None = None
    replaced: tuple[Mapping[str, Any], ...] = ()
    switched_from: tuple[Mapping[str, Any], ...] = ()
    finished: tuple[str, ...] = ()
    spent_handles: tuple[str, ...] = ()
    has_replaced: bool = False
    expires_at: int = 0

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
        values = {name: value for name, value in stored.items() if name in known}
        for name in ("superseded", "jobs", "replaced", "switched_from", "finished", "spent_handles"):
            if isinstance(values.get(name), list):
                values[name] = tuple(values[name])
        values["request"] = Request(**stored["request"])
        values["signal"] = SignalState(values.get("signal", ""))
        return cls(**values)


def take_over(
    known: Record | None, request: Request, event: Mapping[str, Any], *, key: str, deadline: float, now: float
) -> Record | None:
    """Decide whether a request counts, and return the record with it; None if it is to be ignored.

    A request that is open already is returned as it is known. The request that CloudFormation issued last
    counts, in whatever order they arrive.
    """
    if known is None:
        return Record(
            key=key,
            request=request,
            event=event,
            deadline=deadline,
            physical_id=request.physical_id,
            jobs=() if request.type == "Create" else None,
            signal=signal_state(request, event, ()),
        )
    if request.id == known.request.id:
        return known if known.is_open else None
    if request.id in known.finished or not _counts_over(request, known):
        return None
    is_create, is_delete = request.type == "Create", request.type == "Delete"
    is_again = (request.type, request.properties) == (known.request.type, known.request.properties)
    is_back = undoes(request, known)
    # Only after a success CloudFormation goes on to the wait condition.
    has_waited = known.outcome == "SUCCESS" and known.request.type != "Delete"
    spent = _remember(known.spent_handles, known.request.handle) if has_waited else known.spent_handles
    return Record(
        key=key,
        version=known.version,
        request=request,
        event=event,
        deadline=deadline,
        superseded=(*known.superseded, known.request.id) if known.is_open else (),
        in_flight_until=max(now + IN_FLIGHT, known.busy_until) if known.is_open else known.in_flight_until,
        signal=signal_state(request, event, spent),
        settled_before="" if is_create else known.settled,
        is_rollback=known.is_rollback if is_again else is_back,
        undoes_failure=known.undoes_failure if is_again else is_back and known.outcome != "SUCCESS",
        physical_id="" if is_create else known.physical_id if is_delete else request.physical_id,
        settled="" if is_create else known.settled,
        jobs=known.jobs,
        replaced=() if is_create and not is_again else known.replaced,
        switched_from=known.switched_from if is_again or is_back else (),
        finished=_remember(known.finished, known.request.id),
        spent_handles=spent,
        has_replaced=known.has_replaced and is_delete,
        # A Delete waits for the job that it finds.
        job_name=known.job_name if is_delete else "",
    )


def is_for_old_id(known: Record | None, request: Request) -> bool:
    """Tell whether a Delete is for an id that the resource no longer has, and gets a record of its own.

    That is the clean-up after a replacement. A Delete with an id that CloudFormation made up, for a Create
    without an answer, is for the resource itself.
    """
    if known is None or request.type != "Delete" or request.id == known.request.id:
        return False
    if known.physical_id and request.physical_id != known.physical_id:
        return not _is_made_up(known, request)
    is_updating = known.is_open and known.request.type == "Update"
    return is_updating and request.properties == known.request.old_properties != known.request.properties


def _is_made_up(known: Record, request: Request) -> bool:
    """Whether CloudFormation has made up a Delete's id, because it gave the Create up before its answer.

    An answer may have come too late, or the Create arrives after the Delete and the record is a tombstone.
    """
    is_later = known.request.type in ("Create", "Delete") and request.issued >= known.request.issued
    return is_later and not request.physical_id.startswith("arn:")


def undoes(request: Request, known: Record) -> bool:
    """Tell whether a request is the rollback of the last one: an Update back to what was before it."""
    last = known.request
    is_back = request.old_properties == last.properties and request.properties == last.old_properties
    return request.type == last.type == "Update" and is_back


def _counts_over(request: Request, known: Record) -> bool:
    """Tell whether CloudFormation issued a request after the one of the record.

    A URL's date is exact to a second. Of two requests of one second a Delete is the later one, unless it has
    been answered and a Create follows. A rollback is known by its properties: it goes back from what the
    update has asked for. If each of two updates goes back from the other, the one that starts from the
    settled properties came first. Where these are unknown, because the resource is older than its record,
    the order of arrival decides.
    """
    last = known.request
    if request.issued != last.issued:
        return request.issued > last.issued
    if last.type == "Delete":
        # A deployment that goes on after a failure deletes what it has created, and creates it again.
        is_answered = known.decided is not None or not known.is_open
        had_answer = last.physical_id == known.physical_id and bool(known.finished)
        return request.type == "Create" and is_answered and had_answer
    if request.type == "Delete":
        return True
    if last.old_properties == request.properties and request.old_properties != last.properties:
        return False
    if undoes(request, known) and known.settled_before:
        return request.old_properties != known.settled_before
    return True


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
        spent = _remember(record.spent_handles, record.request.handle)
        record = replace(record, spent_handles=spent)
    return closed(replace(record, decided=None, answered=True), now)


def _answered(record: Record, answer: Mapping[str, Any]) -> Record:
    request, status = record.request, str(answer.get("Status", ""))
    physical_id = str(answer.get("PhysicalResourceId", ""))
    if request.type == "Delete":
        return replace(record, outcome=status)
    if status != "SUCCESS":
        return replace(record, outcome=status, physical_id=record.physical_id or physical_id)
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
        jobs = _remember(tuple(job for job in jobs if job != name), name)
    return replace(record, job_name=name, jobs=jobs)


def _remember(known: tuple[str, ...], new: str) -> tuple[str, ...]:
    return (*known, new)[-_REMEMBERED:] if new else known
