# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import jsii
from aws_cdk import TagManager
from constructs import IValidation

from cdk_personalize_import.validation import Problems, check_tags


@jsii.implements(IValidation)
class TagValidation:
    """The check of an import's tags, which are complete only when the app is synthesised."""

    def __init__(self, tags: TagManager) -> None:
        self._tags = tags

    def validate(self) -> list[str]:
        """Return what is wrong with the tags. Called by the CDK, which adds the path itself."""
        problems = Problems()
        check_tags(problems, self._tags.tag_values())
        return problems.messages
