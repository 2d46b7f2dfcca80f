# SPDX-License-Identifier: Apache-2.0
"""AWS's list prices in US East (N. Virginia), above the free tiers and below the volume discounts."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Price:
    """What one unit costs.

    Attributes:
        dollars: For one unit.
        unit: What is counted.
        source: The page that says so.
        read: The day on which it did, in ISO 8601.
    """

    dollars: float
    unit: str
    source: str
    read: str


_LAMBDA = "https://aws.amazon.com/lambda/pricing/"
_READ = "2026-11-24"

LAMBDA_SECOND = {
    "arm64": Price(0.0000133334, "GB-second", _LAMBDA, _READ),
    "x86_64": Price(0.0000166667, "GB-second", _LAMBDA, _READ),
}
LAMBDA_REQUEST = Price(0.20 / 1e6, "request", _LAMBDA, _READ)
STATE_TRANSITION = Price(
    0.025 / 1e3,
    "state transition of a standard workflow; a retry is one",
    "https://aws.amazon.com/step-functions/pricing/",
    _READ,
)
SCHEDULER_INVOCATION = Price(
    1.00 / 1e6, "scheduled invocation", "https://aws.amazon.com/eventbridge/pricing/", _READ
)
RULE_INVOCATION = Price(
    0.0,
    "invocation by a scheduled rule of the default event bus",
    "https://aws.amazon.com/eventbridge/pricing/",
    _READ,
)

_DYNAMODB = "https://aws.amazon.com/dynamodb/pricing/"
READ_UNIT = Price(0.125 / 1e6, "read request unit: 4 KB of a consistent read", _DYNAMODB, "2026-11-26")
WRITE_UNIT = Price(0.625 / 1e6, "write request unit: 1 KB", _DYNAMODB, "2026-11-26")

PRICES = (
    *LAMBDA_SECOND.values(),
    LAMBDA_REQUEST,
    STATE_TRANSITION,
    SCHEDULER_INVOCATION,
    RULE_INVOCATION,
    READ_UNIT,
    WRITE_UNIT,
)
