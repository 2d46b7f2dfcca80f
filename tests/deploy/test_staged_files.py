# SPDX-License-Identifier: Apache-2.0
"""Imports of files of this machine, by the real CDK CLI: what changes leaves nothing behind."""

import json
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from tests.deploy import staged_imports
from tests.deploy.environment import Environment, interactions
from tests.deploy.sequences.parameters import ON_DEMAND

pytestmark = pytest.mark.deploy

SPEED = 600
IMPORT_MINUTES = 20
ADD_STACKS = staged_imports.add_stacks


class Files:
    """The files of this machine, and what is in the account's buckets."""

    def __init__(self, environment: Environment, folder: Path) -> None:
        self.environment = environment
        self.a, self.b = folder / "a.csv", folder / "b.csv"
        self.a.write_text(interactions(1000))
        self.b.write_text(interactions(1100))

    def deploy(self, stack: str, *imports: dict[str, Any], breaks: str = "") -> bool:
        """Deploy a stack with these imports."""
        more = {"breaks": breaks} if breaks else {}
        return self.environment.deploy(stack, imports=json.dumps(imports), **more)

    def destroy(self, stack: str, *imports: dict[str, Any]) -> bool:
        """Destroy a stack."""
        return self.environment.destroy(stack, imports=json.dumps(imports))

    def import_of(self, construct_id: str, data: Path, dataset: str = "First", **more: str) -> dict[str, Any]:
        """One import for the app."""
        return {"id": construct_id, "dataset": dataset, "data": str(data), **more}

    def records(self, stack: str) -> list[int]:
        """How many records the stack's two datasets hold."""
        datasets = self.environment.resources(stack, "AWS::Personalize::Dataset")
        return [self.environment.aws.records(datasets[f"{name}Dataset"]) for name in ("First", "Second")]

    def jobs(self, stack: str) -> list[str]:
        """The import jobs of the stack's datasets."""
        datasets = self.environment.resources(stack, "AWS::Personalize::Dataset").values()
        client = self.environment.aws.client("personalize")
        return [
            str(job["datasetImportJobArn"])
            for arn in datasets
            for job in client.list_dataset_import_jobs(datasetArn=arn)["datasetImportJobs"]
        ]

    def buckets(self) -> dict[str, list[str]]:
        """The keys in each bucket, except that of the CDK's assets."""
        client = self.environment.aws.client("s3")
        names = [bucket["Name"] for bucket in client.list_buckets()["Buckets"]]
        return {
            name: [item["Key"] for item in client.list_objects_v2(Bucket=name).get("Contents", [])]
            for name in names
            if not name.startswith("cdk-")
        }

    def failures(self, stack: str) -> list[tuple[str, str]]:
        """The resources of a stack that could not be deleted."""
        events = self.environment.events(stack)
        return [
            (event["LogicalResourceId"], event.get("ResourceStatusReason", ""))
            for event in events
            if event["ResourceStatus"] == "DELETE_FAILED"
        ]


@pytest.fixture
def files(environment: Environment, tmp_path: Path) -> Files:
    """Write two files."""
    return Files(environment, tmp_path)


@ON_DEMAND
def test_a_renamed_import_imports_nothing_and_leaves_nothing(files: Files) -> None:
    """The bucket of the stack stays empty, and goes with it."""
    assert files.deploy("Rename", files.import_of("One", files.a)), files.environment.output
    jobs = len(files.environment.aws.client("personalize").list_dataset_import_jobs()["datasetImportJobs"])

    assert files.deploy("Rename", files.import_of("Other", files.a)), files.environment.output

    listed = files.environment.aws.client("personalize").list_dataset_import_jobs()["datasetImportJobs"]
    assert len(listed) == jobs
    assert files.failures("Rename") == []
    assert list(files.buckets().values()) == [[]]
    assert files.records("Rename") == [1000, 0]
    assert files.destroy("Rename", files.import_of("Other", files.a)), files.environment.output
    assert files.buckets() == {}


@ON_DEMAND
def test_removing_swapping_and_rolling_back_sources_leaves_no_copy(files: Files) -> None:
    """Two imports; one is removed; both are there again with each other's data; a failure goes back."""
    one, two = files.import_of("One", files.a), files.import_of("Two", files.b, "Second")
    assert files.deploy("Several", one, two), files.environment.output
    assert files.records("Several") == [1000, 1100]

    assert files.deploy("Several", two), files.environment.output
    assert files.failures("Several") == []

    swapped = [files.import_of("One", files.b), files.import_of("Two", files.a, "Second")]
    assert not files.deploy("Several", *swapped, breaks="yes")
    assert files.environment.status("Several") == "UPDATE_ROLLBACK_COMPLETE"
    assert files.records("Several")[1] == 1100
    assert files.failures("Several") == []

    assert files.deploy("Several", *swapped), files.environment.output
    assert files.records("Several") == [1100, 1000]
    assert list(files.buckets().values()) == [[]]
    assert files.destroy("Several", *swapped), files.environment.output
    assert files.buckets() == {}


@ON_DEMAND
def test_another_bucket_gets_the_data_and_the_old_one_goes(files: Files) -> None:
    """The old bucket is empty, so that CloudFormation can delete it; a rollback stages into it again."""
    in_one = files.import_of("One", files.a, bucket="BucketOne")
    in_two = files.import_of("One", files.b, bucket="BucketTwo")
    assert files.deploy("Moved", in_one), files.environment.output

    assert not files.deploy("Moved", in_two, breaks="yes")
    assert files.environment.status("Moved") == "UPDATE_ROLLBACK_COMPLETE"
    assert files.records("Moved") == [1000, 0]

    assert files.deploy("Moved", in_two), files.environment.output
    assert files.records("Moved") == [1100, 0]
    assert files.failures("Moved") == []
    assert list(files.buckets().values()) == [[]]
    assert files.destroy("Moved", in_two), files.environment.output
    assert files.buckets() == {}


@ON_DEMAND
def test_another_prefix_and_data_that_fails_leave_no_copy(files: Files) -> None:
    """Another prefix imports nothing, since the contents are the same. The rollback stages the old file."""
    bad = files.b.with_name("bad.csv")
    bad.write_text(interactions(10))
    first = files.import_of("One", files.a, bucket="Bucket", prefix="first/")
    second = files.import_of("One", files.a, bucket="Bucket", prefix="second/")
    assert files.deploy("Prefixes", first), files.environment.output
    jobs = files.jobs("Prefixes")

    assert files.deploy("Prefixes", second), files.environment.output
    assert files.jobs("Prefixes") == jobs

    assert not files.deploy("Prefixes", files.import_of("One", bad, bucket="Bucket", prefix="first/"))
    assert files.environment.status("Prefixes") == "UPDATE_ROLLBACK_COMPLETE"
    assert files.records("Prefixes") == [1000, 0]
    assert list(files.buckets().values()) == [[]]
    assert files.destroy("Prefixes", second), files.environment.output
    assert files.buckets() == {}


@ON_DEMAND
def test_a_copy_that_could_not_be_removed_goes_with_the_stack(files: Files) -> None:
    """The Delete of the import removes the copy, so that the bucket can be deleted."""
    client = files.environment.aws.client("s3")
    assert files.deploy("Denied", files.import_of("One", files.a, bucket="Bucket")), files.environment.output
    [bucket] = files.buckets()
    policy = client.get_bucket_policy(Bucket=bucket)["Policy"]
    denied = json.loads(policy)
    every_object = f"arn:aws:s3:::{bucket}/*"
    denied["Statement"].append(
        {"Effect": "Deny", "Principal": "*", "Action": "s3:DeleteObject", "Resource": every_object}
    )
    client.put_bucket_policy(Bucket=bucket, Policy=json.dumps(denied))

    assert files.deploy("Denied", files.import_of("One", files.b, bucket="Bucket")), files.environment.output
    left = files.buckets()[bucket]
    client.put_bucket_policy(Bucket=bucket, Policy=policy)

    assert len(left) == 1
    assert files.records("Denied") == [1100, 0]
    assert files.destroy("Denied", files.import_of("One", files.b, bucket="Bucket")), files.environment.output
    assert files.buckets() == {}


@ON_DEMAND
def test_a_stack_that_is_deleted_while_it_copies_leaves_nothing(files: Files, tmp_path: Path) -> None:
    """The Delete stops the copying, removes the copies that exist, and the bucket can be deleted."""
    folder = tmp_path / "parts"
    folder.mkdir()
    for number in range(100):
        (folder / f"{number:03}.csv").write_text(interactions(1000))
    wanted = files.import_of("Parts", folder)
    deployed: list[bool] = []
    deployment = threading.Thread(target=lambda: deployed.append(files.deploy("Copying", wanted)))
    cloudformation = files.environment.aws.client("cloudformation")

    deployment.start()
    while deployment.is_alive() and not any(files.buckets().values()):
        time.sleep(0.01)
    copied = sum(len(keys) for keys in files.buckets().values())
    cloudformation.delete_stack(StackName="Copying")
    cloudformation.get_waiter("stack_delete_complete").wait(
        StackName="Copying", WaiterConfig={"Delay": 1, "MaxAttempts": 300}
    )
    deployment.join()

    personalize = files.environment.aws.client("personalize")
    assert 0 < copied < 100
    assert deployed == [False]
    assert files.buckets() == {}
    jobs = personalize.list_dataset_import_jobs()["datasetImportJobs"]
    assert [job["jobName"] for job in jobs if job["jobName"].startswith("Copying-")] == []
    assert files.environment.aws.client("scheduler").list_schedules()["Schedules"] == []
