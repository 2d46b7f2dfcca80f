# SPDX-License-Identifier: Apache-2.0
"""Tells values that only the deployment knows from those that are known at synth."""

import functools

from aws_cdk import Token

_MARK = "${Token["
"""What every token in a text begins with: https://docs.aws.amazon.com/cdk/v2/guide/tokens.html"""

# The answer for a value never changes, and to ask is a call of Node.js; many imports ask for the same values.
_is_unresolved = functools.lru_cache(maxsize=1024)(Token.is_unresolved)


def is_token(value: object) -> bool:
    """Whether only the deployment knows the value, or a part of it."""
    if isinstance(value, str) and _MARK not in value:
        return False
    return _is_unresolved(value)
