# SPDX-License-Identifier: Apache-2.0
"""The wait for an import of more than the hour that CloudFormation gives to a custom resource."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any, cast

from aws_cdk import CfnWaitCondition, CfnWaitConditionHandle, Fn, Reference, Stack, Tokenization
from constructs import Construct

LONGEST_WAIT = 43_200
"""Seconds: CloudFormation waits no longer for a wait condition.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudformation-waitcondition.html
"""

_TIME_TO_SIGNAL = 120
"""Seconds that CloudFormation waits longer than the import may take, so that it hears why it failed."""

_FINGERPRINT_LENGTH = 12


def add_wait_condition(job: Construct, seconds: int, data: Mapping[str, Any]) -> CfnWaitCondition:
    """Make a wait condition in the import, and its handle, to be signalled when the job has ended.

    CloudFormation never updates a wait condition: it waits when it makes one, and refuses to change one. So
    both logical ids carry a fingerprint of all that has to make it wait anew.

    Args:
        job: The import.
        seconds: How long it may take.
        data: What decides the data in the dataset. Of a token it is the reference that counts; the value is
            not known yet.
    """
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
    """The value, for what must not use it before the wait is over: whatever refers to the condition waits.

    The signal's own data are no way to it: the schema of the type says that they are an object, so that the
    CDK's validation and cfn-lint take every use of them for a mistake.
    """
    return Fn.select(0, [value, condition.ref])


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for member in value.values():
            yield from _texts(member)


def _stacks_of(text: str) -> Iterator[str]:
    """The stacks that a text refers to: a reference by itself does not tell one stack from the next."""
    for token in Tokenization.reverse_string(text).tokens:
        if Reference.is_reference(token):
            yield Stack.of(cast(Reference, token).target).node.path


def _fingerprint(resolved: object) -> str:
    return hashlib.sha256(json.dumps(resolved, sort_keys=True).encode()).hexdigest()[:_FINGERPRINT_LENGTH]
