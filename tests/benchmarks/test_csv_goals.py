# SPDX-License-Identifier: Apache-2.0
"""The goals of the check of data are judged by what was measured."""

from benchmarks.csv_goals import BEGIN, END, Measured, Run, as_markdown, goals, with_check


def measured(rows: int, check: float, polars: float = 1.0, mebibytes: float = 100) -> Measured:
    """One run of two engines, which take so many CPU seconds."""
    return Measured(
        rows,
        10,
        {"check": [Run(check, check, mebibytes, (rows,))], "polars": [Run(polars, polars, 500, (rows,))]},
    )


def test_each_goal_is_met_or_not_by_what_was_measured() -> None:
    """CPU beside polars, records per CPU second and of two cores, CPU per file, and the peak memory."""
    found = goals(
        {
            "interactions-10": measured(10, check=2.0),
            "quoted-doubled": measured(300_000, check=0.5),
            "columns-52": measured(1_000_000, check=2.0, mebibytes=301),
            "files-5000": measured(5000, check=5),
        }
    )

    assert [(goal.figure, goal.limit, goal.is_met) for goal in found] == [
        (2, 1.5, False),
        (600_000, 500_000, True),
        (1_000_000, 780_000, True),
        (1, 2, True),
        (301, 300, False),
    ]


def test_the_section_replaces_what_was_there() -> None:
    """An engine that cannot read a file is named as such."""
    page = f"before\n{BEGIN}\nold\n{END}\nafter\n"

    written = with_check(page, as_markdown({"interactions-10": measured(10, check=2.0)}, 2, 0.5))

    assert written.startswith("before\n")
    assert written.endswith("\nafter\n")
    assert "old" not in written
    assert "| interactions-10 | 10 | 10 | 1.00 | cannot read it | **2.00** | **2.00** | **100** |" in written
    assert "| interactions-10: CPU, times that of polars' read | 2 | ≤ 1.5 | **no** |" in written
    assert with_check(written, "x") == with_check(page, "x")
