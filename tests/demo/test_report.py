# SPDX-License-Identifier: Apache-2.0
import io
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from rich.console import Console

from demo.progress import Progress
from demo.report import exit_code, real_account, show
from demo.results import ImportResult, Results
from personalize_import.status import ImportState, ImportStatus

ACTIVE = ImportResult(
    dataset="sample-interactions",
    job_arn="arn:aws:personalize:eu-west-1:123456789012:dataset-import-job/interactions-0123456789ab-1",
    status="ACTIVE",
    resource_status="CREATE_COMPLETE",
    records=5_000,
    seconds=7.25,
)
STATUS = ImportStatus(
    stack="Sample",
    logical_id="ItemsImport1A2B",
    path="Sample/ItemsImport",
    dataset="sample/ITEMS",
    job="items-0123456789ab-1",
    state=ImportState.ACTIVE,
    elapsed=timedelta(seconds=7),
    link="https://console.aws.amazon.com/personalize",
)
FAILED = replace(ACTIVE, dataset="sample-items", status="CREATE FAILED")


def shown(*results: ImportResult, width: int = 160) -> str:
    """Let the report be shown where there is no terminal."""
    output = io.StringIO()
    show(Progress(Console(file=output, width=width)), Results(list(results), [STATUS]), data=None)
    return output.getvalue()


def test_the_exit_code_is_0_when_every_import_is_active() -> None:
    """Success means that all data is in its dataset."""
    assert exit_code([ACTIVE, ACTIVE]) == 0


def test_one_import_that_is_not_active_fails_the_demo() -> None:
    """A single failure is enough for the exit code."""
    assert exit_code([ACTIVE, FAILED]) == 1


def test_an_active_job_whose_resource_failed_fails_the_demo() -> None:
    """CloudFormation has to agree with Personalize."""
    assert exit_code([replace(ACTIVE, resource_status="CREATE_FAILED")]) == 1


def test_no_import_at_all_fails_the_demo() -> None:
    """A deployment that imported nothing is not a success."""
    assert exit_code([]) == 1


def test_each_import_is_shown_with_what_was_read_back() -> None:
    """Dataset, status, records and time are in one line, the job in the next."""
    lines = shown(ACTIVE).splitlines()
    (row,) = [number for number, line in enumerate(lines) if "sample-interactions" in line]

    assert lines[row].split() == ["sample-interactions", "ACTIVE", "5,000", "7.2", "s"]
    assert lines[row + 1].strip() == "interactions-0123456789ab-1"


def test_a_failed_import_claims_no_records() -> None:
    """What did not become ACTIVE imported nothing."""
    text = shown(FAILED)

    assert "5,000" not in text
    assert "Not every import is ACTIVE." in text


def test_the_report_ends_with_the_commands_for_a_real_account() -> None:
    """The last line says how to do the same for real, in the environment that `make demo` has made."""
    last = shown(ACTIVE, width=80).splitlines()[-1].strip()

    assert last == ". .venv/bin/activate && npx cdk bootstrap && npx cdk deploy"


def test_the_commands_for_a_real_account_carry_the_data_folder() -> None:
    """Whoever gave a folder gets a command with that folder."""
    assert real_account(Path("my/data")).endswith("npx cdk deploy -c data=my/data")


def test_no_name_is_folded_on_a_narrow_terminal() -> None:
    """It is there to be copied."""
    lines = [line.strip() for line in shown(ACTIVE, width=80).splitlines()]

    assert "interactions-0123456789ab-1" in lines


def test_the_report_shows_what_the_command_status_would() -> None:
    """With the command, so that one learns of it."""
    lines = shown(ACTIVE).splitlines()

    assert "$ personalize-import status Sample" in lines
    rows = [[cell.strip() for cell in line.strip("│").split("│")] for line in lines if "│" in line]
    assert rows == [
        ["Sample/ItemsImport", "active", "0:07"],
        ["sample/ITEMS", "", ""],
        ["items-0123456789ab-1", "", ""],
    ]


def test_there_is_no_link_to_an_account_that_does_not_exist() -> None:
    """The embedded AWS has no console."""
    assert "console.aws.amazon.com" not in shown(ACTIVE)


def test_times_are_named_for_what_they_are() -> None:
    """Personalize takes ten minutes and more; the times shown have passed on the wall clock."""
    output = io.StringIO()
    progress = Progress(Console(file=output, width=160))

    show(progress, Results([ACTIVE], [STATUS]), data=None, speed=600)

    assert "Personalize is 600 times as fast here; times are real." in output.getvalue()
