# SPDX-License-Identifier: Apache-2.0
"""A nested stack lives with its parent: created, updated, rolled back, cleaned up and deleted with it.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-nested-stacks.html
"""

import itertools
from typing import Any

import pytest

from local_aws import LocalAws
from tests.local_aws.stacks import Stacks, template
from tests.local_aws.test_interrupted_stacks import FAILING, SILENT, until_requested

VALUE = {"Value": {"Value": {"Fn::GetAtt": ["R", "Size"]}}}


class Nested:
    """A stack with a nested one, whose template lies in a bucket."""

    def __init__(self, aws: LocalAws, stacks: Stacks) -> None:
        self.stacks, self.name = stacks, stacks.name()
        self._aws, self._s3, self._numbers = aws, aws.client("s3"), itertools.count(1)
        self._s3.create_bucket(Bucket=self.name)

    def stack(
        self, resources: dict[str, Any], outputs: Any = None, after: str | None = None
    ) -> dict[str, Any]:
        """Return the resource for a nested stack."""
        key = f"{next(self._numbers)}.json"
        self._s3.put_object(Bucket=self.name, Key=key, Body=template(resources, outputs).encode())
        url = f"{self._aws.endpoint_url}/{self.name}/{key}"
        resource: dict[str, Any] = {
            "Type": "AWS::CloudFormation::Stack",
            "Properties": {"TemplateURL": url},
        }
        return {**resource, "DependsOn": after} if after else resource

    def child(self) -> dict[str, Any]:
        """Describe the nested stack."""
        listed = self.stacks.client.describe_stacks()["Stacks"]
        [found] = [stack for stack in listed if stack["StackName"].startswith(f"{self.name}-")]
        described: dict[str, Any] = found
        return described

    def requests(self, stack_name: str) -> list[tuple[str, str, str]]:
        """Return logical id, request type and revision of each event of a stack's custom resources."""
        return [
            (event["LogicalResourceId"], event["RequestType"], event["ResourceProperties"].get("Revision"))
            for event in self.stacks.events(stack_name)
        ]

    def deploy(self, resources: dict[str, Any], outputs: Any = None) -> str:
        """Deploy the parent and return the status that it ends in."""
        return self.stacks.deploy(self.name, resources, outputs)


@pytest.fixture
def nested(aws: LocalAws, stacks: Stacks) -> Nested:
    """Make a stack to be deployed."""
    return Nested(aws, stacks)


def test_an_update_leaves_the_attributes_of_what_it_does_not_change(nested: Nested) -> None:
    """A resource of the nested stack that stays the same can still be referred to."""
    same = nested.stacks.recorder(Revision="one")
    nested.deploy({"Child": nested.stack({"R": same}, VALUE)})

    reader = nested.stacks.recorder(after="R", Size={"Fn::GetAtt": ["R", "Size"]})
    status = nested.deploy({"Child": nested.stack({"R": same, "Reader": reader}, VALUE)})

    child = nested.child()
    assert status == "UPDATE_COMPLETE"
    assert child["StackStatus"] == "UPDATE_COMPLETE"
    assert child["Outputs"][0]["OutputValue"] == "3"
    assert nested.stacks.events(child["StackName"])[-1]["ResourceProperties"]["Size"] == "3"


def test_the_outputs_of_a_nested_stack_follow_its_update(nested: Nested) -> None:
    """Fn::GetAtt with Outputs reads what the nested stack has after its update."""

    def outputs(value: str) -> dict[str, Any]:
        return {"Value": {"Value": value}}

    shown = {"Shown": {"Value": {"Fn::GetAtt": ["Child", "Outputs.Value"]}}}
    resources = {"R": nested.stacks.recorder()}
    nested.deploy({"Child": nested.stack(resources, outputs("one"))}, shown)

    nested.deploy({"Child": nested.stack(resources, outputs("two"))}, shown)

    assert nested.stacks.outputs(nested.name) == {"Shown": "two"}


def test_a_nested_stack_that_cannot_be_created_is_deleted_with_what_it_has_made(nested: Nested) -> None:
    """The parent's rollback deletes it; what failed and what came before it get their Deletes."""
    failing = nested.stacks.recorder(after="R", OnCreate=FAILING)

    status = nested.deploy({"Child": nested.stack({"R": nested.stacks.recorder(), "Bad": failing})})

    events = [event for event in nested.stacks.all_events() if f"/{nested.name}-Child" in event["StackId"]]
    said = "\n".join(nested.stacks.reasons(nested.name))
    assert status == "ROLLBACK_COMPLETE"
    assert [(event["LogicalResourceId"], event["RequestType"]) for event in events] == [
        ("R", "Create"),
        ("Bad", "Create"),
        ("Bad", "Delete"),
        ("R", "Delete"),
    ]
    assert "was not successfully created: The following resource(s) failed to create: [Bad]." in said


def test_a_failed_update_of_a_nested_stack_is_sent_back(nested: Nested) -> None:
    """The resource that failed and the one before it get Updates with the old properties."""

    def resources(revision: str, **more: Any) -> dict[str, Any]:
        second = nested.stacks.recorder(after="R", Revision=revision, **more)
        return {"R": nested.stacks.recorder(Revision=revision), "S": second}

    nested.deploy({"Child": nested.stack(resources("one"))})
    child = nested.child()["StackName"]

    status = nested.deploy({"Child": nested.stack(resources("two", OnUpdate=FAILING))})

    assert status == "UPDATE_ROLLBACK_COMPLETE"
    assert nested.child()["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert nested.requests(child)[2:] == [
        ("R", "Update", "two"),
        ("S", "Update", "two"),
        ("R", "Update", "one"),
        ("S", "Update", "one"),
    ]


def test_a_nested_stack_keeps_what_it_replaces_until_the_parents_update_is_through(nested: Nested) -> None:
    """When a later resource of the parent fails, the old resource of the nested stack is still there."""

    def child(revision: str, physical_id: str) -> dict[str, Any]:
        answer = {"PhysicalResourceId": physical_id}
        return nested.stack({"R": nested.stacks.recorder(Revision=revision, OnUpdate=answer)})

    nested.deploy({"Child": child("one", "first")})
    name = nested.child()["StackName"]

    bad = nested.stacks.recorder(after="Child", OnCreate=FAILING)
    status = nested.deploy({"Child": child("two", "second"), "Bad": bad})

    events = nested.stacks.events(name)
    assert status == "UPDATE_ROLLBACK_COMPLETE"
    assert nested.requests(name)[1:] == [("R", "Update", "two"), ("R", "Delete", "two")]
    assert events[-1]["PhysicalResourceId"] == "second"


def test_a_nested_stack_cleans_up_before_its_parent_is_complete(nested: Nested) -> None:
    """What its update has replaced and removed is deleted in the cleanup."""
    answer = {"PhysicalResourceId": "second"}
    kept, gone = nested.stacks.recorder(Revision="one"), nested.stacks.recorder(OnDelete={"Sleep": 0.5})
    nested.deploy({"Child": nested.stack({"R": kept, "Gone": gone})})
    name = nested.child()["StackName"]

    changed = nested.stacks.recorder(Revision="two", OnUpdate=answer)
    status = nested.deploy({"Child": nested.stack({"R": changed})})

    assert status == "UPDATE_COMPLETE"
    assert nested.child()["StackStatus"] == "UPDATE_COMPLETE"
    assert sorted(nested.requests(name)[2:]) == [
        ("Gone", "Delete", None),
        ("R", "Delete", "one"),
        ("R", "Update", "two"),
    ]
    assert {event["ResourceStatus"] for event in nested.stacks.stack_events(nested.name)[:1]} == {
        "UPDATE_COMPLETE"
    }


def test_a_nested_stack_is_deleted_with_its_parent(nested: Nested) -> None:
    """A resource that cannot be deleted keeps both."""
    nested.deploy({"Child": nested.stack({"R": nested.stacks.recorder(OnDelete=FAILING)})})

    status = nested.stacks.delete(nested.name)

    assert status == "DELETE_FAILED"
    assert nested.child()["StackStatus"] == "DELETE_FAILED"


def test_a_parent_deleted_while_its_nested_stack_is_created_sends_a_delete(nested: Nested) -> None:
    """What waits in the nested stack is cancelled, then everything is deleted."""
    waiting = nested.stacks.recorder(after="R", OnCreate=SILENT)
    resources = {"Child": nested.stack({"R": nested.stacks.recorder(), "W": waiting})}
    nested.stacks.begin(nested.name, resources)
    while not (names := [stack["StackName"] for stack in nested.stacks.client.describe_stacks()["Stacks"]
                         if stack["StackName"].startswith(f"{nested.name}-")]):  # fmt: skip
        pass
    until_requested(nested.stacks, names[0], "W", "Create")

    status = nested.stacks.delete(nested.name)

    requests = [request[:2] for request in nested.requests(names[0])]
    assert status == "DELETE_COMPLETE"
    assert requests == [("R", "Create"), ("W", "Create"), ("W", "Delete"), ("R", "Delete")]


def test_a_cancelled_update_reaches_a_nested_stack(nested: Nested) -> None:
    """What waits in the nested stack is cancelled and sent back."""
    nested.deploy({"Child": nested.stack({"R": nested.stacks.recorder(Revision="one")})})
    name = nested.child()["StackName"]
    slow = nested.stacks.recorder(Revision="two", OnUpdate=SILENT)
    nested.stacks.begin(nested.name, {"Child": nested.stack({"R": slow})})
    until_requested(nested.stacks, name, "R", "Update")

    nested.stacks.client.cancel_update_stack(StackName=nested.name)
    status = nested.stacks.wait(nested.name)

    assert status == "UPDATE_ROLLBACK_COMPLETE"
    assert nested.requests(name)[1:] == [("R", "Update", "two"), ("R", "Update", "one")]


def test_a_failed_update_without_rollback_is_rolled_back_in_the_nested_stack_by_request(
    nested: Nested,
) -> None:
    """RollbackStack of the parent rolls back both."""
    nested.deploy({"Child": nested.stack({"R": nested.stacks.recorder(Revision="one")})})
    name = nested.child()["StackName"]
    failing = nested.stacks.recorder(Revision="two", OnUpdate=FAILING)
    nested.stacks.change(nested.name, {"Child": nested.stack({"R": failing})})
    nested.stacks.execute(nested.name, DisableRollback=True)
    failed = nested.stacks.wait(nested.name), nested.child()["StackStatus"]

    nested.stacks.client.rollback_stack(StackName=nested.name)
    status = nested.stacks.wait(nested.name)

    assert failed == ("UPDATE_FAILED", "UPDATE_FAILED")
    assert status == "UPDATE_ROLLBACK_COMPLETE"
    assert nested.requests(name)[1:] == [("R", "Update", "two"), ("R", "Update", "one")]


def test_a_stack_nested_in_a_nested_one_follows(nested: Nested) -> None:
    """Updates and the deletion reach two levels down."""

    def grandchild(revision: str) -> dict[str, Any]:
        inner = nested.stack({"R": nested.stacks.recorder(Revision=revision)})
        return {"Child": nested.stack({"Inner": inner})}

    nested.deploy(grandchild("one"))
    names = [
        s["StackName"]
        for s in nested.stacks.client.describe_stacks()["Stacks"]
        if "-Inner-" in s["StackName"]
    ]

    updated = nested.deploy(grandchild("two"))
    deleted = nested.stacks.delete(nested.name)

    found = [nested.requests(name) for name in names if nested.name in name]
    assert (updated, deleted) == ("UPDATE_COMPLETE", "DELETE_COMPLETE")
    assert found == [[("R", "Create", "one"), ("R", "Update", "two"), ("R", "Delete", "two")]]
