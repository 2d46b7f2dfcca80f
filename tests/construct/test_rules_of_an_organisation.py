# SPDX-License-Identifier: Apache-2.0
"""An organisation's rules for roles: paths, names, boundaries and roles that exist already."""

import json
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import jsii
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk.assertions import Annotations, Match, Template
from constructs import IConstruct

from cdk_personalize_import import DatasetImportJob
from tests.construct.imports import (
    DATASET_ARN,
    HANDLER_POLICY,
    OTHER_DATASET,
    Imports,
    circle,
    of_type,
    statements,
)

BOUNDARY = "arn:aws:iam::111122223333:policy/boundary"


@jsii.implements(cdk.IAspect)
class RulesForRoles:
    """An aspect that sets properties of every role of CloudFormation."""

    def __init__(self, **properties: str) -> None:
        self._properties = properties

    def visit(self, node: IConstruct) -> None:
        if isinstance(node, iam.CfnRole):
            for name, value in self._properties.items():
                setattr(node, name, value.format(id=node.node.addr[:8]))


def passed_roles(template: Template) -> list[Any]:
    """Return what the function may pass to Personalize."""
    (statement,) = [
        found
        for found in statements(template, HANDLER_POLICY)
        if "personalize.amazonaws.com" in json.dumps(found.get("Condition"))
    ]
    resources: list[Any] = statement["Resource"]
    return resources


@pytest.mark.parametrize(
    "rules",
    [
        {"path": "/org/"},
        {"path": "/"},
        {"role_name": "org-{id}"},
        {"permissions_boundary": BOUNDARY},
        {"path": "/org/", "role_name": "org-{id}", "permissions_boundary": BOUNDARY},
    ],
    ids=["path", "no path", "name", "boundary", "all"],
)
def test_the_function_may_pass_the_role_whatever_an_aspect_changes(
    imports: Imports, rules: dict[str, str]
) -> None:
    """The policy refers to the role's ARN."""
    imports.add()
    cdk.Aspects.of(imports.stack).add(RulesForRoles(**rules))

    assert passed_roles(imports.template()) == [{"Fn::GetAtt": ["ImportServiceRole6053FBA1", "Arn"]}]


@pytest.mark.parametrize(
    ("rules", "pattern"),
    [
        ({}, ":role/personalize/Here/*"),
        ({"path": "/org/"}, ":role/org/*"),
        ({"path": "/"}, ":role/*"),
        ({"role_name": "org-{id}"}, ":role/personalize/Here/org-"),
        ({"path": "/org/", "role_name": "org-{id}"}, ":role/org/org-"),
    ],
    ids=["none", "path", "no path", "name", "path and name"],
)
def test_the_policies_of_another_account_match_the_role_after_aspects(
    app: cdk.App, rules: dict[str, str], pattern: str
) -> None:
    """The policies of bucket and key match the role by a pattern, which is resolved after aspects."""
    here, there = (
        cdk.Stack(app, name, env=cdk.Environment(account=account, region="eu-west-1"))
        for name, account in (("Here", "111122223333"), ("There", "999999999999"))
    )
    key = kms.Key(there, "Key")
    Imports(here, s3.Bucket(there, "Bucket", bucket_name="theirs", encryption_key=key)).add()
    cdk.Aspects.of(app).add(RulesForRoles(**rules))

    template = Template.from_stack(there)

    for kind, document in (("AWS::S3::BucketPolicy", "PolicyDocument"), ("AWS::KMS::Key", "KeyPolicy")):
        (resource,) = of_type(template, kind).values()
        role = resource["Properties"][document]["Statement"][-1]
        assert pattern in json.dumps(role["Condition"]["ArnLike"]["aws:PrincipalArn"])


def test_the_printed_statements_match_the_role_after_aspects(app: cdk.App) -> None:
    """They are printed after all aspects."""
    here = cdk.Stack(app, "Here", env=cdk.Environment(account="111122223333", region="eu-west-1"))
    theirs = s3.Bucket.from_bucket_attributes(
        here, "Theirs", bucket_name="theirs", account="999999999999", region="eu-west-1"
    )
    Imports(here, theirs).add()
    cdk.Aspects.of(app).add(RulesForRoles(path="/org/"))

    (warning,) = Annotations.from_stack(here).find_warning("*", Match.any_value())

    assert "arn:aws:iam::111122223333:role/org/*" in str(warning.entry.data)


def test_two_roles_with_names_are_both_matched(app: cdk.App) -> None:
    """One statement lists both patterns."""
    here, there = (
        cdk.Stack(app, name, env=cdk.Environment(account=account, region="eu-west-1"))
        for name, account in (("Here", "111122223333"), ("There", "999999999999"))
    )
    imports = Imports(here, s3.Bucket(there, "Bucket", bucket_name="theirs"))
    imports.add("One")
    imports.add("Two", dataset_arn=OTHER_DATASET)
    cdk.Aspects.of(app).add(RulesForRoles(role_name="org-{id}"))

    (policy,) = of_type(Template.from_stack(there), "AWS::S3::BucketPolicy").values()

    _, role = policy["Properties"]["PolicyDocument"]["Statement"]
    assert len(role["Condition"]["ArnLike"]["aws:PrincipalArn"]) == 2


def test_an_import_that_depends_on_another_makes_no_circle_of_the_roles(imports: Imports) -> None:
    """The role is no child of the import, so it does not depend on the other import."""
    first = imports.add("First")
    second = imports.add("Second", dataset_arn=OTHER_DATASET)
    second.node.add_dependency(first)

    template = imports.template()

    assert circle(template) == []
    roles = of_type(template, "AWS::IAM::Role")
    assert [role.get("DependsOn") for name, role in roles.items() if name.startswith("Second")] == [None]


def test_a_custom_qualifier_changes_nothing_that_an_import_may_do() -> None:
    """The synthesizer's names do not appear in the permissions."""

    def policy(synthesizer: cdk.IStackSynthesizer | None) -> list[dict[str, Any]]:
        stack = cdk.Stack(cdk.App(), "Stack", synthesizer=synthesizer)
        imports = Imports(stack, s3.Bucket(stack, "Bucket"))
        imports.add()
        return statements(imports.template(), HANDLER_POLICY)

    assert policy(cdk.DefaultStackSynthesizer(qualifier="company")) == policy(None)


def customized(tmp_path: Path, **more: str) -> tuple[cdk.Stack, DatasetImportJob, cdk.App]:
    """A stack whose roles have been made outside of the app, with two imports."""
    app = cdk.App(outdir=str(tmp_path / "cdk.out"))
    stack = cdk.Stack(app, "Stack")
    iam.Role.customize_roles(
        stack,
        use_precreated_roles={
            "Stack/ImportServiceRole": "reader",
            "Stack/OtherServiceRole": "other-reader",
            "Stack/PersonalizeImportHandler/Role": "handler",
            "Stack/PersonalizeImportHandler/ScheduleRole": "schedules",
        },
    )
    imports = Imports(stack, s3.Bucket(stack, "Bucket", encryption_key=kms.Key(stack, "Key")))
    imports.add("Other", dataset_arn=OTHER_DATASET)
    return stack, imports.add(), app


def test_precreated_roles_are_used(tmp_path: Path) -> None:
    """The imports use them, and the template creates none."""
    stack, _, _ = customized(tmp_path)

    template = Template.from_stack(stack)

    assert of_type(template, "AWS::IAM::Role") == of_type(template, "AWS::IAM::Policy") == {}
    (function,) = of_type(template, "AWS::Lambda::Function").values()
    assert "role/handler" in json.dumps(function["Properties"]["Role"])


def test_the_report_of_precreated_roles_lists_all_statements_of_the_handler(tmp_path: Path) -> None:
    """The report reads a statement when it is added, so no list grows later."""
    _, job, app = customized(tmp_path)
    cdk.Tags.of(job).add("team", "shop")
    app.synth()

    report = json.loads((tmp_path / "cdk.out" / "iam-policy-report.json").read_text())

    (handler,) = [role for role in report["roles"] if role["roleName"] == "handler"]
    text = json.dumps(handler["identityPolicyStatements"])
    assert "Token[" not in text
    for needed in (DATASET_ARN, OTHER_DATASET, "role/reader", "role/other-reader", "personalize:TagResource"):
        assert needed in text


def test_the_policies_of_the_data_match_precreated_roles_by_their_names(tmp_path: Path) -> None:
    """Such roles do not have the path of the imports."""
    stack, _, _ = customized(tmp_path)

    (key,) = of_type(Template.from_stack(stack), "AWS::KMS::Key").values()

    condition = json.dumps(key["Properties"]["KeyPolicy"]["Statement"][-1]["Condition"])
    assert ":role/reader" in condition
    assert ":role/other-reader" in condition


@pytest.mark.parametrize(
    ("principal", "refused"),
    [
        (iam.ServicePrincipal("personalize.amazonaws.com"), False),
        (
            iam.CompositePrincipal(
                iam.ServicePrincipal("glue.amazonaws.com"), iam.ServicePrincipal("personalize.amazonaws.com")
            ),
            False,
        ),
        (iam.ServicePrincipal("glue.amazonaws.com"), True),
        (iam.AccountRootPrincipal(), True),
    ],
    ids=["Personalize", "another service too", "another service", "the account"],
)
def test_a_role_of_the_app_that_personalize_may_not_assume_is_refused(
    app: cdk.App, imports: Imports, principal: iam.IPrincipal, refused: bool
) -> None:
    """Personalize would refuse the import only after minutes."""
    imports.add(role=iam.Role(imports.stack, "Given", assumed_by=principal))

    if not refused:
        app.synth()
        return
    with pytest.raises(RuntimeError) as error:
        app.synth()
    assert (
        "[Stack/Import] role must trust personalize.amazonaws.com, got Stack/Given, which does not. Create "
        "the role with assumed_by=iam.ServicePrincipal('personalize.amazonaws.com')" in str(error.value)
    )


def test_the_trust_of_a_role_may_come_later(app: cdk.App, imports: Imports) -> None:
    """The trust policy is validated at synth."""
    role = iam.Role(imports.stack, "Given", assumed_by=iam.ServicePrincipal("glue.amazonaws.com"))
    imports.add(role=role)
    assert role.assume_role_policy is not None
    role.assume_role_policy.add_statements(
        iam.PolicyStatement(
            actions=["sts:AssumeRole"], principals=[iam.ServicePrincipal("personalize.amazonaws.com")]
        )
    )

    app.synth()

    assert passed_roles(imports.template()) == [{"Fn::GetAtt": ["GivenEA18D9CA", "Arn"]}]


def test_the_trust_of_a_role_that_is_only_referred_to_is_not_known(app: cdk.App, imports: Imports) -> None:
    """An imported role has no trust policy in the app."""
    imports.add(role=iam.Role.from_role_name(imports.stack, "Given", "reader"))

    app.synth()

    (role,) = passed_roles(imports.template())
    assert role["Fn::Join"][1][-1] == ":role/reader"
