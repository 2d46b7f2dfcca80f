# SPDX-License-Identifier: Apache-2.0
"""Sequences of one import that stays where it is."""

from tests.deploy.sequences.model import (
    CREATE_STOPPED,
    CREATE_UNDONE,
    CREATED,
    STOPPED,
    UNDONE,
    UPDATED,
    Expected,
    Import,
    Overwrite,
    Rollback,
    Sequence,
    deploy,
    destroy,
)

NO_ROLLBACK = ("--no-rollback",)
NO_UPDATE_BACK = "a stack left as it failed keeps its old template, so that an update to that is none"

CHANGES = (
    Sequence(
        "the data is imported once, and goes with its stack",
        (
            deploy(Import("A"), ends=CREATED, jobs="A", holds="A"),
            deploy(Import("A"), ends=CREATED, jobs="A", holds="A"),
            destroy(jobs="A", holds=""),
        ),
    ),
    Sequence(
        "tags, timeout and role import nothing",
        (
            deploy(Import("A"), ends=CREATED, jobs="A", holds="A"),
            deploy(Import("A", tag="other"), ends=UPDATED, jobs="A", holds="A"),
            deploy(Import("A", tag="other", minutes=30), ends=UPDATED, jobs="A", holds="A"),
            deploy(Import("A", tag="other", minutes=30, role=True), ends=UPDATED, jobs="A", holds="A"),
        ),
    ),
    Sequence(
        "new data, and the old data again, are imported each time",
        (
            deploy(Import("A"), ends=CREATED, jobs="A", holds="A"),
            deploy(Import("B"), ends=UPDATED, jobs="A B", holds="B"),
            deploy(Import("A"), ends=UPDATED, jobs="A B A", holds="A"),
        ),
    ),
    Sequence(
        "an import that is removed leaves its data, and is recognised when it comes back",
        (
            deploy(Import("A"), ends=CREATED, jobs="A", holds="A"),
            deploy(ends=UPDATED, jobs="A", holds="A"),
            deploy(Import("A"), ends=UPDATED, jobs="A", holds="A"),
        ),
    ),
    Sequence(
        "a deployment that does not wait imports all the same",
        (
            deploy(Import("A", wait=False), ends=CREATED, jobs="A", holds="A"),
            deploy(Import("B", wait=False), breaks=True, ends=UNDONE, jobs="A B A", holds="A"),
            deploy(Import("B"), ends=UPDATED, jobs="A B A B", holds="B"),
            # Here a job fails within two seconds, before the handler looks for the first time.
            deploy(Import("X", wait=False), ends=UNDONE, jobs="A B A B X", holds="B", says="at least 1000"),
        ),
    ),
)

FAILURES = (
    Sequence(
        "new data whose import fails leaves the old data",
        (
            deploy(Import("A"), ends=CREATED, jobs="A", holds="A"),
            deploy(Import("X"), ends=UNDONE, jobs="A X", holds="A", says="at least 1000"),
            deploy(Import("B"), ends=UPDATED, jobs="A X B", holds="B"),
        ),
    ),
    Sequence(
        "a failure elsewhere brings the old data back",
        (
            deploy(Import("A"), ends=CREATED, jobs="A", holds="A"),
            deploy(Import("B"), breaks=True, ends=UNDONE, jobs="A B A", holds="A"),
        ),
        in_ci=True,
    ),
    Sequence(
        "a failure elsewhere, twice, and then none",
        (
            deploy(Import("A"), ends=CREATED, jobs="A", holds="A"),
            deploy(Import("B"), breaks=True, ends=UNDONE, jobs="A B A", holds="A"),
            deploy(Import("B"), breaks=True, ends=UNDONE, jobs="A B A B A", holds="A"),
            deploy(Import("B"), ends=UPDATED, jobs="A B A B A B", holds="B"),
        ),
    ),
    Sequence(
        "a failure elsewhere after a change of tags imports nothing",
        (
            deploy(Import("A"), ends=CREATED, jobs="A", holds="A"),
            deploy(Import("A", tag="other"), breaks=True, ends=UNDONE, jobs="A", holds="A"),
        ),
    ),
    Sequence(
        "a failure elsewhere after a new revision imports the same file once more",
        (
            deploy(Import("A", revision="1"), ends=CREATED, jobs="A", holds="A"),
            deploy(Import("A", revision="2"), breaks=True, ends=UNDONE, jobs="A A A", holds="A"),
        ),
    ),
    Sequence(
        "a file that was overwritten in place does not come back",
        (
            Overwrite("place-1", "A"),
            deploy(Import("A", at="place-1", revision="1"), ends=CREATED, jobs="place-1", holds="A"),
            Overwrite("place-1", "B"),
            deploy(
                Import("B", at="place-1", revision="2"),
                breaks=True,
                ends=UNDONE,
                jobs="place-1 place-1 place-1",
                holds="B",
                limit="a file that was overwritten in place",
            ),
        ),
    ),
    Sequence(
        "a stack that was not created is created by the next deployment",
        (
            deploy(Import("A"), breaks=True, ends=CREATE_UNDONE, jobs="A", holds=""),
            deploy(Import("A"), ends=CREATED, jobs="A A", holds="A"),
        ),
    ),
    Sequence(
        "a first import that fails is corrected by the next deployment",
        (
            deploy(Import("X"), ends=CREATE_UNDONE, jobs="X", holds="", says="at least 1000"),
            deploy(Import("A"), ends=CREATED, jobs="X A", holds="A"),
        ),
    ),
)

WITHOUT_ROLLBACK = (
    Sequence(
        "new data is kept where a failure elsewhere is corrected without a rollback",
        (
            deploy(Import("A"), ends=CREATED, jobs="A", holds="A"),
            deploy(Import("B"), breaks=True, options=NO_ROLLBACK, ends=STOPPED, jobs="A B", holds="B"),
            deploy(Import("B"), options=NO_ROLLBACK, ends=UPDATED, jobs="A B", holds="B"),
        ),
    ),
    Sequence(
        "a later rollback brings the old data back",
        (
            deploy(Import("A"), ends=CREATED, jobs="A", holds="A"),
            deploy(Import("B"), breaks=True, options=NO_ROLLBACK, ends=STOPPED, jobs="A B", holds="B"),
            Rollback(Expected(UNDONE, "A B A", "A")),
        ),
        in_ci=True,
    ),
    Sequence(
        "the old template, deployed without a rollback, brings the old data back",
        (
            deploy(Import("A"), ends=CREATED, jobs="A", holds="A"),
            deploy(Import("B"), breaks=True, options=NO_ROLLBACK, ends=STOPPED, jobs="A B", holds="B"),
            deploy(Import("A"), options=NO_ROLLBACK, ends=UPDATED, jobs="A B A", holds="A"),
        ),
        lacks=NO_UPDATE_BACK,
    ),
    Sequence(
        "the old template, deployed after a failed import without a rollback, imports nothing",
        (
            deploy(Import("A"), ends=CREATED, jobs="A", holds="A"),
            deploy(
                Import("X"), options=NO_ROLLBACK, ends=STOPPED, jobs="A X", holds="A", says="at least 1000"
            ),
            deploy(Import("A"), options=NO_ROLLBACK, ends=UPDATED, jobs="A X", holds="A"),
        ),
        lacks=NO_UPDATE_BACK,
    ),
    Sequence(
        "a stack that was left as it failed to be created goes on with its data",
        (
            deploy(Import("A"), breaks=True, options=NO_ROLLBACK, ends=CREATE_STOPPED, jobs="A", holds="A"),
            deploy(Import("A"), options=NO_ROLLBACK, ends=UPDATED, jobs="A", holds="A"),
        ),
    ),
)

INTERRUPTED = (
    Sequence(
        "a cancelled update brings the old data back",
        (
            deploy(Import("A"), ends=CREATED, jobs="A", holds="A"),
            deploy(Import("B"), cancelled=True, ends=UNDONE, jobs="A B A", holds="A"),
        ),
    ),
    Sequence(
        "a stack is deleted while its first import runs",
        (deploy(Import("A"), destroyed=True, ends="GONE", jobs="A", holds=""),),
    ),
)

SEQUENCES = (*CHANGES, *FAILURES, *WITHOUT_ROLLBACK, *INTERRUPTED)
