# SPDX-License-Identifier: Apache-2.0
"""Plays a sequence with the real CDK CLI, and checks after each step what has to hold."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from demo.cdk_cli import ROOT, CdkCli, CdkFailedError
from tests.deploy.environment import QUICK
from tests.deploy.sequences import app
from tests.deploy.sequences.account import Account, wait_until
from tests.deploy.sequences.model import (
    GONE,
    ROWS,
    UNDONE_STATUSES,
    UPDATED_STATUSES,
    Add,
    DeleteDataset,
    Deploy,
    Destroy,
    Expected,
    Import,
    OldTick,
    Overwrite,
    Rollback,
    Sequence,
    Step,
)

QUIET_WITHIN = 90.0
"""Seconds within which no job runs and no schedule ticks any more: the first tick may come after 70."""

LOGGED_WITHIN = 20.0
"""Seconds within which the log of an invocation that has answered can be read."""

BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)

OLD_TICK = {"CrHelperPoll": True, "RequestType": "Update", "ResponseURL": "https://example.com/", "Entry": 3}


@dataclass
class Run:
    """One sequence in one account.

    Attributes:
        mark: What all names of the sequence begin with.
        account: The account.
        environment: The environment variables that lead the CLI there.
        home: A folder of its own.
        previous: Returns the folder of the previous library.
    """

    mark: str
    account: Account
    environment: Mapping[str, str]
    home: Path
    previous: Callable[[], Path]
    output: list[str] = field(default_factory=list)
    _datasets: dict[str, str] = field(default_factory=dict)
    _deployed: dict[str, tuple[Import, ...]] = field(default_factory=dict)
    _complete: dict[str, tuple[Import, ...]] = field(default_factory=dict)
    _added: dict[str, list[str]] = field(default_factory=dict)
    _ends: list[str] = field(default_factory=list)
    _steps: int = 0
    _since: datetime = BEGINNING

    def play(self, sequence: Sequence) -> list[str]:
        """Take the steps, destroy all stacks, and return how each deployment, rollback and destroy has ended.

        After each of them, check jobs, data, schedules, records and the log.
        """
        try:
            self._play(sequence)
        except BaseException:
            # The account is shared, and has a quota of dataset groups.
            self.account.abandon(self.mark)
            raise
        return self._ends

    def _play(self, sequence: Sequence) -> None:
        for name in _outside(sequence):
            self._datasets[name] = self.account.make_dataset(f"{self.mark}{name}")
        for step in sequence.steps:
            self._steps += 1
            self._since = datetime.now(UTC)
            self._take(step)
        for stack in self._deployed:
            self.account.delete(f"{self.mark}{stack}")
        self.account.delete_groups(self.mark)
        assert self.account.leftovers(self.mark) == [], self._story()
        assert self.account.schedules(self.mark) == [], self._story()

    def _take(self, step: Step) -> None:
        match step:
            case Deploy():
                self._deploy(step)
            case Rollback():
                self._cdk("rollback", step.stack, self._assembly(step.stack, self._deployed[step.stack]))
                self._deployed[step.stack] = self._complete[step.stack]
            case Destroy():
                self._destroy(step.stack)
            case Add():
                self._added.setdefault(step.dataset, []).append(step.data)
                name = f"{self.mark}-others-{self._steps}"
                self.account.add(self._arn(step.dataset), step.data, name)
            case Overwrite():
                self.account.upload(f"{step.at}.csv", step.data)
            case DeleteDataset():
                self._added.pop(step.dataset, None)
                self.account.delete_dataset(self._arn(step.dataset))
                if step.again:
                    self.account.make_dataset(f"{self.mark}{step.dataset}")
            case OldTick():
                reply = self.account.tick(f"{self.mark}{step.stack}", OLD_TICK)
                assert "FunctionError" not in reply, self._story()
        if isinstance(step, Deploy | Rollback | Destroy):
            self._check(step.stack, step.expected)

    # Actions

    def _deploy(self, step: Deploy) -> None:
        assembly = self._assembly(step.stack, step.imports, breaks=step.breaks, previous=step.previous)
        options = ("--require-approval", "never", *step.options)
        deployment = threading.Thread(target=lambda: self._cdk("deploy", step.stack, assembly, *options))
        jobs = len(self.account.jobs(self.mark))
        deployment.start()
        if step.cancelled or step.destroyed:
            wait_until(lambda: len(self.account.jobs(self.mark)) > jobs or not deployment.is_alive())
            stack = f"{self.mark}{step.stack}"
            (self.account.cancel if step.cancelled else self.account.delete)(stack)
        deployment.join()
        ends = self.account.status(f"{self.mark}{step.stack}")
        if ends in UPDATED_STATUSES:
            self._complete[step.stack] = step.imports
        if ends == GONE:
            self._deployed.pop(step.stack, None)
        elif ends in UNDONE_STATUSES:
            self._deployed.setdefault(step.stack, ())
        else:
            self._deployed[step.stack] = step.imports

    def _destroy(self, stack: str) -> None:
        self._cdk("destroy", stack, self._assembly(stack, self._deployed.pop(stack)), "--force")
        assert self.account.status(f"{self.mark}{stack}") == GONE, self._story()

    def _assembly(
        self, stack: str, imports: tuple[Import, ...], *, breaks: bool = False, previous: bool = False
    ) -> Path:
        """Synthesise a stack."""
        folder = self.home / f"{stack}-{self._steps}"
        name = f"{self.mark}{stack}"
        if not previous:
            app.synthesise(folder, name, imports, self._datasets, breaks=breaks)
            return folder
        subprocess.run(
            [sys.executable, "-m", "tests.deploy.sequences.app", str(folder), name],
            input=app.step_as_json(imports, self._datasets, breaks=breaks),
            env={**os.environ, "PYTHONPATH": str(self.previous() / "constructs")},
            cwd=ROOT,
            text=True,
            check=True,
        )
        return folder

    def _cdk(self, command: str, stack: str, assembly: Path, *options: str) -> None:
        cli = CdkCli({**self.environment, **QUICK}, self.home, self.output.append)
        self.output.append(f"$ cdk {command} {self.mark}{stack} {' '.join(options)}")
        try:
            cli.run(command, f"{self.mark}{stack}", "--app", str(assembly), *options)
        except CdkFailedError as failed:
            self.output.append(str(failed))

    # Checks

    def _check(self, stack: str, expected: Expected) -> None:
        is_quiet = wait_until(self._is_quiet, QUIET_WITHIN)
        ends = self.account.status(f"{self.mark}{stack}")
        jobs = " ".join(_letter(job["dataSource"]["dataLocation"]) for job in self.account.jobs(self.mark))
        holds = {name: self._seen(name, letters) for name, letters in self._by_name(expected.holds).items()}
        seen, wanted = (ends, jobs, holds), (expected.ends, expected.jobs, self._by_name(expected.holds))
        assert seen == wanted, f"{seen} instead of {wanted}\n{self._story()}"
        assert is_quiet, f"schedules are left: {self.account.schedules(self.mark)}\n{self._story()}"
        assert "https://" not in "".join(self.account.stored_records(self.mark)), self._story()
        self._check_what_is_said(expected)
        self._ends.append(ends)

    def _check_what_is_said(self, expected: Expected) -> None:
        """Check the log, and that a message or the documentation says where the data differs."""
        wait_until(lambda: expected.says in self._said(), LOGGED_WITHIN)
        assert expected.says in self._said(), self._story()
        log = self.account.log(self.mark, self._since)
        assert "_ministack" not in str(log), "a URL of CloudFormation is in the log"
        if expected.ends in UPDATED_STATUSES:
            assert not [line for line in log if line["level"] == "ERROR"], self._story()
        for name, letters in self._by_name(expected.holds).items():
            if not self._as_deployed(name) <= Counter(letters.split()):
                assert expected.says or expected.limit, f"nothing says what {name or 'the dataset'} holds"
        if expected.limit:
            pages = " ".join(" ".join(page.read_text().split()) for page in ROOT.glob("docs/*.md"))
            assert expected.limit in pages

    def _said(self) -> str:
        """What the step's events and the warnings in the handler's log say."""
        log = self.account.log(self.mark, self._since)
        warnings = [str(line["message"]) for line in log if line["level"] != "INFO"]
        return "\n".join([*self.account.reasons(self.mark, self._since), *warnings])

    def _as_deployed(self, dataset: str) -> Counter[str]:
        """The data that the deployed templates, and what others have added, say that a dataset holds.

        Two imports of the same data are one: the second finds it in the dataset.
        """
        imports = [made for stack in self._deployed.values() for made in stack if made.dataset == dataset]
        return Counter({made.data for made in imports}) + Counter(self._added.get(dataset, []))

    def _seen(self, name: str, letters: str) -> str:
        """The letters, if the dataset holds them; else what it holds."""
        arn = self._arn(name)
        records = self.account.records(arn) if arn else 0
        return letters if records == sum(ROWS[letter] for letter in letters.split()) else f"{records} records"

    def _arn(self, name: str) -> str:
        """The ARN of a dataset by its name; empty where there is none."""
        if name:
            return self._datasets[name]
        return next(iter(self.account.dataset_arns(self.mark)), "")

    @staticmethod
    def _by_name(holds: str | Mapping[str, str]) -> Mapping[str, str]:
        return {"": holds} if isinstance(holds, str) else holds

    def _is_quiet(self) -> bool:
        """Whether all jobs have ended and no schedule is left."""
        jobs = self.account.jobs(self.mark)
        has_ended = all(job["status"] in ("ACTIVE", "CREATE FAILED") for job in jobs)
        return has_ended and not self.account.schedules(self.mark)

    def _story(self) -> str:
        """Return everything that helps to understand a failure."""
        log = [f"{line['level']} {line['message']}" for line in self.account.log(self.mark, BEGINNING)]
        jobs = [
            f"{job['jobName']} {job['status']} {job['importMode']}" for job in self.account.jobs(self.mark)
        ]
        parts = {
            "step": [str(self._steps)],
            "CLI": self.output[-40:],
            "events": self.account.reasons(self.mark, BEGINNING),
            "log": log,
            "jobs": jobs,
            "records": self.account.stored_records(self.mark),
        }
        return "\n".join(f"\n--- {name}\n" + "\n".join(lines) for name, lines in parts.items())


def _outside(sequence: Sequence) -> list[str]:
    """The names of the datasets outside the stacks."""
    imports = [made for step in sequence.steps if isinstance(step, Deploy) for made in step.imports]
    return sorted({made.dataset for made in imports if made.dataset})


def _letter(location: str) -> str:
    """Return the letter of the data at a location."""
    return location.rpartition("/")[2].removesuffix(".csv")
