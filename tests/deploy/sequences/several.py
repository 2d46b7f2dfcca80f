# SPDX-License-Identifier: Apache-2.0
"""Sequences of several imports into one dataset, and of one import that changes its mode."""

from tests.deploy.sequences.model import (
    CREATED,
    GONE,
    UNDONE,
    UPDATED,
    Add,
    Destroy,
    Expected,
    Import,
    Overwrite,
    Sequence,
    deploy,
)

MORE = Import("I", id="More", mode="INCREMENTAL", after="Import")
SHARED = Import("A", dataset="one", prefix="shared")
SHARED_MORE = Import("I", dataset="one", prefix="shared", mode="INCREMENTAL")

MODES = (
    Sequence(
        "a switch from full data to an increment, undone by a failure elsewhere",
        (
            deploy(Import("A"), ends=CREATED, jobs="A", holds="A"),
            deploy(Import("I", mode="INCREMENTAL"), breaks=True, ends=UNDONE, jobs="A I A", holds="A"),
        ),
    ),
    Sequence(
        "a switch from an increment to full data is refused where the full data of before lies elsewhere",
        (
            deploy(Import("A"), ends=CREATED, jobs="A", holds="A"),
            deploy(Import("I", mode="INCREMENTAL"), ends=UPDATED, jobs="A I", holds="A I"),
            deploy(Import("B"), ends=UNDONE, jobs="A I", holds="A I", says="Use two imports"),
        ),
        in_ci=True,
    ),
    Sequence(
        "a switch from an increment to full data, undone by a failure elsewhere, restores one location",
        (
            Overwrite("place-2", "A"),
            deploy(Import("A", at="place-2"), ends=CREATED, jobs="place-2", holds="A"),
            deploy(
                Import("A", at="place-2", mode="INCREMENTAL"),
                ends=UPDATED,
                jobs="place-2 place-2",
                holds="A A",
            ),
            deploy(
                Import("B"),
                breaks=True,
                ends=UNDONE,
                jobs="place-2 place-2 B place-2 place-2",
                holds="A A",
            ),
        ),
    ),
    Sequence(
        "a switch from an increment to full data is refused where others have added data",
        (
            deploy(Import("A"), ends=CREATED, jobs="A", holds="A"),
            Add("J"),
            deploy(Import("I", mode="INCREMENTAL"), ends=UPDATED, jobs="A J I", holds="A J I"),
            deploy(Import("B"), ends=UNDONE, jobs="A J I", holds="A J I", says="Use two imports"),
        ),
    ),
)

IN_ONE_STACK = (
    Sequence(
        "new full data takes its increment along, and a rollback brings both back",
        (
            deploy(Import("A"), MORE, ends=CREATED, jobs="A I", holds="A I"),
            deploy(Import("B"), MORE, ends=UPDATED, jobs="A I B I", holds="B I"),
            deploy(Import("C"), MORE, breaks=True, ends=UNDONE, jobs="A I B I C I B I", holds="B I"),
        ),
        in_ci=True,
    ),
    Sequence(
        "a new increment is added, and stays in the dataset after a rollback",
        (
            deploy(Import("A"), MORE, ends=CREATED, jobs="A I", holds="A I"),
            deploy(
                Import("A"),
                Import("J", id="More", mode="INCREMENTAL", after="Import"),
                breaks=True,
                ends=UNDONE,
                jobs="A I J",
                holds="A I J",
            ),
        ),
    ),
    Sequence(
        "an increment gets another id, and is not added again",
        (
            deploy(Import("A"), MORE, ends=CREATED, jobs="A I", holds="A I"),
            deploy(
                Import("A"),
                Import("I", id="Other", mode="INCREMENTAL", after="Import"),
                ends=UPDATED,
                jobs="A I",
                holds="A I",
            ),
        ),
    ),
    Sequence(
        "both get another id and new data, and a rollback brings both back",
        (
            deploy(Import("A"), MORE, ends=CREATED, jobs="A I", holds="A I"),
            deploy(
                Import("B", id="Other"),
                Import("J", id="OtherMore", mode="INCREMENTAL", after="Other"),
                breaks=True,
                ends=UNDONE,
                jobs="A I B J A I",
                holds="A I",
                says="imported again",
            ),
        ),
    ),
)

IN_TWO_STACKS = (
    Sequence(
        "two stacks with one prefix and one dataset leave each other's data alone",
        (
            deploy(SHARED, ends=CREATED, jobs="A", holds={"one": "A"}),
            deploy(SHARED_MORE, stack="Two", ends=CREATED, jobs="A I", holds={"one": "A I"}),
            deploy(
                Import("A", dataset="one", prefix="shared", minutes=30),
                ends=UPDATED,
                jobs="A I",
                holds={"one": "A I"},
            ),
            Destroy(Expected(GONE, "A I", {"one": "A I"}), stack="Two"),
        ),
        in_ci=True,
    ),
    Sequence(
        "an import moves to another stack, and imports nothing",
        (
            deploy(SHARED, ends=CREATED, jobs="A", holds={"one": "A"}),
            deploy(SHARED, stack="Two", ends=CREATED, jobs="A", holds={"one": "A"}),
            Destroy(Expected(GONE, "A", {"one": "A"})),
            deploy(
                Import("B", dataset="one"),
                stack="Two",
                breaks=True,
                ends=UNDONE,
                jobs="A B A",
                holds={"one": "A"},
            ),
        ),
    ),
    Sequence(
        "new full data of one stack replaces what another has added",
        (
            deploy(SHARED, ends=CREATED, jobs="A", holds={"one": "A"}),
            deploy(SHARED_MORE, stack="Two", ends=CREATED, jobs="A I", holds={"one": "A I"}),
            deploy(
                Import("B", dataset="one", prefix="shared"),
                breaks=True,
                ends=UNDONE,
                jobs="A I B A",
                holds={"one": "A"},
                limit="what others have added",
            ),
        ),
    ),
    Sequence(
        "the log says where full data of another stack cannot be restored",
        (
            deploy(SHARED, ends=CREATED, jobs="A", holds={"one": "A"}),
            deploy(SHARED, stack="Two", ends=CREATED, jobs="A", holds={"one": "A"}),
            deploy(
                Import("B", id="Renamed", dataset="one"),
                stack="Two",
                breaks=True,
                ends=UNDONE,
                jobs="A B",
                holds={"one": "B"},
                says="could not be imported again",
            ),
        ),
    ),
)

SEQUENCES = (*MODES, *IN_ONE_STACK, *IN_TWO_STACKS)
