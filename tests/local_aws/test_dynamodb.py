# SPDX-License-Identifier: Apache-2.0
"""A table of a stack keeps one record per resource: conditional writes, consistent reads, by permission.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-dynamodb-table.html
"""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local_aws.accounts import ACCOUNT, Account, statement
from tests.local_aws.stacks import Stacks

OUTPUTS = {"Arn": {"Value": {"Fn::GetAtt": ["Table", "Arn"]}}, "Name": {"Value": {"Ref": "Table"}}}

WRITES_AND_READS = """
import boto3
def handler(event, context):
    table = boto3.client("dynamodb")
    key, name = {"Key": {"S": "a"}}, event["table"]
    try:
        table.put_item(TableName=name, Item={**key, "Version": {"N": "1"}},
                       ConditionExpression="attribute_not_exists(#key)",
                       ExpressionAttributeNames={"#key": "Key"})
        return table.get_item(TableName=name, Key=key, ConsistentRead=True)["Item"]["Version"]["N"]
    except Exception as error:
        return [error.operation_name, error.response["Error"]["Code"]]
"""


def table(**properties: Any) -> dict[str, Any]:
    """Return a table with a string key, on demand, with a TTL, encrypted."""
    given = {
        "AttributeDefinitions": [{"AttributeName": "Key", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "Key", "KeyType": "HASH"}],
        "BillingMode": "PAY_PER_REQUEST",
        "TimeToLiveSpecification": {"AttributeName": "ExpiresAt", "Enabled": True},
        "SSESpecification": {"SSEEnabled": True},
    }
    return {"Type": "AWS::DynamoDB::Table", "DeletionPolicy": "Delete", "Properties": given | properties}


class Records:
    """A table in a stack."""

    def __init__(self, account: Account, stacks: Stacks) -> None:
        self.account, self.stacks = account, stacks
        self.stack = stacks.name()
        self.client = account.aws.client("dynamodb")
        self.status = stacks.deploy(self.stack, {"Table": table()}, OUTPUTS)
        outputs = stacks.outputs(self.stack)
        self.name, self.arn = outputs["Name"], outputs["Arn"]

    def put(self, key: str, version: int, expected: int | None = None) -> bool:
        """Write a record if it is not there, or has the expected version; return whether it was written."""
        item = {"Key": {"S": key}, "Version": {"N": str(version)}, "Record": {"S": '{"a": 1}'}}
        condition: dict[str, Any] = {
            "ConditionExpression": "attribute_not_exists(#key)",
            "ExpressionAttributeNames": {"#key": "Key"},
        }
        if expected is not None:
            condition = {
                "ConditionExpression": "#version = :version",
                "ExpressionAttributeNames": {"#version": "Version"},
                "ExpressionAttributeValues": {":version": {"N": str(expected)}},
            }
        try:
            self.client.put_item(TableName=self.name, Item=item, **condition)
        except self.client.exceptions.ConditionalCheckFailedException:
            return False
        return True

    def version(self, key: str) -> str | None:
        """Return the version of a record."""
        found = self.client.get_item(TableName=self.name, Key={"Key": {"S": key}}, ConsistentRead=True)
        return found["Item"]["Version"]["N"] if "Item" in found else None


@pytest.fixture(scope="module")
def records(account: Account, stacks: Stacks) -> Records:
    """Make a table in a stack."""
    return Records(account, stacks)


def test_a_stack_makes_a_table(records: Records) -> None:
    """Ref is its name, which starts with the stack's, and Arn its ARN."""
    described = records.client.describe_table(TableName=records.name)["Table"]
    lives = records.client.describe_time_to_live(TableName=records.name)["TimeToLiveDescription"]

    assert records.status == "CREATE_COMPLETE"
    assert records.name.startswith(f"{records.stack}-Table-")
    assert records.arn == f"arn:aws:dynamodb:us-east-1:{ACCOUNT}:table/{records.name}"
    assert described["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
    assert described["SSEDescription"]["Status"] == "ENABLED"
    assert lives == {"AttributeName": "ExpiresAt", "TimeToLiveStatus": "ENABLED"}


def test_a_record_is_written_once(records: Records) -> None:
    """A second write with the condition that no record exists is refused and changes nothing."""
    first, second = records.put("once", 1), records.put("once", 9)

    assert (first, second) == (True, False)
    assert records.version("once") == "1"


def test_a_write_needs_the_version_that_it_has_read(records: Records) -> None:
    """A writer that has read an older version loses, and so does one whose record is not there."""
    records.put("version", 1)

    assert records.put("version", 2, expected=1)
    assert not records.put("version", 2, expected=1)
    assert not records.put("absent", 2, expected=1)
    assert records.version("version") == "2"


def test_one_of_many_writers_wins(records: Records) -> None:
    """Conditional writes at the same time exclude one another."""
    records.put("race", 1)

    with ThreadPoolExecutor(8) as pool:
        won = list(pool.map(lambda version: records.put("race", version, expected=1), range(2, 18)))

    assert sum(won) == 1


def test_a_function_needs_permission_for_each_call(records: Records) -> None:
    """The role's policy names action and table; access to one table gives none to another."""
    allowed = statement(["dynamodb:GetItem", "dynamodb:PutItem"], records.arn)
    answers = [
        records.account.invoke(records.account.function(WRITES_AND_READS, *given), table=records.name)
        for given in (
            [allowed],
            [statement("dynamodb:PutItem", records.arn)],
            [statement("dynamodb:*", f"{records.arn}-other")],
        )
    ]

    assert answers[0] == "1"
    assert answers[1] == ["PutItem", "ConditionalCheckFailedException"]
    assert answers[2] == ["PutItem", "AccessDeniedException"]


def test_a_function_that_may_only_write_does_not_read(records: Records) -> None:
    """GetItem is an action of its own."""
    reads = WRITES_AND_READS.replace("        table.put_item", "        0 and table.put_item")
    function = records.account.function(reads, statement("dynamodb:PutItem", records.arn))

    assert records.account.invoke(function, table=records.name) == ["GetItem", "AccessDeniedException"]


def test_an_update_of_the_table_keeps_its_records(account: Account, stacks: Stacks) -> None:
    """Tags, TTL and encryption change in place."""
    records = Records(account, stacks)
    records.put("a", 1)
    changed = table(Tags=[{"Key": "k", "Value": "v"}], SSESpecification={"SSEEnabled": False})

    status = stacks.deploy(records.stack, {"Table": changed}, OUTPUTS)

    described = records.client.describe_table(TableName=records.name)["Table"]
    assert described.get("SSEDescription", {}).get("Status") != "ENABLED"
    assert status == "UPDATE_COMPLETE"
    assert stacks.outputs(records.stack)["Name"] == records.name
    assert records.version("a") == "1"


def test_a_table_that_is_protected_is_not_deleted(account: Account, stacks: Stacks) -> None:
    """The stack keeps it until the protection is removed."""
    records = Records(account, stacks)
    stacks.deploy(records.stack, {"Table": table(DeletionProtectionEnabled=True)}, OUTPUTS)

    refused = stacks.delete(records.stack)
    records.client.update_table(TableName=records.name, DeletionProtectionEnabled=False)

    assert refused == "DELETE_FAILED"
    assert stacks.delete(records.stack) == "DELETE_COMPLETE"


def test_another_key_replaces_the_table(account: Account, stacks: Stacks) -> None:
    """The new table has another name, and the cleanup deletes the old one."""
    records = Records(account, stacks)
    other = table(
        AttributeDefinitions=[{"AttributeName": "Other", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "Other", "KeyType": "HASH"}],
    )

    status = stacks.deploy(records.stack, {"Table": other}, OUTPUTS)

    tables = records.client.list_tables()["TableNames"]
    assert status == "UPDATE_COMPLETE"
    assert records.name not in tables
    assert stacks.outputs(records.stack)["Name"] in tables


def test_the_table_goes_with_its_stack(account: Account, stacks: Stacks) -> None:
    """Records in it do not prevent the deletion."""
    records = Records(account, stacks)
    records.put("a", 1)

    status = stacks.delete(records.stack)

    assert status == "DELETE_COMPLETE"
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        records.client.describe_table(TableName=records.name)
