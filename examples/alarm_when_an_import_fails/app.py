# SPDX-License-Identifier: Apache-2.0
"""Notification of failed imports, by a rule for CloudFormation's event and by an alarm on a metric."""

from pathlib import Path
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_personalize as personalize
from aws_cdk import aws_sns as sns
from constructs import Construct

from cdk_personalize_import import DatasetImportJob, DataSource

DATA = Path(__file__).parent / "data"
SCHEMA = DATA / "interactions.avsc.json"


class Watched(cdk.Stack):
    """The stack with the import."""

    def __init__(self, scope: Construct, construct_id: str, **kwargs: Any) -> None:
        super().__init__(scope, construct_id, **kwargs)

        group = personalize.CfnDatasetGroup(self, "Group", name="watched")
        schema = personalize.CfnSchema(
            self, "Schema", name="watched-interactions", schema=SCHEMA.read_text(encoding="utf-8")
        )
        dataset = personalize.CfnDataset(
            self,
            "Dataset",
            name="watched-interactions",
            dataset_type="Interactions",
            dataset_group_arn=group.attr_dataset_group_arn,
            schema_arn=schema.attr_schema_arn,
        )
        self.job = DatasetImportJob(
            self,
            "Interactions",
            dataset=dataset,
            data_source=DataSource.from_asset(DATA / "interactions.csv", schema=SCHEMA),
        )


class Notifications(cdk.Stack):
    """The topic and the rule. They are deployed first, to report a first deployment of Watched that fails."""

    def __init__(self, scope: Construct, construct_id: str, *, job: DatasetImportJob, **kwargs: Any) -> None:
        super().__init__(scope, construct_id, **kwargs)

        self.topic = sns.Topic(self, "Topic", enforce_ssl=True)
        # The topic gets a policy of its own. It replaces the default one, which lets alarms publish.
        self.topic.grant_publish(iam.ServicePrincipal("cloudwatch.amazonaws.com"))
        cdk.CfnOutput(self, "TopicArn", value=self.topic.topic_arn)

        stack = events.EventField.from_path("$.detail.stack-id")
        reason = events.EventField.from_path("$.detail.status-details.status-reason")
        message = events.RuleTargetInput.from_text(f"An import of {stack} has failed: {reason}")
        job.on_failed(
            "ImportFailed", target=targets.SnsTopic(self.topic, message=message), cross_stack_scope=self
        )


class Alarms(cdk.Stack):
    """The alarm. Deployed last, because it names the dataset."""

    def __init__(
        self, scope: Construct, construct_id: str, *, job: DatasetImportJob, topic: sns.ITopic, **kwargs: Any
    ) -> None:
        super().__init__(scope, construct_id, **kwargs)

        alarm = cloudwatch.Alarm(
            self,
            "ImportErrors",
            metric=job.metric_of_dataset("DatasetImportJobError"),
            threshold=1,
            evaluation_periods=1,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
            alarm_description="Personalize counts an error of an import into the watched dataset.",
        )
        alarm.add_alarm_action(actions.SnsAction(topic))


def build(app: cdk.App) -> None:
    """Add the three stacks to the app."""
    watched = Watched(app, "Watched")
    notifications = Notifications(app, "Notifications", job=watched.job)
    Alarms(app, "Alarms", job=watched.job, topic=notifications.topic)


if __name__ == "__main__":
    app = cdk.App()
    build(app)
    app.synth()
