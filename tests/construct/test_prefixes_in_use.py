# SPDX-License-Identifier: Apache-2.0
"""An import knows its jobs by dataset and name, so no two of a stack may have both in common."""

import aws_cdk as cdk
import pytest
from aws_cdk import aws_s3 as s3
from constructs import Construct

from cdk_personalize_import import DatasetImportJob, InvalidPropertiesError
from tests.construct.imports import DATASET_ARN, IMPORT, Imports

OTHER_DATASET = "arn:aws:personalize:eu-west-1:111122223333:dataset/shop/ITEMS"


def test_a_name_that_another_import_of_the_dataset_has_is_refused(imports: Imports) -> None:
    """Each would take the jobs of the other for its own, and import over its data."""
    imports.add("First", job_name_prefix="nightly")

    with pytest.raises(InvalidPropertiesError) as refused:
        imports.add("Second", job_name_prefix="nightly")

    assert str(refused.value) == (
        "job_name_prefix must be unique among the imports into a dataset, got 'nightly', which Stack/First "
        "has too (Stack/Second). Pass another one. If omitted, it is made of the path, where 'a/b' and 'a-b' "
        "become the same."
    )


def test_names_that_are_left_out_may_be_the_same_too(imports: Imports, stack: cdk.Stack) -> None:
    """A name has no slash."""
    imports.add("Import", scope=Construct(stack, "Shop"))

    with pytest.raises(InvalidPropertiesError, match="got 'Stack-Shop-Import', which Stack/Shop/Import has"):
        imports.add("Shop-Import")


def test_a_token_is_the_same_name_wherever_it_is_given(imports: Imports, stack: cdk.Stack) -> None:
    """What it will be is not known, but it will be the same."""
    name = cdk.CfnParameter(stack, "Name").value_as_string
    imports.add("First", job_name_prefix=name)

    with pytest.raises(InvalidPropertiesError, match="which Stack/First has"):
        imports.add("Second", job_name_prefix=name)


def test_imports_into_other_datasets_may_have_the_name(imports: Imports) -> None:
    """Their jobs are told apart by the dataset."""
    imports.add("First", job_name_prefix="nightly")
    imports.add("Second", job_name_prefix="nightly", dataset_arn=OTHER_DATASET)

    imports.template().resource_count_is(IMPORT, 2)


def test_imports_of_two_stacks_may_have_the_name(app: cdk.App) -> None:
    """They may be of two accounts, or never be deployed together."""
    stacks = [cdk.Stack(app, name) for name in ("Test", "Production")]
    both = [Imports(stack, s3.Bucket(stack, "Bucket")) for stack in stacks]
    for imports in both:
        imports.add(job_name_prefix="nightly")

    assert [imports.properties()["JobNamePrefix"] for imports in both] == ["nightly", "nightly"]


@pytest.mark.parametrize("construct_id", ["First", "Second"])
def test_an_import_that_is_removed_leaves_its_name(imports: Imports, construct_id: str) -> None:
    """To the one that replaces it, whether at the same place or elsewhere."""
    imports.add("First", job_name_prefix="nightly")
    imports.stack.node.try_remove_child("First")
    imports.add(construct_id, job_name_prefix="nightly")

    with pytest.raises(InvalidPropertiesError, match=f"which Stack/{construct_id} has"):
        imports.add("Third", job_name_prefix="nightly")


def test_an_import_that_is_refused_takes_no_name(imports: Imports) -> None:
    """It is not there."""
    with pytest.raises(InvalidPropertiesError):
        imports.add("First", job_name_prefix="nightly", wait=None)

    assert isinstance(imports.add("Second", job_name_prefix="nightly"), DatasetImportJob)


@pytest.mark.parametrize("wrong", [["nightly"], 7])
def test_what_is_no_name_is_told_once(imports: Imports, wrong: object) -> None:
    """As a name of the wrong kind."""
    with pytest.raises(InvalidPropertiesError) as refused:
        imports.add(job_name_prefix=wrong, dataset_arn=[DATASET_ARN])

    assert [line.split(",")[0] for line in str(refused.value).splitlines()] == [
        "dataset_arn must be a string",
        "job_name_prefix must be a string",
    ]
