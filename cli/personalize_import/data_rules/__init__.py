# SPDX-License-Identifier: Apache-2.0
"""The rules of Amazon Personalize for the data of an import: each once, as plain functions of plain data."""

from personalize_import.data_rules import (
    advice_rules,
    file_rules,
    header_rules,
    line_rules,
    number_rules,
    schema_rules,
    text_rules,
    total_rules,
    value_rules,
)
from personalize_import.data_rules.dataset_type import DatasetType, Domain
from personalize_import.data_rules.finding import Finding, Findings
from personalize_import.data_rules.rule import Rule, Severity, rules_of
from personalize_import.data_rules.schema import Field, Schema

RULES: tuple[Rule, ...] = tuple(
    rule
    for module in (
        schema_rules,
        file_rules,
        header_rules,
        line_rules,
        value_rules,
        number_rules,
        text_rules,
        total_rules,
        advice_rules,
    )
    for rule in rules_of(module)
)
"""Every rule, in the order in which the data is looked at."""

__all__ = [
    "RULES",
    "Rule",
    "Severity",
    "Finding",
    "Findings",
    "Schema",
    "Field",
    "DatasetType",
    "Domain",
]
