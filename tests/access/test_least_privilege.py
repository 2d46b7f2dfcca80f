# SPDX-License-Identifier: Apache-2.0
"""The policies of a stack allow every call of an import, and nothing else."""

import dataclasses

import pytest

from local_aws import LocalAws
from tests.access.calls import ACCOUNT, REGION, Call, allowed, pass_role, unused
from tests.access.deployed import HANDLER, Deployed, deploy
from tests.access.one_import import DATA, one_import

pytestmark = pytest.mark.slow

PERSONALIZE = "personalize.amazonaws.com"


@pytest.fixture(scope="module")
def life(aws: LocalAws) -> Deployed:
    """A stack whose import has been created, updated and deleted."""
    deployed = deploy(aws, lambda stack: one_import(stack, confused_deputy_conditions=True))
    deployed.put("interactions/one.csv", DATA)
    created = deployed.run("Create")
    assert created["Status"] == "SUCCESS", created["Reason"]
    old, new = deployed.properties, {**deployed.properties, "Revision": "2"}
    ours = {"PhysicalResourceId": created["PhysicalResourceId"]}
    updated = deployed.run("Update", new, OldResourceProperties=old, **ours)
    assert updated["Status"] == "SUCCESS", updated["Reason"]
    assert deployed.run("Delete", old, **ours)["Status"] == "SUCCESS"
    # An import that has replaced other data asks, when it goes, whether the stack is rolled back.
    other = {**deployed.properties, "Revision": "3"}
    replacing = deployed.run("Create", other, logical_id="Renamed")
    gone = {"PhysicalResourceId": replacing["PhysicalResourceId"]}
    assert deployed.run("Delete", other, logical_id="Renamed", **gone)["Status"] == "SUCCESS"
    return deployed


def test_all_that_the_handler_calls_is_allowed(life: Deployed) -> None:
    """The embedded AWS has evaluated the recorded calls too."""
    policies = life.policies(f"{HANDLER}Role")

    assert {call.action for call in life.calls} >= {
        "personalize:CreateDatasetImportJob",
        "personalize:TagResource",
        "dynamodb:GetItem",
        "dynamodb:PutItem",
        "scheduler:CreateSchedule",
        "scheduler:DeleteSchedule",
        "cloudformation:DescribeStacks",
        "iam:PassRole",
    }
    assert [call for call in life.calls if not allowed(call, policies)] == []


def test_all_that_the_handler_is_allowed_is_called(life: Deployed) -> None:
    """Every action of every statement is used; AWS Lambda makes the calls for the log."""
    logs = life.aws.client("logs").describe_log_groups()["logGroups"]
    log = next(group["arn"] for group in logs if group["logGroupName"] in life.resources.values())
    log_calls = [Call(action, log) for action in ("logs:CreateLogStream", "logs:PutLogEvents")]

    policies = life.policies(f"{HANDLER}Role")

    assert unused(policies, [*life.calls, *log_calls]) == []


def test_the_schedules_may_invoke_the_function_and_nothing_else(life: Deployed) -> None:
    """The targets of the schedules use exactly this permission."""
    (policy,) = life.policies(f"{HANDLER}ScheduleRole")

    assert unused([policy], [Call("lambda:InvokeFunction", life.function_arn)]) == []
    assert not allowed(Call("lambda:InvokeFunction", f"{life.function_arn}:version"), [policy])


def reads(life: Deployed, principal: str = "") -> list[Call]:
    """What Personalize does with the data, by its own account of it and that of S3 and KMS."""
    bucket = f"arn:aws:s3:::{life.bucket}"
    source = (
        ("aws:sourceaccount", ACCOUNT),
        ("aws:sourcearn", f"arn:aws:personalize:{REGION}:{ACCOUNT}:dataset-import-job/any"),
    )
    return [
        Call("s3:ListBucket", bucket, source, principal),
        Call("s3:GetObject", f"{bucket}/interactions/one.csv", source, principal),
    ]


def uses_of_key(life: Deployed, principal: str = "") -> list[Call]:
    """What the documents say that Personalize does with a key."""
    actions = ("Decrypt", "GenerateDataKey", "DescribeKey", "CreateGrant", "ListGrants")
    source = reads(life)[0].context
    return [Call(f"kms:{action}", life.key_arn, source, principal) for action in actions]


def test_the_role_of_an_import_may_read_its_data_and_nothing_else(life: Deployed) -> None:
    """Each of its actions is documented, and applies to its location or its key."""
    policies = life.policies("ImportServiceRole")
    # The documents want CreateGrant in the key's policy only.
    of_key = [call for call in uses_of_key(life) if call.action != "kms:CreateGrant"]
    calls = [*reads(life), *of_key]

    assert [call for call in calls if not allowed(call, policies)] == []
    assert unused(policies, calls) == []


def test_bucket_and_key_let_personalize_read_and_nothing_else(life: Deployed) -> None:
    """The CDK's own statement for the root of the account is ignored."""
    bucket, key = life.bucket_policy(), life.key_policy()
    key["Statement"] = key["Statement"][1:]
    on_key = [*uses_of_key(life, PERSONALIZE), *uses_of_key(life, life.arn_of_role("ImportServiceRole"))]

    assert [call for call in reads(life, PERSONALIZE) if not allowed(call, [bucket])] == []
    assert [call for call in on_key if not allowed(call, [key])] == []
    assert unused([bucket], reads(life, PERSONALIZE)) == []
    assert unused([key], on_key) == []


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("personalize:CreateDatasetImportJob", "arn:aws:personalize:{place}:dataset/other/INTERACTIONS"),
        ("personalize:DescribeDataset", "arn:aws:personalize:{place}:dataset/other/INTERACTIONS"),
        ("personalize:DeleteDataset", "{dataset}"),
        ("personalize:CreateDatasetExportJob", "{dataset}"),
        ("personalize:TagResource", "{dataset}"),
        ("dynamodb:GetItem", "arn:aws:dynamodb:{place}:table/{table}x"),
        ("dynamodb:Query", "arn:aws:dynamodb:{place}:table/{table}"),
        ("dynamodb:Scan", "arn:aws:dynamodb:{place}:table/{table}"),
        ("dynamodb:DeleteItem", "arn:aws:dynamodb:{place}:table/{table}"),
        ("dynamodb:DeleteTable", "arn:aws:dynamodb:{place}:table/{table}"),
        ("cloudformation:DescribeStacks", "arn:aws:cloudformation:{place}:stack/other/1"),
        ("cloudformation:DeleteStack", "{stack}"),
        ("scheduler:CreateSchedule", "arn:aws:scheduler:{place}:schedule/default/import-1"),
        ("scheduler:DeleteSchedule", "arn:aws:scheduler:{place}:schedule/{group}x/import-1"),
        ("scheduler:DeleteSchedule", "arn:aws:scheduler:{place}:schedule/somebody-elses/nightly"),
        ("scheduler:GetSchedule", "arn:aws:scheduler:{place}:schedule/{group}/import-1"),
        ("scheduler:UpdateSchedule", "arn:aws:scheduler:{place}:schedule/{group}/import-1"),
        ("scheduler:DeleteScheduleGroup", "arn:aws:scheduler:{place}:schedule-group/{group}"),
        ("lambda:InvokeFunction", "{function}"),
        ("logs:PutLogEvents", "arn:aws:logs:{place}:log-group:/aws/lambda/other:log-stream:x"),
        ("s3:GetObject", "arn:aws:s3:::{bucket}/interactions/one.csv"),
        ("kms:Decrypt", "{key}"),
    ],
)
def test_the_handler_is_denied(life: Deployed, action: str, resource: str) -> None:
    """It has no access to other datasets, other schedules or the data."""
    names = {
        "place": f"{REGION}:{ACCOUNT}",
        "dataset": life.properties["DatasetArn"],
        "group": life.group,
        "table": life.table,
        "stack": life.stack_id,
        "function": life.function_arn,
        "bucket": life.bucket,
        "key": life.key_arn,
    }
    call = Call(action, resource.format_map(names))

    assert not allowed(call, life.policies(f"{HANDLER}Role"))


@pytest.mark.parametrize(
    ("role", "service"),
    [
        ("import", "scheduler.amazonaws.com"),
        ("import", "lambda.amazonaws.com"),
        ("schedule", PERSONALIZE),
        ("schedule", "lambda.amazonaws.com"),
        ("handler", PERSONALIZE),
        ("other stack's", PERSONALIZE),
        ("administrator", PERSONALIZE),
    ],
)
def test_the_handler_may_not_pass(life: Deployed, role: str, service: str) -> None:
    """It passes roles to the expected service only, and no other role."""
    arns = {
        "import": life.arn_of_role("ImportServiceRole"),
        "schedule": life.arn_of_role(f"{HANDLER}ScheduleRole"),
        "handler": life.arn_of_role(f"{HANDLER}Role"),
        "other stack's": f"arn:aws:iam::{ACCOUNT}:role/personalize/{life.name}/reader",
        "administrator": f"arn:aws:iam::{ACCOUNT}:role/administrator",
    }

    assert not allowed(pass_role(arns[role], service), life.policies(f"{HANDLER}Role"))


@pytest.mark.parametrize(
    ("action", "key"),
    [
        ("s3:GetObject", "/users/one.csv"),
        ("s3:GetObject", "/interactions.csv"),
        ("s3:PutObject", "/interactions/one.csv"),
        ("s3:DeleteObject", "/interactions/one.csv"),
        ("s3:GetBucketPolicy", ""),
        ("s3:ListBucket", "-2"),
        ("s3:GetObject", "-2/interactions/one.csv"),
    ],
)
def test_personalize_is_denied(life: Deployed, action: str, key: str) -> None:
    """Neither the role nor the service reads other prefixes or buckets, or writes."""
    call = Call(action, f"arn:aws:s3:::{life.bucket}{key}", reads(life)[0].context)
    as_service = dataclasses.replace(call, principal=PERSONALIZE)

    assert not allowed(call, life.policies("ImportServiceRole"))
    assert not allowed(as_service, [life.bucket_policy()])


@pytest.mark.parametrize("account", ["999999999999", None])
def test_personalize_on_behalf_of_others_is_denied(life: Deployed, account: str | None) -> None:
    """With the conditions, an import of another account cannot read the data."""
    arn = f"arn:aws:personalize:{REGION}:{account}:dataset-import-job/theirs"
    source = (("aws:sourceaccount", account), ("aws:sourcearn", arn)) if account else ()

    for call in reads(life, PERSONALIZE):
        assert not allowed(dataclasses.replace(call, context=source), [life.bucket_policy()])
    for call in uses_of_key(life, PERSONALIZE):
        assert not allowed(dataclasses.replace(call, context=source), [life.key_policy()])


def test_other_roles_of_the_account_are_not_let_in_by_the_key(life: Deployed) -> None:
    """The statements of the library match only the roles of this stack's imports."""
    key = life.key_policy()
    key["Statement"] = key["Statement"][1:]

    for call in uses_of_key(life, f"arn:aws:iam::{ACCOUNT}:role/other"):
        assert not allowed(call, [key])
