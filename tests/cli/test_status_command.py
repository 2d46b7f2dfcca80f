# SPDX-License-Identifier: Apache-2.0
"""`personalize-import status` with real stacks in an embedded AWS."""

import io
import json
import os
import re
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from click.testing import CliRunner, Result
from rich.console import Console

from local_aws import LocalAws
from personalize_import.cli import status_command
from personalize_import.cli.commands import command
from personalize_import.status import reader
from tests.cli.account import TABLE, ImportAccount

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def account() -> Iterator[ImportAccount]:
    """An account in which an import takes some seconds."""
    with LocalAws(speed=200, import_minutes=15) as aws:
        yield ImportAccount(aws)


@pytest.fixture
def run(account: ImportAccount, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Runs the command with the environment that leads there."""
    for name, value in account.aws.environment.items():
        monkeypatch.setenv(name, value)

    def invoke(*arguments: str) -> Result:
        return CliRunner().invoke(command, ["status", *arguments])

    return invoke


def document(result: Result) -> Any:
    """What the command says for programs."""
    return json.loads(result.stdout)


def states(result: Result) -> dict[str, str]:
    """The state of each import, by its logical id."""
    return {row["logical_id"]: row["state"] for row in document(result)["imports"]}


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
    nested = account.nested({"Import": account.import_resource("Good/Nested/Import", Job=good)})
    account.deploy("Good", {"Nested": nested})
    account.deploy("Bad", {"Bad": account.import_resource(Job=bad)})
    return good, bad


@pytest.fixture(scope="module")
def dataset(account: ImportAccount) -> str:
    """A dataset that tests may share: each full import begins anew. An account has five dataset groups."""
    return account.made.dataset()


def test_an_import_of_a_nested_stack_that_is_active_exits_with_0(run: Any, ended: tuple[str, str]) -> None:
    """The table names construct, dataset, job and state. The embedded AWS has no console to link to."""
    result = run("Good")

    assert result.exit_code == 0
    assert "active" in result.output
    assert "Good/Nested/Import " in result.output
    assert ended[0].rpartition("/")[2] in result.output
    assert "console.aws" not in result.output


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
    """The order is the option, AWS_REGION, which boto3 does not read, and then the region of boto3."""
    without_region(monkeypatch)
    for name, region in (("AWS_REGION", aws_region), ("AWS_DEFAULT_REGION", aws_default_region)):
        if region is not None:
            monkeypatch.setenv(name, region)

    result = run("Good", *options)

    assert result.exit_code == 0, result.output


def test_without_a_region_it_says_how_to_set_one(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The exit code is 2, as for every other reason that nothing can be read."""
    without_region(monkeypatch)

    result = run("Good")

    assert result.exit_code == 2
    assert result.stderr == "No region is set. Pass --region, or set AWS_REGION.\n"


def test_a_failed_job_exits_with_1_and_its_reason(run: Any, ended: tuple[str, str]) -> None:
    """One failed import among several is sufficient."""
    result = run("Good", "Bad", "--format", "json")

    assert result.exit_code == 1
    assert states(result) == {"Import": "active", "Bad": "failed"}
    assert "yesterday" in document(result)["imports"][1]["reason"]


def watched(stacks: list[str], meanwhile: Callable[[], None] = lambda: None) -> tuple[int, list[str]]:
    """Watch stacks to the end: the exit code, and the lines that are shown in a pipe.

    Args:
        stacks: Their names.
        meanwhile: Called between two looks.
    """

    def sleep(_: float) -> None:
        meanwhile()
        time.sleep(0.2)

    with CliRunner().isolation() as streams:
        code = status_command.run(stacks, watch=True, region=None, profile=None, output="table", sleep=sleep)
        return code, streams[0].getvalue().decode().splitlines()


def test_an_import_that_goes_on_exits_with_3_and_can_be_watched_to_its_end(
    account: ImportAccount, run: Any, dataset: str
) -> None:
    """The stack is complete, because it does not wait for the import, but --watch does."""
    table, resources = account.table()
    resources["Import"] = account.import_resource()
    stack_id = account.deploy("Running", resources)
    account.remember(table, stack_id, "Import", dataset, job_name="running-1", answered=True)
    started: list[str] = []

    def start_job() -> None:
        if not started:
            started.append(account.job(dataset=dataset, jobName="running-1")[1])

    first = run("Running", "--format", "json")
    code, lines = watched(["Running"], start_job)

    assert (first.exit_code, states(first)) == (3, {"Import": "starting"})
    assert code == 0
    assert [line.split("  ")[2:4] for line in lines if line.startswith("Running: Import")] == [
        ["running-1", "starting"],
        ["running-1", "importing"],
        ["running-1", "active"],
    ]


def test_on_a_terminal_a_watch_ends_with_whole_links(
    run: Any, ended: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The table that is redrawn has no room for the links."""
    monkeypatch.setattr(reader, "_THIS_MACHINE", ())  # as if it were AWS
    output = io.StringIO()
    terminal = Console(file=output, force_terminal=True, width=80, legacy_windows=False)

    code = status_command.run(["Good"], watch=True, region=None, profile=None, output="table", out=terminal)

    assert code == 0
    controls = r"\x1b\]8;.*?\x1b\\|\x1b\[[0-9;?]*[A-Za-z]"
    last = re.sub(controls, "", output.getvalue()).splitlines()[-1]
    assert last.startswith("https://us-east-1.console.aws.amazon.com/personalize/home?region=us-east-1#arn:")
    assert last.endswith("/setup")
    assert ended[0].rpartition("/")[2] in output.getvalue()


def test_a_stack_is_watched_before_it_exists(
    account: ImportAccount, run: Any, ended: tuple[str, str]
) -> None:
    """The watch may begin before the deployment, and shows that it waits for the stack."""
    waits: list[str] = []

    def deploy_once() -> None:
        if not waits:
            waits.append(account.deploy("Later", {"Import": account.import_resource(Job=ended[0])}))

    code, lines = watched(["Later"], deploy_once)

    assert code == 0
    assert lines[0] == "Stack Later does not exist in us-east-1 (account 123456789012). Waiting for it."
    assert "active" in lines[1]


@pytest.mark.parametrize("is_refused", [True, False])
def test_an_import_that_waits_has_the_reason(
    account: ImportAccount, run: Any, dataset: str, is_refused: bool
) -> None:
    """The record has the dataset, the time of the request and the refusal."""
    table, resources = account.table()
    name = account.made.name("Waiting")
    resources["Import"] = account.import_resource(f"{name}/Import", Silent="true") | {"DependsOn": TABLE}
    stack_id = account.deploy(name, resources, until=("CREATE_IN_PROGRESS",))
    account.made.until(lambda: account.resource_status(name, "Import"), "CREATE_IN_PROGRESS")
    refused: dict[str, Any] = {"refused_since": time.time(), "waiting_reason": "Insufficient privileges."}
    account.remember(table, stack_id, "Import", dataset, **(refused if is_refused else {}))

    result = run(name, "--format", "json")

    (row,) = document(result)["imports"]
    assert result.exit_code == 3
    assert row["state"] == ("waiting for access" if is_refused else "starting")
    assert row["reason"] == ("Insufficient privileges." if is_refused else "")
    assert 60 <= row["elapsed"] < 120
    assert row["path"] == f"{name}/Import"
    assert document(result)["stacks"][0]["status"] == "CREATE_IN_PROGRESS"


@pytest.mark.parametrize(
    ("first", "second", "code", "state", "current"),
    [
        ("shop-aaaaaaaaaaaa-1", "shop-bbbbbbbbbbbb-1", 0, "active", "shop-bbbbbbbbbbbb-1"),
        ("shop-cccccccccccc-1", "other-cccccccccccc-1", 0, "active", "other-cccccccccccc-1"),
        ("shop-dddddddddddd-1", "by-hand", 4, "replaced", "shop-dddddddddddd-1"),
    ],
    ids=["a newer one of the prefix", "the same data again", "by hand"],
)
def test_without_a_record_the_names_of_the_jobs_decide(
    account: ImportAccount,
    run: Any,
    dataset: str,
    first: str,
    second: str,
    code: int,
    state: str,
    current: str,
) -> None:
    """A full import of somebody else has replaced the data, which the exit code shows."""
    _, arn = account.job(dataset=dataset, jobName=first)
    account.made.until(lambda: account.made.job_status(arn))
    _, later = account.job(dataset=dataset, jobName=second)
    account.made.until(lambda: account.made.job_status(later))
    name = account.made.name("Current")
    account.deploy(name, {"Import": account.import_resource(Job=arn)})

    result = run(name, "--format", "json")

    (row,) = document(result)["imports"]
    assert (result.exit_code, row["state"], row["job"]) == (code, state, current)
    assert row["reason"] == ("replaced since by by-hand" if state == "replaced" else "")


def test_the_record_decides_which_job_is_the_resources_own(
    account: ImportAccount, run: Any, dataset: str
) -> None:
    """A job with the same prefix belongs to another import, but has replaced the data."""
    _, own = account.job(dataset=dataset, jobName="same-aaaaaaaaaaaa-1")
    account.made.until(lambda: account.made.job_status(own))
    _, other = account.job(dataset=dataset, jobName="same-bbbbbbbbbbbb-1")
    account.made.until(lambda: account.made.job_status(other))
    table, resources = account.table()
    resources["Import"] = account.import_resource(Job=own)
    stack_id = account.deploy("Recorded", resources)
    account.remember(
        table,
        stack_id,
        "Import",
        dataset,
        is_open=False,
        job_name="same-aaaaaaaaaaaa-1",
        jobs=("same-aaaaaaaaaaaa-1",),
        answered=True,
        outcome="SUCCESS",
        physical_id=own,
    )

    result = run("Recorded", "--format", "json")

    (row,) = document(result)["imports"]
    assert (result.exit_code, row["job"], row["state"]) == (4, "same-aaaaaaaaaaaa-1", "replaced")
    assert row["reason"] == "replaced since by same-bbbbbbbbbbbb-1"


def test_a_dataset_that_was_made_anew_does_not_hold_the_data(account: ImportAccount, run: Any) -> None:
    """The job filled an earlier dataset of the same name."""
    dataset, job = account.job()
    account.made.until(lambda: account.made.job_status(job))
    account.deploy("Anew", {"Import": account.import_resource(Job=job)})
    described = account.made.personalize.describe_dataset(datasetArn=dataset)["dataset"]
    account.made.personalize.delete_dataset(datasetArn=dataset)
    account.made.until(lambda: "gone" if not exists(account, dataset) else "there", "gone")

    gone = run("Anew", "--format", "json")
    account.made.personalize.create_dataset(
        **{name: described[name] for name in ("name", "schemaArn", "datasetGroupArn", "datasetType")}
    )
    newer = run("Anew", "--format", "json")

    assert (gone.exit_code, states(gone)) == (4, {"Import": "dataset gone"})
    assert document(gone)["imports"][0]["reason"] == "the dataset does not exist"
    assert (newer.exit_code, states(newer)) == (4, {"Import": "dataset newer"})
    assert document(newer)["imports"][0]["reason"] == "the dataset is newer than the job"


def exists(account: ImportAccount, dataset: str) -> bool:
    """Whether there is a dataset of this ARN."""
    personalize = account.made.personalize
    try:
        personalize.describe_dataset(datasetArn=dataset)
    except personalize.exceptions.ResourceNotFoundException:
        return False
    return True


def test_an_import_that_was_refused_in_a_creation_keeps_its_dataset_and_job(
    account: ImportAccount, run: Any
) -> None:
    """The rollback has deleted the record, but the events still show them."""
    dataset = "arn:aws:personalize:us-east-1:123456789012:dataset/shop/ITEMS"
    job = "arn:aws:personalize:us-east-1:123456789012:dataset-import-job/refused-aaaaaaaaaaaa-1"
    reason = f"The import of s3://bucket/items.csv into {dataset} was refused. Job: {job} (not started)."
    account.deploy(
        "RolledBack",
        {"Import": account.import_resource("RolledBack/Import", Job=job, Reason=reason)},
        until=("ROLLBACK_COMPLETE",),
    )

    first = run("RolledBack", "--format", "json")
    time.sleep(1)
    second = run("RolledBack", "--format", "json")

    (row,) = document(first)["imports"]
    (stack,) = document(first)["stacks"]
    assert first.exit_code == 1
    assert (row["dataset"], row["job"], row["state"]) == ("shop/ITEMS", "refused-aaaaaaaaaaaa-1", "failed")
    assert reason in row["reason"]
    assert row["elapsed"] == document(second)["imports"][0]["elapsed"] < 30
    assert stack["failed_attempt"]["path"] == "RolledBack/Import"


def test_a_first_deployment_that_failed_is_not_active(
    account: ImportAccount, run: Any, ended: tuple[str, str]
) -> None:
    """The rollback deletes an import that had succeeded, because another resource has failed."""
    later = account.import_resource("Undone/Later", Reason="It was refused.") | {"DependsOn": "Import"}
    account.deploy(
        "Undone",
        {"Import": account.import_resource("Undone/Import", Job=ended[0]), "Later": later},
        until=("ROLLBACK_COMPLETE",),
    )

    result = run("Undone", "--format", "json")

    assert (result.exit_code, states(result)) == (1, {"Import": "rolled back", "Later": "failed"})


def test_after_a_failed_update_a_line_says_why(
    account: ImportAccount, run: Any, ended: tuple[str, str]
) -> None:
    """The dataset holds the old data, and the exit code shows that the last deployment failed."""
    account.deploy("Updated", {"Import": account.import_resource("Updated/Import", Job=ended[0])})
    failing = account.import_resource("Updated/Import", Job=ended[0], Reason="It was refused.")
    account.deploy("Updated", {"Import": failing}, until=("UPDATE_ROLLBACK_COMPLETE",), is_update=True)

    result = run("Updated")
    for_programs = run("Updated", "--format", "json")

    (stack,) = document(for_programs)["stacks"]
    assert (result.exit_code, states(for_programs)) == (1, {"Import": "active"})
    assert "The last deployment of Updated failed at 20" in result.output
    assert "(UPDATE_ROLLBACK_COMPLETE): Updated/Import: " in result.output
    assert "It was refused." in stack["failed_attempt"]["reason"]


def test_imports_of_the_template_that_have_not_begun_are_listed(
    account: ImportAccount, run: Any, ended: tuple[str, str]
) -> None:
    """The second import depends on the first, which is still running."""
    first = account.import_resource("Begun/First", Silent="true")
    second = account.import_resource("Begun/Second", Job=ended[0]) | {"DependsOn": "First"}
    account.deploy("Begun", {"First": first, "Second": second}, until=("CREATE_IN_PROGRESS",))

    result = run("Begun", "--format", "json")

    assert (result.exit_code, states(result)) == (3, {"First": "starting", "Second": "not begun"})
    assert [row["path"] for row in document(result)["imports"]] == ["Begun/First", "Begun/Second"]


def test_the_old_job_is_not_shown_as_active_while_a_stack_is_updated(
    account: ImportAccount, run: Any, ended: tuple[str, str]
) -> None:
    """The update may have new data for the import."""
    kept = account.import_resource("Going/Kept", Job=ended[0])
    account.deploy("Going", {"Kept": kept})
    slow = account.import_resource("Going/Slow", Silent="true")
    changed = account.import_resource("Going/Kept", Job=ended[0], More="1") | {"DependsOn": "Slow"}
    account.deploy("Going", {"Slow": slow, "Kept": changed}, until=("UPDATE_IN_PROGRESS",), is_update=True)

    result = run("Going", "--format", "json")

    assert (result.exit_code, states(result)) == (3, {"Kept": "not begun", "Slow": "starting"})
    assert [row["job"] for row in document(result)["imports"]] == ["", ""]


def test_a_stack_that_does_not_exist_does_not_hide_the_others(run: Any, ended: tuple[str, str]) -> None:
    """It is reported with region and account, and the exit code is 2."""
    result = run("Missing", "Good")

    assert result.exit_code == 2
    assert "Good/Nested/Import" in result.output
    assert result.stderr == "Stack Missing does not exist in us-east-1 (account 123456789012).\n"


def test_a_stack_without_imports_exits_with_2(run: Any) -> None:
    """There is no import to report."""
    result = run("Functions")

    assert result.exit_code == 2
    assert result.stderr == "There is no Custom::PersonalizeDatasetImportJob in these stacks.\n"


def test_without_a_name_all_stacks_with_imports_are_shown(run: Any, ended: tuple[str, str]) -> None:
    """Stacks without imports are omitted, and nested stacks follow their parent."""
    found = document(run("--format", "json"))

    stacks = [stack["name"] for stack in found["stacks"]]
    assert {"Good", "Bad"} <= set(stacks)
    assert "Functions" not in stacks
    assert len([row for row in found["imports"] if row["path"] == "Good/Nested/Import"]) == 1
