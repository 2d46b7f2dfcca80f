# SPDX-License-Identifier: Apache-2.0
"""`personalize-import status`, reading real stacks in an embedded AWS."""

import json
import os
import time
from collections.abc import Iterator
from typing import Any

import pytest
from click.testing import CliRunner, Result

from local_aws import LocalAws
from personalize_import.cli import status_command
from personalize_import.cli.commands import command
from tests.cli.account import ImportAccount

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def account() -> Iterator[ImportAccount]:
    """An account in which an import takes some seconds."""
    with LocalAws(speed=200) as aws:
        yield ImportAccount(aws)


@pytest.fixture
def run(account: ImportAccount, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Runs the command with the environment that leads there."""
    for name, value in account.aws.environment.items():
        monkeypatch.setenv(name, value)

    def invoke(*arguments: str) -> Result:
        return CliRunner().invoke(command, ["status", *arguments])

    return invoke


def states(result: Result) -> dict[str, str]:
    """The state of each import, by its name in the stack."""
    return {row["logical_id"]: row["state"] for row in json.loads(result.stdout)}


def without_region(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the region out of the environment and of the configuration."""
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE"):
        monkeypatch.delenv(name)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, os.devnull)


@pytest.fixture(scope="module")
def ended(account: ImportAccount) -> tuple[str, str]:
    """A stack with an import that is ACTIVE, in a nested stack, and one whose job has failed."""
    _, good = account.job()
    _, bad = account.job("USER_ID,ITEM_ID,TIMESTAMP\nu1,i1,yesterday\n")
    account.made.until(lambda: account.made.job_status(good))
    account.made.until(lambda: account.made.job_status(bad), "CREATE FAILED")
    account.deploy("Good", {"Nested": account.nested({"Good": account.import_resource(Job=good)})})
    account.deploy("Bad", {"Bad": account.import_resource(Job=bad)})
    return good, bad


def test_an_import_of_a_nested_stack_that_is_active_exits_with_0(run: Any, ended: tuple[str, str]) -> None:
    """The table names dataset, job and state, and links to the console."""
    result = run("Good")

    assert result.exit_code == 0
    assert "active" in result.output
    assert ended[0].rpartition("/")[2] in result.output
    assert "https://us-east-1.console.aws.amazon.com/personalize/home?region=us-east-1#" in result.output


@pytest.mark.parametrize(
    ("options", "aws_region", "aws_default_region"),
    [
        (["--region", "us-east-1"], "eu-west-1", "eu-west-1"),
        ([], "us-east-1", "eu-west-1"),
        ([], "us-east-1", None),
        ([], None, "us-east-1"),
        ([], "", "us-east-1"),
    ],
    ids=["option", "AWS_REGION", "AWS_REGION alone", "AWS_DEFAULT_REGION", "AWS_REGION empty"],
)
def test_the_region_is_the_one_that_the_aws_cli_would_take(
    run: Any,
    ended: tuple[str, str],
    monkeypatch: pytest.MonkeyPatch,
    options: list[str],
    aws_region: str | None,
    aws_default_region: str | None,
) -> None:
    """The option comes first, then AWS_REGION, which boto3 does not read, then what boto3 reads."""
    without_region(monkeypatch)
    for name, region in (("AWS_REGION", aws_region), ("AWS_DEFAULT_REGION", aws_default_region)):
        if region is not None:
            monkeypatch.setenv(name, region)

    result = run("Good", *options)

    assert result.exit_code == 0, result.output


def test_without_a_region_it_says_how_to_set_one(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """And exits with 2, as where the imports cannot be read for another reason."""
    without_region(monkeypatch)

    result = run("Good")

    assert result.exit_code == 2
    assert result.stderr == "No region is set. Pass --region, or set AWS_REGION.\n"


def test_a_failed_job_exits_with_1_and_its_reason(run: Any, ended: tuple[str, str]) -> None:
    """One failure among several imports is enough."""
    result = run("Good", "Bad", "--format", "json")

    assert result.exit_code == 1
    assert states(result) == {"Good": "active", "Bad": "failed"}
    assert "yesterday" in json.loads(result.stdout)[1]["reason"]


def test_a_running_job_exits_with_3_and_can_be_watched_to_its_end(account: ImportAccount, run: Any) -> None:
    """A stack that does not wait is complete while its import runs; --watch waits instead."""
    _, job = account.job()
    account.deploy("Running", {"Import": account.import_resource(Job=job)})

    first = run("Running", "--format", "json")
    watched = CliRunner()
    with watched.isolation() as streams:
        code = status_command.run(
            ["Running"],
            watch=True,
            region=None,
            profile=None,
            output="table",
            sleep=lambda _: time.sleep(0.2),
        )
        shown = streams[0].getvalue().decode()

    assert (first.exit_code, states(first)) == (3, {"Import": "importing"})
    assert code == 0
    assert [line.split("  ")[4] for line in shown.splitlines()] == ["importing", "active"]


def test_an_import_that_waits_tells_what_for(account: ImportAccount, run: Any) -> None:
    """Its schedule tells dataset and beginning; nothing else is in the way, so it is access."""
    group = account.made.name("schedules")
    resources = {
        "Group": {"Type": "AWS::Scheduler::ScheduleGroup", "Properties": {"Name": group}},
        "Import": account.import_resource(Silent="true") | {"DependsOn": "Group"},
    }
    stack_id = account.deploy("Waiting", resources, until=("CREATE_IN_PROGRESS",))
    dataset = account.made.dataset()
    account.made.until(lambda: account.scheduler.get_schedule_group(Name=group)["State"])
    account.remember(
        stack_id,
        "Import",
        group,
        dataset,
        issued=time.time() - 60,
        job_name="",
        last_words="Insufficient privileges.",
    )

    result = run("Waiting", "--format", "json")

    assert result.exit_code == 3
    assert states(result) == {"Import": "waiting for access"}
    assert 60 <= json.loads(result.stdout)[0]["elapsed"] < 120
    assert json.loads(result.stdout)[0]["reason"] == "Insufficient privileges."


def test_the_current_job_is_shown_not_the_one_of_the_id(account: ImportAccount, run: Any) -> None:
    """The id stays; the newest job of the same stem has brought the data that is there."""
    dataset, first = account.job(jobName="shop-aaaaaaaaaaaa-1")
    account.made.until(lambda: account.made.job_status(first))
    _, second = account.job(dataset=dataset, jobName="shop-bbbbbbbbbbbb-1")
    account.made.until(lambda: account.made.job_status(second))
    account.deploy("Current", {"Import": account.import_resource(Job=first)})

    result = run("Current", "--format", "json")

    assert result.exit_code == 0
    assert json.loads(result.stdout)[0]["job"] == "shop-bbbbbbbbbbbb-1"


@pytest.mark.parametrize(
    ("has_job", "closed", "code", "stands"),
    [(False, False, 3, "waiting for access"), (True, True, 1, "failed"), (False, True, 0, "active")],
    ids=["under way", "failed since", "without a job"],
)
def test_what_is_remembered_of_the_last_request_counts_before_the_id(
    account: ImportAccount,
    run: Any,
    ended: tuple[str, str],
    has_job: bool,
    closed: bool,
    code: int,
    stands: str,
) -> None:
    """A resource may be complete before its import has ended, and its id's job is that of older data."""
    good, bad = ended
    job_name = bad.rpartition("/")[2] if has_job else ""
    name, group = account.made.name("Complete"), account.made.name("schedules")
    resources = {
        "Group": {"Type": "AWS::Scheduler::ScheduleGroup", "Properties": {"Name": group}},
        "Import": account.import_resource(Job=good),
    }
    stack_id = account.deploy(name, resources)
    dataset = account.made.personalize.describe_dataset_import_job(datasetImportJobArn=good)[
        "datasetImportJob"
    ]["datasetArn"]
    account.remember(
        stack_id, "Import", group, dataset, issued=time.time() - 60, job_name=job_name, closed=closed
    )

    result = run(name, "--format", "json")

    assert (result.exit_code, states(result)) == (code, {"Import": stands})


def test_a_stack_that_was_rolled_back_tells_why(account: ImportAccount, run: Any) -> None:
    """The resource is gone, but its events say what failed."""
    account.deploy(
        "RolledBack",
        {"Import": account.import_resource(Reason="It was refused.")},
        until=("ROLLBACK_COMPLETE",),
    )

    result = run("RolledBack", "--format", "json")

    assert result.exit_code == 1
    assert "It was refused." in json.loads(result.stdout)[0]["reason"]


@pytest.mark.parametrize("stack", ["Missing", "Functions"])
def test_without_imports_it_exits_with_2(run: Any, stack: str) -> None:
    """No such stack, or none in it: there is nothing to say."""
    result = run(stack)

    assert result.exit_code == 2
    assert stack in result.output or "Custom::PersonalizeDatasetImportJob" in result.output
