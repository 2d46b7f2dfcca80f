# SPDX-License-Identifier: Apache-2.0
"""The actions of a call in IAM, and whether policies allow them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from ministack.core import iam_evaluator as evaluator

ACCOUNT = "123456789012"
REGION = "us-east-1"
ACTIONS_OF_S3 = {"HeadObject": "GetObject", "CopyObject": "PutObject"}
LISTS = {"ListDatasetImportJobs"}
NAMED = {
    "CreateDatasetImportJob": ["datasetArn"],
    "DescribeDataset": ["datasetArn"],
    "DescribeDatasetImportJob": ["datasetImportJobArn"],
}


@dataclass(frozen=True)
class Call:
    """An action of a principal on a resource.

    Attributes:
        action: The action of IAM.
        resource: The ARN of the resource; `*` if the action has none.
        context: The condition keys.
        principal: The service or role, for a policy of the resource.
    """

    action: str
    resource: str
    context: tuple[tuple[str, str], ...] = ()
    principal: str = ""


def calls_of(service: str, operation: str, params: dict[str, Any]) -> Iterator[Call]:
    """Yield the actions and resources of a call, by the Service Authorization Reference."""
    if service == "scheduler":
        schedule = f"schedule/{params['GroupName']}/{params['Name']}"
        yield Call(f"scheduler:{operation}", f"arn:aws:scheduler:{REGION}:{ACCOUNT}:{schedule}")
        if "Target" in params:
            yield pass_role(params["Target"]["RoleArn"], "scheduler.amazonaws.com")
        return
    if service == "dynamodb":
        table = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{params['TableName']}"
        yield Call(f"dynamodb:{operation}", table)
        return
    if service == "cloudformation":
        yield Call(f"cloudformation:{operation}", params["StackName"])
        return
    if service == "s3":
        if operation == "DeleteObjects":
            for each in params["Delete"]["Objects"]:
                yield Call("s3:DeleteObject", f"arn:aws:s3:::{params['Bucket']}/{each['Key']}")
            return
        if "CopySource" in params:
            yield Call("s3:GetObject", f"arn:aws:s3:::{params['CopySource']}")
        action = ACTIONS_OF_S3.get(operation, operation)
        yield Call(f"s3:{action}", f"arn:aws:s3:::{params['Bucket']}/{params['Key']}")
        return
    action = f"personalize:{operation}"
    if operation in LISTS:
        yield Call(action, "*")
    for name in NAMED.get(operation, []):
        yield Call(action, params[name])
    if operation == "CreateDatasetImportJob":
        job = f"arn:aws:personalize:{REGION}:{ACCOUNT}:dataset-import-job/{params['jobName']}"
        yield Call(action, job)
        yield pass_role(params["roleArn"], "personalize.amazonaws.com")
        if "tags" in params:
            yield Call("personalize:TagResource", job)


def pass_role(arn: str, service: str) -> Call:
    """Return the call that passes a role to a service."""
    return Call("iam:PassRole", arn, (("iam:passedtoservice", service),))


def allowed(call: Call, documents: Iterable[dict[str, Any]]) -> bool:
    """Whether policies allow a call. If it has a principal, they are policies of the resource."""
    context = evaluator.EvalContext(
        principal_arn=call.principal or f"arn:aws:sts::{ACCOUNT}:assumed-role/handler/session",
        principal_type="AssumedRole",
        principal_account=ACCOUNT,
        action=call.action,
        resource_arn=call.resource,
        region=REGION,
        source_ip="",
        secure_transport=True,
        service_context=dict(call.context),
    )
    if call.principal:
        service = call.principal if call.principal.endswith(".amazonaws.com") else None
        return any(
            evaluator.evaluate_resource_policy(document, context, service=service).decision == "Allow"
            for document in documents
        )
    parsed = [evaluator.parse_policy_document(document) for document in documents]
    return bool(evaluator.evaluate(context, parsed).decision == "Allow")


def unused(documents: Iterable[dict[str, Any]], calls: Iterable[Call]) -> list[tuple[str, dict[str, Any]]]:
    """Return the allowed actions that no call needs."""
    found = []
    for document in documents:
        for statement in document["Statement"]:
            actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
            for action in actions:
                alone = {**document, "Statement": [{**statement, "Action": action}]}
                if statement["Effect"] == "Allow" and not any(allowed(call, [alone]) for call in calls):
                    found.append((action, statement))
    return found
