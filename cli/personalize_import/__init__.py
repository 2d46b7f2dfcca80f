# SPDX-License-Identifier: Apache-2.0
"""Finds bad data before it is imported, and shows how imports stand: what `personalize-import` is made of.

A package beside `cdk_personalize_import`, because it needs nothing of the CDK, which takes seconds to start.
"""
