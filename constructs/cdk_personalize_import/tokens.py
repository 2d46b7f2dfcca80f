# SPDX-License-Identifier: Apache-2.0
"""Tells values that only the deployment knows from those that are known at synth."""

import functools

from aws_cdk import Token

# The answer for a value never changes, and to ask is a call of Node.js; many imports ask for the same values.
is_token = functools.lru_cache(maxsize=1024)(Token.is_unresolved)
