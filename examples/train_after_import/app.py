# SPDX-License-Identifier: Apache-2.0
"""A new solution version is trained whenever new data has been imported.

The rule of `on_complete` starts a state machine that calls CreateSolutionVersion. CloudFormation has no
resource for a solution version, and a deployment does not have to wait for the training.
"""

from pathlib import Path
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_personalize as personalize
from aws_cdk import aws_stepfunctions as sfn
from aws_cdk import aws_stepfunctions_tasks as tasks
from constructs import Construct

from cdk_personalize_import import DatasetImportJob, DataSource

DATA = Path(__file__).parent / "data"
SCHEMA = DATA / "interactions.avsc.json"
NAME = "trained"


class Trained(cdk.Stack):
    """A dataset, its import, and a solution that is trained after each import."""

    def __init__(self, scope: Construct, construct_id: str, **kwargs: Any) -> None:
        super().__init__(scope, construct_id, **kwargs)

        group = personalize.CfnDatasetGroup(self, "Group", name=NAME)
        schema = personalize.CfnSchema(self, "Schema", name=NAME, schema=SCHEMA.read_text(encoding="utf-8"))
        dataset = personalize.CfnDataset(
            self,
            "Dataset",
            name=NAME,
            dataset_type="Interactions",
            dataset_group_arn=group.attr_dataset_group_arn,
            schema_arn=schema.attr_schema_arn,
        )
        solution = personalize.CfnSolution(
            self,
            "Solution",
            name=NAME,
            dataset_group_arn=group.attr_dataset_group_arn,
            recipe_arn=f"arn:{self.partition}:personalize:::recipe/aws-user-personalization-v2",
        )
        solution.node.add_dependency(dataset)
        job = DatasetImportJob(
            self,
            "Interactions",
            dataset=dataset,
            data_source=DataSource.from_asset(DATA / "interactions.csv", schema=SCHEMA),
        )
        job.on_complete("Imported", target=targets.SfnStateMachine(self._training_of(solution)))

    def _training_of(self, solution: personalize.CfnSolution) -> sfn.StateMachine:
        """A state machine that starts a training of the solution and does not wait for its end."""
        train = tasks.CallAwsService(
            self,
            "CreateSolutionVersion",
            service="personalize",
            action="createSolutionVersion",
            parameters={"SolutionArn": solution.attr_solution_arn},
            iam_resources=[solution.attr_solution_arn],
        )
        # A training that still runs, or a solution that is still being created.
        train.add_retry(
            errors=["Personalize.ResourceInUseException", "Personalize.LimitExceededException"],
            interval=cdk.Duration.minutes(10),
            backoff_rate=1,
            max_attempts=36,
        )
        return sfn.StateMachine(self, "Training", definition_body=sfn.DefinitionBody.from_chainable(train))


def build(app: cdk.App) -> None:
    """Add the stack to the app."""
    Trained(app, "Trained")


if __name__ == "__main__":
    app = cdk.App()
    build(app)
    app.synth()
