# SPDX-License-Identifier: Apache-2.0
"""The rules for the properties of an import at synth. Values that are tokens pass."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jsii
from aws_cdk import Duration, TagManager
from constructs import IValidation

from cdk_personalize_import._cdk import Environment, differ, environment_of, is_token
from cdk_personalize_import._limits import StringLimit, most_tags, string_limit
from cdk_personalize_import._wait_condition import LONGEST_WAIT
from cdk_personalize_import.errors import InvalidPropertiesError

SHORTEST_TIMEOUT = 60

LONGEST_WITHOUT_WAIT_CONDITION = 3600
"""Seconds: CloudFormation waits no longer for a custom resource."""

LONGEST_REVISION = 256


class Problems:
    """Everything that is wrong with one construct, gathered for one message.

    Args:
        path: The construct's path, for the messages. If omitted, they have none, because the CDK adds it.
    """

    def __init__(self, path: str | None = None) -> None:
        self._place = f" ({path})" if path else ""
        self.messages: list[str] = []

    def add(self, rule: str, fix: str) -> None:
        """Note that a rule is broken, and how to fix that."""
        self.messages.append(f"{rule}{self._place}. {fix}")

    def raise_if_any(self) -> None:
        """Raise what has been noted.

        Raises:
            InvalidPropertiesError: Something has.
        """
        if self.messages:
            raise InvalidPropertiesError("\n".join(self.messages))


def check_role(problems: Problems, value: Any, here: Environment) -> None:
    """Check that a role is a construct, has an ARN that the API accepts, and is of the stack's account."""
    if value is None:
        return
    arn = getattr(value, "role_arn", None)
    if not isinstance(arn, str):
        fix = "Make one of an ARN with iam.Role.from_role_arn."
        problems.add(f"role must be an iam.IRole, got {value!r}", fix)
        return
    ours, theirs = here.account, environment_of(value).account
    if differ(ours, theirs):
        rule = f"role must be of the stack's account {ours}, got one of {theirs}"
        fix = f"Pass a role of {ours}, since IAM passes roles within an account only; or leave it out."
        problems.add(rule, fix)
    if not is_token(arn):
        limit = string_limit("roleArn")
        check_length(problems, "role", arn, limit, "Pass a role with a shorter name.")
        if not limit.matches(arn):
            rule = f"role must have the ARN of a role of IAM, arn:...:iam::ACCOUNT:role/NAME, got {arn!r}"
            problems.add(rule, "Pass a role by its whole ARN.")


def check_flag(problems: Problems, name: str, value: object) -> None:
    """Check that a value is True or False. The text "no" would count as true."""
    if not isinstance(value, bool):
        problems.add(f"{name} must be True or False, got {value!r}", "Pass the boolean itself.")


def check_revision(problems: Problems, value: object) -> None:
    """Check the length of a revision; only that it changes matters."""
    fix = "Pass any text that changes when the data is to be imported again, a date perhaps."
    if value is None or not is_known_text(problems, "revision", value, fix):
        return
    if not 1 <= len(str(value)) <= LONGEST_REVISION:
        rule = f"revision must have 1 to {LONGEST_REVISION} characters, got {len(str(value))}"
        problems.add(rule, fix)


def check_timeout(problems: Problems, value: object) -> None:
    """Check that CloudFormation can wait for so long."""
    if value is None:
        return
    if not isinstance(value, Duration):
        problems.add(f"timeout must be a Duration, got {value!r}", "Pass e.g. Duration.minutes(30).")
        return
    if value.is_unresolved():
        if value.unit_label() != "seconds":
            rule = f"timeout must be in seconds where it is a token, got {value.unit_label()}"
            problems.add(rule, "Use Duration.seconds.")
        return
    seconds = value.to_seconds(integral=False)
    rule = f"timeout must be between 1 minute and 12 hours, got {value.to_human_string()}"
    if seconds < SHORTEST_TIMEOUT:
        problems.add(rule, "Even the smallest import takes some minutes.")
    elif seconds % 1:
        minutes, rest = divmod(round(seconds), 60)
        whole = f"seconds({round(seconds)})" if rest else f"minutes({minutes})"
        problems.add(
            f"timeout must be a whole number of seconds, got {seconds}", f"Round it, e.g. Duration.{whole}."
        )
    elif seconds > LONGEST_WAIT:
        fix = "CloudFormation waits no longer. To go on without the data, pass wait=False and no timeout."
        problems.add(rule, fix)


def check_tags(problems: Problems, tags: Mapping[str, str]) -> None:
    """Check the number of a job's tags, their keys and values."""
    if len(tags) > most_tags():
        problems.add(f"tags must be at most {most_tags()}, got {len(tags)}", "Remove some of them.")
    for key, value in tags.items():
        fix = f"Change the tag {key!r}, or keep it off the import with Tags.of(...).remove({key!r})."
        if not is_token(key):
            _check_limit(problems, "a tag's key", key, string_limit("tags", "tagKey"), fix)
            if key.lower().startswith("aws:"):
                problems.add(f"a tag's key must not begin with 'aws:', got {key!r}", fix)
        if not is_token(value):
            _check_limit(problems, "a tag's value", value, string_limit("tags", "tagValue"), fix)


def is_known_text(problems: Problems, name: str, value: object, fix: str) -> bool:
    """Whether the value is a string that can be looked at, rather than a token."""
    if isinstance(value, str):
        return not is_token(value)
    problems.add(f"{name} must be a string, got {value!r}", fix)
    return False


def _check_limit(problems: Problems, name: str, value: str, limit: StringLimit, fix: str) -> None:
    check_length(problems, name, value, limit, fix)
    check_pattern(problems, name, value, limit, fix)


def check_length(problems: Problems, name: str, value: str, limit: StringLimit, fix: str) -> None:
    """Check the length of a string."""
    if not limit.minimum <= len(value) <= limit.maximum:
        least = f"{limit.minimum} to" if limit.minimum else "at most"
        rule = f"{name} must have {least} {limit.maximum} characters, got {len(value)}: {value!r}"
        problems.add(rule, fix)


def check_pattern(problems: Problems, name: str, value: str, limit: StringLimit, fix: str) -> None:
    """Check that a string has the form that the API wants."""
    if not limit.matches(value):
        problems.add(f"{name} must match {limit.pattern}, got {value!r}", fix)


@jsii.implements(IValidation)
class TagValidation:
    """The check of an import's tags, which are complete only at synth."""

    def __init__(self, tags: TagManager) -> None:
        self._tags = tags

    def validate(self) -> list[str]:
        """Return what is wrong with the tags. Called by the CDK, which adds the path itself."""
        problems = Problems()
        check_tags(problems, self._tags.tag_values())
        return problems.messages
