# SPDX-License-Identifier: Apache-2.0
"""Runs queries on Amazon Athena over a temporary table, and removes everything that it makes."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError, ConnectionClosedError, ReadTimeoutError

from personalize_import.data_check.errors import CannotCheckError, is_refused, needs

if TYPE_CHECKING:
    from mypy_boto3_athena import AthenaClient
    from mypy_boto3_glue import GlueClient
    from mypy_boto3_s3 import S3Client

PREFIX = "personalize_import_check_"
"""What the name of each temporary database and folder begins with."""

PRIMARY = "primary"
"""The workgroup of a query that names none."""

LONGEST_QUERY = 262_144
"""Bytes: https://docs.aws.amazon.com/athena/latest/ug/service-limits.html"""

_TABLE = "lines"
_FIRST_WAIT, _LONGEST_WAIT, _SLOWER = 0.2, 5.0, 1.5
_RUNNING = frozenset({"QUEUED", "RUNNING"})


@dataclass
class Athena:
    """Amazon Athena, with a place for the results of queries.

    Attributes:
        athena: The client of Amazon Athena.
        glue: The client of AWS Glue, in whose catalogue the temporary table is.
        s3: The client of Amazon S3.
        output: The URL of the folder in which results are until they have been read.
        workgroup: The workgroup in which the queries run.
        wait: Waits for so many seconds.
    """

    athena: AthenaClient
    glue: GlueClient
    s3: S3Client
    output: str
    workgroup: str = PRIMARY
    wait: Callable[[float], None] = time.sleep
    name: str = field(default_factory=lambda: PREFIX + uuid.uuid4().hex)

    @property
    def results(self) -> str:
        """The URL of the folder of these queries."""
        return f"{self.output.rstrip('/')}/{self.name}/"

    @contextmanager
    def table(self, folder: str) -> Iterator[str]:
        """A table of the lines of all objects in a folder, without their first ones, for a `with` block.

        The table, its database and the results of queries are removed at the end, also after Ctrl-C.

        Raises:
            CannotCheckError: The table cannot be made or removed.
        """
        try:
            with _explaining("glue"):
                self.glue.create_database(DatabaseInput={"Name": self.name})
        except CannotCheckError as problem:
            if _is_unknown(problem.__cause__):
                self._remove()
            raise
        except BaseException:
            self._remove()
            raise
        try:
            with _explaining("glue"):
                self._create_table(folder)
            yield f'"{_TABLE}"'
        finally:
            self._remove()

    def query(self, sql: str, columns: Sequence[str]) -> list[list[str]]:
        """Run a query and return its rows.

        Args:
            sql: The query.
            columns: The names of the columns that it has.

        Raises:
            CannotCheckError: It failed.
        """
        if len(sql.encode()) > LONGEST_QUERY:
            raise CannotCheckError(
                "The query is longer than the 262,144 bytes that Amazon Athena takes: the schema has too "
                "many fields, or too many files have another header. Check without --engine athena."
            )
        with _explaining("athena"):
            started = self.athena.start_query_execution(
                QueryString=sql,
                WorkGroup=self.workgroup,
                QueryExecutionContext={"Database": self.name, "Catalog": "AwsDataCatalog"},
                ResultConfiguration={"OutputLocation": self.results},
            )
            query = started["QueryExecutionId"]
            try:
                self._wait_for(query)
            except BaseException:
                with suppress(BotoCoreError, ClientError):
                    self.athena.stop_query_execution(QueryExecutionId=query)
                raise
            return self._rows(query, columns)

    def _create_table(self, folder: str) -> None:
        self.glue.create_table(
            DatabaseName=self.name,
            TableInput={
                "Name": _TABLE,
                "TableType": "EXTERNAL_TABLE",
                "Parameters": {"EXTERNAL": "TRUE", "skip.header.line.count": "1"},
                "StorageDescriptor": {
                    "Columns": [{"Name": "line", "Type": "string"}],
                    "Location": folder,
                    "InputFormat": "org.apache.hadoop.mapred.TextInputFormat",
                    "OutputFormat": "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
                    "SerdeInfo": {
                        "SerializationLibrary": "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe",
                        # The number of a byte, 255, which no text in UTF-8 has: a line is one value.
                        "Parameters": {"field.delim": "-1", "serialization.null.format": ""},
                    },
                },
            },
        )

    def _wait_for(self, query: str) -> None:
        seconds = _FIRST_WAIT
        while True:
            status = self.athena.get_query_execution(QueryExecutionId=query)["QueryExecution"]["Status"]
            if status["State"] == "SUCCEEDED":
                return
            if status["State"] not in _RUNNING:
                reason = status.get("StateChangeReason") or f"The query is {status['State'].lower()}"
                raise CannotCheckError(f"Amazon Athena: {reason.rstrip('.')}.")
            self.wait(seconds)
            seconds = min(seconds * _SLOWER, _LONGEST_WAIT)

    def _rows(self, query: str, columns: Sequence[str]) -> list[list[str]]:
        rows: list[list[str]] = []
        for page in self.athena.get_paginator("get_query_results").paginate(QueryExecutionId=query):
            for row in page["ResultSet"]["Rows"]:
                rows.append([cell.get("VarCharValue", "") for cell in row["Data"]])
        if not rows or rows[0] != list(columns):  # the first row has the names
            answered = ", ".join(rows[0]) if rows else "nothing"
            raise CannotCheckError(
                f"Amazon Athena answered with the columns {answered} instead of {', '.join(columns)}. An "
                "emulator of AWS needs an SQL engine."
            )
        return rows[1:]

    def _remove(self) -> None:
        """Remove the database with its table, and the results."""
        bucket, _, prefix = self.results.removeprefix("s3://").partition("/")
        try:
            try:
                self.glue.delete_database(Name=self.name)
            except self.glue.exceptions.EntityNotFoundException:
                pass
            finally:
                for page in self.s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
                    for each in page.get("Contents", ()):
                        self.s3.delete_object(Bucket=bucket, Key=each["Key"])
        except (BotoCoreError, ClientError) as problem:
            raise CannotCheckError(
                f"{problem} Remove the database {self.name} of AWS Glue and the folder {self.results}."
            ) from problem


def _is_unknown(problem: BaseException | None) -> bool:
    """Whether a call that failed may have been done."""
    if isinstance(problem, ClientError):
        return problem.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0) >= 500
    return isinstance(problem, ConnectionClosedError | ReadTimeoutError)


@contextmanager
def _explaining(service: str) -> Iterator[None]:
    """Turns the error of a call into one line, with the permission that is missing."""
    try:
        yield
    except ClientError as problem:
        needed = f"{service}:{problem.operation_name}"
        code = problem.response.get("Error", {}).get("Code", "")
        if is_refused(code):
            raise CannotCheckError(needs(needed)) from problem
        raise CannotCheckError(f"{needed}: {problem}") from problem
    except BotoCoreError as problem:
        raise CannotCheckError(f"{str(problem).rstrip('.')}.") from problem
