# SPDX-License-Identifier: Apache-2.0
"""Checks of the properties of an import at synth. Tokens pass, because their values are not known."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jsii
from aws_cdk import Duration, TagManager
from constructs import IValidation

from cdk_personalize_import._cdk import Environment, differ, environment_of, is_token
from cdk_personalize_import._limits import StringLimit, most_tags, string_limit
from cdk_personalize_import.errors import InvalidPropertiesError

SHORTEST_TIMEOUT = 60

LONGEST_WITHOUT_WAIT_CONDITION = 3600
"""Seconds that CloudFormation waits for a custom resource."""

LONGEST_WAIT = 43_200
"""Seconds that CloudFormation waits for a wait condition.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudformation-waitcondition.html
"""

LONGEST_REVISION = 256

_NOT_LOOKED_UP = ":role/DUMMY_ARN"
"""The end of the ARN that `Role.from_lookup` returns until the CDK CLI has looked the role up."""


class Problems:
    """The problems of one construct, reported in one message.

    Args:
        path: The construct's path, for the messages. Omit it if the CDK adds the path.
    """

    def __init__(self, path: str | None = None) -> None:
        self._place = f" ({path})" if path else ""
        self.messages: list[str] = []

    def add(self, rule: str, fix: str) -> None:
        """Add a problem: the broken rule with the value, and the fix."""
        self.messages.append(f"{rule}{self._place}. {fix}")

    def raise_if_any(self) -> None:
        """Raise one error with all problems, if there are any.

        Raises:
            InvalidPropertiesError: There are problems.
        """
        if self.messages:
            raise InvalidPropertiesError("\n".join(self.messages))


def check_role(problems: Problems, value: Any, here: Environment) -> None:
    """Check that a role is a construct of the stack's account, with an ARN that the API accepts."""
    if value is None:
        return
    # A method of IRole alone: a reference to a role has an ARN too.
    is_role = not isinstance(value, type) and callable(getattr(value, "attach_inline_policy", None))
    arn = getattr(value, "role_arn", None)
    if not is_role or not isinstance(arn, str):
        fix = "Make one of an ARN with iam.Role.from_role_arn."
        problems.add(f"role must be an iam.IRole, got {value!r}", fix)
        return
    if arn.endswith(_NOT_LOOKED_UP):
        return
    ours, theirs = here.account, environment_of(value).account
    if differ(ours, theirs):
        rule = f"role must be of the stack's account {ours}, got one of {theirs}"
        fix = f"Pass a role of {ours}, because IAM passes roles only within an account, or omit it."
        problems.add(rule, fix)
    if not is_token(arn):
        limit = string_limit("roleArn")
        check_length(problems, "role", arn, limit, "Pass a role with a shorter name.")
        if not limit.matches(arn):
            rule = f"role must have the ARN of a role of IAM, arn:...:iam::ACCOUNT:role/NAME, got {arn!r}"
            problems.add(rule, "Pass a role by its whole ARN.")


def check_flags(problems: Problems, **values: object) -> None:
    """Check that each value is a boolean."""
    for name, value in values.items():
        check_flag(problems, name, value)


def check_flag(problems: Problems, name: str, value: object) -> None:
    """Check that a value is True or False, because a text such as "no" would count as true."""
    if not isinstance(value, bool):
        problems.add(f"{name} must be True or False, got {value!r}", "Pass a boolean.")


def check_revision(problems: Problems, value: object) -> None:
    """Check that a revision is a text that is not too long."""
    fix = "Pass a text, such as a date, and change it to import the data again."
    if value is None or not is_known_text(problems, "revision", value, fix):
        return
    if not 1 <= len(str(value)) <= LONGEST_REVISION:
        rule = f"revision must have 1 to {LONGEST_REVISION} characters, got {len(str(value))}"
        problems.add(rule, fix)


def check_timeout(problems: Problems, value: object) -> None:
    """Check that CloudFormation can wait as long as the timeout."""
    if value is None:
        return
    if not isinstance(value, Duration):
        problems.add(
            f"timeout must be a Duration, got {value!r}", "Pass a Duration, such as Duration.minutes(30)."
        )
        return
    if value.is_unresolved():
        if value.unit_label() != "seconds":
            rule = f"timeout must be in seconds where it is a token, got {value.unit_label()}"
            problems.add(rule, "Use Duration.seconds.")
        return
    seconds = value.to_seconds(integral=False)
    rule = f"timeout must be between 1 minute and 12 hours, got {value.to_human_string()}"
    if seconds < SHORTEST_TIMEOUT:
        problems.add(rule, "Pass more: the smallest import takes some minutes.")
    elif seconds % 1:
        minutes, rest = divmod(round(seconds), 60)
        whole = f"seconds({round(seconds)})" if rest else f"minutes({minutes})"
        problems.add(
            f"timeout must be a whole number of seconds, got {seconds}",
            f"Round it, such as to Duration.{whole}.",
        )
    elif seconds > LONGEST_WAIT:
        fix = "CloudFormation cannot wait longer. To deploy without waiting, pass wait=False and no timeout."
        problems.add(rule, fix)


def check_tags(problems: Problems, tags: Mapping[str, str]) -> None:
    """Check the number, the keys and the values of a job's tags."""
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
    """Return whether a value is a string that is no token, and note a value of another type."""
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
    """Check that a string matches the pattern of the API."""
    if not limit.matches(value):
        problems.add(f"{name} must match {limit.pattern}, got {value!r}", fix)


@jsii.implements(IValidation)
class TagValidation:
    """Checks an import's tags at synth, because aspects may add tags until then."""

    def __init__(self, tags: TagManager) -> None:
        self._tags = tags

    def validate(self) -> list[str]:
        """Return the problems of the tags. The CDK calls it, and adds the path to each message."""
        problems = Problems()
        check_tags(problems, self._tags.tag_values())
        return problems.messages
