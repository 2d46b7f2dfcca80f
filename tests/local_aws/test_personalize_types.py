# SPDX-License-Identifier: Apache-2.0
"""The resource types of AWS::Personalize behave in stacks as CloudFormation's do."""

from typing import Any

import pytest

from local_aws import LocalAws
from tests.local_aws.accounts import Account, statement, trust
from tests.local_aws.stacks import Stacks
from tests.local_aws.world import INTERACTIONS, ITEMS, schema


def personalize(name: str, kind: str = "Interactions", fields: Any = INTERACTIONS) -> dict[str, Any]:
    """Return a dataset with its schema and its group, and a solution, all of one name."""
    return {
        "Schema": {
            "Type": "AWS::Personalize::Schema",
            "Properties": {"Name": f"{name}-{kind}", "Schema": schema(fields)},
        },
        "Group": {"Type": "AWS::Personalize::DatasetGroup", "Properties": {"Name": name}},
        "Dataset": {
            "Type": "AWS::Personalize::Dataset",
            "Properties": {
                "Name": name,
                "SchemaArn": {"Fn::GetAtt": ["Schema", "SchemaArn"]},
                "DatasetGroupArn": {"Ref": "Group"},
                "DatasetType": kind,
            },
        },
        "Solution": {
            "Type": "AWS::Personalize::Solution",
            "Properties": {"Name": f"{name}-{kind}", "DatasetGroupArn": {"Ref": "Group"}},
        },
    }


def test_a_dataset_is_active_when_its_stack_is_complete(aws: LocalAws, stacks: Stacks) -> None:
    """Creation waits; Ref and the attribute are the ARN."""
    name = stacks.name()
    outputs = {
        "Ref": {"Value": {"Ref": "Dataset"}},
        "Att": {"Value": {"Fn::GetAtt": ["Dataset", "DatasetArn"]}},
    }

    status = stacks.deploy(name, personalize(name), outputs)

    shown = stacks.client.describe_stacks(StackName=name)["Stacks"][0]["Outputs"]
    (arn,) = {output["OutputValue"] for output in shown}
    assert status == "CREATE_COMPLETE"
    assert aws.client("personalize").describe_dataset(datasetArn=arn)["dataset"]["status"] == "ACTIVE"
    stacks.delete(name)


def test_tags_reach_the_resources(aws: LocalAws, stacks: Stacks) -> None:
    """ListTagsForResource returns the property Tags of each type."""
    name, resources = stacks.name(), {}
    for logical_id, resource in personalize(stacks.name()).items():
        resources[logical_id] = resource
        resource["Properties"]["Tags"] = [{"Key": "team", "Value": logical_id}]

    stacks.deploy(name, resources)

    described = stacks.client.describe_stack_resources(StackName=name)["StackResources"]
    listed = {
        entry["LogicalResourceId"]: aws.client("personalize").list_tags_for_resource(
            resourceArn=entry["PhysicalResourceId"]
        )["tags"]
        for entry in described
    }
    assert listed == {
        each: [{"tagKey": "team", "tagValue": each}] for each in ("Schema", "Group", "Dataset", "Solution")
    }
    stacks.delete(name)


def test_everything_is_gone_when_the_stack_is_deleted(aws: LocalAws, stacks: Stacks) -> None:
    """The deletion waits, in an order that the service allows."""
    name = stacks.name()
    stacks.deploy(name, personalize(name))

    status = stacks.delete(name)

    client = aws.client("personalize")
    assert status == "DELETE_COMPLETE"
    left = [
        entry["name"]
        for entries in (
            client.list_dataset_groups()["datasetGroups"],
            client.list_datasets()["datasets"],
            client.list_schemas()["schemas"],
            client.list_solutions()["solutions"],
        )
        for entry in entries
    ]
    assert not [entry for entry in left if entry.startswith(name)]


def test_a_dataset_with_a_running_import_cannot_be_deleted(aws: LocalAws, stacks: Stacks) -> None:
    """The stack's deletion fails, and works when the import has ended."""
    account, name = Account(aws), stacks.name()
    stacks.deploy(name, personalize(name), {"Arn": {"Value": {"Ref": "Dataset"}}})
    arn = stacks.client.describe_stacks(StackName=name)["Stacks"][0]["Outputs"][0]["OutputValue"]
    service = {"Principal": {"Service": "personalize.amazonaws.com"}}
    bucket = account.bucket(lambda bucket: [statement("s3:*", [bucket, f"{bucket}/*"], **service)])
    job = account.personalize.create_dataset_import_job(
        jobName=name,
        datasetArn=arn,
        dataSource={"dataLocation": f"s3://{bucket}/in/"},
        roleArn=account.role(trust("personalize.amazonaws.com"), statement("s3:*", "*")),
    )["datasetImportJobArn"]

    while_running = stacks.delete(name)
    describe = account.personalize.describe_dataset_import_job
    account.until(lambda: describe(datasetImportJobArn=job)["datasetImportJob"]["status"])
    afterwards = stacks.delete(name)

    assert (while_running, afterwards) == ("DELETE_FAILED", "DELETE_COMPLETE")


def test_a_refusal_of_the_service_is_told_in_cloudformation_s_words(stacks: Stacks) -> None:
    """A name that is taken fails the stack, which rolls back."""
    first, second = stacks.name(), stacks.name()
    stacks.deploy(first, personalize(first))

    status = stacks.deploy(second, {"Group": personalize(first)["Group"]})

    reason = next(text for text in stacks.reasons(second) if "already exists" in text)
    assert status == "ROLLBACK_COMPLETE"
    assert reason.startswith('Resource handler returned message: "Another resource with Arn ')
    assert reason.endswith("HandlerErrorCode: AlreadyExists)")
    stacks.delete(first)


def test_a_change_makes_a_resource_anew(aws: LocalAws, stacks: Stacks) -> None:
    """Every property is create-only: the new one is made first, the old one deleted in the clean-up."""
    name = stacks.name()
    stacks.deploy(name, {"Schema": personalize(name)["Schema"]})

    status = stacks.deploy(name, {"Schema": personalize(name + "-new")["Schema"]})

    names = [entry["name"] for entry in aws.client("personalize").list_schemas()["schemas"]]
    assert status == "UPDATE_COMPLETE"
    assert [entry for entry in names if entry.startswith(name)] == [f"{name}-new-Interactions"]
    stacks.delete(name)


def test_a_change_under_the_same_name_is_refused(stacks: Stacks) -> None:
    """The new one cannot be made while the old one has the name."""
    name = stacks.name()
    stacks.deploy(name, {"Schema": personalize(name)["Schema"]})

    status = stacks.deploy(name, {"Schema": personalize(name, fields=ITEMS)["Schema"]})

    assert status == "UPDATE_ROLLBACK_COMPLETE"
    assert any("already exists" in reason for reason in stacks.reasons(name))
    stacks.delete(name)


@pytest.mark.parametrize(
    ("properties", "said"),
    [
        ({}, "required key [Name] not found"),
        ({"Name": "group", "Colour": "red"}, "extraneous key [Colour] is not permitted"),
        ({"Name": "-"}, "1 validation error detected: Value '-' at 'name'"),
    ],
)
def test_wrong_properties_fail_the_stack(stacks: Stacks, properties: dict[str, str], said: str) -> None:
    """The reason says what the type's schema or the service does not allow."""
    name = stacks.name()

    status = stacks.deploy(
        name, {"Group": {"Type": "AWS::Personalize::DatasetGroup", "Properties": properties}}
    )

    assert status == "ROLLBACK_COMPLETE"
    assert any(said in reason for reason in stacks.reasons(name))


def test_the_import_property_of_a_dataset_is_refused_in_plain_words(stacks: Stacks) -> None:
    """CloudFormation's own way to import is not part of this AWS."""
    name = stacks.name()
    resources = personalize(name)
    resources["Dataset"]["Properties"]["DatasetImportJob"] = {"JobName": "job"}

    stacks.deploy(name, resources)

    said = "The embedded AWS does not know the property DatasetImportJob of AWS::Personalize::Dataset."
    assert said in stacks.reasons(name)


def test_a_solution_has_its_arn(stacks: Stacks) -> None:
    """Ref and the attribute return it, and its settings are those of the API."""
    name = stacks.name()
    resources = personalize(name)
    recipe = "arn:aws:personalize:::recipe/aws-user-personalization-v2"
    resources["Solution"]["Properties"] |= {"RecipeArn": recipe, "EventType": "click", "PerformHPO": False}
    outputs = {
        "Ref": {"Value": {"Ref": "Solution"}},
        "Att": {"Value": {"Fn::GetAtt": ["Solution", "SolutionArn"]}},
    }

    status = stacks.deploy(name, resources, outputs)

    shown = stacks.client.describe_stacks(StackName=name)["Stacks"][0]["Outputs"]
    assert status == "CREATE_COMPLETE"
    assert {output["OutputValue"].split(":", 5)[-1] for output in shown} == {f"solution/{name}-Interactions"}
    stacks.delete(name)


def test_a_recommender_has_its_arn(aws: LocalAws, stacks: Stacks) -> None:
    """Ref and the attribute return it; it is ACTIVE when its stack is complete, and deleted with it."""
    name = stacks.name()
    recipe = "arn:aws:personalize:::recipe/aws-ecomm-recommended-for-you"
    resources = {
        "Group": {
            "Type": "AWS::Personalize::DatasetGroup",
            "Properties": {"Name": name, "Domain": "ECOMMERCE"},
        },
        "Recommender": {
            "Type": "AWS::Personalize::Recommender",
            "Properties": {"Name": name, "DatasetGroupArn": {"Ref": "Group"}, "RecipeArn": recipe},
        },
    }
    outputs = {
        "Ref": {"Value": {"Ref": "Recommender"}},
        "Att": {"Value": {"Fn::GetAtt": ["Recommender", "RecommenderArn"]}},
    }

    status = stacks.deploy(name, resources, outputs)

    shown = stacks.client.describe_stacks(StackName=name)["Stacks"][0]["Outputs"]
    (arn,) = {output["OutputValue"] for output in shown}
    personalize_client = aws.client("personalize")
    assert status == "CREATE_COMPLETE"
    assert personalize_client.describe_recommender(recommenderArn=arn)["recommender"]["status"] == "ACTIVE"
    assert stacks.delete(name) == "DELETE_COMPLETE"
    assert personalize_client.list_recommenders()["recommenders"] == []
