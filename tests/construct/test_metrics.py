# SPDX-License-Identifier: Apache-2.0
"""The metrics of imports, and the rules for their failures and successes."""

import inspect
from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns
from aws_cdk.assertions import Template

from cdk_personalize_import import DatasetImportJob, InvalidPropertiesError
from cdk_personalize_import._monitoring import MetricOptions
from tests.construct.imports import DATASET_ARN, IMPORT, Imports, of_type

GROUP_ARN = "arn:aws:personalize:eu-west-1:111122223333:dataset-group/shop"
ALARM = "AWS::CloudWatch::Alarm"
RULE = "AWS::Events::Rule"
Method = Callable[[DatasetImportJob], cloudwatch.Metric]


def alarm_on(imports: Imports, metric: cloudwatch.IMetric) -> dict[str, Any]:
    """Return the properties of an alarm on the metric."""
    cloudwatch.Alarm(imports.stack, "Alarm", metric=metric, threshold=1, evaluation_periods=1)
    (alarm,) = of_type(imports.template(), ALARM).values()
    properties: dict[str, Any] = alarm["Properties"]
    return properties


def rule_of(template: Template) -> dict[str, Any]:
    """Return the properties of the only rule."""
    (rule,) = of_type(template, RULE).values()
    properties: dict[str, Any] = rule["Properties"]
    return properties


@pytest.mark.parametrize(
    ("method", "name", "statistic"),
    [
        (DatasetImportJob.metric_requests, "DatasetImportJobRequests", "Sum"),
        (DatasetImportJob.metric_errors, "DatasetImportJobError", "Sum"),
        (DatasetImportJob.metric_execution_time, "DatasetImportJobExecutionTime", "Average"),
        (DatasetImportJob.metric_dataset_size, "DatasetSize", "Average"),
    ],
)
def test_each_metric_is_one_that_personalize_publishes(
    imports: Imports, method: Method, name: str, statistic: str
) -> None:
    """Counts are sums, and times and sizes are averages."""
    alarm = alarm_on(imports, method(imports.add()))

    assert alarm["Namespace"] == "AWS/Personalize"
    assert (alarm["MetricName"], alarm["Statistic"]) == (name, statistic)


def test_a_metric_is_that_of_the_imports_job(imports: Imports) -> None:
    """Its dimensions are dataset group, dataset and job, so it waits for the job."""
    alarm = alarm_on(imports, imports.add().metric_dataset_size())

    (job,) = of_type(imports.template(), IMPORT)
    assert {each["Name"]: each["Value"] for each in alarm["Dimensions"]} == {
        "DatasetGroupArn": GROUP_ARN,
        "DatasetArn": DATASET_ARN,
        "DatasetImportJobArn": {"Fn::GetAtt": [job, "DatasetImportJobArn"]},
    }


def test_the_dataset_group_of_a_dataset_that_is_yet_to_be_made_is_split_off_its_arn(
    imports: Imports,
) -> None:
    """CloudFormation derives the ARN of the group from the dataset's."""
    dataset = cdk.CfnParameter(imports.stack, "Dataset").value_as_string
    parts = {"Fn::Split": [":dataset/", {"Ref": "Dataset"}]}
    group = {"Fn::Select": [0, {"Fn::Split": ["/", {"Fn::Select": [1, parts]}]}]}

    alarm = alarm_on(imports, imports.add(dataset_arn=dataset).metric_dataset_size())

    expected = {"Fn::Join": ["", [{"Fn::Select": [0, parts]}, ":dataset-group/", group]]}
    assert {"Name": "DatasetGroupArn", "Value": expected} in alarm["Dimensions"]


def test_the_properties_of_a_metric_can_be_set(imports: Imports) -> None:
    """Statistic, period and dimensions can be set, as for every metric of the CDK."""
    metric = imports.add().metric_errors(
        statistic="Maximum", period=cdk.Duration.hours(1), dimensions_map={"DatasetArn": DATASET_ARN}
    )

    alarm = alarm_on(imports, metric)

    assert (alarm["Statistic"], alarm["Period"]) == ("Maximum", 3600)
    assert alarm["Dimensions"] == [{"Name": "DatasetArn", "Value": DATASET_ARN}]


def test_a_metric_keeps_account_and_region_of_its_import_in_another_stack(app: cdk.App) -> None:
    """A dashboard in another stack shows the metrics of the import's account and region."""
    stack = cdk.Stack(app, "Here", env=cdk.Environment(account="111122223333", region="eu-west-1"))
    elsewhere = cdk.Stack(app, "There", env=cdk.Environment(account="111122223333", region="us-east-1"))
    job = Imports(stack, s3.Bucket(stack, "Bucket")).add()
    metric = job.metric_errors(dimensions_map={"DatasetArn": DATASET_ARN})

    dashboard = cloudwatch.Dashboard(elsewhere, "Dashboard")
    dashboard.add_widgets(cloudwatch.GraphWidget(left=[metric]))

    (made,) = of_type(Template.from_stack(elsewhere), "AWS::CloudWatch::Dashboard").values()
    assert '"region":"eu-west-1"' in str(made["Properties"]["DashboardBody"])


def test_a_metric_of_the_dataset_is_a_query_over_all_its_jobs(imports: Imports) -> None:
    """The query selects by dataset, so an alarm covers later imports and waits for no job."""
    metric = imports.add().metric_of_dataset("DatasetImportJobError", period=cdk.Duration.minutes(1))

    alarm = alarm_on(imports, metric)

    assert alarm["Metrics"] == [
        {
            "Id": "expr_1",
            "Expression": 'SELECT SUM(DatasetImportJobError) FROM "AWS/Personalize" '
            f"WHERE DatasetArn = '{DATASET_ARN}'",
            "Label": "DatasetImportJobError",
            "Period": 60,
            "ReturnData": True,
        }
    ]


@pytest.mark.parametrize("statistic", ["Average", "sum", "p90", None])
def test_a_query_has_a_function_of_metrics_insights(imports: Imports, statistic: Any) -> None:
    """Other names of statistics would fail only at deploy time."""
    job = imports.add()

    with pytest.raises(InvalidPropertiesError) as refused:
        job.metric_of_dataset("DatasetImportJobError", statistic=statistic)

    assert str(refused.value) == (
        f"statistic of metric_of_dataset must be one of AVG, COUNT, MAX, MIN, SUM, got {statistic!r} "
        "(Stack/Import). Pass a function of Metrics Insights; statistics such as 'Average' are for other "
        "metrics."
    )


def test_a_metric_takes_what_the_metrics_of_the_cdk_take() -> None:
    """The properties have the same names, and an editor completes them."""
    names = set(inspect.signature(cloudwatch.MetricOptions).parameters)

    assert names == set(MetricOptions.__annotations__)


def test_the_rule_for_failures_matches_the_import_and_no_other(imports: Imports) -> None:
    """It matches the prefix of the stack's ARN and the logical id."""
    imports.add("Other")
    imports.add("Import").on_failed("Failed")

    template = imports.template()
    (job,) = (name for name in of_type(template, IMPORT) if name.startswith("Import"))
    assert rule_of(template)["EventPattern"] == {
        "source": ["aws.cloudformation"],
        "detail-type": ["CloudFormation Resource Status Change"],
        "detail": {
            "stack-id": [{"prefix": stack_arn("stack/Stack/")}],
            "logical-resource-id": [job],
            "status-details": {"status": ["CREATE_FAILED", "UPDATE_FAILED"]},
        },
    }


def test_the_rule_for_failures_takes_what_a_rule_takes(imports: Imports) -> None:
    """Name and description can be set, and a target can be added later."""
    rule = imports.add().on_failed("Failed", rule_name="import-failed", description="Wake somebody")
    rule.add_target(targets.SnsTopic(sns.Topic(imports.stack, "Topic")))

    made = rule_of(imports.template())

    assert (made["Name"], made["Description"], len(made["Targets"])) == (
        "import-failed",
        "Wake somebody",
        1,
    )


def test_what_is_no_target_of_a_rule_is_refused(imports: Imports) -> None:
    """The error says how to wrap a topic or a function."""
    job = imports.add()
    topic = sns.Topic(imports.stack, "Topic")

    with pytest.raises(InvalidPropertiesError) as refused:
        job.on_failed("Failed", target=topic)  # type: ignore[arg-type]

    assert str(refused.value) == (
        f"target of on_failed must be an events.IRuleTarget, got {topic!r} (Stack/Import). "
        "Pass a target of aws_events_targets, such as SnsTopic(topic)."
    )
    imports.template().resource_count_is(RULE, 0)


def test_the_rule_for_failures_can_be_in_a_stack_that_is_deployed_before(
    app: cdk.App, imports: Imports
) -> None:
    """It refers to no resource of the import's stack, so neither stack depends on the other."""
    before = cdk.Stack(app, "Before")
    topic = sns.Topic(before, "Topic")
    imports.add().on_failed("Failed", target=targets.SnsTopic(topic), cross_stack_scope=before)

    rule = rule_of(Template.from_stack(before))

    (logical_id,) = of_type(imports.template(), IMPORT)
    assert rule["EventPattern"]["detail"]["logical-resource-id"] == [logical_id]
    assert rule["Targets"][0]["Arn"] == before.resolve(topic.topic_arn)
    assert before.dependencies == imports.stack.dependencies == []


def test_the_rule_for_failures_matches_the_wait_condition_of_a_long_import_too(imports: Imports) -> None:
    """An import of several hours fails by its wait condition."""
    job = imports.add()
    wait = cdk.CfnWaitCondition(job, "Wait")

    job.on_failed("Failed")

    logical_ids = rule_of(imports.template())["EventPattern"]["detail"]["logical-resource-id"]
    assert logical_ids[1:] == [imports.stack.resolve(wait.logical_id)]


def test_the_rule_for_successes_matches_the_import_and_no_other(imports: Imports) -> None:
    """It matches the stack and the logical id, for creations and updates."""
    imports.add("Other")
    imports.add("Import").on_complete("Complete")

    template = imports.template()
    (job,) = (name for name in of_type(template, IMPORT) if name.startswith("Import"))
    assert rule_of(template)["EventPattern"]["detail"] == {
        "stack-id": [{"prefix": stack_arn("stack/Stack/")}],
        "logical-resource-id": [job],
        "status-details": {"status": ["CREATE_COMPLETE", "UPDATE_COMPLETE"]},
    }


def test_the_rule_for_successes_matches_the_wait_of_a_long_import_alone(imports: Imports) -> None:
    """The import's own resource is complete when the job is accepted."""
    job = imports.add(timeout=cdk.Duration.hours(3))

    job.on_complete("Complete", target=targets.SnsTopic(sns.Topic(imports.stack, "Topic")))

    template = imports.template()
    (wait,) = of_type(template, "AWS::CloudFormation::WaitCondition")
    assert rule_of(template)["EventPattern"]["detail"]["logical-resource-id"] == [wait]
    assert len(rule_of(template)["Targets"]) == 1


def test_a_rule_for_successes_of_an_import_that_is_not_waited_for_is_refused(imports: Imports) -> None:
    """The event would be sent when the job is accepted."""
    job = imports.add(wait=False)

    with pytest.raises(InvalidPropertiesError) as refused:
        job.on_complete("Complete")

    assert str(refused.value) == (
        "on_complete must be used with wait=True, because the event would come before the data "
        "(Stack/Import). Remove wait=False."
    )


@pytest.mark.parametrize("method", [DatasetImportJob.on_failed, DatasetImportJob.on_complete])
def test_a_rule_takes_what_on_event_of_the_cdk_takes(method: Callable[..., Any]) -> None:
    """The arguments have the same names."""
    names = set(inspect.signature(events.OnEventOptions).parameters)

    assert set(inspect.signature(method).parameters) == {"self", "construct_id", *names}


def test_a_pattern_that_is_given_narrows_the_rule(imports: Imports) -> None:
    """An event must match both patterns."""
    imports.add().on_failed("Failed", event_pattern={"detail": {"physical-resource-id": ["x"]}})

    pattern = rule_of(imports.template())["EventPattern"]

    assert pattern["detail"]["physical-resource-id"] == ["x"]
    assert pattern["source"] == ["aws.cloudformation"]


def stack_arn(name: str) -> dict[str, Any]:
    """Return the ARN as CloudFormation joins it."""
    place = [{"Ref": "AWS::Region"}, ":", {"Ref": "AWS::AccountId"}]
    return {"Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, ":cloudformation:", *place, f":{name}"]]}
