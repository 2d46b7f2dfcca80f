# SPDX-License-Identifier: Apache-2.0
"""Records `make demo` and `personalize-import status --watch`, as they run."""

from __future__ import annotations

import sys
import threading
from pathlib import Path
from tempfile import TemporaryDirectory

from demo.cdk_cli import CdkCli
from demo.deployment import STACK
from docs.pictures.terminal import record
from docs.pictures.terminal_svg import draw
from local_aws import LocalAws
from personalize_import.status import ImportState

SPEED = 40
"""Of the imports that are watched: 15 to 30 seconds, of which some looks find them importing."""

WATCHED = f"personalize-import status {STACK} --watch"


def demo() -> str:
    """Draw a recording of `make demo`."""
    frames = record([sys.executable, "-m", "demo"], {})
    return draw(
        frames, "make demo: the CDK CLI deploys three imports into an embedded AWS, and each becomes active."
    )


def status() -> str:
    """Draw what `personalize-import status --watch` shows while all imports of a deployment are importing."""
    with TemporaryDirectory() as home, LocalAws(speed=SPEED) as aws:
        output: list[str] = []
        cdk = CdkCli(aws.environment, Path(home), output.append)
        account = aws.client("sts").get_caller_identity()["Account"]
        cdk.run("bootstrap", f"aws://{account}/{aws.region}")
        deployment = threading.Thread(target=cdk.run, args=("deploy", "--require-approval", "never"))
        deployment.start()
        command = [str(Path(sys.executable).with_name("personalize-import")), "status", STACK, "--watch"]
        frames = record(command, aws.environment, keep=_all_are_importing)
        deployment.join()
    return draw(
        frames[-1:], f"{WATCHED}: a table of three imports, each with its dataset, job, state and time."
    )


def _all_are_importing(text: str) -> bool:
    return text.count(ImportState.IMPORTING) == text.count(f"{STACK}/") / 2 == 3
