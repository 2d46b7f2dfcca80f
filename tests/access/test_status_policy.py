# SPDX-License-Identifier: Apache-2.0
"""The policy that docs/command-line.md gives for `personalize-import status` is enough, and not too much."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local_aws import LocalAws
from personalize_import.status import ImportState, StatusReader, StatusReport
from tests.cli.account import ImportAccount

pytestmark = pytest.mark.slow

PAGE = (Path(__file__).parents[2] / "docs" / "command-line.md").read_text(encoding="utf-8")
POLICY: list[dict[str, Any]] = next(
    json.loads(block)["Statement"]
    for block in re.findall(r"```json\n(.+?)```", PAGE, re.DOTALL)
    if "GetItem" in block
)
ACTIONS = [action for statement in POLICY for action in statement["Action"]]


@pytest.fixture(scope="module")
def account() -> Iterator[ImportAccount]:
    """An account with a stack that is being updated, whose record names the import's job."""
    with LocalAws(speed=600) as aws:
        made = ImportAccount(aws)
        dataset, job = made.job()
        made.made.until(lambda: made.made.job_status(job))
        table = "Shop-PersonalizeImportHandlerRecords"
        records = {**made.table()[1]}
        next(iter(records.values()))["Properties"]["TableName"] = table
        stack = made.deploy("Shop", {**records, "Import": made.import_resource("Shop/Import", Job=job)})
        made.deploy(
            "Shop",
            {**records, "Import": made.import_resource("Shop/Import", Job=job, Silent="yes")},
            until=("UPDATE_IN_PROGRESS",),
            is_update=True,
        )
        name = job.rpartition("/")[2]
        made.remember(
            table, stack, "Import", dataset, kind="Update", physical_id=job, job_name=name, jobs=(name,)
        )
        yield made


def read(account: ImportAccount, *names: str, without: str = "") -> StatusReport:
    """Read stacks as a user who has the policy, without one of its actions."""
    statements = [
        {**statement, "Action": [action for action in statement["Action"] if action != without]}
        for statement in POLICY
    ]
    allowed = [statement for statement in statements if statement["Action"]]
    return StatusReader(lambda service: account.made.client_as(service, *allowed)).read(list(names))


def test_a_user_with_the_policy_sees_what_the_root_of_the_account_sees(account: ImportAccount) -> None:
    """With a stack's name and without one."""
    expected = StatusReader(account.aws.client).read(["Shop"]).imports

    named, every = (read(account, *names).imports for names in (["Shop"], []))

    assert [each.path for each in expected] == ["Shop/Import"]
    for found in (named, every):
        assert [(each.path, each.state, each.job, each.dataset) for each in found] == [
            (each.path, each.state, each.job, each.dataset) for each in expected
        ]


def test_a_user_without_a_policy_sees_nothing(account: ImportAccount) -> None:
    """The embedded AWS judges each call."""
    client = account.made.client_as("cloudformation")

    with pytest.raises(ClientError, match="AccessDenied"):
        client.describe_stacks(StackName="Shop")


@pytest.mark.parametrize("action", ACTIONS)
def test_every_action_of_the_policy_is_needed(account: ImportAccount, action: str) -> None:
    """Without it something is missing, and the report says so or is refused."""
    complete = read(account, "Shop")

    found = read(account, "Shop", without=action)

    said = [error.message for error in found.errors] + list(found.notes)
    shown = [(each.path, each.state, each.job, each.dataset) for each in found.imports]
    expected = [(each.path, each.state, each.job, each.dataset) for each in complete.imports]
    assert ImportState.FAILED not in {each.state for each in found.imports}
    assert said or shown != expected
