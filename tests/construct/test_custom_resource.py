# SPDX-License-Identifier: Apache-2.0
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk.assertions import Match

from cdk_personalize_import import DataSource, ImportMode
from tests.construct.imports import DATASET_ARN, HANDLER_POLICY, IMPORT, Imports, circle, of_type


def test_an_import_has_every_field_of_the_api(imports: Imports) -> None:
    """The properties have the API's names in CloudFormation's case."""
    job = imports.add(
        job_name_prefix="nightly",
        import_mode=ImportMode.INCREMENTAL,
        publish_attribution_metrics_to_s3=True,
        revision="2026-11-23",
        timeout=cdk.Duration.minutes(20),
        wait=False,
    )
    cdk.Tags.of(job).add("team", "shop")

    properties = imports.properties()

    assert properties == {
        "ServiceToken": {"Fn::GetAtt": ["PersonalizeImportHandlerFunction9191CD07", "Arn"]},
        "DatasetArn": DATASET_ARN,
        "DataSource": {
            "DataLocation": {"Fn::Join": ["", ["s3://", {"Ref": "Bucket83908E77"}, "/interactions/"]]}
        },
        "RoleArn": {"Fn::GetAtt": ["ImportServiceRole6053FBA1", "Arn"]},
        "JobNamePrefix": "nightly",
        "ImportMode": "INCREMENTAL",
        "PublishAttributionMetricsToS3": True,
        "Tags": [{"Key": "team", "Value": "shop"}],
        "Revision": "2026-11-23",
        "Timeout": 1200,
        "Wait": False,
    }


def test_defaults_are_as_documented(imports: Imports) -> None:
    """The default is a full import of at most one hour that the deployment waits for."""
    imports.add()

    template = imports.template()

    template.has_resource_properties(
        IMPORT,
        {
            "JobNamePrefix": "Stack-Import",
            "ImportMode": "FULL",
            "PublishAttributionMetricsToS3": False,
            "Timeout": 3600,
            "ServiceTimeout": Match.absent(),
            "Tags": Match.absent(),
            "Revision": Match.absent(),
            "Wait": Match.absent(),
        },
    )


def test_an_import_depends_on_everything_that_it_needs(imports: Imports) -> None:
    """It depends on the handler, its resources and the bucket's policy, and refers to its role."""
    imports.add()

    (resource,) = of_type(imports.template(), IMPORT).values()

    assert {
        "BucketPolicyE9A3008A",
        "PersonalizeImportHandlerFunction9191CD07",
        "PersonalizeImportHandlerLogs99E62459",
        "PersonalizeImportHandlerRecords6A6F7591",
        "PersonalizeImportHandlerRoleFA0B7E86",
        HANDLER_POLICY,
        "PersonalizeImportHandlerScheduleRoleE553BE75",
        "PersonalizeImportHandlerScheduleRoleDefaultPolicy51FC38E7",
        "PersonalizeImportHandlerSchedules3A6F1233",
    } == set(resource["DependsOn"])


def test_logical_ids_do_not_move(imports: Imports) -> None:
    """A new logical id would replace the resource in every deployed stack, and import again."""
    imports.add("Interactions")

    resources = imports.template().to_json()["Resources"]

    assert {name: resource["Type"] for name, resource in resources.items()} == {
        "Bucket83908E77": "AWS::S3::Bucket",
        "BucketPolicyE9A3008A": "AWS::S3::BucketPolicy",
        "InteractionsA486FAA2": IMPORT,
        "InteractionsServiceRole4619076B": "AWS::IAM::Role",
        "PersonalizeImportHandlerFunction9191CD07": "AWS::Lambda::Function",
        "PersonalizeImportHandlerLogs99E62459": "AWS::Logs::LogGroup",
        "PersonalizeImportHandlerRecords6A6F7591": "AWS::DynamoDB::Table",
        "PersonalizeImportHandlerRoleFA0B7E86": "AWS::IAM::Role",
        HANDLER_POLICY: "AWS::IAM::Policy",
        "PersonalizeImportHandlerScheduleRoleE553BE75": "AWS::IAM::Role",
        "PersonalizeImportHandlerScheduleRoleDefaultPolicy51FC38E7": "AWS::IAM::Policy",
        "PersonalizeImportHandlerSchedules3A6F1233": "AWS::Scheduler::ScheduleGroup",
    }


def test_another_import_adds_two_resources(imports: Imports) -> None:
    """It adds itself and its role; the handler and the bucket's policy are shared."""
    imports.add("First")
    imports.add("Second")

    resources = imports.template().to_json()["Resources"]

    assert {IMPORT, "AWS::IAM::Role"} == {
        resource["Type"] for name, resource in resources.items() if name.startswith("Second")
    }
    assert len(resources) == 14


@pytest.mark.parametrize(
    ("attribute", "name"),
    [
        ("dataset_import_job_arn", "DatasetImportJobArn"),
        ("status", "Status"),
        ("creation_date_time", "CreationDateTime"),
        ("last_updated_date_time", "LastUpdatedDateTime"),
    ],
)
def test_a_resource_that_uses_an_attribute_waits_for_the_import(
    imports: Imports, attribute: str, name: str
) -> None:
    """An attribute is a reference to the resource."""
    job = imports.add()

    value: Any = imports.stack.resolve(getattr(job, attribute))

    assert {"Fn::GetAtt": ["Import98530AF4", name]} == value


def test_the_dataset_is_the_one_that_was_given(imports: Imports) -> None:
    """The ARN is no attribute of the import, so the handler's policy does not depend on the import."""
    first = imports.add("First")
    imports.add("Second", dataset_arn=first.dataset_arn)

    assert first.dataset_arn == DATASET_ARN
    assert circle(imports.template()) == []


def test_an_import_may_depend_on_another(imports: Imports, tmp_path: Any) -> None:
    """The resources that both share do not depend on the first import."""
    data = tmp_path / "items.csv"
    data.write_text("ITEM_ID\n1\n")
    first = imports.add("First", data_source=DataSource.from_asset(data))
    second = imports.add("Second", data_source=DataSource.from_asset(data))
    second.node.add_dependency(first)

    template = imports.template()

    assert circle(template) == []
    (name,) = [name for name in of_type(template, IMPORT) if name.startswith("First")]
    assert [name in resource["DependsOn"] for resource in of_type(template, IMPORT).values()] == [False, True]


def test_the_resource_can_be_overridden(imports: Imports) -> None:
    """The default child is the CloudFormation resource, as in the CDK's own constructs."""
    job = imports.add()
    child = job.node.default_child
    assert isinstance(child, cdk.CfnResource)
    child.add_property_override("JobNamePrefix", "other")

    properties = imports.properties()

    assert properties["JobNamePrefix"] == "other"
