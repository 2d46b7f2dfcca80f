# SPDX-License-Identifier: Apache-2.0
"""The clients that the handler makes, with their limits of time."""

import pytest

from dataset_import.record import CALL_WITHIN, IN_FLIGHT
from dataset_import.services import Services


@pytest.mark.parametrize(
    ("service", "tries", "seconds"),
    [
        ("personalize", 1, 13),
        ("scheduler", 1, 13),
        ("dynamodb", 1, 13),
        ("cloudformation", 1, 13),
        ("s3", 1, 13),
        ("s3_copies", 3, 63),
    ],
)
def test_a_client_is_that_of_its_service_and_gives_up_in_time(
    monkeypatch: pytest.MonkeyPatch, service: str, tries: int, seconds: int
) -> None:
    """A call that a newer request waits for is made once, and short; a second copy of a file does no harm."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")

    meta = getattr(Services(), service)().meta

    config = meta.config
    assert meta.service_model.service_name == service.removesuffix("_copies")
    assert config.retries["total_max_attempts"] == tries
    assert config.connect_timeout + config.read_timeout == seconds
    assert tries > 1 or CALL_WITHIN + seconds < IN_FLIGHT
