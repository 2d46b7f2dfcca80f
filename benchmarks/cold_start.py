# SPDX-License-Identifier: Apache-2.0
"""What it takes to start the handler in a new environment: processes, several runs."""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import zipfile
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.deployed import deployed_code
from benchmarks.metric import Metric, at_most

if TYPE_CHECKING:
    from collections.abc import Iterator

WAYS = ("boto3 alone", "ours", "crhelper", "Provider")
JOB = "arn:aws:personalize:us-east-1:123456789012:dataset-import-job/interactions"
LARGEST_ASSET = 40.0
"""Kilobytes."""


def measure(repeat: int) -> list[Metric]:
    """Start each handler so many times."""
    with tempfile.TemporaryDirectory() as folder:
        code = Path(folder) / "code"
        shutil.copytree(deployed_code(), code)
        zipped = _zipped(code, Path(folder) / "code.zip")
        shutil.copy(Path(__file__).with_name("one_start.py"), code)
        runs: dict[str, list[dict[str, Any]]] = {way: [] for way in WAYS}
        with _personalize() as endpoint:
            # One more to begin with, so that the first to run does not pay for reading boto3 from the disk.
            for number in range(repeat + 1):
                for way, done in runs.items():
                    said = _start(way, code, endpoint)
                    if number:
                        done.append(said)
    return _metrics(runs, zipped)


def _metrics(runs: dict[str, list[dict[str, Any]]], zipped: float) -> list[Metric]:
    cpu, memory, clients = (
        {way: statistics.median(run[key] for run in done) for way, done in runs.items()}
        for key in ("cpu", "mebibytes", "clients")
    )
    floor = cpu["boto3 alone"]
    goal = at_most(1.25 * floor, "1.25 x boto3 alone")
    return [
        Metric("cold start, until the first call", "CPU s", cpu.pop("ours"), cpu, goal),
        Metric("clients made until then", "", clients.pop("ours"), clients, at_most(1)),
        Metric("memory after the first call", "MiB", memory.pop("ours"), memory, None),
        Metric("code, zipped, with crhelper", "kB", zipped, {}, at_most(LARGEST_ASSET)),
    ]


def _start(way: str, code: Path, endpoint: str) -> dict[str, Any]:
    """Start a handler from its code, which nothing has been compiled of, as in AWS Lambda."""
    environment = {
        "PATH": os.environ.get("PATH", os.defpath),
        "PYTHONPATH": str(code),
        "PYTHONDONTWRITEBYTECODE": "1",
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_ENDPOINT_URL_PERSONALIZE": endpoint,
        "BENCH_JOB": JOB,
    }
    finished = subprocess.run(
        [sys.executable, str(code / "one_start.py"), way],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
        cwd=code,
    )
    if finished.returncode:
        raise RuntimeError(f"{way} could not be started:\n{finished.stderr}")
    said: dict[str, Any] = json.loads(finished.stdout)
    return said


def _zipped(code: Path, target: Path) -> float:
    """The kilobytes of the code as the CDK zips it: deflated, nothing left out."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for path in sorted(code.rglob("*")):
            if path.is_file():
                archive.write(path, path.relative_to(code))
    return target.stat().st_size / 1000


class _Describes(BaseHTTPRequestHandler):
    """Answers every call as if it had asked for the state of an import job."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        job = {"datasetImportJobArn": JOB, "status": "CREATE IN_PROGRESS", "creationDateTime": 1.8e9}
        body = json.dumps({"datasetImportJob": job}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def _personalize() -> Iterator[str]:
    """Serve calls of Personalize, as far as a start needs them, on the loopback."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Describes) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
