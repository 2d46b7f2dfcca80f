# SPDX-License-Identifier: Apache-2.0
"""Files of the app's assets: copied before the import, removed after it, and nothing else is touched."""

import json
from typing import Any

import pytest

from dataset_import.staging import Staging
from local_aws.personalize import Timing
from tests.fakes.faults import Fault, Kind, refused
from tests.handler.world import BAD_ROW, GOOD, World

ASSET = ("assets", "0a1b2c.csv")
PREFIX = "data/Interactions/0a1b2c/"
OTHERS = ("staging", "data/Users/77/users.csv")
THROTTLED = refused("SlowDown", status=503)


def staged(world: World, *, content: bytes = GOOD, asset: str = "0a1b2c", **changes: Any) -> dict[str, Any]:
    """Put a file into the bucket of the assets, and return the properties of its import."""
    key = f"{asset}.csv"
    world.account.s3.objects["assets", key] = content
    world.account.s3.objects[OTHERS] = GOOD
    prefix = f"data/Interactions/{asset}/"
    return world.properties(
        DataSource={"DataLocation": f"s3://staging/{prefix}items.csv"},
        Staging={
            "Bucket": "staging",
            "Prefix": prefix,
            "Files": [{"Bucket": "assets", "Key": key, "Name": "items.csv"}],
        },
        **changes,
    )


def copies(world: World) -> list[tuple[str, str]]:
    """Return what is in the staging bucket, except what belongs to another import."""
    return [name for name in world.account.s3.objects if name[0] == "staging" and name != OTHERS]


def test_files_are_copied_before_the_job_starts_and_removed_when_it_has_ended(world: World) -> None:
    """Personalize keeps a copy of its own, so nothing needs the staged one any more."""
    answer = world.run(world.event("Create", staged(world)))

    assert answer["Status"] == "SUCCESS", answer["Reason"]
    assert world.account.s3.copied == [("staging", f"{PREFIX}items.csv")]
    assert copies(world) == []
    assert OTHERS in world.account.s3.objects
    assert ASSET in world.account.s3.objects


def test_data_that_is_in_the_dataset_is_not_copied_again(world: World) -> None:
    """An Update of the role only, and a second Create, adopt the job."""
    old = staged(world)
    physical_id = world.run(world.event("Create", old))["PhysicalResourceId"]

    world.run(world.update(physical_id, {**old, "RoleArn": "arn:aws:iam::123456789012:role/other"}, old))

    assert len(world.account.s3.copied) == 1
    assert copies(world) == []


def test_a_renamed_import_of_the_same_files_imports_nothing(world: World) -> None:
    """Its location has another logical id, but its contents have the same hash."""
    first = world.run(world.event("Create", staged(world)))
    renamed = staged(world)
    renamed["Staging"]["Prefix"] = "data/Renamed/0a1b2c/"
    renamed["DataSource"] = {"DataLocation": "s3://staging/data/Renamed/0a1b2c/items.csv"}

    second = world.run(world.event("Create", renamed, LogicalResourceId="Renamed"))

    assert second["Data"]["DatasetImportJobArn"] == first["PhysicalResourceId"]
    assert len(world.jobs()) == len(world.account.s3.copied) == 1


def test_a_job_that_ran_during_a_long_copy_is_adopted() -> None:
    """The list of jobs is read again after the copy: another import of the same files was faster."""
    world = World(Timing(pending=1, shortest_import=2, longest_import=3))
    slow, quick = staged(world), staged(world, JobNamePrefix="quick")
    quick["Staging"] = {**quick["Staging"], "Prefix": "data/Quick/0a1b2c/"}
    quick["DataSource"] = {"DataLocation": "s3://staging/data/Quick/0a1b2c/items.csv"}
    first = world.event("Create", slow)
    world.faults.next("CopyObject", Fault(Kind.DELAYED, seconds=15))
    world.account.functions.deliver(world.stack.service_token, json.dumps(first))
    world.pass_time(2)

    second = world.run(world.event("Create", quick, LogicalResourceId="Quick"))
    world.wait_for_answer(first)

    assert world.answer(first)["PhysicalResourceId"] == second["PhysicalResourceId"]
    assert len(world.jobs()) == 1
    assert copies(world) == []


def test_a_rollback_stages_the_old_files_again(world: World) -> None:
    """The assets of the last deployment are still in their bucket."""
    old, new = staged(world), staged(world, asset="ffff00")
    physical_id = world.run(world.event("Create", old))["PhysicalResourceId"]
    world.run(world.update(physical_id, new, old))

    answer = world.run(world.update(physical_id, old, new))

    assert answer["Status"] == "SUCCESS", answer["Reason"]
    assert [key for _, key in world.account.s3.copied] == [
        f"{PREFIX}items.csv",
        "data/Interactions/ffff00/items.csv",
        f"{PREFIX}items.csv",
    ]
    assert copies(world) == []


@pytest.mark.parametrize("wait", ["true", "false"])
def test_a_failed_job_leaves_no_copy(world: World, wait: str) -> None:
    """Whether the deployment has waited for it or not."""
    answer = world.run(world.event("Create", staged(world, content=BAD_ROW, Wait=wait)))
    world.pass_time(3600)

    assert answer["Status"] == ("FAILED" if wait == "true" else "SUCCESS")
    assert copies(world) == []
    assert world.schedules() == []


def test_an_import_that_is_not_waited_for_keeps_its_copy_until_its_job_has_ended(world: World) -> None:
    """Personalize may still read it."""
    answer = world.run(world.event("Create", staged(world, Wait="false")))

    assert (answer["Data"]["Status"], len(copies(world))) == ("CREATE PENDING", 1)
    world.pass_time(3600)
    assert copies(world) == []
    assert world.schedules() == []


def test_copying_goes_on_where_an_invocation_has_run_out_of_time() -> None:
    """What is there already is not copied again."""
    world = World(Timing(pending=2, shortest_import=4, longest_import=30))
    properties = staged(world)
    names = [f"part-{number}.csv" for number in range(6)]
    for name in names:
        world.account.s3.objects["assets", name] = GOOD
    properties["Staging"]["Files"] += [{"Bucket": "assets", "Key": name, "Name": name} for name in names]
    world.account.s3.seconds = 25.0

    answer = world.run(world.event("Create", properties))

    assert answer["Status"] == "SUCCESS", answer["Reason"]
    assert len(world.account.s3.copied) == len(set(world.account.s3.copied)) == 7
    assert copies(world) == []


def test_an_asset_that_is_gone_fails_the_import_by_its_name(world: World) -> None:
    """Somebody has emptied the bucket of the assets."""
    properties = staged(world)
    del world.account.s3.objects[ASSET]

    answer = world.run(world.event("Create", properties))

    assert answer["Status"] == "FAILED"
    assert "s3://assets/0a1b2c.csv" in answer["Reason"]
    assert world.jobs() == []


def test_throttled_copies_and_removals_are_tried_again(world: World) -> None:
    """Amazon S3 asks to slow down."""
    world.faults.next("CopyObject", THROTTLED, THROTTLED)
    world.faults.next("DeleteObjects", THROTTLED, THROTTLED)

    answer = world.run(world.event("Create", staged(world)))

    assert answer["Status"] == "SUCCESS", answer["Reason"]
    assert copies(world) == []


def test_a_delete_removes_a_copy_that_was_left(world: World, caplog: pytest.LogCaptureFixture) -> None:
    """Its removal was denied when the job had ended, and the log names it."""
    world.account.s3.refusal = "AccessDenied"
    properties = staged(world)
    physical_id = world.run(world.event("Create", properties))["PhysicalResourceId"]
    assert (len(copies(world)), world.schedules()) == (1, [])
    assert f"could not be removed: Amazon S3 (s3://staging/{PREFIX}): as injected" in caplog.text
    world.account.s3.refusal = ""

    answer = world.run(world.delete(physical_id, properties))

    assert answer["Status"] == "SUCCESS"
    assert copies(world) == []
    assert OTHERS in world.account.s3.objects


def test_a_delete_while_files_are_copied_leaves_no_copy(world: World) -> None:
    """The Delete waits until the invocation that copies can no longer do so."""
    world.account.s3.seconds = 40.0
    properties = staged(world)
    world.account.functions.deliver(world.stack.service_token, json.dumps(world.event("Create", properties)))
    world.pass_time(5)

    answer = world.run(world.delete("shop-Interactions-1ABC", properties))
    world.pass_time(600)

    assert answer["Status"] == "SUCCESS"
    assert copies(world) == []
    assert world.jobs() == []


@pytest.mark.parametrize(
    "prefix",
    ["", "data/", "data/Users/77/", "data/Interactions/", "Interactions/../77/", "data/Interactions/xy/"],
)
def test_nothing_outside_the_imports_own_prefix_is_touched(world: World, prefix: str) -> None:
    """Whatever the properties say, on a Create and on a Delete."""
    properties = staged(world)
    properties["Staging"] = {**properties["Staging"], "Prefix": prefix}
    before = dict(world.account.s3.objects)

    created = world.run(world.event("Create", properties))
    deleted = world.run(world.delete("shop-Interactions-1ABC", properties))

    assert (created["Status"], deleted["Status"]) == ("FAILED", "SUCCESS")
    assert "Staging.Prefix must end in Interactions/HASH/" in created["Reason"]
    assert world.account.s3.objects == before


@pytest.mark.parametrize(
    "files", [None, "x", [{}], [{"Bucket": "b", "Key": "k", "Name": "../other"}], [["a"]]]
)
def test_files_of_the_wrong_form_are_refused(files: object) -> None:
    """They come from an escape hatch."""
    with pytest.raises(ValueError, match="Staging"):
        Staging.from_properties({"Staging": {"Bucket": "b", "Prefix": "X/0a/", "Files": files}}, "X")
