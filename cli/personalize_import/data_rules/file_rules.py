# SPDX-License-Identifier: Apache-2.0
"""What the files must be like: which are read, how large they are, how they are encoded."""

from __future__ import annotations

import codecs
import re

from personalize_import.data_rules.rule import FORMATTING, GUIDE, QUOTAS, Rule, Severity

_BULK_IMPORT = GUIDE + "bulk-data-import-step.html"

GIBIBYTE = 1024**3
MOST_BYTES = {"FULL": 100 * GIBIBYTE, "INCREMENTAL": GIBIBYTE}
"""How much data one import job takes, by its mode."""

FOLDER_EMPTY = Rule(
    "folder-empty",
    "There must be a file to import.",
    "Put the data into the folder itself, not into a folder below it.",
    _BULK_IMPORT,
)
FOLDER_DEEPER = Rule(
    "folder-deeper",
    "Files to import must be in the folder itself. Files in a folder below it are not imported.",
    "Move the files up, or import each folder by itself.",
    _BULK_IMPORT,
    Severity.WARNING,
)
FOLDER_HIDDEN = Rule(
    "folder-hidden",
    "A folder must hold nothing but data. A file whose name begins with a dot is imported as well.",
    "Leave the file out when you upload the folder. DataSource.from_asset leaves it out by itself.",
    _BULK_IMPORT,
    Severity.WARNING,
)
SIZE_FULL = Rule(
    "size-full",
    "A FULL import must have at most 100 GB.",
    "Import a part with FULL and add the rest with INCREMENTAL, or ask AWS for a higher quota.",
    QUOTAS,
)
SIZE_INCREMENTAL = Rule(
    "size-incremental",
    "An INCREMENTAL import must have at most 1 GB.",
    "Split the data into several imports, or use FULL.",
    QUOTAS,
)
ENCODING = Rule(
    "file-encoding",
    "A file with anything but ASCII must be encoded in UTF-8.",
    "Save the file as UTF-8, for example with: iconv -f LATIN1 -t UTF-8. Instead of LATIN1 write the "
    "encoding that the file has.",
    FORMATTING,
)
BYTE_ORDER_MARK = Rule(
    "byte-order-mark",
    "A file must begin with its header. A byte order mark may be taken for a part of the first name.",
    'Save the file as UTF-8 without a byte order mark. In Python use "utf-8", not "utf-8-sig".',
    FORMATTING,
    Severity.WARNING,
)
FILE_EMPTY = Rule(
    "file-empty",
    "Each file of an import must have a header. An empty file has none.",
    "Leave the file out. For Spark, set mapreduce.fileoutputcommitter.marksuccessfuljobs to false.",
    _BULK_IMPORT,
    Severity.WARNING,
    certain=False,
)
FILE_STRAY = Rule(
    "file-stray",
    "Every file of the folder is imported, so each must be a CSV file of this schema.",
    "Move the file to another folder. If it is a part of the data, give it the header of the other files.",
    _BULK_IMPORT,
)
FILE_FORMAT = Rule(
    "file-format",
    "A file must be uncompressed CSV.",
    "Write the data as CSV in UTF-8, without compression.",
    FORMATTING,
)
FILE_LINE_ENDS = Rule(
    "file-line-ends",
    "Lines must end in LF or CRLF.",
    "Replace the carriage returns by line feeds, for example with: tr '\\r' '\\n'.",
    FORMATTING,
)


def size_rule(size: int, import_mode: str) -> Rule | None:
    """The rule that data of this many bytes breaks, if any."""
    if size <= MOST_BYTES[import_mode]:
        return None
    return SIZE_FULL if import_mode == "FULL" else SIZE_INCREMENTAL


_SIGNATURES = (
    (b"\x1f\x8b", "gzip"),
    (b"PK\x03\x04", "zip (or a spreadsheet)"),
    (b"Obj\x01", "Avro"),
    (b"\xfd7zXZ\x00", "xz"),
    (b"\x28\xb5\x2f\xfd", "Zstandard"),
    (b"%PDF", "PDF"),
    (b"\xd0\xcf\x11\xe0", "an old spreadsheet"),
    (codecs.BOM_UTF32_LE, "UTF-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "UTF-32"),
    (codecs.BOM_UTF16_LE, "UTF-16"),
    (codecs.BOM_UTF16_BE, "UTF-16"),
)

_SIGNATURES_OF_LETTERS = ((b"PAR1", "Parquet"), (b"ORC", "ORC"), (b"ARROW1", "Arrow"))
"""Names of columns may begin with these as well."""

_BZIP2 = re.compile(rb"BZh[1-9](?:1AY&SY|\x17rE8P\x90)")
"""With the beginning of the first block, or of the end: a name may begin with BZh."""

_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
"""Control characters that are neither white space nor the end of a line."""


def other_format(head: bytes) -> str | None:
    """The format of a file that is no CSV in UTF-8; None if nothing is known of it.

    Args:
        head: The first line of the file.
    """
    for signature, name in _SIGNATURES_OF_LETTERS:
        # ORC without compression may have a line feed after the signature. No header is that short.
        if head.startswith(signature) and (_CONTROL.search(head) or head == signature + b"\n"):
            return name
    if _BZIP2.match(head):
        return "bzip2"
    for signature, name in _SIGNATURES:
        if head.startswith(signature):
            return name
    # A name in ASCII, without a byte order mark: each character has one or three zero bytes.
    if len(head) >= 8 and head[:8].count(0) == 6:
        return "UTF-32"
    if len(head) >= 4 and head[:4] in (bytes((head[0], 0, head[2], 0)), bytes((0, head[1], 0, head[3]))):
        return "UTF-16" if head[:4].count(0) == 2 else None
    return "binary data" if 0 in head else None
