# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from aws_cdk import aws_iam as iam


def grow(statement: iam.PolicyStatement, resource: str) -> bool:
    """Add a resource to a statement; tell whether that was still possible.

    Whatever resolves a policy, a synthesis for one, freezes the statements that it has so far.
    """
    try:
        statement.add_resources(resource)
    except RuntimeError:
        # Asked afterwards, since it is rare, and each question is a call of Node.js.
        if not statement.frozen:
            raise
        return False
    return True
