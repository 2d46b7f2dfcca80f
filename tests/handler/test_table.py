# SPDX-License-Identifier: Apache-2.0
"""The table: every read is consistent, and every write has a condition."""

import json

import pytest

from dataset_import.errors import ErrorKind, PollingError
from dataset_import.table import ConflictError
from tests.fakes.faults import NETWORK, error
from tests.handler.records import Recorded, new


@pytest.fixture
def recorded() -> Recorded:
    """Make an empty table."""
    return Recorded()


def test_what_was_written_is_read(recorded: Recorded) -> None:
    """With the version that the next write needs."""
    written = recorded.table.write(new())

    assert recorded.table.read("key") == written
    assert written.version == 1


def test_a_key_without_a_record_reads_as_none(recorded: Recorded) -> None:
    """The resource is new, or its tombstone is gone."""
    assert recorded.table.read("key") is None


def test_every_read_is_consistent(recorded: Recorded) -> None:
    """A decision from a stale record would start a job twice."""
    recorded.table.read("key")

    assert [params["ConsistentRead"] for _, params in recorded.calls] == [True]


def test_a_new_record_is_written_only_where_there_is_none(recorded: Recorded) -> None:
    """Of two that are made at once, one wins."""
    recorded.table.write(new())

    with pytest.raises(ConflictError):
        recorded.table.write(new())


def test_a_record_is_written_only_over_the_version_that_was_read(recorded: Recorded) -> None:
    """Whoever has read an older one reads again."""
    first = recorded.table.write(new())
    second = recorded.table.write(first)

    with pytest.raises(ConflictError):
        recorded.table.write(first)
    assert recorded.table.write(second).version == 3


def test_every_write_has_a_condition(recorded: Recorded) -> None:
    """The first one, and each that follows."""
    recorded.table.write(recorded.table.write(new()))

    assert [bool(params["ConditionExpression"]) for _, params in recorded.calls] == [True, True]


def test_an_item_has_a_time_to_live_only_where_the_record_may_go(recorded: Recorded) -> None:
    """A resource that lives keeps its record."""
    living = recorded.table.write(new())
    recorded.table.write(new(key="other", expires_at=17))

    items = {item["Key"]["S"]: item for item in recorded.dynamodb.items()}
    assert "ExpiresAt" not in items[living.key]
    assert items["other"]["ExpiresAt"] == {"N": "17"}
    assert set(items["other"]) == {"Key", "Version", "Record", "ExpiresAt"}


@pytest.mark.parametrize(
    ("raised", "kind"),
    [
        (error("ProvisionedThroughputExceededException"), ErrorKind.TEMPORARY),
        (error("AccessDeniedException"), ErrorKind.REFUSED),
        (error("ResourceNotFoundException"), ErrorKind.NOT_FOUND),
        (NETWORK, ErrorKind.TEMPORARY),
    ],
)
def test_a_call_that_does_not_succeed_is_an_error_of_dynamodb(
    recorded: Recorded, raised: Exception, kind: ErrorKind
) -> None:
    """Read and write alike."""
    recorded.broken = raised

    with pytest.raises(PollingError) as read:
        recorded.table.read("key")
    with pytest.raises(PollingError) as written:
        recorded.table.write(new())

    assert {(caught.value.service, caught.value.kind) for caught in (read, written)} == {("DynamoDB", kind)}


@pytest.mark.parametrize("stored", ["", "{}", "[]", json.dumps({"request": {}}), "null"])
def test_an_item_that_is_no_record_is_an_error_of_dynamodb(recorded: Recorded, stored: str) -> None:
    """It breaks nothing else."""
    item = {"Key": {"S": "key"}, "Version": {"N": "1"}, "Record": {"S": stored}}
    recorded.dynamodb.call("PutItem", {"TableName": "shop", "Item": item})

    with pytest.raises(PollingError):
        recorded.table.read("key")
