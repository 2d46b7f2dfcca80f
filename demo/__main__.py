# SPDX-License-Identifier: Apache-2.0
"""The command line: `python -m demo [--data FOLDER] [--speed N]`; `make demo` runs it."""

import argparse
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

from demo.deployment import deploy
from demo.progress import Progress
from demo.report import exit_code, show
from sample_data import DataFolderError, read_folder

DEFAULT_SPEED = 600
"""At this speed an import of ten to twenty minutes takes one or two seconds."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the demo and return the exit code: 0 only if every import is ACTIVE."""
    options = _options(arguments)
    progress = Progress()
    try:
        if options.data:
            read_folder(options.data)  # fails at once, rather than after the start-up
        results = deploy(options.data, options.speed, progress)
    except (DataFolderError, RuntimeError) as error:
        progress.fail(str(error))
        return 1
    except KeyboardInterrupt:
        progress.fail("Stopped; nothing is left running.")
        return 128 + signal.SIGINT
    show(progress, results, options.data, options.speed)
    return exit_code(results.imports)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m demo", description="Deploy training data into an embedded AWS with the real CDK CLI."
    )
    parser.add_argument(
        "--data",
        type=Path,
        metavar="FOLDER",
        help="any of interactions.csv, items.csv, users.csv, each beside NAME.avsc.json (default: a sample)",
    )
    parser.add_argument(
        "--speed",
        type=int,
        default=DEFAULT_SPEED,
        metavar="N",
        help="the factor by which Personalize runs faster (default: %(default)s)",
    )
    return parser.parse_args(arguments)


def _end(signum: int, _frame: FrameType | None) -> None:
    sys.exit(128 + signum)


if __name__ == "__main__":
    # These signals raise an exception as Ctrl-C does, so that every process that was started is stopped.
    signal.signal(signal.SIGTERM, _end)
    signal.signal(signal.SIGHUP, _end)
    sys.exit(main())
