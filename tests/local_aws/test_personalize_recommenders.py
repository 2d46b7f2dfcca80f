# SPDX-License-Identifier: Apache-2.0
"""Recommenders belong to domain dataset groups, and are created and deleted as datasets are."""

from tests.local_aws.world import World

GROUP = "arn:aws:personalize:us-east-1:123456789012:dataset-group/shop"
RECIPE = "arn:aws:personalize:::recipe/aws-ecomm-recommended-for-you"


def recommender(world: World, name: str = "window") -> str:
    """Make a recommender in a domain dataset group, and wait until both are ACTIVE."""
    if GROUP not in world.service.state.groups:
        world.call("CreateDatasetGroup", name="shop", domain="ECOMMERCE")
        world.now += 60
    arn: str = world.call("CreateRecommender", name=name, datasetGroupArn=GROUP, recipeArn=RECIPE)[
        "recommenderArn"
    ]
    world.now += 60
    return arn


def test_a_recommender_is_described_as_it_was_given(world: World) -> None:
    """The description adds its status and times."""
    arn = recommender(world)

    described = world.call("DescribeRecommender", recommenderArn=arn)["recommender"]

    assert arn == "arn:aws:personalize:us-east-1:123456789012:recommender/window"
    assert (described["recipeArn"], described["datasetGroupArn"]) == (RECIPE, GROUP)
    assert described["status"] == "ACTIVE"
    assert described["lastUpdatedDateTime"].timestamp() == world.now


def test_recommenders_are_listed_by_group(world: World) -> None:
    """Without a group, all recommenders of the account are listed."""
    arn = recommender(world)

    (listed,) = world.call("ListRecommenders", datasetGroupArn=GROUP)["recommenders"]

    assert listed["recommenderArn"] == arn
    assert len(world.call("ListRecommenders")["recommenders"]) == 1
    assert world.call("ListRecommenders", datasetGroupArn=GROUP + "-2")["recommenders"] == []


def test_a_recommender_needs_a_domain(world: World) -> None:
    """A custom dataset group has solutions instead."""
    world.call("CreateDatasetGroup", name="shop")
    world.now += 60

    error = world.error("CreateRecommender", name="window", datasetGroupArn=GROUP, recipeArn=RECIPE)

    assert error.code == "InvalidInputException"


def test_a_recommender_needs_an_active_group(world: World) -> None:
    """A group that is being created is in use; one that does not exist is not found."""
    world.call("CreateDatasetGroup", name="shop", domain="ECOMMERCE")

    coming = world.error("CreateRecommender", name="window", datasetGroupArn=GROUP, recipeArn=RECIPE)
    missing = world.error("CreateRecommender", name="window", datasetGroupArn=GROUP + "-2", recipeArn=RECIPE)

    assert coming.code == "ResourceInUseException"
    assert missing.code == "ResourceNotFoundException"


def test_a_name_of_a_recommender_is_taken_once(world: World) -> None:
    """The ARN of a recommender contains its name and no group."""
    recommender(world)

    error = world.error("CreateRecommender", name="window", datasetGroupArn=GROUP, recipeArn=RECIPE)

    assert error.code == "ResourceAlreadyExistsException"


def test_there_are_fifteen_recommenders_at_most(world: World) -> None:
    """The quota applies to an account and region."""
    for number in range(15):
        recommender(world, f"window-{number}")

    error = world.error("CreateRecommender", name="window", datasetGroupArn=GROUP, recipeArn=RECIPE)

    assert error.code == "LimitExceededException"


def test_a_recommender_has_tags(world: World) -> None:
    """They are those of its creation."""
    world.call("CreateDatasetGroup", name="shop", domain="ECOMMERCE")
    world.now += 60
    tags = [{"tagKey": "team", "tagValue": "shop"}]

    arn = world.call("CreateRecommender", name="window", datasetGroupArn=GROUP, recipeArn=RECIPE, tags=tags)[
        "recommenderArn"
    ]

    assert world.call("ListTagsForResource", resourceArn=arn) == {"tags": tags}


def test_a_group_stays_until_its_recommenders_are_gone(world: World) -> None:
    """The deletion of a recommender takes a while."""
    arn = recommender(world)

    refused = world.error("DeleteDatasetGroup", datasetGroupArn=GROUP)
    world.call("DeleteRecommender", recommenderArn=arn)
    world.now += 30

    assert refused.code == "ResourceInUseException"
    assert world.error("DescribeRecommender", recommenderArn=arn).code == "ResourceNotFoundException"
    assert world.call("DeleteDatasetGroup", datasetGroupArn=GROUP) == {}
