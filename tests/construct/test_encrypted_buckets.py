# SPDX-License-Identifier: Apache-2.0
"""Buckets that are encrypted with a KMS key."""

from collections.abc import Callable
from typing import Any, cast

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk.assertions import Annotations, Match, Template

from cdk_personalize_import import DataSource
from tests.construct.imports import Imports, arn, of_type
from tests.construct.test_access import ON_BEHALF_OF_THE_ACCOUNT, PERSONALIZE

ACTIONS = ["kms:Decrypt", "kms:GenerateDataKey", "kms:DescribeKey", "kms:CreateGrant", "kms:ListGrants"]
ACTIONS_OF_THE_ROLE = ["kms:Decrypt", "kms:GenerateDataKey", "kms:DescribeKey", "kms:ListGrants"]
KEY_ARN = {"Fn::GetAtt": ["Key961B73FD", "Arn"]}


def using(resource: Any = "*", **more: Any) -> dict[str, Any]:
    """Return the statement that using a key takes."""
    return {"Action": ACTIONS, "Effect": "Allow", "Resource": resource, **more}


def used_by_the_role(resource: Any, **more: Any) -> dict[str, Any]:
    """Return the statement of the role's own policy."""
    return {**using(resource, **more), "Action": ACTIONS_OF_THE_ROLE}


def roles(stack_name: str) -> dict[str, Any]:
    """Return the principal and the condition that name the roles of a stack's imports."""
    return {
        "Principal": {"AWS": arn("iam", "root", region=False)},
        "Condition": {
            "ArnLike": {
                "aws:PrincipalArn": arn("iam", f"role/personalize/{stack_name}/*", region=False),
            }
        },
    }


def added(template: Template) -> list[dict[str, Any]]:
    """Return what the policy of the key holds beside what the CDK always puts there."""
    (key,) = of_type(template, "AWS::KMS::Key").values()
    found: list[dict[str, Any]] = key["Properties"]["KeyPolicy"]["Statement"]
    return found[1:]


@pytest.fixture
def encrypted(stack: cdk.Stack) -> Imports:
    """Imports from a bucket with a key."""
    return Imports(stack, s3.Bucket(stack, "Bucket", encryption_key=kms.Key(stack, "Key")))


def test_the_key_lets_the_service_and_the_role_use_it(encrypted: Imports) -> None:
    """Both principals get the five documented actions."""
    encrypted.add()

    assert [using(Principal=PERSONALIZE), using(**roles("Stack"))] == added(encrypted.template())


def test_the_role_may_use_the_key(encrypted: Imports) -> None:
    """The role may use only this key, without CreateGrant, which is needed in the key's policy only."""
    encrypted.add()

    role = of_type(encrypted.template(), "AWS::IAM::Role")["ImportServiceRole6053FBA1"]["Properties"]

    assert role["Policies"][0]["PolicyDocument"]["Statement"][1:] == [used_by_the_role(KEY_ARN)]


def test_ten_imports_add_as_much_to_the_key_as_one(encrypted: Imports) -> None:
    """The length of the key's policy does not depend on the number of imports."""
    for number in range(10):
        source = DataSource.from_bucket(encrypted.bucket, f"{number}.csv")
        encrypted.add(f"Import{number}", data_source=source)

    assert len(added(encrypted.template())) == 2


def test_the_conditions_hold_for_the_service_at_the_key_too(encrypted: Imports) -> None:
    """The role needs no conditions, because its trust policy has them."""
    encrypted.add(confused_deputy_conditions=True)

    assert [
        using(Principal=PERSONALIZE, Condition=ON_BEHALF_OF_THE_ACCOUNT),
        using(**roles("Stack")),
    ] == added(encrypted.template())


def test_a_bucket_may_make_its_own_key(stack: cdk.Stack) -> None:
    """The CDK creates a key for a bucket with KMS encryption and without a given key."""
    imports = Imports(stack, s3.Bucket(stack, "Bucket", encryption=s3.BucketEncryption.KMS))
    imports.add()

    assert [using(Principal=PERSONALIZE), using(**roles("Stack"))] == added(imports.template())


@pytest.mark.parametrize("encryption", [s3.BucketEncryption.S3_MANAGED, s3.BucketEncryption.UNENCRYPTED])
def test_a_bucket_without_a_key_gets_nothing_extra(stack: cdk.Stack, encryption: s3.BucketEncryption) -> None:
    """S3 decrypts for every principal that may read."""
    imports = Imports(stack, s3.Bucket(stack, "Bucket", encryption=encryption))
    job = imports.add()

    template = imports.template()

    role = of_type(template, "AWS::IAM::Role")["ImportServiceRole6053FBA1"]["Properties"]
    assert len(role["Policies"][0]["PolicyDocument"]["Statement"]) == 1
    assert job.key_policy_statements == []


@pytest.mark.parametrize(
    "rules", [cdk.Fn.condition_if("IsSecret", [], []), [cdk.Fn.condition_if("IsSecret", {}, {})]]
)
def test_a_key_that_depends_on_a_condition_draws_no_warning(imports: Imports, rules: Any) -> None:
    """Synth does not know it."""
    cdk.CfnCondition(imports.stack, "IsSecret")
    made = cast(s3.CfnBucket, imports.bucket.node.default_child)
    made.add_property_override("BucketEncryption.ServerSideEncryptionConfiguration", rules)
    made.bucket_encryption = s3.CfnBucket.BucketEncryptionProperty(server_side_encryption_configuration=rules)
    imports.add()

    assert Annotations.from_stack(imports.stack).find_warning("*", Match.any_value()) == []


@pytest.mark.parametrize(
    ("encryption", "number"),
    [
        (s3.BucketEncryption.KMS_MANAGED, 1),
        (s3.BucketEncryption.DSSE_MANAGED, 1),
        (s3.BucketEncryption.S3_MANAGED, 0),
        (s3.BucketEncryption.KMS, 0),
    ],
)
def test_a_key_that_aws_manages_draws_a_warning(
    stack: cdk.Stack, encryption: s3.BucketEncryption, number: int
) -> None:
    """Nobody can change its policy, and no document says that it allows Personalize."""
    Imports(stack, s3.Bucket(stack, "Bucket", encryption=encryption)).add()

    found = Annotations.from_stack(stack).find_warning("/Stack/Import", Match.any_value())

    assert len(found) == number
    assert all("[ack: cdk-personalize-import:awsManagedKey]" in str(each.entry.data) for each in found)


def test_the_statements_for_the_key_are_a_property_of_the_import(encrypted: Imports) -> None:
    """They are for a key of another app."""
    job = encrypted.add()

    found = [statement.to_statement_json() for statement in job.key_policy_statements]

    assert encrypted.stack.resolve(found) == [using(Principal=PERSONALIZE), using(**roles("Stack"))]


def test_the_import_waits_for_the_key(encrypted: Imports) -> None:
    """Without the key's policy, Personalize would refuse the import."""
    encrypted.add()

    (resource,) = of_type(encrypted.template(), "Custom::PersonalizeDatasetImportJob").values()

    assert "Key961B73FD" in resource["DependsOn"]


def allowed_to_the_role(imports: Imports) -> dict[str, Any]:
    """Return the statement by which the role of the import may use a key."""
    role = of_type(imports.template(), "AWS::IAM::Role")["ImportServiceRole6053FBA1"]["Properties"]
    _, statement = role["Policies"][0]["PolicyDocument"]["Statement"]
    found: dict[str, Any] = statement
    return found


@pytest.mark.parametrize("given", ["as a construct", "by the key", "by name and key"])
def test_an_alias_stands_for_its_key(stack: cdk.Stack, given: str) -> None:
    """A policy that names the ARN of an alias allows nothing, so the policies name the key."""
    key = kms.Key(stack, "Key")
    aliases: dict[str, Callable[[], kms.IKey]] = {
        "as a construct": lambda: kms.Alias(stack, "Alias", alias_name="data", target_key=key),
        "by the key": lambda: key.add_alias("alias/data"),
        "by name and key": lambda: kms.Alias.from_alias_attributes(
            stack, "Alias", alias_name="alias/data", alias_target_key=key
        ),
    }
    imports = Imports(stack, s3.Bucket(stack, "Bucket", encryption_key=aliases[given]()))
    imports.add()

    template = imports.template()

    assert allowed_to_the_role(imports) == used_by_the_role(KEY_ARN)
    assert added(template) == [using(Principal=PERSONALIZE), using(**roles("Stack"))]
    (resource,) = of_type(template, "Custom::PersonalizeDatasetImportJob").values()
    assert "Key961B73FD" in resource["DependsOn"]


@pytest.mark.parametrize("given", ["by its name", "by its ARN"])
def test_an_alias_whose_key_is_not_known_is_named_in_a_condition(app: cdk.App, given: str) -> None:
    """The role may use the key of the account that has the alias."""
    stack = cdk.Stack(app, "Stack", env=cdk.Environment(account="111122223333", region="eu-west-1"))
    arn = "arn:aws:kms:eu-west-1:111122223333:alias/data"
    keys: dict[str, Callable[[], kms.IKey]] = {
        "by its name": lambda: kms.Alias.from_alias_name(stack, "Alias", "alias/data"),
        "by its ARN": lambda: kms.Key.from_key_arn(stack, "Alias", arn),
    }
    imports = Imports(stack, s3.Bucket(stack, "Bucket", encryption_key=keys[given]()))
    imports.add()

    statement = allowed_to_the_role(imports)

    resource = {"Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, ":kms:eu-west-1:111122223333:key/*"]]}
    condition = {"ForAnyValue:StringEquals": {"kms:ResourceAliases": "alias/data"}}
    assert statement == used_by_the_role(resource, Condition=condition)


def test_the_name_of_an_alias_may_be_a_token(stack: cdk.Stack) -> None:
    """The condition contains the token."""
    name = cdk.CfnParameter(stack, "Name").value_as_string
    alias = kms.Alias.from_alias_name(stack, "Alias", name)
    imports = Imports(stack, s3.Bucket(stack, "Bucket", encryption_key=alias))
    imports.add()

    condition = allowed_to_the_role(imports)["Condition"]

    assert condition == {"ForAnyValue:StringEquals": {"kms:ResourceAliases": {"Ref": "Name"}}}


@pytest.mark.parametrize(
    ("given", "pattern"),
    [
        (lambda stack: iam.Role.from_role_name(stack, "Given", "reader"), "role/reader"),
        (lambda stack: iam.Role.from_role_name(stack, "Given", f"{cdk.Aws.STACK_NAME}-r"), "role/*"),
        (lambda stack: role_of_the_app(stack, role_name="reader", path="/shop/"), "role/shop/reader"),
        (lambda stack: role_of_the_app(stack, path="/shop/"), "role/shop/*"),
        (lambda stack: role_of_the_app(stack), "role/*"),
        (lambda stack: iam.Role.from_role_arn(stack, "Given", parameter(stack)), "role/*"),
    ],
)
def test_the_key_names_a_given_role_as_far_as_synth_knows_it(
    encrypted: Imports, given: Callable[[cdk.Stack], iam.IRole], pattern: str
) -> None:
    """Other roles of the account do not get access."""
    encrypted.add(role=given(encrypted.stack))

    _, role = added(encrypted.template())

    assert role["Condition"] == {"ArnLike": {"aws:PrincipalArn": arn("iam", pattern, region=False)}}


def role_of_the_app(stack: cdk.Stack, **properties: Any) -> iam.Role:
    """A role that Personalize can assume."""
    principal = iam.ServicePrincipal("personalize.amazonaws.com")
    return iam.Role(stack, "Given", assumed_by=principal, **properties)


def parameter(stack: cdk.Stack) -> str:
    """A value that is known when the stack is deployed."""
    return cdk.CfnParameter(stack, "RoleArn").value_as_string
