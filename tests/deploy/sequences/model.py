# SPDX-License-Identifier: Apache-2.0
"""A sequence of deployments as data: what each step deploys, and what has to be there afterwards.

Data is named by a letter. `A` is the file A.csv, and a dataset that holds `A I` holds the rows of both files.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

ROWS = {"A": 1001, "B": 1003, "C": 1007, "I": 1015, "J": 1031, "X": 10}
"""The rows of each file. No two sums are the same, so the number of records shows what a dataset holds.

`X` has too few rows: Personalize takes the job, and the job fails.
"""

GONE = "GONE"
"""The stack does not exist."""
CREATED = "CREATE_COMPLETE"
CREATE_UNDONE = "ROLLBACK_COMPLETE"
CREATE_STOPPED = "CREATE_FAILED"
UPDATED = "UPDATE_COMPLETE"
UNDONE = "UPDATE_ROLLBACK_COMPLETE"
STOPPED = "UPDATE_FAILED"

UPDATED_STATUSES = frozenset({CREATED, UPDATED})
UNDONE_STATUSES = frozenset({CREATE_UNDONE, UNDONE})


@dataclass(frozen=True)
class Import:
    """An import of a stack.

    Attributes:
        data: The letter of its data.
        id: The id of the construct.
        nested: The id of the nested stack that it is in; empty for none.
        at: The name of the file; left out, that of the letter.
        dataset: A dataset that is made outside the stack; left out, the one of the stack.
        mode: FULL or INCREMENTAL.
        prefix: The prefix of the job's name; left out, the construct's path.
        revision: The revision.
        role: Whether it gets a role that the stack makes, instead of its own.
        minutes: Its timeout.
        tag: The value of a tag.
        wait: Whether the deployment waits for it.
        after: The id of an import that comes before it; its job is part of the revision.
    """

    data: str
    id: str = "Import"
    nested: str = ""
    at: str = ""
    dataset: str = ""
    mode: str = "FULL"
    prefix: str = ""
    revision: str = ""
    role: bool = False
    minutes: int = 60
    tag: str = ""
    wait: bool = True
    after: str = ""

    @property
    def key(self) -> str:
        """The key of its data in the bucket."""
        return f"{self.at or self.data}.csv"


@dataclass(frozen=True)
class Expected:
    """What is there after a step.

    Attributes:
        ends: The status of the stack.
        jobs: The data of all jobs of the sequence so far, in the order of their creation.
        holds: What the dataset holds; by name where there are several.
        says: What an event of the stack or a warning in the handler's log says. It is required where the
            dataset does not hold what the deployed template says.
        limit: The sentence of the documentation that says so instead.
    """

    ends: str
    jobs: str
    holds: str | Mapping[str, str]
    says: str = ""
    limit: str = ""


@dataclass(frozen=True)
class Deploy:
    """`cdk deploy` of a stack with these imports.

    Attributes:
        imports: The imports.
        expected: What is there afterwards.
        stack: The name of the stack, after that of the sequence.
        breaks: Whether a resource that is made after the imports fails.
        options: Options of the CLI.
        cancelled: Whether the update is cancelled while its first job runs.
        destroyed: Whether the stack is deleted while its first job runs.
        previous: Whether the handler is the one before the table of records.
    """

    imports: tuple[Import, ...]
    expected: Expected
    stack: str = ""
    breaks: bool = False
    options: tuple[str, ...] = ()
    cancelled: bool = False
    destroyed: bool = False
    previous: bool = False


@dataclass(frozen=True)
class Rollback:
    """`cdk rollback` of a stack that has been left as it failed."""

    expected: Expected
    stack: str = ""


@dataclass(frozen=True)
class Destroy:
    """`cdk destroy` of a stack; a sequence ends with that of each of its stacks, in any case."""

    expected: Expected
    stack: str = ""


@dataclass(frozen=True)
class Add:
    """Somebody else adds data to a dataset."""

    data: str
    dataset: str = ""


@dataclass(frozen=True)
class Overwrite:
    """A file in the bucket gets other data."""

    at: str
    data: str


@dataclass(frozen=True)
class DeleteDataset:
    """Somebody deletes a dataset, and makes it again if wanted."""

    dataset: str = ""
    again: bool = False


@dataclass(frozen=True)
class OldTick:
    """A schedule of the previous handler ticks."""

    stack: str = ""


Step = Deploy | Rollback | Destroy | Add | Overwrite | DeleteDataset | OldTick


@dataclass(frozen=True)
class Sequence:
    """A sequence of steps in one account.

    Attributes:
        rule: What it shows.
        steps: Its steps, in order.
        in_ci: Whether it is among those that always run.
        lacks: What the embedded AWS lacks for it; it may fail until then.
    """

    rule: str
    steps: tuple[Step, ...]
    in_ci: bool = False
    lacks: str = ""

    @property
    def ends(self) -> list[str]:
        """The status of the stack after each of its deployments, rollbacks and destroys."""
        return [step.expected.ends for step in self.steps if isinstance(step, Deploy | Rollback | Destroy)]


def deploy(
    *imports: Import,
    ends: str,
    jobs: str,
    holds: str | Mapping[str, str],
    says: str = "",
    limit: str = "",
    **how: Any,
) -> Deploy:
    """Make the step that deploys these imports; `how` are further attributes of `Deploy`."""
    return Deploy(imports, Expected(ends, jobs, holds, says, limit), **how)


def destroy(*, jobs: str, holds: str | Mapping[str, str], stack: str = "", says: str = "") -> Destroy:
    """Make the step that destroys a stack."""
    return Destroy(Expected(GONE, jobs, holds, says), stack)
