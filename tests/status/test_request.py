# SPDX-License-Identifier: Apache-2.0
"""What the handler knows of an open request is read from its schedule."""

import json
from datetime import UTC, datetime

import pytest

from dataset_import import polling
from personalize_import.status.request import OpenRequest, parse_request, schedule_name

DATASET = "arn:aws:personalize:eu-west-1:111122223333:dataset/shop/ITEMS"
EVENT = {
    "RequestType": "Create",
    "StackId": "arn:aws:cloudformation:eu-west-1:111122223333:stack/Shop/1",
    "LogicalResourceId": "Import",
    "ResourceProperties": {"DatasetArn": DATASET},
    "ResponseURL": "https://example.com/?X-Amz-Signature=secret",
}


def request(**state: object) -> OpenRequest | None:
    """The request of a schedule whose state is this."""
    return parse_request(json.dumps({**EVENT, polling.STATE: state}))


def test_the_schedule_has_the_name_that_the_handler_gives_it() -> None:
    """Who looks for it and who makes it agree."""
    assert polling.schedule_name(EVENT) == schedule_name(EVENT["StackId"], EVENT["LogicalResourceId"])  # type: ignore[arg-type]


def test_a_request_without_a_job_names_its_dataset_and_its_beginning() -> None:
    """That is what there is to know while it waits."""
    expected = OpenRequest(DATASET, "", datetime.fromtimestamp(1_800_000_000, UTC))

    assert expected == request(issued=1_800_000_000.0, job_name="")


def test_a_request_with_a_job_names_its_arn() -> None:
    """The job has it even before it exists."""
    found = request(job_name="items-0123456789ab-1")

    assert found is not None
    assert (
        found.job_arn == "arn:aws:personalize:eu-west-1:111122223333:dataset-import-job/items-0123456789ab-1"
    )


def test_a_request_that_has_been_answered_is_not_open() -> None:
    """Its schedule may outlive it."""
    assert request(closed=True) is None


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"CrHelperData": 1}'])
def test_a_schedule_that_is_none_of_the_handlers_is_no_request(text: str) -> None:
    """Whatever else is in the group, it is no reason to fail."""
    assert parse_request(text) is None


def test_the_response_url_is_left_where_it_is() -> None:
    """It is a secret as long as it is good."""
    assert "secret" not in repr(request(job_name="a"))
