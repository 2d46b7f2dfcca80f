# SPDX-License-Identifier: Apache-2.0
"""Bucket, key, role and import in different stacks."""

import json
import re
from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk.assertions import Annotations, Match, Template

from cdk_personalize_import import DataSource
from tests.construct.imports import IMPORT, Imports, allowed, circle, of_type

NAMES = ("Keys", "Data", "Imports")


def dependencies(app: cdk.App) -> dict[str, set[str]]:
    """Synthesise the app and return which stack has to wait for which."""
    assembly = app.synth()
    return {
        stack.stack_name: {needed.id for needed in stack.dependencies} & set(NAMES)
        for stack in assembly.stacks
    }


@pytest.mark.parametrize("role", ["own", "of the stack", "in a stack between", "of another import"])
def test_key_bucket_and_import_in_three_stacks_make_no_circle(app: cdk.App, role: str) -> None:
    """The import's stack depends on those of its data, and they do not depend on it."""
    keys, data, stack = (cdk.Stack(app, name) for name in NAMES)
    imports = Imports(stack, s3.Bucket(data, "Bucket", encryption_key=kms.Key(keys, "Key")))
    trusted = iam.ServicePrincipal("personalize.amazonaws.com")
    given: dict[str, Callable[[], iam.IRole | None]] = {
        "own": lambda: None,
        "of the stack": lambda: iam.Role(stack, "Role", assumed_by=trusted),
        "in a stack between": lambda: iam.Role(data, "Role", assumed_by=trusted),
        "of another import": lambda: imports.add("First").role,
    }
    imports.add(role=given[role]())

    needed = dependencies(app)

    assert needed == {"Keys": set(), "Data": {"Keys"}, "Imports": {"Keys", "Data"}}
    assert circle(imports.template()) == []


def policies(template: Template) -> dict[str, dict[str, Any]]:
    """Return the policies of a stack that its handler does not need, by logical id."""
    found = of_type(template, "AWS::IAM::Policy")
    return {name: policy["Properties"] for name, policy in found.items() if "Handler" not in name}


def test_a_role_of_a_stack_before_gets_its_policy_in_that_of_the_import(app: cdk.App) -> None:
    """In the role's stack, the policy would depend on the data, whose stack depends on the role."""
    roles, stack = cdk.Stack(app, "Roles"), cdk.Stack(app, "Imports")
    role = iam.Role(roles, "Role", assumed_by=iam.ServicePrincipal("personalize.amazonaws.com"))
    imports = Imports(stack, s3.Bucket(stack, "Bucket", encryption_key=kms.Key(stack, "Key")))
    imports.add(role=role)

    assert stack.dependencies == []
    app.synth()

    assert stack.dependencies == [roles]
    template = imports.template()
    ((name, policy),) = policies(template).items()
    assert [part["Action"][0] for part in policy["PolicyDocument"]["Statement"]] == [
        "s3:GetObject",
        "kms:Decrypt",
    ]
    (resource,) = of_type(template, IMPORT).values()
    assert name in resource["DependsOn"]
    assert policies(Template.from_stack(roles)) == {}


@pytest.mark.parametrize("nested", [True, False])
def test_a_role_may_come_to_data_of_a_nested_stack_and_the_other_way_round(
    app: cdk.App, stack: cdk.Stack, nested: bool
) -> None:
    """The role may be in either of the two stacks without a circular dependency."""
    inside = cdk.NestedStack(stack, "Nested")
    home, away = (stack, inside) if nested else (inside, stack)
    role = iam.Role(home, "Role", assumed_by=iam.ServicePrincipal("personalize.amazonaws.com"))
    Imports(away, s3.Bucket(away, "Bucket")).add(role=role)

    app.synth()

    assert circle(Template.from_stack(stack)) == []
    assert len(policies(Template.from_stack(away))) == 1


def test_two_stacks_give_a_role_policies_of_two_names(app: cdk.App) -> None:
    """With the same name, the second policy would replace the first."""
    roles = cdk.Stack(app, "Roles")
    role = iam.Role(roles, "Role", assumed_by=iam.ServicePrincipal("personalize.amazonaws.com"))
    stacks = [cdk.Stack(app, name) for name in ("One", "Two")]
    for stack in stacks:
        Imports(stack, s3.Bucket(stack, "Bucket")).add(role=role)

    names = [policy["PolicyName"] for s in stacks for policy in policies(Template.from_stack(s)).values()]

    assert names == [
        {"Fn::Join": ["", [f"{name}-", {"Ref": "AWS::Region"}]]}
        for name in ("OneImport94D251D5", "TwoImport0FCC64D0")
    ]


def test_stacks_of_one_name_in_two_regions_give_a_role_policies_of_two_names(app: cdk.App) -> None:
    """Roles are global: the second deployment would replace the policy of the first region."""
    regions = ("us-east-1", "eu-west-1")
    stacks = {}
    for region in regions:
        env = cdk.Environment(account="111122223333", region=region)
        stack = stacks[region] = cdk.Stack(app, f"Train-{region}", stack_name="train", env=env)
        role = iam.Role.from_role_name(stack, "Role", "shared")
        dataset = f"arn:aws:personalize:{region}:111122223333:dataset/shop/ITEMS"
        Imports(stack, s3.Bucket(stack, "Bucket")).add(role=role, dataset_arn=dataset)

    for region in regions:
        made = policies(Template.from_stack(stacks[region])).values()
        (name,) = (policy["PolicyName"] for policy in made if policy["Roles"] == ["shared"])
        assert name.endswith(f"-{region}")


def test_a_role_of_the_stack_of_the_data_gets_its_policy_in_that_of_the_import_too(app: cdk.App) -> None:
    """The stack of the data is updated before the import's, so its policies must keep the old location."""
    data, stack = cdk.Stack(app, "Data"), cdk.Stack(app, "Imports")
    role = iam.Role(data, "Role", assumed_by=iam.ServicePrincipal("personalize.amazonaws.com"))
    Imports(stack, s3.Bucket(data, "Bucket")).add(role=role)

    app.synth()

    assert policies(Template.from_stack(data)) == {}
    assert len(policies(Template.from_stack(stack))) == 1


def test_a_role_of_another_stack_that_takes_no_policy_draws_the_warning(app: cdk.App) -> None:
    """The import's stack adds no policy to the role either."""
    roles, stack = cdk.Stack(app, "Roles"), cdk.Stack(app, "Imports")
    role = iam.Role(roles, "Role", assumed_by=iam.ServicePrincipal("personalize.amazonaws.com"))
    job = Imports(stack, s3.Bucket(stack, "Bucket")).add(role=role.without_policy_updates())

    warned = Annotations.from_stack(stack).find_warning("*", Match.string_like_regexp("rolePolicyNotAdded"))

    assert len(warned) == 1
    assert policies(Template.from_stack(stack)) == {}
    assert not [child for child in job.node.find_all() if isinstance(child, iam.Policy)]


def test_the_key_of_another_stack_names_the_roles_of_the_imports_stack(app: cdk.App) -> None:
    """The pattern of the roles contains the name of the import's stack."""
    keys, stack = cdk.Stack(app, "Keys"), cdk.Stack(app, "Imports")
    Imports(stack, s3.Bucket(stack, "Bucket", encryption_key=kms.Key(keys, "Key"))).add()

    _, _, role = allowed(Template.from_stack(keys), "AWS::KMS::Key", "KeyPolicy")

    assert ":role/personalize/Imports/*" in json.dumps(role["Condition"])


def test_imports_of_a_nested_stack_are_allowed_by_their_path(app: cdk.App) -> None:
    """Synth does not know a nested stack's name, so the path is derived from the construct path."""
    stack = cdk.Stack(app, "Imports")
    bucket = s3.Bucket(stack, "Bucket", encryption_key=kms.Key(stack, "Key"))
    Imports(cdk.NestedStack(stack, "Nested"), bucket).add()

    template = Template.from_stack(stack)

    _, _, role = allowed(template, "AWS::KMS::Key", "KeyPolicy")
    assert re.search(r":role/personalize/Imports\w+/\*", json.dumps(role["Condition"]))
    assert circle(template) == []


def test_the_bucket_of_another_stack_is_named_as_a_whole(app: cdk.App) -> None:
    """The bucket's stack is updated first, and a rollback must still be able to read the old location."""
    data = cdk.Stack(app, "Data")
    bucket = s3.Bucket(data, "Bucket")
    for number in range(3):
        source = DataSource.from_bucket(bucket, f"{number}.csv")
        Imports(cdk.Stack(app, f"Stack{number}"), bucket).add(data_source=source)

    (statement,) = allowed(Template.from_stack(data), "AWS::S3::BucketPolicy", "PolicyDocument")

    bucket_arn = {"Fn::GetAtt": ["Bucket83908E77", "Arn"]}
    assert statement["Resource"] == [bucket_arn, {"Fn::Join": ["", [bucket_arn, "/*"]]}]


@pytest.mark.parametrize("nested", [True, False])
def test_a_new_location_changes_nothing_in_the_stacks_of_bucket_key_and_role(nested: bool) -> None:
    """The old location stays readable while the import's stack is updated or rolled back."""

    def templates(key_or_prefix: str) -> list[dict[str, Any]]:
        app = cdk.App()
        base = cdk.Stack(app, "Base")
        stack = cdk.NestedStack(base, "Nested") if nested else cdk.Stack(app, "Imports")
        bucket = s3.Bucket(base, "Bucket", encryption_key=kms.Key(base, "Key"))
        role = iam.Role(base, "Role", assumed_by=iam.ServicePrincipal("personalize.amazonaws.com"))
        for name, given in (("Own", None), ("Given", role)):
            source = DataSource.from_bucket(bucket, key_or_prefix)
            Imports(stack, bucket).add(name, data_source=source, role=given)
        resources = Template.from_stack(base).to_json()["Resources"].values()
        return [found for found in resources if found["Type"] != "AWS::CloudFormation::Stack"]

    assert templates("2026-11-23/") == templates("2026-11-24/")


def test_the_bucket_of_the_same_stack_is_named_by_its_locations(stack: cdk.Stack) -> None:
    """A rollback restores the bucket's policy before the import."""
    Imports(stack, s3.Bucket(stack, "Bucket")).add()

    (statement,) = allowed(Template.from_stack(stack), "AWS::S3::BucketPolicy", "PolicyDocument")

    assert "/interactions/*" in json.dumps(statement["Resource"])


def long_location(number: int) -> str:
    """A prefix as people have them, on the long side."""
    return f"exports/personalize/recommendations/production/interactions/2026-11-23/part-{number:03}/"


def test_a_hundred_locations_fit_into_the_policy_of_a_bucket(stack: cdk.Stack) -> None:
    """The limit is 20 KB; a hundred locations stay below it even if the bucket has the longest name."""
    bucket = s3.Bucket(stack, "Bucket", enforce_ssl=True)
    imports = Imports(stack, bucket)
    for number in range(100):
        imports.add(f"Import{number}", data_source=DataSource.from_bucket(bucket, long_location(number)))

    document = allowed(imports.template(), "AWS::S3::BucketPolicy", "PolicyDocument")

    assert len(document) == 2  # that of enforce_ssl is the other
    assert len(document[1]["Resource"]) == 1 + 100
    assert size_of(document, "n" * 63) <= 20 * 1024


def size_of(statements: list[dict[str, Any]], name: str) -> int:
    """Count the bytes of a policy, as S3 gets it."""

    def text(value: Any) -> Any:
        if isinstance(value, dict) and "Fn::Join" in value:
            return "".join(text(part) for part in value["Fn::Join"][1])
        if isinstance(value, dict) and "Fn::GetAtt" in value:
            return f"arn:aws:s3:::{name}"
        if isinstance(value, dict):
            return {key: text(member) for key, member in value.items()}
        return [text(member) for member in value] if isinstance(value, list) else value

    document = {"Version": "2012-10-17", "Statement": text(statements)}
    return len(json.dumps(document, separators=(",", ":")))


def add_imports_with_long_keys(stack: cdk.Stack, bucket: s3.Bucket, count: int) -> None:
    """Add imports of keys of 240 characters."""
    imports = Imports(stack, bucket)
    for number in range(count):
        key = f"{number:03}".ljust(240, "x")
        imports.add(f"Import{number}", data_source=DataSource.from_bucket(bucket, key))


def test_a_policy_that_cannot_fit_is_an_error_at_synth(app: cdk.App, stack: cdk.Stack) -> None:
    """The policy is too large even if the bucket has the shortest name."""
    add_imports_with_long_keys(stack, s3.Bucket(stack, "Bucket"), 84)

    with pytest.raises(RuntimeError, match="policy of the bucket must have at most 20480 bytes, got 2"):
        app.synth()


def test_a_policy_that_may_not_fit_draws_a_warning(app: cdk.App, stack: cdk.Stack) -> None:
    """The length of the name that CloudFormation gives the bucket is not known at synth."""
    add_imports_with_long_keys(stack, s3.Bucket(stack, "Bucket"), 70)

    messages = [str(message.entry.data) for message in app.synth().get_stack_by_name("Stack").messages]

    assert any("[ack: cdk-personalize-import:bucketPolicyLarge]" in message for message in messages)
