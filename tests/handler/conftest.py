# SPDX-License-Identifier: Apache-2.0
import pytest

from tests.handler.world import World


@pytest.fixture(autouse=True)
def function_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give the handler the environment that its function has."""
    monkeypatch.setenv("SCHEDULE_GROUP_NAME", "shop")
    monkeypatch.setenv("SCHEDULE_ROLE_ARN", "arn:aws:iam::123456789012:role/schedules")


@pytest.fixture
def world() -> World:
    """Make a world with an empty dataset and a good file."""
    return World()
