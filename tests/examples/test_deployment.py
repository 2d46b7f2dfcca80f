# SPDX-License-Identifier: Apache-2.0
"""The examples deployed into an embedded AWS by the real CDK CLI, as their READMEs say.

Left out are the alarm, whose query the embedded CloudFormation does not know, and what other tests deploy.
"""

import json
import os
from typing import Any

import pytest

from tests.examples.account import Account
from tests.examples.synthesised import EXAMPLES, logical_ids, synthesise, warnings

pytestmark = pytest.mark.deploy

INTERACTIONS = EXAMPLES / "existing_dataset" / "data" / "interactions.csv"

ON_DEMAND = pytest.mark.skipif(
    "DEPLOY_ALL" not in os.environ, reason="half a minute each: DEPLOY_ALL=1 deploys all examples"
)


@ON_DEMAND
def test_an_existing_stack_gets_its_data_and_its_parameter(account: Account) -> None:
    """The copy lies beside what else the bucket holds, and the parameter names the dataset group."""
    assert account.deploy("embed_in_an_existing_stack", "Shop"), account.output

    [job] = account.jobs("shop")
    parameter = account.aws.client("ssm").get_parameter(Name="/shop/recommendations")["Parameter"]
    assert job["status"] == "ACTIVE"
    assert "/training/" in job["dataSource"]["dataLocation"]
    assert parameter["Value"].endswith(":dataset-group/shop")


@ON_DEMAND
def test_the_three_datasets_of_a_domain_are_filled(account: Account) -> None:
    """Each holds the records of its file."""
    assert account.deploy("three_datasets_of_a_domain", "Catalogue"), account.output

    jobs = account.jobs("catalogue")
    records = {job["datasetArn"].rpartition("/")[2]: account.aws.records(job["datasetArn"]) for job in jobs}
    assert {job["status"] for job in jobs} == {"ACTIVE"}
    assert records == {"INTERACTIONS": 1000, "ITEMS": 80, "USERS": 80}
    account.delete("Catalogue")


def test_a_recommender_is_created_when_the_data_is_imported(account: Account) -> None:
    """Its creation begins after the end of the last import."""
    assert account.deploy("recommender_after_import", "ShopWindow"), account.output

    jobs = account.jobs("shop-window")
    [recommender] = account.aws.client("personalize").list_recommenders()["recommenders"]
    assert [job["status"] for job in jobs] == ["ACTIVE"] * 3
    assert recommender["status"] == "ACTIVE"
    assert recommender["creationDateTime"] >= max(job["lastUpdatedDateTime"] for job in jobs)


@ON_DEMAND
def test_an_existing_dataset_is_filled(account: Account) -> None:
    """The dataset of the recommender's example, which another stack has created."""
    assert account.deploy("recommender_after_import", "ShopWindow"), account.output
    client = account.aws.client("personalize")
    dataset = account.jobs("shop-window")[0]["datasetArn"].rpartition("/")[0] + "/INTERACTIONS"
    before = client.list_dataset_import_jobs(datasetArn=dataset)["datasetImportJobs"]
    data = account.folder("existing_dataset") / "data" / "interactions.csv"
    data.write_text(data.read_text().replace("View", "Purchase"))  # the same data would not be imported again

    assert account.deploy("existing_dataset", "NewData", dataset=dataset), account.output

    after = client.list_dataset_import_jobs(datasetArn=dataset)["datasetImportJobs"]
    assert {job["status"] for job in after} == {"ACTIVE"}
    assert len(after) == len(before) + 1


def test_an_increment_is_added_again_after_new_full_data(account: Account) -> None:
    """A new full import takes out what the increment has added, so that is imported once more."""
    assert account.deploy("incremental_after_full", "Increments"), account.output
    before = [job["importMode"] for job in account.jobs("increments")]
    data = account.folder("incremental_after_full") / "data" / "interactions.csv"
    header, *rows = data.read_text().splitlines()
    data.write_text("\n".join([header, *rows, rows[-1].replace("View", "Purchase"), ""]))

    assert account.deploy("incremental_after_full", "Increments"), account.output

    jobs = account.jobs("increments")
    assert before == ["FULL", "INCREMENTAL"]
    assert [job["importMode"] for job in jobs] == ["FULL", "INCREMENTAL"] * 2
    assert account.aws.records(jobs[-1]["datasetArn"]) == 1001 + 1000


@ON_DEMAND
def test_another_teams_bucket_is_read_once_the_printed_statements_are_pasted(account: Account) -> None:
    """What the warnings print is all that bucket and key need."""
    key = make_key(account)
    bucket = make_bucket(account, key)
    context = {"bucket": bucket, "key": key}
    of_bucket, of_key = (
        printed_statements(text, account.number)
        for text in warnings(synthesise("bucket_and_key_of_another_team", context))
    )
    account.aws.client("s3").put_bucket_policy(Bucket=bucket, Policy=policy(of_bucket))
    account.aws.client("kms").put_key_policy(
        KeyId=key, PolicyName="default", Policy=policy([owner(account.number), *of_key])
    )

    context["pasted"] = "2026-11-24"
    assert account.deploy("bucket_and_key_of_another_team", "Shared", **context), account.output

    [job] = account.jobs("shared")
    assert job["status"] == "ACTIVE"
    assert "warning" not in "\n".join(account.output).lower()


@ON_DEMAND
def test_a_stage_is_deployed_by_itself(account: Account) -> None:
    """Into its account, without the other stage."""
    example = "stages_in_accounts_of_their_own"

    assert account.deploy(example, "dev/*", dev=account.number), account.output

    assert [job["status"] for job in account.jobs("shop-dev")] == ["ACTIVE"]
    assert account.jobs("shop-prod") == []


@ON_DEMAND
def test_the_rule_hears_the_failure_of_this_import_only(account: Account) -> None:
    """It is deployed before the stack with the import, and knows the event that is documented."""
    example = "alarm_when_an_import_fails"
    (logical_id,) = logical_ids(synthesise(example))

    assert account.deploy(example, "Notifications"), account.output

    events = account.aws.client("events")
    [rule] = events.list_rules()["Rules"]
    heard = {
        what: events.test_event_pattern(EventPattern=rule["EventPattern"], Event=json.dumps(event))["Result"]
        for what, event in {
            "created": resource_event(account, "Watched", logical_id, "CREATE_FAILED"),
            "updated": resource_event(account, "Watched", logical_id, "UPDATE_FAILED"),
            "complete": resource_event(account, "Watched", logical_id, "CREATE_COMPLETE"),
            "another import": resource_event(account, "Watched", "Other", "CREATE_FAILED"),
            "another stack": resource_event(account, "Watched2", logical_id, "CREATE_FAILED"),
        }.items()
    }
    assert [what for what, it_is in heard.items() if it_is] == ["created", "updated"]


def make_key(account: Account) -> str:
    """A key whose policy lets only its account in."""
    made = account.aws.client("kms").create_key(Policy=policy([owner(account.number)]))
    return str(made["KeyMetadata"]["Arn"])


def make_bucket(account: Account, key: str) -> str:
    """A bucket that is encrypted with the key, with data in it."""
    s3 = account.aws.client("s3")
    name = "data-of-another-team"
    s3.create_bucket(Bucket=name)
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}}
    s3.put_bucket_encryption(Bucket=name, ServerSideEncryptionConfiguration={"Rules": [rule]})
    s3.put_object(Bucket=name, Key="interactions/1.csv", Body=INTERACTIONS.read_bytes())
    return name


def printed_statements(warning: str, account: str) -> list[dict[str, Any]]:
    """The statements that a warning prints, with the account filled in."""
    statements: list[dict[str, Any]]
    printed = warning[warning.index("[\n") :].replace("ACCOUNT_ID", account)
    statements, _ = json.JSONDecoder().raw_decode(printed)
    return statements


def owner(account: str) -> dict[str, Any]:
    """The statement that leaves a key to its account, as KMS writes it by default."""
    return {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{account}:root"},
        "Action": "kms:*",
        "Resource": "*",
    }


def policy(statements: list[dict[str, Any]]) -> str:
    """A policy of these statements."""
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def resource_event(account: Account, stack: str, logical_id: str, status: str) -> dict[str, Any]:
    """CloudFormation's event for a resource.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/event-detail-resource-status-change.html
    """
    stack_id = (
        f"arn:aws:cloudformation:{account.aws.region}:{account.number}:"
        f"stack/{stack}/51af3dc0-da77-11e4-872e-1234567db123"
    )
    return {
        "version": "0",
        "id": "7db91c1d-9f6b-4ef0-9d52-b3f6c5f3b2d1",
        "source": "aws.cloudformation",
        "detail-type": "CloudFormation Resource Status Change",
        "account": account.number,
        "region": account.aws.region,
        "time": "2026-11-24T00:00:00Z",
        "resources": [stack_id],
        "detail": {
            "stack-id": stack_id,
            "logical-resource-id": logical_id,
            "physical-resource-id": "",
            "status-details": {"status": status, "status-reason": "The data is bad."},
            "resource-type": "Custom::PersonalizeDatasetImportJob",
            "client-request-token": "",
        },
    }
