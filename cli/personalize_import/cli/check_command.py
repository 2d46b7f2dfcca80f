# SPDX-License-Identifier: Apache-2.0
"""`personalize-import check`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from personalize_import.cli.check_report import as_json, as_table, summary
from personalize_import.cli.console import console
from personalize_import.cli.exit_code import ExitCode
from personalize_import.data_check import CannotCheckError, Report, UnknownTypeError, check
from personalize_import.data_check.files import data_files
from personalize_import.data_rules.dataset_type import DatasetType, Domain


def run(
    path: Path,
    schema: Path,
    *,
    dataset_type: DatasetType | None,
    domain: Domain | None,
    import_mode: str,
    examples: int,
    strict: bool,
    output: str,
) -> ExitCode:
    """Check the data, print what was found, and say with what code to exit."""
    errors = console(stderr=True)
    try:
        with _progress_bar(path, errors) as progress:
            report = check(
                path,
                schema,
                dataset_type=dataset_type,
                domain=domain,
                import_mode=import_mode,
                examples=examples,
                progress=progress,
            )
    except CannotCheckError as problem:
        fix = " Rename the schema, or give --dataset-type." if isinstance(problem, UnknownTypeError) else ""
        errors.print(f"{problem}{fix}", style="bold red", markup=False, soft_wrap=True)
        return ExitCode.COULD_NOT_RUN
    if output == "json":
        print(as_json(report))
    else:
        _print_table(report, console())
    return ExitCode.FINDINGS if report.errors or (strict and report.warnings) else ExitCode.CLEAN


def _print_table(report: Report, out: Console) -> None:
    if report.findings.rules:
        out.print(as_table(report.findings))
    out.print(summary(report))


@contextmanager
def _progress_bar(path: Path, out: Console) -> Iterator[Callable[[int], None]]:
    """A bar while the data is looked at, on a terminal; nothing in a pipe."""
    with Progress(
        TextColumn("Checking"),
        BarColumn(),
        DownloadColumn(),
        TimeRemainingColumn(),
        console=out,
        transient=True,
        disable=not out.is_terminal,
    ) as bar:
        task = bar.add_task("", total=sum(file.stat().st_size for file in data_files(path)))
        yield lambda read: bar.advance(task, read)
