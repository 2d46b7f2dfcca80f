# SPDX-License-Identifier: Apache-2.0
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdk_personalize_import._job_name_prefix import default_prefix
from cdk_personalize_import._limits import string_limit

BEYOND_ASCII = st.characters(min_codepoint=128, codec="utf-8")


@pytest.mark.parametrize(
    ("path", "prefix"),
    [
        ("Stack/Interactions", "Stack-Interactions"),
        ("Prod/Shop.eu/my_import", "Prod-Shop-eu-my_import"),
        ("S/" + "x" * 43, "S-" + "x" * 43),
        (
            "PersonalizeProduction/RecommendationsStack/Datasets/InteractionsImport",
            "onsStack-Datasets-InteractionsImport-3374a4d0",
        ),
        ("Stack/Données", "Stack-Donn-es-6902a41e"),
        ("Stack/データ", "Stack-ef5c530a"),
        ("データ", "16773842"),
    ],
)
def test_a_job_is_named_after_its_path(path: str, prefix: str) -> None:
    """A path that is long or not ASCII is replaced by its end and a hash of the whole."""
    assert prefix == default_prefix(path)


@given(st.text(min_size=1))
def test_any_path_makes_a_name_that_the_api_takes(path: str) -> None:
    """The prefix leaves 18 characters for the suffix."""
    prefix = default_prefix(path)

    assert 1 <= len(prefix) <= 45
    assert string_limit("jobName").matches(prefix)


@given(st.text(min_size=46), st.text(min_size=46))
def test_long_paths_that_differ_have_names_that_differ(one: str, other: str) -> None:
    """Their ends may be the same."""
    tail = "x" * 45

    assert (one == other) == (default_prefix(one + tail) == default_prefix(other + tail))


@given(st.text(BEYOND_ASCII, min_size=1), st.text(BEYOND_ASCII, min_size=1))
def test_ids_without_ascii_letters_have_names_that_differ(one: str, other: str) -> None:
    """The prefix is only the hash."""
    assert (one == other) == (default_prefix(f"Stack/{one}") == default_prefix(f"Stack/{other}"))
