# SPDX-License-Identifier: Apache-2.0
"""`personalize-import check`."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from personalize_import.cli.aws_session import aws_session
from personalize_import.cli.check_report import as_json, as_list, summary
from personalize_import.cli.console import console
from personalize_import.cli.exit_code import ExitCode
from personalize_import.data_check import CannotCheckError, Report, UnknownTypeError, check
from personalize_import.data_check.sources import LocalPath, Location, StandardInput
from personalize_import.data_rules import RULES, Severity
from personalize_import.data_rules.dataset_type import DatasetType, Domain

if TYPE_CHECKING:
    import boto3

    from personalize_import.cli.check_athena import AthenaEngine

STANDARD_INPUT = "-"
OFF = "off"
ATHENA = "athena"
S3 = "s3://"


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
    engine: str,
    output: str | None,
    workgroup: str | None,
    yes: bool,
    format: str,
) -> ExitCode:
    """Check the data, print what was found, and return the exit code."""
    levels = parse_severities(severities)
    uses_athena = engine == ATHENA
    check_athena_options(data, output, workgroup, uses_athena=uses_athena)
    errors = console(stderr=True)
    jobs = jobs or os.cpu_count() or 1
    try:
        if uses_athena:
            location, athena = _athena(data, output or "", workgroup, jobs, profile, region, yes, errors)
        else:
            location, athena = find_location(data, jobs=jobs, profile=profile, region=region), None
        with _progress_bar(location, errors, shown=not uses_athena) as progress:
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
                engine=athena,
            )
    except CannotCheckError as problem:
        fix = " Rename the schema, or give --dataset-type." if isinstance(problem, UnknownTypeError) else ""
        errors.print(f"{problem}{fix}", style="bold red", markup=False, soft_wrap=True)
        return ExitCode.COULD_NOT_RUN
    _print(report, format)
    return ExitCode.FINDINGS if report.errors or (strict and report.warnings) else ExitCode.CLEAN


def _print(report: Report, format: str) -> None:
    if format == "json":
        click.echo(as_json(report))
        return
    out = console()
    out.print(as_list(report.findings), end="")
    out.print(summary(report))


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
        CannotCheckError: There are no AWS credentials, no such profile, or no standard input.
    """
    if data == STANDARD_INPUT:
        if sys.stdin is None:
            raise CannotCheckError("The standard input is closed.")
        return StandardInput()
    if data.startswith(S3):
        return _s3_location(data, jobs, profile, region)
    path = Path(data)
    if not data or not path.exists():  # an empty path is the current folder
        raise click.BadParameter(f"there is no file or folder {data!r}. Correct the path.")
    return LocalPath(path)


def check_athena_options(data: str, output: str | None, workgroup: str | None, *, uses_athena: bool) -> None:
    """Check that the options for Amazon Athena are given together.

    Raises:
        click.BadParameter: One is missing, or one is too many.
    """
    if not uses_athena:
        if output is not None:
            raise click.BadParameter("--output is for --engine athena.")
        if workgroup is not None:
            raise click.BadParameter("--workgroup is for --engine athena.")
        return
    if not data.startswith(S3):
        raise click.BadParameter("--engine athena is for data in Amazon S3: s3://BUCKET/FOLDER/.")
    if output is None or not output.startswith(S3):
        raise click.BadParameter("--engine athena needs a folder for results: --output s3://BUCKET/FOLDER/.")


@contextmanager
def _session(data: str, profile: str | None, region: str | None) -> Iterator[boto3.Session]:
    """Yield a session of boto3. Its errors become one line."""
    # Imported here, because it takes a moment and most checks do without.
    from botocore.exceptions import BotoCoreError

    try:
        yield aws_session(region, profile)
    except BotoCoreError as problem:
        raise CannotCheckError(f"{data}: {problem}") from problem


def _s3_location(data: str, jobs: int, profile: str | None, region: str | None) -> Location:
    from botocore.config import Config

    from personalize_import.data_check.s3_location import S3Location

    with _session(data, profile, region) as session:
        config = Config(max_pool_connections=2 * jobs + 2, retries={"mode": "standard"})
        return S3Location(data, session.client("s3", config=config), jobs)


def _athena(
    data: str,
    output: str,
    workgroup: str | None,
    jobs: int,
    profile: str | None,
    region: str | None,
    yes: bool,
    errors: Console,
) -> tuple[Location, AthenaEngine]:
    from personalize_import.athena import PRIMARY
    from personalize_import.cli.check_athena import HEADER_BYTES, AthenaEngine
    from personalize_import.data_check.s3_location import S3Location

    with _session(data, profile, region) as session:
        location = S3Location(data, session.client("s3"), jobs, HEADER_BYTES)
        engine = AthenaEngine(
            location, session, output=output, workgroup=workgroup or PRIMARY, yes=yes, errors=errors
        )
        return location, engine


@contextmanager
def _progress_bar(location: Location, out: Console, *, shown: bool) -> Iterator[Callable[[int], None]]:
    """A bar while the data is read, on a terminal; nothing in a pipe."""
    if not (shown and out.is_terminal):
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
