# SPDX-License-Identifier: Apache-2.0
"""Behaviour of CloudFormation that ministack lacks."""
