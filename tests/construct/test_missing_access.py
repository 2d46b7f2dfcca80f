# SPDX-License-Identifier: Apache-2.0
"""If the app cannot change a policy, a warning at synth prints the statements that the policy needs."""

import json
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk.assertions import Annotations, Match

from cdk_personalize_import import DataSource
from tests.construct.imports import Imports
from tests.construct.test_access import PERSONALIZE, given_role
from tests.construct.test_encrypted_buckets import ACTIONS

KEY_ARN = "arn:aws:kms:eu-west-1:999999999999:key/4a3b5c6d"
READ = ["s3:GetObject", "s3:ListBucket"]
ROLES_HERE = {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/personalize/Here/*"}}
HERE = {"AWS": "arn:aws:iam::111122223333:root"}


@pytest.fixture
def here(app: cdk.App) -> cdk.Stack:
    """A stack with a known account and region."""
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
    """Return the statements at the end of a warning."""
    statements: list[dict[str, Any]] = json.loads(warning[warning.index("[\n") :].split(" [ack: ")[0])
    return statements


def test_a_bucket_that_is_only_referred_to_draws_a_warning_with_the_statements(stack: cdk.Stack) -> None:
    """The app cannot change the policy of an imported bucket, and the import fails without the statements."""
    Imports(stack, s3.Bucket.from_bucket_name(stack, "Elsewhere", "my-data")).add()

    warning = warnings(stack)["bucketPolicyNotAdded"]

    assert "The app cannot change the policy of bucket my-data" in warning
    assert pasted(warning) == [
        {
            "Action": READ,
            "Effect": "Allow",
            "Principal": PERSONALIZE,
            "Resource": ["arn:aws:s3:::my-data", "arn:aws:s3:::my-data/interactions/*"],
        },
    ]


def test_deploy_time_values_are_printed_as_placeholders(stack: cdk.Stack) -> None:
    """The placeholders are ACCOUNT_ID, REGION and the logical id of a parameter."""
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
    """The printed policy has a placeholder in the place of the intrinsic function."""
    Imports(stack, s3.Bucket.from_bucket_name(stack, "Elsewhere", name)).add()

    warning = warnings(stack)["bucketPolicyNotAdded"]

    assert f"The app cannot change the policy of bucket {written}, because" in warning
    (statement,) = pasted(warning)
    assert statement["Resource"] == [f"arn:aws:s3:::{written}", f"arn:aws:s3:::{written}/interactions/*"]


def test_a_bucket_of_another_account_must_let_the_roles_account_in_too(here: cdk.Stack) -> None:
    """Across accounts a role needs both its own policy and that of the bucket."""
    Imports(here, their_bucket(here)).add()

    service, role = pasted(warnings(here)["bucketPolicyNotAdded"])

    assert service["Principal"] == PERSONALIZE
    assert (role["Principal"], role["Condition"]) == (HERE, ROLES_HERE)
    assert role["Action"] == service["Action"] == READ
    assert role["Resource"] == service["Resource"]


def test_a_key_that_is_only_referred_to_draws_a_warning_with_the_statements(here: cdk.Stack) -> None:
    """A bucket and a key of another account draw a warning each."""
    key = kms.Key.from_key_arn(here, "TheirKey", KEY_ARN)
    Imports(here, their_bucket(here, key)).add()

    found = warnings(here)

    assert set(found) == {"bucketPolicyNotAdded", "keyPolicyNotAdded"}
    assert f"The app cannot change the policy of key {KEY_ARN}" in found["keyPolicyNotAdded"]
    allowed = {"Action": ACTIONS, "Effect": "Allow", "Resource": "*"}
    assert [
        {**allowed, "Principal": PERSONALIZE},
        {**allowed, "Principal": HERE, "Condition": ROLES_HERE},
    ] == pasted(found["keyPolicyNotAdded"])


def test_the_key_of_a_staging_bucket_must_delegate_the_actions_of_the_function(
    here: cdk.Stack, tmp_path: Path
) -> None:
    """The function encrypts its copies with the key, but the app cannot change the key's policy."""
    data = tmp_path / "items.csv"
    data.write_text("ITEM_ID\n1\n")
    key = kms.Key.from_key_arn(here, "Key", KEY_ARN)
    bucket = s3.Bucket(here, "Bucket", encryption_key=key)
    Imports(here, bucket).add(data_source=DataSource.from_asset(data, bucket=bucket))

    found = warnings(here)

    assert set(found) == {"keyPolicyNotAdded", "stagingKeyPolicyNotAdded"}
    assert f"The app cannot change the policy of key {KEY_ARN}" in found["stagingKeyPolicyNotAdded"]
    assert pasted(found["stagingKeyPolicyNotAdded"]) == [
        {
            "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
            "Effect": "Allow",
            "Principal": HERE,
            "Resource": "*",
        }
    ]


def test_a_staging_bucket_whose_key_the_app_creates_draws_no_warning(here: cdk.Stack, tmp_path: Path) -> None:
    """The CDK's default policy of a key delegates every action to the account."""
    data = tmp_path / "items.csv"
    data.write_text("ITEM_ID\n1\n")
    bucket = s3.Bucket(here, "Bucket", encryption_key=kms.Key(here, "Key"))
    Imports(here, bucket).add(data_source=DataSource.from_asset(data, bucket=bucket))

    assert warnings(here) == {}


@pytest.mark.parametrize("known", [True, False])
def test_the_warning_asks_for_an_unknown_key(stack: cdk.Stack, known: bool) -> None:
    """If the app does not know the key of an imported bucket, the warning says how to pass it."""
    key = kms.Key.from_key_arn(stack, "Key", KEY_ARN) if known else None
    bucket = s3.Bucket.from_bucket_attributes(stack, "Data", bucket_name="my-data", encryption_key=key)
    Imports(stack, bucket).add()

    asked = "from_bucket_attributes(encryption_key=...)" in warnings(stack)["bucketPolicyNotAdded"]

    assert asked is not known


@pytest.mark.parametrize("kind", ["without updates", "immutable"])
def test_a_role_that_cannot_be_changed_draws_a_warning_with_its_policy(here: cdk.Stack, kind: str) -> None:
    """The role is used unchanged, and the import fails if the role cannot read the data."""
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
    """The condition has the ARN of the role, if synth knows it."""
    arn = "arn:aws:iam::111122223333:role/reader"
    Imports(here, their_bucket(here)).add(role=iam.Role.from_role_arn(here, "Given", arn))

    _, role = pasted(warnings(here)["bucketPolicyNotAdded"])

    assert role["Condition"] == {"ArnLike": {"aws:PrincipalArn": arn}}


def test_warnings_can_be_acknowledged(stack: cdk.Stack) -> None:
    """After the statements are pasted, the warnings can be silenced by their ids."""
    key = kms.Key.from_key_arn(stack, "Key", KEY_ARN)
    bucket = s3.Bucket.from_bucket_attributes(stack, "Data", bucket_name="my-data", encryption_key=key)
    role = given_role(stack).without_policy_updates()
    job = Imports(stack, bucket).add(role=role)

    for name in ("bucketPolicyNotAdded", "keyPolicyNotAdded", "rolePolicyNotAdded"):
        cdk.Annotations.of(job).acknowledge_warning(f"cdk-personalize-import:{name}", "it is there")

    assert warnings(stack) == {}
