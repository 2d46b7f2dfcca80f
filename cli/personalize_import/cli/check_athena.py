# SPDX-License-Identifier: Apache-2.0
"""`personalize-import check --engine athena`."""

from __future__ import annotations

import signal
import sys
from typing import TYPE_CHECKING

import click
from rich.console import Console

from personalize_import.athena import Athena, AthenaCheck
from personalize_import.athena.check import MOST_QUERIES, not_checked
from personalize_import.data_check import CannotCheckError
from personalize_import.data_check.s3_location import S3Location
from personalize_import.data_rules import Findings, Schema
from personalize_import.data_rules.dataset_type import Dataset

if TYPE_CHECKING:
    import boto3

HEADER_BYTES = 64 * 1024
"""How much of an object is read at once for its header."""

_USD_OF_A_TERABYTE = 5
_LEAST_BYTES = 10 * 1000**2
"""Of a query: https://aws.amazon.com/athena/pricing/"""


class AthenaEngine:
    """Makes the check of an import by Amazon Athena.

    Args:
        location: Where the data is.
        session: The session of boto3.
        output: The URL of the folder for the results of queries.
        workgroup: The workgroup in which the queries run.
        yes: Whether to go on without a question.
        errors: Where to say what it costs and what is not checked.
    """

    def __init__(
        self,
        location: S3Location,
        session: boto3.Session,
        *,
        output: str,
        workgroup: str,
        yes: bool,
        errors: Console,
    ) -> None:
        self._location = location
        clients = session.client("athena"), session.client("glue"), session.client("s3")
        self._athena = Athena(*clients, output, workgroup)
        self._yes = yes
        self._errors = errors

    def __call__(self, schema: Schema, dataset: Dataset, findings: Findings, advice: bool) -> AthenaCheck:
        """The check of an import."""
        is_folder = self._location.name == self._location.folder
        return AthenaCheck(
            schema,
            dataset,
            findings,
            advice,
            self._athena,
            self._location.folder,
            None if is_folder else self._location.name,
            self._confirm,
        )

    def _confirm(self) -> None:
        """Show the price, and ask.

        Raises:
            CannotCheckError: The answer is no, or nobody can be asked.
        """
        price = price_text(self._location.bytes_below(), self._location.folder)
        self._errors.print(price, markup=False, soft_wrap=True)
        self._errors.print(not_checked(), markup=False, soft_wrap=True)
        if self._yes:
            return
        if not sys.stdin.isatty():
            raise CannotCheckError("Add --yes to check without a question.")
        # The handler of polars restarts the read of the answer, so that Ctrl-C would wait for it.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        if not click.confirm("Check?", err=True):
            raise CannotCheckError("Nothing was checked.")


def price_text(size: int, folder: str) -> str:
    """What the queries scan at most, and what that costs."""
    scanned = MOST_QUERIES * max(size, _LEAST_BYTES)
    dollars = scanned / 1000**4 * _USD_OF_A_TERABYTE
    price = f"up to {dollars:,.2f}" if dollars >= 0.01 else "less than 0.01"
    return (
        f"Amazon Athena scans all {size:,} bytes below {folder} up to {MOST_QUERIES} times. At "
        f"{_USD_OF_A_TERABYTE} USD per TB, the price in most regions, that costs {price} USD."
    )
