# SPDX-License-Identifier: Apache-2.0
"""An import is judged by role trust, role policy, bucket policy and the caller's own policy."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local_aws.accounts import (
    ACCOUNT,
    DENIED,
    PERSONALIZE,
    READS,
    Account,
    for_service,
    statement,
    trust,
)

NOT_ASSUMED = "Unable to assume role"
CONFUSED_DEPUTY = {
    "StringEquals": {"aws:SourceAccount": ACCOUNT},
    "ArnLike": {"aws:SourceArn": f"arn:aws:personalize:us-east-1:{ACCOUNT}:*"},
}


def refusal(
    account: Account,
    dataset: str,
    *,
    bucket: str,
    trusted: str = trust(PERSONALIZE),
    role: list[dict[str, Any]] | None = None,
    key: str = "in/",
    **request: Any,
) -> str:
    """Return the refusal's message; the role may read the bucket unless its statements are given."""
    arn = f"arn:aws:s3:::{bucket}"
    statements = [statement(READS, [arn, f"{arn}/*"])] if role is None else role
    given = {"dataSource": {"dataLocation": f"s3://{bucket}/{key}"}} | request
    with pytest.raises(ClientError) as raised:
        account.start_import(dataset, bucket, account.role(trusted, *statements), **given)
    return str(raised.value.response["Error"]["Message"])


def test_an_import_goes_through_with_the_documented_policies(account: Account) -> None:
    """Trust is limited to the account, both policies allow the least, and TLS is enforced."""
    dataset = account.dataset()

    def statements(bucket: str) -> list[dict[str, Any]]:
        tls = {
            "Effect": "Deny",
            "Principal": {"AWS": "*"},
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        }
        return [*for_service()(bucket), statement("s3:*", [bucket, f"{bucket}/*"], **tls)]

    bucket = account.bucket(statements)
    arn = f"arn:aws:s3:::{bucket}"
    under = {"Condition": {"StringLike": {"s3:prefix": "in/*"}}}
    role = account.role(
        trust(PERSONALIZE, **CONFUSED_DEPUTY),
        statement("s3:GetObject", f"{arn}/in/*"),
        statement("s3:ListBucket", arn, **under),
    )

    job = account.start_import(dataset, bucket, role)

    assert account.end_of(job) == "ACTIVE"
    assert account.aws.records(dataset) == 1000


def test_without_a_bucket_policy_the_service_may_not_read(account: Account, dataset: str) -> None:
    """The role's own permissions are not enough."""
    bucket = account.bucket(lambda _: [])

    said = refusal(account, dataset, bucket=bucket)

    assert said.startswith(DENIED)
    assert said.endswith(f"fix bucket policy on {bucket}.")


@pytest.mark.parametrize("actions", [["s3:GetObject"], ["s3:ListBucket"]])
def test_the_bucket_policy_has_to_allow_both_actions(
    account: Account, dataset: str, actions: list[str]
) -> None:
    """Listing and getting are judged separately."""
    assert refusal(account, dataset, bucket=account.bucket(for_service(actions))).startswith(DENIED)


def test_the_bucket_policy_has_to_name_the_service(account: Account, dataset: str) -> None:
    """A statement for another service does not count for this one."""
    other = {"Principal": {"Service": "forecast.amazonaws.com"}}
    bucket = account.bucket(lambda arn: [statement(READS, [arn, f"{arn}/*"], **other)])

    assert refusal(account, dataset, bucket=bucket).startswith(DENIED)


def test_a_deny_in_the_bucket_policy_wins(account: Account, dataset: str) -> None:
    """A Deny for everybody overrules the statement that allows the service to read."""
    deny = {"Effect": "Deny", "Principal": "*"}
    bucket = account.bucket(lambda arn: [*for_service()(arn), statement("s3:GetObject", f"{arn}/*", **deny)])

    assert refusal(account, dataset, bucket=bucket).startswith(DENIED)


def test_the_role_has_to_be_allowed_to_read_too(account: Account, dataset: str) -> None:
    """The bucket's policy alone is not enough."""
    assert refusal(account, dataset, bucket=account.bucket(for_service()), role=[]).startswith(DENIED)


def test_a_prefix_that_the_role_may_not_list_is_refused(account: Account, dataset: str) -> None:
    """The condition on s3:prefix is evaluated."""
    bucket = account.bucket(for_service())
    arn = f"arn:aws:s3:::{bucket}"
    elsewhere = {"Condition": {"StringLike": {"s3:prefix": "elsewhere/*"}}}
    role = [statement("s3:GetObject", f"{arn}/*"), statement("s3:ListBucket", arn, **elsewhere)]

    assert refusal(account, dataset, bucket=bucket, role=role).startswith(DENIED)


@pytest.mark.parametrize(
    "trusted",
    [
        trust("lambda.amazonaws.com"),
        trust(PERSONALIZE, StringEquals={"aws:SourceAccount": "999999999999"}),
        trust(PERSONALIZE, ArnLike={"aws:SourceArn": f"arn:aws:personalize:eu-west-1:{ACCOUNT}:*"}),
    ],
)
def test_the_role_has_to_trust_the_service_here(account: Account, dataset: str, trusted: str) -> None:
    """The trust policy's principal and its conditions are evaluated."""
    said = refusal(account, dataset, bucket=account.bucket(for_service()), trusted=trusted)

    assert said.startswith(NOT_ASSUMED)


def test_a_role_that_is_not_there_cannot_be_assumed(account: Account, dataset: str) -> None:
    """An ARN does not mean that the role exists."""
    missing = f"arn:aws:iam::{ACCOUNT}:role/missing"

    said = refusal(account, dataset, bucket=account.bucket(for_service()), roleArn=missing)

    assert said.startswith(NOT_ASSUMED)


def test_an_allowed_but_empty_location_is_invalid(account: Account, dataset: str) -> None:
    """Access is judged before the data are looked for."""
    bucket = account.bucket(for_service())

    assert refusal(account, dataset, bucket=bucket, key="none/") == "Invalid Data location."


def test_a_caller_needs_the_action_on_the_dataset_and_on_the_job(account: Account, dataset: str) -> None:
    """CreateDatasetImportJob is authorised on both resources, as AWS documents it."""
    client = account.client_as("personalize", statement("personalize:CreateDatasetImportJob", dataset))

    with pytest.raises(ClientError, match="not authorized to perform") as raised:
        client.create_dataset_import_job(
            jobName="job",
            datasetArn=dataset,
            dataSource={"dataLocation": "s3://bucket/key"},
            roleArn=f"arn:aws:iam::{ACCOUNT}:role/any",
        )

    assert raised.value.response["Error"]["Code"] == "AccessDeniedException"
    assert raised.value.response["Error"]["Message"].endswith(
        "is not authorized to perform: personalize:CreateDatasetImportJob on resource: "
        f"arn:aws:personalize:us-east-1:{ACCOUNT}:dataset-import-job/job because no identity-based policy "
        "allows the personalize:CreateDatasetImportJob action"
    )


def test_a_caller_needs_to_pass_the_role(account: Account, dataset: str) -> None:
    """Without iam:PassRole for this service the call is denied."""
    role = account.role(trust(PERSONALIZE))
    elsewhere = {"Condition": {"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}}}
    client = account.client_as(
        "personalize", statement("personalize:*", "*"), statement("iam:PassRole", role, **elsewhere)
    )

    with pytest.raises(ClientError, match="not authorized to perform: iam:PassRole on resource: " + role):
        client.create_dataset_import_job(
            jobName="job", datasetArn=dataset, dataSource={"dataLocation": "s3://bucket/key"}, roleArn=role
        )


def test_tags_of_a_new_job_need_the_permission_to_tag(account: Account, dataset: str) -> None:
    """A creation with tags is authorised as TagResource too."""
    actions = ["personalize:CreateDatasetImportJob", "iam:PassRole"]
    client = account.client_as("personalize", statement(actions, "*"))

    with pytest.raises(ClientError, match="not authorized to perform: personalize:TagResource"):
        client.create_dataset_import_job(
            jobName="job",
            datasetArn=dataset,
            dataSource={"dataLocation": "s3://bucket/key"},
            roleArn=f"arn:aws:iam::{ACCOUNT}:role/any",
            tags=[{"tagKey": "a", "tagValue": "b"}],
        )


def test_a_caller_without_any_policy_is_denied(account: Account) -> None:
    """A call that only lists is judged like every other."""
    with pytest.raises(ClientError, match="not authorized to perform: personalize:ListDatasetImportJobs"):
        account.client_as("personalize").list_dataset_import_jobs()
