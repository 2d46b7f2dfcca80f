# SPDX-License-Identifier: Apache-2.0
"""Performs the steps of the acceptance test against a target."""

from __future__ import annotations

import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from demo.cdk_cli import CdkCli, CdkFailedError
from tests.account.steps import Kind, Step
from tests.account.target import Target
from tests.deploy.environment import interactions

APP = Path(__file__).with_name("app.py")
IMPORT = "Custom::PersonalizeDatasetImportJob"
ROWS = 1000
UNFINISHED = ("CREATE PENDING", "CREATE IN_PROGRESS")


@dataclass(frozen=True)
class Result:
    """What came of a step.

    Attributes:
        step: The step.
        seconds: How long it took.
        status: The stack's status at its end; empty if there is no stack.
        jobs: The import jobs that are new, as Personalize describes them.
        reason: Why the deployment failed, in the words of the import's resource.
        problems: What is not as the step says.
    """

    step: Step
    seconds: float
    status: str
    jobs: tuple[Mapping[str, Any], ...]
    reason: str
    problems: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """Whether everything is as the step says."""
        return not self.problems


def data(folder: Path) -> dict[str, str]:
    """The objects of the bucket by key; the file of `from_asset` is written into a folder."""
    good = interactions(ROWS)
    items = "ITEM_ID,PRICE\n" + "".join(f"i{n},{n}.5\n" for n in range(90))
    (folder / "items.csv").write_text(items, encoding="utf-8")
    return {
        "good-1.csv": good,
        "good-2.csv": interactions(ROWS + 100),
        "no-item-id.csv": good.replace("ITEM_ID", "ITEM"),
        "bad-timestamp.csv": good.replace(",1700000005", ",yesterday"),
        "users.csv": "USER_ID,AGE\n" + "".join(f"u{n},{n}\n" for n in range(50)),
    }


class Run:
    """One run, whose resources all carry a prefix.

    Args:
        target: Where it runs.
        prefix: The beginning of every name.
        folder: An empty folder, for the CLI and for data.
        show: Called with each line that says what goes on.
    """

    def __init__(self, target: Target, prefix: str, folder: Path, show: Callable[[str], None]) -> None:
        self.target = target
        self.prefix = prefix
        self.results: list[Result] = []
        self._show = show
        self._objects = data(folder)
        self._cdk = CdkCli(target.environment, folder, show)
        self._context = {"prefix": prefix, "key": "good-1.csv", "asset": "", "key-of-kms": "yes"}
        self._files = folder

    def prepare(self) -> None:
        """Deploy the buckets and put the data into them."""
        self._deploy("data")
        outputs = self._outputs("data")
        s3 = self.target.client("s3")
        for key, text in self._objects.items():
            bucket = outputs["EncryptedName" if key == "users.csv" else "BucketName"]
            s3.put_object(Bucket=bucket, Key=key, Body=text.encode())

    def perform(self, step: Step) -> Result:
        """Perform a step and compare what came of it."""
        start = time.monotonic()
        before = self._context.copy()
        known = {job["datasetImportJobArn"] for job in self.jobs(step.stack)}
        last_event = self._last_event(step.stack)
        self._context |= {key: self._value(key, value) for key, value in step.context.items()}
        if step.kind is Kind.DELETE:
            self.delete(step.stack)
        elif step.kind is Kind.CANCEL:
            self._deploy_and_cancel(step.stack, known)
        else:
            self._deploy(step.stack, *(["--express"] if step.kind is Kind.EXPRESS else []))
        status = self.status(step.stack)
        new = [job for job in self.jobs(step.stack) if job["datasetImportJobArn"] not in known]
        jobs = tuple(self._ended(job) for job in new)
        problems = tuple(_problems(step, status, jobs))
        reason = (
            self._reason(step.stack, last_event) if status.endswith(("ROLLBACK_COMPLETE", "FAILED")) else ""
        )
        self._context = {**before, **step.undo} if problems or step.undo else self._context
        result = Result(step, time.monotonic() - start, status, jobs, reason, problems)
        self.results.append(result)
        return result

    def stack(self, name: str) -> str:
        """The name of a stack."""
        return f"{self.prefix}-{name}"

    def status(self, name: str) -> str:
        """The status of a stack; empty if there is none."""
        cloudformation = self.target.client("cloudformation")
        try:
            [found] = cloudformation.describe_stacks(StackName=self.stack(name))["Stacks"]
        except ClientError as error:
            if "does not exist" in str(error):
                return ""
            raise
        return str(found["StackStatus"])

    def events(self, name: str) -> list[dict[str, Any]]:
        """The events of a stack, the newest first."""
        cloudformation = self.target.client("cloudformation")
        pages = cloudformation.get_paginator("describe_stack_events").paginate(StackName=self.stack(name))
        return [event for page in pages for event in page["StackEvents"]]

    def jobs(self, name: str) -> list[dict[str, Any]]:
        """The import jobs of all datasets of a stack, as Personalize describes them."""
        personalize = self.target.client("personalize")
        pages = personalize.get_paginator("list_datasets").paginate()
        group = f":dataset/{self.stack(name)}/"
        arns = [
            found["datasetArn"]
            for page in pages
            for found in page["datasets"]
            if group in found["datasetArn"]
        ]
        listed = [
            job["datasetImportJobArn"]
            for arn in arns
            for page in personalize.get_paginator("list_dataset_import_jobs").paginate(datasetArn=arn)
            for job in page["datasetImportJobs"]
        ]
        return [self._describe(arn) for arn in listed]

    def delete(self, name: str) -> None:
        """Delete a stack, and wait for the end of that; one that does not exist is deleted already.

        What is under way in it ends first: CloudFormation refuses to delete a stack that is being updated.
        """
        if not self._ended_status(name):
            return
        self._empty_buckets(name)
        self.target.client("cloudformation").delete_stack(StackName=self.stack(name))
        if status := self._ended_status(name):
            raise RuntimeError(f"The stack {self.stack(name)} is {status}.")

    def _ended_status(self, name: str) -> str:
        while (status := self.status(name)).endswith("_IN_PROGRESS") and status != "REVIEW_IN_PROGRESS":
            time.sleep(self.target.pause)
        return status

    def _deploy(self, name: str, *options: str) -> bool:
        given = [part for key, value in self._context.items() for part in ("-c", f"{key}={value}")]
        app = f"{sys.executable} {APP}"
        try:
            self._cdk.run(
                "deploy", self.stack(name), "--app", app, "--require-approval", "never", *options, *given
            )
        except CdkFailedError:
            return False
        return True

    def _deploy_and_cancel(self, name: str, known: set[str]) -> None:
        deployment = threading.Thread(target=self._deploy, args=(name,))
        deployment.start()
        cloudformation = self.target.client("cloudformation")
        while deployment.is_alive():
            new = [job for job in self.jobs(name) if job["datasetImportJobArn"] not in known]
            if any(job["status"] in UNFINISHED for job in new) and self.status(name) == "UPDATE_IN_PROGRESS":
                self._show("CancelUpdateStack")
                cloudformation.cancel_update_stack(StackName=self.stack(name))
                break
            time.sleep(self.target.pause)
        deployment.join()

    def _ended(self, job: dict[str, Any]) -> dict[str, Any]:
        while job["status"] in UNFINISHED:
            time.sleep(self.target.pause)
            job = self._describe(job["datasetImportJobArn"])
        return job

    def _describe(self, arn: str) -> dict[str, Any]:
        client = self.target.client("personalize")
        return dict(client.describe_dataset_import_job(datasetImportJobArn=arn)["datasetImportJob"])

    def _last_event(self, name: str) -> str:
        return str(self.events(name)[0]["EventId"]) if self.status(name) else ""

    def _reason(self, name: str, after: str) -> str:
        """Return the reason of the import's first failure after an event."""
        found = ""
        for event in self.events(name):
            if event["EventId"] == after:
                break
            if event["ResourceType"] == IMPORT and event["ResourceStatus"].endswith("FAILED"):
                found = event.get("ResourceStatusReason", "")
        return found

    def _outputs(self, name: str) -> dict[str, str]:
        [found] = self.target.client("cloudformation").describe_stacks(StackName=self.stack(name))["Stacks"]
        return {output["OutputKey"]: output["OutputValue"] for output in found["Outputs"]}

    def _empty_buckets(self, name: str) -> None:
        described = self.target.client("cloudformation").describe_stack_resources(StackName=self.stack(name))
        for resource in described["StackResources"]:
            if resource["ResourceType"] == "AWS::S3::Bucket" and resource.get("PhysicalResourceId"):
                self._empty(resource["PhysicalResourceId"])

    def _empty(self, bucket: str) -> None:
        s3 = self.target.client("s3")
        try:
            pages = list(s3.get_paginator("list_objects_v2").paginate(Bucket=bucket))
        except s3.exceptions.NoSuchBucket:
            return
        for page in pages:
            for found in page.get("Contents", []):
                s3.delete_object(Bucket=bucket, Key=found["Key"])

    def _value(self, key: str, value: str) -> str:
        return str(self._files / value) if key == "asset" else value


def _problems(step: Step, status: str, jobs: tuple[Mapping[str, Any], ...]) -> list[str]:
    """Return where the end of a step differs from what is expected."""
    problems = []
    if status != step.status:
        problems.append(f"The stack is {status or 'gone'}, not {step.status or 'gone'}.")
    if step.jobs is not None and (found := Counter(job["status"] for job in jobs)) != Counter(step.jobs):
        problems.append(f"New import jobs: {dict(found) or 'none'}, not {dict(step.jobs) or 'none'}.")
    return problems
