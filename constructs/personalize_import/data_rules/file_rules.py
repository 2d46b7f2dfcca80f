# SPDX-License-Identifier: Apache-2.0
"""What the files must be like: which are read, how large they are, how their text is made up."""

from __future__ import annotations

from personalize_import.data_rules.rule import FORMATTING, GUIDE, QUOTAS, Rule, Severity

_BULK_IMPORT = GUIDE + "bulk-data-import-step.html"

GIBIBYTE = 1024**3
MOST_BYTES = {"FULL": 100 * GIBIBYTE, "INCREMENTAL": GIBIBYTE}
"""How much data one import job takes, by its mode."""

FOLDER_EMPTY = Rule(
    "folder-empty",
    "There is a file to import.",
    "Put the data into the folder itself, not into folders below it.",
    _BULK_IMPORT,
)
FOLDER_DEEPER = Rule(
    "folder-deeper",
    "Only the files of a folder's first level are imported.",
    "Move the files up, or import each folder by itself.",
    _BULK_IMPORT,
    Severity.WARNING,
)
FOLDER_HIDDEN = Rule(
    "folder-hidden",
    "Every file at the location is imported, also one whose name begins with a dot.",
    "Leave it out when you upload the folder; DataSource.from_asset leaves it out by itself.",
    _BULK_IMPORT,
    Severity.WARNING,
)
SIZE_FULL = Rule(
    "size-full",
    "A FULL import takes up to 100 GB.",
    "Import a part with FULL and add the rest with INCREMENTAL, or ask AWS for a higher quota.",
    QUOTAS,
)
SIZE_INCREMENTAL = Rule(
    "size-incremental",
    "An INCREMENTAL import takes up to 1 GB.",
    "Split the data into several imports, or use FULL.",
    QUOTAS,
)
ENCODING = Rule(
    "file-encoding",
    "A file with anything but ASCII is encoded in UTF-8.",
    "Save it as UTF-8, for example with: iconv -f LATIN1 -t UTF-8.",
    FORMATTING,
)
BYTE_ORDER_MARK = Rule(
    "byte-order-mark",
    "A file begins with its header; a byte order mark may be taken for a part of the first name.",
    'Save it as UTF-8 without a byte order mark: in Python "utf-8", not "utf-8-sig".',
    FORMATTING,
    Severity.WARNING,
)
LINE_EMPTY = Rule(
    "line-empty",
    "Each line holds a record.",
    "Remove the empty line.",
    FORMATTING,
    Severity.WARNING,
)
LINE_LENGTH = Rule(
    "line-length",
    "Each line has as many values as the header has names.",
    "Add what is missing; put a value that holds a comma into quotation marks.",
    FORMATTING,
)
RECORD_LINES = Rule(
    "record-lines",
    "Each record is on a single line.",
    "Remove the line breaks from the value, or the quotation mark that is never closed.",
    FORMATTING,
)
QUOTE_STRAY = Rule(
    "quote-stray",
    "A quotation mark encloses a whole value; one within a value is escaped.",
    'Enclose the value in quotation marks and write each one inside it as \\".',
    GUIDE + "items-datasets.html#text-data",
)
QUOTE_DOUBLED = Rule(
    "quote-doubled",
    'A quotation mark within a text is written as \\".',
    'Write \\" instead of "".',
    GUIDE + "items-datasets.html#text-data",
    Severity.WARNING,
)


def size_rule(size: int, import_mode: str) -> Rule | None:
    """The rule that data of this many bytes breaks, if any."""
    if size <= MOST_BYTES[import_mode]:
        return None
    return SIZE_FULL if import_mode == "FULL" else SIZE_INCREMENTAL
