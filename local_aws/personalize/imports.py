# SPDX-License-Identifier: Apache-2.0
"""Dataset import jobs."""

from typing import Any

from .avro import columns
from .data_check import Outcome, check, first_level, location_of
from .errors import (
    already_exists,
    in_use,
    invalid_input,
    no_data,
    no_s3_access,
    not_found,
    pass_role_denied,
    too_many_unfinished,
)
from .pages import page
from .ports import AccessChecker, ObjectReader, Read, ReadRefused
from .scope import Scope, when
from .state import ACTIVE, Dataset, ImportJob
from .tagging import Tagging

MOST_UNFINISHED = 5
"""Pending or in-progress import jobs an account and region; not adjustable."""


class Imports:
    """CreateDatasetImportJob, DescribeDatasetImportJob, ListDatasetImportJobs."""

    def __init__(self, scope: Scope, tagging: Tagging, access: AccessChecker, objects: ObjectReader) -> None:
        self._scope = scope
        self._tagging = tagging
        self._access = access
        self._objects = objects
        self._state = scope.state

    def create_dataset_import_job(self, params: dict[str, Any], caller: str) -> dict[str, Any]:
        """CreateDatasetImportJob. Errors in rows do not fail the call; they fail the job later."""
        arn = self._scope.arn("dataset-import-job", params["jobName"])
        role_arn = params.get("roleArn")
        if not role_arn:
            raise invalid_input("Role ARN must be provided for the dataset import job.")
        if not self._access.may_pass_role(caller, role_arn):
            raise pass_role_denied(caller, role_arn)
        dataset = self._ready_dataset(params, arn)
        self._check_quota()
        outcome = self._outcome(params, arn, dataset)
        self._tagging.put(arn, params.get("tags"))
        self._state.jobs[arn] = self._job(arn, params, outcome)
        return {"datasetImportJobArn": arn}

    def describe_dataset_import_job(self, params: dict[str, Any], _caller: str) -> dict[str, Any]:
        """DescribeDatasetImportJob."""
        arn = params["datasetImportJobArn"]
        if arn not in self._state.jobs:
            raise not_found(arn)
        job = self._state.jobs[arn]
        more: dict[str, Any] = {
            "datasetArn": job.dataset_arn,
            "dataSource": {"dataLocation": job.data_location},
            "roleArn": job.role_arn,
        }
        if job.publish_attribution_metrics is not None:
            more["publishAttributionMetricsToS3"] = job.publish_attribution_metrics
        return {"datasetImportJob": self._summary(job) | more}

    def list_dataset_import_jobs(self, params: dict[str, Any], _caller: str) -> dict[str, Any]:
        """ListDatasetImportJobs, of one dataset when it is named."""
        dataset = params.get("datasetArn")
        jobs = [job for job in self._state.jobs.values() if dataset in (None, job.dataset_arn)]
        shown, more = page(jobs, params)
        return {"datasetImportJobs": [self._summary(job) for job in shown], **more}

    def _ready_dataset(self, params: dict[str, Any], arn: str) -> Dataset:
        if arn in self._state.jobs:
            raise already_exists(arn)
        dataset = self._state.datasets.get(params["datasetArn"])
        if dataset is None:
            raise not_found(params["datasetArn"])
        now = self._scope.clock()
        if dataset.status(now) != ACTIVE:
            raise in_use(dataset.arn, f"its status is {dataset.status(now)}.")
        # The API lists ResourceInUse among this call's errors; a dataset takes one import at a time.
        if any(job.dataset_arn == dataset.arn and job.unfinished(now) for job in self._state.jobs.values()):
            raise in_use(dataset.arn, "another dataset import job is PENDING or IN_PROGRESS.")
        if params.get("importMode") == "INCREMENTAL" and not dataset.bulk_imported:
            raise invalid_input(
                "The import mode of the first bulk import into a dataset must be FULL; "
                "INCREMENTAL needs data imported in bulk before."
            )
        return dataset

    def _check_quota(self) -> None:
        now = self._scope.clock()
        if sum(job.unfinished(now) for job in self._state.jobs.values()) >= MOST_UNFINISHED:
            raise too_many_unfinished(MOST_UNFINISHED)

    def _outcome(self, params: dict[str, Any], arn: str, dataset: Dataset) -> Outcome:
        bucket, prefix = location_of(params["dataSource"].get("dataLocation") or "")
        keys = first_level(self._objects.keys(bucket, prefix), prefix)
        role_arn = params["roleArn"]
        refused = self._access.read_refused(Read(role_arn, arn, bucket, prefix, keys))
        if refused is ReadRefused.ROLE:
            raise invalid_input(
                f"Unable to assume role {role_arn}. Make sure that the role exists "
                "and that its trust policy lets personalize.amazonaws.com assume it."
            )
        if refused is ReadRefused.POLICY:
            raise no_s3_access(bucket)
        if not keys:
            raise no_data()
        files = [(key, self._objects.read(bucket, key)) for key in keys]
        return check(files, columns(self._state.schemas[dataset.schema_arn].text), dataset.dataset_type)

    def _job(self, arn: str, params: dict[str, Any], outcome: Outcome) -> ImportJob:
        now, timing = self._scope.clock(), self._scope.timing
        return ImportJob(
            name=params["jobName"],
            arn=arn,
            dataset_arn=params["datasetArn"],
            data_location=params["dataSource"]["dataLocation"],
            role_arn=params["roleArn"],
            import_mode=params.get("importMode") or "FULL",
            publish_attribution_metrics=params.get("publishAttributionMetricsToS3"),
            created=now,
            starts_at=now + timing.wall(timing.pending),
            ends_at=now + timing.wall(timing.import_seconds(params["jobName"])),
            records=outcome.records,
            failure_reason=outcome.failure_reason,
        )

    def _summary(self, job: ImportJob) -> dict[str, Any]:
        now = self._scope.clock()
        summary = {
            "datasetImportJobArn": job.arn,
            "jobName": job.name,
            "status": job.status(now),
            "creationDateTime": when(job.created),
            "lastUpdatedDateTime": when(job.updated(now)),
            "importMode": job.import_mode,
        }
        if job.failure_reason and not job.unfinished(now):
            summary["failureReason"] = job.failure_reason
        return summary
