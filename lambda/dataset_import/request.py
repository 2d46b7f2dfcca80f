# SPDX-License-Identifier: Apache-2.0
"""What a CloudFormation request asks for, read from its properties."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

FINGERPRINT_LENGTH = 12
"""Hex digits of a fingerprint: 48 bits, compared only among the import jobs of one dataset."""

DEFAULT_TIMEOUT = 3600.0
"""Seconds."""


class ImportRequest(NamedTuple):
    """The import that a resource's properties describe, in the API's own words.

    `job_name` is the stem of the job's name and `revision` the user's own mark for "import again".
    """

    dataset_arn: str
    data_location: str
    role_arn: str
    job_name: str
    import_mode: str
    publish_attribution_metrics_to_s3: bool
    tags: tuple[tuple[str, str], ...]
    revision: str
    timeout: float
    wait: bool

    @classmethod
    def from_properties(cls, properties: Mapping[str, Any]) -> ImportRequest:
        """Read the properties as CloudFormation delivers them: primitives arrive as strings.

        Raises:
            ValueError: A required property is missing or a number is none.
        """
        location = location_of(properties)
        given = {**properties, "DataSource.DataLocation": location}
        required = ("DatasetArn", "DataSource.DataLocation", "RoleArn", "JobName")
        missing = [name for name in required if not given.get(name)]
        if missing:
            raise ValueError(f"The resource must have the properties {', '.join(missing)}.")
        return cls(
            dataset_arn=properties["DatasetArn"],
            data_location=location,
            role_arn=properties["RoleArn"],
            job_name=properties["JobName"],
            import_mode=properties.get("ImportMode", "FULL"),
            publish_attribution_metrics_to_s3=_is_true(
                properties.get("PublishAttributionMetricsToS3", False)
            ),
            tags=tuple((tag["Key"], tag["Value"]) for tag in properties.get("Tags", ())),
            revision=properties.get("Revision", ""),
            timeout=_longest(properties, float(properties.get("Timeout", DEFAULT_TIMEOUT))),
            wait=_is_true(properties.get("Wait", True)),
        )

    @property
    def fingerprint(self) -> str:
        """Twelve hex digits that stand for what the dataset will hold once the import is done."""
        return _fingerprint(
            self.dataset_arn,
            self.data_location,
            self.import_mode,
            self.publish_attribution_metrics_to_s3,
            self.revision,
        )


def fingerprint_of(properties: Mapping[str, Any]) -> str:
    """The fingerprint of an earlier request, whose properties may lack what made it fail."""
    return _fingerprint(
        properties.get("DatasetArn", ""),
        location_of(properties),
        properties.get("ImportMode", "FULL"),
        _is_true(properties.get("PublishAttributionMetricsToS3", False)),
        properties.get("Revision", ""),
    )


def timeout_of(properties: Mapping[str, Any]) -> float:
    """The seconds that a request may take; an hour where the properties do not say, or not in numbers."""
    try:
        return _longest(properties, float(properties["Timeout"]))
    except (KeyError, TypeError, ValueError):
        return DEFAULT_TIMEOUT


def _longest(properties: Mapping[str, Any], seconds: float) -> float:
    """As long as something of CloudFormation waits: an hour, unless there is a wait condition."""
    return seconds if "WaitConditionHandle" in properties else min(seconds, DEFAULT_TIMEOUT)


def physical_id_of(event: Mapping[str, Any], arn: str) -> str:
    """The id to answer with when a job has brought the data of a Create or an Update.

    A Create answers the job's ARN, and it stays for as long as the dataset does, whichever job came last.
    CloudFormation takes another id for a replacement: a rollback would delete it without an Update back to
    the old properties, and the old data would not be imported again. Another dataset is a replacement.
    """
    old = event.get("OldResourceProperties") or {}
    is_same = old.get("DatasetArn") == event["ResourceProperties"].get("DatasetArn")
    return str(event["PhysicalResourceId"]) if "PhysicalResourceId" in event and is_same else arn


def _fingerprint(*content: object) -> str:
    # Role, tags, timeout and the stem of the name do not change the data, so they do not count.
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()[:FINGERPRINT_LENGTH]


def location_of(properties: Mapping[str, Any]) -> str:
    """Where the data lies; empty where the properties do not say."""
    source = properties.get("DataSource")
    return str(source.get("DataLocation", "")) if isinstance(source, dict) else ""


def _is_true(value: object) -> bool:
    return str(value).lower() == "true"
