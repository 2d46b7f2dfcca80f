# SPDX-License-Identifier: Apache-2.0
"""All imports of a stack share one handler, whose policies have room for 150 of them."""

import json
import re
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_iam as iam
from aws_cdk import aws_personalize as personalize
from aws_cdk.assertions import Annotations, Match, Template
from constructs import Construct

from cdk_personalize_import import _import_handler
from cdk_personalize_import._import_handler import ImportHandler
from tests.construct.imports import (
    DATASET_ARN,
    FUNCTION,
    HANDLER_POLICY,
    IMPORT,
    TABLE,
    Imports,
    circle,
    of_type,
)

OF_THE_HANDLER = {
    "PersonalizeImportHandlerRoleFA0B7E86",
    "PersonalizeImportHandlerScheduleRoleE553BE75",
}


def test_ten_imports_share_one_handler(imports: Imports) -> None:
    """Function, log group, table, schedule group and two roles exist once."""
    for number in range(10):
        imports.add(f"Import{number}")

    template = imports.template()

    template.resource_count_is(IMPORT, 10)
    template.resource_count_is(FUNCTION, 1)
    template.resource_count_is("AWS::Logs::LogGroup", 1)
    template.resource_count_is(TABLE, 1)
    template.resource_count_is("AWS::Scheduler::ScheduleGroup", 1)
    template.resource_count_is("AWS::IAM::Role", 10 + 2)
    template.resource_count_is("AWS::IAM::Policy", 2)


def test_the_handler_is_the_one_function_of_the_stack(imports: Imports) -> None:
    """Each import returns the same function, with its role and its log group."""
    first, second = (imports.add(name).handler for name in ("First", "Second"))
    cloudwatch.Alarm(imports.stack, "Alarm", metric=first.metric_errors(), threshold=1, evaluation_periods=1)

    template = imports.template()

    ((logical_id, function),) = of_type(template, FUNCTION).items()
    assert first is second
    assert imports.stack.resolve([first.role.role_arn, first.log_group.log_group_name]) == [  # type: ignore[union-attr]
        function["Properties"]["Role"],
        function["Properties"]["LoggingConfig"]["LogGroup"],
    ]
    template.has_resource_properties(
        "AWS::CloudWatch::Alarm",
        {"MetricName": "Errors", "Dimensions": [{"Name": "FunctionName", "Value": {"Ref": logical_id}}]},
    )


def test_an_import_in_another_construct_shares_the_handler(imports: Imports, stack: cdk.Stack) -> None:
    """The handler belongs to the stack, not to the scope of the first import."""
    imports.add("First", scope=Construct(stack, "Group"))
    imports.add("Second")

    imports.template().resource_count_is(FUNCTION, 1)


def test_a_nested_stack_has_a_handler_of_its_own(stack: cdk.Stack, imports: Imports) -> None:
    """Neither stack depends on the other."""
    nested = cdk.NestedStack(stack, "Nested")
    imports.add("Outside")
    imports.add("Inside", scope=nested)

    for template in (imports.template(), Template.from_stack(nested)):
        template.resource_count_is(IMPORT, 1)
        template.resource_count_is(FUNCTION, 1)


def test_a_stack_holds_150_imports(imports: Imports) -> None:
    """Policies stay within IAM's limits, and each import depends on the policies."""
    group = "arn:aws:personalize:eu-west-1:111122223333:dataset-group/shop"
    for number in range(150):
        dataset = personalize.CfnDataset(
            imports.stack,
            f"Dataset{number}",
            name=f"dataset{number}",
            dataset_group_arn=group,
            dataset_type="Items",
            schema_arn="arn:aws:personalize:eu-west-1:111122223333:schema/items",
        )
        imports.add(f"Import{number}", dataset_arn=dataset.attr_dataset_arn)

    template = imports.template()

    first = of_type(template, "AWS::IAM::Policy")[HANDLER_POLICY]
    more = of_type(template, "AWS::IAM::ManagedPolicy")
    assert length(first) <= 10_240
    assert all(length(policy) <= 6_144 for policy in more.values())
    assert 1 <= len(more) <= 10
    assert datasets_of(first, *more.values()) == {f"Dataset{number}" for number in range(150)}
    assert roles_of(first, *more.values()) == set(of_type(template, "AWS::IAM::Role")) - OF_THE_HANDLER
    for resource in of_type(template, IMPORT).values():
        assert {HANDLER_POLICY, *more} <= set(resource["DependsOn"])
    assert circle(template) == []


@pytest.mark.parametrize(("number", "warnings"), [(70, 0), (160, 1)])
def test_more_policies_than_a_role_may_have_draw_a_warning(
    stack: cdk.Stack, monkeypatch: pytest.MonkeyPatch, number: int, warnings: int
) -> None:
    """IAM would refuse the eleventh managed policy, here the second, unless its quota was raised."""
    monkeypatch.setattr(_import_handler, "_MOST_MANAGED_POLICIES", 1)
    handler, role = ImportHandler.of(stack), iam.Role.from_role_name(stack, "Role", "reader")
    tags = cdk.TagManager(cdk.TagType.KEY_VALUE, IMPORT)
    for each in range(number):
        handler.grant_import(DATASET_ARN.replace("/shop/", f"/shop{each:057}/"), role, tags)

    found = Annotations.from_stack(stack).find_warning("*", Match.string_like_regexp("policiesMany"))

    assert len(found) == warnings


def test_an_import_whose_dataset_and_role_are_listed_begins_no_policy(stack: cdk.Stack) -> None:
    """IAM refuses a policy without statements."""
    handler, role = ImportHandler.of(stack), iam.Role.from_role_name(stack, "Role", "reader")
    tags = cdk.TagManager(cdk.TagType.KEY_VALUE, IMPORT)
    datasets = [DATASET_ARN.replace("/shop/", f"/shop{number:057}/") for number in range(50)]

    for dataset in datasets:
        handler.grant_import(dataset, role, tags)
        handler.grant_import(datasets[0], role, tags)

    assert {error for child in stack.node.find_all() for error in child.node.validate()} == set()


def length(policy: dict[str, Any]) -> int:
    """Count the characters that IAM counts, with each ARN as long as it can be."""
    dataset = (
        "arn:aws-us-gov:personalize:us-gov-west-1:111122223333:dataset/" + "g" * 63 + "/ACTION_INTERACTIONS"
    )
    role = "arn:aws-us-gov:iam::111122223333:role/personalize/" + "p" * 24 + "/" + "r" * 64
    text = json.dumps(policy["Properties"]["PolicyDocument"], separators=(",", ":"))
    text = re.sub(r'{"Fn::GetAtt":\["Dataset[^]]*]}', f'"{dataset}"', text)
    return len(re.sub(r'{"Fn::GetAtt":\["Import[0-9]+ServiceRole[^]]*]}', f'"{role}"', text))


def datasets_of(*policies: dict[str, Any]) -> set[str]:
    """Return the logical ids of the datasets that the policies name."""
    return set(re.findall(r'\["(Dataset[0-9]+)", "DatasetArn"]', json.dumps(policies)))


def roles_of(*policies: dict[str, Any]) -> set[str]:
    """Return the logical ids of the imports' roles that the policies name."""
    return set(re.findall(r'\["(Import[0-9]+ServiceRole[^"]*)", "Arn"]', json.dumps(policies)))
