# SPDX-License-Identifier: Apache-2.0
"""Every snippet of the page on enterprise settings synthesises to the setting that its heading names."""

import re
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_kms as kms
from aws_cdk import aws_personalize as personalize
from aws_cdk import aws_s3 as s3
from aws_cdk.assertions import Match, Template

TEXT = (Path(__file__).parents[2] / "docs" / "enterprise.md").read_text(encoding="utf-8")
FIRST, *SECTIONS = re.split(r"^## ", TEXT, flags=re.MULTILINE)
HANDLER = {"Description": Match.string_like_regexp("Personalize")}
"""The function of the imports, among those of a stack."""

EXPECTED: dict[str, list[tuple[str, dict[str, Any]]]] = {
    "A VPC": [
        ("AWS::Lambda::Function", {"VpcConfig": Match.any_value()}),
        ("AWS::EC2::VPCEndpoint", {"ServiceName": "com.amazonaws.eu-west-1.personalize"}),
        ("AWS::EC2::VPCEndpoint", {"ServiceName": "com.amazonaws.eu-west-1.scheduler"}),
        ("AWS::EC2::VPCEndpoint", {"ServiceName": "com.amazonaws.eu-west-1.cloudformation"}),
        ("AWS::IAM::Role", {"ManagedPolicyArns": Match.any_value()}),
    ],
    "Customer keys": [
        ("AWS::Lambda::Function", {"KmsKeyArn": Match.any_value()}),
        ("AWS::Logs::LogGroup", {"KmsKeyId": Match.any_value()}),
        ("AWS::DynamoDB::Table", {"SSESpecification": Match.object_like({"SSEType": "KMS"})}),
    ],
    "Log retention": [("AWS::Logs::LogGroup", {"RetentionInDays": 365})],
    "Reserved concurrency": [("AWS::Lambda::Function", {"ReservedConcurrentExecutions": 10})],
    "Code signing": [
        ("AWS::Lambda::Function", {"CodeSigningConfigArn": Match.any_value()}),
        (
            "AWS::Lambda::CodeSigningConfig",
            {"CodeSigningPolicies": {"UntrustedArtifactOnDeployment": "Warn"}},
        ),
    ],
    "Permissions boundaries": [("AWS::IAM::Role", {"PermissionsBoundary": Match.any_value()})],
    "Paths and names of roles": [("AWS::IAM::Role", {"Path": "/teams/shop/"})],
    "Property injectors": [("AWS::Lambda::Function", {"TracingConfig": {"Mode": "Active"}})],
}


def snippets(text: str) -> tuple[str, str]:
    """The code of a section that goes before the imports, and that which goes after them."""
    found = re.findall(r"^```python([^\n]*)\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    before = [code for title, code in found if "before" in title]
    return "\n".join(before), "\n".join(code for title, code in found if "before" not in title)


def environment() -> dict[str, Any]:
    """What the page takes for granted: a stack with a dataset, a bucket, a key and a network."""
    stack = cdk.Stack(cdk.App(), "Shop", env=cdk.Environment(account="111122223333", region="eu-west-1"))
    dataset = personalize.CfnDataset(
        stack,
        "Dataset",
        name="interactions",
        dataset_type="Interactions",
        dataset_group_arn="arn:aws:personalize:eu-west-1:111122223333:dataset-group/shop",
        schema_arn="arn:aws:personalize:eu-west-1:111122223333:schema/shop",
    )
    isolated = ec2.SubnetConfiguration(name="private", subnet_type=ec2.SubnetType.PRIVATE_ISOLATED)
    vpc = ec2.Vpc(
        stack,
        "Vpc",
        availability_zones=["eu-west-1a"],
        subnet_configuration=[isolated],
        restrict_default_security_group=False,
    )
    name = dynamodb.CfnTable.AttributeDefinitionProperty(attribute_name="id", attribute_type="S")
    hash_key = dynamodb.CfnTable.KeySchemaProperty(attribute_name="id", key_type="HASH")
    dynamodb.CfnTable(
        stack,
        "Table",
        key_schema=[hash_key],
        attribute_definitions=[name],
        billing_mode="PAY_PER_REQUEST",
    )
    return {
        "stack": stack,
        "dataset": dataset,
        "bucket": s3.Bucket(stack, "Bucket"),
        "key": kms.Key(stack, "Key"),
        "vpc": vpc,
    }


@pytest.mark.parametrize("section", SECTIONS, ids=[section.split("\n")[0] for section in SECTIONS])
def test_a_setting_reaches_the_template(section: str) -> None:
    """The snippets of a section need nothing but the import and what the page names."""
    title = section.split("\n")[0]
    names = environment()
    before, after = snippets(section)

    exec("\n".join([before, snippets(FIRST)[1], after]), names)

    template = Template.from_stack(names["stack"])
    template.resource_count_is("Custom::PersonalizeDatasetImportJob", 1)
    for kind, properties in EXPECTED[title]:
        own = HANDLER if kind == "AWS::Lambda::Function" else {}
        template.has_resource_properties(kind, {**properties, **own})


def test_every_role_of_the_construct_has_what_an_organisation_sets() -> None:
    """The service role, the function's and the schedules' have the boundary, as every other of the stack."""
    names = environment()
    (section,) = (each for each in SECTIONS if each.startswith("Permissions boundaries"))

    exec("\n".join([snippets(FIRST)[1], snippets(section)[1]]), names)

    template = Template.from_stack(names["stack"])
    template.all_resources_properties("AWS::IAM::Role", {"PermissionsBoundary": Match.any_value()})


def actions_of_the_function(template: Template) -> set[str]:
    """The actions of the inline policies of the function's role."""
    (function,) = template.find_resources("AWS::Lambda::Function", {"Properties": HANDLER}).values()
    role = function["Properties"]["Role"]["Fn::GetAtt"][0]
    policies = template.find_resources("AWS::IAM::Policy").values()
    statements = [
        statement
        for policy in policies
        if {"Ref": role} in policy["Properties"]["Roles"]
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]
    ]
    lists = [each["Action"] if isinstance(each["Action"], list) else [each["Action"]] for each in statements]
    return {action for actions in lists for action in actions}


def named_actions(text: str) -> set[str]:
    """The actions that a text names. Those of the same service follow without its prefix."""
    service, named = "", set()
    for before, name in re.findall(r"`(?:(\w+):)?([A-Z*][\w*]+)`", text):
        service = before or service
        named.add(f"{service}:{name}")
    return named


@pytest.mark.parametrize("title", ["A VPC", "Customer keys", "Property injectors"])
def test_the_boundary_allows_what_the_settings_of_the_page_need(title: str) -> None:
    """The table of the function's role has every action that a section adds to it."""
    names = environment()
    (section,) = (each for each in SECTIONS if each.startswith(title))
    (boundaries,) = (each for each in SECTIONS if each.startswith("Permissions boundaries"))
    before, after = snippets(section)

    exec("\n".join([before, snippets(FIRST)[1], after]), names)

    template = Template.from_stack(names["stack"])
    named = named_actions(boundaries)
    needed = actions_of_the_function(template)
    assert {each for each in needed if not any(fnmatch(each, name) for name in named)} == set()


def test_the_boundary_allows_the_managed_policy_of_the_vpc() -> None:
    """Its actions are those of AWS's document; the role of the section has the policy."""
    (boundaries,) = (each for each in SECTIONS if each.startswith("Permissions boundaries"))

    assert "AWSLambdaVPCAccessExecutionRole" in boundaries
    assert {"ec2:CreateNetworkInterface", "ec2:DescribeSubnets"} <= named_actions(boundaries)
