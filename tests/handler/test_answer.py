# SPDX-License-Identifier: Apache-2.0
"""The answer on its way to CloudFormation."""

import json
import logging
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import urllib3
from hypothesis import given
from hypothesis import strategies as st

from dataset_import.cloudformation import MAX_BYTES, RETRIES, Delivery, encode, put

AT_ONCE = RETRIES.new(backoff_factor=0)
SHORTENED = " … (shortened; the function's log has the rest)"
IMPATIENT = urllib3.Timeout(connect=1, read=0.2)


@contextmanager
def cloudformation(
    *statuses: int, location: str = ""
) -> Iterator[tuple[str, list[tuple[dict[str, str], bytes]]]]:
    """Listen for answers, replying with the statuses in turn; 0 takes the answer and never replies.

    Args:
        statuses: The statuses.
        location: Where each reply redirects to.
    """
    replies = list(statuses)
    received: list[tuple[dict[str, str], bytes]] = []
    released = threading.Event()

    class Ear(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            received.append((dict(self.headers), self.rfile.read(int(self.headers["Content-Length"]))))
            status = replies.pop(0)
            if not status:
                released.wait()
                return
            self.send_response(status)
            self.send_header("Content-Length", "0")
            if location:
                self.send_header("Location", location)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Keep the test's output clean."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Ear) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/answer?Signature=s3cr3t", received
        finally:
            released.set()
            server.shutdown()
            thread.join()


def test_an_answer_arrives_as_it_was_signed() -> None:
    """One PUT, with the body and the empty content type that CloudFormation's URL is signed for."""
    with cloudformation(200) as (url, received):
        assert put(url, b'{"Status": "SUCCESS"}') is Delivery.TAKEN

    [(headers, body)] = received
    assert (headers["Content-Type"], body) == ("", b'{"Status": "SUCCESS"}')


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_server_error_is_tried_again(status: int) -> None:
    """S3 behind the URL may be busy."""
    with cloudformation(status, status, 200) as (url, received):
        assert put(url, b"{}", retries=AT_ONCE) is Delivery.TAKEN

    assert len(received) == 3


@pytest.mark.parametrize(
    ("status", "delivery"),
    [
        (200, Delivery.TAKEN),
        (299, Delivery.TAKEN),
        (300, Delivery.LOST),
        (399, Delivery.LOST),
        (400, Delivery.LOST),
        (403, Delivery.REFUSED),
        (404, Delivery.REFUSED),
        (409, Delivery.LOST),
        (410, Delivery.REFUSED),
        (501, Delivery.LOST),
    ],
)
def test_a_status_tells_what_became_of_the_answer(status: int, delivery: Delivery) -> None:
    """Only 2xx has been taken. An expired URL stays so; what else S3 has against a PUT may pass."""
    with cloudformation(status) as (url, _):
        assert put(url, b"{}", retries=AT_ONCE) is delivery


def test_a_server_error_that_does_not_pass_leaves_the_answer_to_the_next_tick() -> None:
    """Somebody may take it yet."""
    with cloudformation(*[500] * 9) as (url, _):
        assert put(url, b"{}", retries=AT_ONCE) is Delivery.LOST


def test_an_expired_url_is_refused_once() -> None:
    """HTTP status 403 will not change."""
    with cloudformation(403) as (url, received):
        assert put(url, b"{}", retries=AT_ONCE) is Delivery.REFUSED

    assert len(received) == 1


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("retries", [AT_ONCE, urllib3.Retry(total=4)], ids=["its own", "any"])
def test_a_redirect_is_not_followed(status: int, retries: urllib3.Retry) -> None:
    """The answer goes to CloudFormation and to nobody else, whatever the retries allow."""
    with (
        cloudformation(200) as (elsewhere, redirected),
        cloudformation(status, location=elsewhere) as (url, received),
    ):
        assert put(url, b"{}", retries=retries) is Delivery.LOST

    assert (len(received), redirected) == (1, [])


def test_a_silent_server_is_given_up_and_tried_again() -> None:
    """Each try is bounded; the same answer is sent each time, so a lost reply contradicts nothing."""
    with cloudformation(0, 200) as (url, received):
        assert put(url, b"{}", retries=AT_ONCE, timeout=IMPATIENT) is Delivery.TAKEN

    assert [body for _, body in received] == [b"{}", b"{}"]


@pytest.mark.parametrize("failures", [[503] * 5, [0] * 5])
def test_an_answer_that_never_gets_through_is_lost(failures: list[int]) -> None:
    """The tries are bounded; the next invocation sends again."""
    with cloudformation(*failures) as (url, received):
        assert put(url, b"{}", retries=AT_ONCE, timeout=IMPATIENT) is Delivery.LOST

    assert len(received) == 5


def test_the_url_is_in_no_log_line(caplog: pytest.LogCaptureFixture) -> None:
    """Nor is its signature, whatever goes wrong."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        closed = f"http://127.0.0.1:{server.getsockname()[1]}/answer?Signature=s3cr3t"

    with caplog.at_level(logging.DEBUG), caplog.at_level(logging.DEBUG, logger="urllib3"):
        assert put(closed, b"{}", retries=AT_ONCE) is Delivery.LOST
        with cloudformation(403) as (url, _):
            put(url, b"{}", retries=AT_ONCE)

    assert caplog.records
    assert "s3cr3t" not in caplog.text


@pytest.mark.parametrize("character", ["a", "ä", "\n", "\U0001f600"])
@pytest.mark.parametrize("spare", [-1, 0, 1, 40])
def test_an_answer_has_just_room_for_its_reason(character: str, spare: int) -> None:
    """One that fits is kept whole, and of one that is a byte too long as much as fits."""
    answer = {"Status": "FAILED", "Reason": "", "Data": {}}
    room = MAX_BYTES - len(json.dumps(answer)) + spare
    size = len(json.dumps(character)) - 2
    reason = character * (room // size) + "b" * (room % size)

    encoded = encode({**answer, "Reason": reason})

    kept, *shortened = json.loads(encoded)["Reason"].split(SHORTENED)
    assert shortened == ([""] if spare > 0 else [])
    assert reason.startswith(kept)
    assert MAX_BYTES - size < len(encoded) <= MAX_BYTES if shortened else kept == reason


@given(st.text(max_size=9000), st.text(max_size=500))
def test_an_answer_fits_and_keeps_the_head_of_its_reason(reason: str, physical_id: str) -> None:
    """Whatever the reason, the answer is valid JSON of at most 4,096 bytes, and begins as the reason does."""
    answer = {"Status": "FAILED", "PhysicalResourceId": physical_id, "Reason": reason, "Data": {}}
    encoded = encode(answer)

    decoded = json.loads(encoded)
    assert len(encoded) <= max(MAX_BYTES, len(json.dumps({**answer, "Reason": ""})) + 100)
    kept = decoded["Reason"].split(" … (shortened", 1)[0]
    assert reason.startswith(kept)
    assert decoded == {**answer, "Reason": decoded["Reason"]}
    assert len(kept) == len(reason) or len(encoded) > MAX_BYTES - 24
