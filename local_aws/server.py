# SPDX-License-Identifier: Apache-2.0
"""Runs the extended ministack in this process until it is stopped."""

import asyncio
import contextlib
import logging
import os
import signal
import socket
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from . import certificate
from .settings import ACCESS_KEY, HOST, SECRET_KEY, Settings

GRACE = 0.5
"""Seconds in which current requests may end."""


def listen(port: int) -> socket.socket:
    """A socket that listens on the loopback address; port 0 takes a free one.

    Raises:
        OSError: The port is taken.
    """
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind((HOST, port))
    listening.listen(128)
    return listening


def prepare(
    folder: Path, port: int, region: str, speed: float, log: Path, import_minutes: float | None = None
) -> Settings:
    """Create the instance's files and set this process's environment. Call it before importing ministack."""
    settings = Settings(port, folder, certificate.make(folder), region, speed, import_minutes)
    settings.profile.write_text(
        f"[default]\naws_access_key_id={ACCESS_KEY}\naws_secret_access_key={SECRET_KEY}\nregion={region}\n"
    )
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    os.environ.update(settings.for_server())
    tempfile.tempdir = str(folder)
    logging.basicConfig(
        filename=log,
        level=logging.INFO,
        format="%(asctime)s %(levelname)s [%(name)s] %(message)s",
        force=True,
    )
    return settings


async def serve(
    listening: socket.socket, settings: Settings, ready: Callable[[], None], stop: asyncio.Event
) -> None:
    """Serve until the event is set. `ready` is called when the server accepts requests."""
    from hypercorn.asyncio import serve as hypercorn_serve
    from hypercorn.config import Config

    from . import emulator, functions

    app = emulator.extended_app(settings)
    config = Config()
    config.bind = [f"fd://{listening.fileno()}"]
    config.certfile = str(settings.certificate.certificate)
    config.keyfile = str(settings.certificate.key)
    config.keep_alive_timeout = 75
    config.accesslog = None
    config.errorlog = logging.getLogger("hypercorn.error")
    started = asyncio.Event()
    server = asyncio.create_task(
        hypercorn_serve(_signalling_start(app, started), config, shutdown_trigger=stop.wait)
    )
    await asyncio.wait({server, asyncio.create_task(started.wait())}, return_when=asyncio.FIRST_COMPLETED)
    if started.is_set():
        ready()
    try:
        await asyncio.wait({server, asyncio.create_task(stop.wait())}, return_when=asyncio.FIRST_COMPLETED)
        # Closing a TLS connection waits for its client for up to half a minute.
        await asyncio.wait({server}, timeout=GRACE)
        if server.done():
            server.result()
    finally:
        functions.stop()


def _signalling_start(app: Any, started: asyncio.Event) -> Any:
    """Wrap the application so that it sets the event when it has started."""

    async def wrapped(scope: Any, receive: Any, send: Any) -> None:
        async def sending(message: Any) -> None:
            await send(message)
            if message["type"] == "lifespan.startup.complete":
                started.set()

        await app(scope, receive, sending if scope["type"] == "lifespan" else send)

    return wrapped


def stop_on_signals(stop: asyncio.Event) -> None:
    """Set the event on SIGINT and SIGTERM."""
    loop = asyncio.get_running_loop()
    for signal_number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        with contextlib.suppress(NotImplementedError):
            loop.add_signal_handler(signal_number, stop.set)
