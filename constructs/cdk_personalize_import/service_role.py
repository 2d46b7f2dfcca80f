# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from aws_cdk import ArnFormat, Aws, Stack
from aws_cdk import aws_iam as iam
from constructs import Construct

from cdk_personalize_import.access import PERSONALIZE, read_statements
from cdk_personalize_import.data_location import DataLocation

_PATH = f"personalize/{Aws.STACK_NAME}/"


class ServiceRole(iam.Role):
    """The role in which Amazon Personalize reads the data of one import, and can read nothing else.

    The policy is part of the role, so that the role is never there without it.
    """

    def __init__(self, scope: Construct, construct_id: str, *, location: DataLocation) -> None:
        super().__init__(
            scope,
            construct_id,
            description="Lets Amazon Personalize read the data of one import",
            assumed_by=self._personalize_of_this_account(scope),
            path=f"/{_PATH}",
            inline_policies={
                "ReadTrainingData": iam.PolicyDocument(statements=read_statements(location)),
            },
        )

    @staticmethod
    def arns_of_stack(scope: Construct) -> str:
        """Return the pattern of the ARNs of all the roles of this kind in a stack.

        With a path of their own, one pattern allows to pass just these. A policy that named each role would
        outgrow IAM's limit, and would make each import wait for the role of every other.
        """
        return Stack.of(scope).format_arn(
            service="iam", region="", resource="role", resource_name=f"{_PATH}*"
        )

    @staticmethod
    def _personalize_of_this_account(scope: Construct) -> iam.IPrincipal:
        """Personalize, on behalf of this account only.

        See https://docs.aws.amazon.com/personalize/latest/dg/cross-service-confused-deputy-prevention.html
        """
        stack = Stack.of(scope)
        anything = stack.format_arn(
            service="personalize", resource="*", arn_format=ArnFormat.NO_RESOURCE_NAME
        )
        return iam.ServicePrincipal(
            PERSONALIZE,
            conditions={
                "StringEquals": {"aws:SourceAccount": stack.account},
                "ArnLike": {"aws:SourceArn": anything},
            },
        )
