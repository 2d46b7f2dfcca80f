# SPDX-License-Identifier: Apache-2.0
"""Sequences of an import of hours, which has a wait condition."""

from tests.deploy.sequences.model import (
    CREATED,
    STOPPED,
    UNDONE,
    UPDATED,
    Import,
    Sequence,
    deploy,
    destroy,
)
from tests.deploy.sequences.one_import import NO_ROLLBACK

SEQUENCES = (
    Sequence(
        "an import of hours: tags and timeout import nothing",
        (
            deploy(Import("A", minutes=120), ends=CREATED, jobs="A", holds="A"),
            deploy(Import("A", minutes=120, tag="other"), ends=UPDATED, jobs="A", holds="A"),
            deploy(Import("A", minutes=60), ends=UPDATED, jobs="A", holds="A"),
            deploy(Import("A", minutes=180), ends=UPDATED, jobs="A", holds="A"),
            destroy(jobs="A", holds=""),
        ),
    ),
    Sequence(
        "an import of hours: a failure elsewhere brings the old data back",
        (
            deploy(Import("A", minutes=120), ends=CREATED, jobs="A", holds="A"),
            deploy(Import("B", minutes=120), breaks=True, ends=UNDONE, jobs="A B A", holds="A"),
        ),
    ),
    Sequence(
        "an import of hours that fails leaves the old data",
        (
            deploy(Import("A", minutes=120), ends=CREATED, jobs="A", holds="A"),
            deploy(Import("X", minutes=120), ends=UNDONE, jobs="A X", holds="A", says="at least 1000"),
        ),
    ),
    Sequence(
        "an import of hours that fails without a rollback is corrected",
        (
            deploy(Import("A", minutes=120), ends=CREATED, jobs="A", holds="A"),
            deploy(
                Import("X", minutes=120),
                options=NO_ROLLBACK,
                ends=STOPPED,
                jobs="A X",
                holds="A",
                says="at least 1000",
            ),
            deploy(Import("B", minutes=120), options=NO_ROLLBACK, ends=UPDATED, jobs="A X B", holds="B"),
        ),
    ),
    Sequence(
        "an import of hours gets another id and new data, and a rollback brings the old data back",
        (
            deploy(Import("A", minutes=120), ends=CREATED, jobs="A", holds="A"),
            deploy(
                Import("B", id="Renamed", minutes=120),
                breaks=True,
                ends=UNDONE,
                jobs="A B A",
                holds="A",
                says="imported again",
            ),
        ),
    ),
    Sequence(
        "an import of hours becomes one of minutes with new data, and a rollback brings the old data back",
        (
            deploy(Import("A", minutes=120), ends=CREATED, jobs="A", holds="A"),
            deploy(Import("B", minutes=60), breaks=True, ends=UNDONE, jobs="A B A", holds="A"),
        ),
    ),
    Sequence(
        "an import of hours whose update is cancelled gets the old data back",
        (
            deploy(Import("A", minutes=120), ends=CREATED, jobs="A", holds="A"),
            deploy(Import("B", minutes=120), cancelled=True, ends=UNDONE, jobs="A B A", holds="A"),
        ),
    ),
)
