# SPDX-License-Identifier: Apache-2.0
"""Resources that do not depend on each other are made at the same time.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-dependson.html
"""

from tests.local_aws.stacks import Stacks
from tests.local_aws.test_interrupted_stacks import FAILING, SILENT, requests, until_requested

SLOW = {"Sleep": 1.5}


def test_independent_resources_are_created_at_the_same_time(stacks: Stacks) -> None:
    """Each has been sent its Create before any is complete; what depends on both comes after them."""
    name = stacks.name()
    last = {**stacks.recorder(), "DependsOn": ["A", "B"]}

    status = stacks.deploy(
        name, {"A": stacks.recorder(OnCreate=SLOW), "B": stacks.recorder(OnCreate=SLOW), "C": last}
    )

    shown = [
        (event["LogicalResourceId"], event["ResourceStatus"])
        for event in reversed(stacks.stack_events(name))
        if event["LogicalResourceId"] != name
    ]
    assert status == "CREATE_COMPLETE"
    assert set(shown[:2]) == {("A", "CREATE_IN_PROGRESS"), ("B", "CREATE_IN_PROGRESS")}
    assert set(shown[2:4]) == {("A", "CREATE_COMPLETE"), ("B", "CREATE_COMPLETE")}
    assert shown[4:] == [("C", "CREATE_IN_PROGRESS"), ("C", "CREATE_COMPLETE")]


def test_a_failure_cancels_what_is_under_way_and_begins_nothing_more(stacks: Stacks) -> None:
    """The resource that still waits for its answer gets a Delete, one that has not begun gets nothing."""
    name = stacks.name()
    resources = {
        "Bad": stacks.recorder(OnCreate={**FAILING, **SLOW}),
        "Done": stacks.recorder(),
        "Waits": stacks.recorder(OnCreate=SILENT),
        "Later": stacks.recorder(after="Bad"),
    }

    status = stacks.deploy(name, resources)

    assert status == "ROLLBACK_COMPLETE"
    assert sorted(requests(stacks, name)) == sorted(
        (logical_id, kind) for logical_id in ("Bad", "Done", "Waits") for kind in ("Create", "Delete")
    )
    assert "Resource creation cancelled" in stacks.reasons(name)


def test_a_failed_update_sends_back_all_that_were_under_way(stacks: Stacks) -> None:
    """Each one gets an Update with its old properties, also the one that was cancelled."""
    name = stacks.name()
    same = stacks.recorder(Revision="same")
    before = {logical_id: stacks.recorder(Revision="one") for logical_id in ("Bad", "Done", "Waits")}
    stacks.deploy(name, {**before, "Same": same})

    status = stacks.deploy(
        name,
        {
            "Bad": stacks.recorder(Revision="two", OnUpdate={**FAILING, **SLOW}),
            "Done": stacks.recorder(Revision="two"),
            "Waits": stacks.recorder(Revision="two", OnUpdate=SILENT),
            "Same": same,
        },
    )

    updates = [event for event in stacks.events(name) if event["RequestType"] == "Update"]
    sent = sorted((event["LogicalResourceId"], event["ResourceProperties"]["Revision"]) for event in updates)
    assert status == "UPDATE_ROLLBACK_COMPLETE"
    assert sent == [
        (logical_id, revision) for logical_id in ("Bad", "Done", "Waits") for revision in ("one", "two")
    ]
    assert "Resource update cancelled" in stacks.reasons(name)


def test_a_resource_that_did_not_change_has_no_events(stacks: Stacks) -> None:
    """A new resource has the events of a create, also in an update."""
    name = stacks.name()
    stacks.deploy(name, {"Same": stacks.recorder(), "Changed": stacks.recorder(Revision="one")})
    before = len(stacks.stack_events(name))

    stacks.deploy(
        name,
        {"Same": stacks.recorder(), "Changed": stacks.recorder(Revision="two"), "New": stacks.recorder()},
    )

    events = stacks.stack_events(name)
    shown = {
        (event["LogicalResourceId"], event["ResourceStatus"]) for event in events[: len(events) - before]
    }
    assert {entry for entry in shown if entry[0] != name} == {
        ("Changed", "UPDATE_IN_PROGRESS"),
        ("Changed", "UPDATE_COMPLETE"),
        ("New", "CREATE_IN_PROGRESS"),
        ("New", "CREATE_COMPLETE"),
    }


def test_what_failed_without_rollback_is_deleted_and_made_anew_by_the_next_deployment(stacks: Stacks) -> None:
    """A resource without a stable state is deleted upon the next operation.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stack-failure-options.html
    """
    name = stacks.name()
    failing = stacks.recorder(after="Good", OnCreate=FAILING)
    stacks.change(name, {"Good": stacks.recorder(), "Bad": failing}, kind="CREATE")
    stacks.execute(name, DisableRollback=True)
    failed = stacks.wait(name)

    stacks.change(name, {"Good": stacks.recorder(), "Bad": stacks.recorder(after="Good")})
    stacks.execute(name)
    status = stacks.wait(name)

    bad = [kind for logical_id, kind in requests(stacks, name) if logical_id == "Bad"]
    good = [kind for logical_id, kind in requests(stacks, name) if logical_id == "Good"]
    assert (failed, status) == ("CREATE_FAILED", "UPDATE_COMPLETE")
    assert bad == ["Create", "Delete", "Create"]
    assert good == ["Create"]


def test_a_stack_deleted_while_several_resources_are_created_sends_each_a_delete(stacks: Stacks) -> None:
    """All waits end at once."""
    name = stacks.name()
    stacks.begin(name, {"A": stacks.recorder(OnCreate=SILENT), "B": stacks.recorder(OnCreate=SILENT)})
    for logical_id in ("A", "B"):
        until_requested(stacks, name, logical_id, "Create")

    status = stacks.delete(name)

    assert status == "DELETE_COMPLETE"
    assert sorted(requests(stacks, name)[2:]) == [("A", "Delete"), ("B", "Delete")]


def test_a_bucket_whose_name_is_taken_is_refused_before_anything_is_made(stacks: Stacks) -> None:
    """The names that a stack itself gives its buckets are no such conflict."""
    name, other = stacks.name(), stacks.name()
    bucket = {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": f"{name}-taken"}}

    first = stacks.deploy(name, {"Bucket": bucket})
    second = stacks.deploy(other, {"Bucket": bucket, "R": stacks.recorder()})

    assert (first, second) == ("CREATE_COMPLETE", "ROLLBACK_COMPLETE")
    assert stacks.events(other) == []
