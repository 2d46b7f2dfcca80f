# SPDX-License-Identifier: Apache-2.0
"""The open request of an import: what its handler knows of it, from the schedule that calls it again.

CloudFormation shows neither the properties of a resource that is being made nor which job it will be. The
schedule of the handler has both in its input, and nothing has to be written to read them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from mypy_boto3_scheduler import EventBridgeSchedulerClient

    from personalize_import.status.stacks import ImportResource

_STATE = "CrHelperData"


@dataclass(frozen=True)
class OpenRequest:
    """A request of CloudFormation that has not been answered yet.

    Attributes:
        dataset_arn: The dataset that receives the data.
        job_arn: The ARN of its job, whether or not the job exists; empty until its name has been chosen.
        since: When the handler took it up.
        last_words: What Personalize last said of why it has to wait.
    """

    dataset_arn: str
    job_arn: str
    since: datetime | None
    last_words: str = ""


def schedule_name(stack_id: str, logical_id: str) -> str:
    """The name that the handler gives to the schedule of an import."""
    digest = hashlib.sha256(json.dumps([stack_id, logical_id]).encode()).hexdigest()
    return f"import-{digest[:32]}"


def read_request(client: EventBridgeSchedulerClient, found: ImportResource) -> OpenRequest | None:
    """The open request of an import; None where there is none, or where it may not be read."""
    name = schedule_name(found.stack_id, found.resource.logical_id)
    for group in found.schedule_groups:
        try:
            schedule = client.get_schedule(GroupName=group, Name=name)
        except ClientError:  # not there, or not allowed: the answer is less precise, not wrong
            continue
        return parse_request(schedule["Target"].get("Input", ""))
    return None


def parse_request(text: str) -> OpenRequest | None:
    """What a schedule's input tells. The response URL that it holds as well is left where it is."""
    try:
        event = json.loads(text)
        state: Mapping[str, Any] = event[_STATE]
        dataset_arn = event["ResourceProperties"]["DatasetArn"]
    except (ValueError, KeyError, TypeError):  # no request, or one that has been answered
        return None
    if state.get("closed"):
        return None
    name = state.get("job_name")
    prefix = ":".join(dataset_arn.split(":")[:5])
    since = state.get("issued", state.get("started"))
    return OpenRequest(
        dataset_arn=dataset_arn,
        job_arn=f"{prefix}:dataset-import-job/{name}" if name else "",
        since=datetime.fromtimestamp(since, UTC) if isinstance(since, (int, float)) else None,
        last_words=str(state.get("last_words") or ""),
    )
