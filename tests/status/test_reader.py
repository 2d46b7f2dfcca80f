# SPDX-License-Identifier: Apache-2.0
"""The status of an import: from the record of its handler, the jobs and the events of its stack."""

import time
from dataclasses import replace

import pytest

from personalize_import.status import StatusReader
from tests.status.facts import DATASET_ARN, KEY, NOW, job, record
from tests.status.fake_aws import IMPORT, TABLE, FakeStack
from tests.status.shop import COMPLETE, DONE, OTHER, OWN, PATHS, account, read, updating

SECRET = "https://example.com/?X-Amz-Signature=secret"


def test_one_item_per_import_is_read_consistently() -> None:
    """It reads only the items of the imports, by their keys."""
    aws = account()

    (found,) = read(aws)

    (item,) = [given for action, given in aws.calls if action == "dynamodb:GetItem"]
    assert item == {"TableName": "records", "Key": {"Key": {"S": KEY}}, "ConsistentRead": True}
    assert (found.path, found.job, found.dataset, found.state) == (
        "Shop/Import",
        OWN.name,
        "shop/ITEMS",
        "active",
    )


def test_a_full_import_since_that_no_rollback_could_undo_is_shown() -> None:
    """A renamed import replaced the data, and its rollback could not restore it."""
    aws = account()
    aws.jobs = [OWN, job("renamed-bbbbbbbbbbbb-1", -30)]

    (found,) = read(aws)

    assert (found.job, found.state) == (OWN.name, "replaced")
    assert found.reason == "replaced since by renamed-bbbbbbbbbbbb-1"


def test_data_that_a_rollback_has_restored_is_active() -> None:
    """The status shows the job of the rollback."""
    aws = account()
    aws.jobs = [OWN, OTHER, job("items-aaaaaaaaaaaa-2", -10)]

    (found,) = read(aws)

    assert (found.job, found.state) == ("items-aaaaaaaaaaaa-2", "active")


def test_a_request_under_way_is_what_the_record_says() -> None:
    """Its job is the one in the record, not the previous one."""
    aws = account(updating(("Import", "UPDATE_IN_PROGRESS", "", OWN.arn, IMPORT)))
    aws.records = [record(is_open=True, job_name=OTHER.name)]
    aws.jobs = [OWN, OTHER._replace(status="CREATE IN_PROGRESS")]

    (found,) = read(aws)

    assert (found.job, found.dataset, found.state) == (OTHER.name, "shop/ITEMS", "importing")


@pytest.mark.parametrize(("seconds", "state"), [(60, "copying the data"), (-60, "starting")])
def test_an_import_whose_files_are_copied_has_begun(seconds: float, state: str) -> None:
    """The record says how long the handler is busy copying."""
    aws = account(updating(("Import", "UPDATE_IN_PROGRESS", "", OWN.arn, IMPORT)))
    aws.records = [record(is_open=True, busy_until=time.time() + seconds)]

    assert [each.state for each in read(aws)] == [state]


def test_a_record_of_an_earlier_deployment_says_nothing_of_this_one() -> None:
    """CloudFormation has started the request, but the handler has not."""
    aws = account(updating(("Import", "UPDATE_IN_PROGRESS", "", OWN.arn, IMPORT)))
    aws.records = [replace(DONE, request=replace(DONE.request, issued=NOW.timestamp() - 3600))]

    (found,) = read(aws)

    assert (found.job, found.state) == ("", "starting")


def test_a_request_that_is_done_counts_before_cloudformation_shows_it() -> None:
    """The answer of the handler has not arrived yet."""
    aws = account(updating(("Import", "UPDATE_IN_PROGRESS", "", OWN.arn, IMPORT)))
    aws.records = [replace(DONE, job_name=OTHER.name)]
    aws.jobs = [OWN, OTHER]

    (found,) = read(aws)

    assert (found.job, found.state) == (OTHER.name, "active")


def test_an_import_that_is_deleted_is_no_success() -> None:
    """Its handler still waits for its job."""
    aws = account(
        FakeStack(
            "DELETE_IN_PROGRESS",
            [TABLE, COMPLETE],
            [
                ("", "DELETE_IN_PROGRESS", "", "", ""),
                ("Import", "DELETE_IN_PROGRESS", "", OWN.arn, IMPORT),
            ],
            PATHS,
        )
    )
    aws.records = [record(kind="Delete", is_open=True, job_name=OWN.name)]

    report = StatusReader(aws.client).read(["Shop"])

    assert [each.state for each in report.imports] == ["deleting"]
    assert report.is_under_way
    assert not report.has_failed


def test_while_a_replacement_is_rolled_back_the_resource_has_its_old_job() -> None:
    """The open request is the Delete of the replacement, in another dataset."""
    aws = account(updating(status="UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS"))
    event = {"ResourceProperties": {"DatasetArn": DATASET_ARN.replace("ITEMS", "USERS")}}
    aws.records = [record(kind="Delete", is_open=True, event=event, job_name=OTHER.name, jobs=(OWN.name,))]

    (found,) = read(aws)

    assert (found.job, found.dataset, found.state) == (OWN.name, "shop/ITEMS", "active")


@pytest.mark.parametrize("status", ["UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "UPDATE_COMPLETE"])
def test_the_clean_up_of_a_replacement_does_not_hide_the_import(status: str) -> None:
    """The Delete is for the old physical id of the resource."""
    stack = updating(
        ("Import", "UPDATE_COMPLETE", "", OWN.arn, IMPORT),
        ("Import", "DELETE_IN_PROGRESS", "", OTHER.arn, IMPORT),
        ("Import", "DELETE_COMPLETE", "", OTHER.arn, IMPORT),
        status=status,
    )

    assert [each.state for each in read(account(stack))] == ["active"]


def test_no_report_holds_a_response_url() -> None:
    """Anybody with the response URL of an open request can complete the resource."""
    aws = account(updating(("Import", "UPDATE_IN_PROGRESS", "", OWN.arn, IMPORT)))
    event = {"ResourceProperties": {"DatasetArn": DATASET_ARN}, "ResponseURL": SECRET}
    aws.records = [record(is_open=True, event=event)]

    report = StatusReader(aws.client).read(["Shop"])

    assert len(report.imports) == 1
    assert "secret" not in repr(report)


@pytest.mark.parametrize(
    ("endpoint", "has_link"),
    [("https://personalize.eu-west-1.amazonaws.com", True), ("https://127.0.0.1:4566", False)],
    ids=["AWS", "emulator"],
)
def test_only_the_imports_of_aws_have_a_page_in_the_console(endpoint: str, has_link: bool) -> None:
    """The account of an emulator on this machine does not exist there."""
    aws = account()
    aws.endpoint = endpoint

    (found,) = read(aws)

    assert bool(found.link) is has_link
