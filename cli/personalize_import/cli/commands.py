# SPDX-License-Identifier: Apache-2.0
"""The commands and their options. Each option has the name of an argument of the `run` that it is for.

The modules with `run` are imported by the commands, so that --help stays fast.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click

from personalize_import.cli import MISSING_EXTRA
from personalize_import.cli.exit_code import ExitCode
from personalize_import.data_rules.dataset_type import DatasetType, Domain

_FORMATS = click.Choice(["table", "json"])
_EXIT_CODES_OF_CHECK = """\b
Exit code: 0 no errors, 1 errors in the data or the schema (with --strict: or
warnings), 2 the check could not run."""
_EXIT_CODES_OF_STATUS = """\b
Exit code: 0 every dataset holds the data of its import, 1 an import or the
last attempt to deploy a stack has failed, 3 nothing has failed but something
is under way, 4 a dataset does not hold the data any more, 2 something could
not be read or there are no imports."""


def _one_of(names: Iterable[str]) -> str:
    """How help shows a choice of names that the API writes in capitals."""
    return f"[{'|'.join(names)}]"


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="cdk-personalize-import", prog_name="personalize-import")
def command() -> None:
    """Check data before Amazon Personalize imports it, and watch imports that CloudFormation runs."""


@command.command(epilog=_EXIT_CODES_OF_CHECK)
@click.argument("data", metavar="FILE|FOLDER|S3_URL|-")
@click.option(
    "--schema",
    required=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The Avro schema, as CreateSchema gets it.",
)
@click.option(
    "--dataset-type",
    type=click.Choice(list(DatasetType), case_sensitive=False),
    help="Default: from the schema's name.",
)
@click.option(
    "--domain",
    type=click.Choice(list(Domain), case_sensitive=False),
    metavar=_one_of(Domain),
    help="The domain of the dataset group. Default: none, a custom dataset group.",
)
@click.option(
    "--import-mode",
    type=click.Choice(["FULL", "INCREMENTAL"], case_sensitive=False),
    metavar=_one_of(["FULL", "INCREMENTAL"]),
    default="FULL",
    show_default=True,
    help="The mode of the import. A FULL import may have 100 GB, an INCREMENTAL one 1 GB.",
)
@click.option(
    "--examples",
    type=click.IntRange(min=1),
    metavar="N",
    default=5,
    show_default=True,
    help="How many places to show for each rule. All are counted.",
)
@click.option("--strict", is_flag=True, help="Exit with 1 for warnings as well, and report no advice.")
@click.option(
    "--severity",
    "severities",
    multiple=True,
    metavar="RULE=LEVEL",
    help="Give a rule the level error, warning, advice or off. May be repeated.",
)
@click.option(
    "--jobs",
    type=click.IntRange(min=1),
    metavar="N",
    help="How many parts of the data to read and check at the same time. Default: the number of cores.",
)
@click.option("--region", help="The AWS region, for data in Amazon S3. Default: as of the AWS CLI.")
@click.option("--profile", help="The profile of the AWS configuration. Default: as of the AWS CLI.")
@click.option(
    "--engine",
    type=click.Choice(["local", "athena"]),
    default="local",
    show_default=True,
    help="What reads the lines: this machine, or Amazon Athena for data in Amazon S3.",
)
@click.option(
    "--output",
    metavar="S3_URL",
    help="The folder for the results of Amazon Athena. They are removed at the end.",
)
@click.option("--workgroup", metavar="NAME", help="The workgroup of Amazon Athena. Default: primary.")
@click.option("--yes", is_flag=True, help="Do not ask whether to pay for the queries of Amazon Athena.")
@click.option(
    "--format",
    type=_FORMATS,
    default="table",
    show_default=True,
    help="A list to read, or JSON for programs.",
)
def check(data: str, schema: Path, **options: Any) -> None:
    """Check CSV data against its schema and Personalize's rules.

    The data is a file, a folder, s3://BUCKET/KEY or s3://BUCKET/FOLDER/, or - for the standard input. Of a
    folder, the files of the first level are checked.
    """
    try:
        from personalize_import.cli import check_command
    except ModuleNotFoundError as missing:
        _cannot_run(missing)
    sys.exit(check_command.run(data, schema, **options))


@command.command(epilog=_EXIT_CODES_OF_STATUS)
@click.argument("stacks", nargs=-1, metavar="[STACK]...")
@click.option(
    "--watch",
    is_flag=True,
    help="Show the imports every five seconds until all have ended. Waits for missing stacks.",
)
@click.option("--region", help="The AWS region. Default: as of the AWS CLI.")
@click.option("--profile", help="The profile of the AWS configuration. Default: as of the AWS CLI.")
@click.option(
    "--format",
    "output",
    type=_FORMATS,
    default="table",
    show_default=True,
    help="A table to read, or JSON for programs.",
)
def status(stacks: tuple[str, ...], **options: Any) -> None:
    """Show the state of the imports of stacks and of their nested stacks.

    STACK is a stack's name or ARN; without one, all stacks of the region that
    have imports are shown. Nothing is changed.
    """
    try:
        from personalize_import.cli import status_command
    except ModuleNotFoundError as missing:
        _cannot_run(missing)
    sys.exit(status_command.run(stacks, **options))


def _cannot_run(missing: ModuleNotFoundError) -> None:
    """Exit with a hint if a library of the extra `cli` is missing; raise any other error."""
    if str(missing.name).partition(".")[0] not in {"boto3", "botocore", "numpy", "polars", "rich"}:
        raise missing
    click.echo(MISSING_EXTRA, err=True)
    sys.exit(ExitCode.COULD_NOT_RUN)
