# SPDX-License-Identifier: Apache-2.0
"""What the handler knows of an open request is read from its schedule."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from dataset_import import polling
from personalize_import.status.request import Request, ledger_name, parse_request, read_request
from personalize_import.status.stacks import ImportResource, Resource

DATASET = "arn:aws:personalize:eu-west-1:111122223333:dataset/shop/ITEMS"
EVENT = {
    "RequestType": "Create",
    "StackId": "arn:aws:cloudformation:eu-west-1:111122223333:stack/Shop/1",
    "LogicalResourceId": "Import",
    "ResourceProperties": {"DatasetArn": DATASET},
    "ResponseURL": "https://example.com/?X-Amz-Signature=secret",
}
NAME = polling.ledger_name(EVENT)
IMPORT = ImportResource(
    "Shop",
    str(EVENT["StackId"]),
    ("group",),
    Resource("", str(EVENT["LogicalResourceId"]), "", "CREATE_IN_PROGRESS", "", datetime.now(UTC)),
)


def request(**state: object) -> Request | None:
    """The request of a schedule whose state is this."""
    return parse_request(json.dumps({**EVENT, polling.STATE: state}))


def test_the_schedules_have_the_name_that_the_handler_gives_them() -> None:
    """Who looks for them and who makes them agree."""
    assert polling.ledger_name(EVENT) == ledger_name(str(EVENT["StackId"]), str(EVENT["LogicalResourceId"]))


class Schedules:
    """EventBridge Scheduler, with schedules of these states, by the end of their names."""

    def __init__(self, **states: dict[str, object]) -> None:
        self._inputs = {
            NAME + end.replace("_", "-"): json.dumps({**EVENT, polling.STATE: state})
            for end, state in states.items()
        }

    def get_schedule(self, **given: str) -> Any:
        if given["Name"] in self._inputs:
            return {"Target": {"Input": self._inputs[given["Name"]]}}
        raise ClientError({"Error": {"Code": "ResourceNotFoundException"}}, "GetSchedule")


@pytest.mark.parametrize(
    ("states", "job"),
    [
        ({"_1": {"job_name": "a-1"}}, "a-1"),
        ({"": {"number": 2, "closed": True}, "_1": {"closed": True}, "_2": {"job_name": "b-1"}}, "b-1"),
        ({"": {"number": 3, "closed": True}, "_2": {"job_name": "b-1"}}, "b-1"),
        ({"": {"number": 7, "closed": True}, "_7": {"job_name": "c-1"}, "_8": {"job_name": "d-1"}}, "d-1"),
    ],
    ids=["the only one", "a newer one", "before the bookmark", "after the bookmark"],
)
def test_the_last_entry_is_the_request_that_counts(states: dict[str, dict[str, object]], job: str) -> None:
    """The bookmark tells where to begin, and may be ahead of the entries or behind them."""
    found = read_request(Schedules(**states), IMPORT)  # type: ignore[arg-type]

    assert found is not None
    assert found.job_arn.endswith(f":dataset-import-job/{job}")


def test_a_request_with_an_answer_is_closed() -> None:
    """What was decided is the last entry."""
    answer = {"job_name": "a-1", "answer": {"Status": "SUCCESS"}, "closed": True}

    found = read_request(Schedules(_1={"job_name": "a-1"}, _2=answer), IMPORT)  # type: ignore[arg-type]

    assert found is not None
    assert found.closed


def test_a_request_that_goes_on_after_its_answer_is_open() -> None:
    """A wait condition still waits for its import, and its own entry tells of that."""
    answer = {"job_name": "a-1", "answer": {"Status": "SUCCESS"}, "closed": False}

    found = read_request(Schedules(_1={"job_name": "a-1"}, _2=answer), IMPORT)  # type: ignore[arg-type]

    assert found is not None
    assert (found.closed, found.dataset_arn) == (False, DATASET)


def test_schedules_that_may_not_be_read_are_no_error() -> None:
    """The answer is less precise then."""
    assert read_request(Schedules(), IMPORT) is None  # type: ignore[arg-type]


def test_a_request_without_a_job_names_its_dataset_and_its_beginning() -> None:
    """That is what there is to know while it waits."""
    expected = Request(DATASET, "", datetime.fromtimestamp(1_800_000_000, UTC))

    assert expected == request(issued=1_800_000_000.0, job_name="")


def test_a_request_with_a_job_names_its_arn() -> None:
    """The job has it even before it exists."""
    found = request(job_name="items-0123456789ab-1")

    assert found is not None
    assert (
        found.job_arn == "arn:aws:personalize:eu-west-1:111122223333:dataset-import-job/items-0123456789ab-1"
    )


def test_a_closed_request_tells_its_job_where_its_stack_is() -> None:
    """It has left its properties behind, and is read until CloudFormation has heard of the answer."""
    state = {"closed": True, "job_name": "items-0123456789ab-1", "issued": 1_800_000_000.0}

    found = parse_request(json.dumps({"StackId": EVENT["StackId"], polling.STATE: state}))

    job_arn = "arn:aws:personalize:eu-west-1:111122223333:dataset-import-job/items-0123456789ab-1"
    assert found == Request("", job_arn, datetime.fromtimestamp(1_800_000_000, UTC), closed=True)


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"CrHelperData": 1}'])
def test_a_schedule_that_is_none_of_the_handlers_is_no_request(text: str) -> None:
    """Whatever else is in the group, it is no reason to fail."""
    assert parse_request(text) is None


def test_the_response_url_is_left_where_it_is() -> None:
    """It is a secret as long as it is good."""
    assert "secret" not in repr(request(job_name="a"))
