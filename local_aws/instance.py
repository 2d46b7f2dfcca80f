# SPDX-License-Identifier: Apache-2.0
"""An embedded AWS in a process of its own, for as long as a `with` block lasts."""

import json
import shutil
import signal
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import IO, Any

START_TIMEOUT = 60
STOP_TIMEOUT = 10
LOOK_AGAIN = 0.02
"""Seconds."""


class LocalAws:
    """An embedded AWS on a free port, with its state in a temporary folder, until the end of the block.

    Args:
        speed: The factor by which Personalize and the rates of schedules run faster; above 0.
        region: The region of the environment and of the clients.
        log_path: The path of the log. If omitted, it is in the temporary folder, and removed with it.
        import_minutes: The duration of an import in minutes of Personalize, which the speed divides; above 0.
            If omitted, 10 to 20.
    """

    def __init__(
        self,
        speed: float = 120,
        region: str = "us-east-1",
        log_path: Path | None = None,
        import_minutes: float | None = None,
    ) -> None:
        self.region = region
        self._import_minutes = import_minutes
        self._speed = speed
        self._given_log = log_path
        self._folder: Path | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._errors: IO[bytes] | None = None
        self._environment: dict[str, str] = {}

    def __enter__(self) -> "LocalAws":
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def environment(self) -> dict[str, str]:
        """The environment variables with which an AWS tool uses this instance."""
        return dict(self._environment)

    @property
    def endpoint_url(self) -> str:
        """The address of every service."""
        return self._environment["AWS_ENDPOINT_URL"]

    @property
    def log_path(self) -> Path:
        """The log of the server and of the functions that run in it."""
        if self._given_log:
            return self._given_log
        if self._folder is None:
            raise RuntimeError("The embedded AWS has not been started.")
        return self._folder / "local-aws.log"

    def start(self) -> None:
        """Start the instance and wait until it answers. The `with` statement calls it.

        Raises:
            RuntimeError: It did not start. The message ends with its output.
        """
        self._folder = Path(tempfile.mkdtemp(prefix="local-aws-"))
        ready = self._folder / "ready"
        options = {
            "--speed": self._speed,
            "--region": self.region,
            "--folder": self._folder,
            "--ready-file": ready,
            "--log-file": self.log_path,
        }
        if self._import_minutes is not None:
            options["--import-minutes"] = self._import_minutes
        command = [str(word) for option in options.items() for word in option]
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - stop() closes it
        # The instance stops when its standard input ends, which is when this process ends.
        self._process = subprocess.Popen(
            [sys.executable, "-m", "local_aws", "--stop-with-stdin", *command],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=self._errors,
            cwd=Path(__file__).parent.parent,
            start_new_session=True,
        )
        deadline = time.monotonic() + START_TIMEOUT
        while not ready.exists():
            if self._process.poll() is not None or time.monotonic() > deadline:
                said = self._said()
                self.stop()
                raise RuntimeError(f"The embedded AWS did not start: {said}")
            time.sleep(LOOK_AGAIN)
        self._environment = dict(line.split("=", 1) for line in ready.read_text().splitlines())

    def stop(self) -> None:
        """Stop the instance and remove its files. The `with` statement calls it."""
        process, self._process = self._process, None
        if process is not None:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(STOP_TIMEOUT)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            if process.stdin:
                process.stdin.close()
        if self._errors is not None:
            self._errors.close()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)

    def client(self, service: str) -> Any:
        """Return a boto3 client of a service of this instance, as the account's root."""
        import boto3

        return boto3.client(
            service,  # type: ignore[call-overload]
            region_name=self.region,
            endpoint_url=self.endpoint_url,
            aws_access_key_id=self._environment["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=self._environment["AWS_SECRET_ACCESS_KEY"],
            verify=self._environment["AWS_CA_BUNDLE"],
        )

    def records(self, dataset_arn: str) -> int:
        """Return the number of records in a dataset, which the real service does not report."""
        context = ssl.create_default_context(cafile=self._environment["AWS_CA_BUNDLE"])
        with urllib.request.urlopen(
            self.endpoint_url + "/_local/personalize/records", context=context
        ) as answer:
            return int(json.load(answer).get(dataset_arn, 0))

    def _said(self) -> str:
        if self._process is None or self._errors is None:
            return "it said nothing"
        self._process.kill()
        self._process.wait()
        self._errors.seek(0)
        return self._errors.read().decode(errors="replace")[-2000:].strip() or "it said nothing"
