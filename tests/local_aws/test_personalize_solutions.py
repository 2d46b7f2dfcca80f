# SPDX-License-Identifier: Apache-2.0
"""Solutions are created and deleted as datasets are, and keep their dataset group."""

from local_aws.personalize import Personalize, Timing
from tests.local_aws.world import World

GROUP = "arn:aws:personalize:us-east-1:123456789012:dataset-group/group"
RECIPE = "arn:aws:personalize:::recipe/aws-user-personalization-v2"


def solution(world: World) -> str:
    """Make a solution in a group, and wait until both are ACTIVE."""
    world.call("CreateDatasetGroup", name="group")
    world.now += 60
    arn: str = world.call("CreateSolution", name="s", datasetGroupArn=GROUP, recipeArn=RECIPE)["solutionArn"]
    world.now += 60
    return arn


def test_a_solution_is_described_as_it_was_given(world: World) -> None:
    """The description adds its status and times."""
    arn = solution(world)

    described = world.call("DescribeSolution", solutionArn=arn)["solution"]

    assert arn == "arn:aws:personalize:us-east-1:123456789012:solution/s"
    assert (described["recipeArn"], described["datasetGroupArn"]) == (RECIPE, GROUP)
    assert described["status"] == "ACTIVE"
    assert described["lastUpdatedDateTime"].timestamp() == world.now


def test_solutions_are_listed_by_group(world: World) -> None:
    """Without a group, all solutions of the account are listed."""
    arn = solution(world)

    (listed,) = world.call("ListSolutions", datasetGroupArn=GROUP)["solutions"]

    assert (listed["solutionArn"], listed["recipeArn"]) == (arn, RECIPE)
    assert len(world.call("ListSolutions")["solutions"]) == 1
    assert world.call("ListSolutions", datasetGroupArn=GROUP + "-2")["solutions"] == []


def test_a_solution_needs_an_active_group(world: World) -> None:
    """A group that is still being created is in use; one that does not exist is not found."""
    world.call("CreateDatasetGroup", name="group")

    coming = world.error("CreateSolution", name="s", datasetGroupArn=GROUP)
    missing = world.error("CreateSolution", name="s", datasetGroupArn=GROUP + "-2")

    assert coming.code == "ResourceInUseException"
    assert missing.code == "ResourceNotFoundException"


def test_a_name_of_a_solution_is_taken_once(world: World) -> None:
    """The ARN of a solution contains its name and no group."""
    solution(world)

    error = world.error("CreateSolution", name="s", datasetGroupArn=GROUP)

    assert error.code == "ResourceAlreadyExistsException"


def test_a_group_stays_until_its_solutions_are_gone(world: World) -> None:
    """The deletion of a solution takes a while."""
    arn = solution(world)

    refused = world.error("DeleteDatasetGroup", datasetGroupArn=GROUP)
    world.call("DeleteSolution", solutionArn=arn)
    world.now += 30

    assert refused.code == "ResourceInUseException"
    assert world.error("DescribeSolution", solutionArn=arn).code == "ResourceNotFoundException"
    assert world.call("DeleteDatasetGroup", datasetGroupArn=GROUP) == {}


def test_a_solution_has_tags(world: World) -> None:
    """They are those of its creation."""
    world.call("CreateDatasetGroup", name="group")
    world.now += 60
    tags = [{"tagKey": "team", "tagValue": "shop"}]

    arn = world.call("CreateSolution", name="s", datasetGroupArn=GROUP, tags=tags)["solutionArn"]

    assert world.call("ListTagsForResource", resourceArn=arn) == {"tags": tags}


def test_an_import_takes_as_long_as_the_timing_says(world: World) -> None:
    """If the shortest and the longest time are equal, every import takes that long."""
    five_hours = Timing(shortest_import=18_000, longest_import=18_000)
    world.service = Personalize(clock=lambda: world.now, access=world, objects=world, timing=five_hours)
    dataset = world.dataset()
    arn = world.call("CreateDatasetImportJob", **world.job(dataset))["datasetImportJobArn"]

    world.now += 17_999
    before = world.describe(arn)["status"]
    world.now += 1

    assert (before, world.describe(arn)["status"]) == ("CREATE IN_PROGRESS", "ACTIVE")
