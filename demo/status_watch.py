# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import threading
from collections.abc import Callable
from types import TracebackType

from botocore.exceptions import BotoCoreError, ClientError

from personalize_import.status import StatusReport

SECONDS_BETWEEN_LOOKS = 1.0


class StatusWatch:
    """Looks at the status of the imports while a deployment, which does not show it, waits.

    Args:
        read: Reads the status, as `personalize-import status` does.
        show: Called with what each look has found.
    """

    def __init__(self, read: Callable[[], StatusReport], show: Callable[[StatusReport], None]) -> None:
        self._read = read
        self._show = show
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="status-watch", daemon=True)

    def __enter__(self) -> StatusWatch:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join()

    def look(self) -> None:
        """Look once, and show it; nothing is shown where there is no import yet."""
        try:
            report = self._read()
        except (BotoCoreError, ClientError):
            return  # only a view of what goes on: the deployment itself says what is wrong
        if report.imports:
            self._show(report)

    def _watch(self) -> None:
        while not self._stop.wait(SECONDS_BETWEEN_LOOKS):
            self.look()
