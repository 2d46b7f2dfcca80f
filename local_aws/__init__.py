# SPDX-License-Identifier: Apache-2.0
"""An AWS that runs in this machine's memory, for trying and testing imports into Amazon Personalize."""

from .instance import LocalAws

__all__ = ["LocalAws"]
