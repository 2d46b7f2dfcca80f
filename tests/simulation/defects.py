# SPDX-License-Identifier: Apache-2.0
"""Defects to plant in the handler, to see whether the simulation notices."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Any

from crhelper import CfnResource
from dataset_import.answer import Delivery
from dataset_import.claim import Claim, SupersededError
from dataset_import.polling import ledger_name
from dataset_import.state import RequestState

from dataset_import import claim, deleting, faults, handler, importing, jobs, polling, resource, state
from dataset_import.jobs import Dataset, Job
from dataset_import.wait_condition import DUE, handle_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    import pytest


def no_adoption(patch: pytest.MonkeyPatch) -> None:
    """Never recognise a job that holds the data already."""
    patch.setattr(jobs, "holds_now", lambda *_: None)


def additions_lost(patch: pytest.MonkeyPatch) -> None:
    """Import old data again when an Update has failed, over what others have added to it."""
    patch.setattr(jobs, "still_holds", lambda *_, **__: None)


def cleanup_before_answer(patch: pytest.MonkeyPatch) -> None:
    """Stop polling, then answer: an answer that gets lost is lost for good."""
    send = resource.ScheduledResource._send

    def send_last(self: Any, *arguments: Any) -> None:
        self._close()
        send(self, *arguments)

    patch.setattr(resource.ScheduledResource, "_send", send_last)


def true_as_id(patch: pytest.MonkeyPatch) -> None:
    """Say True instead of an id, as crhelper's own example does."""
    serve = handler._Serving._import
    patch.setattr(handler._Serving, "_import", lambda *arguments: serve(*arguments) and True)


def transient_is_final(patch: pytest.MonkeyPatch) -> None:
    """Take throttling for a failure."""
    patch.setitem(faults._BY_CODE, "ThrottlingException", faults.Fault.FINAL)


def tail_of_reason(patch: pytest.MonkeyPatch) -> None:
    """Keep the last 240 characters of a reason, as crhelper does."""

    def encode(answer: Mapping[str, Any]) -> bytes:
        return json.dumps({**answer, "Reason": answer["Reason"][-240:]}).encode()

    patch.setattr(resource, "encode", encode)


def no_claim(patch: pytest.MonkeyPatch) -> None:
    """Start a job without having written its name down."""
    make = Claim.make

    def make_all_but_names(self: Claim, **changes: Any) -> bool:
        if "job_name" not in changes:
            return make(self, **changes)
        self.state = self.state._replace(**changes)
        return True

    patch.setattr(Claim, "make", make_all_but_names)


def attempts_not_counted(patch: pytest.MonkeyPatch) -> None:
    """Give every attempt the number 1."""
    patch.setattr(jobs, "next_name", lambda request, _: f"{request.job_name}-{request.fingerprint}-1")


def dataset_age_ignored(patch: pytest.MonkeyPatch) -> None:
    """Take an earlier dataset's jobs for this one's."""

    def alive(dataset: Dataset, listed: Iterable[Job]) -> list[Job]:
        return sorted((job for job in listed if not job.has_failed), key=lambda job: job.created)

    patch.setattr(jobs, "_alive", alive)


def increments_doubled(patch: pytest.MonkeyPatch) -> None:
    """Add what has been added already, because something else has been added since."""
    patch.setattr(jobs, "INCREMENTAL", "no mode")


def create_not_stopped(patch: pytest.MonkeyPatch) -> None:
    """Leave the Create of a made-up id polling."""
    patch.setattr(deleting.Deleting, "_stop_importing", lambda _: None)


def old_id_not_kept(patch: pytest.MonkeyPatch) -> None:
    """Answer a failed Update with the new job's id."""
    patch.setattr(resource.ScheduledResource, "physical_id_for", lambda self, _: self.PhysicalResourceId)


def order_of_arrival(patch: pytest.MonkeyPatch) -> None:
    """Take the request that arrives last for the newest."""
    new = RequestState.new

    def arrives(event: Mapping[str, Any], now: float, timeout: float) -> RequestState:
        return new(event, now, timeout)._replace(issued=now)

    patch.setattr(RequestState, "new", arrives)


def answer_thought_over(patch: pytest.MonkeyPatch) -> None:
    """Do not write an answer down before it is sent."""
    patch.setattr(Claim, "decide", lambda _, answer, **__: answer)


def entries_overwritten(patch: pytest.MonkeyPatch) -> None:
    """Write over what another request wrote, instead of reading it."""
    create = polling.Polling.create

    def write(self: polling.Polling, name: str, event: Any, state: RequestState, now: float) -> bool:
        if not create(self, name, event, state, now):
            self.update(name, event, state, now)
        return True

    patch.setattr(polling.Polling, "create", write)


def schedule_deleted(patch: pytest.MonkeyPatch) -> None:
    """Keep nothing of a request that has been answered."""

    def close(self: handler._Serving) -> None:
        found = self._watch
        if found:
            group = self._services.environment["SCHEDULE_GROUP_NAME"]
            name = f"{ledger_name(self._event)}-{found.state.number}"
            self._services.scheduler().delete_schedule(GroupName=group, Name=name)

    patch.setattr(handler._Serving, "_close", close)


def not_settled(patch: pytest.MonkeyPatch) -> None:
    """Do not wait for the calls of the request that was taken over from."""
    patch.setattr(claim, "SETTLING", 0.0)
    patch.setattr(deleting, "SETTLING", 0.0)


def stale_claim(patch: pytest.MonkeyPatch) -> None:
    """Start a job on the strength of a claim, however long that took."""
    patch.setattr(importing, "PROMPT", float("inf"))


def rollback_not_waited_for(patch: pytest.MonkeyPatch) -> None:
    """Leave the waiting of a rollback to a wait condition that is over."""
    patch.setattr(state, "signal_of", lambda event: DUE if handle_of(event) else "")
    patch.setattr(claim, "goes_back", lambda *_: False)


def not_waited_for(patch: pytest.MonkeyPatch) -> None:
    """Answer as soon as the job has been accepted."""
    patch.setattr(Job, "has_ended", True)


def deadline_ignored(patch: pytest.MonkeyPatch) -> None:
    """Poll for as long as it takes."""
    new = RequestState.new
    patch.setattr(RequestState, "new", lambda *arguments: new(*arguments)._replace(deadline=2e9))


def lost_is_taken(patch: pytest.MonkeyPatch) -> None:
    """Take every answer for delivered."""
    decide = handler._Serving.__init__

    def careless(self: Any, event: Any, context: Any, services: Any) -> None:
        decide(self, event, context, services)
        put = self._resource._put
        self._resource._put = lambda url, body: (put(url, body), Delivery.TAKEN)[1]

    patch.setattr(handler._Serving, "__init__", careless)


def dies_with_an_answer(patch: pytest.MonkeyPatch) -> None:
    """Answer FAILED when another invocation has taken over, as crhelper does when time is up."""
    begin = handler._Serving._begin

    def begin_or_fail(self: handler._Serving) -> Any:
        try:
            return begin(self)
        except SupersededError:
            raise RuntimeError("Execution timed out") from None

    patch.setattr(handler._Serving, "_begin", begin_or_fail)


def refusal_is_final(patch: pytest.MonkeyPatch) -> None:
    """Fail on the first refusal, although the policy may not have propagated."""
    patch.setattr(importing, "PROPAGATION", 0.0)
    patch.setitem(faults._BY_CODE, "LimitExceededException", faults.Fault.REFUSED)


def event_logged(patch: pytest.MonkeyPatch) -> None:
    """Log the event, with its URL, as crhelper does at DEBUG."""
    call = CfnResource.__call__

    def call_and_tell(self: CfnResource, event: Any, context: Any) -> None:
        logging.getLogger("crhelper").warning("%s", event)
        call(self, event, context)

    patch.setattr(CfnResource, "__call__", call_and_tell)


DEFECTS: list[Callable[[pytest.MonkeyPatch], None]] = [
    no_adoption,
    cleanup_before_answer,
    true_as_id,
    transient_is_final,
    tail_of_reason,
    no_claim,
    attempts_not_counted,
    dataset_age_ignored,
    increments_doubled,
    create_not_stopped,
    old_id_not_kept,
    order_of_arrival,
    answer_thought_over,
    entries_overwritten,
    schedule_deleted,
    not_waited_for,
    rollback_not_waited_for,
    deadline_ignored,
    lost_is_taken,
    dies_with_an_answer,
    refusal_is_final,
    event_logged,
]
