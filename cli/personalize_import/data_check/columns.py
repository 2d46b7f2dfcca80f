# SPDX-License-Identifier: Apache-2.0
"""What the header of a file says of its columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from personalize_import.data_check.values import ValueCheck
from personalize_import.data_rules.dataset_type import Dataset, DatasetType
from personalize_import.data_rules.schema import Field, Schema
from personalize_import.data_rules.total_rules import IDS


@dataclass(frozen=True)
class Columns:
    """The columns of files with the same header.

    Attributes:
        names: Their names, as the header has them.
        fields: The fields of the schema, by the name of the column in a table, which is its position.
        values: Checks their values.
        ids: The column whose different values are counted; None if there is none.
        user: The column of users; None if there is none.
        event: The columns that make an event; none if the dataset is not about events.
        event_type: The column of event types; None if there is none.
        counts_events: Whether the events of each type are counted, which takes time.
        texts: The positions of the textual columns.
        categories: The categorical columns whose categories are counted.
        timestamps: The columns of timestamps, which are read as numbers if possible.
        idle: The columns of text whose values need not be looked at, if they break no rule.
    """

    names: tuple[str, ...]
    fields: dict[str, Field]
    values: ValueCheck
    ids: str | None
    user: str | None
    event: tuple[str, ...]
    event_type: str | None
    counts_events: bool
    texts: tuple[int, ...]
    categories: tuple[str, ...]
    timestamps: tuple[str, ...]
    idle: tuple[str, ...]

    @classmethod
    def of(
        cls, names: Sequence[str], schema: Schema, dataset: Dataset, examples: int, *, advice: bool
    ) -> Columns:
        """The columns of a header.

        Args:
            names: The names in the header.
            schema: The schema.
            dataset: The dataset that the data is for.
            examples: How many places of each broken rule are kept.
            advice: Whether to count what only advice needs.
        """
        fields = _fields(names, schema)
        by_key = {field.key: column for column, field in fields.items()}
        is_events = dataset.kind in {DatasetType.INTERACTIONS, DatasetType.ACTION_INTERACTIONS}
        categories = tuple(column for column, field in fields.items() if field.categorical and advice)
        counted = {by_key.get(IDS.get(dataset.kind, "")), by_key.get("USER_ID")}
        return cls(
            tuple(names),
            fields,
            ValueCheck(fields, dataset, examples),
            by_key.get(IDS.get(dataset.kind, "")),
            by_key.get("USER_ID"),
            tuple(fields) if is_events and "USER_ID" in by_key else (),
            by_key.get("EVENT_TYPE") if is_events else None,
            advice and dataset.domain is not None,
            tuple(int(column) for column, field in fields.items() if field.textual),
            categories,
            tuple(
                column
                for column, field in fields.items()
                if field.key in dataset.timestamps and field.is_whole and column not in categories
            ),
            tuple(
                column
                for column, field in fields.items()
                if field.is_text and not field.textual and not is_events and column not in counted
            ),
        )

    @property
    def width(self) -> int:
        """How many there are."""
        return len(self.names)

    @property
    def hashed(self) -> set[str]:
        """Those whose values are counted by their hashes."""
        return {column for column in (self.ids, self.user, self.event_type, *self.event) if column}


def _fields(names: Sequence[str], schema: Schema) -> dict[str, Field]:
    """The field of each column that has one; of two columns with one name, the first."""
    by_key = {field.key: field for field in schema.fields}
    found: dict[Field, str] = {}
    for position, name in enumerate(names):
        if name.upper() in by_key:
            found.setdefault(by_key[name.upper()], str(position))
    return {column: field for field, column in found.items()}
