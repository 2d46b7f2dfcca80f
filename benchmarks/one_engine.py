# SPDX-License-Identifier: Apache-2.0
"""One engine, one run: prints what it found, how long it took and how much memory, as JSON."""

from __future__ import annotations

import csv
import json
import os
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.one_start import peak_mebibytes
from benchmarks.shapes import SHAPES, Shape

Answer = tuple[int, ...]
"""Records; empty ids; ids that are too long; timestamps that are no whole number; those in milliseconds."""

LONGEST_ID = 256
MILLISECONDS = 10**11
BLOCK_ROWS = 500_000
CORES = int(os.environ.get("BENCH_CORES", "2"))
COLUMNS = ("USER_ID", "ITEM_ID", "TIMESTAMP", "EVENT_TYPE")


def with_csv(path: Path) -> Answer:
    """The standard library, record by record."""
    records = empty = too_long = no_number = milliseconds = 0
    with path.open(newline="", encoding="utf-8") as file:
        rows = csv.reader(file, escapechar="\\")
        next(rows)
        for user, item, timestamp, _ in rows:
            records += 1
            empty += (not user) + (not item)
            too_long += (len(user) > LONGEST_ID) + (len(item) > LONGEST_ID)
            try:
                milliseconds += abs(int(timestamp)) >= MILLISECONDS
            except ValueError:
                no_number += 1
    return records, empty, too_long, no_number, milliseconds


def with_pandas(path: Path) -> Answer:
    """Pandas in blocks, so that its memory is bounded as well."""
    import pandas as pd

    totals = [0] * 5
    for block in pd.read_csv(
        path, chunksize=BLOCK_ROWS, dtype=str, keep_default_na=False, escapechar="\\", encoding="utf-8"
    ):
        lengths = [block[name].str.len() for name in COLUMNS[:2]]
        number = pd.to_numeric(block["TIMESTAMP"], errors="coerce")
        found = (
            len(block),
            sum(int((length == 0).sum()) for length in lengths),
            sum(int((length > LONGEST_ID).sum()) for length in lengths),
            int(number.isna().sum()),
            int((number.abs() >= MILLISECONDS).sum()),
        )
        totals = [total + more for total, more in zip(totals, found, strict=True)]
    return tuple(totals)


def with_duckdb(path: Path) -> Answer:
    """DuckDB in one query, held to so much memory and so many threads."""
    import duckdb

    connection = duckdb.connect()
    connection.execute(f"SET threads = {CORES}; SET memory_limit = '800MB'")
    columns = ", ".join(f"'{name}': 'VARCHAR'" for name in COLUMNS)
    found = connection.execute(
        f"""
        SELECT count(*),
               count_if(coalesce(USER_ID, '') = '') + count_if(coalesce(ITEM_ID, '') = ''),
               count_if(length(USER_ID) > {LONGEST_ID}) + count_if(length(ITEM_ID) > {LONGEST_ID}),
               count_if(try_cast("TIMESTAMP" AS BIGINT) IS NULL),
               count_if(abs(try_cast("TIMESTAMP" AS BIGINT)) >= {MILLISECONDS})
        FROM read_csv(?, header = true, auto_detect = false, delim = ',', quote = '"', escape = '\\',
                      columns = {{{columns}}})
        """,
        [str(path)],
    ).fetchone()
    return tuple(found or ())


def with_pyarrow(path: Path) -> Answer:
    """Arrow's streaming reader."""
    import pyarrow as pa
    import pyarrow.compute as pc
    from pyarrow import csv as arrow_csv

    pa.set_cpu_count(CORES)
    reader = arrow_csv.open_csv(
        path,
        read_options=arrow_csv.ReadOptions(block_size=8 * 1024**2),
        parse_options=arrow_csv.ParseOptions(escape_char="\\"),
        convert_options=arrow_csv.ConvertOptions(
            column_types=dict.fromkeys(COLUMNS, pa.string()), strings_can_be_null=False
        ),
    )
    totals = [0] * 5
    for block in reader:
        lengths = [pc.utf8_length(block.column(name)) for name in COLUMNS[:2]]
        texts = block.column("TIMESTAMP")
        whole = pc.match_substring_regex(texts, "^[+-]?[0-9]+$")
        numbers = pc.cast(pc.filter(texts, whole), pa.int64())
        found = (
            block.num_rows,
            sum(pc.sum(pc.equal(length, 0)).as_py() for length in lengths),
            sum(pc.sum(pc.greater(length, LONGEST_ID)).as_py() for length in lengths),
            pc.sum(pc.invert(whole)).as_py(),
            pc.sum(pc.greater_equal(pc.abs(numbers), MILLISECONDS)).as_py() or 0,
        )
        totals = [total + more for total, more in zip(totals, found, strict=True)]
    return tuple(totals)


def with_polars(path: Path) -> Answer:
    """Polars' streaming engine; it knows no escapes."""
    import polars as pl

    ids = pl.col("USER_ID", "ITEM_ID")
    number = pl.col("TIMESTAMP").cast(pl.Int64, strict=False)
    found = (
        pl.scan_csv(path, schema=dict.fromkeys(COLUMNS, pl.String))
        .select(
            pl.len(),
            pl.sum_horizontal((ids.is_null() | (ids == "")).sum()).alias("empty"),
            pl.sum_horizontal((ids.str.len_chars() > LONGEST_ID).sum()).alias("long"),
            number.is_null().sum().alias("no number"),
            (number.abs() >= MILLISECONDS).sum().alias("milliseconds"),
        )
        .collect(engine="streaming")
    )
    return found.row(0)


def with_check(path: Path) -> Answer:
    """`personalize-import check`: all rules, lines numbered, users counted."""
    from personalize_import.data_check import check
    from personalize_import.data_rules import number_rules as numbers
    from personalize_import.data_rules import text_rules as texts
    from personalize_import.data_rules import value_rules as rules

    schema = {
        "type": "record",
        "name": "Interactions",
        "fields": [{"name": name, "type": "long" if name == "TIMESTAMP" else "string"} for name in COLUMNS],
    }
    report = check(path, schema)
    broken = (rules.VALUE_MISSING, texts.ID_LENGTH, numbers.VALUE_TYPE, numbers.TIMESTAMP_SECONDS)
    return (report.records, *(report.findings.count(rule) for rule in broken))


def shape_with_polars(path: Path, shape: Shape) -> Answer:
    """A read of all columns by polars' streaming engine; it knows no escapes."""
    import polars as pl

    read = pl.scan_csv(
        path if path.is_file() else path / "*.csv", schema=dict.fromkeys(shape.columns, pl.String)
    )
    return tuple(read.select(pl.len(), pl.all().count()).collect(engine="streaming").row(0)[:1])


def shape_with_duckdb(path: Path, shape: Shape) -> Answer:
    """A read of all columns by DuckDB."""
    import duckdb

    connection = duckdb.connect()
    connection.execute(f"SET threads = {CORES}; SET memory_limit = '800MB'")
    columns = ", ".join(f"'{name}': 'VARCHAR'" for name in shape.columns)
    counts = ", ".join(f"count({name})" for name in shape.columns)
    escape = "\\" if "backslash" in path.stem else '"'
    found = connection.execute(
        f"""
        SELECT count(*), {counts}
        FROM read_csv(?, header = true, auto_detect = false, delim = ',', quote = '"', escape = '{escape}',
                      max_line_size = 100000000, columns = {{{columns}}})
        """,
        [str(path if path.is_file() else path / "*.csv")],
    ).fetchone()
    return tuple(found or ())[:1]


def shape_with_check(path: Path, shape: Shape) -> Answer:
    """`personalize-import check`: all rules."""
    from personalize_import.data_check import check

    return (check(path, shape.schema, jobs=CORES).records,)


OF_SHAPES: dict[str, Callable[[Path, Shape], Answer]] = {
    "duckdb": shape_with_duckdb,
    "polars": shape_with_polars,
    "check": shape_with_check,
}

ENGINES: dict[str, Callable[[Path], Answer]] = {
    "csv": with_csv,
    "pandas": with_pandas,
    "duckdb": with_duckdb,
    "pyarrow": with_pyarrow,
    "polars": with_polars,
    "check": with_check,
}


if __name__ == "__main__":
    engine, path, *shape = sys.argv[1:]
    began = time.perf_counter()
    answer = OF_SHAPES[engine](Path(path), SHAPES[shape[0]]) if shape else ENGINES[engine](Path(path))
    taken = time.perf_counter() - began
    used = resource.getrusage(resource.RUSAGE_SELF)
    print(
        json.dumps(
            {
                "answer": answer,
                "seconds": taken,
                "cpu": used.ru_utime + used.ru_stime,
                "mebibytes": peak_mebibytes(),
            }
        )
    )
