# SPDX-License-Identifier: Apache-2.0
"""The request of an import: what its handler knows of it, from the schedules that call it again.

CloudFormation shows neither the properties of a resource that is being made nor which job it will have. The
handler's schedules have both in their input, and nothing has to be written to read them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from mypy_boto3_scheduler import EventBridgeSchedulerClient

    from personalize_import.status.stacks import ImportResource

_STATE = "CrHelperData"


@dataclass(frozen=True)
class Request:
    """A request of CloudFormation.

    Attributes:
        dataset_arn: The dataset that receives the data; empty once the request is closed.
        job_arn: The ARN of its job, whether or not the job exists; empty until its name has been chosen.
        since: When CloudFormation sent it.
        last_words: What Personalize last said of why it has to wait.
        closed: Whether the handler is done with it; CloudFormation may not have heard that yet.
    """

    dataset_arn: str
    job_arn: str
    since: datetime | None
    last_words: str = ""
    closed: bool = False


def ledger_name(stack_id: str, logical_id: str) -> str:
    """The name under which the handler keeps the requests of an import."""
    digest = hashlib.sha256(json.dumps([stack_id, logical_id]).encode()).hexdigest()
    return f"import-{digest[:32]}"


def read_request(client: EventBridgeSchedulerClient, found: ImportResource) -> Request | None:
    """The last request of an import; None where there is none, or where it may not be read."""
    name = ledger_name(found.stack_id, found.resource.logical_id)
    for group in found.schedule_groups:
        requests = [request for text in _entries(client, group, name) if (request := parse_request(text))]
        if requests:
            return requests[-1]  # the last one counts: a newer request, or an answer
    return None


def _entries(client: EventBridgeSchedulerClient, group: str, name: str) -> Iterator[str]:
    """The inputs of the schedules NAME, which has the number of one of the last, NAME-1, NAME-2 and so on."""
    bookmark = _input(client, group, name)
    if bookmark:
        yield bookmark
    known = _number(bookmark)
    number = max(known - 1, 1)  # that of the bookmark may not have been made
    while (text := _input(client, group, f"{name}-{number}")) or number < known:
        if text:
            yield text
        number += 1


def _input(client: EventBridgeSchedulerClient, group: str, name: str) -> str:
    try:
        return client.get_schedule(GroupName=group, Name=name)["Target"].get("Input", "")
    except ClientError:  # not there, or not allowed: the answer is less precise, not wrong
        return ""


def _number(bookmark: str) -> int:
    try:
        return int(json.loads(bookmark)[_STATE]["number"])
    except (ValueError, KeyError, TypeError):
        return 1


def parse_request(text: str) -> Request | None:
    """What a schedule's input tells. The response URL that it holds as well is left where it is."""
    try:
        event = json.loads(text)
        state: Mapping[str, Any] = event[_STATE]
        closed = bool(state.get("closed"))
        if state.get("answer") and not closed:
            return None  # the request goes on for a wait condition, as its own entry says
        # A closed request has left its properties behind; the job is where the stack is.
        dataset_arn = "" if closed else event["ResourceProperties"]["DatasetArn"]
        _, partition, _, region, account, *_ = (dataset_arn or event["StackId"]).split(":")
    except (ValueError, KeyError, TypeError, AttributeError):  # no request of an import
        return None
    name = state.get("job_name")
    since = state.get("issued", state.get("started"))
    return Request(
        dataset_arn=dataset_arn,
        job_arn=f"arn:{partition}:personalize:{region}:{account}:dataset-import-job/{name}" if name else "",
        since=datetime.fromtimestamp(since, UTC) if isinstance(since, (int, float)) else None,
        last_words=str(state.get("last_words") or ""),
        closed=closed,
    )
