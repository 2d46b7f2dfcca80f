# SPDX-License-Identifier: Apache-2.0
"""Sequences of an import that gets another id, another stack or another dataset."""

from tests.deploy.sequences.model import (
    CREATED,
    GONE,
    UNDONE,
    UPDATED,
    Add,
    DeleteDataset,
    Destroy,
    Expected,
    Import,
    Sequence,
    deploy,
    destroy,
)

MOVE_FIRST = "Move in one deployment, and change the data in the next."

RENAMED = (
    Sequence(
        "a new id alone imports nothing",
        (
            deploy(Import("A"), ends=CREATED, jobs="A", holds="A"),
            deploy(Import("A", id="Renamed"), ends=UPDATED, jobs="A", holds="A"),
            deploy(Import("A", id="Renamed", tag="other"), ends=UPDATED, jobs="A", holds="A"),
        ),
    ),
    Sequence(
        "a new id and a failure elsewhere import nothing",
        (
            deploy(Import("A"), ends=CREATED, jobs="A", holds="A"),
            deploy(Import("A", id="Renamed"), breaks=True, ends=UNDONE, jobs="A", holds="A"),
        ),
    ),
    Sequence(
        "a new id with new data imports the new data",
        (
            deploy(Import("A"), ends=CREATED, jobs="A", holds="A"),
            deploy(Import("B", id="Renamed"), ends=UPDATED, jobs="A B", holds="B"),
            deploy(Import("A", id="Renamed"), breaks=True, ends=UNDONE, jobs="A B A B", holds="B"),
        ),
    ),
    Sequence(
        "a new id with new data and a failure elsewhere bring the old data back",
        (
            deploy(Import("A"), ends=CREATED, jobs="A", holds="A"),
            deploy(
                Import("B", id="Renamed"),
                breaks=True,
                ends=UNDONE,
                jobs="A B A",
                holds="A",
                says="imported again",
            ),
            deploy(Import("B"), ends=UPDATED, jobs="A B A B", holds="B"),
        ),
        in_ci=True,
    ),
    Sequence(
        "a new id with new data whose import fails leaves the old data",
        (
            deploy(Import("A"), ends=CREATED, jobs="A", holds="A"),
            deploy(Import("X", id="Renamed"), ends=UNDONE, jobs="A X", holds="A", says="at least 1000"),
        ),
    ),
    Sequence(
        "a new id keeps what others have added",
        (
            deploy(Import("A"), ends=CREATED, jobs="A", holds="A"),
            Add("I"),
            deploy(Import("A", id="Renamed"), ends=UPDATED, jobs="A I", holds="A I"),
            deploy(Import("A", id="Renamed", minutes=30), ends=UPDATED, jobs="A I", holds="A I"),
        ),
        in_ci=True,
    ),
    Sequence(
        "a new id with new data and a failure elsewhere say that additions of others are lost",
        (
            deploy(Import("A"), ends=CREATED, jobs="A", holds="A"),
            Add("I"),
            deploy(
                Import("B", id="Renamed"),
                breaks=True,
                ends=UNDONE,
                jobs="A I B A",
                holds="A",
                says="could not be imported again",
            ),
        ),
    ),
    Sequence(
        "a new id, then new data and a failure elsewhere, bring the old data back",
        (
            deploy(Import("A"), ends=CREATED, jobs="A", holds="A"),
            deploy(Import("A", id="Renamed"), ends=UPDATED, jobs="A", holds="A"),
            deploy(Import("B", id="Renamed"), breaks=True, ends=UNDONE, jobs="A B A", holds="A"),
        ),
    ),
)

NESTED = (
    Sequence(
        "a move into a nested stack and back imports nothing",
        (
            deploy(Import("A"), ends=CREATED, jobs="A", holds="A"),
            deploy(Import("A", nested="Inner"), ends=UPDATED, jobs="A", holds="A"),
            deploy(Import("A"), ends=UPDATED, jobs="A", holds="A"),
        ),
        in_ci=True,
    ),
    Sequence(
        "a move into a nested stack with new data and a failure elsewhere leaves the new data",
        (
            deploy(Import("A"), ends=CREATED, jobs="A", holds="A"),
            deploy(
                Import("B", nested="Inner"),
                breaks=True,
                ends=UNDONE,
                jobs="A B",
                holds="B",
                limit=MOVE_FIRST,
            ),
        ),
    ),
    Sequence(
        "a move out of a nested stack with new data and a failure elsewhere leaves the new data",
        (
            deploy(Import("A", nested="Inner"), ends=CREATED, jobs="A", holds="A"),
            deploy(Import("B"), breaks=True, ends=UNDONE, jobs="A B", holds="B", limit=MOVE_FIRST),
        ),
    ),
    Sequence(
        "a nested stack's new data goes with a failure in its parent",
        (
            deploy(Import("A", nested="Inner"), ends=CREATED, jobs="A", holds="A"),
            deploy(Import("B", nested="Inner"), breaks=True, ends=UNDONE, jobs="A B A", holds="A"),
            destroy(jobs="A B A", holds=""),
        ),
    ),
)

DATASETS = (
    Sequence(
        "another dataset is filled, and the first one keeps its data",
        (
            deploy(Import("A", dataset="one"), ends=CREATED, jobs="A", holds={"one": "A"}),
            deploy(Import("A", dataset="two"), ends=UPDATED, jobs="A A", holds={"one": "A", "two": "A"}),
        ),
    ),
    Sequence(
        "another dataset and a failure elsewhere leave the first one alone",
        (
            deploy(Import("A", dataset="one"), ends=CREATED, jobs="A", holds={"one": "A"}),
            deploy(
                Import("B", dataset="two"),
                breaks=True,
                ends=UNDONE,
                jobs="A B",
                holds={"one": "A", "two": "B"},
            ),
            deploy(Import("C", dataset="one"), ends=UPDATED, jobs="A B C", holds={"one": "C", "two": "B"}),
        ),
    ),
    Sequence(
        "a dataset that was deleted outside: the update says so, its rollback and the delete succeed",
        (
            deploy(Import("A", dataset="one"), ends=CREATED, jobs="A", holds={"one": "A"}),
            DeleteDataset("one"),
            deploy(
                Import("A", dataset="one", tag="other"),
                ends=UNDONE,
                jobs="A",
                holds={"one": ""},
                says="does not exist",
            ),
            Destroy(Expected(GONE, "A", {"one": ""})),
        ),
        in_ci=True,
    ),
    Sequence(
        "a dataset that was made anew is filled by the next update",
        (
            deploy(Import("A", dataset="one"), ends=CREATED, jobs="A", holds={"one": "A"}),
            DeleteDataset("one", again=True),
            deploy(Import("A", dataset="one", tag="other"), ends=UPDATED, jobs="A A", holds={"one": "A"}),
        ),
    ),
    Sequence(
        "a dataset that was made anew gets the old data by a rollback",
        (
            deploy(Import("A", dataset="one"), ends=CREATED, jobs="A", holds={"one": "A"}),
            DeleteDataset("one", again=True),
            deploy(Import("B", dataset="one"), breaks=True, ends=UNDONE, jobs="A B A", holds={"one": "A"}),
        ),
    ),
)

SEQUENCES = (*RENAMED, *NESTED, *DATASETS)
