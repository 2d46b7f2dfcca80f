# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import threading
from collections.abc import Callable
from types import TracebackType

from botocore.exceptions import BotoCoreError, ClientError

from personalize_import.status import StatusReport

SECONDS_BETWEEN_READS = 1.0


class StatusWatch:
    """Shows the status of the imports during a deployment, which does not show it.

    Args:
        read: Reads the status, as `personalize-import status` does.
        show: Called with each report that has imports.
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

    def read_once(self) -> None:
        """Read the status and show it, if there are imports and the read succeeds."""
        try:
            report = self._read()
        except (BotoCoreError, ClientError):
            return  # the deployment itself reports errors
        if report.imports:
            self._show(report)

    def _watch(self) -> None:
        while not self._stop.wait(SECONDS_BETWEEN_READS):
            self.read_once()
