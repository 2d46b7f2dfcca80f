# SPDX-License-Identifier: Apache-2.0
"""What users read, and where they read about it."""

import inspect
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dataset_import import messages
from dataset_import.decisions import Refuse, next_step, wanted_by
from dataset_import.errors import ErrorKind, ServiceError
from dataset_import.jobs import Dataset, Job
from dataset_import.request import ImportRequest

CLOUDFORMATION = ("Resource of type ", "WaitCondition ")
"""What CloudFormation's own messages on the page begin with."""

TROUBLESHOOTING = Path(__file__).parents[2] / "docs" / "troubleshooting.md"
PROPERTIES = {"DatasetArn": "DATASET", "DataSource": {"DataLocation": "LOCATION"}}
REQUEST = ImportRequest(
    dataset_arn="DATASET", data_location="LOCATION", role_arn="ROLE", job_name_prefix="PREFIX"
)
NOW = datetime(2026, 11, 18, tzinfo=UTC)
FAILED = Job(arn="JOB", status="CREATE FAILED", created=NOW, updated=NOW, failure_reason="MESSAGE")
RUNNING = Job(arn="JOB", status="CREATE IN_PROGRESS", created=NOW, updated=NOW)
ERROR = ServiceError("DynamoDB", ErrorKind.REFUSED, "MESSAGE")
S3_ERROR = ServiceError("Amazon S3 (s3://BUCKET/KEY)", ErrorKind.REFUSED, "MESSAGE")
LOST = Refuse("the dataset is CREATE FAILED", "Make the dataset again, under another name, and deploy again.")
MESSAGES: dict[str, Callable[[], str]] = {
    "job_failed": lambda: messages.job_failed(REQUEST, FAILED, False),
    "refused": lambda: messages.refused(REQUEST, "JOB", "MESSAGE"),
    "refused_by_handler": lambda: messages.refused_by_handler(REQUEST, LOST.reason, LOST.advice),
    "not_staged": lambda: messages.not_staged(REQUEST, S3_ERROR),
    "not_ended": lambda: messages.not_ended(REQUEST, "JOB", 3480, RUNNING, "", is_update=False),
    "not_begun": lambda: messages.not_begun(REQUEST, 3480, "MESSAGE"),
    "not_polled": lambda: messages.not_polled(PROPERTIES, ERROR),
    "invalid_properties": lambda: messages.invalid_properties(PROPERTIES, SOON),
    "unexpected": lambda: messages.unexpected(PROPERTIES, "JOB", "MESSAGE"),
    "not_stopped": lambda: messages.not_stopped("ID", ERROR),
}
SOON = "Timeout must be a number of seconds above 0, got 'soon'"
HELPERS = {"names_a_cause", "what_to_check"}
UPDATE_NOT_ENDED = messages.not_ended(REQUEST, "JOB", 3480, RUNNING, "", is_update=True)


def sections() -> dict[str, str]:
    """The sections of the page that show a message of the handler, by that message."""
    found = {}
    for section in TROUBLESHOOTING.read_text().split("\n## ")[1:]:
        shown = re.search(r"```text\n(.*?)```", section, re.DOTALL)
        if shown and not shown[1].startswith(CLOUDFORMATION):
            found[" ".join(shown[1].split())] = section
    return found


def test_every_message_is_listed() -> None:
    """A new way to fail is added here, and so to the page."""
    written = {
        name
        for name, function in inspect.getmembers(messages, inspect.isfunction)
        if function.__module__ == messages.__name__ and not name.startswith("_")
    }

    assert written - HELPERS == set(MESSAGES)


@pytest.mark.parametrize("name", MESSAGES)
def test_the_page_shows_every_message_word_for_word(name: str) -> None:
    """What users search for is what they have read."""
    assert MESSAGES[name]() in sections()


def test_a_dataset_that_is_lost_is_refused_in_these_words() -> None:
    """The message above is what the handler says."""
    wanted = wanted_by(REQUEST, None, own_jobs=(), is_rollback=False)

    assert next_step(wanted, Dataset(arn="DATASET", status="CREATE FAILED", created=NOW), []) == LOST


def test_the_page_shows_what_an_update_that_did_not_end_says() -> None:
    """CloudFormation goes back, which the advice takes into account."""
    assert UPDATE_NOT_ENDED in sections()


@pytest.mark.parametrize("name", MESSAGES)
def test_the_page_has_causes_and_what_to_do(name: str) -> None:
    """Each message has both."""
    section = sections()[MESSAGES[name]()]

    assert "**Causes**" in section
    assert "**What to do**" in section or "**Advice**" in section


@pytest.mark.parametrize("name", sorted(MESSAGES.keys() - {"not_stopped"}))
def test_a_message_names_location_and_dataset_and_says_what_to_do(name: str) -> None:
    """Whatever failed, it is clear which import it was, and what comes next."""
    message = MESSAGES[name]()

    assert "LOCATION" in message
    assert "DATASET" in message
    assert re.search(r"(deploy|Deploy) again|properties|log", message)
    assert message.endswith(".")


@pytest.mark.parametrize(
    ("said", "sentence"), [("no", "no. "), ("no.", "no. "), ("no!", "no! "), ("no?\n", "no? ")]
)
def test_what_was_said_is_a_sentence(said: str, sentence: str) -> None:
    """Services end their messages with a full stop, or without."""
    message = messages.job_failed(REQUEST, FAILED._replace(failure_reason=said), False)

    assert f"Personalize said: {sentence}" in message


@pytest.mark.parametrize(
    ("seconds", "time"),
    [
        (0, "0 s"),
        (45, "45 s"),
        (60, "1 min"),
        (90, "1 min 30 s"),
        (3600, "1 h"),
        (6000, "1 h 40 min"),
        (43080, "11 h 58 min"),
    ],
)
def test_a_time_is_in_hours_minutes_and_seconds(seconds: float, time: str) -> None:
    """As people say it."""
    message = messages.not_ended(REQUEST, "JOB", seconds, RUNNING, "", is_update=False)

    assert f" did not end within {time}. Job: JOB. " in message


def test_a_status_that_is_not_known_is_named() -> None:
    """It is not said to be running."""
    stopped = FAILED._replace(status="CREATE STOPPED")
    strange = RUNNING._replace(status="PAUSED")

    assert "Its status is CREATE STOPPED." in messages.job_failed(REQUEST, stopped, False)
    ended = messages.not_ended(REQUEST, "JOB", 60, strange, "", is_update=False)
    assert "Its status is PAUSED." in ended
    assert "running" not in ended


def test_a_status_that_could_not_be_read_is_not_made_up() -> None:
    """Nobody knows how far the job has got."""
    message = messages.not_ended(REQUEST, "JOB", 60, RUNNING, "Rate exceeded", is_update=False)

    assert "Its status could not be read: Rate exceeded." in message


def test_a_job_that_failed_without_a_reason_says_so() -> None:
    """The user is not left with an empty space."""
    assert "Personalize said: no reason given." in messages.job_failed(
        REQUEST, FAILED._replace(failure_reason=""), False
    )


def test_a_failure_after_hours_says_what_a_wait_condition_needs() -> None:
    """With --no-rollback it waits only once."""
    message = messages.job_failed(REQUEST, FAILED, False)

    assert "revision" not in message
    assert messages.job_failed(REQUEST, FAILED, True) == (
        f"{message} After a deployment with --no-rollback change `revision` too: a wait condition waits once."
    )


def test_a_refusal_before_a_name_was_chosen_has_no_job() -> None:
    """The dataset itself could not be described."""
    assert "Job: none." in messages.refused(REQUEST, "", "MESSAGE")
    assert "Job: JOB (not started)." in messages.refused(REQUEST, "JOB", "MESSAGE")


@pytest.mark.parametrize("properties", [{}, None, [], {"DatasetArn": 1, "DataSource": "x"}])
def test_what_cannot_be_named_is_said_to_be_missing(properties: object) -> None:
    """A template written by hand may lack anything."""
    message = messages.unexpected(properties, "", "KeyError")

    assert "(no DataLocation) into (no DatasetArn) was given up. Job: none." in message
    assert "The handler said: KeyError." in message


def test_a_refusal_that_outlasted_the_timeout_says_what_to_check() -> None:
    """Waiting for one's turn is not what went wrong."""
    waited = messages.not_begun(REQUEST, 3480, "More than 5 resources with PENDING or IN_PROGRESS status.")
    refused = messages.not_begun(REQUEST, 3480, "Insufficient privileges for accessing data in S3.")

    assert "raise the timeout" in waited
    assert "Check (1) the bucket's policy" in refused


@pytest.mark.parametrize(
    ("message", "first"),
    [
        ("Input csv is missing the following columns: [ITEM_ID]", "the header of each file"),
        ("not authorized to perform: iam:PassRole on role", "the policy of the import's function"),
        ("not authorized to perform: personalize:CreateDatasetImportJob", "the policies of the import's"),
        ("Unable to assume role", "the role: it exists"),
        ("Resource ARN does not exist", "the dataset: it exists"),
        ("Insufficient privileges for accessing data in S3.", "the bucket's policy"),
        ("There is no data at the data location", "the location: it exists"),
        ("Something new", "the location: it exists"),
    ],
)
def test_the_most_likely_cause_comes_first(message: str, first: str) -> None:
    """If Personalize names a cause, only related checks are listed."""
    assert messages.what_to_check(message).startswith(f"Check (1) {first}")
    assert messages.names_a_cause(message) is (message != "Something new")


def test_what_to_do_about_a_late_job_depends_on_what_cloudformation_does_next() -> None:
    """An Update is rolled back; after a Create nothing is imported again."""
    created = messages.not_ended(REQUEST, "JOB", 3480, RUNNING, "", is_update=False)
    updated = messages.not_ended(REQUEST, "JOB", 3480, RUNNING, "", is_update=True)

    assert updated.endswith(
        " The rollback waits for its end, then imports the old data; if the rollback fails, continue it when "
        "the job is ACTIVE. Then deploy again with a longer timeout."
    )
    assert created.endswith(
        " Deploy again with a longer timeout. If the dataset was there before, do so when the job is ACTIVE: "
        "it is recognised, and nothing is imported twice."
    )
