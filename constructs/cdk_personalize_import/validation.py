# SPDX-License-Identifier: Apache-2.0
"""The rules that the properties of an import are held to at synth; values that are tokens pass."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aws_cdk import Duration
from aws_cdk import aws_s3 as s3

from cdk_personalize_import import job_name_prefix as names
from cdk_personalize_import.environments import Environment, differ, environment_of
from cdk_personalize_import.errors import InvalidPropertiesError
from cdk_personalize_import.import_mode import ImportMode
from cdk_personalize_import.limits import StringLimit, most_tags, string_limit
from cdk_personalize_import.tokens import is_token
from cdk_personalize_import.wait_condition import LONGEST_WAIT

SHORTEST_TIMEOUT = 60
LONGEST_WITHOUT_WAIT_CONDITION = 3600
"""Seconds: CloudFormation waits no longer for a custom resource."""

LONGEST_REVISION = 256
_SHORTEST_BUCKET_NAME = 3


class Problems:
    """Everything that is wrong with one construct, told at once.

    Args:
        path: The construct's path, for the messages. Left out, they have none: whoever tells them adds it.
    """

    def __init__(self, path: str | None = None) -> None:
        self._place = f" ({path})" if path else ""
        self.messages: list[str] = []

    def add(self, rule: str, fix: str) -> None:
        """Note that a rule is broken, and how to mend it."""
        self.messages.append(f"{rule}{self._place}. {fix}")

    def raise_if_any(self) -> None:
        """Raise what has been noted.

        Raises:
            InvalidPropertiesError: Something has.
        """
        if self.messages:
            raise InvalidPropertiesError("\n".join(self.messages))


def check_role(problems: Problems, value: Any, here: Environment) -> None:
    """A role as a construct, with an ARN that the API takes, of the account of the stack."""
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


def check_job_name_prefix(problems: Problems, value: object) -> None:
    """Check the prefix of the jobs' names, which leaves room for what makes a name unique."""
    if value is None or not _is_text(problems, "job_name_prefix", value, "Pass a string, or leave it out."):
        return
    prefix, limit = str(value), string_limit("jobName")
    longest = names.longest_prefix()
    if len(prefix) > longest:
        problems.add(
            f"job_name_prefix must have at most {longest} characters, got {len(prefix)}: {prefix!r}",
            f"Shorten it: of the {limit.maximum} characters that the API allows, the import needs "
            f"{names.SUFFIX_LENGTH} to make each name unique.",
        )
    if not limit.matches(prefix):
        problems.add(
            f"job_name_prefix must match {limit.pattern}, got {prefix!r}",
            "Use letters, digits, '-' and '_', a letter or digit first; or leave it out.",
        )


def check_import_mode(problems: Problems, value: object) -> None:
    """A member of ImportMode."""
    if not isinstance(value, ImportMode):
        members = ", ".join(f"ImportMode.{mode.name}" for mode in ImportMode)
        problems.add(f"import_mode must be one of {members}, got {value!r}", "Pass the member, not its name.")


def check_flag(problems: Problems, name: str, value: object) -> None:
    """True or False: of anything else, a string even, it would be unclear what is meant."""
    if not isinstance(value, bool):
        problems.add(f"{name} must be True or False, got {value!r}", "Pass the boolean itself.")


def check_revision(problems: Problems, value: object) -> None:
    """Any text, of which only the change matters."""
    fix = "Pass any text that changes when the data is to be imported again, a date perhaps."
    if value is None or not _is_text(problems, "revision", value, fix):
        return
    if not 1 <= len(str(value)) <= LONGEST_REVISION:
        rule = f"revision must have 1 to {LONGEST_REVISION} characters, got {len(str(value))}"
        problems.add(rule, fix)


def check_timeout(problems: Problems, value: object) -> None:
    """A duration that CloudFormation can wait for."""
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


def check_region(problems: Problems, name: str, bucket: s3.IBucket, here: Environment) -> None:
    """A bucket in the region of the stack, and so in that of the dataset."""
    ours, theirs = here.region, environment_of(bucket).region
    if differ(ours, theirs):
        problems.add(
            f"{name} must be of the stack's region {ours}, got one of {theirs}",
            f"Copy the data into a bucket of {ours}; if this one is there, say so with "
            f"s3.Bucket.from_bucket_attributes(region={ours!r}).",
        )


def check_location(problems: Problems, bucket_name: str | None, key: str) -> None:
    """A location as the API takes it.

    Args:
        problems: What is wrong.
        bucket_name: The bucket's name, if it is known: else it counts as the shortest one, so that no key is
            wronged.
        key: The key or the prefix.
    """
    if is_token(key):
        return
    limit = string_limit("dataSource", "dataLocation")
    url = f"s3://{bucket_name or 'BUCKET'}/{key}"
    length = len(url) if bucket_name else len("s3:///") + _SHORTEST_BUCKET_NAME + len(key)
    if length > limit.maximum:
        got = f"{length}: {url!r}" if bucket_name else f"at least {length} with the key {key!r}"
        rule = f"data_source must have a location s3://BUCKET/KEY of at most {limit.maximum} characters"
        problems.add(f"{rule}, got {got}", "Use a shorter key.")
    _check_pattern(problems, "data_source", url, limit, "Use a key without line breaks.")


def check_tags(problems: Problems, tags: Mapping[str, str]) -> None:
    """The tags of a job; their number, keys and values."""
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


def _is_text(problems: Problems, name: str, value: object, fix: str) -> bool:
    """Whether the value is a string that can be looked at, rather than a token."""
    if isinstance(value, str):
        return not is_token(value)
    problems.add(f"{name} must be a string, got {value!r}", fix)
    return False


def _check_limit(problems: Problems, name: str, value: str, limit: StringLimit, fix: str) -> None:
    check_length(problems, name, value, limit, fix)
    _check_pattern(problems, name, value, limit, fix)


def check_length(problems: Problems, name: str, value: str, limit: StringLimit, fix: str) -> None:
    """Check the length of a string."""
    if not limit.minimum <= len(value) <= limit.maximum:
        least = f"{limit.minimum} to" if limit.minimum else "at most"
        rule = f"{name} must have {least} {limit.maximum} characters, got {len(value)}: {value!r}"
        problems.add(rule, fix)


def _check_pattern(problems: Problems, name: str, value: str, limit: StringLimit, fix: str) -> None:
    if not limit.matches(value):
        problems.add(f"{name} must match {limit.pattern}, got {value!r}", fix)
