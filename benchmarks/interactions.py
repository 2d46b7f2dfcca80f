# SPDX-License-Identifier: Apache-2.0
from pathlib import Path

import polars as pl

SEED = 20_261_123
ROWS_AT_ONCE = 1_000_000


def write_interactions(path: Path, rows: int, *, quoted: bool) -> None:
    """Write interactions that break no rule; the same ones each time."""
    with path.open("wb") as file:
        file.write(b"USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE\n")
        for start in range(0, rows, ROWS_AT_ONCE):
            number = pl.int_range(start, min(start + ROWS_AT_ONCE, rows), dtype=pl.UInt64)
            buys = _chance(number, 4) % 5 == 0
            pl.select(
                USER_ID=pl.format("user-{}", _chance(number, 1) % 500_000),
                ITEM_ID=pl.format("item-{}", _chance(number, 2) % 50_000),
                TIMESTAMP=_chance(number, 3).cast(pl.Int64) % 100_000_000 + 1_600_000_000,
                EVENT_TYPE=pl.when(buys).then(pl.lit("purchase")).otherwise(pl.lit("view")),
            ).write_csv(file, include_header=False, quote_style="non_numeric" if quoted else "necessary")


def _chance(number: pl.Expr, stream: int) -> pl.Expr:
    """A number that looks like chance and is the same with every version of the engine."""
    mixed = (number + SEED) * (2 * stream + 1) % 2_147_483_647
    return mixed * 48_271 % 2_147_483_647 * 69_621 % 2_147_483_647
