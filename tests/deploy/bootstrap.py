# SPDX-License-Identifier: Apache-2.0
"""Prepares an embedded AWS for the CDK with the CLI's own template, without the seconds of the CLI."""

from __future__ import annotations

from typing import TYPE_CHECKING

from demo.cdk_cli import ROOT

if TYPE_CHECKING:
    from local_aws import LocalAws

STACK = "CDKToolkit"
TEMPLATE = ROOT / "node_modules" / "aws-cdk" / "lib" / "api" / "bootstrap" / "bootstrap-template.yaml"
PARAMETERS = {
    "CloudFormationExecutionPolicies": "arn:aws:iam::aws:policy/AdministratorAccess",
    "FileAssetsBucketKmsKeyId": "AWS_MANAGED_KEY",
    "PublicAccessBlockConfiguration": "true",
}
"""What `cdk bootstrap` passes where it has no options."""


def bootstrap(aws: LocalAws) -> None:
    """Create the bootstrap stack, and wait for it."""
    cloudformation = aws.client("cloudformation")
    cloudformation.create_stack(
        StackName=STACK,
        TemplateBody=TEMPLATE.read_text(),
        Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in PARAMETERS.items()],
        Capabilities=["CAPABILITY_NAMED_IAM"],
    )
    waiter = cloudformation.get_waiter("stack_create_complete")
    waiter.wait(StackName=STACK, WaiterConfig={"Delay": 1, "MaxAttempts": 60})
