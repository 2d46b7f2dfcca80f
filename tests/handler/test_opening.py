# SPDX-License-Identifier: Apache-2.0
"""A request that the table does not take: when it is tried again, by whom, and what is answered."""

import pytest

from dataset_import.cloudformation import Delivery
from dataset_import.errors import PROPAGATION
from dataset_import.record import TOMBSTONE
from tests.fakes.faults import DENIED, THROTTLED, Fault
from tests.handler.world import World

AGAIN = "The request could not be recorded yet."
AT_ONCE = 5.0
ONE_TRY = 25.0
"""Seconds of an invocation that has no time for a second try."""


@pytest.mark.parametrize(
    ("fault", "seconds_ago", "is_delivered_again"),
    [
        (THROTTLED, 0, True),
        (THROTTLED, 250, True),
        (THROTTLED, 310, False),
        (DENIED, 0, True),
        (DENIED, 170, True),
        (DENIED, 190, False),
    ],
)
def test_aws_lambda_is_asked_to_deliver_again_while_that_may_help(
    world: World, fault: Fault, seconds_ago: float, is_delivered_again: bool
) -> None:
    """It does so for five minutes; a denial is believed after three."""
    world.faults.always("GetItem", fault)
    create = world.event("Create", ResponseURL=world.sent(seconds_ago))

    world.invoke(create, time_left=ONE_TRY)

    assert [str(error) for error in world.raised] == [AGAIN] * is_delivered_again
    assert len(world.answered(create)) == (not is_delivered_again)


@pytest.mark.parametrize("fault", [THROTTLED, DENIED], ids=["throttled", "denied"])
def test_a_request_without_a_date_is_answered_by_the_invocation_that_has_it(
    world: World, fault: Fault
) -> None:
    """How old it is, and with it whether it comes again, is unknown."""
    world.faults.always("GetItem", fault)
    create = world.event("Create", ResponseURL="https://cloudformation.test/1")

    world.invoke(create, time_left=ONE_TRY)

    assert world.raised == []
    assert world.answer(create)["Status"] == "FAILED"


def test_an_old_request_that_the_table_denies_is_refused_at_once(world: World) -> None:
    """A policy that is new by then has propagated."""
    status, seconds = world.deny_to_an_old_create("GetItem")

    assert status == "FAILED"
    assert seconds < AT_ONCE


def test_an_old_request_that_the_table_throttles_is_tried_again(world: World) -> None:
    """It may be done already, which only a record that can be read says."""
    world.faults.next("GetItem", THROTTLED, THROTTLED, THROTTLED)
    create = world.event("Create", ResponseURL=world.sent(seconds_ago=600))

    assert world.run(create)["Status"] == "SUCCESS"


def test_a_request_that_cannot_be_recorded_names_what_was_to_be_imported(world: World) -> None:
    """And what DynamoDB said."""
    world.faults.always("PutItem", DENIED)

    answer = world.run(world.event("Create"))

    import_of = f"The import of s3://shop/items.csv into {world.dataset_arn} was not started"
    assert answer["Status"] == "FAILED"
    assert answer["Reason"].startswith(import_of)
    assert "DynamoDB said: User is not authorized to perform this action. " in answer["Reason"]


def test_a_refusal_that_does_not_reach_cloudformation_fails_the_invocation(world: World) -> None:
    """AWS Lambda delivers the event again, and the refusal is sent then."""
    world.faults.always("GetItem", DENIED)
    world.deliveries.append(Delivery.LOST)
    create = world.event("Create", ResponseURL=world.sent(seconds_ago=PROPAGATION + 10))

    world.invoke(create)

    assert [str(error) for error in world.raised] == ["The answer did not reach CloudFormation."]
    world.invoke(create)
    assert world.answer(create)["Status"] == "FAILED"


def test_a_delete_whose_table_is_gone_succeeds_under_its_id(world: World) -> None:
    """Nothing polls without the table, and a stack that is deleted must not be stuck."""
    physical_id = world.create()
    world.account.dynamodb.drop_table("shop")

    answer = world.run(world.delete(physical_id))

    assert (answer["Status"], answer["PhysicalResourceId"]) == ("SUCCESS", physical_id)
    assert answer["Data"] == {}


def test_a_delete_that_the_table_denies_fails_under_its_id(world: World) -> None:
    """The polling for the resource may go on, and import."""
    physical_id = world.create()
    world.faults.always("PutItem", DENIED)

    answer = world.run(world.delete(physical_id))

    assert (answer["Status"], answer["PhysicalResourceId"]) == ("FAILED", physical_id)
    assert f"The polling for {physical_id} could not be stopped" in answer["Reason"]
    assert "DynamoDB said: User is not authorized to perform this action. " in answer["Reason"]


def test_a_delete_whose_answer_is_never_taken_is_closed_when_its_url_has_expired(world: World) -> None:
    """Its record goes, and so does its schedule."""
    physical_id = world.create()
    world.deliveries.extend([Delivery.LOST] * 1000)
    delete = world.delete(physical_id)

    world.invoke(delete)
    world.pass_time(7200 + 300)

    [item] = world.items()
    assert (world.record()["event"], world.schedules()) == (None, [])
    assert world.clock.now < int(item["ExpiresAt"]["N"]) <= world.clock.now + TOMBSTONE
