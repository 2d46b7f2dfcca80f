# SPDX-License-Identifier: Apache-2.0
"""`python -m local_aws`: an embedded AWS in the foreground, until Ctrl-C."""

import argparse
import asyncio
import os
import shlex
import shutil
import sys
import tempfile
import threading
from pathlib import Path

from . import server
from .settings import Settings


def main() -> None:
    """Start an instance, print its environment variables, and serve until it is stopped."""
    options = _options()
    try:
        listening = server.listen(options.port)
    except OSError as problem:
        sys.exit(
            f"Port {options.port} cannot be had: {problem.strerror}. Leave --port out to take a free one."
        )
    folder = options.folder or Path(tempfile.mkdtemp(prefix="local-aws-"))
    log = options.log_file or folder / "local-aws.log"
    settings = server.prepare(
        folder,
        listening.getsockname()[1],
        options.region,
        options.speed,
        log.resolve(),
        options.import_minutes,
    )

    def ready() -> None:
        _announce(settings, log, options.ready_file)

    async def run() -> None:
        stop = asyncio.Event()
        server.stop_on_signals(stop)
        if options.stop_with_stdin:
            ends = (asyncio.get_running_loop(), stop)
            threading.Thread(target=_wait_for_end_of_stdin, args=ends, daemon=True).start()
        await server.serve(listening, settings, ready, stop)
        # Returning would wait for threads of ministack that still wait for a function.
        leave(0)

    def leave(status: int) -> None:
        shutil.rmtree(folder, ignore_errors=True)
        sys.stdout.flush()
        os._exit(status)

    try:
        asyncio.run(run())
    except Exception as problem:
        print(f"The embedded AWS failed: {problem!r}", file=sys.stderr, flush=True)
        leave(1)


def _wait_for_end_of_stdin(loop: asyncio.AbstractEventLoop, stop: asyncio.Event) -> None:
    while os.read(0, 4096):
        pass
    loop.call_soon_threadsafe(stop.set)


def _announce(settings: Settings, log: Path, ready_file: Path | None) -> None:
    variables = settings.for_clients().items()
    print("\n".join(f"export {name}={shlex.quote(value)}" for name, value in variables))
    print(
        f"# The embedded AWS listens on {settings.endpoint_url}; its log is {log}. Ctrl-C stops it.",
        flush=True,
    )
    if ready_file:
        partial = ready_file.with_name(ready_file.name + ".part")
        partial.write_text(
            "\n".join(f"{name}={value}" for name, value in settings.for_clients().items()) + "\n"
        )
        partial.replace(ready_file)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m local_aws", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="the port on 127.0.0.1; a free one when left out")
    parser.add_argument(
        "--speed",
        type=_positive,
        default=1.0,
        help="how many times as fast Personalize and rates run",
    )
    parser.add_argument(
        "--import-minutes",
        type=_positive,
        help="how long an import of Personalize takes, before the speed; 10 to 20 when left out",
    )
    parser.add_argument("--region", default="us-east-1", help="the region that the printed environment names")
    parser.add_argument("--ready-file", type=Path, help="gets NAME=value lines once requests are answered")
    parser.add_argument("--folder", type=Path, help="an empty folder for its files; it is removed at the end")
    parser.add_argument("--log-file", type=Path, help="the log; in the instance's own folder when left out")
    parser.add_argument("--stop-with-stdin", action="store_true", help="stop when the standard input ends")
    return parser.parse_args()


def _positive(text: str) -> float:
    value = float(text)
    if value <= 0:
        raise argparse.ArgumentTypeError(f"must be above 0, got {text}")
    return value


if __name__ == "__main__":
    main()
