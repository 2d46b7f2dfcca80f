# SPDX-License-Identifier: Apache-2.0
import aws_cdk as cdk
import pytest
from aws_cdk import aws_s3 as s3

from tests.construct.imports import Imports


@pytest.fixture
def app() -> cdk.App:
    """An app without feature flags."""
    return cdk.App()


@pytest.fixture
def stack(app: cdk.App) -> cdk.Stack:
    """A stack for any environment."""
    return cdk.Stack(app, "Stack")


@pytest.fixture
def bucket(stack: cdk.Stack) -> s3.Bucket:
    """A bucket of the stack, with data in it."""
    return s3.Bucket(stack, "Bucket")


@pytest.fixture
def imports(stack: cdk.Stack, bucket: s3.Bucket) -> Imports:
    """Imports into the stack, of whose properties a test names only those that it is about."""
    return Imports(stack, bucket)
