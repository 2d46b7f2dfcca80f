# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import functools

from aws_cdk import Aws, Stack
from aws_cdk import aws_iam as iam
from constructs import Construct, IConstruct

from cdk_personalize_import.access import role_statements
from cdk_personalize_import.asked_once import asked_once
from cdk_personalize_import.data_location import DataLocation
from cdk_personalize_import.environments import stack_of
from cdk_personalize_import.readers import PERSONALIZE, on_behalf_of
from cdk_personalize_import.tokens import is_token

_PATH = "personalize/"


class ServiceRole(iam.Role):
    """The role in which Amazon Personalize reads the data of one import, and can read nothing else.

    The policy is part of the role, so that the role is never there without it.
    """

    def __init__(self, scope: Construct, construct_id: str, *, location: DataLocation) -> None:
        super().__init__(
            scope,
            construct_id,
            description="Lets Amazon Personalize read the data of one import",
            assumed_by=_personalize_for(stack_of(scope)),
            path=f"/{_PATH}{_stack_name()}/",
            inline_policies={
                "ReadTrainingData": iam.PolicyDocument(statements=role_statements(scope, location)),
            },
        )

    @staticmethod
    def arns_of_stack(scope: Construct) -> str:
        """Return the pattern of the ARNs of all the roles of this kind in a stack, for the stack's own use.

        With a path of their own, one pattern allows to pass just these. A policy that named each role would
        outgrow IAM's limit, and would make each import wait for the role of every other.
        """
        return _arns(scope, f"{_PATH}{_stack_name()}/*")

    @staticmethod
    def arns_elsewhere(scope: Construct) -> str:
        """Return the same pattern for the policies of other stacks, where the stack is not "this" one.

        A nested stack's name is known at deploy only, and then only to the stack itself.
        """
        name = stack_of(scope).stack_name
        return _arns(scope, f"{_PATH}*" if is_token(name) else f"{_PATH}{name}/*")

    @staticmethod
    def arns_of(role: iam.IRole) -> str:
        """Return the ARN of a role that is given, or a pattern that makes no stack depend on its own."""
        if not is_token(role.role_arn):
            return role.role_arn
        return ServiceRole.arns_elsewhere(role) if isinstance(role, ServiceRole) else _arns(role, "*")


@asked_once
def _personalize_for(stack: Stack) -> iam.ServicePrincipal:
    """Return Personalize on behalf of this account and region only."""
    return iam.ServicePrincipal(PERSONALIZE, conditions=on_behalf_of(stack))


@functools.cache
def _stack_name() -> str:
    return Aws.STACK_NAME


def _arns(scope: IConstruct, name: str) -> str:
    return stack_of(scope).format_arn(service="iam", region="", resource="role", resource_name=name)
