# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from personalize_import.data_rules.dataset_type import DatasetType, Domain
from personalize_import.data_rules.finding import Finding
from personalize_import.data_rules.schema import Schema
from personalize_import.data_rules.schema_rules import SCHEMA_FORM, check_schema

SchemaSource = Path | str | Mapping[str, Any]


def schema_place(source: SchemaSource) -> str:
    """What the schema is called in findings."""
    return "the schema" if isinstance(source, Mapping) else str(source)


def read_schema(source: SchemaSource) -> tuple[Schema | None, list[Finding]]:
    """Read a schema from a file, or from what has been parsed already.

    Raises:
        OSError: The file cannot be read.
    """
    place = schema_place(source)
    try:
        document = source if isinstance(source, Mapping) else json.loads(Path(source).read_bytes())
    except ValueError as problem:
        return None, [Finding(SCHEMA_FORM, place, value=str(problem))]
    schema, problems = Schema.read(document)
    return schema, [Finding(SCHEMA_FORM, place, value=problem) for problem in problems]


def judge_schema(
    schema: Schema, kind: DatasetType, domain: Domain | None, source: SchemaSource
) -> Iterator[Finding]:
    """Everything that is wrong with a schema that could be read."""
    return check_schema(schema, kind, domain, schema_place(source))
