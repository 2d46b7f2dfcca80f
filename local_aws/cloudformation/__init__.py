# SPDX-License-Identifier: Apache-2.0
"""What CloudFormation does that ministack's does not."""
