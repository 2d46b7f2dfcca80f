# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import boto3


def aws_session(region: str | None, profile: str | None) -> boto3.Session:
    """Return a boto3 session with the region and the profile that the AWS CLI would take.

    Raises:
        ProfileNotFound: There is no such profile.
    """
    # Imported here, because it takes a moment and most checks do without.
    import boto3

    # The AWS CLI and other SDKs read AWS_REGION, but boto3 does not.
    region = region or os.environ.get("AWS_REGION") or None
    return boto3.Session(region_name=region, profile_name=profile)
