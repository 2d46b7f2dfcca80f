# SPDX-License-Identifier: Apache-2.0
"""The command `personalize-import`."""

from __future__ import annotations

import io
import os
import sys
import traceback

MISSING_EXTRA = "personalize-import needs the extra cli: pip install 'cdk-personalize-import[cli]'"

INTERRUPTED = 130
"""The exit code on Ctrl-C, as of the shell."""


def main() -> None:
    """Run the command; without its libraries, print what to install."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # anything else has no `reconfigure`
            # A character that the encoding of the output lacks is written as an escape.
            stream.reconfigure(errors="backslashreplace")
    try:
        import click

        from personalize_import.cli.commands import command
    except ModuleNotFoundError as missing:
        if missing.name != "click":
            raise
        sys.exit(_cannot_run(MISSING_EXTRA))
    try:
        try:
            # Click's own handling would exit with 1 on Ctrl-C, as for findings.
            sys.exit(command(standalone_mode=False))
        finally:
            sys.stdout.flush()  # a full disk is an error of this command, not of the interpreter's end
    except click.ClickException as problem:
        problem.show()
        sys.exit(problem.exit_code)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(INTERRUPTED)
    except OSError as problem:
        # The interpreter would write what is left once more, and fail once more.
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115
        sys.exit(_cannot_run(f"personalize-import: {problem.strerror or problem}"))
    except Exception:  # a fault of this package must not look like one of the data: 1 is for findings
        traceback.print_exc()
        sys.exit(2)


def _cannot_run(why: str) -> int:
    print(why, file=sys.stderr)
    return 2
