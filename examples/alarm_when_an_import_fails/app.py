# SPDX-License-Identifier: Apache-2.0
"""Be notified when an import fails: by a rule for CloudFormation's event, and by an alarm on a metric.

Three stacks. `Notifications` is deployed first, so that it is there to tell of a first deployment of
`Watched` that fails; `Alarms` comes last, because its alarm names the dataset.
"""

from pathlib import Path

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_personalize as personalize
from aws_cdk import aws_sns as sns

from cdk_personalize_import import DatasetImportJob, DataSource

DATA = Path(__file__).parents[1] / "data"


def build(app: cdk.App) -> None:
    """Add the three stacks to the app."""
    notifications = cdk.Stack(app, "Notifications")
    topic = sns.Topic(notifications, "Topic", enforce_ssl=True)
    # For the alarm: the topic has a policy of its own, in the place of the one that lets the account publish.
    topic.grant_publish(iam.ServicePrincipal("cloudwatch.amazonaws.com"))
    cdk.CfnOutput(notifications, "TopicArn", value=topic.topic_arn)

    job = shop(app)
    job.on_failed(
        "ImportFailed", target=targets.SnsTopic(topic, message=message()), cross_stack_scope=notifications
    )

    alarm = cloudwatch.Alarm(
        cdk.Stack(app, "Alarms"),
        "ImportErrors",
        metric=job.metric_of_dataset("DatasetImportJobError"),
        threshold=1,
        evaluation_periods=1,
        treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        alarm_description="Personalize counts an error of an import into the watched dataset.",
    )
    alarm.add_alarm_action(actions.SnsAction(topic))


def shop(app: cdk.App) -> DatasetImportJob:
    """Add the stack with the import."""
    stack = cdk.Stack(app, "Watched")
    schema_file = DATA / "interactions.avsc.json"
    group = personalize.CfnDatasetGroup(stack, "Group", name="watched")
    schema = personalize.CfnSchema(
        stack, "Schema", name="watched-interactions", schema=schema_file.read_text(encoding="utf-8")
    )
    dataset = personalize.CfnDataset(
        stack,
        "Dataset",
        name="watched-interactions",
        dataset_type="Interactions",
        dataset_group_arn=group.attr_dataset_group_arn,
        schema_arn=schema.attr_schema_arn,
    )
    job = DatasetImportJob(
        stack,
        "Interactions",
        dataset=dataset,
        data_source=DataSource.from_asset(DATA / "interactions.csv", schema=schema_file),
    )
    return job


def message() -> events.RuleTargetInput:
    """What the topic's subscribers read."""
    stack = events.EventField.from_path("$.detail.stack-id")
    reason = events.EventField.from_path("$.detail.status-details.status-reason")
    return events.RuleTargetInput.from_text(f"An import of {stack} has failed: {reason}")


if __name__ == "__main__":
    app = cdk.App()
    build(app)
    app.synth()
