# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import threading
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

if TYPE_CHECKING:
    from mypy_boto3_personalize import PersonalizeClient

SECONDS_BETWEEN_LOOKS = 1.0


class JobWatch:
    """Tells each change of an import's status while a deployment, which is silent about it, waits."""

    def __init__(self, personalize: PersonalizeClient, show: Callable[[str], None]) -> None:
        self._personalize = personalize
        self._show = show
        self._seen: dict[str, str] = {}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="job-watch", daemon=True)

    def __enter__(self) -> JobWatch:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join()

    def look(self) -> None:
        """Look once, and tell what has changed since the last time."""
        jobs = self._personalize.list_dataset_import_jobs(maxResults=100)["datasetImportJobs"]
        for job in sorted(jobs, key=lambda job: job.get("jobName", "")):
            name, status = job.get("jobName", ""), job.get("status", "")
            if self._seen.get(name) != status:
                self._seen[name] = status
                self._show(f"Personalize | {name} | {status}")

    def _watch(self) -> None:
        while not self._stop.wait(SECONDS_BETWEEN_LOOKS):
            try:
                self.look()
            except (BotoCoreError, ClientError):
                continue  # only a view of what goes on: the deployment itself tells what is wrong
