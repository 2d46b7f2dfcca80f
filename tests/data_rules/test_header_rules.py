# SPDX-License-Identifier: Apache-2.0
"""What the first line of a file must be like."""

import pytest

from personalize_import.data_rules.header_rules import check_header, check_same_header
from personalize_import.data_rules.schema import Field, Schema

STRING = frozenset({"string"})
SCHEMA = Schema("Users", (Field("USER_ID", STRING), Field("AGE", frozenset({"int"})), Field("plan", STRING)))


@pytest.mark.parametrize(
    ("line", "rules"),
    [
        ("USER_ID,AGE,plan", []),
        ("", ["header-missing"]),
        ("u1,35,gold", ["header-missing"]),
        ('"USER_ID","AGE","plan"', ["header-quoted"]),
        ("USER_ID, AGE,plan", ["header-names"]),
        ("USER_ID,AGE,plan,", ["header-names"]),
        ("USER_ID,AGE,plan,USERID", ["header-names", "header-column-unknown"]),
        ("USER_ID,plan", ["header-column-missing"]),
        ("USER_ID,AGE,PLAN", ["header-case"]),
        ("AGE,USER_ID,plan", ["header-order"]),
        ("USER_ID,AGE,plan,NOTE", ["header-column-unknown"]),
    ],
)
def test_a_header_breaks_the_rule_that_is_about_it(line: str, rules: list[str]) -> None:
    """Each rule is broken by a header that is fine but for that."""
    found = list(check_header(line, SCHEMA, "users.csv"))

    assert rules == [finding.rule.id for finding in found]
    assert {1} >= {finding.line for finding in found}


def test_each_file_has_the_header_of_the_first() -> None:
    """A file with its columns in another order is not like the first one."""
    found = list(check_same_header("USER_ID,AGE", "AGE,USER_ID", "b.csv"))

    assert [finding.rule.id for finding in found] == ["header-different"]
    assert list(check_same_header("USER_ID,AGE", "USER_ID,AGE", "b.csv")) == []
