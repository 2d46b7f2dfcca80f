# SPDX-License-Identifier: Apache-2.0
"""Two imports of a stack into one dataset need different prefixes, by which they identify their jobs."""

import aws_cdk as cdk
import pytest
from aws_cdk import aws_s3 as s3
from constructs import Construct

from cdk_personalize_import import DatasetImportJob, InvalidPropertiesError
from tests.construct.imports import DATASET_ARN, IMPORT, OTHER_DATASET, Imports


def test_a_prefix_that_another_import_into_the_dataset_uses_is_refused(imports: Imports) -> None:
    """Each import would treat the other's jobs as its own."""
    imports.add("First", job_name_prefix="nightly")

    with pytest.raises(InvalidPropertiesError) as refused:
        imports.add("Second", job_name_prefix="nightly")

    assert str(refused.value) == (
        "job_name_prefix must be unique among the imports into a dataset, got 'nightly', which Stack/First "
        "has too (Stack/Second). Pass another one. If omitted, it is made of the path, where 'a/b' and 'a-b' "
        "become the same."
    )


def test_default_prefixes_may_be_the_same_too(imports: Imports, stack: cdk.Stack) -> None:
    """The default prefixes of `a/b` and `a-b` are the same."""
    imports.add("Import", scope=Construct(stack, "Shop"))

    with pytest.raises(InvalidPropertiesError, match="got 'Stack-Shop-Import', which Stack/Shop/Import has"):
        imports.add("Shop-Import")


def test_equal_tokens_are_equal_prefixes(imports: Imports, stack: cdk.Stack) -> None:
    """Equal tokens have equal values."""
    name = cdk.CfnParameter(stack, "Name").value_as_string
    imports.add("First", job_name_prefix=name)

    with pytest.raises(InvalidPropertiesError, match="which Stack/First has"):
        imports.add("Second", job_name_prefix=name)


def test_imports_into_other_datasets_may_use_the_prefix(imports: Imports) -> None:
    """An import only looks at the jobs of its dataset."""
    imports.add("First", job_name_prefix="nightly")
    imports.add("Second", job_name_prefix="nightly", dataset_arn=OTHER_DATASET)

    imports.template().resource_count_is(IMPORT, 2)


def test_imports_of_two_stacks_may_use_the_prefix(app: cdk.App) -> None:
    """The stacks may be in different accounts."""
    stacks = [cdk.Stack(app, name) for name in ("Test", "Production")]
    both = [Imports(stack, s3.Bucket(stack, "Bucket")) for stack in stacks]
    for imports in both:
        imports.add(job_name_prefix="nightly")

    assert [imports.properties()["JobNamePrefix"] for imports in both] == ["nightly", "nightly"]


@pytest.mark.parametrize("construct_id", ["First", "Second"])
def test_the_prefix_of_a_removed_import_can_be_used_again(imports: Imports, construct_id: str) -> None:
    """Another import can use the prefix of a removed one."""
    imports.add("First", job_name_prefix="nightly")
    imports.stack.node.try_remove_child("First")
    imports.add(construct_id, job_name_prefix="nightly")

    with pytest.raises(InvalidPropertiesError, match=f"which Stack/{construct_id} has"):
        imports.add("Third", job_name_prefix="nightly")


def test_an_import_that_is_refused_reserves_no_prefix(imports: Imports) -> None:
    """Only imports without problems reserve their prefix."""
    with pytest.raises(InvalidPropertiesError):
        imports.add("First", job_name_prefix="nightly", wait=None)

    assert isinstance(imports.add("Second", job_name_prefix="nightly"), DatasetImportJob)


@pytest.mark.parametrize("wrong", [["nightly"], 7])
def test_a_wrong_prefix_is_reported_once(imports: Imports, wrong: object) -> None:
    """The error does not also report that the prefix is in use."""
    with pytest.raises(InvalidPropertiesError) as refused:
        imports.add(job_name_prefix=wrong, dataset_arn=[DATASET_ARN])

    assert [line.split(",")[0] for line in str(refused.value).splitlines()] == [
        "dataset_arn must be a string",
        "job_name_prefix must be a string",
    ]
