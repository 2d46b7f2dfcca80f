# SPDX-License-Identifier: Apache-2.0
"""Three engines find the same: polars, the check line by line, and SQL on duckdb instead of Amazon Athena."""

import io
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from personalize_import.athena import AthenaCheck
from personalize_import.athena.check import NOT_CHECKED
from personalize_import.data_check import CannotCheckError, Report, check
from personalize_import.data_check.blocks import Block, Part
from personalize_import.data_check.slow_lines import SlowLines
from personalize_import.data_check.sources import Source
from personalize_import.data_rules import DatasetType, Domain, Finding, Findings, Schema
from personalize_import.data_rules.condition import holds
from personalize_import.data_rules.dataset_type import Dataset
from personalize_import.data_rules.line_rules import TEXT_UNQUOTED, UNQUOTED
from personalize_import.data_rules.value_rules import value_rules
from tests.athena.duckdb_lines import DuckdbLines

FOLDER = "s3://data/in/"
SCHEMA: dict[str, Any] = {
    "type": "record",
    "name": "Interactions",
    "fields": [
        {"name": "USER_ID", "type": "string"},
        {"name": "ITEM_ID", "type": "string"},
        {"name": "TIMESTAMP", "type": "long"},
        {"name": "EVENT_TYPE", "type": "string"},
        {"name": "NOTE", "type": ["null", "string"], "textual": True},
        {"name": "PRICE", "type": ["null", "float"]},
    ],
}
ITEMS: dict[str, Any] = {
    "type": "record",
    "name": "Items",
    "fields": [
        {"name": "ITEM_ID", "type": "string"},
        {"name": "GENRE", "type": ["null", "string"], "categorical": True},
        {"name": "DESCRIPTION", "type": ["null", "string"], "textual": True},
        {"name": "YEAR", "type": "int"},
    ],
}


@dataclass(frozen=True)
class Files:
    """Objects in the folder."""

    content: Mapping[str, bytes]
    name: str = FOLDER

    def sources(self) -> Sequence[Source]:
        """Each object."""
        return [
            Source(name, lambda data=data: io.BytesIO(data), len(data))  # type: ignore[misc]
            for name, data in self.content.items()
        ]

    def findings(self) -> Iterator[Finding]:
        """None."""
        return iter(())


def files(header: str, *contents: str) -> Files:
    """Objects with the same header."""
    return Files({f"{FOLDER}{n}.csv": f"{header}\n{content}".encode() for n, content in enumerate(contents)})


def by_athena(given_files: Files, schema: dict[str, Any], **options: Any) -> Report:
    """What the queries find."""

    def engine(read: Schema, dataset: Dataset, findings: Findings, advice: bool) -> AthenaCheck:
        return AthenaCheck(read, dataset, findings, advice, DuckdbLines(given_files.content), FOLDER)

    return check(given_files, schema, engine=engine, **options)


def counts(report: Report) -> dict[str, int]:
    """How often each rule is broken."""
    return {rule.id: report.findings.count(rule) for rule in report.findings.rules}


def line_by_line(lines: list[str], schema: dict[str, Any], kind: DatasetType) -> dict[str, int]:
    """How often each rule on lines and values is broken, by the meaning of the conditions."""
    fields = Schema.read(schema)[0].fields  # type: ignore[union-attr]
    data = "".join(line + "\n" for line in lines).encode()
    slow = SlowLines(lines, Block(data, len(lines), (Part("data.csv", 2, 0, len(lines)),)), len(fields))
    slow.read(range(len(lines)))
    texts = [position for position, field in enumerate(fields) if field.textual]
    found = Counter({each.rule.id: each.count for each in slow.broken(1)})
    found[TEXT_UNQUOTED.id] = sum(
        holds(UNQUOTED, written[column]) for written in slow.written for column in texts
    )
    for row in slow.values:
        for field, value in zip(fields, row, strict=True):
            broken = (rule for rule, breaks in value_rules(field, Dataset(kind)) if holds(breaks, value))
            found.update(rule.id for rule in [next(broken, None)] if rule)
    return {rule: count for rule, count in found.items() if count}


def quoted(text: str) -> str:
    """A text as the guide asks for it."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


TEXTS = st.sampled_from(
    [
        "",
        "a",
        "ü, b",
        'say "hi"',
        "C:\\temp",
        "null",
        "USER_ID",
        " u",
        "a|b",
        "x" * 300,
        "x" * 1001,
        "x\u200b",
    ]
)
WRITTEN = st.one_of(
    st.sampled_from(["a", "", "u1", "ü", "NULL", "ITEM_ID", "a|b", " a", '"a ""b"""', '"C:\\temp"', '""']),
    TEXTS.map(quoted),
)
NUMBERS = st.sampled_from(
    [
        "1600000000",
        "1600000000",
        "1600000001",
        "1600000000000",
        "20200131",
        "-5",
        "x",
        "",
        '"1600000000"',
        "1e3",
    ]
)
ODD_LINES = st.sampled_from(["", 'a"b,c', "a,b", ",,,,,,,", '"a" ,b', "TIMESTAMP"])


def lines_of(*values: st.SearchStrategy[str]) -> st.SearchStrategy[list[str]]:
    """Lines of these values, some odd lines among them, and sometimes an open record as the last one.

    Athena does not know which lines follow an open one.
    """
    good = st.tuples(*values).map(",".join)
    lines = st.lists(st.one_of(good, good, good, ODD_LINES), min_size=1, max_size=12)
    end = st.sampled_from([[], [], ['"'], ["a,b\\"]])
    return st.builds(lambda found, last: [*found, *last], lines, end)


@settings(deadline=None, max_examples=25)
@given(lines_of(WRITTEN, WRITTEN, NUMBERS, WRITTEN, WRITTEN, st.sampled_from(["", "1.5", "x", "1e39"])))
def test_three_engines_find_the_same_in_interactions(lines: list[str]) -> None:
    """Each rule as often, the same totals, and the same number of records."""
    given_files = files("USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE,NOTE,PRICE", "\n".join([*lines, ""]))

    polars, athena = check(given_files, SCHEMA), by_athena(given_files, SCHEMA)

    assert counts(polars) == counts(athena)
    assert polars.records == athena.records
    slow = line_by_line(lines, SCHEMA, DatasetType.INTERACTIONS)
    assert slow == {rule: count for rule, count in counts(polars).items() if rule in slow}


@settings(deadline=None, max_examples=25)
@given(lines_of(WRITTEN, WRITTEN, WRITTEN, st.sampled_from(["1", "", "x", "2147483648"])))
def test_three_engines_find_the_same_in_items(lines: list[str]) -> None:
    """The same, with ids that must not be repeated."""
    given_files = files("ITEM_ID,GENRE,DESCRIPTION,YEAR", "\n".join([*lines, ""]))

    polars, athena = check(given_files, ITEMS), by_athena(given_files, ITEMS)

    assert counts(polars) == counts(athena)
    assert polars.records == athena.records
    slow = line_by_line(lines, ITEMS, DatasetType.ITEMS)
    assert slow == {rule: count for rule, count in counts(polars).items() if rule in slow}


def test_examples_name_the_object_and_the_value() -> None:
    """Not the line, which no query knows. Of many, the smallest ones are kept; all are counted."""
    bad = "".join(f"u1,i1,x{number}\n" for number in range(9))
    given_files = files("USER_ID,ITEM_ID,TIMESTAMP", "u1,i1,1600000000\n", bad)
    schema = SCHEMA | {"fields": SCHEMA["fields"][:3]}

    report = by_athena(given_files, schema, examples=2)

    [rule] = [rule for rule in report.findings.rules if rule.id == "value-type"]
    assert report.findings.count(rule) == 9
    assert [(each.place, each.field, each.value) for each in report.findings.examples(rule)] == [
        (f"{FOLDER}1.csv", "TIMESTAMP", "x0"),
        (f"{FOLDER}1.csv", "TIMESTAMP", "x1"),
    ]


def test_a_line_with_a_value_too_few_is_described_as_on_this_machine() -> None:
    """With the number of its values."""
    given_files = files("USER_ID,ITEM_ID,TIMESTAMP", "u1\n")
    schema = SCHEMA | {"fields": SCHEMA["fields"][:3]}

    found = [
        finding.value
        for report in (check(given_files, schema), by_athena(given_files, schema))
        for rule in report.findings.rules
        if rule.id == "line-length"
        for finding in report.findings.examples(rule)
    ]

    assert found == ["1 value instead of 3"] * 2


def test_the_values_of_a_file_with_another_header_are_not_checked() -> None:
    """The header is reported, and nothing as too few."""
    given_files = Files(
        {
            f"{FOLDER}a.csv": b"USER_ID,ITEM_ID,TIMESTAMP\nu1,i1,1600000000\n",
            f"{FOLDER}b.csv": b"ITEM_ID,USER_ID,TIMESTAMP\nu1,i1,x\n",
            f"{FOLDER}README.md": b"# Data\n",
        }
    )

    report = by_athena(given_files, SCHEMA | {"fields": SCHEMA["fields"][:3]})

    assert set(counts(report)) == {"header-different", "header-order", "file-stray"}
    assert report.records == 1


def test_a_file_that_athena_does_not_read_ends_the_check() -> None:
    """Personalize imports it, so that its lines must not be left out in silence."""
    given_files = Files({f"{FOLDER}_a.csv": b"USER_ID,ITEM_ID,TIMESTAMP\nu1,i1,1600000000\n"})

    with pytest.raises(CannotCheckError, match=r"_a\.csv: Amazon Athena does not read files whose names"):
        by_athena(given_files, SCHEMA | {"fields": SCHEMA["fields"][:3]})


def test_the_events_of_a_domain_are_counted_for_advice() -> None:
    """As on this machine."""
    lines = "".join(f"u{n % 50},i{n},{1_600_000_000 + n},View\n" for n in range(1200))
    given_files = files("USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE", lines)
    schema = SCHEMA | {"fields": SCHEMA["fields"][:4]}
    options: dict[str, Any] = {"domain": Domain.ECOMMERCE, "advice": True}

    found = counts(by_athena(given_files, schema, **options))

    assert found == counts(check(given_files, schema, **options)) == {"events-of-use-cases": 1}


def test_what_is_not_checked_is_documented() -> None:
    """The page on the command names each rule."""
    page = (Path(__file__).parents[2] / "docs" / "command-line.md").read_text(encoding="utf-8")

    for rule in NOT_CHECKED:
        assert f"| `{rule.id}` |" in page
