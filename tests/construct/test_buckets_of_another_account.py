# SPDX-License-Identifier: Apache-2.0
"""Buckets and keys of another account, or of one that may be another."""

import json
from typing import cast

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk.assertions import Template

from cdk_personalize_import import DataSource
from tests.construct.imports import Imports, allowed, of_type


def test_a_bucket_of_another_account_in_the_app_gets_both_statements(app: cdk.App) -> None:
    """Across accounts, the bucket's policy must also allow the account of the role."""
    theirs = cdk.Stack(app, "Theirs", env=cdk.Environment(account="999999999999", region="eu-west-1"))
    ours = cdk.Stack(app, "Ours", env=cdk.Environment(account="111122223333", region="eu-west-1"))
    Imports(ours, s3.Bucket(theirs, "Bucket", bucket_name="their-data")).add()

    service, role = allowed(Template.from_stack(theirs), "AWS::S3::BucketPolicy", "PolicyDocument")

    assert service["Principal"] == {"Service": "personalize.amazonaws.com"}
    assert "iam::111122223333:root" in json.dumps(role["Principal"])
    assert "iam::111122223333:role/personalize/Ours/*" in json.dumps(role["Condition"])


def test_a_given_role_of_any_account_is_named_by_the_account_of_its_stack(app: cdk.App) -> None:
    """In the stack of the bucket, the token of the account stands for another one."""
    theirs = cdk.Stack(app, "Theirs", env=cdk.Environment(account="999999999999", region="eu-west-1"))
    ours = cdk.Stack(app, "Ours", env=cdk.Environment(account="111122223333", region="eu-west-1"))
    arn = f"arn:aws:iam::{cdk.Aws.ACCOUNT_ID}:role/mine"
    role = iam.Role.from_role_arn(ours, "Role", arn)
    Imports(ours, s3.Bucket(theirs, "Bucket", bucket_name="their-data")).add(role=role)

    _, statement = allowed(Template.from_stack(theirs), "AWS::S3::BucketPolicy", "PolicyDocument")

    assert "iam::111122223333:role/mine" in json.dumps(statement["Condition"])
    assert "AWS::AccountId" not in json.dumps(statement["Condition"])


def test_roles_that_an_aspect_names_get_a_statement_each(app: cdk.App) -> None:
    """When the statements are added, both roles match one pattern."""
    theirs = cdk.Stack(app, "Theirs", env=cdk.Environment(account="999999999999", region="eu-west-1"))
    ours = cdk.Stack(app, "Ours", env=cdk.Environment(account="111122223333", region="eu-west-1"))
    imports = Imports(ours, s3.Bucket(theirs, "Bucket", bucket_name="their-data"))
    principal = iam.ServicePrincipal("personalize.amazonaws.com")
    for name in ("One", "Two"):
        role = iam.Role(ours, f"{name}Role", assumed_by=principal)
        imports.add(name, role=role, data_source=DataSource.from_bucket(imports.bucket, f"{name}/"))
        # As an aspect does, after the import has been made.
        cast(iam.CfnRole, role.node.default_child).role_name = f"corp-{name}"

    found = allowed(Template.from_stack(theirs), "AWS::S3::BucketPolicy", "PolicyDocument")

    conditions = json.dumps([statement.get("Condition") for statement in found])
    assert "role/corp-One" in conditions
    assert "role/corp-Two" in conditions


def test_the_bucket_of_a_stack_of_a_known_account_gets_one_statement(app: cdk.App) -> None:
    """In the stack of the bucket, the account of a stack for any environment would be the bucket's own."""
    theirs = cdk.Stack(app, "Theirs", env=cdk.Environment(account="999999999999", region="eu-west-1"))
    anywhere = cdk.Stack(app, "Anywhere")
    bucket = s3.Bucket(theirs, "Bucket", bucket_name="their-data")

    assert len(Imports(anywhere, bucket).add().bucket_policy_statements) == 1


def test_a_bucket_that_may_be_of_another_account_gets_both_statements(app: cdk.App) -> None:
    """Synth does not know the account of the stack. In the same one, the second statement adds nothing."""
    stack = cdk.Stack(app, "Anywhere")
    bucket = s3.Bucket.from_bucket_attributes(
        stack, "Bucket", bucket_name="their-data", account="999999999999"
    )

    service, role = Imports(stack, bucket).add().bucket_policy_statements

    assert stack.resolve(service.to_json()["Principal"]) == {"Service": "personalize.amazonaws.com"}
    assert "AWS::AccountId" in json.dumps(stack.resolve(role.to_json()["Principal"]))


def test_a_key_of_another_account_in_the_app_is_allowed_by_its_account(app: cdk.App) -> None:
    """Synth does not know the key's ARN; the key's own policy limits who may use it."""
    theirs = cdk.Stack(app, "Theirs", env=cdk.Environment(account="999999999999", region="eu-west-1"))
    ours = cdk.Stack(app, "Ours", env=cdk.Environment(account="111122223333", region="eu-west-1"))
    key = kms.Key(theirs, "Key")
    Imports(ours, s3.Bucket(theirs, "Bucket", bucket_name="their-data", encryption_key=key)).add()

    role = of_type(Template.from_stack(ours), "AWS::IAM::Role")["ImportServiceRole6053FBA1"]["Properties"]

    statement = role["Policies"][0]["PolicyDocument"]["Statement"][1]
    assert ":kms:eu-west-1:999999999999:key/*" in json.dumps(statement["Resource"])
    _, service, account = allowed(Template.from_stack(theirs), "AWS::KMS::Key", "KeyPolicy")
    assert service["Principal"] == {"Service": "personalize.amazonaws.com"}
    assert "iam::111122223333:role/personalize/Ours/*" in json.dumps(account["Condition"])
