# SPDX-License-Identifier: Apache-2.0
"""Real files with real faults: each is found, as what it is, and nothing else is accused."""

import json
from pathlib import Path

import pytest

from personalize_import.data_check import check
from personalize_import.data_rules.dataset_type import Domain
from personalize_import.data_rules.number_rules import VALUE_TYPE
from personalize_import.data_rules.text_rules import VALUE_KEYWORD
from personalize_import.data_rules.total_rules import EVENT_REPEATED, INTERACTIONS_UNIQUE, USERS_COUNT
from tests.data_check.data import (
    HEADER,
    ITEMS,
    ITEMS_HEADER,
    SCHEMA,
    found,
    interactions,
    rules,
    with_field,
    write,
)


def test_the_header_of_a_joined_file_is_no_record(tmp_path: Path) -> None:
    """The word TIMESTAMP is no long: a type is checked before the reserved names."""
    lines = interactions(1200)

    report = check(write(tmp_path, *lines[:599], HEADER, *lines[599:]), SCHEMA)

    assert [finding.line for finding in report.findings.examples(VALUE_TYPE)] == [601]
    assert report.errors == 1


def test_repeated_events_are_counted_once(tmp_path: Path) -> None:
    """25 events, 40 times each, are 1,000 records, but 25 unique events of users with one event each."""
    report = check(write(tmp_path, *interactions(25) * 40), SCHEMA)

    assert rules(report) == {"event-repeated", "interactions-unique", "users-count"}
    assert report.errors == 0
    assert [
        report.findings.examples(rule)[0].found for rule in (EVENT_REPEATED, INTERACTIONS_UNIQUE, USERS_COUNT)
    ] == [
        "Got 1,000 records, of which 25 are unique",
        "Got 25 unique interactions",
        "Got 0 such users",
    ]


@pytest.mark.parametrize("times", [1, 2])
def test_users_are_counted_by_unique_events_however_many_there_are(tmp_path: Path, times: int) -> None:
    """A doubled export of users with one event each has no user with two."""
    report = check(write(tmp_path, *interactions(150_000, users=150_000) * times), SCHEMA)

    assert found(report)["users-count"] == "Got about 0 such users"


@pytest.mark.parametrize("block_bytes", [50, 8 * 1024**2])
def test_repeated_events_are_counted_once_however_the_lines_around_are_written(
    tmp_path: Path, block_bytes: int
) -> None:
    """One is read with its timestamp as a number, the other one as text. +1 and 1 are different values."""
    odd = ["u1,i1,+1600000000\n", "u1,i1,x\n", '"u1","i2",1600000000\n', "u1,i1\n"]
    lines = [line for number in range(50) for line in ("u1,i1,1600000000\n" * 9, odd[number % len(odd)])]

    report = check(write(tmp_path, *lines), SCHEMA, block_bytes=block_bytes)

    findings = report.findings
    assert findings.examples(EVENT_REPEATED)[0].found == "Got 488 records, of which 4 are unique"
    assert findings.count(VALUE_TYPE) == 13
    assert [finding.line for finding in findings.examples(VALUE_TYPE)] == [21, 61, 101, 141, 181]


@pytest.mark.parametrize("timestamp", ["0", "-1", "9" * 11, "20240101", "1600000000000", "9" * 19])
def test_a_wrong_number_is_told_as_it_is_written(tmp_path: Path, timestamp: str) -> None:
    """The same whether its block is read as numbers or, for another line, as text."""
    lines = interactions()
    lines[500] = f"u1,i1,{timestamp}\n"
    numbers = found(check(write(tmp_path, *lines), SCHEMA))
    lines[700] = "u1,i1,+1600000700\n"
    texts = found(check(write(tmp_path, *lines), SCHEMA))

    [value] = numbers.values()
    assert timestamp in value
    assert numbers == texts


def test_events_that_differ_in_one_property_are_unique(tmp_path: Path) -> None:
    """Two event types at one time are two events."""
    schema = with_field(name="EVENT_TYPE", type="string")
    lines = [line.rstrip("\n") + end for line in interactions(500) for end in (",view\n", ",buy\n")]

    report = check(write(tmp_path, *lines, header=HEADER.rstrip("\n") + ",EVENT_TYPE\n"), schema)

    assert rules(report) == set()


def test_a_text_that_is_cut_off_is_a_warning(tmp_path: Path) -> None:
    """The service truncates it, so the import does not fail."""
    report = check(write(tmp_path, 'a,"' + "x" * 20_004 + '"\n', header=ITEMS_HEADER), ITEMS)

    assert rules(report) == {"text-length"}
    assert (report.errors, report.warnings) == (0, 1)


def test_one_repeated_id_among_many_is_found(tmp_path: Path) -> None:
    """It is counted, not estimated."""
    lines = [f'i{number},"text"\n' for number in range(200_000)]

    report = check(write(tmp_path, *lines, lines[123_456], header=ITEMS_HEADER), ITEMS)

    assert found(report) == {"id-repeated": "Got 1 value of ITEM_ID more than once"}


def test_a_reserved_name_is_found_among_long_texts(tmp_path: Path) -> None:
    """And marks that only texts have are not held against the ids."""
    lines = [f'i{number},"{"a | text " * 20}\\"{number}\\""\n' for number in range(500)]

    report = check(write(tmp_path, *lines, 'j,"ITEM_ID"\n', header=ITEMS_HEADER), ITEMS)

    assert set(found(report)) == {"value-keyword"}
    assert report.findings.examples(VALUE_KEYWORD)[0].line == 502


def test_null_and_empty_event_types_are_no_event_types(tmp_path: Path) -> None:
    """Eight types and empty values are eight types, however the lines around are quoted."""
    fields = [{"name": f"F{number}", "type": ["null", "string"], "categorical": True} for number in range(2)]
    schema = SCHEMA | {"fields": [*SCHEMA["fields"], {"name": "EVENT_TYPE", "type": "string"}, *fields]}
    header = HEADER.rstrip("\n") + ",EVENT_TYPE,F0,F1\n"
    types = [f"t{number}" for number in range(8)]
    lines = [line.rstrip("\n") + f",{types[row % 8]},,\n" for row, line in enumerate(interactions())]
    plain = [*lines, "u1,i1,1600009999,,,\n"]
    quoted = [*plain, 'u1,i1,1600009998,,"a,b",\n', 'u1,i1,1600009997,"",,\n']

    of_plain, of_quoted = (
        found(check(write(tmp_path, *each, header=header), schema)).get("event-types-count")
        for each in (plain, quoted)
    )

    assert of_plain == of_quoted == "Got 8 event types and 3 optional fields"


@pytest.mark.parametrize(("first", "told"), [(1, "10"), (10, "10"), (11, "11 or more")])
def test_event_types_are_counted_wherever_they_come(tmp_path: Path, first: int, told: str) -> None:
    """The first rows of a block may have few of them or many; the other types come once, in its last rows."""
    schema = with_field(name="EVENT_TYPE", type="string")
    types = [*(f"t{row % first}" for row in range(2990)), *(f"t{number}" for number in range(10))]
    lines = [line.rstrip("\n") + f",{kind}\n" for line, kind in zip(interactions(3000), types, strict=True)]

    report = check(write(tmp_path, *lines, header=HEADER.rstrip("\n") + ",EVENT_TYPE\n"), schema)

    assert found(report) == {"event-types-count": f"Got {told} event types and 1 optional field"}


@pytest.mark.parametrize("header", ["ITEM_ID,TIMESTAMP,EVENT_TYPE\n", "ITEM_ID,EVENT_TYPE\n"])
def test_event_types_are_read_without_users(tmp_path: Path, header: str) -> None:
    """A header without USER_ID is an error of its own, whatever else is looked at."""
    schema = with_field(name="EVENT_TYPE", type="string")
    line = ",".join({"ITEM_ID": "i1", "TIMESTAMP": "1600000000"}.get(n, "t") for n in header.split(","))

    report = check(write(tmp_path, f"{line.strip()}\n" * 1000, header=header), schema)

    assert "header-column-missing" in rules(report)
    assert report.records == 1000


@pytest.mark.parametrize("word", ["null", "event_type"])
def test_event_types_that_are_no_event_types_are_reported(tmp_path: Path, word: str) -> None:
    """Training refuses them."""
    schema = with_field(name="EVENT_TYPE", type="string")
    lines = [line.rstrip("\n") + f",{word}\n" for line in interactions()]

    report = check(write(tmp_path, *lines, header=HEADER.rstrip("\n") + ",EVENT_TYPE\n"), schema)

    assert rules(report) == {"value-null" if word == "null" else "value-keyword"}
    assert (report.errors, report.warnings) == (0, 1000)


@pytest.mark.parametrize("form", ["text", "file"])
def test_a_schema_that_is_nested_too_deep_is_a_finding(tmp_path: Path, form: str) -> None:
    """It is no flat record."""
    text = '{"a":' * 100_000 + "1" + "}" * 100_000
    file = tmp_path / "schema.json"
    file.write_text(text)

    report = check(write(tmp_path, *interactions()), file if form == "file" else text)

    assert rules(report) == {"schema-form"}


def test_a_field_of_a_type_that_cannot_be_read_is_one_finding(tmp_path: Path) -> None:
    """It is neither missing nor unknown, and may be the metadata that items need."""
    nested = {"type": {"type": "string"}}
    fields = [{"name": "USER_ID"} | nested, *SCHEMA["fields"][1:]]
    of_items = [ITEMS["fields"][0], {"name": "DESCRIPTION"} | nested]

    events = check(write(tmp_path, *interactions()), SCHEMA | {"fields": fields})
    items = check(write(tmp_path, "i1,text\n", header=ITEMS_HEADER), ITEMS | {"fields": of_items})

    assert rules(events) == rules(items) == {"schema-form"}
    assert events.errors == items.errors == 1


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ('a,"text"\n', set()),
        ("a,text\n", {"text-unquoted"}),
        ("a,\n", set()),
        ('a,"C:\\temp"\n', {"escape-stray"}),
        ("a,C:\\temp\n", {"escape-stray", "text-unquoted"}),
        ('a,"C:\\\\temp"\n', set()),
        ('a,"one\rtwo"\n', {"record-lines"}),
        ('a,"say ""hi"""\n', {"quote-doubled"}),
        ('a,"say \\"hi\\""\n', set()),
    ],
)
def test_a_text_is_quoted_and_escaped_as_the_guide_asks(
    tmp_path: Path, line: str, expected: set[str]
) -> None:
    """Alone, and beside lines of another form."""
    alone = check(write(tmp_path, line, header=ITEMS_HEADER), ITEMS)
    beside = check(write(tmp_path, 'b,"x, \\"y\\""\n', line, 'c,"z"\n', header=ITEMS_HEADER), ITEMS)

    assert rules(alone) == rules(beside) == expected


def test_one_odd_line_does_not_change_what_is_found_in_others(tmp_path: Path) -> None:
    """The lines around it are checked as without it."""
    lines = [f'i{number},"text {number}"\n' for number in range(1000)]
    lines[500] = ',"no id"\n'
    plain = check(write(tmp_path, *lines, header=ITEMS_HEADER), ITEMS)
    lines[700] = 'i700,"a,a"\n'
    odd = check(write(tmp_path, *lines, header=ITEMS_HEADER), ITEMS)

    assert found(plain) == found(odd) == {"value-missing": "ITEM_ID is empty"}


def test_advice_is_given_where_it_is_asked_for(tmp_path: Path) -> None:
    """A sparse column, many categories, and too few events of a use case; never errors or warnings."""
    schema = with_field(name="DEVICE", type=["null", "string"], categorical=True)
    schema["fields"].append({"name": "EVENT_TYPE", "type": "string"})
    lines = [
        line.rstrip("\n") + f",{'' if row % 2 else f'd{row}'},{'View' if row % 3 else 'Buy'}\n"
        for row, line in enumerate(interactions(3000))
    ]
    path = write(tmp_path, *lines, header=HEADER.rstrip("\n") + ",DEVICE,EVENT_TYPE\n")

    report = check(path, schema, domain=Domain.ECOMMERCE, advice=True)

    assert found(report) == {
        "column-filled": "DEVICE: 50% have a value",
        "categories-count": "DEVICE: more than 1,000 categories",
        "events-of-use-cases": "Got 0 Purchase events",
    }
    assert (report.errors, report.warnings, report.advice) == (0, 0, 3)
    assert rules(check(path, schema, domain=Domain.ECOMMERCE)) == set()


def test_the_number_of_jobs_changes_nothing(tmp_path: Path) -> None:
    """What is checked at the same time is put together in its order."""
    lines = interactions(20_000)
    lines[17] = "u1,i1,x\n"
    lines[15_000] = 'u1,"i,1",y\n'
    path = write(tmp_path, *lines)

    one, four = (check(path, SCHEMA, jobs=jobs, block_bytes=20_000) for jobs in (1, 4))

    assert [finding.line for finding in one.findings.examples(VALUE_TYPE)] == [19, 15_002]
    assert found(one) == found(four)
    assert json.dumps(one.records) == json.dumps(four.records) == "20000"
