# SPDX-License-Identifier: Apache-2.0
"""What ministack's Athena lacks: the dialect of Athena, tables of raw lines, and their paths."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any

_LINE_BREAK = re.compile("\r\n|\r|\n")
_NO_DELIMITER = "-1"
"""As a byte 255, which no text in UTF-8 has, so that a line is one value."""

_STOPPED = "Query was cancelled by user"
"""The reason that ministack gives to a query that was stopped."""

OF_A_WORKGROUP = frozenset(
    {"StartQueryExecution", "GetQueryExecution", "GetQueryResults", "StopQueryExecution"}
)
"""The operations on a query, which are authorised on its workgroup."""


def workgroup(request: dict[str, Any]) -> str:
    """The workgroup of the query that a request is about."""
    from ministack.services import athena

    execution = athena._executions.get(request.get("QueryExecutionId", "")) or {}
    return str(request.get("WorkGroup") or execution.get("WorkGroup") or "primary")


def apply() -> None:
    """Put it into ministack. Without duckdb, its Athena stays a mock."""
    from ministack.services import athena

    if athena._duckdb_available:
        # It takes each URL in a query for a file, which Athena does not.
        athena._rewrite_s3_paths = lambda query: query
        athena._rewrite_data_paths = _translating(athena._rewrite_data_paths)
        athena._table_relation = _with_lines(athena._table_relation)
        athena._empty_relation = _with_no_lines(athena._empty_relation)
        athena._save_query_results = unless_stopped(athena._save_query_results)


def lines_of(data: bytes) -> list[str]:
    """The lines of a file, as Trino reads them: a carriage return ends one as well."""
    lines = _LINE_BREAK.split(data.decode(errors="replace").removeprefix("\ufeff"))
    return lines if lines[-1] else lines[:-1]


def as_duckdb(query: str) -> str:
    """A query of Athena in the dialect of duckdb."""
    import sqlglot
    from sqlglot import exp

    parsed = sqlglot.parse_one(query, read="athena")
    for replace in parsed.find_all(exp.RegexpReplace):
        replacement = replace.args["replacement"]
        if isinstance(replacement, exp.Literal):
            replace.set("replacement", exp.Literal.string(re.sub(r"\$(\d)", r"\\\1", replacement.this)))
    return parsed.sql(dialect="duckdb")


def _translating(original: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    async def rewrite(query: str, database: str | None, catalog: str | None = None) -> Any:
        return await original(as_duckdb(query), database, catalog)

    return rewrite


def unless_stopped(
    save: Callable[[str], Awaitable[None]],
) -> Callable[[str], Coroutine[Any, Any, None]]:
    """Save the results of a query, unless it was stopped. ministack runs a query to its end all the same."""
    from ministack.services import athena

    async def save_results(query: str) -> None:
        status = athena._executions[query]["Status"]
        if status["StateChangeReason"] == _STOPPED:
            status["State"] = "CANCELLED"
        else:
            await save(query)

    return save_results


def _is_of_lines(table: dict[str, Any]) -> bool:
    storage = table.get("StorageDescriptor") or {}
    serde = storage.get("SerdeInfo") or {}
    return (
        "LazySimpleSerDe" in (serde.get("SerializationLibrary") or "")
        and (serde.get("Parameters") or {}).get("field.delim") == _NO_DELIMITER
        and len(storage.get("Columns") or ()) == 1
    )


def _with_lines(original: Callable[..., str]) -> Callable[..., str]:
    def relation(table: dict[str, Any], files: Sequence[str]) -> str:
        return _relation(table, files) if _is_of_lines(table) else original(table, files)

    return relation


def _with_no_lines(original: Callable[..., str]) -> Callable[..., str]:
    def relation(table: dict[str, Any]) -> str:
        if not _is_of_lines(table):
            return original(table)
        name = table["StorageDescriptor"]["Columns"][0]["Name"]
        return f'(SELECT NULL::VARCHAR AS "{name}", NULL::VARCHAR AS "$path" WHERE false)'

    return relation


def _relation(table: dict[str, Any], files: Sequence[str]) -> str:
    """The lines of some files and their paths, in a file beside them."""
    import duckdb

    skip = int((table.get("Parameters") or {}).get("skip.header.line.count", 0))
    storage = table["StorageDescriptor"]
    root = Path(tempfile.gettempdir()) / Path(files[0]).relative_to(tempfile.gettempdir()).parts[0]
    location = storage["Location"].rstrip("/")
    lines: list[str | None] = []
    paths: list[str] = []
    for file in files:
        of_file = lines_of(Path(file).read_bytes())[skip:]
        lines += [line or None for line in of_file]  # its null format is an empty text
        paths += [f"{location}/{Path(file).relative_to(root)}"] * len(of_file)
    target = os.path.join(root, "lines.parquet")
    name = storage["Columns"][0]["Name"]
    rows = f'SELECT unnest($1::VARCHAR[]) AS "{name}", unnest($2::VARCHAR[]) AS "$path"'
    with duckdb.connect() as connection:
        connection.execute(f"COPY ({rows}) TO '{target}'", [lines, paths])
    return f"read_parquet('{target}')"
