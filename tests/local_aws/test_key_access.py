# SPDX-License-Identifier: Apache-2.0
"""In a bucket that is encrypted with a key, the key's policy is judged as well."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local_aws import LocalAws
from tests.local_aws.accounts import (
    ACCOUNT,
    DENIED,
    PERSONALIZE,
    READS,
    Account,
    for_service,
    policy,
    statement,
    trust,
)
from tests.local_aws.stacks import Stacks
from tests.local_aws.world import interactions

ROOT = {"Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}}
SERVICE = statement("kms:Decrypt", "*", Principal={"Service": PERSONALIZE})
OF_ACCOUNT = statement("kms:*", "*", **ROOT)


def status(account: Account, dataset: str, *, key: list[dict[str, Any]], role_uses_key: bool = True) -> str:
    """Import from a bucket that is encrypted with a key of this policy, and return the job's status."""
    kms = account.aws.client("kms")
    arn = kms.create_key(Policy=policy(*key))["KeyMetadata"]["Arn"]
    bucket = account.bucket(for_service())
    default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": arn}
    account.s3.put_bucket_encryption(
        Bucket=bucket,
        ServerSideEncryptionConfiguration={"Rules": [{"ApplyServerSideEncryptionByDefault": default}]},
    )
    account.s3.put_object(Bucket=bucket, Key="in/data.csv", Body=interactions().encode())
    uses_key = [statement("kms:Decrypt", arn)] if role_uses_key else []
    resources = [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"]
    role = account.role(trust(PERSONALIZE), statement(READS, resources), *uses_key)
    return account.end_of(account.start_import(dataset, bucket, role))


def test_the_service_and_the_role_have_to_be_let_in(account: Account, dataset: str) -> None:
    """The role may use what the key leaves to the account and its own policy allows."""
    assert status(account, dataset, key=[OF_ACCOUNT, SERVICE]) == "ACTIVE"


@pytest.mark.parametrize(
    ("key", "role_uses_key"),
    [([OF_ACCOUNT], True), ([SERVICE], True), ([OF_ACCOUNT, SERVICE], False)],
    ids=["without the service", "without the account", "without the role's own policy"],
)
def test_a_key_that_lets_one_of_them_out_refuses(
    account: Account, dataset: str, key: list[dict[str, Any]], role_uses_key: bool
) -> None:
    """The reason is the one that the service gives for the data."""
    with pytest.raises(ClientError, match=DENIED):
        status(account, dataset, key=key, role_uses_key=role_uses_key)


@pytest.mark.parametrize(("who", "accepted"), [("role/role-*", True), ("role/other/*", False)])
def test_a_condition_on_the_principals_arn_is_one_on_the_role(
    account: Account, dataset: str, who: str, accepted: bool
) -> None:
    """It is compared with the role's own ARN, not with that of its session."""
    condition = {"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:{who}"}}
    key = [SERVICE, statement("kms:Decrypt", "*", Condition=condition, **ROOT)]

    if accepted:
        assert status(account, dataset, key=key) == "ACTIVE"
    else:
        with pytest.raises(ClientError, match=DENIED):
            status(account, dataset, key=key)


def test_a_bucket_of_a_stack_is_encrypted_as_it_says(aws: LocalAws, stacks: Stacks) -> None:
    """The bucket has the encryption of the template, and the default once the property is removed."""
    key = aws.client("kms").create_key()["KeyMetadata"]["Arn"]
    default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}
    rules = {"ServerSideEncryptionConfiguration": [{"ServerSideEncryptionByDefault": default}]}
    name = stacks.name()
    bucket = {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": f"{name}-data"}}
    encrypted = {**bucket, "Properties": {**bucket["Properties"], "BucketEncryption": rules}}  # type: ignore[dict-item]

    def algorithm() -> str:
        found = aws.client("s3").get_bucket_encryption(Bucket=f"{name}-data")
        return json.dumps(found["ServerSideEncryptionConfiguration"])

    stacks.deploy(name, {"Bucket": encrypted})
    before = algorithm()
    stacks.deploy(name, {"Bucket": bucket})

    assert key in before
    assert "AES256" in algorithm()


MOVES = """
import boto3
from boto3.s3.transfer import TransferConfig
def handler(event, context):
    s3, bucket, plain = boto3.client("s3"), event["bucket"], event["plain"]
    config = TransferConfig(multipart_threshold=5242880, multipart_chunksize=5242880)
    calls = {
        "write": lambda: s3.put_object(Bucket=bucket, Key="written", Body=b"1"),
        "read": lambda: s3.get_object(Bucket=bucket, Key="there")["Body"].read(),
        "copy in": lambda: s3.copy_object(CopySource=f"{plain}/big", Bucket=bucket, Key="copy"),
        "copy out": lambda: s3.copy_object(CopySource=f"{bucket}/there", Bucket=plain, Key="copy"),
        "parts": lambda: s3.copy({"Bucket": plain, "Key": "big"}, bucket, "parts", Config=config),
        "look": lambda: s3.head_object(Bucket=bucket, Key="there"),
    }
    allowed = []
    for name, call in calls.items():
        try:
            call()
            allowed.append(name)
        except s3.exceptions.ClientError as error:
            assert error.response["Error"]["Code"] == "AccessDenied", error
    return allowed
"""


@pytest.mark.parametrize(
    ("actions", "allowed"),
    [
        ([], ["look"]),
        (["kms:Decrypt"], ["read", "copy out", "look"]),
        (["kms:GenerateDataKey"], ["write", "copy in", "look"]),
        (
            ["kms:Decrypt", "kms:GenerateDataKey"],
            ["write", "read", "copy in", "copy out", "parts", "look"],
        ),
    ],
)
def test_a_function_needs_the_key_for_what_it_reads_and_writes(
    account: Account, actions: list[str], allowed: list[str]
) -> None:
    """Reading decrypts, writing generates a data key, and writing in parts needs both.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html
    """
    key = account.aws.client("kms").create_key(Policy=policy(OF_ACCOUNT))["KeyMetadata"]["Arn"]
    bucket, plain = account.name("encrypted"), account.name("plain")
    for name in (bucket, plain):
        account.s3.create_bucket(Bucket=name)
    default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}
    account.s3.put_bucket_encryption(
        Bucket=bucket,
        ServerSideEncryptionConfiguration={"Rules": [{"ApplyServerSideEncryptionByDefault": default}]},
    )
    account.s3.put_object(Bucket=bucket, Key="there", Body=b"1")
    account.s3.put_object(Bucket=plain, Key="big", Body=b"x" * 6_000_000)
    of_key = [statement(actions, key)] if actions else []
    function = account.function(MOVES, statement("s3:*", "*"), *of_key)

    assert account.invoke(function, bucket=bucket, plain=plain) == allowed


def test_the_policy_of_the_key_has_to_leave_it_to_the_account(account: Account) -> None:
    """A role's own policy is not enough."""
    root = statement("kms:PutKeyPolicy", "*", **ROOT)
    key = account.aws.client("kms").create_key(Policy=policy(root))["KeyMetadata"]["Arn"]
    bucket, plain = account.name("encrypted"), account.name("plain")
    for name in (bucket, plain):
        account.s3.create_bucket(Bucket=name)
    account.s3.put_object(
        Bucket=bucket, Key="there", Body=b"1", ServerSideEncryption="aws:kms", SSEKMSKeyId=key
    )
    account.s3.put_object(Bucket=plain, Key="big", Body=b"1")
    function = account.function(MOVES, statement("s3:*", "*"), statement("kms:*", key))

    allowed = account.invoke(function, bucket=bucket, plain=plain)

    assert not {"read", "copy out"} & set(allowed)
