# SPDX-License-Identifier: Apache-2.0
"""A wait condition holds its stack until the signal, the timeout, or the end of what it is waited for.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-waitcondition.html
"""

import json
import ssl
import time
import urllib.error
import urllib.request
from typing import Any

import pytest

from local_aws import LocalAws
from tests.local_aws.stacks import Stacks

HANDLE = {"Type": "AWS::CloudFormation::WaitConditionHandle"}
ARN = {"Fn::Select": [3, {"Fn::Split": ['"', {"Fn::GetAtt": ["Wait", "Data"]}]}]}


def condition(timeout: int = 30, **more: Any) -> dict[str, Any]:
    """Return a wait condition for one signal."""
    properties = {"Handle": {"Ref": "Handle"}, "Timeout": str(timeout), "Count": 1}
    return {"Type": "AWS::CloudFormation::WaitCondition", "Properties": properties, **more}


class Waiting:
    """A stack that waits, and the sender of its signals."""

    def __init__(self, aws: LocalAws, stacks: Stacks) -> None:
        self.stacks = stacks
        self.name = stacks.name()
        self._trusting = ssl.create_default_context(cafile=aws.environment["AWS_CA_BUNDLE"])

    def resources(self, timeout: int = 30) -> dict[str, Any]:
        """Return what outputs the address, the wait condition, and what must not begin before."""
        return {
            "Handle": HANDLE,
            "Recorder": self.stacks.recorder(Url={"Ref": "Handle"}),
            "Wait": condition(timeout, DependsOn="Recorder"),
            "Behind": self.stacks.recorder(Arn=ARN),
        }

    def begin(self) -> None:
        """Create or update the stack, until it waits."""
        self.stacks.begin(self.name, self.resources(), {"Arn": {"Value": ARN}})
        while "Wait" not in self.stacks.logical_ids(self.name):
            time.sleep(0.05)

    def signal(self, status: str = "SUCCESS", content_type: str = "", **more: str) -> int:
        """Put a signal to the last address of the stack and return the status of the reply."""
        told = [event["ResourceProperties"] for event in self.stacks.events(self.name)]
        url = [properties["Url"] for properties in told if "Url" in properties][-1]
        body = json.dumps({"Status": status, "UniqueId": "job", "Data": "arn:of:the:job", **more}).encode()
        request = urllib.request.Request(url, body, {"Content-Type": content_type}, method="PUT")
        try:
            with urllib.request.urlopen(request, context=self._trusting) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as refused:
            with refused:
                return refused.code


@pytest.fixture
def waiting(aws: LocalAws, stacks: Stacks) -> Waiting:
    """Make a stack that will wait for one signal."""
    return Waiting(aws, stacks)


def test_a_wait_condition_waits_for_its_signal(stacks: Stacks, waiting: Waiting) -> None:
    """What comes behind begins only after somebody has put a signal to the handle's address."""
    waiting.begin()

    before = stacks.status(waiting.name), stacks.logical_ids(waiting.name)
    answered = waiting.signal()

    assert before == ("CREATE_IN_PROGRESS", {waiting.name, "Handle", "Recorder", "Wait"})
    assert answered == 200
    assert stacks.wait(waiting.name) == "CREATE_COMPLETE"


def test_the_data_of_the_signal_can_be_taken_apart(stacks: Stacks, waiting: Waiting) -> None:
    """The attribute Data is the JSON of ids and data, also as an argument of other functions."""
    waiting.begin()

    waiting.signal()
    stacks.wait(waiting.name)

    (output,) = stacks.client.describe_stacks(StackName=waiting.name)["Stacks"][0]["Outputs"]
    assert output["OutputValue"] == "arn:of:the:job"
    assert stacks.events(waiting.name)[-1]["ResourceProperties"]["Arn"] == "arn:of:the:job"


def test_a_signal_has_no_content_type(stacks: Stacks, waiting: Waiting) -> None:
    """It would not match the signature of the address."""
    waiting.begin()

    refused = waiting.signal(content_type="application/json")

    assert refused == 403
    assert stacks.status(waiting.name) == "CREATE_IN_PROGRESS"
    assert stacks.delete(waiting.name) == "DELETE_COMPLETE"


def test_a_signal_of_failure_rolls_the_stack_back_and_shows_its_reason(
    stacks: Stacks, waiting: Waiting
) -> None:
    """CloudFormation's reason contains that of the signal."""
    waiting.begin()

    waiting.signal("FAILURE", Reason="The job has failed.")

    said = "WaitCondition received failed message: 'The job has failed.' for uniqueId: job"
    assert stacks.wait(waiting.name) == "ROLLBACK_COMPLETE"
    assert said in stacks.reasons(waiting.name)


def test_a_wait_condition_that_gets_no_signal_fails(stacks: Stacks, waiting: Waiting) -> None:
    """Timeout ends the wait, and the stack rolls back."""
    status = stacks.deploy(waiting.name, waiting.resources(timeout=1))

    said = "WaitCondition timed out. Received 0 conditions when expecting 1"
    assert status == "ROLLBACK_COMPLETE"
    assert said in stacks.reasons(waiting.name)


def test_a_wait_condition_cannot_be_updated(stacks: Stacks, waiting: Waiting) -> None:
    """CloudFormation refuses that, so another wait needs another logical id."""
    waiting.begin()
    waiting.signal()
    stacks.wait(waiting.name)

    status = stacks.deploy(waiting.name, waiting.resources(timeout=40))

    said = "Update to resource type AWS::CloudFormation::WaitCondition is not supported."
    assert status == "UPDATE_ROLLBACK_COMPLETE"
    assert said in stacks.reasons(waiting.name)


def test_a_stack_that_is_deleted_waits_no_longer(stacks: Stacks, waiting: Waiting) -> None:
    """The wait ends before what has been created is deleted, and nothing rolls back."""
    waiting.begin()

    status = stacks.delete(waiting.name)

    requests = [event["RequestType"] for event in stacks.events(waiting.name)]
    assert status == "DELETE_COMPLETE"
    assert requests == ["Create", "Delete"]
    assert waiting.signal() == 404


def test_an_update_that_is_cancelled_waits_no_longer(stacks: Stacks, waiting: Waiting) -> None:
    """It rolls back at once, and the reason says that the user cancelled it."""
    stacks.deploy(waiting.name, {"Recorder": stacks.recorder(Url="none yet")})
    waiting.begin()

    stacks.client.cancel_update_stack(StackName=waiting.name)
    status = stacks.wait(waiting.name)

    events = stacks.client.describe_stack_events(StackName=waiting.name)["StackEvents"]
    said = {event["ResourceStatus"]: event.get("ResourceStatusReason") for event in events}
    assert status == "UPDATE_ROLLBACK_COMPLETE"
    assert said["CREATE_FAILED"] == "Resource creation cancelled"
    assert said["UPDATE_ROLLBACK_IN_PROGRESS"] == "User Initiated"
