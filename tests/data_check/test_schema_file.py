# SPDX-License-Identifier: Apache-2.0
"""The schema is read before any data; what is wrong with it is a finding."""

import json
from pathlib import Path

import pytest

from personalize_import.data_check import UnknownTypeError, check
from personalize_import.data_rules.schema_rules import SCHEMA_FORM
from tests.data_check.data import SCHEMA, interactions, places, write


@pytest.mark.parametrize("form", ["file", "text"])
def test_a_schema_may_begin_with_a_byte_order_mark(tmp_path: Path, form: str) -> None:
    """Some editors write one; it is no part of the JSON, nor makes a path of it."""
    text = "\ufeff" + json.dumps(SCHEMA)
    file = tmp_path / "schema.json"
    file.write_text(text, encoding="utf-8")
    folder = tmp_path / "data"
    folder.mkdir()

    report = check(write(folder, *interactions()), file if form == "file" else text)

    assert places(report) == []


def test_a_schema_that_is_no_json_is_a_finding(tmp_path: Path) -> None:
    """Data is not looked at without a schema."""
    schema = tmp_path / "schema.json"
    schema.write_text('{\n"name": "Items",\ntype: "record"}')

    report = check(write(tmp_path), schema)

    assert places(report) == [("schema-form", 3)]
    assert report.findings.examples(SCHEMA_FORM)[0].found == (
        "JSON error: Expecting property name enclosed in double quotes (column 1)"
    )


def test_a_schema_that_is_not_in_utf_8_is_a_finding(tmp_path: Path) -> None:
    """It is no JSON either."""
    schema = tmp_path / "schema.json"
    schema.write_bytes(b'{"name": "\xfc"}')

    report = check(write(tmp_path), schema)

    assert places(report) == [("schema-form", 0)]
    assert report.findings.examples(SCHEMA_FORM)[0].found.startswith("JSON error: 'utf-8' codec")


def test_a_type_that_nothing_tells_is_asked_for(tmp_path: Path) -> None:
    """A name that says nothing is no reason to guess."""
    schema = tmp_path / "schema.json"
    schema.write_text(json.dumps(SCHEMA | {"name": "Mine"}))

    with pytest.raises(UnknownTypeError, match=r"must be one of Interactions, .*, got 'Mine'\.$"):
        check(write(tmp_path), schema)
