# SPDX-License-Identifier: Apache-2.0
"""Stacks with a custom resource that answers what its properties say and writes down what it is sent."""

import itertools
import json
import time
from pathlib import Path
from typing import Any

from local_aws import LocalAws

RECORDER = """
import json, os, time, urllib.request
def handler(event, context):
    with open(os.environ["EVENTS"], "a") as events:
        events.write(json.dumps({**event, "Process": os.getpid()}) + "\\n")
    if event.get("Crash"):
        raise RuntimeError("every invocation of a tick fails")
    if "Tick" in event:
        return
    properties = event["ResourceProperties"]
    answer = json.loads(properties.get("On" + event["RequestType"], "{}"))
    if answer.pop("Crash", False) and not os.path.exists(os.environ["EVENTS"] + event["RequestId"]):
        open(os.environ["EVENTS"] + event["RequestId"], "w").close()
        raise RuntimeError("the first invocation of a request fails")
    if answer.pop("Silent", False):
        return
    time.sleep(answer.pop("Sleep", 0))
    body = {"Status": "SUCCESS", "PhysicalResourceId": event.get("PhysicalResourceId", "first"),
            "Data": {"Size": 3}, **answer}
    body.update({name: event[name] for name in ("StackId", "RequestId", "LogicalResourceId")})
    request = urllib.request.Request(event["ResponseURL"], json.dumps(body).encode(), {"Content-Type": ""})
    request.method = "PUT"
    urllib.request.urlopen(request)
"""

ENDED = ("_COMPLETE", "_FAILED")
LAMBDA_ROLE = {
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    ]
}


def template(resources: dict[str, Any], outputs: dict[str, Any] | None = None) -> str:
    """Return a template in JSON."""
    return json.dumps({"Resources": resources, **({"Outputs": outputs} if outputs else {})})


class Stacks:
    """CloudFormation, and one function that serves every custom resource."""

    def __init__(self, aws: LocalAws, events: Path) -> None:
        self.client = aws.client("cloudformation")
        self.events_path = events
        events.touch()
        self._names = itertools.count(1)
        role = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": LAMBDA_ROLE}}
        function = {
            "Type": "AWS::Lambda::Function",
            "Properties": {
                "FunctionName": "recorder",
                "Runtime": "python3.13",
                "Handler": "index.handler",
                "Timeout": 30,
                "Role": {"Fn::GetAtt": ["Role", "Arn"]},
                "Code": {"ZipFile": RECORDER},
                "Environment": {"Variables": {"EVENTS": str(events)}},
            },
        }
        self.deploy(self.name(), {"Role": role, "Function": function})
        self.function_arn = aws.client("lambda").get_function(FunctionName="recorder")["Configuration"][
            "FunctionArn"
        ]

    def name(self) -> str:
        """Return a name that no stack has."""
        return f"stack-{next(self._names)}"

    def recorder(self, after: str | None = None, **properties: Any) -> dict[str, Any]:
        """Return the custom resource; On{Create,Update,Delete} say how it answers."""
        answers = {
            name: json.dumps(value) if name.startswith("On") else value for name, value in properties.items()
        }
        resource = {"Type": "Custom::Recorder", "Properties": {"ServiceToken": self.function_arn, **answers}}
        return {**resource, "DependsOn": after} if after else resource

    def deploy(self, name: str, resources: dict[str, Any], outputs: dict[str, Any] | None = None) -> str:
        """Create or update a stack and return the status that it ends in."""
        self.begin(name, resources, outputs)
        return self.wait(name)

    def begin(self, name: str, resources: dict[str, Any], outputs: dict[str, Any] | None = None) -> None:
        """Create or update a stack without waiting."""
        known = any(stack["StackName"] == name for stack in self.client.describe_stacks()["Stacks"])
        change = self.client.update_stack if known else self.client.create_stack
        change(StackName=name, TemplateBody=template(resources, outputs), Capabilities=["CAPABILITY_IAM"])

    def change(
        self,
        name: str,
        resources: dict[str, Any],
        outputs: dict[str, Any] | None = None,
        kind: str = "UPDATE",
    ) -> str:
        """Create a change set in the place of the last one, as the CDK CLI does; return its status."""
        if kind == "UPDATE":
            self.client.delete_change_set(StackName=name, ChangeSetName="change")
        self.client.create_change_set(
            StackName=name,
            ChangeSetName="change",
            ChangeSetType=kind,
            TemplateBody=template(resources, outputs),
            Capabilities=["CAPABILITY_IAM"],
        )
        described = self.client.describe_change_set(StackName=name, ChangeSetName="change")
        return str(described["Status"])

    def execute(self, name: str, **options: Any) -> None:
        """Execute the change set without waiting."""
        self.client.execute_change_set(StackName=name, ChangeSetName="change", **options)

    def outputs(self, name: str) -> dict[str, str]:
        """Return the values of a stack's outputs."""
        [stack] = self.client.describe_stacks(StackName=name)["Stacks"]
        return {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}

    def delete(self, name: str) -> str:
        """Delete a stack and return the status that it ends in."""
        stack_id = self.client.describe_stacks(StackName=name)["Stacks"][0]["StackId"]
        self.client.delete_stack(StackName=name)
        return self.wait(stack_id)

    def wait(self, name: str) -> str:
        """Wait for the end of what happens to the stack and return its status."""
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            status = self.status(name)
            if status.endswith(ENDED):
                return status
            time.sleep(0.05)
        raise AssertionError(f"{name} is still {status}")

    def status(self, name: str) -> str:
        """Return the stack's status."""
        status: str = self.client.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"]
        return status

    def logical_ids(self, name: str) -> set[str]:
        """Return the resources that have had an event."""
        return {event["LogicalResourceId"] for event in self.stack_events(name)}

    def reasons(self, name: str) -> list[str]:
        """Return the reasons of the stack's events, newest first."""
        return [event.get("ResourceStatusReason", "") for event in self.stack_events(name)]

    def stack_events(self, name: str) -> list[dict[str, Any]]:
        """Return the stack's events, newest first."""
        found: list[dict[str, Any]] = self.client.describe_stack_events(StackName=name)["StackEvents"]
        return found

    def events(self, name: str) -> list[dict[str, Any]]:
        """Return the events that the stack's custom resources got, in order."""
        return [event for event in self.all_events() if f":stack/{name}/" in event["StackId"]]

    def all_events(self) -> list[dict[str, Any]]:
        """Return the events that the custom resources of all stacks got, in order."""
        found = [json.loads(line) for line in self.events_path.read_text().splitlines()]
        return [event for event in found if "StackId" in event]
