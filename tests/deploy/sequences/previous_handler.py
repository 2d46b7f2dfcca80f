# SPDX-License-Identifier: Apache-2.0
"""Sequences of a stack that was deployed with the previous handler, which kept its state in schedules."""

from tests.deploy.sequences.model import CREATED, UNDONE, UPDATED, Import, OldTick, Sequence, deploy

SEQUENCES = (
    Sequence(
        "a stack of the previous handler is updated without an import",
        (
            deploy(Import("A"), previous=True, ends=CREATED, jobs="A", holds="A"),
            deploy(Import("A"), ends=UPDATED, jobs="A", holds="A"),
            OldTick(),
            deploy(Import("A", tag="other"), ends=UPDATED, jobs="A", holds="A"),
            deploy(Import("B"), breaks=True, ends=UNDONE, jobs="A B A", holds="A"),
        ),
        in_ci=True,
    ),
    Sequence(
        "a stack of the previous handler is updated with new data",
        (
            deploy(Import("A"), previous=True, ends=CREATED, jobs="A", holds="A"),
            deploy(Import("B"), ends=UPDATED, jobs="A B", holds="B"),
        ),
    ),
    Sequence(
        "an update from the previous handler with new data is rolled back to that handler",
        (
            deploy(Import("A"), previous=True, ends=CREATED, jobs="A", holds="A"),
            deploy(Import("B"), breaks=True, ends=UNDONE, jobs="A B A", holds="A"),
            deploy(Import("B"), ends=UPDATED, jobs="A B A B", holds="B"),
        ),
        lacks="an invocation that has answered is ended when its function is updated",
    ),
    Sequence(
        "an import of hours of the previous handler is updated without an import",
        (
            deploy(Import("A", minutes=120), previous=True, ends=CREATED, jobs="A", holds="A"),
            deploy(Import("A", minutes=120), ends=UPDATED, jobs="A", holds="A"),
            deploy(Import("B", minutes=120), breaks=True, ends=UNDONE, jobs="A B A", holds="A"),
        ),
    ),
    Sequence(
        "an import of the previous handler gets another id with the update",
        (
            deploy(Import("A"), previous=True, ends=CREATED, jobs="A", holds="A"),
            deploy(Import("A", id="Renamed"), ends=UPDATED, jobs="A", holds="A"),
        ),
    ),
)
