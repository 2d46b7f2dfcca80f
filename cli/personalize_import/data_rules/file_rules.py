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
LINE_EMPTY = Rule(
    "line-empty",
    "A line must not be empty.",
    "Remove the empty line.",
    FORMATTING,
    Severity.WARNING,
)
LINE_LENGTH = Rule(
    "line-length",
    "Each line must have as many values as the header has names.",
    "Separate all values by commas, empty ones too. Put a value that has a comma in it into quotation marks.",
    FORMATTING,
)
RECORD_LINES = Rule(
    "record-lines",
    "Each record must be on one line.",
    "Remove the line breaks in the value, or the quotation mark that is never closed.",
    FORMATTING,
)
QUOTE_STRAY = Rule(
    "quote-stray",
    'Quotation marks must enclose a whole value. One within a value must be written as \\".',
    'Put the value into quotation marks, and write each one within it as \\".',
    GUIDE + "items-datasets.html#text-data",
)
QUOTE_DOUBLED = Rule(
    "quote-doubled",
    'A quotation mark within a value must be written as \\".',
    'Write \\" instead of "".',
    GUIDE + "items-datasets.html#text-data",
    Severity.WARNING,
)


def size_rule(size: int, import_mode: str) -> Rule | None:
    """The rule that data of this many bytes breaks, if any."""
    if size <= MOST_BYTES[import_mode]:
        return None
    return SIZE_FULL if import_mode == "FULL" else SIZE_INCREMENTAL
