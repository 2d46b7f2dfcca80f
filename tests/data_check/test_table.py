# SPDX-License-Identifier: Apache-2.0
"""Lines that are split all at once and lines that are split one by one lead to the same."""

from collections import Counter
from collections.abc import Callable

import polars as pl
from hypothesis import example, given, settings
from hypothesis import strategies as st

from personalize_import.data_check.block_check import split_block
from personalize_import.data_check.blocks import Block, Part
from personalize_import.data_check.columns import Columns
from personalize_import.data_check.fast_tables import plain_table, quoted_table
from personalize_import.data_check.mixed_table import mixed_table
from personalize_import.data_check.narrow_table import narrow_table, narrow_tables
from personalize_import.data_check.slow_lines import SlowLines
from personalize_import.data_check.table import BrokenLines, Table
from personalize_import.data_rules.condition import holds
from personalize_import.data_rules.dataset_type import Dataset, DatasetType
from personalize_import.data_rules.line_rules import TEXT_UNQUOTED, UNQUOTED
from personalize_import.data_rules.schema import Field, Schema

VALUES = st.sampled_from(
    [
        *(
            "a",
            "ü",
            "1",
            "",
            '"a"',
            '""',
            '"a,b"',
            '"a""b"',
            'a"b',
            '"a"b',
            '"a',
            " ",
            '"a" ',
            "a\\,b",
            "a\\",
        ),
        *(
            '"\\""',
            '"a\\"b"',
            '"\\\\"',
            '"C:\\temp"',
            '"a\rb"',
            "\x1a",
            '""""',
            '"a\\',
            "\x1a\x1b\x1c\x1d\x1e\x1f",
        ),
    ]
)
LINES = st.one_of(
    st.lists(VALUES, min_size=3, max_size=3),
    st.lists(VALUES, max_size=5),
).map(",".join)


def block(text: str) -> Block:
    """The only block of a file."""
    data = text.encode()
    rows = data.count(b"\n")
    return Block(data, rows, (Part("data.csv", 2, 0, rows),))


def broken(found: list[BrokenLines]) -> Counter[tuple[str, int | None]]:
    """How often each rule is broken in which column."""
    counts: Counter[tuple[str, int | None]] = Counter()
    for each in found:
        counts[each.rule.id, each.column] += each.count
    return counts


def rows_of(table: Table) -> dict[int, tuple[str, ...]]:
    """The values of each line; an empty one may be null."""
    rows = range(table.frame.height) if table.rows is None else table.rows.to_list()
    return {
        row: tuple(value or "" for value in values)
        for row, values in zip(rows, table.frame.rows(), strict=True)
    }


def check_same(given_block: Block, width: int) -> None:
    """What is found at once is what is found line by line."""
    for split in (split_block, mixed_table):
        check_same_by(split, given_block, width)


def check_same_by(
    split: Callable[[Block, int, list[int], int], Table], given_block: Block, width: int
) -> None:
    """The same for one way of splitting."""
    table = split(given_block, width, [0], 99)
    slow = SlowLines(given_block.data.decode().split("\n")[:-1], given_block, width)
    slow.read(range(given_block.rows))

    unquoted = sum(holds(UNQUOTED, written[0]) for written in slow.written)
    assert broken(table.broken) == broken(slow.broken(99)) + Counter({(TEXT_UNQUOTED.id, 0): unquoted})
    assert rows_of(table) == dict(zip(slow.rows, map(tuple, slow.values), strict=True))
    assert table.records == len(slow.rows) + slow.without_values


@given(st.lists(LINES, min_size=1, max_size=4))
@example(['"a,"",b",c,d'])
@example(["a,b,c", '"x', "y,y,y", 'z",1,2', "a,b,c"])
@settings(max_examples=300, deadline=None)
def test_lines_that_are_split_at_once_are_what_they_are_one_by_one(lines: list[str]) -> None:
    """The same values, the same broken rules, the same number of records."""
    given_block = block("\n".join([*lines, ""]))

    check_same(given_block, 3)


@given(st.text(st.sampled_from('a",\n\\'), min_size=1, max_size=20))
@settings(max_examples=300, deadline=None)
def test_any_text_that_is_split_at_once_is_what_it_is_line_by_line(text: str) -> None:
    """The same for what nobody would call a table."""
    given_block = block(text + "\n")

    check_same(given_block, 2)


def test_good_data_is_split_at_once() -> None:
    """With quotation marks or without. What is wrong needs another look."""
    for text in ("a,b,c\n1,2,3\n", ",,\n", "ü,b,c\n"):
        assert plain_table(block(text), 3, [], 5) is not None, text
    for text in ('"a","b",3\n', '"","",""\n', 'a,"b,c",d\n1,2,3\n'):
        assert quoted_table(block(text), 3, [], 5) is not None, text


def test_texts_as_the_guide_asks_for_them_are_split_at_once() -> None:
    """With escaped and with doubled quotation marks, commas in texts, and empty texts."""
    for text in ('a,"b \\"c\\", d"\n', 'a,"b ""c"", d"\n', 'a,""\na,"b,c"\n', 'a,\na,"b\\\\,"\n'):
        assert quoted_table(block(text), 2, [1], 5) is not None, text


def test_texts_that_are_written_otherwise_need_another_look() -> None:
    """A value too few, a line break in a value, a text without quotation marks, an escape outside of them."""
    for text in (
        *('a,"b"\nc\n', 'a,"b"\nc\n"d",e,f\n', 'a,"b\nc"\n', 'a,"b\n",c\n', '"a"\n\n', 'a,"b"\n\n'),
        *('a,b\nc,"d"\n', '"a",b\n', '"a,b",c\n', '"a""b",c\n', '"",c\n'),
        *('a,"b\\"\n', 'a\\","b"\n', 'a,"b"\\"\n', 'a\\,b,"c"\n', 'a,"b\\c"\n'),
    ):
        assert quoted_table(block(text), 2, [1], 5) is None, text


def test_lines_with_doubled_quotation_marks_are_told_as_they_are_written() -> None:
    """Each once, with its position."""
    lines = ['a,"b"', 'c,"d ""e"" ""f"""', 'ü,""""', 'h,""']

    table = quoted_table(block("\n".join([*lines, ""])), 2, [1], 1)

    assert table is not None
    [doubled] = table.broken
    assert (doubled.rule.id, doubled.rows, doubled.values) == ("quote-doubled", [1], [lines[1]])
    assert doubled.count == 2
    assert table.frame.rows() == [("a", "b"), ("c", 'd "e" "f"'), ("ü", '"'), ("h", "")]


NUMBERS = st.integers(-(2**63), 2**63 - 1).map(str) | st.integers(0, 9).map(str)
ODD_NUMBERS = st.sampled_from(
    [
        *("", "x", "-0", "+1", "007", " 1", "1 ", "1.0", ".5", "1e5", "1E5", "0x1", "1_0", "\u0661"),
        *("9" * 19, "9" * 20),
    ]
) | st.text(st.sampled_from("0123456789+-. eE_"), max_size=6)


def as_text(frame: pl.DataFrame) -> list[tuple[str, ...]]:
    """The values as they are written."""
    return frame.select(pl.all().cast(pl.String).fill_null("")).rows()


def number_lines(*numbers: str, before: str = "a", after: str = ",b") -> Block:
    """A line for each number."""
    return block("".join(f"{before},{number}{after}\n" for number in numbers))


@given(
    st.lists(
        st.tuples(NUMBERS | ODD_NUMBERS, st.sampled_from(["", ",", ",b", ",b", ",b,c"])),
        min_size=1,
        max_size=4,
    )
)
@example([("+1", ",b"), ("1", "")])
@example([("1", ""), ("1", ","), ("01", ",b")])
@settings(max_examples=500, deadline=None)
def test_timestamps_are_read_as_numbers_only_if_they_can_be_written_again(
    lines: list[tuple[str, str]],
) -> None:
    """The values are those that are read as text, and so is which blocks cannot be split at once."""
    given_block = block("".join(f"a,{number}{after}\n" for number, after in lines))

    table = plain_table(given_block, 3, [], 5, ["1"])

    text = plain_table(given_block, 3, [], 5)
    assert (table is None) == (text is None)
    if table is not None and text is not None:
        assert as_text(table.frame) == as_text(text.frame)


@given(st.lists(NUMBERS, min_size=1, max_size=5))
@settings(max_examples=200, deadline=None)
def test_usual_timestamps_are_read_as_numbers(numbers: list[str]) -> None:
    """Whether they have as many digits or not, also where the last column is empty or is theirs."""
    for given_block, width in (
        (number_lines(*numbers), 3),
        (number_lines(*numbers, after=","), 3),
        (number_lines(*numbers, "", after=","), 3),
        (number_lines(*numbers, after=""), 2),
        (number_lines("", *numbers, after=""), 2),
    ):
        table = plain_table(given_block, width, [], 5, ["1"])

        assert table is not None
        assert table.frame.dtypes[1] == pl.Int64


def test_timestamps_that_are_written_otherwise_are_read_as_text() -> None:
    """All of the block."""
    for number in ("+1", "-0", "007", "1.0", "1e5", "x", "9" * 20):
        table = plain_table(number_lines("1600000000", number), 3, [], 5, ["1"])

        assert table is not None
        assert table.frame["1"].to_list() == ["1600000000", number]


WIDE = Schema(
    "Items",
    (
        Field("ITEM_ID", frozenset({"string"})),
        *(Field(f"C{n}", frozenset({"string", "null"}), categorical=True) for n in range(8)),
        Field("YEAR", frozenset({"int"})),
        Field("GENRE", frozenset({"string"}), categorical=True),
    ),
)
WIDE_NAMES = [field.name for field in WIDE.fields]
WIDE_VALUES = st.sampled_from(
    ["a", "a", "a", "ü", "", "x" * 999, "x" * 1001, "ITEM_ID", "a|b", "\x00", "\u200b"]
)


def wide_columns() -> Columns:
    """The columns of a wide file."""
    return Columns.of(WIDE_NAMES, WIDE, Dataset(DatasetType.ITEMS), 5, advice=True)


def narrow(given_block: Block) -> Table | None:
    """The narrow table of a block of a wide file, with all columns of the first two rows."""
    columns = wide_columns()
    return narrow_table(given_block, columns, columns.values.characters(given_block), 2)


def narrow_in_parts(lines: list[str]) -> list[Table] | None:
    """The narrow tables of lines of a wide file."""
    given_block, columns = block("\n".join([*lines, ""])), wide_columns()
    return narrow_tables(given_block, columns, columns.values.characters(given_block), 5, 2)


@given(st.lists(st.lists(WIDE_VALUES, min_size=11, max_size=11).map(",".join), min_size=1, max_size=4))
@settings(max_examples=200, deadline=None)
def test_columns_are_left_out_only_if_they_break_no_rule(lines: list[str]) -> None:
    """The empty values of those are counted, and the other columns are as ever."""
    given_block, columns = block("\n".join([*lines, ""])), wide_columns()

    characters = columns.values.characters(given_block)
    table = narrow(given_block)

    plain = plain_table(given_block, columns.width, [], 5)
    if table is None or plain is None:
        return
    assert table.frame.equals(plain.frame.select(table.frame.columns))
    assert table.head is not None
    assert table.head.equals(plain.frame.head(2))
    broken, empty = columns.values.broken(plain, characters, {})
    assert {each.field.name for each in broken} <= {"ITEM_ID", "YEAR"}
    assert {columns.fields[name].name: count for name, count in table.empty.items()} == {
        columns.fields[name].name: empty[columns.fields[name].name] for name in columns.idle
    }


def test_good_wide_data_is_not_split_as_a_whole() -> None:
    """Only the columns that are counted or are numbers. A line with a value too few needs another look."""
    line = "i1,a,,c,d,e,f,g,h,1999,novel\n"
    table = narrow(block(line * 3))

    assert table is not None
    assert table.frame.columns == ["0", "9"]
    assert table.records == 3
    assert table.empty["2"] == 3
    for text in (line + "i1,a\n", line + "i1" + ",a" * 9 + "\n,a\n", line.replace("novel", "x" * 1001)):
        assert narrow(block(text)) is None, text


def test_wide_data_that_is_not_in_utf8_needs_another_look() -> None:
    """Also if that is in a column which is not looked at."""
    lines = b"i1,a,,c,d,e,f,g,h,1999,novel\n" * 9 + b"i1,\xff,,c,d,e,f,g,h,1999,novel\n"

    assert narrow(Block(lines, 10, (Part("data.csv", 2, 0, 10),))) is None


def test_a_few_odd_lines_of_wide_data_are_split_apart() -> None:
    """Each row keeps its position. A line that breaks a rule on lines needs another look at all of them."""
    lines = ["i1,a,,c,d,e,f,g,h,1999,novel"] * 200
    lines[50] = 'i2,"a,b",c,c,d,e,f,g,h,1999,"say ""hi"""'
    lines[199] = '"i3",a,,c,d,e,f,g,h,,novel'
    tables = narrow_in_parts(lines)

    assert tables is not None
    plain, odd = tables
    assert plain.rows is not None
    assert plain.rows.to_list() == [row for row in range(200) if row not in {50, 199}]
    assert rows_of(odd)[50][1] == "a,b"
    assert rows_of(odd)[199][0] == "i3"
    assert [(each.rule.id, each.rows) for each in odd.broken] == [("quote-doubled", [50])]
    for line in ('i2,"a', 'i2,a"b,c,c,d,e,f,g,h,1999,x'):
        lines[50] = line
        assert narrow_in_parts(lines) is None, line


@given(st.sets(st.integers(0, 199), min_size=1, max_size=4), st.sampled_from(['"a"', '"x,""y"""']))
@settings(max_examples=60, deadline=None)
def test_each_line_is_among_the_plain_ones_or_the_odd_ones(odd_rows: set[int], value: str) -> None:
    """With its own position, also if it is the first one, the last one, or next to another one."""
    lines = [f"i{row},{'a' if row not in odd_rows else value},,c,d,e,f,g,h,1999,novel" for row in range(200)]

    tables = narrow_in_parts(lines)

    assert tables is not None
    ids = {row: values[0] for table in tables for row, values in rows_of(table).items()}
    assert ids == {row: f"i{row}" for row in range(200)}
    assert sum(table.records for table in tables) == 200
