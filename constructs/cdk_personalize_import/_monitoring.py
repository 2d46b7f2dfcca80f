# SPDX-License-Identifier: Apache-2.0
"""The metrics of an import, which Amazon Personalize publishes, and the events, which CloudFormation sends.

Names, units and dimensions of the metrics are those of
https://docs.aws.amazon.com/personalize/latest/dg/cloudwatch-metrics.html

Personalize sends no event when the status of a job changes. EventBridge receives only the API calls that
CloudTrail records (https://docs.aws.amazon.com/eventbridge/latest/ref/events-ref-personalize.html).
CloudFormation sends an event when the status of a resource changes, with the reason. The rules match it:
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/event-detail-resource-status-change.html
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypedDict, Unpack, cast, get_args

from aws_cdk import CfnElement, CfnWaitCondition, Duration, Fn, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_events as events
from constructs import Construct

from cdk_personalize_import._cdk import is_token
from cdk_personalize_import._validation import Problems

NAMESPACE = "AWS/Personalize"
_DATASET = ":dataset/"

InsightsFunction = Literal["AVG", "COUNT", "MAX", "MIN", "SUM"]
"""See https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-metrics-insights-querylanguage.html"""


class MetricOptions(TypedDict, total=False):
    """The options of a metric, as in `cloudwatch.MetricOptions`."""

    account: str | None
    color: str | None
    dimensions_map: Mapping[str, str] | None
    id: str | None
    label: str | None
    period: Duration | None
    region: str | None
    stack_account: str | None
    stack_region: str | None
    statistic: str | None
    unit: cloudwatch.Unit | None
    visible: bool | None


class MonitoredImport(Construct):
    """An import with metrics and events."""

    @property
    @abstractmethod
    def dataset_arn(self) -> str:
        """The ARN of the dataset."""

    @property
    @abstractmethod
    def dataset_import_job_arn(self) -> str:
        """The ARN of the import job."""

    @property
    @abstractmethod
    def _waits_for_data(self) -> bool:
        """Whether the deployment waits for the data to be in the dataset."""

    def metric(self, metric_name: str, **props: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """A metric that Amazon Personalize publishes for this import's job.

        Its dimensions are DatasetGroupArn, DatasetArn and DatasetImportJobArn. Each job has its own metrics,
        so a resource that uses one waits for the import, and an alarm on it does not see that the import
        fails: use `metric_of_dataset` for alarms. In other stacks, the same holds as for
        `dataset_import_job_arn`.

        Args:
            metric_name: The metric's name, such as `DatasetSize`.
            props: `statistic`, `period`, `label` and the other properties of `cloudwatch.MetricOptions`. If
                omitted, the metric is the average of five minutes. Personalize offers Average, Minimum,
                Maximum and Sum.
        """
        dimensions = {
            "DatasetGroupArn": _group_arn(self.dataset_arn),
            "DatasetArn": self.dataset_arn,
            "DatasetImportJobArn": self.dataset_import_job_arn,
        }
        props.setdefault("dimensions_map", dimensions)
        return cloudwatch.Metric(namespace=NAMESPACE, metric_name=metric_name, **props).attach_to(self)

    def metric_requests(self, **props: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """The number of successful calls of CreateDatasetImportJob (DatasetImportJobRequests)."""
        props.setdefault("statistic", "Sum")
        return self.metric("DatasetImportJobRequests", **props)

    def metric_errors(self, **props: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """The number of failed calls of CreateDatasetImportJob (DatasetImportJobError).

        If a new policy has not propagated yet, a call fails and is retried, and the import still succeeds.
        """
        props.setdefault("statistic", "Sum")
        return self.metric("DatasetImportJobError", **props)

    def metric_execution_time(self, **props: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """The seconds from the call to the job's success or failure (DatasetImportJobExecutionTime)."""
        return self.metric("DatasetImportJobExecutionTime", **props)

    def metric_dataset_size(self, **props: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """The bytes that the job has imported (DatasetSize)."""
        return self.metric("DatasetSize", **props)

    def metric_of_dataset(
        self,
        metric_name: str,
        *,
        statistic: InsightsFunction = "SUM",
        period: Duration | None = None,
        label: str | None = None,
    ) -> cloudwatch.MathExpression:
        """A metric of all import jobs of the dataset, including later jobs and those of others.

        It is a query of CloudWatch Metrics Insights over all metrics with the dimension DatasetArn. The query
        runs in the region of the stack that uses it, which must be that of the import. An alarm on it can
        evaluate the last three hours
        (https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-metrics-insights-limits.html).

        Args:
            metric_name: The metric's name, such as `DatasetImportJobError`.
            statistic: The function of the query: `AVG`, `COUNT`, `MAX`, `MIN` or `SUM`.
            period: The period of each data point. If omitted, five minutes.
            label: The label in graphs and alarms. If omitted, the metric's name.

        Raises:
            InvalidPropertiesError: The statistic is none of these.
        """
        functions = get_args(InsightsFunction)
        if statistic not in functions:
            problems = Problems(self.node.path)
            problems.add(
                f"statistic of metric_of_dataset must be one of {', '.join(functions)}, got {statistic!r}",
                "Pass a function of Metrics Insights; statistics such as 'Average' are for other metrics.",
            )
            problems.raise_if_any()
        selected = f'SELECT {statistic}({metric_name}) FROM "{NAMESPACE}"'
        return cloudwatch.MathExpression(
            expression=f"{selected} WHERE DatasetArn = '{self.dataset_arn}'",
            period=period,
            label=label or metric_name,
            using_metrics={},
        )

    def on_failed(
        self,
        construct_id: str,
        *,
        target: events.IRuleTarget | None = None,
        description: str | None = None,
        rule_name: str | None = None,
        event_pattern: events.EventPattern | dict[str, Any] | None = None,
        cross_stack_scope: Construct | None = None,
    ) -> events.Rule:
        """An EventBridge rule for the failures of this import in a deployment.

        It matches the event of CloudFormation that the import's resource has failed: the job failed,
        Personalize refused it, the timeout was over, or CloudFormation cancelled the resource because another
        one failed. `$.detail.status-details.status-reason` is the reason that the deployment shows. With
        `wait=False` there is no event if the job fails later.

        If the first deployment of a stack fails, its rollback removes the rule too. To keep the rule, pass a
        scope in an earlier stack.

        Args:
            construct_id: The id of the rule in its scope.
            target: The target of the rule, such as `aws_events_targets.SnsTopic(topic)`. If omitted, the rule
                has no target; add one with `rule.add_target`.
            description: The description of the rule.
            rule_name: The name of the rule. If omitted, CloudFormation generates one.
            event_pattern: An additional pattern. Its values of `source`, `detail-type`, `stack-id`,
                `logical-resource-id` and `status` are alternatives to the rule's own.
            cross_stack_scope: A scope in another stack of the same account and region, in which the rule is
                created. If omitted, the rule is created in this import.

        Raises:
            InvalidPropertiesError: The target is no `events.IRuleTarget`.
        """
        return self._add_rule(
            "on_failed",
            construct_id,
            target,
            ["CREATE_FAILED", "UPDATE_FAILED"],
            [self._resource_id, *self._wait_condition_ids],
            description=description,
            rule_name=rule_name,
            event_pattern=event_pattern,
            cross_stack_scope=cross_stack_scope,
        )

    def on_complete(
        self,
        construct_id: str,
        *,
        target: events.IRuleTarget | None = None,
        description: str | None = None,
        rule_name: str | None = None,
        event_pattern: events.EventPattern | dict[str, Any] | None = None,
        cross_stack_scope: Construct | None = None,
    ) -> events.Rule:
        """An EventBridge rule for the successes of this import in a deployment.

        It matches the event of CloudFormation that the import's resource, or the wait condition of an import
        of more than one hour, is complete: the data is in the dataset. The event is also sent after an update
        that imports nothing, such as a new role, and after a rollback that has imported the old data again;
        not so if the timeout is more than one hour, because CloudFormation makes no new wait condition then.
        The deployment may still be in progress, and may be rolled back because of another resource.

        Args:
            construct_id: The id of the rule in its scope.
            target: The target of the rule, such as `aws_events_targets.SfnStateMachine(machine)`. If omitted,
                the rule has no target; add one with `rule.add_target`.
            description: The description of the rule.
            rule_name: The name of the rule. If omitted, CloudFormation generates one.
            event_pattern: An additional pattern, as for `on_failed`.
            cross_stack_scope: The scope of the rule, as for `on_failed`.

        Raises:
            InvalidPropertiesError: The target is no `events.IRuleTarget`; or the import has `wait=False`, so
                that its resource is complete before the data is in the dataset.
        """
        problems = Problems(self.node.path)
        if not self._waits_for_data:
            rule = "on_complete must be used with wait=True, because the event would come before the data"
            problems.add(rule, "Remove wait=False.")
        problems.raise_if_any()
        return self._add_rule(
            "on_complete",
            construct_id,
            target,
            ["CREATE_COMPLETE", "UPDATE_COMPLETE"],
            self._wait_condition_ids or [self._resource_id],
            description=description,
            rule_name=rule_name,
            event_pattern=event_pattern,
            cross_stack_scope=cross_stack_scope,
        )

    def _add_rule(
        self,
        method: str,
        construct_id: str,
        target: events.IRuleTarget | None,
        statuses: Sequence[str],
        logical_ids: Sequence[str],
        **options: Any,
    ) -> events.Rule:
        if target is not None and not callable(getattr(target, "bind", None)):
            problems = Problems(self.node.path)
            problems.add(
                f"target of {method} must be an events.IRuleTarget, got {target!r}",
                "Pass a target of aws_events_targets, such as SnsTopic(topic).",
            )
            problems.raise_if_any()
        rule = events.Rule(self, construct_id, **options)
        rule.add_event_pattern(
            source=["aws.cloudformation"],
            detail_type=["CloudFormation Resource Status Change"],
            detail={
                "stack-id": [{"prefix": _stack_arn_without_its_guid(self)}],
                "logical-resource-id": logical_ids,
                "status-details": {"status": statuses},
            },
        )
        if target is not None:
            rule.add_target(target)
        return rule

    @property
    def _resource_id(self) -> str:
        """The logical id of the import's own resource."""
        return cast(CfnElement, self.node.default_child).logical_id

    @property
    def _wait_condition_ids(self) -> list[str]:
        """The logical id of the wait condition, in a list that is empty if there is none."""
        return [child.logical_id for child in self.node.find_all() if isinstance(child, CfnWaitCondition)]


def _group_arn(dataset_arn: str) -> str:
    """Derive the dataset group's ARN from the dataset's, arn:...:dataset/GROUP/TYPE."""
    if not is_token(dataset_arn):
        place, _, name = dataset_arn.partition(_DATASET)
        return f"{place}:dataset-group/{name.split('/')[0]}"
    parts = Fn.split(_DATASET, dataset_arn)
    group = Fn.select(0, Fn.split("/", Fn.select(1, parts)))
    return f"{Fn.select(0, parts)}:dataset-group/{group}"


def _stack_arn_without_its_guid(scope: Construct) -> str:
    """Return the beginning of a stack's ARN, which other stacks know before this one is deployed."""
    stack = Stack.of(scope)
    return stack.format_arn(service="cloudformation", resource="stack", resource_name=f"{stack.stack_name}/")
