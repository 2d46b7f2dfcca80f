# SPDX-License-Identifier: Apache-2.0
"""One embedded AWS for all tests of access, in which an import takes a second or two."""

from collections.abc import Iterator

import pytest

from local_aws import LocalAws


@pytest.fixture(scope="session")
def aws() -> Iterator[LocalAws]:
    """A running instance, which evaluates the policies of every caller."""
    with LocalAws(speed=600) as running:
        yield running
