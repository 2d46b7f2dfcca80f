# SPDX-License-Identifier: Apache-2.0
"""The properties of a `Custom::PersonalizeDatasetImportJob`: the import and its deadline."""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

FINGERPRINT_LENGTH = 12
"""Hex digits of a fingerprint: 48 bits, compared only among the import jobs of one dataset."""

SERVICE_TIMEOUT = 3600.0
"""Seconds after which CloudFormation gives up a custom resource, at the latest.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudformation-customresource.html
"""

ANSWER_BEFORE = 120.0
"""Seconds before CloudFormation gives up at which the answer is due: a tick may be a minute late."""

FULL, INCREMENTAL = "FULL", "INCREMENTAL"

_DATASET = re.compile(r"arn:[a-z\d-]+:personalize:[^:]*:[^:]*:dataset/.+")


class InvalidPropertiesError(ValueError):
    """Properties that the handler cannot use. The text names each of them."""


class ImportRequest(NamedTuple):
    """The import that a resource's properties describe, in the words of the API.

    `revision` is the user's own mark for "import again", `timeout` is in seconds, `content` is the hash of
    staged files.
    """

    dataset_arn: str
    data_location: str
    role_arn: str
    job_name_prefix: str
    import_mode: str = FULL
    publish_attribution_metrics_to_s3: bool = False
    tags: tuple[tuple[str, str], ...] = ()
    revision: str = ""
    timeout: float = SERVICE_TIMEOUT
    wait: bool = True
    content: str = ""

    @classmethod
    def from_properties(cls, properties: object) -> ImportRequest:
        """Read the properties as CloudFormation delivers them: primitives arrive as strings.

        Raises:
            InvalidPropertiesError: Some are missing or wrong. The text names all of them.
        """
        given = properties if isinstance(properties, Mapping) else {}
        source = given.get("DataSource")
        location = source.get("DataLocation") if isinstance(source, Mapping) else source
        problems: list[str] = []

        def text(name: str, value: object, *, is_required: bool = False, rule: str = "a text") -> str:
            if value in (None, "") and not is_required:
                return ""
            if not isinstance(value, str) or not value:
                problems.append(f"{name} must be {rule}, got {_shown(value)}")
                return ""
            return value

        dataset_arn = text(
            "DatasetArn", given.get("DatasetArn"), is_required=True, rule="the ARN of a dataset"
        )
        if dataset_arn and not _DATASET.fullmatch(dataset_arn):
            problems.append(f"DatasetArn must be the ARN of a dataset, got {_shown(dataset_arn)}")
        request = cls(
            dataset_arn=dataset_arn,
            data_location=text("DataSource.DataLocation", location, is_required=True, rule="an S3 URL"),
            role_arn=text("RoleArn", given.get("RoleArn"), is_required=True, rule="the ARN of a role"),
            job_name_prefix=text("JobNamePrefix", given.get("JobNamePrefix"), is_required=True),
            import_mode=text("ImportMode", given.get("ImportMode")) or FULL,
            publish_attribution_metrics_to_s3=_flag(given, "PublishAttributionMetricsToS3", False, problems),
            tags=_tags(given.get("Tags"), problems),
            revision=text("Revision", given.get("Revision")),
            timeout=_timeout(given, problems),
            wait=_flag(given, "Wait", True, problems),
            content=content_of(given),
        )
        if request.import_mode not in (FULL, INCREMENTAL):
            problems.append(f"ImportMode must be {FULL} or {INCREMENTAL}, got {_shown(request.import_mode)}")
        if not is_https(given.get("WaitConditionHandle", "https://")):
            problems.append("WaitConditionHandle must be an https URL")
        if problems:
            raise InvalidPropertiesError("; ".join(problems))
        return request

    @property
    def fingerprint(self) -> str:
        """Twelve hex digits that identify the data of the import."""
        return _fingerprint(
            self.dataset_arn,
            self.content or self.data_location,
            self.import_mode,
            self.publish_attribution_metrics_to_s3,
            self.revision,
        )


def fingerprint_of(properties: object) -> str:
    """Return the fingerprint of properties that may be invalid, as those of a failed Update may be."""
    given = properties if isinstance(properties, Mapping) else {}
    return _fingerprint(
        given.get("DatasetArn", ""),
        content_of(given) or location_of(given),
        given.get("ImportMode", FULL),
        _is_true(given.get("PublishAttributionMetricsToS3", False)),
        given.get("Revision", ""),
    )


def text_of(properties: object, name: str) -> str:
    """Return a text property; empty if it is missing or has another type."""
    value = properties.get(name) if isinstance(properties, Mapping) else None
    return value if isinstance(value, str) else ""


def location_of(properties: object) -> str:
    """Return the location of the data; empty if it is missing."""
    source = properties.get("DataSource") if isinstance(properties, Mapping) else None
    return text_of(source, "DataLocation")


def content_of(properties: object) -> str:
    """Return the hash of staged files, which identifies the data; empty if it is not staged.

    Their location contains the logical id, which changes when a construct is renamed.
    """
    staging = properties.get("Staging") if isinstance(properties, Mapping) else None
    return text_of(staging, "Prefix").rstrip("/").rpartition("/")[2]


def prefix_of(properties: object) -> str:
    """Return the prefix of the job names; `JobName` is its name in stacks of an earlier handler."""
    return text_of(properties, "JobNamePrefix") or text_of(properties, "JobName")


def mode_of(properties: object) -> str:
    """Return the import mode of properties that may be invalid."""
    return text_of(properties, "ImportMode") or FULL


def is_https(url: object) -> bool:
    """Whether a value is an https URL. The answer is never sent unencrypted."""
    return isinstance(url, str) and url.startswith("https://")


def timeout_of(properties: object) -> float:
    """Return the seconds that an import may take; an hour if the properties name none."""
    return _timeout(properties if isinstance(properties, Mapping) else {}, [])


def deadline_of(properties: object, *, issued: float, begun: float | None) -> float:
    """Return until when a request has to be answered, in seconds since the epoch.

    Args:
        properties: The properties of the resource.
        issued: When CloudFormation sent the request.
        begun: From when its timeout counts; None where it does not count, as for a Delete.
    """
    latest = issued + _answer_within(properties)
    return latest if begun is None else min(begun + timeout_of(properties), latest)


def _answer_within(properties: object) -> float:
    """Return the seconds within which CloudFormation needs an answer, less what a late tick takes."""
    given = properties.get("ServiceTimeout") if isinstance(properties, Mapping) else None
    seconds = min(_positive(given) or SERVICE_TIMEOUT, SERVICE_TIMEOUT)
    return seconds - min(ANSWER_BEFORE, seconds / 4)


def physical_id_of(event: Mapping[str, Any], arn: str) -> str:
    """Return the id to answer with when the import of a Create or an Update is done.

    A Create answers the job's ARN, and it stays for as long as the dataset does, whichever job came last.
    For CloudFormation, another id is a replacement: a rollback would delete it without an Update back to
    the old properties, and the old data would not be imported again. Another dataset is a replacement.
    """
    old, new = event.get("OldResourceProperties"), event.get("ResourceProperties")
    is_same = text_of(old, "DatasetArn") == text_of(new, "DatasetArn")
    return str(event["PhysicalResourceId"]) if "PhysicalResourceId" in event and is_same else arn


def _fingerprint(*content: object) -> str:
    # Role, tags, timeout and the prefix of the name do not change the data, so they do not count.
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()[:FINGERPRINT_LENGTH]


def _timeout(properties: Mapping[str, Any], problems: list[str]) -> float:
    """Return the timeout, which without a wait condition is limited to an hour."""
    given = properties.get("Timeout")
    seconds = SERVICE_TIMEOUT if given is None else _positive(given)
    if not seconds:
        problems.append(f"Timeout must be a number of seconds above 0, got {_shown(given)}")
        return SERVICE_TIMEOUT
    return seconds if "WaitConditionHandle" in properties else min(seconds, SERVICE_TIMEOUT)


def _positive(value: object) -> float:
    try:
        number = float(value)  # type: ignore[arg-type]  # whatever it is, the except clause handles it
    except (TypeError, ValueError):
        return 0.0
    return number if 0 < number < math.inf else 0.0


def _flag(properties: Mapping[str, Any], name: str, default: bool, problems: list[str]) -> bool:
    value = properties.get(name, default)
    if str(value).lower() not in ("true", "false"):
        problems.append(f"{name} must be true or false, got {_shown(value)}")
    return _is_true(value)


def _tags(value: object, problems: list[str]) -> tuple[tuple[str, str], ...]:
    tags = value or []
    try:
        pairs = tuple((tag["Key"], tag["Value"]) for tag in tags)  # type: ignore[attr-defined]
    except (TypeError, KeyError, IndexError):
        pairs = (("", None),)
    if all(isinstance(key, str) and key and isinstance(value, str) for key, value in pairs):
        return pairs
    problems.append(f"Tags must be a list of Key and Value, got {_shown(value)}")
    return ()


def _is_true(value: object) -> bool:
    return str(value).lower() == "true"


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 100 else f"{text[:100]}…"
