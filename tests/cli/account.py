# SPDX-License-Identifier: Apache-2.0
"""Stacks with imports in every state, in an embedded AWS, without deploying the handler."""

import json
import time
from dataclasses import dataclass, field
from typing import Any

from dataset_import.event import Request, record_key
from dataset_import.record import Record
from dataset_import.table import Table
from local_aws import LocalAws
from tests.local_aws.accounts import PERSONALIZE, READS, Account, for_service, statement, trust

# Answers with the physical id that the resource's properties dictate, or not at all.
FUNCTION = """
import json, urllib.request
def handler(event, context):
    properties = event["ResourceProperties"]
    if event["RequestType"] != "Delete" and "Silent" in properties:
        return
    body = {name: event[name] for name in ("StackId", "RequestId", "LogicalResourceId")}
    failed = event["RequestType"] != "Delete" and "Reason" in properties
    body.update(Status="FAILED" if failed else "SUCCESS", Reason=properties.get("Reason", ""),
                PhysicalResourceId=properties.get("Job", "none"))
    request = urllib.request.Request(event["ResponseURL"], json.dumps(body).encode(), {"Content-Type": ""})
    request.method = "PUT"
    urllib.request.urlopen(request)
"""


TABLE = "PersonalizeImportHandlerRecords6A6F7591"


@dataclass
class ImportAccount:
    """An account with jobs, and stacks whose imports claim them."""

    aws: LocalAws
    made: Account = field(init=False)
    function_arn: str = field(init=False)

    def __post_init__(self) -> None:
        self.made = Account(self.aws)
        self.cloudformation, self.dynamodb = (
            self.aws.client(name) for name in ("cloudformation", "dynamodb")
        )
        role = self.made.role(trust("lambda.amazonaws.com"))
        stack = self.deploy(
            "Functions",
            {
                "Function": {
                    "Type": "AWS::Lambda::Function",
                    "Properties": {
                        "Runtime": "python3.13",
                        "Handler": "index.handler",
                        "Role": role,
                        "Code": {"ZipFile": FUNCTION},
                    },
                }
            },
        )
        name = self.cloudformation.list_stack_resources(StackName=stack)["StackResourceSummaries"][0]
        function = self.aws.client("lambda").get_function(FunctionName=name["PhysicalResourceId"])
        self.function_arn = function["Configuration"]["FunctionArn"]

    def job(self, data: str | None = None, *, dataset: str = "", **request: Any) -> tuple[str, str]:
        """Start a job, in a dataset of its own where none is given; the ARNs of its dataset and itself."""
        dataset = dataset or self.made.dataset()
        bucket = self.made.bucket(for_service())
        if data is not None:
            self.made.s3.put_object(Bucket=bucket, Key="in/data.csv", Body=data.encode())
        resources = [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"]
        reader = self.made.role(trust(PERSONALIZE), statement(READS, resources))
        arn = self.made.start_import(dataset, bucket, reader, **request)
        return dataset, arn

    def import_resource(self, path: str = "", **properties: str) -> dict[str, Any]:
        """A resource that ends as its properties say, of the construct of a path."""
        return {
            "Type": "Custom::PersonalizeDatasetImportJob",
            "Properties": {"ServiceToken": self.function_arn, **properties},
            **({"Metadata": {"aws:cdk:path": f"{path}/Resource"}} if path else {}),
        }

    def deploy(
        self,
        name: str,
        resources: dict[str, Any],
        *,
        until: tuple[str, ...] = ("_COMPLETE",),
        is_update: bool = False,
    ) -> str:
        """Create, or update, a stack and wait until its status ends so; its ARN."""
        call = self.cloudformation.update_stack if is_update else self.cloudformation.create_stack
        stack_id = call(StackName=name, TemplateBody=json.dumps({"Resources": resources}))["StackId"]
        deadline = time.monotonic() + 30
        while not self.stack_status(stack_id).endswith(until):
            if time.monotonic() > deadline:
                raise AssertionError(f"{name} is still {self.stack_status(stack_id)}")
            time.sleep(0.05)
        return str(stack_id)

    def stack_status(self, stack: str) -> str:
        """The status of a stack."""
        return str(self.cloudformation.describe_stacks(StackName=stack)["Stacks"][0]["StackStatus"])

    def resource_status(self, stack: str, logical_id: str) -> str:
        """The status of a resource by its newest event; empty before there is one."""
        events = self.cloudformation.describe_stack_events(StackName=stack)["StackEvents"]
        statuses = [event["ResourceStatus"] for event in events if event["LogicalResourceId"] == logical_id]
        return str(statuses[0]) if statuses else ""

    def nested(self, resources: dict[str, Any]) -> dict[str, Any]:
        """A nested stack of these resources."""
        bucket = self.made.name("templates")
        self.made.s3.create_bucket(Bucket=bucket)
        self.made.s3.put_object(
            Bucket=bucket, Key="nested.json", Body=json.dumps({"Resources": resources}).encode()
        )
        url = f"https://s3.{self.aws.region}.amazonaws.com/{bucket}/nested.json"
        return {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": url}}

    def table(self) -> tuple[str, dict[str, Any]]:
        """A table for the records of a stack: its name, and the resource as the construct makes it."""
        name = self.made.name("records")
        key: dict[str, Any] = {"KeySchema": [{"AttributeName": "Key", "KeyType": "HASH"}]}
        key["AttributeDefinitions"] = [{"AttributeName": "Key", "AttributeType": "S"}]
        properties = {"TableName": name, "BillingMode": "PAY_PER_REQUEST", **key}
        return name, {TABLE: {"Type": "AWS::DynamoDB::Table", "Properties": properties}}

    def remember(
        self,
        table: str,
        stack_id: str,
        logical_id: str,
        dataset: str,
        *,
        kind: str = "Create",
        age: float = 60,
        is_open: bool = True,
        **known: Any,
    ) -> None:
        """Write the record that the handler would have written for a request that is open, or closed."""
        issued = time.time() - age
        record = Record(
            key=record_key({"StackId": stack_id, "LogicalResourceId": logical_id}),
            request=Request(id="1", type=kind, issued=issued, expires=issued + 7200),
            event={"ResourceProperties": {"DatasetArn": dataset}} if is_open else None,
            deadline=issued + 3600,
            **known,
        )
        Table(lambda: self.dynamodb, table).write(record)
