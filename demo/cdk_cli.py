# SPDX-License-Identifier: Apache-2.0
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

ROOT = Path(__file__).parent.parent
CDK = ROOT / "node_modules" / ".bin" / "cdk"


class CdkFailedError(RuntimeError):
    """The CDK CLI ended with an error; its output has been shown before."""


class CdkCli:
    """The real CDK CLI, pinned by package-lock.json, pointed at an endpoint by environment variables only."""

    def __init__(
        self, aws_environment: Mapping[str, str], home: Path, show: Callable[[str], None], cli: Path = CDK
    ) -> None:
        """Prepare to run commands.

        Args:
            aws_environment: The variables that AWS tools need to reach the endpoint. The caller's own AWS
                settings are removed, so that nothing can reach a real account.
            home: An empty folder for the assembly and for the CLI's cache, which would go to the user's home.
            show: Called with each line of output.
            cli: The executable; if omitted, the one in node_modules.
        """
        self._home = home
        self._show = show
        self._cli = cli
        left_out = ("AWS_", "CDK_")
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(left_out)}
        self._environment = {
            **inherited,
            **aws_environment,
            # `python3 app.py` of cdk.json is the Python that runs this, and `node` the one beside it.
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)]),
            "CDK_HOME": str(home),
            "CDK_DISABLE_CLI_TELEMETRY": "true",
            "CDK_DISABLE_VERSION_CHECK": "true",
            "PYTHONDONTWRITEBYTECODE": "1",
        }

    def run(self, *arguments: str, folder: Path = ROOT) -> None:
        """Run a command to its end. An exception, such as on Ctrl-C, ends the command too.

        Args:
            arguments: The command and its options.
            folder: The working directory; if omitted, the one with cdk.json, so that the CLI finds the app.

        Raises:
            CdkFailedError: It ended with another exit code than 0.
        """
        command = [
            str(self._cli),
            *arguments,
            "--output",
            str(self._home / "cdk.out"),
            "--ci",
            "--no-notices",
        ]
        # A session of its own, so that the CLI and what it started (node, app.py) can be ended together.
        with subprocess.Popen(
            command,
            cwd=folder,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            errors="replace",
            start_new_session=True,
        ) as process:
            try:
                assert process.stdout is not None
                for line in process.stdout:
                    if line.strip():
                        self._show(line.rstrip())
            except BaseException:
                _end(process)
                raise
        if process.returncode != 0:
            raise CdkFailedError(f"cdk {arguments[0]} ended with exit code {process.returncode}.")


def _end(process: subprocess.Popen[str]) -> None:
    try:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(timeout=5)
    except ProcessLookupError:
        pass
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
