# SPDX-License-Identifier: Apache-2.0
"""Dataset, bucket and role must be in the account and region that the import needs."""

from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_personalize as personalize
from aws_cdk import aws_s3 as s3
from aws_cdk.assertions import Template

from cdk_personalize_import import DataSource, InvalidPropertiesError
from tests.construct.imports import DATASET_ARN, Imports, of_type

HERE = cdk.Environment(account="111122223333", region="eu-west-1")
ROLE_ELSEWHERE = "arn:aws:iam::999999999999:role/reader"


@pytest.fixture
def stack(app: cdk.App) -> cdk.Stack:
    """A stack whose account and region are known."""
    return cdk.Stack(app, "Stack", env=HERE)


def refusal(imports: Imports, **properties: Any) -> list[str]:
    """Return the lines of what an import with these properties is refused with."""
    with pytest.raises(InvalidPropertiesError) as refused:
        imports.add(**properties)
    return str(refused.value).splitlines()


def test_a_dataset_of_another_region_or_account_is_refused(imports: Imports) -> None:
    """The handler calls Personalize in the account and region of the stack."""
    arn = "arn:aws:personalize:us-east-1:999999999999:dataset/shop/INTERACTIONS"

    assert refusal(imports, dataset_arn=arn) == [
        f"dataset_arn must be of the stack's region eu-west-1, got us-east-1 in '{arn}' (Stack/Import). "
        "Create the import in a stack of us-east-1, or pass a dataset of eu-west-1.",
        f"dataset_arn must be of the stack's account 111122223333, got 999999999999 in '{arn}' "
        "(Stack/Import). Create the import in a stack of 999999999999, or pass a dataset of 111122223333.",
    ]


@pytest.mark.parametrize("is_arn", [True, False])
def test_a_dataset_of_a_stack_in_another_region_is_refused(
    app: cdk.App, imports: Imports, is_arn: bool
) -> None:
    """A reference across regions would synthesise, and fail when it is deployed."""
    there = cdk.Stack(app, "There", env=cdk.Environment(account="111122223333", region="us-east-1"))
    dataset = personalize.CfnDataset(
        there,
        "Dataset",
        name="items",
        dataset_type="Items",
        dataset_group_arn="arn:aws:personalize:us-east-1:111122223333:dataset-group/shop",
        schema_arn="arn:aws:personalize:us-east-1:111122223333:schema/items",
    )
    given = {"dataset_arn": dataset.attr_dataset_arn} if is_arn else {"dataset": dataset, "dataset_arn": None}

    (message,) = refusal(imports, **given)

    assert "must be of the stack's region eu-west-1, got us-east-1 in There/Dataset" in message


def test_the_region_of_an_arn_with_tokens_is_checked(imports: Imports) -> None:
    """Only the account is a token."""
    arn = f"arn:aws:personalize:us-east-1:{cdk.Aws.ACCOUNT_ID}:dataset/shop/ITEMS"

    (message,) = refusal(imports, dataset_arn=arn)

    assert message.startswith("dataset_arn must be of the stack's region eu-west-1, got us-east-1 in ")


def test_a_bucket_of_another_region_is_refused(imports: Imports, stack: cdk.Stack) -> None:
    """Personalize reads only in the region of the dataset."""
    bucket = s3.Bucket.from_bucket_attributes(stack, "Their", bucket_name="their-data", region="us-east-1")

    assert refusal(imports, data_source=DataSource.from_bucket(bucket, "interactions/")) == [
        "bucket of DataSource.from_bucket must be of the stack's region eu-west-1, got one of us-east-1 "
        "(Stack/Import). Use a bucket of eu-west-1. If this one is in eu-west-1, create it with "
        "s3.Bucket.from_bucket_attributes(region='eu-west-1')."
    ]


def test_a_bucket_of_a_stack_in_another_region_is_refused(app: cdk.App, imports: Imports) -> None:
    """This holds for staging buckets too."""
    there = cdk.Stack(app, "There", env=cdk.Environment(account="111122223333", region="us-east-1"))
    source = DataSource.from_asset(Path(__file__), bucket=s3.Bucket(there, "Bucket", bucket_name="there"))

    (message,) = refusal(imports, data_source=source)

    assert message.startswith(
        "bucket of DataSource.from_asset must be of the stack's region eu-west-1, got one of us-east-1 ("
    )


def test_a_role_of_another_account_is_refused(imports: Imports, stack: cdk.Stack) -> None:
    """IAM passes roles only within an account."""
    role = iam.Role.from_role_arn(stack, "Theirs", ROLE_ELSEWHERE)

    assert refusal(imports, role=role) == [
        "role must be of the stack's account 111122223333, got one of 999999999999 (Stack/Import). "
        "Pass a role of 111122223333, because IAM passes roles only within an account, or omit it."
    ]


def test_resources_of_the_environment_of_the_stack_are_accepted(imports: Imports, stack: cdk.Stack) -> None:
    """A bucket of another account passes too, because its policy can allow the import."""
    theirs = s3.Bucket.from_bucket_attributes(
        stack, "Theirs", bucket_name="their-data", account="999999999999"
    )
    ours = iam.Role.from_role_arn(stack, "Ours", "arn:aws:iam::111122223333:role/reader")

    imports.add("OfTheirs", data_source=DataSource.from_bucket(theirs, "interactions/"))
    assert imports.add("Here", dataset_arn=DATASET_ARN, role=ours).role is ours


def test_a_stack_of_an_unknown_environment_refuses_nothing(app: cdk.App) -> None:
    """Synth does not know the stack's environment, so nothing is refused."""
    stack = cdk.Stack(app, "Anywhere")
    bucket = s3.Bucket.from_bucket_attributes(stack, "Bucket", bucket_name="data", region="us-east-1")
    role = iam.Role.from_role_arn(stack, "Role", ROLE_ELSEWHERE)

    assert Imports(stack, bucket).add(role=role).role is role


def test_tokens_pass_where_the_environment_is_known(imports: Imports, stack: cdk.Stack) -> None:
    """Synth does not know the values of tokens."""
    other = cdk.Stack(cdk.App(), "Anywhere")
    text = cdk.CfnParameter(stack, "Text").value_as_string
    bucket = s3.Bucket.from_bucket_attributes(stack, "Named", bucket_name="data", region=text)

    imports.add(
        dataset_arn=f"arn:aws:personalize:{other.region}:{other.account}:dataset/shop/INTERACTIONS",
        data_source=DataSource.from_bucket(bucket, "interactions/"),
        role=iam.Role.from_role_arn(stack, "Role", text),
    )

    properties = imports.properties()
    place = [{"Ref": "AWS::Region"}, ":", {"Ref": "AWS::AccountId"}]
    assert properties["DatasetArn"] == {
        "Fn::Join": ["", ["arn:aws:personalize:", *place, ":dataset/shop/INTERACTIONS"]]
    }
    assert properties["RoleArn"] == {"Ref": "Text"}


def test_a_stack_needs_no_id(tmp_path: Path) -> None:
    """Tests of an app often create `Stack()`. The CDK calls it Default, of which it makes no names."""
    data = tmp_path / "interactions.csv"
    data.write_text("USER_ID,ITEM_ID,TIMESTAMP\n")
    stack = cdk.Stack()
    bucket = s3.Bucket(stack, "Bucket")

    Imports(stack, bucket).add()
    Imports(stack, bucket).add("Staged", data_source=DataSource.from_asset(data, bucket=bucket))

    roles = of_type(Template.from_stack(stack), "AWS::IAM::Role")
    assert [role["Properties"]["Path"] for role in roles.values() if "Path" in role["Properties"]] == [
        "/personalize/Default/",
        "/personalize/Default/",
    ]
