# SPDX-License-Identifier: Apache-2.0
"""How fast CSV engines answer the questions of a check: `python -m benchmarks.csv_engines`.

Each engine runs in a process of its own, so that its memory can be told, and reads the same generated
interactions. Each answers the same: how many records, empty ids, ids that are too long, timestamps that are
no whole number, and timestamps in milliseconds. The last row is `personalize-import check` with all rules.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import statistics
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.interactions import write_interactions

ENGINES = ("csv", "pandas", "duckdb", "pyarrow", "polars", "check")
FOLDER = Path(__file__).parent.parent / "build" / "bench"


@dataclass(frozen=True)
class Run:
    """What one run of an engine took.

    Attributes:
        seconds: How long it took, from before the engine is imported.
        cpu: Seconds of all cores together, which depend less on what else the machine does.
        mebibytes: The largest resident set.
        answer: What it found.
    """

    seconds: float
    cpu: float
    mebibytes: float
    answer: tuple[int, ...]


def main() -> None:
    """Measure all engines and print one table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--cores", type=int, default=2)
    parser.add_argument("--quoted", action="store_true", help="put texts into quotation marks")
    options = parser.parse_args()

    FOLDER.mkdir(parents=True, exist_ok=True)
    path = FOLDER / f"interactions-{options.rows}{'-quoted' if options.quoted else ''}.csv"
    if not path.exists():
        print(f"Writing {path.name} ...", file=sys.stderr)
        unfinished = path.with_suffix(".part")
        write_interactions(unfinished, options.rows, quoted=options.quoted)
        unfinished.rename(path)
    runs: dict[str, list[Run]] = {engine: [] for engine in ENGINES if is_installed(engine)}
    # In turn rather than one after the other: what else the machine does then meets all of them.
    for _ in range(options.repeat):
        for engine, done in runs.items():
            done.append(run(engine, path, options.cores))
    answers = {done[0].answer for done in runs.values()}
    if len(answers) > 1:
        sys.exit(f"The engines do not agree: {answers}")
    Console(highlight=False, width=110).print(table(runs, path, options.rows, options.cores))


def is_installed(engine: str) -> bool:
    """Whether an engine can be measured here."""
    return importlib.util.find_spec({"check": "personalize_import"}.get(engine, engine)) is not None


def run(engine: str, path: Path, cores: int) -> Run:
    """Run one engine in a process of its own, on so many cores."""
    environment = {**os.environ, "POLARS_MAX_THREADS": str(cores), "BENCH_CORES": str(cores)}
    command = [sys.executable, "-m", "benchmarks.one_engine", engine, str(path)]
    if hasattr(os, "sched_setaffinity"):
        available = sorted(os.sched_getaffinity(0))[:cores]
        command = ["taskset", "-c", ",".join(map(str, available)), *command]
    finished = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if finished.returncode:
        sys.exit(f"{engine} failed:\n{finished.stderr}")
    said = json.loads(finished.stdout)
    return Run(said["seconds"], said["cpu"], said["mebibytes"], tuple(said["answer"]))


def table(runs: dict[str, list[Run]], path: Path, rows: int, cores: int) -> Table:
    """One row for each engine: the median, the range, and how much memory it took at most."""
    shown = Table(
        "engine",
        *("median", "fastest", "slowest", "CPU", "records/s", "peak memory"),
        title=f"{rows:,} interactions, {path.stat().st_size / 1e6:,.0f} MB, {cores} cores",
    )
    for engine, done in runs.items():
        seconds = [each.seconds for each in done]
        median = statistics.median(seconds)
        shown.add_row(
            "personalize-import check" if engine == "check" else engine,
            *(f"{each:.2f} s" for each in (median, min(seconds), max(seconds))),
            f"{statistics.median(each.cpu for each in done):.2f} s",
            f"{rows / median / 1e6:.1f} million",
            f"{max(each.mebibytes for each in done):.0f} MiB",
        )
    return shown


if __name__ == "__main__":
    main()
