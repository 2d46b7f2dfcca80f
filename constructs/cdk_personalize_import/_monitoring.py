# SPDX-License-Identifier: Apache-2.0
"""Metrics and events of an import: those of Amazon Personalize, and those of CloudFormation.

Names, units and dimensions of the metrics are those of
https://docs.aws.amazon.com/personalize/latest/dg/cloudwatch-metrics.html

Personalize sends no event when a job changes its state: EventBridge has from it only the calls of its API
that CloudTrail records (https://docs.aws.amazon.com/eventbridge/latest/ref/events-ref-personalize.html).
CloudFormation sends one when a resource changes its status, with the reason. The rules match that:
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
        """A metric that Amazon Personalize publishes about this import's job.

        It has the dimensions DatasetGroupArn, DatasetArn and DatasetImportJobArn. Each import job has metrics
        of its own, so what uses one waits for the import, and an alarm on it cannot hear that the import
        fails: use `metric_of_dataset` for alarms. What is said of `dataset_import_job_arn` in other stacks
        holds for it too.

        Args:
            metric_name: The metric's name, such as `DatasetSize`.
            props: `statistic`, `period`, `label` and the other names of `cloudwatch.MetricOptions`. Left out,
                the statistic is the average of five minutes; Personalize offers Average, Minimum, Maximum
                and Sum.
        """
        dimensions = {
            "DatasetGroupArn": _group_arn(self.dataset_arn),
            "DatasetArn": self.dataset_arn,
            "DatasetImportJobArn": self.dataset_import_job_arn,
        }
        props.setdefault("dimensions_map", dimensions)
        return cloudwatch.Metric(namespace=NAMESPACE, metric_name=metric_name, **props).attach_to(self)

    def metric_requests(self, **props: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """How many calls of CreateDatasetImportJob succeeded, summed up (DatasetImportJobRequests)."""
        props.setdefault("statistic", "Sum")
        return self.metric("DatasetImportJobRequests", **props)

    def metric_errors(self, **props: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """How many calls of CreateDatasetImportJob resulted in an error, summed up (DatasetImportJobError).

        A call that is refused because a policy is not usable yet is made again, and the import succeeds.
        """
        props.setdefault("statistic", "Sum")
        return self.metric("DatasetImportJobError", **props)

    def metric_execution_time(self, **props: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """The seconds from the call to the end of the job, good or bad (DatasetImportJobExecutionTime)."""
        return self.metric("DatasetImportJobExecutionTime", **props)

    def metric_dataset_size(self, **props: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """The size of the data that the job imported, in bytes (DatasetSize)."""
        return self.metric("DatasetSize", **props)

    def metric_of_dataset(
        self,
        metric_name: str,
        *,
        statistic: InsightsFunction = "SUM",
        period: Duration | None = None,
        label: str | None = None,
    ) -> cloudwatch.MathExpression:
        """A metric over all import jobs of the dataset, those to come and those of others included.

        It is a query of CloudWatch Metrics Insights, which finds the metrics that name the dataset in
        whichever dimensions they have. It asks in the region of the stack that uses it: that has to be the
        import's. Alarms on it look at the last three hours at most
        (https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-metrics-insights-limits.html).

        Args:
            metric_name: The metric's name, such as `DatasetImportJobError`.
            statistic: The function of the query: `AVG`, `COUNT`, `MAX`, `MIN` or `SUM`. Left out, the sum.
            period: The time that each figure covers. If omitted, five minutes.
            label: The name in graphs and alarms. If omitted, the metric's name.

        Raises:
            InvalidPropertiesError: The statistic is none of these; that of other metrics has other names.
        """
        functions = get_args(InsightsFunction)
        if statistic not in functions:
            problems = Problems(self.node.path)
            problems.add(
                f"statistic of metric_of_dataset must be one of {', '.join(functions)}, got {statistic!r}",
                "Pass the function of the query; the names of statistics, such as 'Average', are for the "
                "other metrics.",
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
        """A rule of Amazon EventBridge for the failures of this import in a deployment.

        The event is that CloudFormation's resource has failed, for whatever reason: the job failed,
        Personalize refused it, its time was over, or CloudFormation cancelled it because another resource
        failed. `$.detail.status-details.status-reason` is the text that the deployment shows. With
        `wait=False` there is no event of a job that fails later.

        A first deployment that fails removes the rule with its stack: give a scope in an earlier stack.

        Args:
            construct_id: The rule's name in its scope.
            target: What is invoked, e.g. `aws_events_targets.SnsTopic(topic)`. If omitted, the rule has no
                target yet: add it with `rule.add_target`.
            description: What the rule is for.
            rule_name: The rule's name in AWS. If omitted, CloudFormation makes one.
            event_pattern: What an event must match in addition. Values of `source`, `detail-type`,
                `stack-id`, `logical-resource-id` and `status` are alternatives to the rule's own.
            cross_stack_scope: A scope in another stack of the same account and region, to which the rule
                belongs. If omitted, it belongs to this import.

        Raises:
            InvalidPropertiesError: The target is none; a topic or a function has to be wrapped.
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
        """A rule of Amazon EventBridge for the successes of this import in a deployment.

        The event is that of CloudFormation: the import's resource, or the wait condition of an import of more
        than one hour, is complete, so the data is in the dataset. It also comes after an update that imports
        nothing, such as one of the role, and after a rollback that has imported the old data again. The
        deployment may still be under way, and may still be rolled back because of another resource.

        Args:
            construct_id: The rule's name in its scope.
            target: What is invoked, e.g. `aws_events_targets.SfnStateMachine(machine)`. If omitted, the rule
                has no target yet: add it with `rule.add_target`.
            description: What the rule is for, in words.
            rule_name: The rule's name in AWS. If omitted, CloudFormation makes one.
            event_pattern: What an event must match in addition, as with `on_failed`.
            cross_stack_scope: Where the rule belongs, in another stack of the same account and region. If
                omitted, it belongs to this import.

        Raises:
            InvalidPropertiesError: The target is none; or the import has `wait=False`, so that its resource
                is complete before the data is in the dataset.
        """
        problems = Problems(self.node.path)
        if not self._waits_for_data:
            rule = "on_complete must be used with wait=True, because the event would come before the data"
            problems.add(rule, "Leave wait=False out.")
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
                "Wrap it, e.g. aws_events_targets.SnsTopic(topic).",
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
        """The logical id of the wait condition of an import of more than one hour."""
        return [child.logical_id for child in self.node.find_all() if isinstance(child, CfnWaitCondition)]


def _group_arn(dataset_arn: str) -> str:
    """The dataset group's ARN, which has the same name in it: arn:...:dataset/GROUP/TYPE."""
    if not is_token(dataset_arn):
        place, _, name = dataset_arn.partition(_DATASET)
        return f"{place}:dataset-group/{name.split('/')[0]}"
    parts = Fn.split(_DATASET, dataset_arn)
    group = Fn.select(0, Fn.split("/", Fn.select(1, parts)))
    return f"{Fn.select(0, parts)}:dataset-group/{group}"


def _stack_arn_without_its_guid(scope: Construct) -> str:
    """What a stack's id begins with; the name in it is known before the stack is there, and elsewhere."""
    stack = Stack.of(scope)
    return stack.format_arn(service="cloudformation", resource="stack", resource_name=f"{stack.stack_name}/")
