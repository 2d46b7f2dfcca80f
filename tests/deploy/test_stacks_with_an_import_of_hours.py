# SPDX-License-Identifier: Apache-2.0
"""Stacks with an import of five hours that fail, are deleted, or are the example's, by the real CDK CLI."""

import threading
import time
from pathlib import Path

import pytest

from demo.cdk_cli import ROOT, CdkCli
from tests.deploy import long_import
from tests.deploy.environment import Environment, interactions

pytestmark = pytest.mark.deploy

ADD_STACKS = long_import.add_stacks
SPEED = 3600
IMPORT_MINUTES = 300
"""Five hours, which take five seconds."""

CONDITION = "AWS::CloudFormation::WaitCondition"


def waits(environment: Environment, stack: str) -> bool:
    """Whether the stack waits for a wait condition, or has done so."""
    stacks = environment.aws.client("cloudformation").describe_stacks()["Stacks"]
    known = stack in {found["StackName"] for found in stacks}
    return known and any(event["ResourceType"] == CONDITION for event in environment.events(stack))


def test_a_first_import_that_fails_after_hours_leaves_no_stack(
    environment: Environment, tmp_path: Path
) -> None:
    """All that was made before is taken back, and nothing behind the import was begun."""
    path = tmp_path / "interactions.csv"
    path.write_text(interactions(10))

    assert not environment.deploy("Broken", data=str(path))

    jobs = environment.aws.client("personalize").list_dataset_import_jobs()["datasetImportJobs"]
    [failed] = [job for job in jobs if job["jobName"].startswith("Broken-")]
    begun = {event["LogicalResourceId"] for event in environment.events("Broken")}
    assert environment.status("Broken") == "ROLLBACK_COMPLETE"
    assert failed["failureReason"] in environment.reasons("Broken")
    assert begun.isdisjoint({"Solution", "Latest"})


def test_a_stack_may_be_deleted_while_it_waits(environment: Environment, tmp_path: Path) -> None:
    """The delete waits for the job, because Personalize deletes no dataset with a running import."""
    path = tmp_path / "interactions.csv"
    path.write_text(interactions(1000))
    deployed: list[bool] = []
    deployment = threading.Thread(
        target=lambda: deployed.append(environment.deploy("Unwanted", data=str(path)))
    )
    cloudformation = environment.aws.client("cloudformation")

    deployment.start()
    while deployment.is_alive() and not waits(environment, "Unwanted"):
        time.sleep(0.1)
    cloudformation.delete_stack(StackName="Unwanted")
    cloudformation.get_waiter("stack_delete_complete").wait(
        StackName="Unwanted", WaiterConfig={"Delay": 1, "MaxAttempts": 120}
    )
    deployment.join()

    assert deployed == [False]
    assert environment.aws.client("personalize").list_datasets()["datasets"] == []


def test_the_example_makes_its_solution_when_the_data_is_there(
    environment: Environment, tmp_path: Path
) -> None:
    """By the commands of its README."""
    said: list[str] = []
    cdk = CdkCli(environment.aws.environment, tmp_path, said.append)
    example = ROOT / "examples" / "import_of_several_hours"
    cdk.run("deploy", "Data", "--require-approval", "never", folder=example)
    (bucket,) = environment.resources("Data", "AWS::S3::Bucket").values()
    body = interactions(1000).encode()
    environment.aws.client("s3").put_object(Bucket=bucket, Key="training/interactions.csv", Body=body)

    cdk.run("deploy", "Training", "--require-approval", "never", folder=example)

    arn = environment.output_of("Training", "ImportJob")
    client = environment.aws.client("personalize")
    job = client.describe_dataset_import_job(datasetImportJobArn=arn)["datasetImportJob"]
    [solution] = [made for made in client.list_solutions()["solutions"] if made["name"] == "several-hours"]
    assert job["status"] == "ACTIVE", said
    assert solution["creationDateTime"] >= job["lastUpdatedDateTime"]
