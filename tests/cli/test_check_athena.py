# SPDX-License-Identifier: Apache-2.0
"""`personalize-import check s3://... --engine athena`, against the embedded AWS, whose Athena is duckdb."""

import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from rich.console import Console

from local_aws import LocalAws
from personalize_import.athena import PRIMARY, Athena
from personalize_import.cli.check_athena import AthenaEngine
from personalize_import.data_check import CannotCheckError, check
from personalize_import.data_check.s3_location import S3Location
from tests.data_check.data import HEADER, SCHEMA, interactions, rules
from tests.local_aws.accounts import ACCOUNT, Account

pytestmark = pytest.mark.slow
MAIN = [sys.executable, "-c", "from personalize_import.cli import main; main()"]
OUTPUT = "s3://results/checks/"
PAGE = Path(__file__).parents[2] / "docs" / "command-line.md"


@pytest.fixture(scope="module")
def aws() -> Iterator[LocalAws]:
    """A running instance with a folder of good data, a bad one, and a bucket for results."""
    with LocalAws() as running:
        s3 = running.client("s3")
        s3.create_bucket(Bucket="data")
        s3.create_bucket(Bucket="results")
        lines = interactions(2000)
        for name, part in (("a", lines[:1000]), ("b", lines[1000:])):
            s3.put_object(Bucket="data", Key=f"good/{name}.csv", Body="".join([HEADER, *part]).encode())
        bad = "".join([HEADER, *lines, HEADER, '"u,1",i1,1600000000\r\n', 'u"1,i1,1\n']).encode()
        s3.put_object(Bucket="data", Key="bad/a.csv", Body=bad)
        s3.put_object(Bucket="data", Key="bad/_SUCCESS", Body=b"")
        s3.put_object(Bucket="data", Key="bad/old/b.csv", Body=b"not,checked\n")
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
    return subprocess.run(
        command, env=environment, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
    )


def by_athena(aws: LocalAws, url: str, schema: Path, *more: str) -> subprocess.CompletedProcess[str]:
    """The same with Amazon Athena."""
    return run(aws, url, schema, "--engine", "athena", "--output", OUTPUT, *more)


def leftovers(aws: LocalAws) -> list[str]:
    """The databases of the catalogue and the objects among the results."""
    databases = aws.client("glue").get_databases()["DatabaseList"]
    objects = aws.client("s3").list_objects_v2(Bucket="results").get("Contents", ())
    return [each["Name"] for each in databases if "check" in each["Name"]] + [each["Key"] for each in objects]


def session_of(aws: LocalAws) -> boto3.Session:
    """A session of boto3 with the credentials of the instance."""
    return boto3.Session(
        aws_access_key_id=aws.environment["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=aws.environment["AWS_SECRET_ACCESS_KEY"],
        region_name=aws.region,
    )


def test_good_data_is_clean_and_the_price_is_shown(aws: LocalAws, schema: Path) -> None:
    """With the bytes, and what is not checked. Nothing is left behind."""
    ended = by_athena(aws, "s3://data/good/", schema, "--yes")

    assert "Checked 2,000 records in 2 files: no errors, no warnings." in ended.stdout
    assert ended.returncode == 0
    assert "Amazon Athena scans all 40,742 bytes below s3://data/good/ up to 2 times." in ended.stderr
    assert "that costs less than 0.01 USD." in ended.stderr
    assert "does not check file-encoding, line-long, categories-count" in ended.stderr
    assert leftovers(aws) == []


def test_the_same_is_found_as_on_this_machine(aws: LocalAws, schema: Path) -> None:
    """The same rules, counts and exit code, in the same JSON. Examples have no line."""
    options = ("--format", "json", "--yes")
    athena, here = (
        by_athena(aws, "s3://data/bad/", schema, *options),
        run(aws, "s3://data/bad/", schema, *options),
    )

    found, expected = json.loads(athena.stdout), json.loads(here.stdout)
    assert (athena.returncode, here.returncode) == (1, 1)
    assert {rule["id"]: rule["count"] for rule in found["rules"]} == {
        rule["id"]: rule["count"] for rule in expected["rules"]
    }
    assert {key: found[key] for key in found if key != "rules"} == {
        key: expected[key] for key in expected if key != "rules"
    }
    [example] = next(rule["examples"] for rule in found["rules"] if rule["id"] == "value-type")
    assert (example["file"], example["line"]) == ("s3://data/bad/a.csv", None)
    assert (example["field"], example["value"]) == ("TIMESTAMP", "TIMESTAMP")
    assert leftovers(aws) == []


def test_one_object_of_a_folder_is_checked(aws: LocalAws, schema: Path) -> None:
    """Its lines only; the bytes of the folder may be scanned."""
    ended = by_athena(aws, "s3://data/good/a.csv", schema, "--yes")

    assert "Checked 1,000 records in 1 file: no errors, no warnings." in ended.stdout


def test_a_bucket_without_a_slash_is_a_folder(aws: LocalAws, schema: Path) -> None:
    """All its objects are checked."""
    s3 = aws.client("s3")
    s3.create_bucket(Bucket="flat")
    for name in ("a", "b"):
        s3.put_object(Bucket="flat", Key=f"{name}.csv", Body="".join([HEADER, *interactions(1000)]).encode())

    ended = by_athena(aws, "s3://flat", schema, "--yes")

    assert "Checked 2,000 records in 2 files" in ended.stdout


def test_the_queries_run_in_the_workgroup_that_is_named(aws: LocalAws, schema: Path) -> None:
    """Both of them; without the option they run in `primary`."""
    athena = aws.client("athena")
    athena.create_work_group(Name="team")

    ended = by_athena(aws, "s3://data/good/", schema, "--yes", "--workgroup", "team")

    assert ended.returncode == 0, ended.stderr
    ran = athena.list_query_executions(WorkGroup="team")["QueryExecutionIds"]
    queries = athena.batch_get_query_execution(QueryExecutionIds=ran)["QueryExecutions"]
    assert [query["WorkGroup"] for query in queries] == ["team", "team"]


def test_without_yes_and_without_a_terminal_nothing_is_checked(aws: LocalAws, schema: Path) -> None:
    """The price is shown, and exit code 2 says that the data was not checked."""
    ended = by_athena(aws, "s3://data/good/", schema)

    assert (ended.returncode, ended.stdout) == (2, "")
    assert "USD" in ended.stderr
    assert ended.stderr.endswith("Add --yes to check without a question.\n")


@pytest.mark.parametrize(
    ("url", "options", "message"),
    [
        ("data.csv", ["--engine", "athena", "--output", OUTPUT], "is for data in Amazon S3"),
        ("s3://data/good/", ["--engine", "athena"], "needs a folder for results"),
        ("s3://data/good/", ["--output", OUTPUT], "--output is for --engine athena."),
        ("s3://data/good/", ["--workgroup", "team"], "--workgroup is for --engine athena."),
    ],
)
def test_options_that_do_not_fit_are_refused(
    aws: LocalAws, schema: Path, url: str, options: list[str], message: str
) -> None:
    """With exit code 2."""
    ended = run(aws, url, schema, *options)

    assert ended.returncode == 2
    assert message in re.sub(r"\s+", " ", ended.stderr)


def test_what_was_made_is_removed_after_a_failure(aws: LocalAws, schema: Path) -> None:
    """Here the bucket for results does not exist. The reason is one line."""
    ended = run(
        aws, "s3://data/good/", schema, "--engine", "athena", "--output", "s3://no-such-bucket/", "--yes"
    )

    assert ended.returncode == 2
    assert "Amazon Athena: " in ended.stderr or "NoSuchBucket" in ended.stderr
    assert leftovers(aws) == []


def engine_of(aws: LocalAws, location: S3Location, **clients: Any) -> AthenaEngine:
    """The engine with the instance's clients, each of which can be replaced."""
    engine = AthenaEngine(
        location,
        session_of(aws),
        output=OUTPUT,
        workgroup=PRIMARY,
        yes=True,
        errors=Console(stderr=True),
    )
    made = {name: aws.client(name) for name in ("athena", "glue", "s3")} | clients
    engine._athena = Athena(made["athena"], made["glue"], made["s3"], OUTPUT)
    return engine


def test_ctrl_c_stops_the_query_and_removes_what_was_made(aws: LocalAws) -> None:
    """While a query is under way."""
    location = S3Location("s3://data/good/", aws.client("s3"))
    engine = engine_of(aws, location)
    waited = threading.Event()

    def interrupt(seconds: float) -> None:
        waited.set()
        assert leftovers(aws) != []
        raise KeyboardInterrupt

    engine._athena.wait = interrupt

    with pytest.raises(KeyboardInterrupt):
        check(location, SCHEMA, engine=engine)

    assert waited.is_set()
    assert leftovers(aws) == []


def test_an_emulator_without_sql_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """What it answers is no result."""
    monkeypatch.setenv("ATHENA_ENGINE", "mock")
    with LocalAws() as running:
        s3 = running.client("s3")
        s3.create_bucket(Bucket="data")
        s3.create_bucket(Bucket="results")
        s3.put_object(Bucket="data", Key="in/a.csv", Body="".join([HEADER, *interactions(5)]).encode())
        location = S3Location("s3://data/in/", s3)

        with pytest.raises(CannotCheckError, match="answered with the columns"):
            check(location, SCHEMA, engine=engine_of(running, location))


def documented_policy() -> list[dict[str, Any]]:
    """The statements of the page on the command, for the buckets and the account of the instance."""
    text = PAGE.read_text(encoding="utf-8").partition("### Amazon Athena")[2]
    policy = text.partition("```json")[2].partition("```")[0]
    for name, value in {"BUCKET/FOLDER": "data/bad", "BUCKET": "data", "RESULTS": "results"}.items():
        policy = policy.replace(f":::{name}", f":::{value}")
    statements: list[dict[str, Any]] = json.loads(policy.replace("ACCOUNT", ACCOUNT))["Statement"]
    return statements


def clients_as(aws: LocalAws, statements: list[dict[str, Any]]) -> dict[str, Any]:
    """Clients of a user who may do what the statements allow."""
    return Account(aws).clients_as(("athena", "glue", "s3"), *statements)


def test_the_documented_policy_is_enough_and_not_more(aws: LocalAws) -> None:
    """A user with it can check, and each of its actions is one that is called or that Athena needs itself."""
    statements = documented_policy()
    clients = clients_as(aws, statements)
    calls: set[str] = set()
    for name, client in clients.items():
        client.meta.events.register(
            "before-call", lambda model, name=name, **_: calls.add(f"{name}:{model.name}")
        )
    location = S3Location("s3://data/bad/", clients["s3"])

    report = check(location, SCHEMA, engine=engine_of(aws, location, **clients))

    assert "value-type" in rules(report)
    assert leftovers(aws) == []
    actions = {action for statement in statements for action in statement["Action"]}
    made = {"s3:ListBucket" if call == "s3:ListObjectsV2" else call for call in calls}
    assert made <= actions
    # Athena itself reads the catalogue, the data and the place for results as the caller.
    by_athena_itself = {"glue:GetDatabase", "glue:GetTable", "glue:GetPartitions", "s3:GetBucketLocation"}
    by_athena_itself |= {"s3:PutObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"}
    assert actions - made - by_athena_itself == {"athena:StopQueryExecution"}  # after Ctrl-C


@pytest.mark.parametrize("missing", ["glue:CreateDatabase", "glue:CreateTable", "athena:StartQueryExecution"])
def test_a_missing_permission_is_one_line_and_leaves_nothing(aws: LocalAws, missing: str) -> None:
    """The line names the permission."""
    statements = documented_policy()
    for statement in statements:
        statement["Action"] = [action for action in statement["Action"] if action != missing]
    clients = clients_as(aws, statements)
    location = S3Location("s3://data/bad/", clients["s3"])

    with pytest.raises(CannotCheckError) as refused:
        check(location, SCHEMA, engine=engine_of(aws, location, **clients))

    assert str(refused.value) == f"Access denied. The credentials need {missing}."
    assert leftovers(aws) == []


def test_ctrl_c_at_the_question_ends_the_command(aws: LocalAws, schema: Path) -> None:
    """With exit code 130, as anywhere else, and nothing is made."""
    arguments = ["s3://data/good/", "--schema", str(schema), "--engine", "athena", "--output", OUTPUT]
    child, terminal = pty.fork()
    if not child:
        os.execve(sys.executable, [*MAIN, "check", *arguments], {**os.environ, **aws.environment})
    shown, pause = b"", 0.5
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if select.select([terminal], [], [], pause)[0]:
            try:
                shown += os.read(terminal, 4096)
            except OSError:  # the command has ended
                break
        elif b"Check?" in shown:
            os.write(terminal, b"\x03")
            pause = 15  # a second one would meet the end of the interpreter
    os.kill(child, signal.SIGKILL)

    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 130
    assert leftovers(aws) == []
