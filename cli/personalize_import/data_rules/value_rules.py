# SPDX-License-Identifier: Apache-2.0
"""What a value must be like in its column: each rule with the condition that breaks it."""

from __future__ import annotations

from collections.abc import Iterator

from personalize_import.data_rules.condition import All, Condition, Empty, Not
from personalize_import.data_rules.dataset_type import Dataset
from personalize_import.data_rules.number_rules import number_rules
from personalize_import.data_rules.rule import SCHEMAS, Rule
from personalize_import.data_rules.schema import Field
from personalize_import.data_rules.text_rules import text_rules

VALUE_MISSING = Rule(
    "value-missing",
    "A required or reserved field must have a value in each record, unless its type includes null.",
    'Fill in the value, remove the record, or make the type ["null", ...] where the guide allows it.',
    SCHEMAS + "#personalize-datatypes",
    found="{field} is empty",
)
METADATA_MISSING = Rule(
    "metadata-missing",
    "A field must have a value in each record, unless its type includes null. This is a field of your own.",
    'Make the type ["null", ...], or fill in the value.',
    SCHEMAS + "#personalize-datatypes",
    found="{field} is empty",
    certain=False,
)


def value_rules(field: Field, dataset: Dataset) -> Iterator[tuple[Rule, Condition]]:
    """The rules on the values of a field, each with the condition that breaks it.

    Their order matters: of a value that breaks several, only the first is reported. An empty value breaks
    none but those for missing values.
    """
    if not field.nullable:
        yield (VALUE_MISSING if field.key in dataset.known or field.is_id else METADATA_MISSING), Empty()
    for rule, condition in (text_rules if field.is_text else number_rules)(field, dataset):
        yield rule, All((Not(Empty()), condition))
