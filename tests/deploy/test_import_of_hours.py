# SPDX-License-Identifier: Apache-2.0
"""A stack with an import of five hours, by the real CDK CLI. The tests of a class build on each other."""

from pathlib import Path
from typing import Any

import pytest

from tests.deploy import long_import
from tests.deploy.environment import Environment, interactions

pytestmark = pytest.mark.deploy

ADD_STACKS = long_import.add_stacks
SPEED = 3600
IMPORT_MINUTES = 300
"""Five hours, which take five seconds."""

CONDITION = "AWS::CloudFormation::WaitCondition"
IMPORT = "Custom::PersonalizeDatasetImportJob"


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write interactions, which the tests change as they go."""
    path = tmp_path_factory.mktemp("data") / "interactions.csv"
    path.write_text(interactions(1000))
    return path


def latest(environment: Environment, stack: str) -> dict[str, Any]:
    """The parameter behind the import, which holds the ARN of its job."""
    (name,) = environment.resources(stack, "AWS::SSM::Parameter").values()
    parameter: dict[str, Any] = environment.aws.client("ssm").get_parameter(Name=name)["Parameter"]
    return parameter


def last_event(environment: Environment, stack: str, kind: str) -> dict[str, Any]:
    """What became of the stack's resource of a type, most recently."""
    return next(event for event in environment.events(stack) if event["ResourceType"] == kind)


class TestLife:
    """Deploy, change something else, change the data, break, destroy."""

    stack = "Hours"

    def test_what_is_behind_an_import_of_five_hours_begins_when_it_has_ended(
        self, environment: Environment, data: Path
    ) -> None:
        """The import's own resource is complete long before, the stack only then."""
        assert environment.deploy(self.stack, data=str(data)), environment.output

        [job] = environment.jobs(self.stack)
        [solution] = environment.aws.client("personalize").list_solutions()["solutions"]
        took = (job["lastUpdatedDateTime"] - job["creationDateTime"]).total_seconds() * SPEED
        assert job["status"] == "ACTIVE"
        assert took == pytest.approx(5 * 3600, abs=SPEED / 100)
        assert last_event(environment, self.stack, IMPORT)["Timestamp"] < job["lastUpdatedDateTime"]
        assert last_event(environment, self.stack, CONDITION)["Timestamp"] >= job["lastUpdatedDateTime"]
        assert solution["creationDateTime"] >= job["lastUpdatedDateTime"]

    def test_the_arn_of_the_job_is_known_when_it_has_ended(self, environment: Environment) -> None:
        """To what uses it, and to outputs."""
        [job] = environment.jobs(self.stack)
        parameter = latest(environment, self.stack)

        assert parameter["Value"] == job["datasetImportJobArn"]
        assert parameter["LastModifiedDate"] >= job["lastUpdatedDateTime"]
        assert environment.output_of(self.stack, "JobArn") == job["datasetImportJobArn"]

    def test_a_change_of_tags_waits_for_nothing(self, environment: Environment, data: Path) -> None:
        """The wait condition stays, and so does the job."""
        before = environment.resources(self.stack, CONDITION), latest(environment, self.stack)["Value"]

        assert environment.deploy(self.stack, data=str(data), environment="other"), environment.output

        after = environment.resources(self.stack, CONDITION), latest(environment, self.stack)["Value"]
        assert before == after
        assert len(environment.jobs(self.stack)) == 1

    def test_another_timeout_imports_nothing(self, environment: Environment, data: Path) -> None:
        """Its new wait condition is signalled at once, since the job has ended."""
        before = environment.resources(self.stack, CONDITION)

        assert environment.deploy(self.stack, data=str(data), hours="11"), environment.output

        [job] = environment.jobs(self.stack)
        assert not set(before) & set(environment.resources(self.stack, CONDITION))
        assert latest(environment, self.stack)["Value"] == job["datasetImportJobArn"]

    def test_new_data_is_waited_for_anew(self, environment: Environment, data: Path) -> None:
        """What uses the job's ARN gets that of the second job when it has ended."""
        before = environment.resources(self.stack, CONDITION)
        data.write_text(interactions(1200))

        assert environment.deploy(self.stack, data=str(data)), environment.output

        _, second = environment.jobs(self.stack)
        parameter = latest(environment, self.stack)
        assert not set(before) & set(environment.resources(self.stack, CONDITION))
        assert second["status"] == "ACTIVE"
        assert parameter["Value"] == second["datasetImportJobArn"]
        assert parameter["LastModifiedDate"] >= second["lastUpdatedDateTime"]

    def test_an_import_that_fails_after_hours_rolls_back_with_its_reason(
        self, environment: Environment, data: Path
    ) -> None:
        """The events carry Personalize's words; the wait condition and the job of before are kept."""
        before = environment.resources(self.stack, CONDITION), latest(environment, self.stack)["Value"]
        data.write_text(interactions(10))

        assert not environment.deploy(self.stack, data=str(data))

        failed = environment.jobs(self.stack)[-1]
        after = environment.resources(self.stack, CONDITION), latest(environment, self.stack)["Value"]
        assert failed["failureReason"] in environment.reasons(self.stack)
        assert failed["datasetImportJobArn"] in environment.reasons(self.stack)
        assert environment.status(self.stack) == "UPDATE_ROLLBACK_COMPLETE"
        assert before == after
        assert [job["status"] for job in environment.jobs(self.stack)] == [
            "ACTIVE",
            "ACTIVE",
            "CREATE FAILED",
        ]

    def test_a_rollback_because_of_something_else_brings_the_old_data_back(
        self, environment: Environment, data: Path
    ) -> None:
        """The resource itself waits for it: the old wait condition has had its signal."""
        old = latest(environment, self.stack)["Value"].rpartition("-")[0]
        data.write_text(interactions(1300))

        assert not environment.deploy(self.stack, data=str(data), fails="yes")

        brought, back = environment.jobs(self.stack)[-2:]
        rolled_back = last_event(environment, self.stack, IMPORT)
        assert environment.status(self.stack) == "UPDATE_ROLLBACK_COMPLETE"
        assert [brought["status"], back["status"]] == ["ACTIVE", "ACTIVE"]
        assert back["datasetImportJobArn"].rpartition("-")[0] == old
        assert rolled_back["Timestamp"] >= back["lastUpdatedDateTime"]

    def test_a_destroy_leaves_nothing(self, environment: Environment, data: Path) -> None:
        """Dataset, solution and schedules are gone."""
        assert environment.destroy(self.stack, data=str(data)), environment.output

        personalize = environment.aws.client("personalize")
        assert personalize.list_datasets()["datasets"] == []
        assert personalize.list_solutions()["solutions"] == []
        assert environment.aws.client("scheduler").list_schedules()["Schedules"] == []
