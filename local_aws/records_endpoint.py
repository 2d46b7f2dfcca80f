# SPDX-License-Identifier: Apache-2.0
"""An endpoint that no real AWS has: the number of records in each dataset."""

import json
from typing import Any

from .personalize_service import Services

PATH = "/_local/personalize/records"


def wrap(app: Any, services: Services) -> Any:
    """The application, which also answers GET /_local/personalize/records with {dataset ARN: count}."""

    async def wrapped(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http" or scope["path"] != PATH:
            await app(scope, receive, send)
            return
        counts = {arn: model.records(arn) for model in services.all() for arn in list(model.state.datasets)}
        headers = [(b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": json.dumps(counts).encode()})

    return wrapped
