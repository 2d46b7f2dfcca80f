# SPDX-License-Identifier: Apache-2.0
"""The permissions to read the data: the role of an import and the policy of its bucket."""

from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk.assertions import Annotations, Match, Template

from cdk_personalize_import import DataSource
from tests.construct.imports import (
    DATASET_ARN,
    HANDLER_POLICY,
    IMPORT,
    Imports,
    arn,
    circle,
    of_type,
    statements,
)

BUCKET_ARN = {"Fn::GetAtt": ["Bucket83908E77", "Arn"]}
BUCKET_POLICY = "BucketPolicyE9A3008A"
PERSONALIZE = {"Service": "personalize.amazonaws.com"}
ON_BEHALF_OF_THE_ACCOUNT = {
    "StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}},
    "ArnLike": {"aws:SourceArn": arn("personalize", "*")},
}


def keys(pattern: str) -> dict[str, Any]:
    """Return the ARN of objects of the bucket."""
    return {"Fn::Join": ["", [BUCKET_ARN, f"/{pattern}"]]}


def reading(*objects: str, **more: Any) -> dict[str, Any]:
    """Return the statement that reading locations of the bucket takes."""
    return {
        "Action": ["s3:GetObject", "s3:ListBucket"],
        "Effect": "Allow",
        "Resource": [BUCKET_ARN, *(keys(pattern) for pattern in objects)],
        **more,
    }


def role_of_import(template: Template) -> dict[str, Any]:
    """Return the properties of the role of the import."""
    properties: dict[str, Any] = of_type(template, "AWS::IAM::Role")["ImportServiceRole6053FBA1"][
        "Properties"
    ]
    return properties


def given_role(stack: cdk.Stack) -> iam.Role:
    """A role that is made beside the import."""
    return iam.Role(stack, "Given", assumed_by=iam.ServicePrincipal("personalize.amazonaws.com"))


def test_only_personalize_of_this_account_and_region_may_assume_the_role(imports: Imports) -> None:
    """The trust policy has the documented conditions against a confused deputy."""
    imports.add()

    role = role_of_import(imports.template())

    assert role["AssumeRolePolicyDocument"]["Statement"] == [
        {
            "Action": "sts:AssumeRole",
            "Effect": "Allow",
            "Principal": PERSONALIZE,
            "Condition": ON_BEHALF_OF_THE_ACCOUNT,
        }
    ]


@pytest.mark.parametrize(
    ("key", "objects"),
    [
        ("interactions/", "interactions/*"),
        ("2026/items.csv", "2026/items.csv"),
        ("", "*"),
        ("odd*name?$.csv", "odd${*}name${?}${$}.csv"),
        ("データ/注文.csv", "*/*.csv"),
    ],
    ids=["folder", "file", "whole bucket", "wildcards in the name", "characters that IAM refuses"],
)
def test_role_and_bucket_let_personalize_read_just_the_location(
    imports: Imports, key: str, objects: str
) -> None:
    """Both policies allow to read the objects and to list the bucket, as documented, and nothing else."""
    imports.add(data_source=DataSource.from_bucket(imports.bucket, key))

    template = imports.template()

    (policy,) = role_of_import(template)["Policies"]
    assert [reading(objects)] == policy["PolicyDocument"]["Statement"]
    assert [reading(objects, Principal=PERSONALIZE)] == statements(template, BUCKET_POLICY)


def test_a_key_that_is_a_token_may_be_a_prefix(imports: Imports) -> None:
    """The value at deploy time may end in a slash, so the objects below it are readable too."""
    key = cdk.CfnParameter(imports.stack, "Key").value_as_string
    imports.add(data_source=DataSource.from_bucket(imports.bucket, key))

    (statement,) = statements(imports.template(), BUCKET_POLICY)

    assert statement["Resource"] == [BUCKET_ARN, {"Fn::Join": ["", [BUCKET_ARN, "/", {"Ref": "Key"}, "*"]]}]


def test_the_policy_is_part_of_the_role(imports: Imports) -> None:
    """The policy is inline: it exists as long as the role does, and is no resource of its own."""
    imports.add()

    template = imports.template()

    assert {HANDLER_POLICY, "PersonalizeImportHandlerScheduleRoleDefaultPolicy51FC38E7"} == set(
        of_type(template, "AWS::IAM::Policy")
    )


def test_the_service_can_be_held_to_this_account(imports: Imports) -> None:
    """The bucket's policy has the conditions against a confused deputy if the import asks for them."""
    imports.add(confused_deputy_conditions=True)

    assert [
        reading("interactions/*", Principal=PERSONALIZE, Condition=ON_BEHALF_OF_THE_ACCOUNT)
    ] == statements(imports.template(), BUCKET_POLICY)


def test_ten_imports_of_a_bucket_share_one_statement(imports: Imports) -> None:
    """The statement names each location once, even if several imports use it."""
    for number in range(10):
        key = f"data/{min(number, 7)}.csv"
        imports.add(f"Import{number}", data_source=DataSource.from_bucket(imports.bucket, key))

    assert [reading(*(f"data/{number}.csv" for number in range(8)), Principal=PERSONALIZE)] == statements(
        imports.template(), BUCKET_POLICY
    )


def test_imports_with_and_without_conditions_are_kept_apart(imports: Imports) -> None:
    """The conditions of one import apply to its location only."""
    imports.add("Held", confused_deputy_conditions=True)
    imports.add("Free", data_source=DataSource.from_bucket(imports.bucket, "items.csv"))

    assert [
        reading("interactions/*", Principal=PERSONALIZE, Condition=ON_BEHALF_OF_THE_ACCOUNT),
        reading("items.csv", Principal=PERSONALIZE),
    ] == statements(imports.template(), BUCKET_POLICY)


def test_a_given_role_is_used_and_granted_to_read(imports: Imports) -> None:
    """The import depends on the policy that contains the grant."""
    role = given_role(imports.stack)
    job = imports.add(role=role)

    template = imports.template()

    assert job.role is role
    assert [reading("interactions/*")] == statements(template, "GivenDefaultPolicyA8CBF94E")
    (resource,) = of_type(template, IMPORT).values()
    assert resource["Properties"]["RoleArn"] == {"Fn::GetAtt": ["GivenEA18D9CA", "Arn"]}
    assert "GivenDefaultPolicyA8CBF94E" in resource["DependsOn"]
    template.resource_properties_count_is("AWS::IAM::Role", {"Path": Match.any_value()}, 0)


def test_the_trust_of_a_given_role_is_left_alone(imports: Imports) -> None:
    """The trust policy of a role belongs to its owner."""
    role = given_role(imports.stack)
    imports.add(role=role)

    given = of_type(imports.template(), "AWS::IAM::Role")["GivenEA18D9CA"]["Properties"]

    assert given["AssumeRolePolicyDocument"]["Statement"] == [
        {"Action": "sts:AssumeRole", "Effect": "Allow", "Principal": PERSONALIZE}
    ]


def test_a_given_role_that_is_only_referred_to_gets_a_policy(imports: Imports) -> None:
    """The app attaches a policy to an imported role of the same account, and the import depends on it.

    The policy's name has the path of the import and the region: another stack may import the same role.
    """
    role = iam.Role.from_role_name(imports.stack, "Given", "reader")
    imports.add(role=role)

    template = imports.template()

    (name,) = [name for name in of_type(template, "AWS::IAM::Policy") if name.startswith("ImportRolePolicy")]
    assert [reading("interactions/*")] == statements(template, name)
    policy_name = of_type(template, "AWS::IAM::Policy")[name]["Properties"]["PolicyName"]
    assert policy_name["Fn::Join"][1][0].startswith("StackImport")
    (resource,) = of_type(template, IMPORT).values()
    assert name in resource["DependsOn"]


def test_the_role_of_one_import_can_serve_another(imports: Imports) -> None:
    """The role is granted to read the other location too."""
    first = imports.add("First")
    imports.add("Second", role=first.role, data_source=DataSource.from_bucket(imports.bucket, "items.csv"))

    template = imports.template()

    (policy,) = [
        name for name in of_type(template, "AWS::IAM::Policy") if name.startswith("FirstServiceRole")
    ]
    assert [reading("items.csv")] == statements(template, policy)
    assert circle(template) == []


def test_all_that_the_app_can_change_draws_no_warning(imports: Imports) -> None:
    """The app has added all statements."""
    key = kms.Key(imports.stack, "Key")
    bucket = s3.Bucket(imports.stack, "Encrypted", encryption_key=key)
    imports.add("Own")
    imports.add("WithRole", role=given_role(imports.stack))
    imports.add("Secret", data_source=DataSource.from_bucket(bucket, "items.csv"))

    assert Annotations.from_stack(imports.stack).find_warning("*", Match.any_value()) == []


def test_the_statements_are_properties_of_the_import(imports: Imports) -> None:
    """They are for a bucket of another app; without a key, the list for the key is empty."""
    job = imports.add()

    found = [statement.to_statement_json() for statement in job.bucket_policy_statements]

    assert imports.stack.resolve(found) == [reading("interactions/*", Principal=PERSONALIZE)]
    assert job.key_policy_statements == []


def test_an_import_can_be_granted_to(imports: Imports) -> None:
    """A grant to the import is a grant to its role."""
    job = imports.add()
    key = kms.Key(imports.stack, "Key")
    key.grant_decrypt(job)

    template = imports.template()

    template.has_resource_properties(
        "AWS::IAM::Policy",
        {
            "PolicyDocument": {"Statement": [Match.object_like({"Action": "kms:Decrypt"})]},
            "Roles": [{"Ref": "ImportServiceRole6053FBA1"}],
        },
    )


def test_a_resolved_policy_takes_further_imports(imports: Imports) -> None:
    """Resolving a policy freezes its statements, so a later import gets a new statement."""
    imports.add("First")
    policy = imports.bucket.policy
    assert policy is not None
    imports.stack.resolve(policy.document)
    for number in range(2):
        source = DataSource.from_bucket(imports.bucket, f"{number}.csv")
        imports.add(f"Later{number}", data_source=source, dataset_arn=f"{DATASET_ARN[:-12]}{number}/ITEMS")

    template = imports.template()

    assert statements(template, BUCKET_POLICY) == [
        reading("interactions/*", Principal=PERSONALIZE),
        reading("0.csv", "1.csv", Principal=PERSONALIZE),
    ]


def test_imports_can_be_added_after_a_synthesis(app: cdk.App, imports: Imports) -> None:
    """An app can go on after a test has synthesised one of its stacks."""
    imports.add("First")
    imports.template()
    imports.add("Second", dataset_arn=f"{DATASET_ARN[:-12]}2/ITEMS")

    resources = app.synth(force=True).get_stack_by_name("Stack").template["Resources"]

    policy = resources[HANDLER_POLICY]["Properties"]["PolicyDocument"]["Statement"]
    datasets = [part["Resource"][1:] for part in policy if "personalize:DescribeDataset" in part["Action"]]
    assert datasets == [[DATASET_ARN, f"{DATASET_ARN[:-12]}2/ITEMS"]]
