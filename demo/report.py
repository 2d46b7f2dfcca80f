# SPDX-License-Identifier: Apache-2.0
from collections.abc import Sequence
from pathlib import Path

from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from demo.progress import Progress
from demo.results import ImportResult, Results
from personalize_import.cli.status_view import ImportTable


def exit_code(results: Sequence[ImportResult]) -> int:
    """0 if there are imports and every one has succeeded, otherwise 1."""
    return 0 if results and all(result.succeeded for result in results) else 1


def show(progress: Progress, results: Results, data: Path | None, speed: float = 1) -> None:
    """Show the imports' status, their results, and the commands for a real account.

    Args:
        progress: Prints the report.
        results: The results of the deployment.
        data: The folder with the training data, if one was given.
        speed: The factor by which Personalize runs faster.
    """
    progress.show("")
    progress.show(Text(f"$ {status_command(results)}", style="bold"))
    progress.show(ImportTable(results.status, speed=speed))
    progress.show("")
    progress.show(table(results.imports, speed))
    if exit_code(results.imports) == 0:
        progress.show(Text(f"Every import is ACTIVE after {progress.seconds:.0f} s.", style="bold green"))
    else:
        progress.fail("Not every import is ACTIVE.")
    progress.show("In a real account, with your AWS credentials:")
    progress.show(Text(f"  {real_account(data)}"))


def table(results: Sequence[ImportResult], speed: float = 1) -> Table:
    """Lay out the imports; the job has a line of its own, so that a terminal's width is enough."""
    layout = Table(
        title="Read back from the embedded Personalize and CloudFormation",
        title_justify="left",
        caption=f"Personalize is {speed:g} times as fast here." if speed != 1 else None,
        caption_justify="left",
        box=SIMPLE_HEAD,
    )
    layout.add_column("Dataset\nJob", no_wrap=True)
    layout.add_column("\nStatus", no_wrap=True)
    layout.add_column("Records\nimported", justify="right", no_wrap=True)
    layout.add_column("Time\ntaken", justify="right", no_wrap=True)
    for result in results:
        layout.add_row(
            f"{result.dataset}\n{result.job}",
            Text(result.status, style="green" if result.succeeded else "red"),
            f"{result.records:,}" if result.status == "ACTIVE" else "none",
            f"{result.seconds:.1f} s",
        )
    return layout


def status_command(results: Results) -> str:
    """Name the command that shows the status of the imports."""
    return " ".join(["personalize-import status", *dict.fromkeys(each.stack for each in results.status)])


def real_account(data: Path | None) -> str:
    """Name the commands that deploy the same for real, in the environment that `make demo` has made."""
    deploy = "npx cdk deploy" + (f" -c data={data}" if data else "")
    return f". .venv/bin/activate && npx cdk bootstrap && {deploy}"
