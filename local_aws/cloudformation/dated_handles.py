# SPDX-License-Identifier: Apache-2.0
"""The URL of a wait condition handle contains its date, as presigned URLs of S3 do.

The handler distinguishes a rollback from an update by this date. ministack's URLs have no query.
"""

from datetime import UTC, datetime

from ministack.services.cloudformation import wait_conditions


def apply() -> None:
    """Add the date to the URLs of new handles."""
    handle_url = wait_conditions.handle_url

    def dated(token: str) -> str:
        return f"{handle_url(token)}?X-Amz-Date={datetime.now(UTC):%Y%m%dT%H%M%SZ}&X-Amz-Expires=86400"

    wait_conditions.handle_url = dated
