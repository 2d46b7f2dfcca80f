# SPDX-License-Identifier: Apache-2.0
"""The life of a stack with an import, by the real CDK CLI. The tests of a class build on each other."""

from pathlib import Path

import pytest

from tests.deploy.environment import Environment, interactions

pytestmark = pytest.mark.deploy

PETS = Path(__file__).parents[3] / "shared" / "data" / "pets" / "interactions.csv"


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write interactions, which the tests change as they go."""
    path = tmp_path_factory.mktemp("data") / "interactions.csv"
    path.write_text(interactions(1000))
    return path


class TestLife:
    """Deploy, deploy again, change, break, mend, destroy."""

    stack = "Life"

    def test_a_deploy_is_complete_when_the_data_is_in_the_dataset(
        self, environment: Environment, data: Path
    ) -> None:
        """The stack is complete with its one job ACTIVE, which the output names."""
        assert environment.deploy(self.stack, data=str(data)), environment.output

        [job] = environment.jobs(self.stack)
        assert job["status"] == "ACTIVE"
        assert environment.output_of(self.stack, "JobArn") == job["datasetImportJobArn"]

    def test_a_tag_on_the_stack_reaches_the_job(self, environment: Environment) -> None:
        """Tags.of(stack).add tags the import job."""
        [job] = environment.jobs(self.stack)
        tags = environment.aws.client("personalize").list_tags_for_resource(
            resourceArn=job["datasetImportJobArn"]
        )["tags"]

        assert {"tagKey": "application", "tagValue": "pets"} in tags

    def test_a_deploy_with_nothing_changed_imports_nothing(
        self, environment: Environment, data: Path
    ) -> None:
        """The same data is not imported again."""
        assert environment.deploy(self.stack, data=str(data)), environment.output

        assert "no changes" in "\n".join(environment.output)
        assert len(environment.jobs(self.stack)) == 1

    def test_a_change_of_tags_imports_nothing(self, environment: Environment, data: Path) -> None:
        """The resource is updated, the job stays."""
        before = environment.output_of(self.stack, "JobArn")

        assert environment.deploy(self.stack, data=str(data), environment="other"), environment.output

        assert environment.output_of(self.stack, "JobArn") == before
        assert len(environment.jobs(self.stack)) == 1

    def test_changed_data_is_imported_by_itself(self, environment: Environment, data: Path) -> None:
        """A new job for the new data; the old one is left as it was."""
        data.write_text(interactions(1200))

        assert environment.deploy(self.stack, data=str(data)), environment.output

        first, second = environment.jobs(self.stack)
        assert (first["status"], second["status"]) == ("ACTIVE", "ACTIVE")
        assert environment.output_of(self.stack, "JobArn") == second["datasetImportJobArn"]

    def test_data_that_lacks_a_column_fails_the_deploy_and_rolls_back(
        self, environment: Environment, data: Path
    ) -> None:
        """The event carries Personalize's words; the rollback completes and imports nothing."""
        data.write_text("USER_ID,TIMESTAMP\n" + "u1,1700000000\n" * 1000)

        assert not environment.deploy(self.stack, data=str(data))

        assert "Input csv is missing the following columns: [ITEM_ID]" in environment.reasons(self.stack)
        assert environment.status(self.stack) == "UPDATE_ROLLBACK_COMPLETE"
        assert len(environment.jobs(self.stack)) == 2

    def test_rows_that_are_wrong_fail_the_deploy_with_the_jobs_reason(
        self, environment: Environment, data: Path
    ) -> None:
        """What Personalize finds while importing fails the stack, too; the data stays as it was."""
        data.write_text(interactions(10))

        assert not environment.deploy(self.stack, data=str(data))

        failed = environment.jobs(self.stack)[-1]
        assert failed["status"] == "CREATE FAILED"
        assert failed["failureReason"] in environment.reasons(self.stack)
        assert failed["datasetImportJobArn"] in environment.reasons(self.stack)
        assert environment.status(self.stack) == "UPDATE_ROLLBACK_COMPLETE"
        assert [job["status"] for job in environment.jobs(self.stack)] == [
            "ACTIVE",
            "ACTIVE",
            "CREATE FAILED",
        ]

    def test_corrected_data_deploys(self, environment: Environment, data: Path) -> None:
        """After failures the next good data gets in."""
        data.write_text(interactions(1300))

        assert environment.deploy(self.stack, data=str(data)), environment.output

        assert environment.jobs(self.stack)[-1]["status"] == "ACTIVE"

    def test_a_destroy_leaves_nothing(self, environment: Environment, data: Path) -> None:
        """Dataset, data, roles, function and schedules are gone."""
        assert environment.destroy(self.stack, data=str(data)), environment.output

        aws = environment.aws
        roles = [role["RoleName"] for role in aws.client("iam").list_roles()["Roles"]]
        buckets = [bucket["Name"] for bucket in aws.client("s3").list_buckets()["Buckets"]]
        groups = [group["Name"] for group in aws.client("scheduler").list_schedule_groups()["ScheduleGroups"]]
        assert aws.client("personalize").list_datasets()["datasets"] == []
        assert aws.client("personalize").list_schemas()["schemas"] == []
        assert aws.client("scheduler").list_schedules()["Schedules"] == []
        assert [name for name in roles if name.startswith(self.stack)] == []
        assert [name for name in buckets if name.startswith(self.stack.lower())] == []
        assert groups == ["default"]


@pytest.mark.skipif(not PETS.exists(), reason="the pet adoption data set is not beside this checkout")
def test_real_training_data_is_imported(environment: Environment) -> None:
    """Every row of a public data set arrives."""
    assert environment.deploy("Pets", data=str(PETS)), environment.output

    [job] = environment.jobs("Pets")
    assert job["status"] == "ACTIVE"
