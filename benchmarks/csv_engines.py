# SPDX-License-Identifier: Apache-2.0
"""How fast CSV engines answer the questions of a check: `python -m benchmarks.csv_engines`.

Each engine runs in a process of its own, so that its memory can be told, and reads the same generated
interactions. Each answers the same: how many records, empty ids, ids that are too long, timestamps that are
no whole number, and timestamps in milliseconds. The last row is `personalize-import check` with all rules.

After that it measures files of shapes that are hard to read; the others read all columns and check nothing.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import statistics
import subprocess
import sys
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.csv_goals import Measured, Run, as_markdown, goals, with_check
from benchmarks.interactions import write_interactions
from benchmarks.shapes import SHAPES

OF_SHAPES = ("duckdb", "polars", "check")
ENGINES = ("csv", "pandas", "duckdb", "pyarrow", "polars", "check")
ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "build" / "bench"
PAGE = ROOT / "docs" / "benchmarks.md"


class EngineError(Exception):
    """An engine failed; the message has what it wrote."""


def main() -> None:
    """Measure, and print a table for each file and the goals."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=10_000_000, help="of the interactions; 0 leaves them out")
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--cores", type=int, default=2)
    parser.add_argument("--quoted", action="store_true", help="put texts into quotation marks")
    parser.add_argument("--shape", choices=SHAPES, action="append", help="default: all of them")
    parser.add_argument("--write", action="store_true", help="write the figures into docs/benchmarks.md")
    options = parser.parse_args()

    FOLDER.mkdir(parents=True, exist_ok=True)
    load = os.getloadavg()[0]
    measured: dict[str, Measured] = {}
    if options.rows:
        path = interactions(options.rows, quoted=options.quoted)
        measured[path.stem] = measure(path, options.rows, options.repeat, options.cores)
    for name in options.shape or SHAPES:
        path = shape_file(name)
        measured[name] = measure(path, SHAPES[name].rows, options.repeat, options.cores, name)
    for goal in goals(measured):
        print(goal)
    if options.write:
        section = as_markdown(measured, options.cores, load)
        PAGE.write_text(with_check(PAGE.read_text(encoding="utf-8"), section), encoding="utf-8")


def interactions(rows: int, *, quoted: bool) -> Path:
    """The file of so many interactions, which is written once."""
    path = FOLDER / f"interactions-{rows}{'-quoted' if quoted else ''}.csv"
    if not path.exists():
        print(f"Writing {path.name} ...", file=sys.stderr)
        unfinished = path.with_suffix(".part")
        write_interactions(unfinished, rows, quoted=quoted)
        unfinished.rename(path)
    return path


def shape_file(name: str) -> Path:
    """The file or the folder of a shape, which is written once."""
    shape = SHAPES[name]
    path = FOLDER / f"{name}{'.csv' if shape.files == 1 else ''}"
    if not path.exists():
        print(f"Writing {path.name} ...", file=sys.stderr)
        unfinished = path.with_name(f"{path.name}.part")
        shape.write(unfinished)
        unfinished.rename(path)
    return path


def measure(path: Path, rows: int, repeat: int, cores: int, *shape: str) -> Measured:
    """Measure the engines on a file, and print one table."""
    engines = OF_SHAPES if shape else ENGINES
    runs: dict[str, list[Run]] = {engine: [] for engine in engines if is_installed(engine)}
    # Alternately, so that other load on the machine affects all of them.
    for _ in range(repeat):
        for engine in list(runs):
            try:
                runs[engine].append(run(engine, path, cores, *shape))
            except EngineError as problem:
                print(f"{engine} cannot read it: {str(problem).strip().splitlines()[-1]}", file=sys.stderr)
                del runs[engine]
    answers = {done[0].answer for done in runs.values()}
    if len(answers) > 1:
        sys.exit(f"The engines do not agree: {answers}")
    Console(highlight=False, width=110).print(table(runs, path, rows, cores))
    return Measured(rows, size_of(path) / 1e6, runs)


def is_installed(engine: str) -> bool:
    """Whether an engine can be measured here."""
    return importlib.util.find_spec({"check": "personalize_import"}.get(engine, engine)) is not None


def run(engine: str, path: Path, cores: int, *shape: str) -> Run:
    """Run one engine in a process of its own, on so many cores.

    Raises:
        EngineError: It failed.
    """
    environment = {**os.environ, "POLARS_MAX_THREADS": str(cores), "BENCH_CORES": str(cores)}
    # An installed package has its bytecode. Without it, Python would compile ours again in each run.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    command = [sys.executable, "-m", "benchmarks.one_engine", engine, str(path), *shape]
    if hasattr(os, "sched_setaffinity"):
        available = sorted(os.sched_getaffinity(0))[:cores]
        command = ["taskset", "-c", ",".join(map(str, available)), *command]
    finished = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if finished.returncode:
        raise EngineError(f"{engine} failed:\n{finished.stderr}")
    said = json.loads(finished.stdout)
    return Run(said["seconds"], said["cpu"], said["mebibytes"], tuple(said["answer"]))


def size_of(path: Path) -> int:
    """The bytes of a file, or of the files of a folder."""
    files = [path] if path.is_file() else path.iterdir()
    return sum(file.stat().st_size for file in files)


def table(runs: dict[str, list[Run]], path: Path, rows: int, cores: int) -> Table:
    """One row for each engine: the median, the range, and how much memory it took at most."""
    shown = Table(
        "engine",
        *("median", "fastest", "slowest", "CPU", "records/s", "peak memory"),
        title=f"{path.stem}: {rows:,} records, {size_of(path) / 1e6:,.0f} MB, {cores} cores",
    )
    for engine, done in runs.items():
        seconds = [each.seconds for each in done]
        median = statistics.median(seconds)
        shown.add_row(
            "personalize-import check" if engine == "check" else engine,
            *(f"{each:.2f} s" for each in (median, min(seconds), max(seconds))),
            f"{statistics.median(each.cpu for each in done):.2f} s",
            f"{rows / median / 1e6:.2f} million",
            f"{max(each.mebibytes for each in done):.0f} MiB",
        )
    return shown


if __name__ == "__main__":
    main()
