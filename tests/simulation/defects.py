# SPDX-License-Identifier: Apache-2.0
"""Defects to plant in the handler, to see whether the simulation finds them."""

from __future__ import annotations

import json
import logging
from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from dataset_import import (
    cloudformation,
    decisions,
    errors,
    event,
    handler,
    importing,
    jobs,
    open_request,
    opening,
    personalize,
    record,
    takeover,
)
from dataset_import.cloudformation import CloudFormationResource
from dataset_import.deleting import Deleting
from dataset_import.event import Request, SignalState
from dataset_import.importing import Importing
from dataset_import.jobs import Dataset, Job
from dataset_import.open_request import OpenRequest
from dataset_import.personalize import Personalize
from dataset_import.record import Record
from dataset_import.schedules import Schedules
from dataset_import.staging import StagedData
from dataset_import.table import ConflictError, Table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    import pytest

    Defect = Callable[[pytest.MonkeyPatch], None]


# The table


def write_without_condition(patch: pytest.MonkeyPatch) -> None:
    """Write a record whatever its stored version is."""

    def write(self: Table, written: Record) -> Record:
        stored = self.read(written.key)
        new = replace(written, version=(stored.version if stored else 0) + 1)
        item = {"Key": {"S": new.key}, "Version": {"N": str(new.version)}, "Record": {"S": new.to_json()}}
        if new.expires_at:
            item["ExpiresAt"] = {"N": str(new.expires_at)}
        with errors.service_errors("DynamoDB", errors.PollingError):
            self._client().put_item(TableName=self._name, Item=item)  # type: ignore[arg-type, unused-ignore]
        return new

    patch.setattr(Table, "write", write)


def stale_read(patch: pytest.MonkeyPatch) -> None:
    """Decide from an eventually consistent read, and write over whatever has been written since."""
    write_without_condition(patch)
    client = Table.__init__

    def connect(self: Table, make: Callable[[], Any], name: str) -> None:
        stale: Any = _Stale(make())
        client(self, lambda: stale, name)

    patch.setattr(Table, "__init__", connect)


class _Stale:
    """A client whose reads are not consistent."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self.put_item = client.put_item

    def get_item(self, **params: Any) -> Any:
        return self._client.get_item(**{**params, "ConsistentRead": False})


def conflict_ignored(patch: pytest.MonkeyPatch) -> None:
    """Go on as if a write whose condition does not hold had been done."""
    write = Table.write

    def careless(self: Table, written: Record) -> Record:
        try:
            return write(self, written)
        except ConflictError:
            return replace(written, version=written.version + 1)

    patch.setattr(Table, "write", careless)


def answer_not_recorded(patch: pytest.MonkeyPatch) -> None:
    """Send an answer before it is written down, so that the next invocation may decide otherwise."""
    patch.setattr(OpenRequest, "decide", lambda _, content: content)


def schedule_after_job(patch: pytest.MonkeyPatch) -> None:
    """Make the schedule once the job has been started."""
    look = OpenRequest._look

    def look_first(self: OpenRequest, once: Callable[[], Any]) -> Any:
        if self.record.has_schedule or self.record.job_name:
            return look(self, once)
        with_schedule = replace(self.record, has_schedule=True)
        self.record = self._stored = with_schedule
        found = look(self, once)
        self.record = replace(self.record, has_schedule=False)
        return found

    patch.setattr(OpenRequest, "_look", look_first)


def secret_kept(patch: pytest.MonkeyPatch) -> None:
    """Keep the event of a request that is done."""
    close = record.closed

    def keep(done: Record, now: float) -> Record:
        return replace(close(done, now), event=done.event)

    patch.setattr(record, "closed", keep)
    patch.setattr(Record, "is_open", property(lambda self: self.event is not None and not self.answered))


def record_never_expires(patch: pytest.MonkeyPatch) -> None:
    """Keep the tombstone of a deleted resource for ever."""
    close = record.closed
    patch.setattr(record, "closed", lambda done, now: replace(close(done, now), expires_at=0))


def record_expires_early(patch: pytest.MonkeyPatch) -> None:
    """Let the record of a resource that lives go."""
    close = record.closed
    patch.setattr(record, "closed", lambda done, now: replace(close(done, now), expires_at=int(now) + 3600))


def schedule_not_deleted(patch: pytest.MonkeyPatch) -> None:
    """Leave the schedule of a request that is done ticking."""
    patch.setattr(Schedules, "stop", lambda *_: None)


def secret_in_schedule(patch: pytest.MonkeyPatch) -> None:
    """Put the response URL into the name of nothing but the description of a schedule."""
    start = Schedules.start

    def describe(self: Schedules, name: str, key: str, now: float) -> None:
        made = self._client

        class Talkative:
            def create_schedule(self, **params: Any) -> Any:
                return made().create_schedule(**params, Description="X-Amz-Signature=5ec7e7")

        self._client = lambda: Talkative()  # type: ignore[return-value,assignment]
        try:
            start(self, name, key, now)
        finally:
            self._client = made

    patch.setattr(Schedules, "start", describe)


# Which request counts


def order_of_arrival(patch: pytest.MonkeyPatch) -> None:
    """Take the request that arrives last for the newest."""
    patch.setattr(takeover, "_counts_over", lambda *_: True)


def same_second_by_arrival(patch: pytest.MonkeyPatch) -> None:
    """Of two requests of one second, take the one that arrives last."""
    patch.setattr(
        takeover, "_counts_over", lambda request, known: int(request.issued) >= int(known.request.issued)
    )


def finished_forgotten(patch: pytest.MonkeyPatch) -> None:
    """Serve a request that is done when its event comes again."""
    take = takeover.take_over

    def forgetful(known: Record | None, request: Request, *rest: Any, **more: Any) -> Record | None:
        is_done = known is not None and not known.is_open and known.request.id == request.id
        if is_done and known:
            known = replace(known, request=replace(known.request, id="forgotten", issued=0.0), finished=())
        return take(known, request, *rest, **more)

    patch.setattr(opening, "take_over", forgetful)


def calls_in_flight_ignored(patch: pytest.MonkeyPatch) -> None:
    """Do not wait for the calls of the request that was superseded."""
    patch.setattr(takeover, "IN_FLIGHT", 0.0)
    patch.setattr(open_request, "IN_FLIGHT", 0.0)


def start_long_after_write(patch: pytest.MonkeyPatch) -> None:
    """Start a job on the strength of a write, however long that took."""
    patch.setattr(open_request, "CALL_WITHIN", float("inf"))


# Jobs and datasets


def no_adoption(patch: pytest.MonkeyPatch) -> None:
    """Never recognise a job that holds the data already."""
    patch.setattr(decisions, "job_to_adopt", lambda *_: None)


def additions_lost(patch: pytest.MonkeyPatch) -> None:
    """Import full data again over what others have added to it."""
    adopt = decisions.job_to_adopt

    def only_the_newest(wanted: Any, current: Any) -> Job | None:
        found = adopt(wanted, current)
        return found if found and current[-1] == found else None

    patch.setattr(decisions, "job_to_adopt", only_the_newest)


def dataset_age_ignored(patch: pytest.MonkeyPatch) -> None:
    """Take an earlier dataset's jobs for this one's."""

    def current(dataset: Dataset, listed: Iterable[Job]) -> list[Job]:
        return sorted((job for job in listed if not job.has_failed), key=lambda job: job.created)

    patch.setattr(decisions, "current_jobs", current)


def increments_doubled(patch: pytest.MonkeyPatch) -> None:
    """Add what has been added already, because something else has been added since."""
    patch.setattr(decisions, "INCREMENTAL", "no mode")


def others_jobs_owned(patch: pytest.MonkeyPatch) -> None:
    """Take every job of one prefix for the resource's own, as before there were records."""

    def by_prefix(self: decisions.Wanted, job: Job) -> bool:
        return any(jobs.has_prefix(job, prefix) for prefix in (self.prefix, self.old_prefix) if prefix)

    patch.setattr(decisions.Wanted, "owns", by_prefix)


def replaced_forgotten(patch: pytest.MonkeyPatch) -> None:
    """Do not remember what a new resource's full import replaces."""
    patch.setattr(Personalize, "descriptions", lambda *_: [])


def rollback_not_recognised(patch: pytest.MonkeyPatch) -> None:
    """Delete a resource in a rollback as in an update: nothing is restored, and nothing is said."""
    patch.setattr(Deleting, "_stack_status", lambda _: "UPDATE_IN_PROGRESS")


def restores_when_deleted(patch: pytest.MonkeyPatch) -> None:
    """Restore what was replaced whenever a resource is deleted."""
    patch.setattr(Deleting, "_stack_status", lambda _: "ROLLBACK_IN_PROGRESS")


def switch_never_refused(patch: pytest.MonkeyPatch) -> None:
    """Replace additions by full data although no rollback could bring them back."""
    patch.setattr(decisions, "can_restore", lambda *_: True)
    patch.setattr(personalize, "MOST_DESCRIPTIONS", 0)


def create_not_stopped(patch: pytest.MonkeyPatch) -> None:
    """Leave the Create of a made-up id polling."""
    patch.setattr(opening, "is_for_old_id", lambda known, request: request.type == "Delete")


# Answers


def cleanup_before_answer(patch: pytest.MonkeyPatch) -> None:
    """Close the request, then answer: an answer that gets lost is lost for good."""
    decide = OpenRequest.decide

    def close(self: OpenRequest, content: Mapping[str, Any], *, is_signal: bool) -> Mapping[str, Any] | None:
        decided = decide(self, content, is_signal=is_signal)
        if decided and not self.record.answered:
            event = self.record.event
            self.conclude(goes_on=False, deadline=0.0)
            self.record = replace(self.record, event=event)
        return decided

    patch.setattr(OpenRequest, "decide", close)


def true_as_id(patch: pytest.MonkeyPatch) -> None:
    """Answer True instead of an id, as crhelper's own example does."""
    patch.setattr(CloudFormationResource, "_id_for", lambda *_: "True")


def old_id_not_kept(patch: pytest.MonkeyPatch) -> None:
    """Answer a failed Update with the new job's id."""
    patch.setattr(CloudFormationResource, "_id_for", lambda self, _: self.PhysicalResourceId or "none")


def tail_of_reason(patch: pytest.MonkeyPatch) -> None:
    """Keep the last 240 characters of a reason, as crhelper does."""

    def encode(answer: Mapping[str, Any]) -> bytes:
        return json.dumps({**answer, "Reason": answer["Reason"][-240:]}).encode()

    patch.setattr(handler, "encode", encode)


def not_waited_for(patch: pytest.MonkeyPatch) -> None:
    """Answer as soon as the job has been accepted."""
    patch.setattr(Job, "has_ended", True)


def rollback_not_waited_for(patch: pytest.MonkeyPatch) -> None:
    """Leave the waiting of a rollback to a wait condition that is over."""
    signal = event.signal_state

    def always_due(*given: Any) -> SignalState:
        found = signal(*given)
        return SignalState.DUE if found is SignalState.OVER else found

    patch.setattr(takeover, "signal_state", always_due)


def deadline_ignored(patch: pytest.MonkeyPatch) -> None:
    """Poll for as long as it takes."""
    patch.setattr(opening, "deadline_of", lambda *_, **__: 2e9)


def lost_is_taken(patch: pytest.MonkeyPatch) -> None:
    """Take every answer for delivered."""
    patch.setattr(handler, "Delivery", SimpleNamespace(LOST="never"))


def superseded_answers(patch: pytest.MonkeyPatch) -> None:
    """Answer FAILED when another invocation has taken over, as crhelper does when its time is over."""

    class NeverRaised(Exception):
        pass

    decide = OpenRequest.decide

    def answer(self: OpenRequest, content: Mapping[str, Any], *, is_signal: bool) -> Mapping[str, Any]:
        return decide(self, content, is_signal=is_signal) or content

    patch.setattr(handler, "SupersededError", NeverRaised)
    patch.setattr(OpenRequest, "decide", answer)


# Errors


def temporary_is_final(patch: pytest.MonkeyPatch) -> None:
    """Take throttling for a failure."""
    patch.setitem(errors._BY_CODE, "ThrottlingException", errors.ErrorKind.FINAL)


def refusal_is_final(patch: pytest.MonkeyPatch) -> None:
    """Fail on the first refusal, although the policy may not have propagated."""
    patch.setattr(importing, "PROPAGATION", 0.0)
    patch.setitem(errors._BY_CODE, "LimitExceededException", errors.ErrorKind.REFUSED)


def unreadable_is_new(patch: pytest.MonkeyPatch) -> None:
    """Fail a request whose record cannot be read."""
    patch.setattr(opening.Opening, "_may_try_again", lambda *_: False)


def event_logged(patch: pytest.MonkeyPatch) -> None:
    """Log the event with its URL, as crhelper does at DEBUG."""
    call = CloudFormationResource.answer_to

    def call_and_log(self: CloudFormationResource, given: Any, context: Any) -> Any:
        logging.getLogger("dataset_import").error("%s", given)
        return call(self, given, context)

    patch.setattr(cloudformation.CloudFormationResource, "answer_to", call_and_log)


# Copies of staged files


def files_not_copied(patch: pytest.MonkeyPatch) -> None:
    """Take every copy for made."""
    patch.setattr(StagedData, "_exists", lambda *_: True)


def copies_kept(patch: pytest.MonkeyPatch) -> None:
    """Remove no copy."""
    patch.setattr(StagedData, "remove", lambda *_, **__: None)


def copies_of_before_kept(patch: pytest.MonkeyPatch) -> None:
    """Remove the copies of the request only, not those of a request that it has superseded."""
    made = StagedData.__init__

    def make(self: StagedData, services: Any, dataset_arn: str, staging: Any, _: Any) -> None:
        made(self, services, dataset_arn, staging, None)

    patch.setattr(StagedData, "__init__", make)


def copies_removed_early(patch: pytest.MonkeyPatch) -> None:
    """Remove the copies when the job has been started."""
    start = Importing._start

    def start_and_remove(self: Importing, *given: Any) -> Job | float:
        found = start(self, *given)
        self.staged._remove(self.open)
        return found

    patch.setattr(Importing, "_start", start_and_remove)


DEFECTS: list[Defect] = [
    write_without_condition,
    stale_read,
    conflict_ignored,
    answer_not_recorded,
    schedule_after_job,
    secret_kept,
    record_never_expires,
    record_expires_early,
    schedule_not_deleted,
    secret_in_schedule,
    order_of_arrival,
    same_second_by_arrival,
    finished_forgotten,
    no_adoption,
    additions_lost,
    dataset_age_ignored,
    increments_doubled,
    others_jobs_owned,
    replaced_forgotten,
    rollback_not_recognised,
    restores_when_deleted,
    create_not_stopped,
    cleanup_before_answer,
    true_as_id,
    old_id_not_kept,
    tail_of_reason,
    not_waited_for,
    rollback_not_waited_for,
    deadline_ignored,
    lost_is_taken,
    superseded_answers,
    temporary_is_final,
    refusal_is_final,
    unreadable_is_new,
    event_logged,
    files_not_copied,
    copies_kept,
    copies_of_before_kept,
    copies_removed_early,
]
