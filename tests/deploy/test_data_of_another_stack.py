# SPDX-License-Identifier: Apache-2.0
"""Imports of a bucket, a key and a role of another stack, deployed by the real CDK CLI."""

from typing import Any

import pytest

from tests.deploy import data_of_another_stack
from tests.deploy.environment import Environment, interactions
from tests.deploy.sequences.parameters import ON_DEMAND

pytestmark = pytest.mark.deploy

SPEED = 600
IMPORT_MINUTES = 20
ADD_STACKS = data_of_another_stack.add_stacks
OLD, NEW = "2026-11-23/", "2026-11-24/"


def records(environment: Environment) -> dict[str, int]:
    """Return the number of records in each dataset of the imports' stack."""
    datasets = environment.resources("Shop", "AWS::Personalize::Dataset")
    return {name.removesuffix("Dataset"): environment.aws.records(arn) for name, arn in datasets.items()}


def imported(environment: Environment) -> list[str]:
    """Return the locations of all jobs, the oldest first."""
    personalize = environment.aws.client("personalize")
    listed = personalize.list_dataset_import_jobs()["datasetImportJobs"]
    jobs: list[dict[str, Any]] = [
        personalize.describe_dataset_import_job(datasetImportJobArn=job["datasetImportJobArn"])[
            "datasetImportJob"
        ]
        for job in listed
    ]
    jobs.sort(key=lambda job: job["creationDateTime"])
    return [job["dataSource"]["dataLocation"].split("/", 3)[3] for job in jobs]


@ON_DEMAND
def test_a_failed_deployment_of_a_new_location_imports_the_old_one_again(environment: Environment) -> None:
    """The stack of the bucket is updated first, and its policies still allow the old location."""
    assert environment.deploy("Shop"), environment.output
    (bucket,) = environment.resources("ShopData", "AWS::S3::Bucket").values()
    s3 = environment.aws.client("s3")
    s3.put_object(Bucket=bucket, Key=f"{OLD}a.csv", Body=interactions(1000).encode())
    s3.put_object(Bucket=bucket, Key=f"{NEW}a.csv", Body=interactions(1100).encode())
    assert environment.deploy("Shop", "--all", key_or_prefix=OLD), environment.output
    assert records(environment) == {"OwnRole": 1000, "GivenRole": 1000}

    assert not environment.deploy("Shop", "--all", key_or_prefix=NEW, breaks="yes")

    assert environment.status("Shop") == "UPDATE_ROLLBACK_COMPLETE", environment.reasons("Shop")
    assert records(environment) == {"OwnRole": 1000, "GivenRole": 1000}
    assert imported(environment) == [OLD, OLD, NEW, NEW, OLD, OLD]
    assert environment.deploy("Shop", "--all", key_or_prefix=NEW), environment.output
    assert records(environment) == {"OwnRole": 1100, "GivenRole": 1100}
    for prefix in (OLD, NEW):
        s3.delete_object(Bucket=bucket, Key=f"{prefix}a.csv")
    assert environment.destroy("Shop", "--all", key_or_prefix=NEW), environment.output
