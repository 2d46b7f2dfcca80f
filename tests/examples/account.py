# SPDX-License-Identifier: Apache-2.0
"""An account in an embedded AWS, into which the real CDK CLI deploys examples."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from demo.cdk_cli import CdkCli, CdkFailedError
from tests.examples.synthesised import EXAMPLES, MADE_HERE

if TYPE_CHECKING:
    from local_aws import LocalAws


class Account:
    """A bootstrapped account; the output of the CLI's last command is in `output`."""

    def __init__(self, aws: LocalAws, home: Path) -> None:
        self.aws = aws
        self.output: list[str] = []
        self._home = home
        self._cdk = CdkCli(aws.environment, home, self.output.append)

    @property
    def number(self) -> str:
        """The account's twelve digits."""
        return str(self.aws.client("sts").get_caller_identity()["Account"])

    def folder(self, example: str) -> Path:
        """A copy of the example's folder, made on first use."""
        copy = self._home / example
        if not copy.exists():
            shutil.copytree(EXAMPLES / example, copy, ignore=MADE_HERE)
        return copy

    def deploy(self, example: str, *stacks: str, **context: str) -> bool:
        """Deploy stacks of an example as its README says, in a copy of its folder; False if that failed."""
        self.output.clear()
        given = [part for key, value in context.items() for part in ("-c", f"{key}={value}")]
        try:
            self._cdk.run(
                "deploy", *stacks, "--require-approval", "never", *given, folder=self.folder(example)
            )
        except CdkFailedError:
            return False
        return True

    def delete(self, stack: str) -> None:
        """Delete a stack, so that its dataset group does not count towards the quota of five."""
        cloudformation = self.aws.client("cloudformation")
        cloudformation.delete_stack(StackName=stack)
        waiter = cloudformation.get_waiter("stack_delete_complete")
        waiter.wait(StackName=stack, WaiterConfig={"Delay": 1, "MaxAttempts": 60})

    def jobs(self, group: str) -> list[dict[str, Any]]:
        """The import jobs of a dataset group, in the order of their creation."""
        jobs = self.aws.client("personalize").list_dataset_import_jobs(maxResults=100)["datasetImportJobs"]
        described = [
            self.aws.client("personalize").describe_dataset_import_job(
                datasetImportJobArn=job["datasetImportJobArn"]
            )["datasetImportJob"]
            for job in jobs
        ]
        of_group = [job for job in described if f":dataset/{group}/" in job["datasetArn"]]
        return sorted(of_group, key=lambda job: job["creationDateTime"])
