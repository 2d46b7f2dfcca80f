# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from personalize_import.data_rules.dataset_type import Dataset
from personalize_import.data_rules.finding import Finding
from personalize_import.data_rules.schema import Schema
from personalize_import.data_rules.schema_rules import SCHEMA_FORM, check_schema

SchemaSource = str | os.PathLike[str] | Mapping[str, Any]
"""The file of a schema, its JSON text, or what that holds."""


_BYTE_ORDER_MARK = "\ufeff"


def _is_text(source: SchemaSource) -> bool:
    return isinstance(source, str) and source.removeprefix(_BYTE_ORDER_MARK).lstrip().startswith("{")


def _text_of(source: str | os.PathLike[str]) -> str | bytes:
    """The JSON; of bytes, the module that reads them drops the mark itself."""
    return str(source).removeprefix(_BYTE_ORDER_MARK) if _is_text(source) else Path(source).read_bytes()


def schema_place(source: SchemaSource) -> str:
    """What the schema is called in findings."""
    return "the schema" if isinstance(source, Mapping) or _is_text(source) else os.fspath(source)


def read_schema(source: SchemaSource) -> tuple[Schema | None, list[Finding]]:
    """Read a schema.

    Raises:
        OSError: The file cannot be read.
    """
    place = schema_place(source)
    try:
        document: object = source if isinstance(source, Mapping) else json.loads(_text_of(source))
    except json.JSONDecodeError as problem:
        value = f"JSON error: {problem.msg} (column {problem.colno})"
        return None, [Finding(SCHEMA_FORM, place, problem.lineno, value=value)]
    except RecursionError:
        return None, [Finding(SCHEMA_FORM, place, value="JSON error: it is nested too deep")]
    except ValueError as problem:  # not UTF-8, or a number of thousands of digits
        return None, [Finding(SCHEMA_FORM, place, value=f"JSON error: {problem}")]
    schema, problems = Schema.read(document)
    return schema, [Finding(SCHEMA_FORM, place, value=problem) for problem in problems]


def judge_schema(schema: Schema, dataset: Dataset, source: SchemaSource) -> Iterator[Finding]:
    """Everything that is wrong with a schema that could be read."""
    return check_schema(schema, dataset, schema_place(source))
