# SPDX-License-Identifier: Apache-2.0
"""Without any one statement, Personalize refuses the import, and the stack's error says what to check."""

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from local_aws import LocalAws
from tests.access.deployed import HANDLER, Deployed, deploy
from tests.access.one_import import DATA, one_import

pytestmark = pytest.mark.slow

S3 = "Insufficient privileges for accessing data in S3."
ROLE = "Unable to assume role"
PASS = "is not authorized to perform: iam:PassRole on resource"
Document = dict[str, Any]
Put = Callable[[Document], object]


@pytest.fixture(scope="module")
def deployed(aws: LocalAws) -> Deployed:
    """A stack that has all that its import needs."""
    made = deploy(aws, one_import)
    made.put("interactions/one.csv", DATA)
    return made


def role_policy(deployed: Deployed, prefix: str) -> tuple[Document, Put]:
    """The only policy of a role, and how to change it."""
    iam, name = deployed.aws.client("iam"), deployed.name_of("AWS::IAM::Role", prefix)
    (policy,) = iam.list_role_policies(RoleName=name)["PolicyNames"]

    def put(document: Document) -> None:
        iam.put_role_policy(RoleName=name, PolicyName=policy, PolicyDocument=json.dumps(document))

    return deployed.policies(prefix)[0], put


def trust_policy(deployed: Deployed) -> tuple[Document, Put]:
    """The trust of the import's role, and how to change it."""
    iam, name = deployed.aws.client("iam"), deployed.name_of("AWS::IAM::Role", "ImportServiceRole")

    def put(document: Document) -> None:
        iam.update_assume_role_policy(RoleName=name, PolicyDocument=json.dumps(document))

    return iam.get_role(RoleName=name)["Role"]["AssumeRolePolicyDocument"], put


def bucket_policy(deployed: Deployed) -> tuple[Document, Put]:
    """The policy of the bucket, and how to change it."""
    s3 = deployed.aws.client("s3")

    def put(document: Document) -> None:
        s3.put_bucket_policy(Bucket=deployed.bucket, Policy=json.dumps(document))

    return deployed.bucket_policy(), put


def key_policy(deployed: Deployed) -> tuple[Document, Put]:
    """The policy of the bucket's key, and how to change it."""
    kms = deployed.aws.client("kms")

    def put(document: Document) -> None:
        kms.put_key_policy(KeyId=deployed.key_arn, Policy=json.dumps(document))

    return deployed.key_policy(), put


def reading_role(deployed: Deployed) -> tuple[Document, Put]:
    """The policy of the import's role, and how to change it."""
    return role_policy(deployed, "ImportServiceRole")


def passing_role(deployed: Deployed) -> tuple[Document, Put]:
    """The policy of the handler's role, and how to change it."""
    return role_policy(deployed, f"{HANDLER}Role")


@pytest.mark.parametrize(
    ("policy", "part", "message", "nearest"),
    [
        (bucket_policy, "s3:GetObject", S3, "the bucket's policy"),
        (reading_role, "s3:GetObject", S3, "the bucket's policy"),
        (reading_role, "kms:Decrypt", S3, "the bucket's policy"),
        (key_policy, "kms:Decrypt", S3, "the bucket's policy"),
        (trust_policy, "sts:AssumeRole", ROLE, "the role: it exists"),
        (passing_role, '"iam:PassedToService": "personalize', PASS, "the policy of the import's function"),
    ],
    ids=["bucket policy", "role policy", "role's use of the key", "key policy", "trust", "passing the role"],
)
def test_without_one_of_them_the_import_is_refused(
    deployed: Deployed,
    policy: Callable[[Deployed], tuple[Document, Put]],
    part: str,
    message: str,
    nearest: str,
) -> None:
    """The error has the message of Personalize and what to check, the most likely cause first."""
    whole, put = policy(deployed)
    put(without(whole, part))

    answer = deployed.run("Create")

    put(whole)
    assert answer["Status"] == "FAILED"
    assert message in answer["Reason"]
    assert f"Check (1) {nearest}" in answer["Reason"]
    assert answer["Reason"].endswith("Then deploy again.")


def without(document: Document, part: str) -> Document:
    """The policy without the statements that allow something; a policy cannot be without any."""
    kept = [
        statement
        for statement in copy.deepcopy(document["Statement"])
        if statement["Effect"] == "Deny" or part not in json.dumps(statement)
    ]
    nothing = {"Effect": "Deny", "Principal": "*", "Action": "s3:PutObject", "Resource": "*"}
    return {**document, "Statement": kept or [nothing]}


def test_the_imports_own_statements_are_enough_for_the_key(deployed: Deployed) -> None:
    """They suffice if the key's policy delegates nothing to the account."""
    whole, put = key_policy(deployed)
    put({**whole, "Statement": whole["Statement"][1:]})

    answer = deployed.run("Create")

    put(whole)
    assert answer["Status"] == "SUCCESS", answer["Reason"]
