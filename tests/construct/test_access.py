# SPDX-License-Identifier: Apache-2.0
import json
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk.assertions import Annotations, Match, Template

from cdk_personalize_import import DataSource
from tests.construct.imports import HANDLER_POLICY, IMPORT, Imports, arn, circle, of_type, statements

BUCKET_ARN = {"Fn::GetAtt": ["Bucket83908E77", "Arn"]}
PERSONALIZE = {"Service": "personalize.amazonaws.com"}


def keys(pattern: str) -> dict[str, Any]:
    """Return the ARN of objects of the bucket."""
    return {"Fn::Join": ["", [BUCKET_ARN, f"/{pattern}"]]}


def reading(objects: str, condition: dict[str, Any] | None = None, **more: Any) -> list[dict[str, Any]]:
    """Return the two statements that reading a location takes."""
    limited = {"Condition": condition} if condition else {}
    return [
        {"Action": "s3:GetObject", "Effect": "Allow", "Resource": keys(objects), **more},
        {"Action": "s3:ListBucket", "Effect": "Allow", "Resource": BUCKET_ARN, **limited, **more},
    ]


def under(prefix: str) -> dict[str, Any]:
    """Return the condition that a list is of just this prefix."""
    return {"StringLike": {"s3:prefix": prefix}}


def role_of_import(template: Template) -> dict[str, Any]:
    """Return the properties of the role of the import."""
    properties: dict[str, Any] = of_type(template, "AWS::IAM::Role")["ImportRoleDBDBFD64"]["Properties"]
    return properties


def test_only_personalize_of_this_account_and_region_may_assume_the_role(imports: Imports) -> None:
    """The trust has the documented conditions against a confused deputy."""
    imports.add()

    role = role_of_import(imports.template())

    assert [
        {
            "Action": "sts:AssumeRole",
            "Effect": "Allow",
            "Principal": PERSONALIZE,
            "Condition": {
                "StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}},
                "ArnLike": {"aws:SourceArn": arn("personalize", "*")},
            },
        }
    ] == role["AssumeRolePolicyDocument"]["Statement"]


@pytest.mark.parametrize(
    ("key", "objects", "condition"),
    [
        ("interactions/", "interactions/*", under("interactions/*")),
        ("2026/items.csv", "2026/items.csv", under("2026/items.csv")),
        ("", "*", None),
        ("odd*name?$.csv", "odd${*}name${?}${$}.csv", under("odd${*}name${?}${$}.csv")),
    ],
    ids=["folder", "file", "whole bucket", "wildcards in the name"],
)
def test_role_and_bucket_let_personalize_read_just_the_location(
    imports: Imports, key: str, objects: str, condition: dict[str, Any] | None
) -> None:
    """Both grant GetObject on the keys and ListBucket of the prefix, and nothing else."""
    imports.add(data_source=DataSource.from_bucket(imports.bucket, key))

    template = imports.template()

    (policy,) = role_of_import(template)["Policies"]
    assert reading(objects, condition) == policy["PolicyDocument"]["Statement"]
    assert reading(objects, condition, Principal=PERSONALIZE) == statements(template, "BucketPolicyE9A3008A")


def test_a_key_that_is_a_token_may_be_a_prefix(imports: Imports) -> None:
    """What comes at deploy may end in a slash, so what lies below is readable too."""
    key = cdk.CfnParameter(imports.stack, "Key").value_as_string
    imports.add(data_source=DataSource.from_bucket(imports.bucket, key))

    get, list_ = statements(imports.template(), "BucketPolicyE9A3008A")

    assert get["Resource"] == {"Fn::Join": ["", [BUCKET_ARN, "/", {"Ref": "Key"}, "*"]]}
    assert list_["Condition"] == {"StringLike": {"s3:prefix": {"Fn::Join": ["", [{"Ref": "Key"}, "*"]]}}}


def test_the_policy_is_part_of_the_role(imports: Imports) -> None:
    """So it is there whenever the role is, and costs no resource."""
    imports.add()

    template = imports.template()

    assert {HANDLER_POLICY, "PersonalizeImportHandlerScheduleRoleDefaultPolicy51FC38E7"} == set(
        of_type(template, "AWS::IAM::Policy")
    )


def test_imports_of_the_same_location_share_the_statements_of_the_bucket(imports: Imports) -> None:
    """The policy of a bucket has a limit of 20 KB."""
    imports.add("First")
    imports.add("Second")

    assert len(statements(imports.template(), "BucketPolicyE9A3008A")) == 2


def test_a_given_role_is_used_and_granted_to_read(imports: Imports) -> None:
    """The import waits for the policy in which the grant stands."""
    role = iam.Role(imports.stack, "Given", assumed_by=iam.ServicePrincipal("personalize.amazonaws.com"))
    job = imports.add(role=role)

    template = imports.template()

    assert job.role is role
    assert reading("interactions/*", under("interactions/*")) == statements(
        template, "GivenDefaultPolicyA8CBF94E"
    )
    (resource,) = of_type(template, IMPORT).values()
    assert resource["Properties"]["RoleArn"] == {"Fn::GetAtt": ["GivenEA18D9CA", "Arn"]}
    assert "GivenDefaultPolicyA8CBF94E" in resource["DependsOn"]
    template.resource_properties_count_is("AWS::IAM::Role", {"Path": Match.any_value()}, 0)


def test_a_given_role_that_is_only_referred_to_gets_a_policy(imports: Imports) -> None:
    """As long as it is of the same account; the import waits for the policy."""
    role = iam.Role.from_role_name(imports.stack, "Given", "reader")
    imports.add(role=role)

    template = imports.template()

    (name,) = [name for name in of_type(template, "AWS::IAM::Policy") if name.startswith("Given")]
    assert reading("interactions/*", under("interactions/*")) == statements(template, name)
    (resource,) = of_type(template, IMPORT).values()
    assert name in resource["DependsOn"]


def test_a_given_role_without_updates_stays_as_it_is(imports: Imports) -> None:
    """It is the user's word that the role can read the data."""
    role = iam.Role(imports.stack, "Given", assumed_by=iam.ServicePrincipal("personalize.amazonaws.com"))
    imports.add(role=role.without_policy_updates())

    template = imports.template()

    assert "GivenDefaultPolicyA8CBF94E" not in of_type(template, "AWS::IAM::Policy")


def test_the_role_of_one_import_can_serve_another(imports: Imports) -> None:
    """It is granted to read the other location as well."""
    first = imports.add("First")
    imports.add("Second", role=first.role, data_source=DataSource.from_bucket(imports.bucket, "items.csv"))

    template = imports.template()

    (policy,) = [name for name in of_type(template, "AWS::IAM::Policy") if name.startswith("FirstRole")]
    assert reading("items.csv", under("items.csv")) == statements(template, policy)
    assert circle(template) == []


def test_a_bucket_that_is_only_referred_to_draws_a_warning_with_the_statements(stack: cdk.Stack) -> None:
    """Its policy cannot be changed from here; without these statements the import would fail."""
    bucket = s3.Bucket.from_bucket_name(stack, "Elsewhere", "my-data")
    Imports(stack, bucket).add()

    (warning,) = Annotations.from_stack(stack).find_warning("/Stack/Import", Match.any_value())

    message = str(warning.entry.data)
    assert message.endswith("[ack: cdk-personalize-import:bucketPolicyNotAdded]")
    assert "The policy of bucket my-data cannot be changed" in message
    assert [
        {
            "Action": "s3:GetObject",
            "Effect": "Allow",
            "Principal": PERSONALIZE,
            "Resource": "arn:${AWS::Partition}:s3:::my-data/interactions/*",
        },
        {
            "Action": "s3:ListBucket",
            "Effect": "Allow",
            "Principal": PERSONALIZE,
            "Resource": "arn:${AWS::Partition}:s3:::my-data",
            "Condition": under("interactions/*"),
        },
    ] == json.loads(message.split("is made: ")[1].split(" [ack")[0])


def test_a_bucket_of_the_app_draws_no_warning(imports: Imports) -> None:
    """Its policy has been taken care of."""
    imports.add()

    assert Annotations.from_stack(imports.stack).find_warning("*", Match.any_value()) == []


def test_a_bucket_of_another_stack_makes_no_circle(app: cdk.App) -> None:
    """The stack of the import depends on that of the bucket, and not the other way round."""
    data = cdk.Stack(app, "Data")
    bucket = s3.Bucket(data, "Bucket")
    imports = Imports(cdk.Stack(app, "Imports"), bucket)
    imports.add()

    assembly = app.synth()

    assert [data.stack_name] == [
        stack.id
        for stack in assembly.get_stack_artifact(imports.stack.artifact_id).dependencies
        if stack.id in ("Data", "Imports")
    ]


def test_an_import_can_be_granted_to(imports: Imports) -> None:
    """A grant to the import is one to its role."""
    job = imports.add()
    key = kms.Key(imports.stack, "Key")
    key.grant_decrypt(job)

    template = imports.template()

    template.has_resource_properties(
        "AWS::IAM::Policy",
        {
            "PolicyDocument": {"Statement": [Match.object_like({"Action": "kms:Decrypt"})]},
            "Roles": [{"Ref": "ImportRoleDBDBFD64"}],
        },
    )
