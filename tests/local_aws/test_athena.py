# SPDX-License-Identifier: Apache-2.0
"""Athena reads raw lines as Trino does (https://trino.io/docs/current/connector/hive.html)."""

import asyncio

import pytest
from ministack.services import athena as service

from local_aws import LocalAws
from local_aws.athena import as_duckdb, unless_stopped
from personalize_import.athena import Athena
from personalize_import.data_check import CannotCheckError

BUCKET = "athena-lines"


@pytest.fixture(scope="module")
def athena(aws: LocalAws) -> Athena:
    """Make a client with a place for results."""
    s3 = aws.client("s3")
    s3.create_bucket(Bucket=BUCKET)
    content = 'header\r\n"a,b",\x01c\r\n\n\\N\rü\nlast'
    s3.put_object(Bucket=BUCKET, Key="in/a.csv", Body=content.encode())
    s3.put_object(Bucket=BUCKET, Key="in/deeper/b.csv", Body=b"header\nd\n")
    s3.put_object(Bucket=BUCKET, Key="in/_SUCCESS", Body=b"header\nhidden\n")
    return Athena(aws.client("athena"), aws.client("glue"), s3, f"s3://{BUCKET}/results/")


def test_a_line_is_one_value_and_has_a_path(athena: Athena) -> None:
    """The first line of each file is skipped, deeper folders are read, and an empty line is null."""
    with athena.table(f"s3://{BUCKET}/in/") as table:
        rows = athena.query(
            f"""SELECT "$path" AS path, coalesce(line, '<null>') AS line FROM {table}""", ("path", "line")
        )

    assert rows == [
        *([f"s3://{BUCKET}/in/a.csv", line] for line in ('"a,b",\x01c', "<null>", "\\N", "ü", "last")),
        [f"s3://{BUCKET}/in/deeper/b.csv", "d"],
    ]


def test_a_folder_without_lines_is_an_empty_table(athena: Athena) -> None:
    """Athena does not fail on it either."""
    with athena.table(f"s3://{BUCKET}/nothing/") as table:
        rows = athena.query(f'SELECT "$path" AS path, line FROM {table}', ("path", "line"))

    assert rows == []


def test_a_query_that_fails_has_its_reason(athena: Athena) -> None:
    """The check shows it in one line."""
    with (
        athena.table(f"s3://{BUCKET}/in/") as table,
        pytest.raises(CannotCheckError, match="Amazon Athena: "),
    ):
        athena.query(f"SELECT nothing FROM {table}", ("nothing",))


@pytest.mark.parametrize(
    ("reason", "state"), [("", "SUCCEEDED"), ("Query was cancelled by user", "CANCELLED")]
)
def test_a_query_that_was_stopped_saves_no_results(
    monkeypatch: pytest.MonkeyPatch, reason: str, state: str
) -> None:
    """No result appears after the results have been removed."""
    status = {"State": "SUCCEEDED", "StateChangeReason": reason}
    monkeypatch.setitem(service._executions, "query", {"Status": status})
    saved: list[str] = []

    async def save(query: str) -> None:
        saved.append(query)

    asyncio.run(unless_stopped(save)("query"))

    assert status["State"] == state
    assert saved == (["query"] if state == "SUCCEEDED" else [])


def test_the_dialect_of_athena_is_translated() -> None:
    """Functions, and references to groups in replacements, have other names in DuckDB."""
    query = r"SELECT regexp_like(a, '\A\\'), cardinality(b), regexp_replace(a, '(x)', '$1') FROM t"

    assert as_duckdb(query) == (
        r"SELECT REGEXP_MATCHES(a, '\A\\'), ARRAY_LENGTH(b), REGEXP_REPLACE(a, '(x)', '\1', 'g') FROM t"
    )
