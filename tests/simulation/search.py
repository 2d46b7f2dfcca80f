# SPDX-License-Identifier: Apache-2.0
"""Random runs: what users do and which faults are injected, both decided by one seed."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING

from local_aws.personalize import Timing
from tests.fakes.random_faults import RandomFaults
from tests.simulation.simulation import Simulation, log_captured
from tests.simulation.staged_files import assets
from tests.simulation.users import OBJECTS, Somebody, User

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.fakes.kernel import Task

# Most imports are quick, since every look at a running job takes time to simulate.
TIMINGS: Sequence[Timing] = [
    *[Timing(pending=2, shortest_import=4, longest_import=15)] * 240,
    *[Timing(pending=5, shortest_import=10, longest_import=100)] * 55,
    *[Timing()] * 4,
    Timing(shortest_import=5000, longest_import=9000),
]

LONGEST = 60 * 3600.0
"""Seconds in which the users of a run are done."""


@dataclass
class Outcome:
    """What a run came to.

    Attributes:
        faults: The numbers of the injected faults, by which a replay can leave some out.
    """

    seed: int
    violations: list[tuple[str, str]]
    simulation: Simulation
    faults: list[int] = field(default_factory=list)


def run(seed: int, *, without: frozenset[int] = frozenset(), scan_logs: bool = False) -> Outcome:
    """Run one seed.

    Args:
        seed: Decides everything.
        without: Numbers of faults to leave out.
        scan_logs: Whether every log line is read, which takes time; left out, warnings and errors are.
    """
    faults = RandomFaults(seed, without)
    random = Random(f"{seed} users")
    simulation = Simulation(faults, timing=random.choice(TIMINGS))
    simulation.personalize.bucket = dict(OBJECTS)
    simulation.s3.objects.update(assets())
    simulation.s3.seconds = random.choice((0, 0, 0, 8, 30))
    simulation.personalize.describe_lag = random.choice((0, 0, 0, 2, 8))
    simulation.personalize.list_lag = random.choice((0, 0, 0, 5, 15))
    simulation.dynamodb.ttl_delay = random.choice((0, 600, 3000))
    simulation.cloudformation.breath = random.choice((0.0, 0.3, 2.0))
    many = random.random() < 0.06
    tasks: list[Task] = []
    for number in range(random.choice((2, 3)) if many else 1):
        imports = random.choice((1, 2, 2, 6)) if many else random.choice((1, 1, 1, 1, 2))
        user = User(simulation, random, f"stack{number}", imports, is_alone=not many)
        tasks.append(simulation.kernel.start(user.run))
    if random.random() < 0.2:
        tasks.append(simulation.kernel.start(Somebody(simulation, random).run))
    level = logging.NOTSET if scan_logs else logging.WARNING
    with log_captured(simulation.invariants, level):
        ends = simulation.kernel.now + LONGEST
        while simulation.kernel.now < ends and not all(task.ended for task in tasks):
            simulation.kernel.step()
        simulation.finish()
    return Outcome(seed, simulation.invariants.violations, simulation, faults.injected)
