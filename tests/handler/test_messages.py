# SPDX-License-Identifier: Apache-2.0
"""What users read, and where they read about it."""

import inspect
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from dataset_import import messages
from dataset_import.request import ImportRequest

CLOUDFORMATION = "Resource of type "
"""What CloudFormation's own messages on the page begin with."""

TROUBLESHOOTING = Path(__file__).parents[2] / "docs" / "troubleshooting.md"
PROPERTIES = {
    "DatasetArn": "DATASET",
    "DataSource": {"DataLocation": "LOCATION"},
    "RoleArn": "ROLE",
    "JobNamePrefix": "STEM",
}
REQUEST = ImportRequest.from_properties(PROPERTIES)
MESSAGES: dict[str, Callable[[], str]] = {
    "job_failed": lambda: messages.job_failed(REQUEST, "JOB", "WORDS"),
    "refused": lambda: messages.refused(REQUEST, "JOB", "WORDS"),
    "not_ended": lambda: messages.not_ended(REQUEST, "JOB", 3480),
    "update_not_ended": lambda: messages.update_not_ended(REQUEST, "JOB", 3480),
    "not_begun": lambda: messages.not_begun(REQUEST, 3480, "WORDS"),
    "not_polled": lambda: messages.not_polled(REQUEST, "WORDS"),
    "broken": lambda: messages.broken(PROPERTIES, "JOB", ValueError("WORDS")),
    "not_stopped": lambda: messages.not_stopped("ID", "WORDS"),
}


def sections() -> dict[str, str]:
    """The sections of the page that show a message of the handler, by that message."""
    found = {}
    for section in TROUBLESHOOTING.read_text().split("\n## ")[1:]:
        shown = re.search(r"```text\n(.*?)```", section, re.DOTALL)
        if shown and not shown[1].startswith(CLOUDFORMATION):
            found[" ".join(shown[1].split())] = section
    return found


def test_every_message_is_listed() -> None:
    """Who adds a way to fail adds it here, and so to the page."""
    written = {
        name
        for name, function in inspect.getmembers(messages, inspect.isfunction)
        if function.__module__ == messages.__name__ and not name.startswith("_")
    }

    assert written == set(MESSAGES)


def test_the_page_shows_every_message_word_for_word_and_no_other() -> None:
    """What users search for is what they have read."""
    assert set(sections()) == {message() for message in MESSAGES.values()}


@pytest.mark.parametrize("name", MESSAGES)
def test_the_page_tells_causes_and_what_to_do(name: str) -> None:
    """Each message has both."""
    section = sections()[MESSAGES[name]()]

    assert "**Causes**" in section
    assert "**What to do**" in section


@pytest.mark.parametrize("name", sorted(MESSAGES.keys() - {"not_stopped"}))
def test_a_message_names_location_and_dataset_and_says_what_to_do(name: str) -> None:
    """Whatever failed, it is clear which import it was, and what comes next."""
    message = MESSAGES[name]()

    assert "LOCATION" in message
    assert "DATASET" in message
    assert re.search(r"(deploy|Deploy) again|properties", message)
    assert message.endswith(".")


@pytest.mark.parametrize(
    ("words", "said"), [("no", "no. "), ("no.", "no. "), ("no!", "no! "), ("no?\n", "no? ")]
)
def test_what_was_said_is_a_sentence(words: str, said: str) -> None:
    """Services end their messages with a full stop, or without."""
    assert f"Personalize said: {said}" in messages.job_failed(REQUEST, "JOB", words)


@pytest.mark.parametrize(
    ("seconds", "time"),
    [(60, "1 min"), (90, "1.5 min"), (3600, "1 h"), (6000, "1 h 40 min"), (43080, "11 h 58 min")],
)
def test_a_time_is_told_in_hours_and_minutes(seconds: float, time: str) -> None:
    """As people say it."""
    assert f" did not end within {time}. Job: JOB. " in messages.not_ended(REQUEST, "JOB", seconds)


def test_a_job_that_failed_without_words_says_so() -> None:
    """The user is not left with an empty space."""
    assert "Personalize said: no reason given." in messages.job_failed(REQUEST, "JOB", "")


def test_a_refusal_before_a_name_was_chosen_has_no_job() -> None:
    """The dataset itself could not be described."""
    assert "Job: none." in messages.refused(REQUEST, "", "WORDS")
    assert "Job: JOB (not started)." in messages.refused(REQUEST, "JOB", "WORDS")


def test_what_cannot_be_named_is_said_to_be_missing() -> None:
    """A template written by hand may lack anything."""
    message = messages.broken({}, "", KeyError())

    assert "(no DataLocation) into (no DatasetArn) was given up. Job: none." in message
    assert "The handler said: KeyError." in message


def test_a_refusal_that_outlasted_the_timeout_tells_what_to_check() -> None:
    """Waiting for one's turn is not what went wrong."""
    waited = messages.not_begun(REQUEST, 3480, "More than 5 resources with PENDING or IN_PROGRESS status.")
    refused = messages.not_begun(REQUEST, 3480, "Insufficient privileges for accessing data in S3.")

    assert "raise the timeout" in waited
    assert "Check (1) the bucket's policy" in refused
