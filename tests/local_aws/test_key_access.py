# SPDX-License-Identifier: Apache-2.0
"""Buckets that are encrypted with a key: its policy is judged as well."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local_aws import LocalAws
from tests.local_aws.accounts import ACCOUNT, Account, policy, statement, trust
from tests.local_aws.stacks import Stacks
from tests.local_aws.test_access import DENIED, PERSONALIZE, READS
from tests.local_aws.world import interactions

ROOT = {"Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}}
SERVICE = statement("kms:Decrypt", "*", Principal={"Service": PERSONALIZE})
OF_ACCOUNT = statement("kms:*", "*", **ROOT)


@pytest.fixture(scope="module")
def account(aws: LocalAws) -> Account:
    """The account of the instance."""
    return Account(aws)


@pytest.fixture(scope="module")
def dataset(account: Account) -> str:
    """An ACTIVE dataset."""
    return account.dataset()


def start(account: Account, dataset: str, *, key: list[dict[str, Any]], role_uses_key: bool = True) -> None:
    """Start an import from a bucket that is encrypted with a key of this policy."""
    kms = account.aws.client("kms")
    arn = kms.create_key(Policy=policy(*key))["KeyMetadata"]["Arn"]
    reads = {"Principal": {"Service": PERSONALIZE}}
    bucket = account.bucket(lambda arn: [statement(READS, [arn, f"{arn}/*"], **reads)])
    default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": arn}
    account.s3.put_bucket_encryption(
        Bucket=bucket,
        ServerSideEncryptionConfiguration={"Rules": [{"ApplyServerSideEncryptionByDefault": default}]},
    )
    account.s3.put_object(Bucket=bucket, Key="in/data.csv", Body=interactions().encode())
    uses_key = [statement("kms:Decrypt", arn)] if role_uses_key else []
    resources = [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"]
    job = account.personalize.create_dataset_import_job(
        jobName=account.name("job"),
        datasetArn=dataset,
        dataSource={"dataLocation": f"s3://{bucket}/in/"},
        roleArn=account.role(trust(PERSONALIZE), statement(READS, resources), *uses_key),
    )["datasetImportJobArn"]
    describe = account.personalize.describe_dataset_import_job
    account.until(lambda: describe(datasetImportJobArn=job)["datasetImportJob"]["status"])


def test_the_service_and_the_role_have_to_be_let_in(account: Account, dataset: str) -> None:
    """The role by what the key leaves to the account, and its own policy."""
    start(account, dataset, key=[OF_ACCOUNT, SERVICE])


@pytest.mark.parametrize(
    ("key", "role_uses_key"),
    [([OF_ACCOUNT], True), ([SERVICE], True), ([OF_ACCOUNT, SERVICE], False)],
    ids=["without the service", "without the account", "without the role's own policy"],
)
def test_a_key_that_lets_one_of_them_out_refuses(
    account: Account, dataset: str, key: list[dict[str, Any]], role_uses_key: bool
) -> None:
    """In the words that the service has for the data."""
    with pytest.raises(ClientError, match=DENIED):
        start(account, dataset, key=key, role_uses_key=role_uses_key)


@pytest.mark.parametrize(("who", "accepted"), [("role/role-*", True), ("role/other/*", False)])
def test_a_condition_on_the_principals_arn_is_one_on_the_role(
    account: Account, dataset: str, who: str, accepted: bool
) -> None:
    """The role's own ARN, not that of its session."""
    condition = {"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:{who}"}}
    key = [SERVICE, statement("kms:Decrypt", "*", Condition=condition, **ROOT)]

    if accepted:
        start(account, dataset, key=key)
    else:
        with pytest.raises(ClientError, match=DENIED):
            start(account, dataset, key=key)


def test_a_bucket_of_a_stack_is_encrypted_as_it_says(aws: LocalAws, stacks: Stacks) -> None:
    """The property of the template is the configuration of the bucket, until it goes."""
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
