# SPDX-License-Identifier: Apache-2.0
"""Reading stacks and their imports."""

import json
import re
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from personalize_import.status import ImportStatus, StatusReader
from tests.status.facts import DATASET_ARN, KEY, NOW, job, record
from tests.status.fake_aws import IMPORT, NESTED, TABLE, FakeAws, FakeStack, arn

OWN = job("items-aaaaaaaaaaaa-1", -60)
OTHER = job("items-bbbbbbbbbbbb-1", -30)
COMPLETE = ("Import", IMPORT, "UPDATE_COMPLETE", OWN.arn)
DONE = record(job_name=OWN.name, jobs=(OWN.name,), physical_id=OWN.arn, outcome="SUCCESS", answered=True)
BEGUN = ("", "UPDATE_IN_PROGRESS", "", "", "")
PATHS = {"Import": "Shop/Import"}
SECRET = "https://example.com/?X-Amz-Signature=secret"


def account(stack: FakeStack | None = None, **more: FakeStack) -> FakeAws:
    """An account with the stack Shop, and with others."""
    shop = stack or FakeStack("UPDATE_COMPLETE", [TABLE, COMPLETE], template=PATHS)
    return FakeAws({"Shop": shop, **more}, [DONE], jobs=[OWN])


def updating(*events: tuple[str, str, str, str, str], status: str = "UPDATE_IN_PROGRESS") -> FakeStack:
    """The stack Shop while it is updated."""
    return FakeStack(status, [TABLE, COMPLETE], [BEGUN, *events], PATHS)


def read(aws: FakeAws, *names: str) -> list[ImportStatus]:
    """Read the imports of stacks; those of Shop, where none is named."""
    return list(StatusReader(aws.client).read(names or ["Shop"]).imports)


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


def test_imports_keep_the_order_of_the_template() -> None:
    """In a watch the order does not change when CloudFormation reaches an import."""
    stack = updating(("B", "CREATE_IN_PROGRESS", "", "", IMPORT))
    stack.template = {"A": "Shop/A", "B": "Shop/B", **PATHS}

    assert [each.path for each in read(account(stack))] == ["Shop/A", "Shop/B", "Shop/Import"]


def test_an_import_that_is_removed_is_not_shown() -> None:
    """It is deleted in the clean-up, and is not in the template."""
    stack = updating(
        ("Import", "DELETE_COMPLETE", "", OWN.arn, IMPORT), status="UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"
    )
    stack.template = {}

    assert read(account(stack)) == []


def test_the_failure_of_a_nested_stack_is_told_once() -> None:
    """The parent stack only reports that the nested stack has failed."""
    nested_events = [
        BEGUN,
        ("Import", "UPDATE_FAILED", "It was refused.", OWN.arn, IMPORT),
        ("", "UPDATE_ROLLBACK_IN_PROGRESS", "", "", ""),
        ("Import", "UPDATE_COMPLETE", "", OWN.arn, IMPORT),
    ]
    nested = FakeStack(
        "UPDATE_ROLLBACK_COMPLETE", [TABLE, COMPLETE], nested_events, PATHS, parent=arn("Shop")
    )
    shop = FakeStack(
        "UPDATE_ROLLBACK_COMPLETE",
        [("Nested", NESTED, "UPDATE_COMPLETE", arn("Inner"))],
        [BEGUN, ("Nested", "UPDATE_FAILED", "Embedded stack failed.", arn("Inner"), NESTED)],
    )

    report = StatusReader(account(shop, Inner=nested).client).read(["Shop", "Inner"])

    attempts = [stack.failed_attempt for stack in report.stacks]
    assert attempts[0] is None
    assert attempts[1] is not None
    assert (attempts[1].path, attempts[1].reason) == ("Shop/Import", "It was refused.")
    assert attempts[1].at == NOW - timedelta(minutes=3)
    assert [each.state for each in report.imports] == ["active"]


def test_an_import_of_a_nested_stack_is_rolled_back_with_the_outer_one() -> None:
    """The nested stack is deleted, but its events still exist."""
    nested = FakeStack(
        "DELETE_COMPLETE",
        events=[
            ("", "CREATE_IN_PROGRESS", "", "", ""),
            ("Import", "CREATE_IN_PROGRESS", "", "", IMPORT),
            ("Import", "CREATE_COMPLETE", "", OWN.arn, IMPORT),
            ("", "CREATE_COMPLETE", "", "", ""),
            ("", "DELETE_IN_PROGRESS", "", "", ""),
            ("Import", "DELETE_COMPLETE", "", OWN.arn, IMPORT),
        ],
        template={"Import": "Shop/Nested/Import"},
    )
    shop = FakeStack(
        "ROLLBACK_COMPLETE",
        events=[
            ("", "CREATE_IN_PROGRESS", "", "", ""),
            ("Nested", "CREATE_COMPLETE", "", arn("Inner"), NESTED),
            ("Topic", "CREATE_FAILED", "Exists.", "", "AWS::SNS::Topic"),
            ("", "ROLLBACK_IN_PROGRESS", "", "", ""),
        ],
    )

    report = StatusReader(account(shop, Inner=nested).client).read(["Shop"])

    (found,) = report.imports
    assert (found.path, found.job, found.state) == ("Shop/Nested/Import", OWN.name, "rolled back")
    assert [stack.failed_attempt and stack.failed_attempt.path for stack in report.stacks] == ["Topic", None]


def test_without_the_permission_for_the_table_the_names_decide() -> None:
    """A note says so."""
    aws = account()
    aws.errors = {"dynamodb:GetItem": "AccessDeniedException"}
    aws.jobs = [OWN, OTHER]

    report = StatusReader(aws.client).read(["Shop"])

    assert [(each.job, each.state) for each in report.imports] == [(OTHER.name, "active")]
    assert "The names of the jobs are used instead" in report.notes[0]
    assert "not allowed: dynamodb:GetItem" in report.notes[0]


def test_without_the_permission_for_the_template_logical_ids_are_shown() -> None:
    """Imports that have begun are still listed as resources."""
    aws = account()
    aws.errors = {"cloudformation:GetTemplate": "AccessDenied"}

    report = StatusReader(aws.client).read(["Shop"])

    assert [(each.path, each.state) for each in report.imports] == [("Import", "active")]
    assert "logical ids" in report.notes[0]


@pytest.mark.parametrize(
    ("code", "is_temporary"), [("AccessDeniedException", False), ("ThrottlingException", True)]
)
def test_a_stack_that_cannot_be_read_does_not_hide_the_others(code: str, is_temporary: bool) -> None:
    """It is reported with the service's error."""
    aws = account(Empty=FakeStack())
    aws.errors = {"personalize:DescribeDatasetImportJob": code}

    report = StatusReader(aws.client).read(["Shop", "Empty", "Missing"])

    (error,) = report.errors
    assert (error.stack, error.is_temporary) == ("Shop", is_temporary)
    assert "Personalize said: not allowed" in error.message
    assert report.missing == ("Missing",)
    assert "Empty" in [stack.name for stack in report.stacks]


def test_a_stack_that_has_been_deleted_does_not_exist() -> None:
    """CloudFormation describes it by its ARN for 90 days."""
    report = StatusReader(account(Old=FakeStack("DELETE_COMPLETE")).client).read([arn("Old")])

    assert report.missing == (arn("Old"),)


def test_all_stacks_with_imports_are_shown_and_others_read_once() -> None:
    """A watch does not read stacks without imports again until they change."""
    aws = account(Empty=FakeStack(), Gone=FakeStack("DELETE_COMPLETE"))
    reader = StatusReader(aws.client)

    first, _ = reader.read(), reader.read()

    assert [stack.name for stack in first.stacks] == ["Shop"]
    listed = [given["StackName"] for action, given in aws.calls if action.endswith(":ListStackResources")]
    assert listed == [arn("Shop"), arn("Empty"), arn("Shop")]


def test_what_cannot_be_read_at_all_is_an_error() -> None:
    """Without the list of stacks there is no report."""
    aws = account()
    aws.errors = {"cloudformation:DescribeStacks": "AccessDenied"}

    with pytest.raises(ClientError, match="not allowed"):
        StatusReader(aws.client).read()


def test_no_report_holds_a_response_url() -> None:
    """Anybody with the response URL of an open request can complete the resource."""
    aws = account(updating(("Import", "UPDATE_IN_PROGRESS", "", OWN.arn, IMPORT)))
    event = {"ResourceProperties": {"DatasetArn": DATASET_ARN}, "ResponseURL": SECRET}
    aws.records = [record(is_open=True, event=event)]

    report = StatusReader(aws.client).read(["Shop"])

    assert len(report.imports) == 1
    assert "secret" not in repr(report)


def test_the_documented_policy_is_what_status_needs() -> None:
    """It has exactly the actions that are called."""
    aws = account(updating(("Import", "UPDATE_IN_PROGRESS", "", OWN.arn, IMPORT)))
    aws.records = [record(is_open=True)]
    read(aws)
    aws.stacks["Shop"] = FakeStack("UPDATE_COMPLETE", [TABLE, COMPLETE], template=PATHS)
    aws.records = [DONE]
    StatusReader(aws.client).read()

    text = (Path(__file__).parents[2] / "docs" / "command-line.md").read_text(encoding="utf-8")
    policies = [json.loads(found) for found in re.findall(r"```json\n(.+?)```", text, re.DOTALL)]
    (policy,) = [policy for policy in policies if "GetItem" in json.dumps(policy)]
    allowed = [action for statement in policy["Statement"] for action in statement["Action"]]

    assert set(allowed) == aws.actions
