# SPDX-License-Identifier: Apache-2.0
"""Measures this library beside the alternatives: one run, one table, one file of results, one picture."""

from __future__ import annotations

import argparse
import json
import logging
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from benchmarks import cold_start, notice, quota, staging, synth
from benchmarks.document import PEERS, updated
from benchmarks.picture import draw

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.metric import Metric

ROOT = Path(__file__).parent.parent
RESULTS = Path(__file__).with_name("results.json")
PICTURE = ROOT / "docs" / "benchmarks.svg"
PAGE = PICTURE.with_suffix(".md")

Part = tuple[str, "Callable[[], list[Metric]]"]

PARTS: tuple[Part, ...] = (
    ("waiting", notice.measure),
    ("queue", quota.measure),
    ("cold start", lambda: cold_start.measure(repeat=50)),
    ("synth", lambda: synth.measure(repeat=5)),
    ("staging", staging.measure),
)
QUICK: tuple[Part, ...] = (
    ("waiting", lambda: notice.measure(jobs=12)),
    ("queue", lambda: quota.measure(imports=6)),
    ("cold start", lambda: cold_start.measure(repeat=1)),
    ("synth", lambda: synth.measure(repeat=1, counts=(1, 2, 10))),
    ("staging", lambda: staging.measure((1, 2))),
)


def main(arguments: list[str] | None = None) -> None:
    """Measure, print, write and draw."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="see that everything runs; write nothing")
    parser.add_argument("--no-csv", action="store_true", help="leave the CSV engines out")
    options = parser.parse_args(arguments)
    logging.disable(logging.CRITICAL)
    metrics: list[Metric] = []
    for name, measure in QUICK if options.quick else PARTS:
        began = time.monotonic()
        metrics += measure()
        print(f"{name}: measured in {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)
    Console(highlight=False, width=150).print(table(metrics))
    if options.quick:
        return
    results = [metric.as_json() for metric in metrics]
    RESULTS.write_text(json.dumps(results, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    PICTURE.write_text(draw(results), encoding="utf-8")
    PAGE.write_text(updated(PAGE.read_text(encoding="utf-8"), results), encoding="utf-8")
    if not options.no_csv:
        subprocess.run([sys.executable, "-m", "benchmarks.csv_engines"], check=True)


def table(metrics: list[Metric]) -> Table:
    """One row for each figure."""
    shown = Table("metric", "unit")
    for name in ("ours", *PEERS):
        shown.add_column(name, justify="right")
    shown.add_column("goal")
    shown.add_column("met")
    for metric in metrics:
        peers = (_figure(metric, name) for name in PEERS)
        met = {None: "", True: "yes", False: "NO"}[metric.met]
        goal = str(metric.goal) if metric.goal else ""
        shown.add_row(metric.metric, metric.unit, f"{metric.ours:.4g}", *peers, goal, met)
    return shown


def _figure(metric: Metric, peer: str) -> str:
    if peer not in metric.peers:
        return ""
    figure = metric.peers[peer]
    return "fails" if figure is None else f"{figure:.4g}"


if __name__ == "__main__":
    main()
