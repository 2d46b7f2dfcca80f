# SPDX-License-Identifier: Apache-2.0
"""duckdb in the place of Amazon Athena, over lines in memory."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache

import duckdb

from local_aws.athena import as_duckdb, lines_of

translated = cache(as_duckdb)
"""A query of Athena in the dialect of duckdb. The tests make the same queries a hundred times."""


@cache
def connection() -> duckdb.DuckDBPyConnection:
    """The connection of all tests, because a new one takes longer than their queries."""
    return duckdb.connect(config={"threads": 1})


class DuckdbLines:
    """Runs the queries for Athena on some files.

    Args:
        files: The content of each object, by its URL.
    """

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self._files = files

    @contextmanager
    def table(self, folder: str) -> Iterator[str]:
        """A table of the lines without the first one of each file."""
        lines = [(line, path) for path, data in self._files.items() for line in lines_of(data)[1:]]
        connection().execute(
            "CREATE OR REPLACE TABLE lines AS "
            'SELECT unnest($1::TEXT[]) AS line, unnest($2::TEXT[]) AS "$path"',
            [[line for line, _ in lines], [path for _, path in lines]],
        )
        yield "lines"
        connection().execute("DROP TABLE lines")

    def query(self, sql: str, columns: Sequence[str]) -> list[list[str]]:
        """The rows, as texts."""
        result = connection().execute(translated(sql))
        assert [column[0] for column in result.description or ()] == list(columns)
        return [[str(value) for value in row] for row in result.fetchall()]
