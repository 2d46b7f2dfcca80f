# SPDX-License-Identifier: Apache-2.0
"""Train a new solution version whenever new data has been imported.

The rule of `on_complete` starts a state machine that calls CreateSolutionVersion. CloudFormation has no
resource for a solution version, and a deployment does not have to wait for the training.
"""

from pathlib import Path

import aws_cdk as cdk
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_personalize as personalize
from aws_cdk import aws_stepfunctions as sfn
from aws_cdk import aws_stepfunctions_tasks as tasks

from cdk_personalize_import import DatasetImportJob, DataSource

DATA = Path(__file__).parents[1] / "data"
NAME = "trained"


def build(app: cdk.App) -> None:
    """Add the stack to the app."""
    stack = cdk.Stack(app, "Trained")
    schema_file = DATA / "interactions.avsc.json"
    group = personalize.CfnDatasetGroup(stack, "Group", name=NAME)
    schema = personalize.CfnSchema(stack, "Schema", name=NAME, schema=schema_file.read_text(encoding="utf-8"))
    dataset = personalize.CfnDataset(
        stack,
        "Dataset",
        name=NAME,
        dataset_type="Interactions",
        dataset_group_arn=group.attr_dataset_group_arn,
        schema_arn=schema.attr_schema_arn,
    )
    solution = personalize.CfnSolution(
        stack,
        "Solution",
        name=NAME,
        dataset_group_arn=group.attr_dataset_group_arn,
        recipe_arn=f"arn:{stack.partition}:personalize:::recipe/aws-user-personalization-v2",
    )
    solution.node.add_dependency(dataset)
    job = DatasetImportJob(
        stack,
        "Interactions",
        dataset=dataset,
        data_source=DataSource.from_asset(DATA / "interactions.csv", schema=schema_file),
    )
    job.on_complete("Imported", target=targets.SfnStateMachine(training_of(solution)))


def training_of(solution: personalize.CfnSolution) -> sfn.StateMachine:
    """A state machine that starts a training of the solution and does not wait for its end."""
    stack = cdk.Stack.of(solution)
    train = tasks.CallAwsService(
        stack,
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
    return sfn.StateMachine(stack, "Training", definition_body=sfn.DefinitionBody.from_chainable(train))


if __name__ == "__main__":
    app = cdk.App()
    build(app)
    app.synth()
