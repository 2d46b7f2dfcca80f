# SPDX-License-Identifier: Apache-2.0
"""How long it takes to synthesise imports, and how much of a stack they take: processes, several runs."""

from __future__ import annotations

import json
import math
import os
import resource
import statistics
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.metric import Metric, at_most

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

COUNTS = (1, 10, 50, 150)
PROVIDER_COUNTS = (1, 10)
"""More Providers do not fit into a stack."""

MOST_RESOURCES = 500
LARGEST_TEMPLATE = 1_000_000
"""Bytes: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html"""


@dataclass(frozen=True)
class Synth:
    """One stack, synthesised in a process of its own.

    Attributes:
        cpu: Seconds of the process and of the Node.js process that it starts, on all cores together.
        resources: In the template.
        bytes: Of the template.
    """

    cpu: float
    resources: int
    bytes: int


def synth(way: str, count: int, *, validate: bool = True) -> Synth:
    """Synthesise a stack of so many imports; without validation also one that is too large."""
    before = _cpu_of_children()
    finished = subprocess.run(
        [sys.executable, "-m", "benchmarks.one_synth", way, str(count)],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | ({} if validate else {"CDK_VALIDATION": "false"}),
    )
    if finished.returncode:
        raise RuntimeError(f"{count} imports, {way}, could not be synthesised:\n{finished.stderr}")
    said = json.loads(finished.stdout)
    return Synth(_cpu_of_children() - before, said["resources"], said["bytes"])


def resources_of(way: str, count: int) -> int:
    """Count the resources of a stack of so many imports, too many or not."""
    return synth(way, count, validate=False).resources


def measure(repeat: int, counts: Sequence[int] = COUNTS) -> list[Metric]:
    """Measure all ways."""
    wanted = [
        *((way, count) for count in counts for way in ("ours", "plain")),
        *(("Provider", count) for count in PROVIDER_COUNTS if count in counts),
    ]
    runs: dict[tuple[str, int], list[Synth]] = {which: [] for which in wanted}
    # In turn rather than one after the other: what else the machine does then meets all of them.
    for _ in range(repeat):
        for which, done in runs.items():
            done.append(synth(*which))
    long = {count: synth("ours, several hours", count).resources for count in PROVIDER_COUNTS}
    return metrics_of(runs, counts, long, resources_of)


def metrics_of(
    runs: Mapping[tuple[str, int], list[Synth]],
    counts: Sequence[int],
    long: Mapping[int, int],
    count_resources: Callable[[str, int], int],
) -> list[Metric]:
    """Tell what the runs say.

    Args:
        runs: By the way and the number of imports.
        counts: The numbers of imports, ascending.
        long: The resources of stacks of imports of several hours, by the number of imports.
        count_resources: Counts the resources of a stack, given the way and the number of imports.
    """
    return [*_times(runs, counts), *_sizes(runs, counts, long, count_resources)]


def _times(runs: Mapping[tuple[str, int], list[Synth]], counts: Sequence[int]) -> list[Metric]:
    cpu = {which: statistics.median(run.cpu for run in done) for which, done in runs.items()}
    metrics = []
    for count in counts:
        ours, plain = cpu["ours", count], cpu["plain", count]
        peers = {way: cpu[way, count] for way in ("plain", "Provider") if (way, count) in cpu}
        goal = at_most(1.2 * plain, "1.2 x plain")
        metrics.append(Metric(f"synth, imports: {count}", "CPU s", ours, peers, goal))
    first, middle, last = counts[0], counts[-2], counts[-1]
    early, late = (
        (cpu["ours", after] - cpu["ours", before]) / (after - before)
        for before, after in ((first, middle), (middle, last))
    )
    growth = f"synth, one more import: above {middle} against up to {middle}"
    metrics.append(Metric(growth, "ratio", late / early, {}, at_most(1.2, "linear")))
    slopes = {
        way: (cpu[way, last] - cpu[way, first]) / (last - first) * 1000
        for way in ("ours", "plain")
        if (way, last) in cpu
    }
    return [
        *metrics,
        Metric("synth, one more import", "CPU ms", slopes["ours"], {"plain": slopes["plain"]}, None),
    ]


def _sizes(
    runs: Mapping[tuple[str, int], list[Synth]],
    counts: Sequence[int],
    long: Mapping[int, int],
    count_resources: Callable[[str, int], int],
) -> list[Metric]:
    last = counts[-1]
    most = {way: runs[way, last][0] for way in ("ours", "plain")}
    each = {
        way: _each({count: done[0].resources for (other, count), done in runs.items() if other == way})
        for way in {way for way, _ in runs}
    }
    shared = {way: runs[way, counts[0]][0].resources - each[way] * counts[0] for way in each}
    fit = {way: (MOST_RESOURCES - shared[way]) // each[way] for way in each}
    # The function's policy grows with the imports. What is too much for it goes into further policies.
    for way in most:
        fit[way] -= _too_many(count_resources(way, fit[way]), each[way])
    return [
        Metric("resources an import", "", each.pop("ours"), dict(each), at_most(3)),
        Metric("resources an import of several hours", "", _each(long), {}, at_most(5)),
        Metric("shared resources of a stack", "", shared.pop("ours"), dict(shared), None),
        Metric("imports that fit into one stack", "", fit.pop("ours"), dict(fit), None),
        Metric(
            f"resources of {last} imports",
            "",
            most["ours"].resources,
            {"plain": most["plain"].resources},
            at_most(MOST_RESOURCES),
        ),
        Metric(
            f"template of {last} imports",
            "kB",
            most["ours"].bytes / 1000,
            {"plain": most["plain"].bytes / 1000},
            at_most(LARGEST_TEMPLATE / 1000),
        ),
    ]


def _each(resources: Mapping[int, int]) -> int:
    """The resources that one import more takes."""
    first, last = min(resources), max(resources)
    return round((resources[last] - resources[first]) / (last - first))


def _too_many(resources: int, each: int) -> int:
    """The imports by which a stack of so many resources has to shrink."""
    return max(0, math.ceil((resources - MOST_RESOURCES) / each))


def _cpu_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
