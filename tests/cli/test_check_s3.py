# SPDX-License-Identifier: Apache-2.0
"""`personalize-import check s3://...`, against the embedded AWS."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from local_aws import LocalAws
from tests.data_check.data import HEADER, SCHEMA, interactions

pytestmark = pytest.mark.slow

MAIN = [sys.executable, "-c", "from personalize_import.cli import main; main()"]


@pytest.fixture(scope="module")
def aws() -> Iterator[LocalAws]:
    """A running instance with a bucket: a good folder, a bad one, and one large object."""
    with LocalAws() as running:
        s3 = running.client("s3")
        s3.create_bucket(Bucket="data")
        lines = interactions(2000)
        for name, part in (("a", lines[:1000]), ("b", lines[1000:])):
            s3.put_object(Bucket="data", Key=f"good/{name}.csv", Body="".join([HEADER, *part]).encode())
        s3.put_object(Bucket="data", Key="bad/a.csv", Body="".join([HEADER, *lines, "u1,i1,x\n"]).encode())
        large = "".join([HEADER, *interactions(300_000), "u1,i1,x\n"]).encode()
        s3.put_object(Bucket="data", Key="large.csv", Body=large)
        yield running


@pytest.fixture
def schema(tmp_path: Path) -> Path:
    """The file of a schema."""
    path = tmp_path / "schema.json"
    path.write_text(json.dumps(SCHEMA))
    return path


def run(aws: LocalAws, url: str, schema: Path, *more: str) -> subprocess.CompletedProcess[str]:
    """Run the command with the credentials of the instance."""
    environment = {**os.environ, **aws.environment}
    command = [*MAIN, "check", url, "--schema", str(schema), *more]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def test_a_folder_in_s3_is_checked(aws: LocalAws, schema: Path) -> None:
    """All its objects, as one import."""
    ended = run(aws, "s3://data/good/", schema)

    assert (ended.returncode, ended.stderr) == (0, "")
    assert "Checked 2,000 records in 2 files: no errors, no warnings." in ended.stdout


def test_what_is_wrong_in_s3_is_found_with_its_place(aws: LocalAws, schema: Path) -> None:
    """The object and the line."""
    ended = run(aws, "s3://data/bad/", schema, "--format", "json")

    [rule] = json.loads(ended.stdout)["rules"]
    assert ended.returncode == 1
    assert [(each["file"], each["line"]) for each in rule["examples"]] == [("s3://data/bad/a.csv", 2002)]


def test_a_large_object_is_read_in_ranges(aws: LocalAws, schema: Path) -> None:
    """With several jobs as with one."""
    one, four = (run(aws, "s3://data/large.csv", schema, "--jobs", jobs) for jobs in ("1", "4"))

    assert one.stdout == four.stdout
    assert "s3://data/large.csv:300002  TIMESTAMP=x" in one.stdout
    assert "Checked 300,001 records in 1 file: 1 error, 0 warnings." in one.stdout


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("s3://data/good", "s3://data/good: There is no such object. A folder must end in /."),
        ("s3://no-such-bucket/x.csv", "s3://no-such-bucket/x.csv: There is no such bucket. Correct the URL."),
    ],
)
def test_what_is_not_there_is_one_line(aws: LocalAws, schema: Path, url: str, message: str) -> None:
    """And exit code 2."""
    ended = run(aws, url, schema)

    assert (ended.returncode, ended.stdout, ended.stderr) == (2, "", message + "\n")


def test_a_profile_that_does_not_exist_is_one_line(aws: LocalAws, schema: Path) -> None:
    """As botocore says it."""
    ended = run(aws, "s3://data/good/", schema, "--profile", "missing")

    assert ended.returncode == 2
    assert ended.stderr == "s3://data/good/: The config profile (missing) could not be found\n"
