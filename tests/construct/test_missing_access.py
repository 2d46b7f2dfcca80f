# SPDX-License-Identifier: Apache-2.0
"""What the app cannot allow by itself is told at synth, with the statements to paste."""

import json
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk.assertions import Annotations, Match

from tests.construct.imports import Imports
from tests.construct.test_access import PERSONALIZE, given_role
from tests.construct.test_encrypted_buckets import ACTIONS

KEY_ARN = "arn:aws:kms:eu-west-1:999999999999:key/4a3b5c6d"
READ = ["s3:GetObject", "s3:ListBucket"]
ROLES_HERE = {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/personalize/Here/*"}}
HERE = {"AWS": "arn:aws:iam::111122223333:root"}


@pytest.fixture
def here(app: cdk.App) -> cdk.Stack:
    """A stack of a known account and region."""
    return cdk.Stack(app, "Here", env=cdk.Environment(account="111122223333", region="eu-west-1"))


def their_bucket(stack: cdk.Stack, key: kms.IKey | None = None) -> s3.IBucket:
    """A bucket of another account."""
    return s3.Bucket.from_bucket_attributes(
        stack,
        "Theirs",
        bucket_name="their-data",
        encryption_key=key,
        account="999999999999",
        region="eu-west-1",
    )


def warnings(stack: cdk.Stack) -> dict[str, str]:
    """Return the warnings of the import, by their ids."""
    found = Annotations.from_stack(stack).find_warning(f"/{stack.node.path}/Import", Match.any_value())
    texts = [str(warning.entry.data) for warning in found]
    return {text.rsplit("[ack: cdk-personalize-import:", 1)[1].rstrip("]"): text for text in texts}


def pasted(warning: str) -> list[dict[str, Any]]:
    """Return the statements that a warning ends with."""
    statements: list[dict[str, Any]] = json.loads(warning.split(" is made: ")[1].split(" [ack: ")[0])
    return statements


def test_a_bucket_that_is_only_referred_to_draws_a_warning_with_the_statements(stack: cdk.Stack) -> None:
    """Its policy cannot be changed from here; without these statements the import would fail."""
    Imports(stack, s3.Bucket.from_bucket_name(stack, "Elsewhere", "my-data")).add()

    warning = warnings(stack)["bucketPolicyNotAdded"]

    assert "The policy of bucket my-data cannot be changed from here" in warning
    assert pasted(warning) == [
        {
            "Action": READ,
            "Effect": "Allow",
            "Principal": PERSONALIZE,
            "Resource": ["arn:aws:s3:::my-data", "arn:aws:s3:::my-data/interactions/*"],
        },
    ]


def test_what_only_the_deployment_knows_is_named(stack: cdk.Stack) -> None:
    """The account and the region are to be filled in; a parameter has its name."""
    name = cdk.CfnParameter(stack, "Data").value_as_string
    imports = Imports(stack, s3.Bucket.from_bucket_name(stack, "Elsewhere", name))
    imports.add(confused_deputy_conditions=True)

    (statement,) = pasted(warnings(stack)["bucketPolicyNotAdded"])

    assert statement["Resource"] == ["arn:aws:s3:::${Data}", "arn:aws:s3:::${Data}/interactions/*"]
    assert statement["Condition"] == {
        "StringEquals": {"aws:SourceAccount": "ACCOUNT_ID"},
        "ArnLike": {"aws:SourceArn": "arn:aws:personalize:REGION:ACCOUNT_ID:*"},
    }


@pytest.mark.parametrize(
    ("name", "written"),
    [
        (cdk.Fn.import_value("SharedBucket"), "${SharedBucket}"),
        (cdk.Fn.import_value(f"{cdk.Aws.STACK_NAME}-bucket"), "${${AWS::StackName}-bucket}"),
        (cdk.Fn.sub("data-${AWS::AccountId}-${Suffix}"), "data-ACCOUNT_ID-${Suffix}"),
        (cdk.Fn.sub("data-${Suffix}", {"Suffix": "a"}), "data-${Suffix}"),
        (cdk.Fn.select(0, cdk.Fn.split(",", "one,two" + cdk.Aws.NO_VALUE)), "${Fn::Select}"),
        ("data-" + cdk.Fn.find_in_map("Map", cdk.Aws.REGION, "Suffix"), "data-${Fn::FindInMap}"),
    ],
    # The tokens have numbers, other ones in each process.
    ids=["ImportValue", "ImportValue of a text", "Sub", "Sub with values", "Select", "FindInMap"],
)
def test_a_function_of_cloudformation_is_written_as_text(stack: cdk.Stack, name: str, written: str) -> None:
    """A policy takes no template; what is to be filled in stands where it belongs."""
    Imports(stack, s3.Bucket.from_bucket_name(stack, "Elsewhere", name)).add()

    warning = warnings(stack)["bucketPolicyNotAdded"]

    assert f"The policy of bucket {written} cannot" in warning
    (statement,) = pasted(warning)
    assert statement["Resource"] == [f"arn:aws:s3:::{written}", f"arn:aws:s3:::{written}/interactions/*"]


def test_a_bucket_of_another_account_must_let_the_roles_account_in_too(here: cdk.Stack) -> None:
    """Across accounts a role needs the bucket's policy beside its own."""
    Imports(here, their_bucket(here)).add()

    service, role = pasted(warnings(here)["bucketPolicyNotAdded"])

    assert service["Principal"] == PERSONALIZE
    assert (role["Principal"], role["Condition"]) == (HERE, ROLES_HERE)
    assert role["Action"] == service["Action"] == READ
    assert role["Resource"] == service["Resource"]


def test_a_key_that_is_only_referred_to_draws_a_warning_with_the_statements(here: cdk.Stack) -> None:
    """The key of another account, for one; the bucket's warning stands beside it."""
    key = kms.Key.from_key_arn(here, "TheirKey", KEY_ARN)
    Imports(here, their_bucket(here, key)).add()

    found = warnings(here)

    assert set(found) == {"bucketPolicyNotAdded", "keyPolicyNotAdded"}
    assert f"The policy of key {KEY_ARN} cannot be changed from here" in found["keyPolicyNotAdded"]
    allowed = {"Action": ACTIONS, "Effect": "Allow", "Resource": "*"}
    assert [
        {**allowed, "Principal": PERSONALIZE},
        {**allowed, "Principal": HERE, "Condition": ROLES_HERE},
    ] == pasted(found["keyPolicyNotAdded"])


@pytest.mark.parametrize("known", [True, False])
def test_an_unknown_key_is_asked_for(stack: cdk.Stack, known: bool) -> None:
    """Whether a bucket that is only referred to is encrypted cannot be seen."""
    key = kms.Key.from_key_arn(stack, "Key", KEY_ARN) if known else None
    bucket = s3.Bucket.from_bucket_attributes(stack, "Data", bucket_name="my-data", encryption_key=key)
    Imports(stack, bucket).add()

    asked = "from_bucket_attributes(encryption_key=...)" in warnings(stack)["bucketPolicyNotAdded"]

    assert asked is not known


@pytest.mark.parametrize("kind", ["without updates", "immutable"])
def test_a_role_that_cannot_be_changed_draws_a_warning_with_its_policy(here: cdk.Stack, kind: str) -> None:
    """It is used as it is; the import would fail if it could not read."""
    arn = "arn:aws:iam::111122223333:role/reader"
    role = {
        "without updates": lambda: given_role(here).without_policy_updates(),
        "immutable": lambda: iam.Role.from_role_arn(here, "Given", arn, mutable=False),
    }[kind]()
    bucket = s3.Bucket(here, "Bucket", bucket_name="my-data")
    Imports(here, bucket).add(role=role)

    (warning,) = warnings(here).values()

    assert "[ack: cdk-personalize-import:rolePolicyNotAdded]" in warning
    (statement,) = pasted(warning)
    assert (statement["Action"], statement["Effect"]) == (READ, "Allow")
    assert "Principal" not in statement


def test_a_given_role_is_named_where_a_policy_must_name_it(here: cdk.Stack) -> None:
    """By its ARN, where that is known."""
    arn = "arn:aws:iam::111122223333:role/reader"
    Imports(here, their_bucket(here)).add(role=iam.Role.from_role_arn(here, "Given", arn))

    _, role = pasted(warnings(here)["bucketPolicyNotAdded"])

    assert role["Condition"] == {"ArnLike": {"aws:PrincipalArn": arn}}


def test_warnings_can_be_acknowledged(stack: cdk.Stack) -> None:
    """Whoever has pasted the statements wants to hear no more of them."""
    key = kms.Key.from_key_arn(stack, "Key", KEY_ARN)
    bucket = s3.Bucket.from_bucket_attributes(stack, "Data", bucket_name="my-data", encryption_key=key)
    role = given_role(stack).without_policy_updates()
    job = Imports(stack, bucket).add(role=role)

    for name in ("bucketPolicyNotAdded", "keyPolicyNotAdded", "rolePolicyNotAdded"):
        cdk.Annotations.of(job).acknowledge_warning(f"cdk-personalize-import:{name}", "it is there")

    assert warnings(stack) == {}
