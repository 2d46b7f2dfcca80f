# SPDX-License-Identifier: Apache-2.0
"""The permissions that `status` needs, and what it shows without one."""

import json
import re
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from personalize_import.status import StatusReader
from tests.status.facts import record
from tests.status.fake_aws import IMPORT, TABLE, FakeStack
from tests.status.shop import COMPLETE, DONE, OTHER, OWN, PATHS, account, read, updating


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


def test_what_cannot_be_read_at_all_is_an_error() -> None:
    """Without the list of stacks there is no report."""
    aws = account()
    aws.errors = {"cloudformation:DescribeStacks": "AccessDenied"}

    with pytest.raises(ClientError, match="not allowed"):
        StatusReader(aws.client).read()
