# SPDX-License-Identifier: Apache-2.0
"""Which request of CloudFormation counts, and what the record becomes when it does. Pure functions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dataset_import.event import SignalState, signal_state
from dataset_import.record import IN_FLIGHT, Record, remember, remember_states

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dataset_import.event import Request


_LIKELIEST = 3
"""States that a record's `earlier_states` begin with: an older one says nothing of the order of requests."""


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
    is_new = is_create and not is_again
    # A deployment that goes on after a failed Create deletes it, creates it again, and adopts its job.
    has_never_been = known.request.type == "Delete" and not known.settled
    keeps_replaced = has_never_been if is_new else not _is_deleted(known)
    is_back = undoes(request, known)
    # Only after a success CloudFormation goes on to the wait condition. After --no-rollback it may not have
    # begun to wait, and still needs the signal of the same handle.
    is_due = known.is_open and known.answered and known.decided is None and known.signal is SignalState.DUE
    is_unsignalled = is_due and request.type == "Update" and request.handle == known.request.handle
    has_waited = known.outcome == "SUCCESS" and known.request.type != "Delete" and not is_unsignalled
    spent = remember(known.spent_handles, known.request.handle) if has_waited else known.spent_handles
    return Record(
        key=key,
        version=known.version,
        request=request,
        event=event,
        deadline=deadline,
        superseded=(*known.superseded, known.request.id) if known.is_open else (),
        in_flight_until=_in_flight_until(known, now),
        starting_until=known.starting_until,
        signal=SignalState.DUE if is_unsignalled else signal_state(request, event, spent),
        earlier_states=() if is_create else _states(known),
        is_rollback=known.is_rollback if is_again else is_back,
        undoes_failure=known.undoes_failure if is_again else is_back and not _has_succeeded(known),
        physical_id="" if is_create else _id_after(known, request),
        settled="" if is_create else known.settled,
        jobs=() if is_new else known.jobs,
        replaced=known.replaced if keeps_replaced else (),
        replaced_by=known.replaced_by if keeps_replaced else "",
        switched_from=() if is_new else known.switched_from,
        switched_by="" if is_new else known.switched_by,
        switched_states=() if is_new else known.switched_states,
        finished=remember(known.finished, known.request.id),
        spent_handles=spent,
        has_replaced=known.has_replaced and is_delete,
        # A Delete waits for the job that it finds.
        job_name=known.job_name if is_delete else "",
    )


def _in_flight_until(known: Record, now: float) -> float:
    """Return until when a call of an earlier request may still take effect."""
    latest = max(known.in_flight_until, known.starting_until, known.busy_until)
    return max(now + IN_FLIGHT, latest) if known.is_open else latest


def _id_after(known: Record, request: Request) -> str:
    """Return the id of a resource with an Update or a Delete, whose last answer may not be noted yet."""
    if request.type == "Update":
        return request.physical_id
    if request.physical_id.startswith("arn:"):
        return known.physical_id or request.physical_id
    # CloudFormation has stopped waiting for a Create, which may arrive after its Delete.
    has_arrived = known.request.type != "Delete"
    return request.physical_id if has_arrived else ""


def _is_deleted(known: Record) -> bool:
    return known.request.type == "Delete" and _has_succeeded(known)


def _has_succeeded(known: Record) -> bool:
    """Whether the request has been answered with a success. The answer may not be noted yet."""
    return (known.outcome or (known.decided or {}).get("Status")) == "SUCCESS"


def is_for_old_id(known: Record | None, request: Request) -> bool:
    """Whether a Delete is for an id that the resource no longer has. It gets a record of its own.

    Such a Delete is the clean-up after a replacement. A Delete with an id that CloudFormation generated for a
    Create without an answer is for the resource itself.
    """
    if known is None or request.type != "Delete" or request.id in (known.request.id, *known.finished):
        return False
    if known.physical_id and request.physical_id != known.physical_id:
        return not _is_made_up(known, request)
    # The answer that has given the resource another id may not be noted yet.
    is_updated = known.request.type == "Update" and not known.answered and _has_succeeded(known)
    return is_updated and (known.decided or {}).get("PhysicalResourceId") != request.physical_id


def _is_made_up(known: Record, request: Request) -> bool:
    """Whether CloudFormation has generated a Delete's id, because it stopped waiting for the Create.

    An answer may have come too late, or the Create arrives after the Delete and the record is a tombstone.
    """
    is_later = known.request.type in ("Create", "Delete") and request.issued >= known.request.issued
    return is_later and not request.physical_id.startswith("arn:")


def undoes(request: Request, known: Record) -> bool:
    """Whether a request is the rollback of the last one: an Update back to its old properties."""
    last = known.request
    is_back = request.old_properties == last.properties and request.properties == last.old_properties
    return request.type == last.type == "Update" and is_back


def _counts_over(request: Request, known: Record) -> bool:
    """Whether CloudFormation issued a request after the one of the record.

    A URL's date is exact to a second. Of two requests of one second a Delete is the later one, unless it has
    been answered, its own Create is known, and another Create follows. A rollback is known by its properties:
    it goes back from what the update has asked for. If each of two updates goes back from the other, the one
    that starts from an earlier state of the resource came first. Where none is known, because the resource is
    older than its record, the order of arrival decides.
    """
    last = known.request
    if request.issued != last.issued:
        return request.issued > last.issued
    if last.type == "Delete":
        # A deployment that goes on after a failure deletes what it has created, and creates it again.
        is_answered = known.decided is not None or not known.is_open
        is_of_known = last.physical_id == known.physical_id and bool(known.finished)
        return is_answered and (request.type == "Delete" or (request.type == "Create" and is_of_known))
    if request.type == "Delete":
        return True
    if last.old_properties == request.properties and request.old_properties != last.properties:
        return False
    if undoes(request, known):
        starts = (request.old_properties, last.old_properties)
        return (
            next((state for state in known.earlier_states[:_LIKELIEST] if state in starts), None) != starts[0]
        )
    return True


def _states(known: Record) -> tuple[str, ...]:
    """Return what the properties may be after a request, which CloudFormation may have skipped to undo."""
    is_updated = known.request.type != "Delete" and _has_succeeded(known)
    settled = known.request.properties if is_updated else known.settled
    likeliest = (settled, known.request.properties, known.request.old_properties)
    return remember_states(likeliest, known.earlier_states)
