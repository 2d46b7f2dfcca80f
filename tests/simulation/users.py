# SPDX-License-Identifier: Apache-2.0
"""Users who deploy stacks again and again, and other people in the account. A seed decides what they do."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from tests.fakes.deployments import Deployment
from tests.fakes.personalize import BAD_HEADER, BAD_ROW, GOOD
from tests.fakes.stacks import Stack
from tests.simulation.staged_files import CHOICES, PLACES, placed, unplaced

if TYPE_CHECKING:
    from random import Random

    from tests.fakes.stacks import Properties, Template
    from tests.simulation.simulation import Simulation

# A location that does not exist is rare: Personalize refuses it every ten seconds for three minutes.
LOCATIONS = ["items.csv"] * 15 + ["more.csv"] * 12 + ["bad_row.csv", "bad_header.csv"] * 3 + ["nothing.csv"]
MANY = 25
"""More jobs than the handler describes before it replaces their data."""

STAGED = 0.4
"""How many imports are of staged files."""

OBJECTS = {"items.csv": GOOD, "more.csv": GOOD, "bad_row.csv": BAD_ROW, "bad_header.csv": BAD_HEADER}
KINDS = {"plain": 62, "fails": 16, "cancelled": 10, "skipped": 4, "no rollback": 6, "deleted": 2}
CHANGES = {
    "revision": 8,
    "location": 5,
    "rename": 6,
    "move": 5,
    "role": 3,
    "mode": 4,
    "patience": 2,
    "add": 3,
    "share": 2,
    "remove": 1,
    "remake the dataset": 2,
    "delete the dataset": 1,
    "overwrite": 2,
    "place of copies": 2,
    "nothing": 1,
}

GIVEN_ROLE = "arn:aws:iam::123456789012:role/import"
Wanted = dict[Stack, "Template"]


@dataclass
class Somebody:
    """Other people, who import into datasets of their own and use up the quota, or into a stack's."""

    simulation: Simulation
    random: Random

    def run(self) -> None:
        """Start some jobs over some minutes."""
        personalize = self.simulation.personalize
        own = [personalize.make_dataset(f"other{number}") for number in range(5)]
        if self.random.random() < 0.15:
            self._add_daily()
        for number in range(self.random.randrange(1, 8)):
            self.simulation.kernel.sleep(self.random.choice((1, 30, 300)))
            known = list(personalize.datasets)
            dataset = self.random.choice(known if self.random.random() < 0.3 else own)
            mode = self.random.choice(("FULL", "FULL", "INCREMENTAL"))
            self._start(dataset, f"foreign-{number}", mode)

    def _add_daily(self) -> None:
        """Fill a dataset and add to it, more often than a rollback can repeat."""
        self.simulation.journal.count("somebody adds daily")
        dataset = self.random.choice(list(self.simulation.personalize.datasets))
        for number in range(MANY):
            self._start(dataset, f"daily-{number}", "INCREMENTAL" if number else "FULL")
            self.simulation.kernel.sleep(30)

    def _start(self, dataset: str, name: str, mode: str) -> None:
        """Start a job, unless Personalize refuses it for now."""
        try:
            self.simulation.personalize.start_foreign_job(dataset, name, mode)
        except ClientError:
            return
        self.simulation.journal.note("somebody", f"imports into {dataset}")
        if mode == "FULL":
            self.simulation.invariants.deployed.changed_outside(dataset)


@dataclass
class User:
    """Somebody who deploys an app: one or two root stacks, perhaps with a nested one.

    Attributes:
        name: The prefix of the stacks' names.
        imports: How many imports the app begins with.
        is_alone: Whether nobody else deploys, so that the user has several stacks.
        place: The bucket and the prefix of the copies of staged files.
    """

    simulation: Simulation
    random: Random
    name: str
    imports: int
    is_alone: bool = False
    stacks: list[Stack] = field(default_factory=list)
    place: tuple[str, str] = PLACES[0]
    _number: int = 0

    def run(self) -> None:
        """Create the stacks, change them a few times, and perhaps delete them."""
        random = self.random
        self.stacks = [Stack(self.simulation, self.name)]
        if self.is_alone and random.random() < 0.5:
            self.stacks.append(Stack(self.simulation, f"{self.name}-nested", parent=self.stacks[0]))
        if self.is_alone and random.random() < 0.4:
            self.stacks.append(Stack(self.simulation, f"{self.name}-second"))
        for stack in self.stacks:
            stack.replays = random.random() < 0.1
        wanted: Wanted = {stack: {} for stack in self.stacks}
        for number in range(self.imports):
            wanted[self.stacks[0]][f"Import{number}"] = self._properties(number)
        self._deploy(wanted)
        for _ in range(self._changes()):
            # CloudFormation takes seconds to begin a deployment.
            self.simulation.kernel.sleep(random.choice((2, 5, 400, 8000)))
            wanted = self._deployed() if any(stack.resources for stack in self.stacks) else wanted
            for _ in range(random.choice((1, 1, 2))):
                self._change(wanted)
            self._deploy(wanted)
        if random.random() < 0.4:
            self.simulation.journal.count("delete the stacks")
            for stack in reversed(self.stacks):
                if stack.is_made:
                    stack.delete()

    def _changes(self) -> int:
        """Choose how often the stacks are changed."""
        if not self.is_alone:
            return self.random.choice((0, 1, 1, 2))
        return MANY if self.random.random() < 0.01 else self.random.choice((0, 1, 1, 2, 3, 4))

    def _deployed(self) -> Wanted:
        """Copy the templates that are deployed."""
        return {
            stack: {name: dict(properties) for name, properties in stack.template.items()}
            for stack in self.stacks
        }

    # Deployments

    def _deploy(self, wanted: Wanted) -> None:
        """Deploy each root stack that has something to change, in any order."""
        for stack, template in wanted.items():
            for name, properties in template.items():
                properties.update(placed(properties, stack.name, name, self.place))
        roots = [stack for stack in self.stacks if not stack.parent]
        self.random.shuffle(roots)
        for root in roots:
            app = {stack: template for stack, template in wanted.items() if stack.root is root}
            if any(template or stack.is_made for stack, template in app.items()):
                self._deploy_root(app)

    def _deploy_root(self, app: Wanted) -> None:
        """Deploy the stacks of one root in a random way."""
        random = self.random
        kind = random.choices(list(KINDS), list(KINDS.values()))[0]
        self.simulation.journal.count(f"deploy, {kind}")
        present = {
            stack: template if template or not stack.parent else None for stack, template in app.items()
        }
        Deployment(
            self.simulation,
            {stack: each for stack, each in present.items() if each is not None or stack.is_made},
            another_fails=kind in ("fails", "skipped", "no rollback"),
            cancel_after=random.choice((0.05, 0.5, 3, 40, 100, 4000))
            if kind in ("cancelled", "deleted")
            else None,
            skip_rollback=kind == "skipped",
            no_rollback=kind == "no rollback",
            delete_instead=kind == "deleted",
        ).run()

    # Changes

    def _change(self, wanted: Wanted) -> None:
        random = self.random
        change = random.choices(list(CHANGES), list(CHANGES.values()))[0]
        known = [(stack, name) for stack, template in wanted.items() for name in template]
        if not known:
            wanted[self.stacks[0]]["Import0"] = self._properties(0)
            return
        self.simulation.journal.count(f"change {change}")
        stack, name = random.choice(known)
        properties = wanted[stack][name]
        if change in ("rename", "move"):
            self._rename(wanted, stack, name, is_move=change == "move")
        elif change == "remove":
            del wanted[stack][name]
        elif change in ("add", "share"):
            self._add(wanted, properties, is_increment=change == "add")
        else:
            self._change_properties(properties, change)

    def _change_properties(self, properties: Properties, change: str) -> None:
        random, arn = self.random, properties["DatasetArn"]
        if change == "revision":
            properties["Revision"] = self._next()
        elif change == "location":
            properties.pop("Staging", None)
            properties.update(self._location())
        elif change == "place of copies":
            self.place = random.choice(PLACES)
        elif change == "role":
            properties["RoleArn"] += "2"
            properties["Tags"] = [{"Key": "team", "Value": "shop"}]
        elif change == "mode":
            is_full = properties["ImportMode"] == "FULL"
            properties["ImportMode"] = "INCREMENTAL" if is_full else "FULL"
        elif change == "patience":
            properties.update(self._patience())
        elif change == "overwrite":
            self.simulation.personalize.bucket["more.csv"] = random.choice((GOOD, GOOD, BAD_ROW))
        elif change in ("remake the dataset", "delete the dataset"):
            self._replace_dataset(arn, is_made_again=change == "remake the dataset")
            properties["Revision"] = self._next()

    def _rename(self, wanted: Wanted, stack: Stack, name: str, *, is_move: bool) -> None:
        """Give a construct another id or another stack, perhaps together with new data."""
        random = self.random
        properties = wanted[stack].pop(name)
        target = random.choice(self.stacks) if is_move else stack
        if target is stack or name in wanted[target]:
            name = f"{name}x"
        if random.random() < 0.5:
            properties["JobNamePrefix"] = f"{target.name}-{name.lower()}"
        if random.random() < 0.5:
            self._change_properties(properties, random.choice(("revision", "location", "role", "mode")))
        if "-for-" in properties["RoleArn"]:
            properties["RoleArn"] = _role_of(target)
        wanted[target][name] = properties

    def _add(self, wanted: Wanted, properties: Properties, *, is_increment: bool) -> None:
        """Add another import into the same dataset, perhaps in another stack, under the same prefix."""
        random = self.random
        stack = random.choice(self.stacks)
        new = {**properties, "ImportMode": "INCREMENTAL" if is_increment else "FULL"}
        if random.random() < 0.5:
            new["JobNamePrefix"] = f"{stack.name}-other{self._next()}"
        if is_increment or random.random() < 0.5:
            new["Revision"] = self._next()
        if "-for-" in new["RoleArn"]:
            new["RoleArn"] = _role_of(stack)
        wanted[stack][f"Added{self._next()}"] = new

    def _replace_dataset(self, arn: str, *, is_made_again: bool) -> None:
        """Delete a dataset outside of any stack, and perhaps make it again."""
        personalize = self.simulation.personalize
        if personalize.is_importing(arn):
            return
        if arn not in personalize.datasets or is_made_again:
            personalize.remake_dataset(arn)
        else:
            personalize.delete_dataset(arn)
            # Sooner or later it is needed, unless somebody has made it meanwhile.
            self.simulation.kernel.after(3000, lambda: self._make_missing(arn))

    def _make_missing(self, arn: str) -> None:
        if arn not in self.simulation.personalize.datasets:
            self.simulation.personalize.remake_dataset(arn)

    # Properties

    def _properties(self, number: int) -> Properties:
        personalize = self.simulation.personalize
        is_shared = number and self.random.random() < 0.2
        group = f"{self.name}-{0 if is_shared else number}"
        arn = f"arn:aws:personalize:us-east-1:123456789012:dataset/{group}/ITEMS"
        if arn not in personalize.datasets:
            personalize.make_dataset(group)
        if self.random.random() < 0.15:
            until = self.simulation.kernel.now + self.random.choice((10, 30, 120))
            personalize.refused_until["items.csv"] = until
        return {
            "DatasetArn": arn,
            "RoleArn": self.random.choice((GIVEN_ROLE, _role_of(self.stacks[0]))),
            "JobNamePrefix": f"{self.name}-import{number}",
            "ImportMode": "FULL",
            "PublishAttributionMetricsToS3": "false",
            **self._location(),
            **self._patience(),
        }

    def _location(self) -> Properties:
        if self.random.random() < STAGED:
            return unplaced(self.random.choice(CHOICES))
        return {"DataSource": {"DataLocation": f"s3://data/{self.random.choice(LOCATIONS)}"}}

    def _patience(self) -> Properties:
        """Choose how long an import may take, and whether the deployment waits for it."""
        timeout = self.random.choice((300, 300, 900, 900, 3600, 3600, 3600, 3600, 10_800))
        patience = {"Timeout": str(timeout)}
        return patience | ({"Wait": "false"} if self.random.random() < 0.1 else {})

    def _next(self) -> str:
        """Return a number that no name or revision has had."""
        self._number += 1
        return str(self._number)


def _role_of(stack: Stack) -> str:
    """The role that a stack makes for its imports."""
    return f"arn:aws:iam::123456789012:role/{stack.name}-for-imports"
