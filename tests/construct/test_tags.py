# SPDX-License-Identifier: Apache-2.0
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk.assertions import Match

from tests.construct.imports import IMPORT, Imports, of_type


def tags(imports: Imports) -> dict[str, Any]:
    """Return the tags of each import of the stack, by the head of its logical id."""
    return {
        name[:-8]: resource["Properties"].get("Tags")
        for name, resource in of_type(imports.template(), IMPORT).items()
    }


def test_tags_reach_the_job_from_anywhere_above_it(app: cdk.App, imports: Imports) -> None:
    """Tags of the app, the stack and the import apply; the nearest one wins."""
    job = imports.add()
    cdk.Tags.of(app).add("team", "all")
    cdk.Tags.of(app).add("stage", "test")
    cdk.Tags.of(job).add("team", "shop")

    assert tags(imports) == {"Import": [{"Key": "stage", "Value": "test"}, {"Key": "team", "Value": "shop"}]}


def test_a_tag_can_be_kept_off_an_import(app: cdk.App, imports: Imports) -> None:
    """It can be removed at the import, or excluded by the resource type."""
    imports.add("With")
    cdk.Tags.of(app).add("team", "shop")
    cdk.Tags.of(app).add("other", "x", exclude_resource_types=[IMPORT])
    cdk.Tags.of(imports.add("Without")).remove("team")

    assert tags(imports) == {"With": [{"Key": "team", "Value": "shop"}], "Without": None}


def test_an_untagged_import_has_no_tags(imports: Imports) -> None:
    """There is not even an empty list, which would change the resource."""
    imports.add()

    imports.template().has_resource_properties(IMPORT, {"Tags": Match.absent()})


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("k" * 129, "v", "a tag's key must have 1 to 128 characters, got 129"),
        ("k", "v" * 257, "a tag's value must have at most 256 characters, got 257"),
        ("k!", "v", "a tag's key must match ^([\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*)$, got 'k!'"),
        ("k", "v#", "a tag's value must match ^([\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*)$, got 'v#'"),
        ("AWS:team", "v", "a tag's key must not begin with 'aws:', got 'AWS:team'"),
    ],
)
def test_a_tag_that_the_service_would_refuse_is_refused(
    imports: Imports, key: str, value: str, expected: str
) -> None:
    """The error is at synth, when all tags are known."""
    cdk.Tags.of(imports.add()).add(key, value, include_resource_types=[IMPORT])

    with pytest.raises(RuntimeError, match="Validation failed") as refused:
        imports.template()

    message = str(refused.value)
    assert f"[Stack/Import] {expected}" in message
    assert f". Change the tag {key!r}, or keep it off the import" in message
    assert message.count("Stack/Import") == 1


def test_a_job_has_200_tags_at_most(imports: Imports) -> None:
    """One more tag is an error at synth."""
    job = imports.add()
    for number in range(201):
        cdk.Tags.of(job).add(f"tag{number}", "x", include_resource_types=[IMPORT])

    with pytest.raises(RuntimeError, match="tags must be at most 200, got 201"):
        imports.template()


def test_tags_in_other_scripts_and_tokens_pass(imports: Imports) -> None:
    """Letters and digits of Unicode are allowed, and tokens are not checked."""
    job = imports.add()
    cdk.Tags.of(job).add("équipe/Ωmega ٣", "boutique\u00a0à_1.0:@=+-/")
    cdk.Tags.of(job).add("stack", imports.stack.stack_id)

    assert len(tags(imports)["Import"]) == 2
