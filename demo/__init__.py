# SPDX-License-Identifier: Apache-2.0
"""Deploys app.py into an embedded AWS with the real CDK CLI and shows the results: `python -m demo`."""
