# SPDX-License-Identifier: Apache-2.0
"""`personalize-import check`."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from personalize_import.cli.check_report import as_json, as_list, summary
from personalize_import.cli.console import console
from personalize_import.cli.exit_code import ExitCode
from personalize_import.data_check import CannotCheckError, UnknownTypeError, check
from personalize_import.data_check.sources import LocalPath, Location, StandardInput
from personalize_import.data_rules import RULES, Severity
from personalize_import.data_rules.dataset_type import DatasetType, Domain

STANDARD_INPUT = "-"
OFF = "off"


def run(
    data: str,
    schema: Path,
    *,
    dataset_type: DatasetType | None,
    domain: Domain | None,
    import_mode: str,
    examples: int,
    strict: bool,
    severities: Sequence[str],
    jobs: int | None,
    profile: str | None,
    region: str | None,
    output: str,
) -> ExitCode:
    """Check the data, print what was found, and return the exit code."""
    levels = parse_severities(severities)
    errors = console(stderr=True)
    jobs = jobs or os.cpu_count() or 1
    try:
        location = find_location(data, jobs=jobs, profile=profile, region=region)
        with _progress_bar(location, errors) as progress:
            report = check(
                location,
                schema,
                dataset_type=dataset_type,
                domain=domain,
                import_mode=import_mode,
                examples=examples,
                severities=levels,
                advice=not strict,
                progress=progress,
                jobs=jobs,
            )
    except CannotCheckError as problem:
        fix = " Rename the schema, or give --dataset-type." if isinstance(problem, UnknownTypeError) else ""
        errors.print(f"{problem}{fix}", style="bold red", markup=False, soft_wrap=True)
        return ExitCode.COULD_NOT_RUN
    if output == "json":
        click.echo(as_json(report))
    else:
        out = console()
        out.print(as_list(report.findings), end="")
        out.print(summary(report))
    return ExitCode.FINDINGS if report.errors or (strict and report.warnings) else ExitCode.CLEAN


def parse_severities(given: Sequence[str]) -> dict[str, Severity | None]:
    """The severities of `--severity`, by the ids of rules.

    Raises:
        click.BadParameter: There is no such rule or level.
    """
    levels: dict[str, Severity | None] = {}
    rules = {rule.id for rule in RULES}
    for each in given:
        rule, _, level = each.partition("=")
        if rule not in rules:
            raise click.BadParameter(f"there is no rule {rule!r}: the data rules are in the documentation.")
        if level not in (*Severity, OFF):
            raise click.BadParameter(f"{each!r} must end in =error, =warning, =advice or =off.")
        levels[rule] = None if level == OFF else Severity(level)
    return levels


def find_location(data: str, *, jobs: int, profile: str | None, region: str | None) -> Location:
    """The location of the data.

    Raises:
        click.BadParameter: There is no such file or folder.
        CannotCheckError: There are no AWS credentials, or no such profile.
    """
    if data == STANDARD_INPUT:
        return StandardInput()
    if data.startswith("s3://"):
        return _s3_location(data, jobs, profile, region)
    path = Path(data)
    if not path.exists():
        raise click.BadParameter(f"there is no file or folder {data!r}.")
    return LocalPath(path)


def _s3_location(data: str, jobs: int, profile: str | None, region: str | None) -> Location:
    # Imported here, because it takes a moment and most checks do without.
    import boto3
    from botocore.config import Config
    from botocore.exceptions import BotoCoreError

    from personalize_import.data_check.s3_location import S3Location

    try:
        session = boto3.Session(profile_name=profile, region_name=region)
        config = Config(max_pool_connections=2 * jobs + 2, retries={"mode": "standard"})
        return S3Location(data, session.client("s3", config=config), jobs)
    except BotoCoreError as problem:
        raise CannotCheckError(f"{data}: {problem}") from problem


@contextmanager
def _progress_bar(location: Location, out: Console) -> Iterator[Callable[[int], None]]:
    """A bar while the data is read, on a terminal; nothing in a pipe."""
    if not out.is_terminal:
        yield lambda _: None
        return
    with Progress(
        TextColumn("Checking"),
        BarColumn(),
        DownloadColumn(),
        TimeRemainingColumn(),
        console=out,
        transient=True,
    ) as bar:
        size = sum(source.size for source in location.sources())
        task = bar.add_task("", total=size or None)
        yield lambda read: bar.advance(task, read)
