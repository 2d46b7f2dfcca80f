# SPDX-License-Identifier: Apache-2.0
"""The documented list of the rules is the list that holds."""

import re
from pathlib import Path

from personalize_import.data_rules import RULES, Severity
from personalize_import.data_rules.documentation import rules_as_markdown, with_rules

PAGE = Path(__file__).parents[2] / "docs" / "data-rules.md"


def test_the_page_lists_every_rule_as_it_is() -> None:
    """docs/data-rules.md is what `python -m personalize_import.data_rules.documentation` makes of it."""
    page = PAGE.read_text(encoding="utf-8")

    assert rules_as_markdown() in page
    assert with_rules(page) == page


def test_the_page_shows_a_backslash_and_a_bar() -> None:
    """Markdown would take the one for an escape, and the other for the end of a cell."""
    page = rules_as_markdown()

    assert r'Write \\" instead of "".' in page
    assert r"'\|' separates" in page


def test_every_rule_can_be_told_from_the_others() -> None:
    """Ids are unique, and made of small letters and hyphens."""
    ids = [rule.id for rule in RULES]

    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)+", each) for each in ids)


def test_every_rule_says_what_where_and_how() -> None:
    """Sentence and fix are whole sentences; advice says "should", other rules "must"."""
    for rule in RULES:
        assert rule.sentence.endswith(".")
        assert rule.fix.endswith(".")
        word = "should" if rule.severity is Severity.ADVICE else "must"
        assert re.search(rf"\b{word}\b", rule.sentence), rule.id
        assert rule.source.startswith("https://docs.aws.amazon.com/personalize/latest/dg/")
