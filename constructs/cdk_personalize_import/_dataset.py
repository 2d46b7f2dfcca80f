# SPDX-License-Identifier: Apache-2.0
"""The dataset of an import: `dataset=` or `dataset_arn=`, and its checks at synth."""

from __future__ import annotations

import re
from typing import cast

from aws_cdk import CfnResource, Reference, Tokenization
from aws_cdk import aws_personalize as personalize
from aws_cdk.region_info import RegionInfo

from cdk_personalize_import._cdk import Environment, differ, environment_of, is_token, stack_of
from cdk_personalize_import._limits import string_limit
from cdk_personalize_import._validation import Problems, check_length

_ARN = re.compile(r"arn:(?P<partition>[^:]+):personalize:(?P<region>[^:]+):(?P<account>[^:]+):dataset/.+")
_DATASET_TYPE = "AWS::Personalize::Dataset"

_MAY_HOLD_ANY_ARN = ("AWS::CloudFormation::", "AWS::SSM::")
"""Resource types whose attributes may have any value, such as the outputs of a nested stack."""

_FIX_ARN = "Pass the attr_dataset_arn of the dataset, or the dataset itself as dataset=."


def dataset_arn_of(dataset: object, dataset_arn: object) -> str:
    """Return the ARN of the dataset. If the arguments are wrong, the result has no meaning."""
    if dataset is None:
        return cast(str, dataset_arn)
    # dataset_ref creates a new token each time; with the attribute, equal datasets have equal tokens.
    if isinstance(dataset, personalize.CfnDataset):
        return dataset.attr_dataset_arn
    return cast(str, getattr(getattr(dataset, "dataset_ref", None), "dataset_arn", None))


def dataset_type_of(dataset_arn: object) -> str | None:
    """Return the type of a dataset, such as `INTERACTIONS`; None if synth does not know it."""
    if not isinstance(dataset_arn, str):
        return None
    _, slash, last = dataset_arn.rpartition("/")
    if slash and not is_token(last):
        return last
    target = _target_of(dataset_arn)
    if isinstance(target, personalize.CfnDataset) and not is_token(target.dataset_type):
        return target.dataset_type
    return None


def check_dataset(problems: Problems, dataset: object, dataset_arn: object, here: Environment) -> None:
    """Check that exactly one of the two is passed, and that it is a dataset of the stack's environment.

    The handler calls Personalize in the account and region of the stack.
    """
    if (dataset is None) == (dataset_arn is None):
        got = "neither" if dataset is None else "both"
        rule = f"exactly one of dataset and dataset_arn must be passed, got {got}"
        problems.add(rule, "Pass the dataset as dataset=, or its ARN as dataset_arn=.")
    elif dataset is not None:
        arn = cast(object, dataset_arn_of(dataset, None))
        if isinstance(arn, str):
            _check_arn(problems, "dataset", arn, here)
        else:
            rule = f"dataset must be an IDatasetRef, such as a CfnDataset, got {dataset!r}"
            problems.add(rule, "Pass an ARN as dataset_arn=.")
    elif isinstance(dataset_arn, str):
        _check_arn(problems, "dataset_arn", dataset_arn, here)
    else:
        problems.add(f"dataset_arn must be a string, got {dataset_arn!r}", _FIX_ARN)


def _check_arn(problems: Problems, name: str, arn: str, here: Environment) -> None:
    if is_token(arn):
        _check_reference(problems, name, arn, here)
        _check_known_parts(problems, name, arn, here)
        return
    limit = string_limit("datasetArn")
    check_length(problems, name, arn, limit, _FIX_ARN)
    parts = _ARN.fullmatch(arn)
    if parts is None or not limit.matches(arn):
        rule = f"{name} must be the ARN of a dataset, arn:...:dataset/GROUP/TYPE, got {arn!r}"
        problems.add(rule, _FIX_ARN)
        return
    region = parts["region"]
    _check_environment(problems, name, repr(arn), Environment(parts["account"], region), here)
    partition = RegionInfo.get(region).partition
    if partition is not None and partition != parts["partition"]:
        rule = f"{name} must have the partition of {region}, {partition}, got {arn!r}"
        problems.add(rule, f"Correct the ARN; it must begin with arn:{partition}:.")


def _check_environment(
    problems: Problems, name: str, shown: str, there: Environment, here: Environment
) -> None:
    for what, ours, theirs in (
        ("region", here.region, there.region),
        ("account", here.account, there.account),
    ):
        if differ(ours, theirs):
            rule = f"{name} must be of the stack's {what} {ours}, got {theirs} in {shown}"
            problems.add(rule, f"Create the import in a stack of {theirs}, or pass a dataset of {ours}.")


def _check_known_parts(problems: Problems, name: str, arn: str, here: Environment) -> None:
    """Check the parts of an ARN that are no tokens."""
    _, *parts = arn.split(":", 5)
    if not arn.startswith("arn:") or len(parts) != len(("partition", "service", "region", "account", "id")):
        return
    _, service, region, account, resource = parts
    if not resource.startswith(("dataset/", "${Token[")) or differ(service, "personalize"):
        rule = f"{name} must be the ARN of a dataset, arn:...:dataset/GROUP/TYPE, got one of {resource!r}"
        problems.add(rule, _FIX_ARN)
    _check_environment(problems, name, repr(arn), Environment(account, region), here)


def _check_reference(problems: Problems, name: str, arn: str, here: Environment) -> None:
    """Check that a reference to a resource of the app refers to a dataset of the stack's environment."""
    target = _target_of(arn)
    if not isinstance(target, CfnResource):
        return
    kind = target.cfn_resource_type
    if kind == _DATASET_TYPE:
        _check_environment(problems, name, target.node.path, environment_of(stack_of(target)), here)
    elif kind.startswith("AWS::") and not kind.startswith(_MAY_HOLD_ANY_ARN):
        rule = f"{name} must be the ARN of a dataset, got that of {target.node.path}, which is an {kind}"
        problems.add(rule, _FIX_ARN)


def _target_of(arn: str) -> object:
    """Return the construct that a token refers to; None if the text is anything else than one reference."""
    fragments = Tokenization.reverse_string(arn)
    token = fragments.first_token
    if fragments.length != 1 or token is None or not Reference.is_reference(token):
        return None
    return cast(Reference, token).target
