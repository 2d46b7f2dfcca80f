# SPDX-License-Identifier: Apache-2.0
"""Which stacks and imports are read, in which order, and what a nested stack reports."""

from datetime import timedelta

from personalize_import.status import StatusReader
from tests.status.facts import NOW
from tests.status.fake_aws import IMPORT, NESTED, TABLE, FakeStack, arn
from tests.status.shop import BEGUN, COMPLETE, OWN, PATHS, account, read, updating


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
