# SPDX-License-Identifier: Apache-2.0
"""The dataset of an import, as a construct or by its ARN."""

from pathlib import Path
from typing import Any

import aws_cdk as cdk
import jsii
import pytest
from aws_cdk import aws_personalize as personalize
from aws_cdk import aws_s3 as s3

from cdk_personalize_import import DataSource, InvalidPropertiesError
from tests.construct.imports import DATASET_ARN, IMPORT, Imports

SCHEMA_ARN = "arn:aws:personalize:eu-west-1:111122223333:schema/items"


@pytest.fixture
def group(stack: cdk.Stack) -> personalize.CfnDatasetGroup:
    """A dataset group of the stack."""
    return personalize.CfnDatasetGroup(stack, "Group", name="shop")


@pytest.fixture
def dataset(stack: cdk.Stack, group: personalize.CfnDatasetGroup) -> personalize.CfnDataset:
    """A dataset of the group."""
    return personalize.CfnDataset(
        stack,
        "Dataset",
        name="items",
        dataset_type="Items",
        dataset_group_arn=group.attr_dataset_group_arn,
        schema_arn=SCHEMA_ARN,
    )


def refusal(imports: Imports, **properties: Any) -> str:
    """Return what an import with these properties is refused with."""
    with pytest.raises(InvalidPropertiesError) as refused:
        imports.add(**properties)
    return str(refused.value)


def test_a_dataset_of_the_app_is_taken_as_it_is(imports: Imports, dataset: personalize.CfnDataset) -> None:
    """The import refers to its ARN and so depends on it."""
    job = imports.add(dataset=dataset)

    properties = imports.properties()

    assert properties["DatasetArn"] == {"Fn::GetAtt": ["Dataset", "DatasetArn"]}
    assert job.dataset_arn == dataset.attr_dataset_arn


@jsii.implements(cdk.interfaces.aws_personalize.IDatasetRef)
class DatasetOfSomebodyElse(cdk.Resource):
    """A construct that is no CfnDataset, but can be referred to as a dataset."""

    @property
    def dataset_ref(self) -> cdk.interfaces.aws_personalize.DatasetReference:
        return cdk.interfaces.aws_personalize.DatasetReference(dataset_arn=DATASET_ARN)


def test_any_construct_with_a_reference_to_a_dataset_is_taken(imports: Imports, stack: cdk.Stack) -> None:
    """Any IDatasetRef is accepted."""
    imports.add(dataset=DatasetOfSomebodyElse(stack, "Theirs"))

    assert imports.properties()["DatasetArn"] == DATASET_ARN


def test_a_dataset_and_its_arn_are_the_same_dataset(
    imports: Imports, dataset: personalize.CfnDataset
) -> None:
    """Two imports with the same prefix are refused, whichever way each gets the dataset."""
    imports.add("First", dataset=dataset, job_name_prefix="nightly")

    message = refusal(
        imports, construct_id="Second", dataset_arn=dataset.attr_dataset_arn, job_name_prefix="nightly"
    )

    assert "job_name_prefix must be unique among the imports into a dataset" in message


@pytest.mark.parametrize(
    ("given", "got"), [({"dataset_arn": None}, "neither"), ({"dataset_arn": DATASET_ARN}, "both")]
)
def test_exactly_one_of_dataset_and_arn_is_required(
    imports: Imports, dataset: personalize.CfnDataset, given: dict[str, Any], got: str
) -> None:
    """Neither names no dataset, and both could differ."""
    properties = {"dataset": dataset, **given} if got == "both" else given

    assert refusal(imports, **{"dataset": None, **properties}) == (
        f"exactly one of dataset and dataset_arn must be passed, got {got} (Stack/Import). "
        "Pass the dataset as dataset=, or its ARN as dataset_arn=."
    )


@pytest.mark.parametrize("wrong", ["shop", DATASET_ARN, object()])
def test_what_is_no_dataset_is_refused(imports: Imports, wrong: object) -> None:
    """The error points to `dataset_arn=` for an ARN."""
    assert refusal(imports, dataset=wrong) == (
        f"dataset must be an IDatasetRef, such as a CfnDataset, got {wrong!r} (Stack/Import). "
        "Pass an ARN as dataset_arn=."
    )


def test_the_arn_of_a_dataset_group_by_reference_is_refused(
    imports: Imports, group: personalize.CfnDatasetGroup
) -> None:
    """It is easily confused, and Personalize would refuse it only after minutes."""
    message = refusal(imports, dataset_arn=group.attr_dataset_group_arn)

    assert message == (
        "dataset_arn must be the ARN of a dataset, got that of Stack/Group, which is an "
        "AWS::Personalize::DatasetGroup (Stack/Import). "
        "Pass the attr_dataset_arn of the dataset, or the dataset itself as dataset=."
    )


@pytest.mark.parametrize("kind", ["bucket", "schema"])
def test_the_arn_of_another_resource_by_reference_is_refused(
    imports: Imports, stack: cdk.Stack, kind: str
) -> None:
    """A reference to a resource of any other type is an error."""
    schema = personalize.CfnSchema(stack, "Schema", name="items", schema="{}")
    arn = {"bucket": imports.bucket.bucket_arn, "schema": schema.ref}[kind]

    assert "dataset_arn must be the ARN of a dataset, got that of Stack/" in refusal(imports, dataset_arn=arn)


def test_a_reference_that_may_be_anything_is_taken(imports: Imports, stack: cdk.Stack) -> None:
    """A parameter, an attribute of a custom resource and an output of a stack may be the ARN of a dataset."""
    theirs = cdk.CustomResource(stack, "Theirs", service_token="arn:aws:sns:eu-west-1:111122223333:topic")
    arns = [
        cdk.CfnParameter(stack, "Parameter").value_as_string,
        theirs.get_att_string("DatasetArn"),
        cdk.Fn.import_value("dataset"),
    ]
    for number, arn in enumerate(arns):
        imports.add(f"Import{number}", dataset_arn=arn)

    imports.template().resource_count_is(IMPORT, 3)


def test_an_arn_with_tokens_in_it_is_judged_by_its_resource(imports: Imports) -> None:
    """Region and account may be tokens of the stack."""
    place = f"arn:{cdk.Aws.PARTITION}:personalize:{cdk.Aws.REGION}:{cdk.Aws.ACCOUNT_ID}"

    imports.add("Right", dataset_arn=f"{place}:dataset/shop/ITEMS")

    assert "dataset_arn must be the ARN of a dataset, arn:...:dataset/GROUP/TYPE, got one of " in refusal(
        imports, dataset_arn=f"{place}:dataset-group/shop"
    )


@pytest.mark.parametrize(
    ("arn", "partition"),
    [
        ("arn:aws:personalize:cn-north-1:111122223333:dataset/shop/ITEMS", "aws-cn"),
        ("arn:aws-cn:personalize:eu-west-1:111122223333:dataset/shop/ITEMS", "aws"),
    ],
)
def test_the_partition_of_another_region_is_refused(imports: Imports, arn: str, partition: str) -> None:
    """The region determines the partition, unless the CDK does not know the region."""
    assert f"must have the partition of {arn.split(':')[3]}, {partition}, got '{arn}'" in refusal(
        imports, dataset_arn=arn
    )
    imports.add("New", dataset_arn="arn:aws-new:personalize:xx-new-1:111122223333:dataset/shop/ITEMS")


def test_a_bucket_is_no_dataset(imports: Imports, stack: cdk.Stack) -> None:
    """A construct of another kind is refused."""
    assert "dataset must be an IDatasetRef" in refusal(imports, dataset=s3.Bucket(stack, "Other"))


def test_the_type_at_the_end_of_an_arn_with_tokens_is_known(imports: Imports, tmp_path: Path) -> None:
    """`format_arn` in a stack for any environment has tokens for the partition, region and account."""
    arn = imports.stack.format_arn(service="personalize", resource="dataset", resource_name="shop/ITEMS")
    fields = [{"name": "USER_ID", "type": "string"}, {"name": "AGE", "type": "int"}]
    schema = {"type": "record", "name": "Users", "fields": fields}
    path = tmp_path / "users.csv"
    path.write_text("USER_ID,AGE\n1,2\n")
    source = DataSource.from_asset(path, schema=schema, check=False)

    with pytest.raises(
        InvalidPropertiesError, match="must be for the dataset's type Items, got one for Users"
    ):
        imports.add(dataset_arn=arn, data_source=source)
