# SPDX-License-Identifier: Apache-2.0
"""The documented list of the rules is the list that holds."""

import re
from pathlib import Path

from personalize_import.data_rules import RULES
from personalize_import.data_rules.documentation import rules_as_markdown

PAGE = Path(__file__).parents[2] / "docs" / "data-rules.md"


def test_the_page_lists_every_rule_as_it_is() -> None:
    """docs/data-rules.md holds what `python -m personalize_import.data_rules.documentation` prints."""
    assert rules_as_markdown() in PAGE.read_text()


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
    """Sentence and fix are whole sentences, with "must" in the rule; the source is a page of the guide."""
    for rule in RULES:
        assert rule.sentence.endswith(".")
        assert rule.fix.endswith(".")
        assert re.search(r"\bmust\b", rule.sentence), rule.id
        assert rule.source.startswith("https://docs.aws.amazon.com/personalize/latest/dg/")
