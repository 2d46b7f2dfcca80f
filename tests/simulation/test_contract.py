# SPDX-License-Identifier: Apache-2.0
"""CloudFormation's contract for resource types, restated for a custom resource.

https://docs.aws.amazon.com/cloudformation-cli/latest/userguide/contract-tests.html
"""

import json
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from tests.fakes.cloudformation import Request
from tests.simulation.scenario import Scenario, physical_id, status

NEVER = "arn:aws:personalize:us-east-1:123456789012:dataset-import-job/never-was-0a1b2c3d4e5f-1"


def create(scenario: Scenario) -> Request:
    """Create the resource."""
    request = scenario.send("Create")
    scenario.wait(1800)
    return request


def update(scenario: Scenario, known_as: str, **changes: str) -> Request:
    """Update the resource to new data."""
    request = scenario.send(
        "Update",
        scenario.properties(Revision="2", **changes),
        PhysicalResourceId=known_as,
        OldResourceProperties=scenario.properties(),
    )
    scenario.wait(1800)
    return request


def delete(scenario: Scenario, known_as: str) -> Request:
    """Delete the resource."""
    request = scenario.send("Delete", PhysicalResourceId=known_as)
    scenario.wait(1800)
    return request


@dataclass(frozen=True)
class Rule:
    """A rule of the contract: what is done, and what has to come of it."""

    name: str
    steps: Callable[[Scenario], list[Request]]
    answers: list[str]
    jobs: int
    is_same_id: bool


def create_twice(scenario: Scenario) -> list[Request]:
    """The second of two resources for the same data recognises the first one's job."""
    return [create(scenario), create(scenario)]


def update_without_create(scenario: Scenario) -> list[Request]:
    """An Update of what never was brings the data, and answers its job: a replacement."""
    return [update(scenario, NEVER)]


def update_after_create(scenario: Scenario) -> list[Request]:
    """New data is a new job of the same resource."""
    created = create(scenario)
    return [created, update(scenario, physical_id(created))]


def update_to_another_dataset(scenario: Scenario) -> list[Request]:
    """That is a replacement: what is in the old dataset stays there."""
    created = create(scenario)
    elsewhere = scenario.personalize.make_dataset("elsewhere")
    return [created, update(scenario, physical_id(created), DatasetArn=elsewhere)]


def delete_twice(scenario: Scenario) -> list[Request]:
    """What is gone may be deleted again."""
    created = create(scenario)
    return [created, delete(scenario, physical_id(created)), delete(scenario, physical_id(created))]


def delete_what_never_was(scenario: Scenario) -> list[Request]:
    """There is nothing to delete, which is what was asked for."""
    return [delete(scenario, NEVER)]


def create_after_delete(scenario: Scenario) -> list[Request]:
    """The data stays in the dataset when its resource goes: it is recognised."""
    created = create(scenario)
    deleted = delete(scenario, physical_id(created))
    return [created, deleted, create(scenario)]


RULES = [
    Rule("create twice", create_twice, ["SUCCESS"] * 2, jobs=1, is_same_id=True),
    Rule("update without create", update_without_create, ["SUCCESS"], jobs=1, is_same_id=True),
    Rule("update after create", update_after_create, ["SUCCESS"] * 2, jobs=2, is_same_id=True),
    Rule("update to another dataset", update_to_another_dataset, ["SUCCESS"] * 2, jobs=2, is_same_id=False),
    Rule("delete twice", delete_twice, ["SUCCESS"] * 3, jobs=1, is_same_id=True),
    Rule("delete what never was", delete_what_never_was, ["SUCCESS"], jobs=0, is_same_id=True),
    Rule("create after delete", create_after_delete, ["SUCCESS"] * 3, jobs=1, is_same_id=True),
]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_the_contract_holds(scenario: Scenario, rule: Rule) -> None:
    """Each step is answered, under the right id, and no needless job is started."""
    requests = rule.steps(scenario)

    assert [status(request) for request in requests] == rule.answers
    assert len(scenario.jobs()) == rule.jobs
    assert (len({physical_id(request) for request in requests}) == 1) is rule.is_same_id


@pytest.mark.parametrize("step", ["create", "update", "delete"])
def test_what_is_answered_can_be_read(scenario: Scenario, step: str) -> None:
    """Attributes are what Personalize says of the job; after a Delete it still says so, for it keeps jobs."""
    request = create(scenario)
    if step == "update":
        request = update(scenario, physical_id(request))
    if step == "delete":
        delete(scenario, physical_id(request))

    assert request.answer
    arn = request.answer["Data"]["DatasetImportJobArn"]

    job = scenario.personalize.do("DescribeDatasetImportJob", {"datasetImportJobArn": arn})[
        "datasetImportJob"
    ]

    assert arn == scenario.jobs()[-1].arn
    assert request.answer["Data"] == {
        "DatasetImportJobArn": job["datasetImportJobArn"],
        "DatasetArn": job["datasetArn"],
        "Status": job["status"],
        "CreationDateTime": job["creationDateTime"].isoformat(),
        "LastUpdatedDateTime": job["lastUpdatedDateTime"].isoformat(),
    }


def test_a_request_in_progress_carries_the_id(scenario: Scenario) -> None:
    """The record of the request has the job's name, and so the id, before the job has ended."""
    request = scenario.send("Create")

    [item] = scenario.simulation.dynamodb.items()
    name = json.loads(item["Record"]["S"])["job_name"]
    scenario.wait(1800)

    assert physical_id(request).endswith(f":dataset-import-job/{name}")
