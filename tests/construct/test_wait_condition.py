# SPDX-License-Identifier: Apache-2.0
"""The wait condition of an import of more than one hour, which new data replaces."""

from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns
from aws_cdk.assertions import Match

from cdk_personalize_import import DataSource, ImportMode
from tests.construct.imports import DATASET_ARN, IMPORT, Imports, circle, of_type

CONDITION = "AWS::CloudFormation::WaitCondition"
HANDLE = "AWS::CloudFormation::WaitConditionHandle"
FIVE_HOURS = cdk.Duration.hours(5)


def logical_ids(**properties: Any) -> list[str]:
    """Return the logical ids of the wait condition and its handle of an import with these properties."""
    stack = cdk.Stack(cdk.App(), "Stack")
    imports = Imports(stack, s3.Bucket(stack, "Bucket"))
    if key := properties.pop("key", None):
        properties["data_source"] = DataSource.from_bucket(imports.bucket, key)
    tags = properties.pop("tags", {})
    job = imports.add(**{"timeout": FIVE_HOURS, **properties})
    for name, value in tags.items():
        cdk.Tags.of(job).add(name, value)
    template = imports.template()
    return [*of_type(template, HANDLE), *of_type(template, CONDITION)]


def only(imports: Imports, kind: str) -> tuple[str, dict[str, Any]]:
    """Synthesise the stack and return its only resource of a type."""
    (found,) = of_type(imports.template(), kind).items()
    return found


@pytest.mark.parametrize("timeout", [None, cdk.Duration.minutes(1), cdk.Duration.hours(1)])
def test_up_to_an_hour_there_is_no_wait_condition(imports: Imports, timeout: cdk.Duration | None) -> None:
    """CloudFormation waits one hour for the custom resource itself."""
    imports.add(timeout=timeout)

    template = imports.template()

    template.resource_count_is(CONDITION, 0)
    template.resource_count_is(HANDLE, 0)
    template.has_resource_properties(IMPORT, {"WaitConditionHandle": Match.absent()})


def test_over_an_hour_the_import_has_the_handle_to_signal(imports: Imports) -> None:
    """The import's own resource is still complete within an hour."""
    imports.add(timeout=FIVE_HOURS)

    handle, _ = only(imports, HANDLE)

    properties = imports.properties()
    assert properties["WaitConditionHandle"] == {"Ref": handle}
    assert properties["Timeout"] == 18_000


def test_the_wait_begins_when_the_job_has_been_accepted(imports: Imports) -> None:
    """The condition depends on the import's resource; the handle refers to nothing."""
    imports.add(timeout=FIVE_HOURS)

    handle, resource = only(imports, HANDLE)
    _, condition = only(imports, CONDITION)

    (custom_resource,) = of_type(imports.template(), IMPORT)
    assert resource == {"Type": HANDLE}
    assert condition == {
        "Type": CONDITION,
        "Properties": {"Handle": {"Ref": handle}, "Count": 1, "Timeout": "18120"},
        "DependsOn": [custom_resource],
    }


@pytest.mark.parametrize(
    ("seconds", "waits"), [(3601, "3721"), (43_080, "43200"), (43_081, "43200"), (43_200, "43200")]
)
def test_the_wait_is_longer_than_the_import_may_take(imports: Imports, seconds: int, waits: str) -> None:
    """CloudFormation waits two minutes longer than the import may take, and at most 12 hours."""
    imports.add(timeout=cdk.Duration.seconds(seconds))

    _, condition = only(imports, CONDITION)

    assert (seconds, waits) == (imports.properties()["Timeout"], condition["Properties"]["Timeout"])


def test_logical_ids_of_a_wait_do_not_move(imports: Imports) -> None:
    """After an upgrade with new ids, every stack would wait once more."""
    imports.add(timeout=FIVE_HOURS)

    assert only(imports, HANDLE)[0] == "ImportWaitConditionHandle66347f2eaaed22F5FE1F"
    assert only(imports, CONDITION)[0] == "ImportWaitCondition66347f2eaaed265A9FE2"


@pytest.mark.parametrize(
    "change",
    [
        {"dataset_arn": DATASET_ARN.replace("shop", "other")},
        {"dataset_arn": cdk.Fn.import_value("dataset")},
        {"key": "interactions.csv"},
        {"import_mode": ImportMode.INCREMENTAL},
        {"publish_attribution_metrics_to_s3": True},
        {"revision": "2"},
    ],
    ids=["dataset", "token", "location", "mode", "attribution", "revision"],
)
def test_a_change_of_the_data_replaces_the_wait_condition(change: dict[str, Any]) -> None:
    """CloudFormation waits only when it creates a wait condition."""
    before = logical_ids()

    after = logical_ids(**change)

    assert not set(before) & set(after)


def test_a_bucket_of_another_stack_replaces_the_wait_condition(app: cdk.App) -> None:
    """The buckets of two stacks may have the same logical id."""
    both = []
    for number, month in enumerate(("October", "November")):
        bucket = s3.Bucket(cdk.Stack(app, month), "Bucket")
        both.append(Imports(cdk.Stack(app, f"Stack{number}"), bucket))
        both[-1].add(timeout=FIVE_HOURS)

    before, after = (set(of_type(imports.template(), CONDITION)) for imports in both)

    assert not before & after


@pytest.mark.parametrize("content", ["ITEM_ID\n1\n", "ITEM_ID\n2\n"])
def test_a_change_of_local_data_replaces_the_wait_condition(tmp_path: Any, content: str) -> None:
    """The fingerprint contains the hash of the data."""
    path = tmp_path / "items.csv"
    path.write_text("ITEM_ID\n1\n")
    before = logical_ids(data_source=DataSource.from_asset(path))
    path.write_text(content)

    after = logical_ids(data_source=DataSource.from_asset(path))

    assert (content == "ITEM_ID\n1\n") == (before == after)


@pytest.mark.parametrize(
    "change",
    [{"tags": {"team": "shop"}}, {"job_name_prefix": "nightly"}, {"confused_deputy_conditions": True}],
    ids=["tags", "name", "conditions"],
)
def test_a_change_of_anything_else_keeps_the_wait_condition(change: dict[str, Any]) -> None:
    """The import keeps its job."""
    before = logical_ids()

    after = logical_ids(**change)

    assert before == after


def test_another_role_keeps_the_wait_condition(imports: Imports, stack: cdk.Stack) -> None:
    """A new role does not change the data."""
    role = iam.Role.from_role_arn(stack, "Given", "arn:aws:iam::111122223333:role/reader")
    other = cdk.Stack(cdk.App(), "Stack")

    imports.add(timeout=FIVE_HOURS, role=role)
    without = Imports(other, s3.Bucket(other, "Bucket"))
    without.add(timeout=FIVE_HOURS)

    assert only(imports, CONDITION)[0] == only(without, CONDITION)[0]


def test_another_timeout_makes_another_wait_condition() -> None:
    """CloudFormation cannot update a wait condition; the new one gets its signal at once."""
    before = logical_ids(timeout=cdk.Duration.hours(3))

    after = logical_ids(timeout=cdk.Duration.hours(4))

    assert not set(before) & set(after)


def test_a_resource_that_uses_the_arn_of_the_job_waits(imports: Imports) -> None:
    """The value refers to the wait condition too."""
    job = imports.add(timeout=FIVE_HOURS)

    value: Any = imports.stack.resolve(job.dataset_import_job_arn)

    condition, _ = only(imports, CONDITION)
    arn = {"Fn::GetAtt": ["Import98530AF4", "DatasetImportJobArn"]}
    assert value == {"Fn::Select": [0, [arn, {"Ref": condition}]]}


def test_the_arn_of_a_long_import_may_be_an_output() -> None:
    """The CDK's own validation, which new projects enable, accepts it."""
    app = cdk.App(context={"@aws-cdk/core:validateAgainstDefaultRules": True})
    stack = cdk.Stack(app, "Stack")
    job = Imports(stack, s3.Bucket(stack, "Bucket")).add(timeout=FIVE_HOURS)
    cdk.CfnOutput(stack, "Job", value=job.dataset_import_job_arn)

    template = app.synth().get_stack_by_name("Stack").template

    assert "Fn::Select" in template["Outputs"]["Job"]["Value"]


def test_a_resource_that_depends_on_the_import_waits(imports: Imports) -> None:
    """The wait condition is a child of the import."""
    job = imports.add(timeout=FIVE_HOURS)
    behind = sns.CfnTopic(imports.stack, "Behind")
    behind.node.add_dependency(job)

    _, topic = only(imports, "AWS::SNS::Topic")

    condition, _ = only(imports, CONDITION)
    assert condition in topic["DependsOn"]


def test_a_long_import_may_depend_on_another(imports: Imports) -> None:
    """The resources that both share do not depend on the first import."""
    first = imports.add("First", timeout=FIVE_HOURS)
    second = imports.add("Second", timeout=FIVE_HOURS)
    second.node.add_dependency(first)

    template = imports.template()

    assert circle(template) == []
    waits = {name for name in of_type(template, CONDITION) if name.startswith("First")}
    (resource,) = [r for name, r in of_type(template, IMPORT).items() if name.startswith("Second")]
    assert waits <= set(resource["DependsOn"])


@pytest.mark.parametrize(
    ("attribute", "name"),
    [
        ("status", "Status"),
        ("creation_date_time", "CreationDateTime"),
        ("last_updated_date_time", "LastUpdatedDateTime"),
    ],
)
def test_the_other_attributes_are_those_of_the_accepted_job(
    imports: Imports, attribute: str, name: str
) -> None:
    """They have the values at the completion of the import's own resource."""
    job = imports.add(timeout=FIVE_HOURS)

    assert imports.stack.resolve(getattr(job, attribute)) == {"Fn::GetAtt": ["Import98530AF4", name]}


def test_an_import_that_is_not_waited_for_has_no_wait_condition(imports: Imports) -> None:
    """It is complete when Personalize has accepted the job, whatever the timeout."""
    job = imports.add(timeout=FIVE_HOURS, wait=False)

    template = imports.template()

    template.resource_count_is(CONDITION, 0)
    template.has_resource_properties(IMPORT, {"Wait": False, "WaitConditionHandle": Match.absent()})
    arn: Any = imports.stack.resolve(job.dataset_import_job_arn)
    assert arn == {"Fn::GetAtt": ["Import98530AF4", "DatasetImportJobArn"]}


def test_a_timeout_that_is_a_token_makes_no_wait_condition(imports: Imports, stack: cdk.Stack) -> None:
    """Synth does not know whether the timeout is more than an hour."""
    number = cdk.CfnParameter(stack, "Number", type="Number").value_as_number
    imports.add(timeout=cdk.Duration.seconds(number))

    template = imports.template()

    template.resource_count_is(CONDITION, 0)
    template.has_resource_properties(IMPORT, {"Timeout": {"Ref": "Number"}})


@pytest.mark.parametrize(("timeout", "most"), [(cdk.Duration.hours(1), 3), (FIVE_HOURS, 5)])
def test_an_import_adds_few_resources_to_those_that_are_shared(
    imports: Imports, timeout: cdk.Duration, most: int
) -> None:
    """It adds three resources at most, and two more with a wait condition."""
    imports.add("First", timeout=timeout)
    before = len(imports.template().to_json()["Resources"])
    other = cdk.Stack(cdk.App(), "Stack")
    both = Imports(other, s3.Bucket(other, "Bucket"))
    both.add("First", timeout=timeout)
    both.add("Second", timeout=timeout)

    added = len(both.template().to_json()["Resources"]) - before

    assert 0 < added <= most
