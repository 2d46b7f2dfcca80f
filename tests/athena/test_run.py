# SPDX-License-Identifier: Apache-2.0
"""The temporary database of a check with Amazon Athena, when its creation fails."""

from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, ReadTimeoutError

from personalize_import.athena.run import Athena
from personalize_import.data_check.errors import CannotCheckError


class Glue:
    """AWS Glue, whose CreateDatabase fails."""

    exceptions = SimpleNamespace(EntityNotFoundException=KeyError)

    def __init__(self, problem: Exception) -> None:
        self.problem = problem
        self.deleted: list[str] = []

    def create_database(self, **_: Any) -> None:
        """Fail."""
        raise self.problem

    def delete_database(self, Name: str) -> None:
        """Note what is deleted."""
        self.deleted.append(Name)


class EmptyBucket:
    """Amazon S3 without results of queries."""

    def get_paginator(self, _: str) -> Any:
        """Return a paginator of one page without objects."""
        return SimpleNamespace(paginate=lambda **_: [{}])


def refused(code: str, status: int) -> ClientError:
    """The error of a call that was answered."""
    response: Any = {"Error": {"Code": code, "Message": code}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(response, "CreateDatabase")


@pytest.mark.parametrize(
    ("problem", "may_be_made"),
    [
        (ReadTimeoutError(endpoint_url="https://glue.test"), True),
        (refused("InternalServiceException", 500), True),
        (refused("AccessDeniedException", 400), False),
        (EndpointConnectionError(endpoint_url="https://glue.test"), False),
    ],
)
def test_a_database_that_may_have_been_made_is_removed(problem: Exception, may_be_made: bool) -> None:
    """The error is that of the creation."""
    glue, bucket = Glue(problem), EmptyBucket()
    athena: Any = Athena(None, glue, bucket, "s3://results/")  # type: ignore[arg-type]

    with pytest.raises(CannotCheckError) as failed, athena.table("s3://data/"):
        pass

    assert failed.value.__cause__ is problem
    assert glue.deleted == [athena.name] * may_be_made
