# SPDX-License-Identifier: Apache-2.0
"""Regions and partitions in ARNs and principals."""

import re

import aws_cdk as cdk
import pytest
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk.assertions import Annotations, Match

from cdk_personalize_import._limits import listed_regions
from tests.construct.imports import Imports

WARNING = "*regionNotListed*"


def stack_in(region: str | None, **context: bool) -> cdk.Stack:
    """A stack in a region, with an import from a bucket with a key."""
    environment = cdk.Environment(account="111122223333", region=region) if region else None
    stack = cdk.Stack(cdk.App(context=context), "Stack", env=environment)
    dataset = stack.format_arn(service="personalize", resource="dataset", resource_name="shop/INTERACTIONS")
    bucket = s3.Bucket(stack, "Bucket", encryption_key=kms.Key(stack, "Key"))
    Imports(stack, bucket).add(dataset_arn=dataset)
    return stack


@pytest.mark.parametrize(
    ("region", "partition"),
    [("eu-west-1", "aws"), ("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov")],
)
def test_arns_and_principals_are_those_of_the_partition(region: str, partition: str) -> None:
    """Every ARN has the partition, and the principals of services are the same in all."""
    stack = stack_in(region, **{"@aws-cdk/core:enablePartitionLiterals": True})

    template = str(cdk.assertions.Template.from_stack(stack).to_json())

    assert set(re.findall(r"arn:([a-z-]+):", template)) == {partition}
    services = set(re.findall(r"'([a-z]+)\.amazonaws\.com[.a-z]*'", template))
    assert services == {"personalize", "scheduler", "lambda"}
    assert "amazonaws.com.cn" not in template


def test_without_a_region_no_partition_is_written_out() -> None:
    """The ARNs refer to AWS::Partition."""
    template = str(cdk.assertions.Template.from_stack(stack_in(None)).to_json())

    assert "arn:aws" not in template


def test_a_region_that_is_not_listed_draws_a_warning() -> None:
    """It is no error, because botocore may be older than the region."""
    (warning,) = Annotations.from_stack(stack_in("us-gov-west-1")).find_warning(
        "/Stack/PersonalizeImportHandler", Match.any_value()
    )

    text = str(warning.entry.data)
    assert "does not list us-gov-west-1 among the regions of Amazon Personalize: ap-northeast-1, " in text
    assert text.endswith("[ack: cdk-personalize-import:regionNotListed]")


@pytest.mark.parametrize("region", ["eu-west-1", "cn-north-1", None])
def test_a_region_that_is_listed_or_unknown_draws_none(region: str | None) -> None:
    """The region may be supported."""
    assert Annotations.from_stack(stack_in(region)).find_warning("*", Match.any_value()) == []


def test_the_list_is_that_of_botocore() -> None:
    """It has the regions of all partitions."""
    assert {"eu-west-1", "us-east-1", "cn-north-1"} <= set(listed_regions())
