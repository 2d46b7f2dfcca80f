# SPDX-License-Identifier: Apache-2.0
"""A stack that is rolled back by request, deleted while it is created, or whose update is cancelled."""

import time

import pytest
from botocore.exceptions import ClientError

from local_aws import LocalAws
from tests.local_aws.stacks import Stacks, template

FAILING = {"Status": "FAILED", "PhysicalResourceId": "failed"}
SILENT = {"Silent": True}


def requests(stacks: Stacks, name: str) -> list[tuple[str, str]]:
    """Return logical id and request type of each event of a custom resource."""
    return [(event["LogicalResourceId"], event["RequestType"]) for event in stacks.events(name)]


def until_requested(stacks: Stacks, name: str, logical_id: str, kind: str) -> None:
    """Wait until a custom resource has been sent a request."""
    deadline = time.monotonic() + 30
    while (logical_id, kind) not in requests(stacks, name):
        if time.monotonic() > deadline:
            raise AssertionError(f"{logical_id} has been sent no {kind}")
        time.sleep(0.05)


def test_an_update_that_failed_without_rollback_is_rolled_back_by_request(stacks: Stacks) -> None:
    """`cdk rollback` sends RollbackStack.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_RollbackStack.html
    """
    name = stacks.name()
    stacks.deploy(name, {"R": stacks.recorder(Revision="one")})
    stacks.change(name, {"R": stacks.recorder(Revision="two", OnUpdate=FAILING)})
    stacks.execute(name, DisableRollback=True)
    failed = stacks.wait(name)

    stacks.client.rollback_stack(StackName=name)
    status = stacks.wait(name)

    back = stacks.events(name)[-1]
    assert failed == "UPDATE_FAILED"
    assert status == "UPDATE_ROLLBACK_COMPLETE"
    assert back["RequestType"] == "Update"
    assert back["ResourceProperties"]["Revision"] == "one"


def test_a_create_that_failed_without_rollback_is_rolled_back_by_request(stacks: Stacks) -> None:
    """What the create has made is deleted."""
    name = stacks.name()
    stacks.client.create_stack(
        StackName=name,
        TemplateBody=template({"R": stacks.recorder(OnCreate=FAILING)}),
        DisableRollback=True,
    )
    failed = stacks.wait(name)

    stacks.client.rollback_stack(StackName=name)
    status = stacks.wait(name)

    assert (failed, status) == ("CREATE_FAILED", "ROLLBACK_COMPLETE")
    assert requests(stacks, name) == [("R", "Create"), ("R", "Delete")]


def test_a_stack_deleted_while_a_custom_resource_is_created_sends_it_a_delete(stacks: Stacks) -> None:
    """The Delete carries a made-up id, is waited for, and comes before the deletes of what it depends on."""
    name = stacks.name()
    waiting = stacks.recorder(after="A", OnCreate=SILENT)
    stacks.begin(name, {"A": stacks.recorder(), "B": waiting, "C": stacks.recorder(after="B")})
    until_requested(stacks, name, "B", "Create")

    status = stacks.delete(name)

    assert status == "DELETE_COMPLETE"
    assert requests(stacks, name) == [("A", "Create"), ("B", "Create"), ("B", "Delete"), ("A", "Delete")]
    assert stacks.events(name)[2]["PhysicalResourceId"].startswith(f"{name}-B-")
    assert "Resource creation cancelled" in stacks.reasons(stacks.events(name)[0]["StackId"])


def test_a_stack_deleted_while_it_is_created_keeps_what_its_template_retains(
    aws: LocalAws, stacks: Stacks
) -> None:
    """DeletionPolicy is read from the template that is being deployed."""
    name = stacks.name()
    retained = {"Type": "AWS::SQS::Queue", "DeletionPolicy": "Retain", "Properties": {"QueueName": name}}
    waiting = stacks.recorder(after="Queue", OnCreate=SILENT)
    stacks.change(name, {"Queue": retained, "B": waiting}, kind="CREATE")
    stacks.execute(name)
    until_requested(stacks, name, "B", "Create")

    status = stacks.delete(name)

    assert status == "DELETE_COMPLETE"
    assert aws.client("sqs").get_queue_url(QueueName=name)


def test_a_stack_deleted_while_it_rolls_back_is_deleted_afterwards(stacks: Stacks) -> None:
    """A request that is under way gets its answer first: none is sent a second Delete at the same time."""
    name = stacks.name()
    failing = stacks.recorder(OnCreate=FAILING, OnDelete={"Sleep": 1})
    stacks.begin(name, {"R": failing})
    until_requested(stacks, name, "R", "Delete")

    status = stacks.delete(name)

    assert status == "DELETE_COMPLETE"
    assert requests(stacks, name) == [("R", "Create"), ("R", "Delete")]


def test_an_update_cancelled_while_its_last_resource_runs_is_rolled_back(stacks: Stacks) -> None:
    """The resource is not waited for; it is sent an Update back, even though it never answered.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn--stack-update-cancel.html
    """
    name = stacks.name()
    stacks.deploy(name, {"R": stacks.recorder(Revision="one")})
    stacks.begin(name, {"R": stacks.recorder(Revision="two", OnUpdate=SILENT)})
    until_requested(stacks, name, "R", "Update")

    stacks.client.cancel_update_stack(StackName=name)
    status = stacks.wait(name)

    back = stacks.events(name)[-1]
    assert status == "UPDATE_ROLLBACK_COMPLETE"
    assert requests(stacks, name) == [("R", "Create"), ("R", "Update"), ("R", "Update")]
    assert back["ResourceProperties"]["Revision"] == "one"
    assert "Resource update cancelled" in stacks.reasons(name)
    assert "User Initiated" in stacks.reasons(name)


def test_an_update_cancelled_while_a_new_resource_is_created_deletes_it(stacks: Stacks) -> None:
    """The new resource gets a Delete with a made-up id."""
    name = stacks.name()
    stacks.deploy(name, {"R": stacks.recorder()})
    stacks.begin(name, {"R": stacks.recorder(), "New": stacks.recorder(OnCreate=SILENT)})
    until_requested(stacks, name, "New", "Create")

    stacks.client.cancel_update_stack(StackName=name)
    status = stacks.wait(name)

    assert status == "UPDATE_ROLLBACK_COMPLETE"
    assert requests(stacks, name)[1:] == [("New", "Create"), ("New", "Delete")]


def test_old_resources_are_deleted_in_the_cleanup_of_an_update(stacks: Stacks) -> None:
    """While they are, the stack is UPDATE_COMPLETE_CLEANUP_IN_PROGRESS, has its new outputs, and no cancel.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/view-stack-events.html
    """
    name = stacks.name()
    stacks.deploy(name, {"R": stacks.recorder(OnDelete={"Sleep": 1}), "S": stacks.recorder()})
    stacks.begin(name, {"S": stacks.recorder()}, {"New": {"Value": "output"}})
    until_requested(stacks, name, "R", "Delete")

    during = stacks.status(name), stacks.outputs(name)
    status = stacks.wait(name)

    assert during == ("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", {"New": "output"})
    assert status == "UPDATE_COMPLETE"


def test_new_resources_are_deleted_in_the_cleanup_of_a_rollback(stacks: Stacks) -> None:
    """While they are, the stack is UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS."""
    name = stacks.name()
    stacks.deploy(name, {"R": stacks.recorder()})
    new = stacks.recorder(OnDelete={"Sleep": 1})
    stacks.begin(name, {"New": new, "Bad": stacks.recorder(after="New", OnCreate=FAILING)})
    until_requested(stacks, name, "New", "Delete")

    during = stacks.status(name)
    status = stacks.wait(name)

    assert during == "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS"
    assert status == "UPDATE_ROLLBACK_COMPLETE"


def test_a_rollback_that_failed_is_continued_without_the_resource_that_is_skipped(stacks: Stacks) -> None:
    """`cdk rollback` sends ContinueUpdateRollback; each try sends the Update back again.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ContinueUpdateRollback.html
    """
    name = stacks.name()
    stacks.deploy(name, {"R": stacks.recorder(Revision="one", OnUpdate=FAILING)})
    failed = stacks.deploy(name, {"R": stacks.recorder(Revision="two", OnUpdate=FAILING)})

    stacks.client.continue_update_rollback(StackName=name)
    again = stacks.wait(name)
    stacks.client.continue_update_rollback(StackName=name, ResourcesToSkip=["R"])
    skipped = stacks.wait(name)

    revisions = [event["ResourceProperties"]["Revision"] for event in stacks.events(name)]
    assert (failed, again) == ("UPDATE_ROLLBACK_FAILED", "UPDATE_ROLLBACK_FAILED")
    assert skipped == "UPDATE_ROLLBACK_COMPLETE"
    assert revisions == ["one", "two", "one", "one"]


def test_a_stack_that_is_being_updated_is_not_deleted(stacks: Stacks) -> None:
    """The call is refused, and the error names the status."""
    name = stacks.name()
    stacks.deploy(name, {"R": stacks.recorder(Revision="one")})
    stacks.begin(name, {"R": stacks.recorder(Revision="two", OnUpdate=SILENT)})
    until_requested(stacks, name, "R", "Update")

    with pytest.raises(ClientError, match="cannot be deleted while in status UPDATE_IN_PROGRESS"):
        stacks.client.delete_stack(StackName=name)

    stacks.client.cancel_update_stack(StackName=name)
    assert stacks.wait(name) == "UPDATE_ROLLBACK_COMPLETE"
