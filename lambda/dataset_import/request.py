# SPDX-License-Identifier: Apache-2.0
"""What a CloudFormation request asks for, read from its properties."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

FINGERPRINT_LENGTH = 12
"""Hex digits of a fingerprint: 48 bits, compared only among the import jobs of one dataset."""


@dataclass(frozen=True)
class ImportRequest:
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
        location = properties.get("DataSource", {}).get("DataLocation", "")
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
            timeout=float(properties.get("Timeout", 3600)),
            wait=_is_true(properties.get("Wait", True)),
        )

    @property
    def fingerprint(self) -> str:
        """Twelve hex digits that stand for what the dataset will hold once the import is done.

        Role, tags, timeout and the stem of the name do not change the data, so they do not count.
        """
        content = [
            self.dataset_arn,
            self.data_location,
            self.import_mode,
            self.publish_attribution_metrics_to_s3,
            self.revision,
        ]
        return hashlib.sha256(json.dumps(content).encode()).hexdigest()[:FINGERPRINT_LENGTH]


def _is_true(value: object) -> bool:
    return str(value).lower() == "true"
