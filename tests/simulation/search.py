# SPDX-License-Identifier: Apache-2.0
"""Random runs: what users do and what goes wrong, both drawn from one seed."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING

from local_aws.personalize import Timing
from tests.simulation.chance import Chance
from tests.simulation.personalize_service import BAD_HEADER, BAD_ROW, GOOD
from tests.simulation.simulation import FUNCTION, Simulation, log_scan

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.simulation.stacks import Properties, Stack

# Most imports are quick, since every look at a running job takes time to simulate.
TIMINGS: Sequence[Timing] = [
    *[Timing(pending=2, shortest_import=4, longest_import=30)] * 75,
    *[Timing(pending=5, shortest_import=10, longest_import=120)] * 22,
    *[Timing()] * 2,
    Timing(shortest_import=5000, longest_import=9000),
]
LOCATIONS = ["items.csv"] * 5 + ["more.csv"] * 4 + ["bad_row.csv", "bad_header.csv", "nothing.csv"]
OBJECTS = {"items.csv": GOOD, "more.csv": GOOD, "bad_row.csv": BAD_ROW, "bad_header.csv": BAD_HEADER}

LONGEST = 40 * 3600.0
"""Seconds in which the users of a run are done."""


@dataclass
class Outcome:
    """What a run came to."""

    seed: int
    violations: list[tuple[str, str]]
    simulation: Simulation
    faults: list[int] = field(default_factory=list)
    """The numbers of the faults that were injected, by which a replay can leave some out."""


def run(seed: int, *, without: frozenset[int] = frozenset(), scan_logs: bool = False) -> Outcome:
    """Run one seed.

    Args:
        seed: Decides everything.
        without: Numbers of faults not to inject after all.
        scan_logs: Whether every log line is looked at, which takes time.
    """
    chance = Chance(seed, without)
    random = Random(f"{seed} users")
    simulation = Simulation(chance, timing=random.choice(TIMINGS))
    simulation.personalize.bucket = dict(OBJECTS)
    simulation.personalize.describe_lag = random.choice((0, 0, 0, 2, 8))
    simulation.personalize.list_lag = random.choice((0, 0, 0, 5, 15))
    many = random.random() < 0.06
    for number in range(random.choice((2, 3)) if many else 1):
        user = User(simulation, random, f"stack{number}", random.choice((1, 2, 2, 6)) if many else 1)
        simulation.kernel.start(user.run)
    if random.random() < 0.2:
        simulation.kernel.start(Somebody(simulation, random).run)
    with log_scan(simulation.invariants) if scan_logs else nullcontext():
        simulation.kernel.run(simulation.kernel.now + LONGEST)
        simulation.finish()
    return Outcome(seed, simulation.invariants.violations, simulation, chance.injected)


@dataclass
class Somebody:
    """Other people, who import into datasets of their own and use up the quota, or into a stack's."""

    simulation: Simulation
    random: Random

    def run(self) -> None:
        """Start some jobs over some minutes."""
        personalize = self.simulation.personalize
        own = [personalize.make_dataset(f"other{number}") for number in range(5)]
        for number in range(self.random.randrange(1, 8)):
            self.simulation.kernel.sleep(self.random.choice((1, 30, 300)))
            known = list(personalize.model.state.datasets)
            dataset = self.random.choice(known if self.random.random() < 0.3 else own)
            mode = self.random.choice(("FULL", "FULL", "INCREMENTAL"))
            try:
                personalize.start_foreign_job(dataset, f"foreign-{number}", mode)
            except Exception:  # refused for now, as anybody may be
                continue
            self.simulation.journal.tell("somebody", f"imports into {dataset}")


@dataclass
class User:
    """Somebody who deploys a stack, again and again."""

    simulation: Simulation
    random: Random
    name: str
    imports: int
    revision: int = 0

    def run(self) -> None:
        """Create a stack, change it a few times, and perhaps delete it."""
        stack = self.simulation.make_stack(self.name)
        stack.replays = self.random.random() < 0.1
        wanted = {f"Import{number}": self._properties(number) for number in range(self.imports)}
        self._deploy(stack, wanted)
        for _ in range(self.random.choice((0, 1, 1, 2))):
            self.simulation.kernel.sleep(self.random.choice((0, 5, 400, 8000)))
            wanted = {name: self._changed(dict(properties)) for name, properties in wanted.items()}
            self._deploy(stack, wanted)
            wanted = {name: resource.properties for name, resource in stack.resources.items()} or wanted
        if self.random.random() < 0.4:
            self.simulation.journal.count("delete a stack")
            self.simulation.drop_stack(stack)

    def _deploy(self, stack: Stack, wanted: dict[str, Properties]) -> None:
        random = self.random
        kind = random.choices(("plain", "fails", "cancelled", "skipped"), (70, 12, 12, 6))[0]
        self.simulation.journal.count(f"deploy, {kind}")
        stack.deploy(
            wanted,
            another_fails=kind in ("fails", "skipped"),
            cancel_after=random.choice((0.05, 0.5, 3, 40, 100, 4000)) if kind == "cancelled" else None,
            skip_rollback=kind == "skipped",
        )

    def _properties(self, number: int) -> Properties:
        personalize = self.simulation.personalize
        shared = number and self.random.random() < 0.2
        dataset = personalize.make_dataset(f"{self.name}-{number}") if not shared else self._first_dataset()
        if self.random.random() < 0.15:
            until = self.simulation.kernel.now + self.random.choice((30, 120, 10_000))
            personalize.refused_until["items.csv"] = until
        return {
            "ServiceToken": FUNCTION + self.name,
            "DatasetArn": dataset,
            "RoleArn": "arn:aws:iam::123456789012:role/import",
            "JobName": f"{self.name}-import{number}",
            "ImportMode": "FULL",
            "PublishAttributionMetricsToS3": "false",
            **self._location(),
            **self._patience(),
        }

    def _first_dataset(self) -> str:
        return f"arn:aws:personalize:us-east-1:123456789012:dataset/{self.name}-0/ITEMS"

    def _location(self) -> Properties:
        return {"DataSource": {"DataLocation": f"s3://data/{self.random.choice(LOCATIONS)}"}}

    def _patience(self) -> Properties:
        timeout = self.random.choice((300, 300, 900, 900, 3600, 3600, 3600, 3600, 10_800))
        patience = {"Timeout": str(timeout)}
        return patience | ({"Wait": "false"} if self.random.random() < 0.1 else {})

    def _changed(self, properties: Properties) -> Properties:
        random, personalize = self.random, self.simulation.personalize
        change = random.choice(
            ("revision", "revision", "location", "role", "mode", "patience", "dataset", "none")
        )
        self.simulation.journal.count(f"change {change}")
        if change == "revision":
            self.revision += 1
            properties["Revision"] = str(self.revision)
        elif change == "location":
            properties.update(self._location())
        elif change == "role":
            properties["RoleArn"] += "2"
            properties["Tags"] = [{"Key": "team", "Value": "shop"}]
        elif change == "mode":
            properties["ImportMode"] = "INCREMENTAL"
        elif change == "patience":
            properties.update(self._patience())
        elif change == "dataset":
            arn, now = properties["DatasetArn"], self.simulation.kernel.now
            jobs = personalize.model.state.jobs.values()
            if not any(job.dataset_arn == arn and job.unfinished(now) for job in jobs):
                personalize.remake_dataset(arn)
                self.revision += 1
                properties["Revision"] = str(self.revision)
        return properties
