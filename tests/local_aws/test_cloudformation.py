# SPDX-License-Identifier: Apache-2.0
"""CloudFormation sends custom resources what the real one sends, in the order in which it does.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/crpg-ref.html
"""

import time

from tests.local_aws.stacks import Stacks


def kinds(events: list[dict[str, str]]) -> list[tuple[str, str | None]]:
    """Return request type and physical id of each event."""
    return [(event["RequestType"], event.get("PhysicalResourceId")) for event in events]


def test_primitives_reach_a_custom_resource_as_strings(stacks: Stacks) -> None:
    """Numbers and booleans become strings, lists and maps stay."""
    name = stacks.name()

    status = stacks.deploy(name, {"R": stacks.recorder(Number=3, Flag=True, List=[1, {"Deep": False}])})

    properties = stacks.events(name)[0]["ResourceProperties"]
    assert status == "CREATE_COMPLETE"
    assert properties["Number"] == "3"
    assert properties["Flag"] == "true"
    assert properties["List"] == ["1", {"Deep": "false"}]


def test_a_create_carries_no_physical_id_and_no_old_properties(stacks: Stacks) -> None:
    """A Create has the stack's id, a request's id and an address to answer at."""
    name = stacks.name()

    stacks.deploy(name, {"R": stacks.recorder()})

    event = stacks.events(name)[0]
    assert event["ResourceType"] == "Custom::Recorder"
    assert event["LogicalResourceId"] == "R"
    assert event["ResponseURL"].startswith("https://")
    assert not {"PhysicalResourceId", "OldResourceProperties"} & set(event)


def test_a_create_that_failed_is_deleted_with_the_id_of_its_answer(stacks: Stacks) -> None:
    """The rollback sends the Delete of a failed Create, with the physical id of the FAILED answer."""
    name = stacks.name()
    failing = {"Status": "FAILED", "Reason": "no data", "PhysicalResourceId": "arn:of:the:job"}

    status = stacks.deploy(name, {"R": stacks.recorder(OnCreate=failing, Mark="here")})

    create, delete = stacks.events(name)
    assert status == "ROLLBACK_COMPLETE"
    assert kinds([create, delete]) == [("Create", None), ("Delete", "arn:of:the:job")]
    assert delete["ResourceProperties"] == create["ResourceProperties"]
    said = "Received response status [FAILED] from custom resource. Message returned: no data"
    assert f"{said} (RequestId: {create['RequestId']})" in stacks.reasons(name)


def test_a_resource_created_before_another_fails_is_deleted_in_rollback(stacks: Stacks) -> None:
    """The rollback deletes in reverse order: first what failed, then what had been created."""
    name = stacks.name()
    failing = stacks.recorder(after="A", OnCreate={"Status": "FAILED", "PhysicalResourceId": "b"})

    stacks.deploy(name, {"A": stacks.recorder(OnCreate={"PhysicalResourceId": "a"}), "B": failing})

    assert kinds(stacks.events(name)) == [
        ("Create", None),
        ("Create", None),
        ("Delete", "b"),
        ("Delete", "a"),
    ]


def test_a_resource_that_never_answers_is_failed_and_deleted_under_an_id_made_up(stacks: Stacks) -> None:
    """ServiceTimeout ends the wait; the Delete carries an id that CloudFormation makes up."""
    name = stacks.name()
    began = time.monotonic()

    status = stacks.deploy(name, {"R": stacks.recorder(ServiceTimeout=1, OnCreate={"Silent": True})})

    delete = stacks.events(name)[-1]
    assert status == "ROLLBACK_COMPLETE"
    assert time.monotonic() - began < 10
    assert delete["RequestType"] == "Delete"
    assert delete["PhysicalResourceId"].startswith(f"{name}-R-")


def test_an_invocation_that_fails_is_delivered_again(stacks: Stacks) -> None:
    """Lambda tries an asynchronous invocation again, with the same event."""
    name = stacks.name()

    status = stacks.deploy(name, {"R": stacks.recorder(OnCreate={"Crash": True})})

    first, second = stacks.events(name)
    assert status == "CREATE_COMPLETE"
    assert first["RequestId"] == second["RequestId"]


def test_an_update_carries_the_old_properties(stacks: Stacks) -> None:
    """An Update has the new and the old properties, and the id that it had."""
    name = stacks.name()
    stacks.deploy(name, {"R": stacks.recorder(Revision="one")})

    status = stacks.deploy(name, {"R": stacks.recorder(Revision="two")})

    update = stacks.events(name)[-1]
    assert status == "UPDATE_COMPLETE"
    assert kinds([update]) == [("Update", "first")]
    assert update["ResourceProperties"]["Revision"] == "two"
    assert update["OldResourceProperties"]["Revision"] == "one"


def test_a_resource_that_did_not_change_gets_no_event(stacks: Stacks) -> None:
    """An update of something else leaves a custom resource alone."""
    name = stacks.name()
    stacks.deploy(name, {"R": stacks.recorder(Revision="one")})

    stacks.deploy(name, {"R": stacks.recorder(Revision="one"), "Other": stacks.recorder()})

    assert [event["LogicalResourceId"] for event in stacks.events(name)] == ["R", "Other"]


def test_a_replaced_resource_is_deleted_with_its_old_properties_when_the_update_is_through(
    stacks: Stacks,
) -> None:
    """An Update that answers another id gets, in the clean-up, the Delete of the old one."""
    name = stacks.name()
    stacks.deploy(name, {"R": stacks.recorder(Revision="one")})

    status = stacks.deploy(
        name,
        {
            "R": stacks.recorder(Revision="two", OnUpdate={"PhysicalResourceId": "second"}),
            "Later": stacks.recorder(after="R"),
        },
    )

    events = stacks.events(name)
    assert status == "UPDATE_COMPLETE"
    assert kinds(events[1:]) == [("Update", "first"), ("Create", None), ("Delete", "first")]
    assert events[-1]["ResourceProperties"]["Revision"] == "one"


def test_a_failed_update_is_sent_an_update_back_to_the_old_properties(stacks: Stacks) -> None:
    """The rollback of a failed Update is an Update with the properties exchanged."""
    name = stacks.name()
    stacks.deploy(name, {"R": stacks.recorder(Revision="one")})

    status = stacks.deploy(name, {"R": stacks.recorder(Revision="two", OnUpdate={"Status": "FAILED"})})

    back = stacks.events(name)[-1]
    assert status == "UPDATE_ROLLBACK_COMPLETE"
    assert kinds([back]) == [("Update", "first")]
    assert back["ResourceProperties"]["Revision"] == "one"
    assert back["OldResourceProperties"]["Revision"] == "two"


def test_an_update_that_went_well_is_taken_back_when_another_resource_fails(stacks: Stacks) -> None:
    """What was updated gets an Update back, what was created a Delete."""
    name = stacks.name()
    stacks.deploy(name, {"R": stacks.recorder(Revision="one")})

    stacks.deploy(
        name,
        {
            "R": stacks.recorder(Revision="two"),
            "Bad": stacks.recorder(after="R", OnCreate={"Status": "FAILED", "PhysicalResourceId": "bad"}),
        },
    )

    assert kinds(stacks.events(name)[3:]) == [("Update", "first"), ("Delete", "bad")]


def test_a_replacement_is_deleted_when_the_update_rolls_back(stacks: Stacks) -> None:
    """The new id is deleted, the old one stays."""
    name = stacks.name()
    stacks.deploy(name, {"R": stacks.recorder(Revision="one")})

    stacks.deploy(
        name,
        {
            "R": stacks.recorder(Revision="two", OnUpdate={"PhysicalResourceId": "second"}),
            "Bad": stacks.recorder(after="R", OnCreate={"Status": "FAILED", "PhysicalResourceId": "bad"}),
        },
    )

    deleted = [
        event["PhysicalResourceId"] for event in stacks.events(name) if event["RequestType"] == "Delete"
    ]
    assert sorted(deleted) == ["bad", "second"]


def test_a_delete_carries_the_properties_and_the_id(stacks: Stacks) -> None:
    """Deleting the stack sends the Delete with what the resource was last made of."""
    name = stacks.name()
    stacks.deploy(name, {"R": stacks.recorder(Mark="here")})

    status = stacks.delete(name)

    delete = stacks.events(name)[-1]
    assert status == "DELETE_COMPLETE"
    assert kinds([delete]) == [("Delete", "first")]
    assert delete["ResourceProperties"]["Mark"] == "here"


def test_a_failed_delete_fails_the_deletion_of_the_stack(stacks: Stacks) -> None:
    """The stack ends DELETE_FAILED and keeps the resource."""
    name = stacks.name()
    stacks.deploy(name, {"R": stacks.recorder(OnDelete={"Status": "FAILED", "Reason": "busy"})})

    assert stacks.delete(name) == "DELETE_FAILED"


def test_the_data_of_an_answer_are_attributes(stacks: Stacks) -> None:
    """Fn::GetAtt finds what the answer's Data has."""
    name = stacks.name()
    outputs = {"Size": {"Value": {"Fn::GetAtt": ["R", "Size"]}}, "Id": {"Value": {"Ref": "R"}}}

    stacks.deploy(name, {"R": stacks.recorder()}, outputs)

    shown = stacks.client.describe_stacks(StackName=name)["Stacks"][0]["Outputs"]
    assert {entry["OutputKey"]: entry["OutputValue"] for entry in shown} == {"Size": "3", "Id": "first"}


def test_an_answer_of_more_than_4096_bytes_fails_the_resource(stacks: Stacks) -> None:
    """CloudFormation accepts no longer answer."""
    name = stacks.name()

    stacks.deploy(name, {"R": stacks.recorder(OnCreate={"Reason": "x" * 4096})})

    assert "Response object is too long." in stacks.reasons(name)


def test_an_answer_without_a_physical_id_fails_the_resource(stacks: Stacks) -> None:
    """An empty id does not count as one."""
    name = stacks.name()

    stacks.deploy(name, {"R": stacks.recorder(OnCreate={"PhysicalResourceId": ""})})

    assert "Invalid PhysicalResourceId" in stacks.reasons(name)
