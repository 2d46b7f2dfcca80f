# SPDX-License-Identifier: Apache-2.0
"""The handler's calls to Amazon Personalize. They return plain data."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from dataset_import.errors import ErrorKind, ServiceError, redact, service_errors
from dataset_import.jobs import Dataset, Job, JobDescription, job_arn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from mypy_boto3_personalize import PersonalizeClient

    from dataset_import.poll_loop import Clock

logger = logging.getLogger(__name__)

PAGE = 100
"""Jobs a page, the most that ListDatasetImportJobs returns."""

MOST_DESCRIPTIONS = 20
"""Jobs that a record remembers of what a full import replaces."""

_PAGE_TRIES = 5
_SERVICE = "Personalize"


class Personalize:
    """Amazon Personalize, as far as importing goes. Each method raises `ServiceError` if a call fails.

    Args:
        client: Makes the boto3 client, on first use.
        clock: Measures and passes time.

    Attributes:
        listed_at: When the last list of jobs was read. Of several pages it is the end of the reading, which
            may take longer than a list stays fresh.
    """

    def __init__(self, client: Callable[[], PersonalizeClient], clock: Clock) -> None:
        self._client = client
        self._clock = clock
        self.listed_at = 0.0

    def dataset(self, arn: str) -> Dataset:
        """Describe a dataset."""
        with service_errors(_SERVICE):
            found = self._client().describe_dataset(datasetArn=arn)["dataset"]
            return Dataset(arn=arn, status=str(found["status"]), created=found["creationDateTime"])

    def jobs(self, dataset_arn: str, *, also: Iterable[str] = ()) -> list[Job]:
        """List every import job of a dataset, failed and old ones too, in no order.

        Args:
            dataset_arn: The dataset.
            also: Names of jobs that are looked up where the list does not show them yet.
        """
        jobs = self._listed(dataset_arn)
        names = {job.name for job in jobs}
        return jobs + [job for name in also if name not in names and (job := self.job(dataset_arn, name))]

    def _listed(self, dataset_arn: str) -> list[Job]:
        jobs: list[Job] = []
        token: dict[str, Any] = {}
        self.listed_at = self._clock.time()
        while True:
            page = self._page(dataset_arn, token)
            with service_errors(_SERVICE):
                jobs += [_job(summary) for summary in page["datasetImportJobs"]]
                if not page.get("nextToken"):
                    self.listed_at = self._clock.time() if token else self.listed_at
                    return jobs
                token = {"nextToken": page["nextToken"]}

    def _page(self, dataset_arn: str, token: Mapping[str, Any]) -> Any:
        """Read one page. A throttled one is read again, not the whole list."""
        for tries_left in reversed(range(_PAGE_TRIES)):
            try:
                with service_errors(_SERVICE):
                    return self._client().list_dataset_import_jobs(
                        datasetArn=dataset_arn, maxResults=PAGE, **token
                    )
            except ServiceError as error:
                if error.kind is not ErrorKind.TEMPORARY or not token or not tries_left:
                    raise
                self._clock.sleep(1.0)
        raise AssertionError  # the last try returns or raises

    def job(self, dataset_arn: str, name: str) -> Job | None:
        """Describe the import job of a name; None where there is none."""
        try:
            return _job(self._describe(dataset_arn, name))
        except ServiceError as error:
            if error.kind is ErrorKind.NOT_FOUND:
                return None
            raise

    def descriptions(self, dataset_arn: str, jobs: Sequence[Job]) -> list[JobDescription]:
        """Describe what is needed to run jobs again; nothing if there are more than `MOST_DESCRIPTIONS`."""
        if len(jobs) > MOST_DESCRIPTIONS:
            logger.warning("%s holds the data of %d jobs: too many to restore.", dataset_arn, len(jobs))
            return []
        return [self.description(dataset_arn, job.name) for job in jobs]

    def description(self, dataset_arn: str, name: str) -> JobDescription:
        """Describe what is needed to run a job again. Its tags are not part of that."""
        found = self._describe(dataset_arn, name)
        with service_errors(_SERVICE):
            return JobDescription(
                dataset_arn=dataset_arn,
                data_location=str(found["dataSource"]["dataLocation"]),
                role_arn=str(found["roleArn"]),
                import_mode=str(found.get("importMode", "FULL")),
                publish_attribution_metrics_to_s3=bool(found.get("publishAttributionMetricsToS3", False)),
                name=name,
            )

    def _describe(self, dataset_arn: str, name: str) -> Any:
        with service_errors(_SERVICE):
            arn = job_arn(dataset_arn, name)
            reply = self._client().describe_dataset_import_job(datasetImportJobArn=arn)
            return reply["datasetImportJob"]

    def start(self, wanted: JobDescription, name: str) -> None:
        """Create an import job."""
        call: dict[str, Any] = {
            "jobName": name,
            "datasetArn": wanted.dataset_arn,
            "dataSource": {"dataLocation": wanted.data_location},
            "roleArn": wanted.role_arn,
            "importMode": wanted.import_mode,
            "publishAttributionMetricsToS3": wanted.publish_attribution_metrics_to_s3,
        }
        if wanted.tags:
            call["tags"] = [{"tagKey": key, "tagValue": value} for key, value in wanted.tags]
        with service_errors(_SERVICE):
            self._client().create_dataset_import_job(**call)


def _job(found: Any) -> Job:
    with service_errors(_SERVICE):
        return Job(
            arn=str(found["datasetImportJobArn"]),
            status=str(found["status"]),
            created=found["creationDateTime"],
            updated=found["lastUpdatedDateTime"],
            failure_reason=redact(str(found.get("failureReason") or "")),
            import_mode=str(found.get("importMode") or "FULL"),
            dataset_arn=str(found.get("datasetArn") or ""),
        )
