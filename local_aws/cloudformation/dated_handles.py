# SPDX-License-Identifier: Apache-2.0
"""The URL of a wait condition's handle says when it was made, as that of a presigned URL of S3 does.

By it a rollback is told from an Update. ministack's URLs have no query.
"""

from datetime import UTC, datetime

from ministack.services.cloudformation import wait_conditions


def apply() -> None:
    """Let the URLs of new handles say so."""
    handle_url = wait_conditions.handle_url

    def dated(token: str) -> str:
        return f"{handle_url(token)}?X-Amz-Date={datetime.now(UTC):%Y%m%dT%H%M%SZ}&X-Amz-Expires=86400"

    wait_conditions.handle_url = dated
