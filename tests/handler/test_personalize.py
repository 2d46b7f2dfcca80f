# SPDX-License-Identifier: Apache-2.0
"""The calls of Personalize: lists are read page by page, and replies become plain data."""

from datetime import UTC, datetime
from typing import Any

import pytest

from dataset_import.errors import ErrorKind, ServiceError
from dataset_import.jobs import JobDescription
from dataset_import.personalize import Personalize
from tests.fakes.clients import Client
from tests.fakes.faults import error
from tests.fakes.personalize import JOB_ARN
from tests.handler.jobs import DATASET, job

NOW = datetime(2026, 11, 18, tzinfo=UTC)


class Pages:
    """Personalize with many jobs, whose calls are recorded, and a clock."""

    def __init__(self, jobs: int = 0) -> None:
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.errors: list[Exception | None] = []
        self.described: dict[str, Any] = {}
        self.slept = 0.0
        self.summaries = [summary(f"job-{number}") for number in range(jobs)]
        self.personalize = Personalize(lambda: Client("personalize", self._call), self)  # type: ignore[arg-type,return-value]

    def time(self) -> float:
        return 0.0

    def sleep(self, seconds: float) -> None:
        self.slept += seconds

    def _call(self, operation: str, params: dict[str, Any]) -> Any:
        self.calls.append((operation, params))
        if self.errors and (raised := self.errors.pop(0)):
            raise raised
        if operation != "ListDatasetImportJobs":
            return {
                "datasetImportJob": {
                    **summary("job-1"),
                    "roleArn": "role",
                    "dataSource": {"dataLocation": "s3://a"},
                    **self.described,
                }
            }
        start = int(params.get("nextToken", "0"))
        end = start + params["maxResults"]
        more = {"nextToken": str(end)} if end < len(self.summaries) else {}
        return {"datasetImportJobs": self.summaries[start:end], **more}


def summary(name: str, **more: Any) -> dict[str, Any]:
    """A job as Personalize lists it."""
    return {
        "datasetImportJobArn": JOB_ARN + name,
        "status": "ACTIVE",
        "creationDateTime": NOW,
        "lastUpdatedDateTime": NOW,
        **more,
    }


@pytest.mark.parametrize(("jobs", "pages"), [(0, 1), (100, 1), (101, 2), (250, 3)])
def test_a_list_is_read_a_hundred_jobs_a_page(jobs: int, pages: int) -> None:
    """The most that the API gives at once."""
    service = Pages(jobs)

    found = service.personalize.jobs(DATASET.arn)

    assert len({job.name for job in found}) == jobs
    assert [params["maxResults"] for _, params in service.calls] == [100] * pages


def test_a_throttled_page_is_read_again_and_not_the_whole_list() -> None:
    """After a pause."""
    service = Pages(250)
    service.errors = [None, error("ThrottlingException")]

    found = service.personalize.jobs(DATASET.arn)

    assert len(found) == 250
    assert [params.get("nextToken") for _, params in service.calls] == [None, "100", "100", "200"]
    assert service.slept > 0


def test_a_page_that_stays_throttled_or_is_refused_is_an_error() -> None:
    """The next look begins anew."""
    for code, kind in (("ThrottlingException", ErrorKind.TEMPORARY), ("AccessDenied", ErrorKind.REFUSED)):
        service = Pages(250)
        service.errors = [None, *[error(code)] * 99]

        with pytest.raises(ServiceError) as caught:
            service.personalize.jobs(DATASET.arn)

        assert caught.value.kind is kind
        assert len(service.calls) < 10


def test_a_job_that_is_not_listed_yet_is_looked_up_by_its_name() -> None:
    """One that is listed is not."""
    service = Pages(1)

    found = service.personalize.jobs(DATASET.arn, also=["job-0", "job-1"])

    assert [job.name for job in found] == ["job-0", "job-1"]
    assert len(service.calls) == 2


def test_a_job_that_does_not_exist_is_none() -> None:
    """And any other error is one."""
    service = Pages()
    service.errors = [error("ResourceNotFoundException"), error("AccessDenied")]

    assert service.personalize.job(DATASET.arn, "job-1") is None
    with pytest.raises(ServiceError):
        service.personalize.job(DATASET.arn, "job-1")


def test_a_description_has_what_it_takes_to_run_a_job_again() -> None:
    """Its tags are not part of that."""
    described = Pages().personalize.description(DATASET.arn, "job-1")

    assert described == JobDescription(
        dataset_arn=DATASET.arn,
        data_location="s3://a",
        role_arn="role",
        import_mode="FULL",
        publish_attribution_metrics_to_s3=False,
        name="job-1",
    )


def test_a_description_says_how_the_job_was_run() -> None:
    """Run again otherwise, an increment would replace what it was added to."""
    service = Pages()
    service.described = {"importMode": "INCREMENTAL", "publishAttributionMetricsToS3": True}

    described = service.personalize.description(DATASET.arn, "job-1")

    assert (described.import_mode, described.publish_attribution_metrics_to_s3) == ("INCREMENTAL", True)


def test_a_description_that_lacks_something_is_an_error_of_personalize() -> None:
    """What cannot be run again must not be replaced."""
    service = Pages()
    service.described = {"dataSource": {}}

    with pytest.raises(ServiceError) as caught:
        service.personalize.description(DATASET.arn, "job-1")

    assert (caught.value.service, caught.value.kind) == ("Personalize", ErrorKind.TEMPORARY)


@pytest.mark.parametrize(("count", "described"), [(20, 20), (21, 0)])
def test_only_so_many_jobs_are_described_as_a_record_remembers(count: int, described: int) -> None:
    """A part of them would restore other data than the dataset held."""
    jobs = [job(f"job-{number}", number) for number in range(count)]

    assert len(Pages().personalize.descriptions(DATASET.arn, jobs)) == described


@pytest.mark.parametrize("tags", [(), (("team", "shop"),)])
def test_a_job_is_started_as_described(tags: tuple[tuple[str, str], ...]) -> None:
    """Without tags the call has none: an empty list needs a permission, too."""
    service = Pages()
    wanted = JobDescription(
        dataset_arn=DATASET.arn,
        data_location="s3://a",
        role_arn="arn:aws:iam::123456789012:role/import",
        import_mode="INCREMENTAL",
        publish_attribution_metrics_to_s3=True,
        tags=tags,
    )

    service.personalize.start(wanted, "job-1")

    [(operation, params)] = service.calls
    assert operation == "CreateDatasetImportJob"
    assert params.pop("tags", []) == [{"tagKey": key, "tagValue": value} for key, value in tags]
    assert params == {
        "jobName": "job-1",
        "datasetArn": DATASET.arn,
        "dataSource": {"dataLocation": "s3://a"},
        "roleArn": "arn:aws:iam::123456789012:role/import",
        "importMode": "INCREMENTAL",
        "publishAttributionMetricsToS3": True,
    }


def test_a_reason_with_a_secret_or_half_a_character_is_made_safe() -> None:
    """It is going to be in an answer and in the log."""
    service = Pages()
    service.summaries = [summary("job-0", failureReason="bad \ud83d https://h/?X-Amz-Signature=5ec7e7")]

    [job] = service.personalize.jobs(DATASET.arn)

    assert "5ec7e7" not in job.failure_reason
    assert job.failure_reason.startswith("bad ? ")
