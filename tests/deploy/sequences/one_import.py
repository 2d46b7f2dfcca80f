# SPDX-License-Identifier: Apache-2.0
"""Sequences of one import that stays where it is."""

from tests.deploy.sequences.model import (
    CREATE_UNDONE,
    CREATED,
    UNDONE,
    UPDATED,
    Import,
    Sequence,
    deploy,
    destroy,
)

SEQUENCES = (
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
        "a stack that was not created is created by the next deployment",
        (
            deploy(Import("A"), breaks=True, ends=CREATE_UNDONE, jobs="A", holds=""),
            deploy(Import("A"), ends=CREATED, jobs="A A", holds="A"),
        ),
    ),
)
