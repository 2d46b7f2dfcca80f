# SPDX-License-Identifier: Apache-2.0
"""Properties of wrong kinds: the request fails with the property's name; Delete and rollback succeed."""

from typing import Any

import pytest

from local_aws.personalize import Timing
from tests.handler.world import World

QUICK = Timing(pending=10, shortest_import=60, longest_import=120)

PROPERTIES = (
    "DatasetArn",
    "DataSource",
    "RoleArn",
    "JobNamePrefix",
    "ImportMode",
    "PublishAttributionMetricsToS3",
    "Tags",
    "Revision",
    "Timeout",
    "Wait",
    "WaitConditionHandle",
)
WRONG: dict[str, Any] = {
    "a list": ["x"],
    "an object": {"x": 1},
    "a number": 7,
    "a long text": "x" * 3000,
}
NUMBERS = ["nan", "inf", "-inf", "-1", "0", "soon", "", None, [], {}]
MAY_BE = {
    ("Revision", "a long text"),
    ("JobNamePrefix", "a long text"),
    ("RoleArn", "a long text"),
    ("DataSource", "a long text"),
    ("Timeout", "a number"),
}
"""What the handler leaves to Personalize to judge, or takes as it is."""


@pytest.fixture
def world() -> World:
    """Make a world in which an import takes a minute or two."""
    return World(timing=QUICK)


@pytest.mark.parametrize("wrong", WRONG)
@pytest.mark.parametrize("name", PROPERTIES)
def test_a_property_of_a_wrong_kind_is_named(world: World, name: str, wrong: str) -> None:
    """At once, and nothing is started."""
    properties = world.properties(**{name: WRONG[wrong]})
    before = world.clock.now

    answer = world.run(world.event("Create", properties))

    if (name, wrong) in MAY_BE:
        assert answer["Status"] in ("SUCCESS", "FAILED")
        return
    assert answer["Status"] == "FAILED"
    assert f"{name}" in answer["Reason"]
    assert world.clock.now - before < 5
    assert world.jobs() == []


@pytest.mark.parametrize("wrong", WRONG)
@pytest.mark.parametrize("name", PROPERTIES)
def test_a_rollback_and_a_delete_do_not_depend_on_properties_that_they_do_not_need(
    world: World, name: str, wrong: str
) -> None:
    """The old properties of the rollback, and those of the Delete, may be what made the update fail."""
    good = world.properties()
    bad = world.properties(**{name: WRONG[wrong]})
    first = world.run(world.event("Create", good))["PhysicalResourceId"]
    updated = world.run(world.update(first, bad, good))
    world.pass_time(2)

    rolled_back = world.run(world.update(updated["PhysicalResourceId"], good, bad))
    world.pass_time(2)
    deleted = world.run(world.delete(rolled_back["PhysicalResourceId"], bad))

    assert (rolled_back["Status"], deleted["Status"]) == ("SUCCESS", "SUCCESS")
    assert world.records() == 2


@pytest.mark.parametrize("properties", [{}, {"ServiceToken": "x"}, None, [], "x"], ids=repr)
def test_a_delete_succeeds_without_any_properties(world: World, properties: Any) -> None:
    """A resource that could never be created can be deleted."""
    event = {**world.delete("Shop-Interactions-1ABC"), "ResourceProperties": properties}

    assert world.run(event)["Status"] == "SUCCESS"


@pytest.mark.parametrize("value", NUMBERS, ids=repr)
def test_a_timeout_that_is_no_positive_number_is_named(world: World, value: Any) -> None:
    """`nan` compares with nothing."""
    properties = {**world.properties(), "Timeout": value}

    answer = world.run(world.event("Create", properties))

    is_default = value is None
    assert answer["Status"] == ("SUCCESS" if is_default else "FAILED")
    assert is_default or "Timeout must be" in answer["Reason"]


@pytest.mark.parametrize("value", ["nan", "soon", "-5", [], {}, "99999999"], ids=repr)
def test_a_service_timeout_that_makes_no_sense_is_an_hour(world: World, value: Any) -> None:
    """An escape hatch may set anything."""
    answer = world.run(world.event("Create", world.properties(ServiceTimeout=value)))

    assert answer["Status"] == "SUCCESS"


@pytest.mark.parametrize("seconds", [1, 5, 20, 60, 119, 120])
def test_a_short_service_timeout_is_used_as_far_as_it_goes(world: World, seconds: int) -> None:
    """The answer comes in time, or with the first invocation; no message has a negative time."""
    create = world.event("Create", world.properties(ServiceTimeout=str(seconds)))

    answer = world.run(create)

    assert answer["Status"] == "FAILED"
    assert "within -" not in answer["Reason"]
    assert "did not end within" in answer["Reason"]


@pytest.mark.parametrize(
    ("name", "value"),
    [("ResponseURL", "http://cloudformation.test/?x"), ("ResponseURL", "ftp://x"), ("ResponseURL", 7)],
)
def test_a_response_url_that_is_not_https_is_refused_and_not_logged(
    world: World, name: str, value: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """An answer is never sent in the clear."""
    world.invoke({**world.event("Create"), name: value})

    assert world.answers == []
    assert world.raised == []
    assert "no https URL" in caplog.text
    assert str(value) not in caplog.text or value == 7
    assert (world.items(), world.schedules(), world.jobs()) == ([], [], [])


def test_a_handle_that_is_not_https_is_refused_and_not_shown(world: World) -> None:
    """A signal is never sent in the clear, either."""
    handle = "http://handle.test/?X-Amz-Signature=5ec7e7"

    answer = world.run(world.event("Create", world.properties(WaitConditionHandle=handle, Timeout="7200")))

    assert answer["Status"] == "FAILED"
    assert "WaitConditionHandle must be an https URL" in answer["Reason"]
    assert "5ec7e7" not in answer["Reason"]
