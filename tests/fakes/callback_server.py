# SPDX-License-Identifier: Apache-2.0
"""A web server in front of CloudFormation, so that the handler sends its answers over HTTP."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import urllib3

from dataset_import.cloudformation import RETRIES, put

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dataset_import.cloudformation import Delivery
    from tests.fakes.account import Account

AT_ONCE = RETRIES.new(backoff_factor=0)
IMPATIENT = urllib3.Timeout(connect=1, read=0.2)


class CallbackServer(ThreadingHTTPServer):
    """Replies with the given statuses in turn, then as CloudFormation does.

    A status of 0 is no reply at all; a negative one stores the answer first and then does not reply.
    """

    def __init__(self, account: Account, *statuses: int) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.account = account
        self.statuses = list(statuses)
        self.released = threading.Event()
        self.puts = 0
        self.url = ""

    def send(self, url: str, body: bytes) -> Delivery:
        """Send an answer as the handler does, but to this server."""
        self.url = url
        here = urlsplit(url)._replace(scheme="http", netloc=f"127.0.0.1:{self.server_port}").geturl()
        return put(here, body, retries=AT_ONCE, timeout=IMPATIENT)


class _Handler(BaseHTTPRequestHandler):
    """One PUT."""

    def do_PUT(self) -> None:
        server = self.server
        assert isinstance(server, CallbackServer)
        server.puts += 1
        body = self.rfile.read(int(self.headers["Content-Length"]))
        status = server.statuses.pop(0) if server.statuses else 200
        if status < 0 or status == 200:
            server.account.cloudformation.store(server.url, body)
        if status <= 0:
            server.released.wait()
            return
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Keep the test's output clean."""


@contextmanager
def callback_server(account: Account, *statuses: int) -> Iterator[CallbackServer]:
    """Have answers sent over HTTP."""
    with CallbackServer(account, *statuses) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        account.put = server.send
        try:
            yield server
        finally:
            account.put = None
            server.released.set()
            server.shutdown()
            thread.join()
