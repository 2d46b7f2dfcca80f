# SPDX-License-Identifier: Apache-2.0
"""The wait condition of an import that may take more than one hour."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any, cast

from aws_cdk import CfnWaitCondition, CfnWaitConditionHandle, Fn, Reference, Stack, Tokenization
from constructs import Construct

from cdk_personalize_import._cdk import is_token
from cdk_personalize_import._data_location import DataLocation, name_of
from cdk_personalize_import._validation import LONGEST_WAIT, LONGEST_WITHOUT_WAIT_CONDITION

_DATA = ("DatasetArn", "DataSource", "ImportMode", "PublishAttributionMetricsToS3", "Revision")
"""The properties that decide which data is imported."""

_TIME_TO_SIGNAL = 120
"""Seconds for the signal, so that the reason of a failure arrives before CloudFormation's own timeout."""

_FINGERPRINT_LENGTH = 12


def add_wait_condition(
    job: Construct, properties: Mapping[str, Any], location: DataLocation
) -> CfnWaitCondition | None:
    """Create a wait condition and its handle in the import. The handler signals it when the job has ended.

    CloudFormation waits only when it creates a wait condition, and cannot update one. Both logical ids
    contain a fingerprint, so that a change of the data or the timeout replaces the two resources.

    Args:
        job: The import.
        properties: The properties of its resource. A token enters the fingerprint as its reference, because
            synth does not know its value.
        location: The location of its data.

    Returns:
        The wait condition; None if the deployment does not wait, or at most one hour.
    """
    seconds = properties["Timeout"]
    if properties["Wait"] is False or is_token(seconds) or seconds <= LONGEST_WITHOUT_WAIT_CONDITION:
        return None
    data = {name: properties[name] for name in _DATA}
    if location.identity is not None:
        # The location contains the logical id of the import's resource, which does not exist yet.
        data["DataSource"] = {"Bucket": name_of(location.bucket), "Hash": location.identity}
    stack = Stack.of(job)
    others = sorted({path for value in _texts(data) for path in _stacks_of(value)} - {stack.node.path})
    timeout = str(min(seconds + _TIME_TO_SIGNAL, LONGEST_WAIT))
    fingerprint = _fingerprint(stack.resolve({**data, "Timeout": timeout, "Stacks": others}))
    handle = CfnWaitConditionHandle(job, f"WaitConditionHandle{fingerprint}")
    return CfnWaitCondition(
        job,
        f"WaitCondition{fingerprint}",
        handle=handle.ref,
        count=1,
        timeout=timeout,
    )


def after(condition: CfnWaitCondition, value: str) -> str:
    """Return a value that refers to the condition too, so that a resource that uses it waits.

    The data of the signal cannot be used instead. The schema of the resource type declares it as an object,
    so the CDK's validation and cfn-lint reject every use in a text.
    """
    return Fn.select(0, [value, condition.ref])


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for member in value.values():
            yield from _texts(member)


def _stacks_of(text: str) -> Iterator[str]:
    """Yield the stacks that a text refers to, because a resolved reference does not name the stack."""
    for token in Tokenization.reverse_string(text).tokens:
        if Reference.is_reference(token):
            yield Stack.of(cast(Reference, token).target).node.path


def _fingerprint(resolved: object) -> str:
    return hashlib.sha256(json.dumps(resolved, sort_keys=True).encode()).hexdigest()[:_FINGERPRINT_LENGTH]
