# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from aws_cdk import Stack
from aws_cdk.region_info import RegionInfo

from cdk_personalize_import.tokens import is_token

_PLACES = {"AWS::AccountId": "ACCOUNT_ID", "AWS::Region": "REGION"}
_PSEUDO_PARAMETER = re.compile(r"\$\{(AWS::\w+)\}")


def plain(value: Any, stack: Stack, known: Mapping[str, str] | None = None) -> Any:
    """Write what has been resolved as plain JSON, as somebody outside of the stack needs it.

    What only the deployment knows is named: the account `ACCOUNT_ID`, the region `REGION`, anything else as
    `Fn::Sub` names it, `${LogicalId}`, with the export's name or the function's where there is no other. A
    partition that is not known is taken for `aws`.

    Args:
        value: What has been resolved.
        stack: The stack that it belongs to.
        known: What stands for intrinsic functions, by their JSON.
    """

    def text(part: Any) -> Any:
        if known and isinstance(part, dict) and json.dumps(part) in known:
            return known[json.dumps(part)]
        match part:
            case {"Fn::Join": [separator, list(parts)]}:
                return separator.join(str(text(member)) for member in parts)
            case {"Ref": "AWS::Partition"}:
                return _partition(stack)
            case {"Ref": name}:
                return _PLACES.get(name, f"${{{name}}}")
            case {"Fn::GetAtt": [name, attribute]}:
                return f"${{{name}.{attribute}}}"
            case {"Fn::ImportValue": name}:
                return f"${{{text(name)}}}"
            case {"Fn::Sub": str(words)} | {"Fn::Sub": [str(words), *_]}:
                return _PSEUDO_PARAMETER.sub(lambda found: str(text({"Ref": found[1]})), words)
            case Mapping() if next(iter(part), "").startswith("Fn::"):
                return f"${{{next(iter(part))}}}"
            case Mapping():
                return {key: text(member) for key, member in part.items()}
            case list():
                return [text(member) for member in part]
        return part

    return text(value)


def _partition(stack: Stack) -> str:
    known = None if is_token(stack.region) else RegionInfo.get(stack.region).partition
    return known or "aws"
