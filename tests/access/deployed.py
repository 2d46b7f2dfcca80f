# SPDX-License-Identifier: Apache-2.0
"""A stack in the embedded AWS whose handler runs in the test, with the deployed role.

CloudFormation deploys the template without the import and the function's code. A test then delivers the
import's events to the handler, with a clock of its own and a record of every call.
"""

from __future__ import annotations

import functools
import itertools
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import aws_cdk as cdk
import boto3
from aws_cdk.assertions import Template

from dataset_import.cloudformation import Delivery
from dataset_import.handler import serve
from dataset_import.opening import InvokeAgainError
from local_aws import LocalAws
from tests.access.calls import Call, calls_of
from tests.construct.imports import IMPORT

FUNCTION = "AWS::Lambda::Function"
HANDLER = "PersonalizeImportHandler"
SERVICES = ("cloudformation", "dynamodb", "personalize", "s3", "scheduler")
_numbers = itertools.count(1)


class Clock:
    """Seconds pass as they are slept, and few of them on the wall."""

    def __init__(self) -> None:
        self._ahead = 0.0

    def time(self) -> float:
        return time.time() + self._ahead

    def sleep(self, seconds: float) -> None:
        self._ahead += seconds
        time.sleep(seconds / 300)


@dataclass
class Deployed:
    """A deployed stack, the calls of its handler, and its answers."""

    aws: LocalAws
    name: str
    template: dict[str, Any]
    clock: Clock = field(default_factory=Clock)
    calls: list[Call] = field(default_factory=list)
    answers: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.resources, self.properties = self._create()
        self._role = self.name_of("AWS::IAM::Role", f"{HANDLER}Role")
        self._credentials = self._session()
        self._clients = {service: self._client(service) for service in SERVICES}

    # For tests

    def run(
        self,
        request_type: str,
        properties: dict[str, Any] | None = None,
        *,
        logical_id: str = "Import",
        **more: Any,
    ) -> dict[str, Any]:
        """Deliver a request of CloudFormation, tick until it is answered, and return the answer."""
        number = next(_numbers)
        event = {
            "RequestType": request_type,
            "RequestId": f"request-{number}",
            "StackId": self.stack_id,
            "ResponseURL": f"https://cloudformation.test/{number}",
            "ResourceType": IMPORT,
            "LogicalResourceId": logical_id,
            "ResourceProperties": self.properties if properties is None else properties,
            **more,
        }
        answered = len(self.answers)
        self._invoke(event)
        while len(self.answers) == answered:
            self._invoke(self._tick())
        return self.answers[-1]

    def policies(self, prefix: str) -> list[dict[str, Any]]:
        """Return the documents of a role's policies, as CloudFormation has resolved them."""
        iam = self.aws.client("iam")
        name = self.name_of("AWS::IAM::Role", prefix)
        names = iam.list_role_policies(RoleName=name)["PolicyNames"]
        return [
            _document(iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"])
            for policy in names
        ]

    def bucket_policy(self) -> dict[str, Any]:
        """The document of the bucket's policy."""
        return _document(self.aws.client("s3").get_bucket_policy(Bucket=self.bucket)["Policy"])

    def key_policy(self) -> dict[str, Any]:
        """The document of the key's policy."""
        key = self.name_of("AWS::KMS::Key")
        return _document(self.aws.client("kms").get_key_policy(KeyId=key)["Policy"])

    def arn_of_role(self, prefix: str) -> str:
        """The ARN of a role of the stack."""
        name = self.name_of("AWS::IAM::Role", prefix)
        return str(self.aws.client("iam").get_role(RoleName=name)["Role"]["Arn"])

    def name_of(self, kind: str, prefix: str = "") -> str:
        """Return the name of the only resource of a type whose logical id has the prefix."""
        (found,) = [
            self.resources[name]
            for name, resource in self.template["Resources"].items()
            if resource["Type"] == kind and name.startswith(prefix)
        ]
        return found

    def put(self, key: str, content: str) -> None:
        """Put an object into the bucket."""
        self.aws.client("s3").put_object(Bucket=self.bucket, Key=key, Body=content.encode())

    @property
    def bucket(self) -> str:
        """The bucket's name."""
        return self.name_of("AWS::S3::Bucket")

    @property
    def group(self) -> str:
        """The schedule group's name."""
        return self.name_of("AWS::Scheduler::ScheduleGroup")

    @property
    def table(self) -> str:
        """The table's name."""
        return self.name_of("AWS::DynamoDB::Table")

    @property
    def key_arn(self) -> str:
        """The key's ARN."""
        key = self.name_of("AWS::KMS::Key")
        return str(self.aws.client("kms").describe_key(KeyId=key)["KeyMetadata"]["Arn"])

    @property
    def function_arn(self) -> str:
        """The function's ARN."""
        return str(self._function["FunctionArn"])

    # Implementation

    @functools.cached_property
    def _function(self) -> dict[str, Any]:
        name = self.name_of(FUNCTION)
        function: dict[str, Any] = self.aws.client("lambda").get_function(FunctionName=name)["Configuration"]
        return function

    def _create(self) -> tuple[dict[str, str], dict[str, Any]]:
        """Create the stack without its import. Return the resources' names and the import's properties."""
        resources = dict(self.template["Resources"])
        (name,) = [key for key, resource in resources.items() if resource["Type"] == IMPORT]
        properties = resources.pop(name)["Properties"]
        # CloudFormation passes every scalar as a string.
        outputs = {"Properties": {"Value": {"Fn::Sub": ["${Whole}", {"Whole": _joined(properties)}]}}}
        for resource in resources.values():
            if resource["Type"] == FUNCTION:
                resource["Properties"]["Code"] = {"ZipFile": "def handler(event, context): pass"}
                resource["Properties"]["Handler"] = "index.handler"
        body = json.dumps({"Resources": resources, "Outputs": outputs})
        client = self.aws.client("cloudformation")
        client.create_stack(
            StackName=self.name, TemplateBody=body, Capabilities=["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"]
        )
        while (stack := client.describe_stacks(StackName=self.name)["Stacks"][0])["StackStatus"].endswith(
            "_IN_PROGRESS"
        ):
            time.sleep(0.05)
        assert stack["StackStatus"] == "CREATE_COMPLETE", client.describe_stack_events(StackName=self.name)
        self.stack_id = str(stack["StackId"])
        made = client.describe_stack_resources(StackName=self.name)["StackResources"]
        return (
            {resource["LogicalResourceId"]: resource["PhysicalResourceId"] for resource in made},
            json.loads(stack["Outputs"][0]["OutputValue"]),
        )

    def _session(self) -> dict[str, str]:
        """Return the credentials that Lambda gives the function."""
        iam = self.aws.client("iam")
        trusting = json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}],
            }
        )
        iam.update_assume_role_policy(RoleName=self._role, PolicyDocument=trusting)
        arn = iam.get_role(RoleName=self._role)["Role"]["Arn"]
        session = self.aws.client("sts").assume_role(RoleArn=arn, RoleSessionName="handler")["Credentials"]
        return {
            "aws_access_key_id": session["AccessKeyId"],
            "aws_secret_access_key": session["SecretAccessKey"],
            "aws_session_token": session["SessionToken"],
        }

    def _client(self, service: str) -> Any:
        """Return a client that also writes down the calls, with their resources."""
        client = boto3.client(
            service,  # type: ignore[call-overload]
            region_name=self.aws.region,
            endpoint_url=self.aws.endpoint_url,
            verify=self.aws.environment["AWS_CA_BUNDLE"],
            **self._credentials,
        )

        def write_down(params: dict[str, Any], model: Any, **_: Any) -> None:
            self.calls.extend(calls_of(service, model.name, params))

        client.meta.events.register(f"before-parameter-build.{service}", write_down)
        return client

    def _invoke(self, event: dict[str, Any]) -> None:
        """Run the handler once; run it again if it asks AWS Lambda for that."""
        ends = self.clock.time() + 90
        context = SimpleNamespace(
            invoked_function_arn=self.function_arn,
            get_remaining_time_in_millis=lambda: int((ends - self.clock.time()) * 1000),
        )
        services = SimpleNamespace(
            clock=self.clock,
            environment=self._function["Environment"]["Variables"],
            put=self._put,
            s3_copies=functools.partial(self._clients.get, "s3"),
            **{service: functools.partial(self._clients.get, service) for service in SERVICES},
        )
        try:
            serve(json.loads(json.dumps(event)), context, services)  # type: ignore[arg-type]
        except InvokeAgainError:
            self._invoke(event)

    def _put(self, url: str, body: bytes) -> Delivery:
        """Keep an answer instead of sending it."""
        self.answers.append(json.loads(body))
        return Delivery.TAKEN

    def _tick(self) -> dict[str, Any]:
        """Return the input with which the schedule of the request invokes the function."""
        scheduler = self.aws.client("scheduler")
        group = self.group
        self.clock.sleep(60)
        listed = scheduler.list_schedules(GroupName=group)["Schedules"]
        found = [scheduler.get_schedule(GroupName=group, Name=schedule["Name"]) for schedule in listed]
        (tick,) = [json.loads(schedule["Target"]["Input"]) for schedule in found]
        return dict(tick)


def deploy(aws: LocalAws, build: Callable[[cdk.Stack], None]) -> Deployed:
    """Synthesise a stack and deploy it."""
    name = f"Access{next(_numbers)}"
    stack = cdk.Stack(cdk.App(), name)
    build(stack)
    return Deployed(aws, name, dict(Template.from_stack(stack).to_json()))


def _joined(value: Any) -> dict[str, Any]:
    """Return what CloudFormation makes the JSON of a value, whatever functions are in it."""
    parts: list[Any] = []

    def add(part: Any) -> None:
        if isinstance(part, dict) and next(iter(part), "").startswith(("Fn::", "Ref")):
            parts.extend(['"', part, '"'])
        elif isinstance(part, dict):
            parts.append("{")
            for number, (key, member) in enumerate(part.items()):
                parts.append(f"{',' if number else ''}{json.dumps(key)}:")
                add(member)
            parts.append("}")
        elif isinstance(part, list):
            parts.append("[")
            for number, member in enumerate(part):
                parts.append("," if number else "")
                add(member)
            parts.append("]")
        else:
            text = str(part).lower() if isinstance(part, bool) else str(part)
            parts.append(json.dumps(text))

    add(value)
    return {"Fn::Join": ["", parts]}


def _document(policy: Any) -> dict[str, Any]:
    """Return a policy's document, which AWS returns as text or parsed."""
    document: dict[str, Any] = json.loads(policy) if isinstance(policy, str) else policy
    return document
