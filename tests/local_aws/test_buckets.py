# SPDX-License-Identifier: Apache-2.0
"""A full bucket is not deleted, and functions copy between buckets as their roles' policies allow."""

from typing import Any

import pytest

from tests.local_aws.accounts import Account, statement
from tests.local_aws.stacks import Stacks

COPIES = """
import boto3
from boto3.s3.transfer import TransferConfig
def handler(event, context):
    s3 = boto3.client("s3")
    source, target = event["source"], event["target"]
    try:
        if event["parts"]:
            config = TransferConfig(multipart_threshold=5242880, multipart_chunksize=5242880)
            s3.copy({"Bucket": source, "Key": "big"}, target, "in/copy", Config=config)
        else:
            s3.copy_object(CopySource={"Bucket": source, "Key": "big"}, Bucket=target, Key="in/copy")
        size = s3.head_object(Bucket=target, Key="in/copy")["ContentLength"]
        listed = s3.list_objects_v2(Bucket=target, Prefix="in/")["KeyCount"]
        s3.put_object(Bucket=target, Key="in/other", Body=b"1")
        s3.delete_object(Bucket=target, Key="in/other")
        gone = s3.delete_objects(Bucket=target, Delete={"Objects": [{"Key": "in/copy"}]})
        return [size, listed, [entry["Key"] for entry in gone.get("Deleted", [])]]
    except Exception as error:
        return [error.operation_name, error.response["Error"]["Code"]]
"""
READ = "s3:GetObject"
WRITE = "s3:PutObject"
LIST = "s3:ListBucket"
DELETE = "s3:DeleteObject"


class Copy:
    """A function that copies between two buckets."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self.source, self.target = (account.name(stem) for stem in ("source", "target"))
        for bucket in (self.source, self.target):
            account.s3.create_bucket(Bucket=bucket)

    def statements(self, without: str = "") -> list[dict[str, Any]]:
        """Return what the copy needs, as its role's policy has it."""
        source, target = (f"arn:aws:s3:::{name}" for name in (self.source, self.target))
        needed = {
            f"source {READ}": statement(READ, f"{source}/*"),
            f"target {READ}": statement(READ, f"{target}/in/*"),
            f"target {WRITE}": statement(WRITE, f"{target}/in/*"),
            f"target {DELETE}": statement(DELETE, f"{target}/in/*"),
            f"target {LIST}": statement(LIST, target, Condition={"StringLike": {"s3:prefix": "in/*"}}),
        }
        return [made for name, made in needed.items() if name != without]

    def run(self, *statements: dict[str, Any], size: int = 100, parts: bool = False) -> Any:
        """Run the function and return its answer."""
        self.account.s3.put_object(Bucket=self.source, Key="big", Body=b"x" * size)
        function = self.account.function(COPIES, *statements)
        return self.account.invoke(function, source=self.source, target=self.target, parts=parts)


@pytest.fixture
def copy(account: Account) -> Copy:
    """Make two buckets and a function."""
    return Copy(account)


@pytest.mark.parametrize(("size", "parts"), [(100, False), (12_000_000, True)])
def test_a_function_copies_between_buckets(copy: Copy, size: int, parts: bool) -> None:
    """In one request or in parts, the content does not pass through the function."""
    assert copy.run(*copy.statements(), size=size, parts=parts) == [size, 1, ["in/copy"]]


@pytest.mark.parametrize(
    ("missing", "operation"),
    [
        (f"source {READ}", "CopyObject"),
        (f"target {WRITE}", "CopyObject"),
        (f"target {READ}", "HeadObject"),
        (f"target {LIST}", "ListObjectsV2"),
        (f"target {DELETE}", "DeleteObject"),
    ],
)
def test_a_function_without_one_of_the_permissions_is_refused(
    copy: Copy, missing: str, operation: str
) -> None:
    """Each call needs its own action.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
    """
    refused, code = copy.run(*copy.statements(without=missing))

    assert refused == operation
    assert code in {"AccessDenied", "403"}


def test_a_copy_in_parts_reads_the_source_with_its_callers_permissions(copy: Copy) -> None:
    """UploadPartCopy needs s3:GetObject on the source, as CopyObject does; the managed copy asks first."""
    refused = copy.run(*copy.statements(without=f"source {READ}"), size=12_000_000, parts=True)

    assert refused == ["HeadObject", "403"]


def test_a_bucket_that_is_not_empty_is_not_deleted(account: Account, stacks: Stacks) -> None:
    """The stack ends DELETE_FAILED with S3's refusal, and is deleted once the bucket is empty."""
    name = stacks.name()
    stacks.deploy(name, {"Bucket": {"Type": "AWS::S3::Bucket"}}, {"Name": {"Value": {"Ref": "Bucket"}}})
    bucket = stacks.outputs(name)["Name"]
    account.s3.put_object(Bucket=bucket, Key="key", Body=b"1")

    refused = stacks.delete(name)
    reasons = "\n".join(stacks.reasons(name))
    account.s3.delete_object(Bucket=bucket, Key="key")
    accepted = stacks.delete(name)

    assert (refused, accepted) == ("DELETE_FAILED", "DELETE_COMPLETE")
    assert "The bucket you tried to delete is not empty (Service: S3, Status Code: 409" in reasons


def test_a_bucket_with_old_versions_is_not_empty(account: Account, stacks: Stacks) -> None:
    """A deleted object of a versioned bucket is still there."""
    name = stacks.name()
    versioned = {"VersioningConfiguration": {"Status": "Enabled"}}
    bucket = {"Type": "AWS::S3::Bucket", "Properties": versioned}
    stacks.deploy(name, {"Bucket": bucket}, {"Name": {"Value": {"Ref": "Bucket"}}})
    full = stacks.outputs(name)["Name"]
    account.s3.put_object(Bucket=full, Key="key", Body=b"1")
    account.s3.delete_object(Bucket=full, Key="key")

    assert stacks.delete(name) == "DELETE_FAILED"


def test_a_full_bucket_that_an_update_removes_stays(account: Account, stacks: Stacks) -> None:
    """The cleanup of an update tries three times, and then leaves the bucket behind.

    https://repost.aws/knowledge-center/cloudformation-stack-cleanup-stuck
    """
    name, other = stacks.name(), {"Type": "AWS::SQS::Queue"}
    stacks.deploy(name, {"Bucket": {"Type": "AWS::S3::Bucket"}}, {"Name": {"Value": {"Ref": "Bucket"}}})
    bucket = stacks.outputs(name)["Name"]
    account.s3.put_object(Bucket=bucket, Key="key", Body=b"1")

    status = stacks.deploy(name, {"Queue": other})

    failed = [event for event in stacks.stack_events(name) if event["ResourceStatus"] == "DELETE_FAILED"]
    assert status == "UPDATE_COMPLETE"
    assert len(failed) == 3
    assert account.s3.head_bucket(Bucket=bucket)
