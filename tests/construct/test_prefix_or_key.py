# SPDX-License-Identifier: Apache-2.0
"""A key that looks like a folder draws a warning, because Personalize would read one file."""

import aws_cdk as cdk
import pytest
from aws_cdk.assertions import Annotations, Match

from cdk_personalize_import import DataSource
from tests.construct.imports import Imports


def warnings(imports: Imports) -> list[str]:
    """Return the warnings of the import."""
    found = Annotations.from_stack(imports.stack).find_warning("/Stack/Import", Match.any_value())
    return [str(message.entry.data) for message in found]


@pytest.mark.parametrize("key", ["interactions", "2026.11/interactions"])
def test_a_key_without_extension_and_slash_draws_a_warning(imports: Imports, key: str) -> None:
    """The warning shows the prefix to use instead."""
    imports.add(data_source=DataSource.from_bucket(imports.bucket, key))

    assert warnings(imports) == [
        f"key_or_prefix {key!r} has no extension and no '/' at its end, so Personalize reads one file with "
        f"this key. For a folder, use '{key}/'. For a file, acknowledge this warning. "
        "[ack: cdk-personalize-import:keyLooksLikeFolder]"
    ]


@pytest.mark.parametrize("key", ["interactions/", "interactions.csv", "a/b.csv", ""])
def test_a_prefix_or_a_file_draws_none(imports: Imports, key: str) -> None:
    """A slash at the end or an extension makes the meaning clear."""
    imports.add(data_source=DataSource.from_bucket(imports.bucket, key))

    assert warnings(imports) == []


def test_a_key_that_is_a_token_draws_none(imports: Imports) -> None:
    """Synth does not know its value."""
    key = cdk.CfnParameter(imports.stack, "Key").value_as_string
    imports.add(data_source=DataSource.from_bucket(imports.bucket, key))

    assert warnings(imports) == []


def test_the_warning_can_be_acknowledged(imports: Imports) -> None:
    """A file may have no extension."""
    job = imports.add(data_source=DataSource.from_bucket(imports.bucket, "interactions"))
    cdk.Annotations.of(job).acknowledge_warning("cdk-personalize-import:keyLooksLikeFolder", "one file")

    assert warnings(imports) == []
