# SPDX-License-Identifier: Apache-2.0
"""Files that are no data, in another format, or without a header: one finding names what each is."""

import bz2
import gzip
import zipfile
from pathlib import Path

import pytest

from personalize_import.data_check import check
from tests.data_check.data import (
    HEADER,
    SCHEMA,
    found,
    interactions,
    rules,
    write,
)


def test_an_empty_marker_of_success_is_one_finding(tmp_path: Path) -> None:
    """The good files are not compared with it."""
    for number in range(20):
        write(tmp_path, *interactions(1000)[number * 50 : number * 50 + 50], name=f"part-{number}")
    (tmp_path / "_SUCCESS").touch()

    report = check(tmp_path, SCHEMA)

    assert rules(report) == {"file-empty"}
    assert report.warnings == 1


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("README.md", "# About the data\n"),
        ("interactions.avsc.json", '{\n"type": "record"}\n'),
        ("A", "a,b\n1,2\n"),
    ],
)
def test_a_stray_file_is_named_and_no_other(tmp_path: Path, name: str, text: str) -> None:
    """Whatever the order of the files."""
    write(tmp_path, *interactions())
    (tmp_path / name).write_text(text)

    report = check(tmp_path, SCHEMA)

    assert rules(report) == {"file-stray"}
    [finding] = report.findings.examples(report.findings.rules[0])
    assert finding.file == str(tmp_path / name)


def test_a_rejected_header_is_not_the_reference(tmp_path: Path) -> None:
    """Files with the right header are not told to copy a wrong one."""
    write(tmp_path, "u1,1600000000\n", header="USER_ID,TIMESTAMP\n", name="a.csv")
    write(tmp_path, *interactions(), name="b.csv")
    write(tmp_path, *interactions(1500)[1000:], name="c.csv")

    report = check(tmp_path, SCHEMA)

    assert rules(report) == {"header-column-missing"}


def test_carriage_returns_alone_are_one_finding(tmp_path: Path) -> None:
    """A file with the line ends of an old Mac has one line."""
    text = "".join([HEADER, *interactions()]).replace("\n", "\r")

    report = check(write(tmp_path, text, header=""), SCHEMA)

    assert found(report) == {"file-line-ends": "Got carriage returns only"}


def zipped(data: bytes, folder: Path) -> bytes:
    """A zip archive."""
    with zipfile.ZipFile(folder / "archive", "w") as archive:
        archive.writestr("data.csv", data)
    packed = (folder / "archive").read_bytes()
    (folder / "archive").unlink()
    return packed


@pytest.mark.parametrize(
    "kind",
    [
        "gzip",
        "zip",
        "Parquet",
        "binary",
        "utf-16-le",
        "utf-16-be",
        "utf-16",
        "utf-32-le",
        "utf-32-be",
        "utf-32",
    ],
)
def test_another_format_is_one_finding_that_names_it(tmp_path: Path, kind: str) -> None:
    """Nothing is said of its bytes, and nothing is counted."""
    text = "".join([HEADER, *interactions()])
    if kind == "gzip":
        data = gzip.compress(text.encode())
    elif kind == "zip":
        data = zipped(text.encode(), tmp_path)
    else:
        signatures = {"Parquet": b"PAR1\x15\x04", "binary": b"\x8f\x00\xf1\x02"}
        data = signatures.get(kind) or text.encode(kind)
    path = tmp_path / "data.csv"
    path.write_bytes(data)

    report = check(path, SCHEMA)

    assert rules(report) == {"file-format"}
    [finding] = report.findings.examples(report.findings.rules[0])
    assert finding.value.upper().startswith(kind.upper()[:6].rstrip("-"))
    assert report.records == 0


@pytest.mark.parametrize("name", ["ORCID", "PAR1", "BZh", "ARROW1_ID", "ORC\u00c9"])
def test_a_header_that_begins_like_another_format_is_read(tmp_path: Path, name: str) -> None:
    """The signatures of some formats are letters, which a name may begin with."""
    schema = {
        "type": "record",
        "name": "Users",
        "fields": [{"name": name, "type": "int"}, {"name": "USER_ID", "type": "string"}],
    }

    report = check(write(tmp_path, "1,u1\n", "x,u2\n", header=f"{name},USER_ID\n"), schema)

    assert "metadata-type" in rules(report)
    assert "file-format" not in rules(report)
    assert report.records == 2


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"PAR1\x15\x04\x15\x10\n", "Parquet"),
        (b"ORC\x1d\x00\x00\n", "ORC"),
        (b"ORC\n\x16\n\x06", "ORC"),  # the first byte of data without compression is a line feed
        (b"ARROW1\x00\x00\xff\xff", "Arrow"),
        (bz2.compress(b"USER_ID,ITEM_ID,TIMESTAMP\n"), "bzip2"),
        (bz2.compress(b""), "bzip2"),
        (b"BZh91AY&SY\n", "bzip2"),  # the checksum that follows may begin with a line feed
    ],
)
def test_a_signature_of_letters_is_one_where_no_text_follows(tmp_path: Path, data: bytes, name: str) -> None:
    """The first line has control characters, or ends after the signature."""
    report = check(write(tmp_path, data, header=""), SCHEMA)

    assert found(report) == {"file-format": f"Got {name}"}


def test_a_header_without_an_end_is_one_finding(tmp_path: Path) -> None:
    """It is not taken for a header and a second line."""
    report = check(write(tmp_path, "x" * 2_000_000 + "\n", header=""), SCHEMA)

    assert found(report) == {"header-missing": "Got a first line of over 1 MiB"}


def test_a_part_without_a_header_is_told_to_get_one(tmp_path: Path) -> None:
    """A file that was cut into parts has the header in the first one. To move the others would lose data."""
    lines = interactions(2000)
    write(tmp_path, *lines[:1000], name="part-0.csv")
    write(tmp_path, *lines[1000:], name="part-1.csv", header="")

    report = check(tmp_path, SCHEMA)

    [rule] = report.findings.rules
    assert rule.id == "file-stray"
    assert "give it the header of the other files" in rule.fix
