# SPDX-License-Identifier: Apache-2.0
"""Files are checked against the rules, and what breaks one is found where it is."""

import codecs
import io
import os
import threading
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from personalize_import.data_check import CannotCheckError, check
from personalize_import.data_check.sources import StandardInput
from personalize_import.data_rules.file_rules import MOST_BYTES
from personalize_import.data_rules.number_rules import TIMESTAMP_SECONDS
from tests.data_check.data import (
    HEADER,
    ITEMS,
    ITEMS_HEADER,
    SCHEMA,
    check_items,
    interactions,
    places,
    write,
)


def test_good_data_has_no_findings(tmp_path: Path) -> None:
    """Nothing is said of data that breaks no rule."""
    report = check(write(tmp_path, *interactions()), SCHEMA)

    assert places(report) == []
    assert (report.files, report.records) == (1, 1000)


def test_windows_line_breaks_and_a_missing_last_one_are_fine(tmp_path: Path) -> None:
    """How lines end is no rule of the service."""
    lines = "".join(interactions()).rstrip("\n").replace("\n", "\r\n")

    report = check(write(tmp_path, lines, header=HEADER.replace("\n", "\r\n")), SCHEMA)

    assert places(report) == []
    assert report.records == 1000


@pytest.mark.parametrize("block_bytes", [1, 100, 1024, 1024**2])
def test_lines_are_numbered_right_whatever_the_block(tmp_path: Path, block_bytes: int) -> None:
    """Findings in different blocks, plain and not, name the lines that an editor shows."""
    lines = interactions()
    lines[0] = "u1,i1,1600000000000\n"
    lines[499] = '"u1","i1","x"\n'
    lines[500] = "u1,i1\n"
    lines[501] = "\n"
    lines[999] = "u1,,1600000000\n"

    report = check(write(tmp_path, *lines), SCHEMA, block_bytes=block_bytes)

    assert {
        ("timestamp-seconds", 2),
        ("value-type", 501),
        ("line-length", 502),
        ("line-empty", 503),
        ("value-missing", 1001),
        ("interactions-count", 0),
    } == set(places(report))


def test_a_rule_is_counted_beyond_its_examples(tmp_path: Path) -> None:
    """The first places are shown; the count is of all."""
    lines = [line.replace(",16", ",16000") for line in interactions(2000)]

    report = check(write(tmp_path, *lines), SCHEMA, examples=3)

    assert report.findings.count(TIMESTAMP_SECONDS) == 2000
    assert [finding.line for finding in report.findings.examples(TIMESTAMP_SECONDS)] == [2, 3, 4]


@given(
    st.lists(st.sampled_from(["u1,i1,1", "u1,i1,x", "u,i", "a,b,c,d", "", '"u","i","1"', '"u,i,1', "u,,1"]))
)
@settings(max_examples=60, deadline=None)  # files and blocks take as long as the machine is busy
def test_the_size_of_the_block_changes_nothing(
    tmp_path_factory: pytest.TempPathFactory, lines: list[str]
) -> None:
    """What is found does not depend on where the blocks are cut."""
    path = write(tmp_path_factory.mktemp("data"), *(line + "\n" for line in lines))

    found = [places(check(path, SCHEMA, block_bytes=size, examples=99)) for size in (1, 17, 1024**2)]

    assert found[0] == found[1] == found[2]


def test_a_line_with_too_many_values_does_not_make_up_for_one_with_too_few(tmp_path: Path) -> None:
    """Both are told, although the commas add up."""
    lines = interactions()
    lines[10:12] = ["u1,i1\n", "u1,i1,1600000000,more\n"]
    lines += interactions(1010)[1000:]

    assert places(check(write(tmp_path, *lines), SCHEMA)) == [
        ("line-length", 12),
        ("line-length", 13),
    ]


@pytest.mark.parametrize("block_bytes", [8, 1024**2])
def test_lines_that_cannot_be_split_are_records_all_the_same(tmp_path: Path, block_bytes: int) -> None:
    """Data with semicolons below a good header is not reported as no data."""
    lines = [*interactions(1000), "u1;i1;1\n", 'u1,"i1\n2",1\n', 'u1,i"1,1\n']

    report = check(write(tmp_path, *lines), SCHEMA, block_bytes=block_bytes)

    assert {rule.id for rule in report.findings.rules} == {"line-length", "record-lines", "quote-stray"}
    assert report.records == 1003


@pytest.mark.parametrize("block_bytes", [8, 1024**2])
def test_a_record_on_several_lines_is_told_once(tmp_path: Path, block_bytes: int) -> None:
    """A text with line breaks is one finding, and the lines after it are looked at as usual."""
    path = write(tmp_path, 'a,"one\ntwo\nthree"\n', "b,fine\n", ",no id\n", header=ITEMS_HEADER)

    assert check_items(path, block_bytes=block_bytes) == [("record-lines", 2), ("value-missing", 6)]


def test_a_quotation_mark_that_is_never_closed_does_not_hide_what_follows(tmp_path: Path) -> None:
    """It is one finding; the other lines are looked at as usual."""
    lines = [f"i{number},text\n" for number in range(500)]
    lines[0] = 'i0,"text\n'
    lines[300] = ",text\n"

    found = check_items(write(tmp_path, *lines, header=ITEMS_HEADER), block_bytes=256)

    assert found == [("record-lines", 2), ("value-missing", 302)]


def test_texts_are_quoted_and_escaped_by_backslash(tmp_path: Path) -> None:
    """The guide's way is fine; a doubled quotation mark is a warning."""
    path = write(
        tmp_path, 'a,"say \\"hi\\", twice"\n', 'b,"say ""hi"""\n', 'c,say "hi"\n', header=ITEMS_HEADER
    )

    assert check_items(path) == [("quote-stray", 4), ("quote-doubled", 3)]


def test_an_id_with_a_quotation_mark_is_told_even_escaped(tmp_path: Path) -> None:
    """Escaping makes a line well-formed; the rule about ids still holds."""
    assert check_items(write(tmp_path, '"a\\"b",text\n', header=ITEMS_HEADER)) == [("id-quote", 2)]


def test_the_line_that_is_not_utf_8_is_told(tmp_path: Path) -> None:
    """One bad byte does not hide the other lines."""
    path = write(tmp_path, "a,fine ü\n", b"b,bad \xfc\n", ",no id\n", header=ITEMS_HEADER)

    assert check_items(path) == [("file-encoding", 3), ("value-missing", 4)]


@pytest.mark.parametrize("block_bytes", [8, 16, 20, 24, 1024**2])
def test_a_line_of_an_open_record_that_is_not_utf_8_is_told_once(tmp_path: Path, block_bytes: int) -> None:
    """The lines of a record that goes on in the next block are looked at there, not in both blocks."""
    path = write(
        tmp_path,
        "a,fine\n",
        'b,"one\n',
        b"\xfc\xfc\n",
        "three\n",
        b'\xfc four"\n',
        "c,fine\n",
        header=ITEMS_HEADER,
    )

    found = check_items(path, block_bytes=block_bytes)

    assert sorted(found) == [("file-encoding", 4), ("file-encoding", 6), ("record-lines", 3)]


def test_a_line_that_is_not_utf_8_does_not_shift_the_others(tmp_path: Path) -> None:
    """Also where other lines of the block need care."""
    path = write(
        tmp_path, "a,fine\n", b"b,\xfc\xfc\n", 'c,"x,y"\n', "d,fine\n", ",no id\n", header=ITEMS_HEADER
    )

    assert check_items(path) == [("file-encoding", 3), ("value-missing", 6)]


def test_a_file_in_utf_16_is_told(tmp_path: Path) -> None:
    """Such a file is not looked at any further, and what it has is not counted."""
    path = tmp_path / "data.csv"
    path.write_bytes(codecs.BOM_UTF16_LE + (ITEMS_HEADER + "a,b\n").encode("utf-16-le"))

    assert check_items(path) == [("file-format", 0)]


def test_a_byte_order_mark_is_a_warning(tmp_path: Path) -> None:
    """The header is understood without it."""
    path = write(tmp_path, "a,b\n", header="\ufeff" + ITEMS_HEADER)

    assert check_items(path) == [("byte-order-mark", 1)]


def test_a_repeated_id_is_a_warning(tmp_path: Path) -> None:
    """Only one record of an item can be kept."""
    assert check_items(write(tmp_path, "a,1\n", "b,2\n", "a,3\n", header=ITEMS_HEADER)) == [
        ("id-repeated", 0)
    ]


def test_the_files_of_a_folder_are_one_import(tmp_path: Path) -> None:
    """Records add up; headers must be alike; what is deeper or hidden is told, not read."""
    write(tmp_path, *interactions(500), name="a.csv")
    others = [f"i{number},u{number % 100},{1_700_000_000 + number}\n" for number in range(500)]
    write(tmp_path, *others, header="ITEM_ID,USER_ID,TIMESTAMP\n", name="b.csv")
    write(tmp_path, "not data", name=".DS_Store")
    deeper = tmp_path / "2024"
    deeper.mkdir()
    write(deeper, "not data")

    report = check(tmp_path, SCHEMA)

    assert (report.files, report.records) == (2, 1000)
    assert {"header-different", "header-order", "folder-deeper", "folder-hidden"} == {
        rule.id for rule in report.findings.rules
    }


def test_a_folder_without_files_has_nothing_to_import(tmp_path: Path) -> None:
    """It is an error, since the import would fail."""
    assert places(check(tmp_path, SCHEMA)) == [("folder-empty", 0)]


def test_an_empty_file_has_no_record(tmp_path: Path) -> None:
    """The import would fail; that the file lacks its header is a warning."""
    assert check_items(write(tmp_path, header="")) == [("records-none", 0), ("file-empty", 0)]


def test_a_header_alone_has_no_record(tmp_path: Path) -> None:
    """The import would fail."""
    assert check_items(write(tmp_path, header=ITEMS_HEADER)) == [("records-none", 0)]


def test_data_without_a_header_that_can_be_read_is_not_reported_as_no_data(tmp_path: Path) -> None:
    """With semicolons throughout, the records are there but cannot be counted."""
    lines = [line.replace(",", ";") for line in interactions()]
    path = write(tmp_path, *lines, header=HEADER.replace(",", ";"))

    assert places(check(path, SCHEMA)) == [("header-missing", 1)]


def test_too_few_records_are_not_reported_beside_a_file_without_a_header(tmp_path: Path) -> None:
    """The rest of the records may be in that file."""
    write(tmp_path, *interactions(500), name="a.csv")
    write(tmp_path, *interactions(500), header="", name="b.csv")

    assert places(check(tmp_path, SCHEMA)) == [("file-stray", 0)]


def test_a_file_that_cannot_be_read_is_no_finding(tmp_path: Path) -> None:
    """It is the user's to mend, and says nothing about the data."""
    with pytest.raises(CannotCheckError, match=r"missing\.csv: No such file"):
        check(tmp_path / "missing.csv", SCHEMA)


@pytest.mark.parametrize("kind", ["dangling link", "loop", "FIFO"])
def test_what_cannot_be_read_in_a_folder_is_named(tmp_path: Path, kind: str) -> None:
    """Without it, a part of the data would be missing. A hidden link, as editors leave one, is no data."""
    write(tmp_path, *interactions())
    (tmp_path / ".#data.csv").symlink_to("user@host.1")
    entry = tmp_path / "more.csv"
    if kind == "FIFO":
        os.mkfifo(entry)
    else:
        entry.symlink_to("missing.csv" if kind == "dangling link" else "more.csv")

    with pytest.raises(CannotCheckError, match=r"more\.csv: it is neither a file nor a folder"):
        check(tmp_path, SCHEMA)

    entry.unlink()
    assert places(check(tmp_path, SCHEMA)) == []


def test_a_line_that_is_too_long_is_skipped(tmp_path: Path) -> None:
    """Memory stays bounded, whatever the file is; the lines after it are checked, with their numbers."""
    path = write(tmp_path, header=ITEMS_HEADER)
    os.truncate(path, 100 * 1024**2)
    with path.open("ab") as file:
        file.write(b"\n,no id\n")

    report = check(path, ITEMS, severities={"text-unquoted": None})

    assert places(report) == [("value-missing", 3), ("line-long", 2)]
    assert report.records == 2


@pytest.mark.parametrize("import_mode", ["FULL", "INCREMENTAL"])
@pytest.mark.parametrize("kind", ["standard input", "FIFO"])
def test_the_size_of_a_pipe_is_checked_once_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, import_mode: str
) -> None:
    """It is not known before. Of other data it is reported once."""
    content = write(tmp_path, *interactions()).read_bytes()
    monkeypatch.setitem(MOST_BYTES, "INCREMENTAL", len(content) - 1)
    location: Path | StandardInput = StandardInput(io.BytesIO(content))
    if kind == "FIFO":
        location = tmp_path / "fifo"
        os.mkfifo(location)
        threading.Thread(target=location.write_bytes, args=[content]).start()

    of_pipe = check(location, SCHEMA, import_mode=import_mode)
    of_file = check(tmp_path / "data.csv", SCHEMA, import_mode=import_mode)

    expected = [("size-incremental", 0)] if import_mode == "INCREMENTAL" else []
    assert places(of_pipe) == places(of_file) == expected


def test_progress_adds_up_to_the_size(tmp_path: Path) -> None:
    """A bar that follows it is full at the end."""
    path = write(tmp_path, *interactions())
    steps: list[int] = []

    check(path, SCHEMA, progress=steps.append, block_bytes=4096)

    assert path.stat().st_size == sum(steps)
    assert len(steps) > 5
