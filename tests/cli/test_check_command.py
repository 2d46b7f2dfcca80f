# SPDX-License-Identifier: Apache-2.0
"""`personalize-import check`, as it is called."""

import json
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from personalize_import.cli.check_command import find_location
from personalize_import.cli.commands import command
from personalize_import.data_check.s3_location import S3Location
from tests.data_check.data import HEADER, SCHEMA, interactions, write


@pytest.fixture
def schema(tmp_path: Path) -> Path:
    """The file of a schema."""
    path = tmp_path / "schema.json"
    path.write_text(json.dumps(SCHEMA))
    return path


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """An empty folder for data."""
    folder = tmp_path / "data"
    folder.mkdir()
    return folder


def run(*arguments: str | Path) -> Result:
    """Run the command."""
    return CliRunner().invoke(command, ["check", *map(str, arguments)])


def test_clean_data_exits_with_0(data: Path, schema: Path) -> None:
    """The summary says how much was looked at."""
    result = run(write(data, *interactions()), "--schema", schema)

    assert result.exit_code == 0
    assert "Checked 1,000 records in 1 file: no errors, no warnings." in result.output


def test_findings_exit_with_1_and_say_where_and_what_to_do(data: Path, schema: Path) -> None:
    """The list has rule, file, line, value and what to do."""
    lines = [*interactions(), "u1,i1,1600000000000\n"]

    result = run(write(data, *lines), "--schema", schema)

    assert result.exit_code == 1
    for words in ("ERROR", "timestamp-seconds", "data.csv:1002", "1600000000000", "milliseconds"):
        assert words in result.output
    assert "Checked 1,001 records in 1 file: 1 error, 0 warnings." in result.output


def test_warnings_count_only_where_that_is_asked_for(data: Path, schema: Path) -> None:
    """The import may succeed, so a script goes on by default."""
    path = write(data, *interactions(), header="user_id,ITEM_ID,TIMESTAMP\n")

    assert run(path, "--schema", schema).exit_code == 0
    assert run(path, "--schema", schema, "--strict").exit_code == 1


@pytest.mark.parametrize(
    "arguments", [["missing.csv", "--schema", "s.json"], ["."], [".", "--schema", "s.json"]]
)
def test_what_cannot_be_looked_at_exits_with_2(arguments: list[str]) -> None:
    """No data, no schema given, no schema there."""
    assert run(*arguments).exit_code == 2


def test_json_has_everything(data: Path, schema: Path) -> None:
    """Programs get what people get, and the source of each rule."""
    path = write(data, "u1,i1,1600000000000\n" * 3)

    result = run(path, "--schema", schema, "--format", "json", "--examples", "2")

    report = json.loads(result.stdout)
    rule = next(rule for rule in report["rules"] if rule["id"] == "timestamp-seconds")
    assert (report["records"], report["files"], rule["count"], rule["severity"]) == (3, 1, 3, "error")
    assert rule["certain"] is True
    assert rule["source"].startswith("https://docs.aws.amazon.com/personalize/")
    assert rule["examples"] == [
        {
            "file": str(path),
            "line": line,
            "field": "TIMESTAMP",
            "value": "1600000000000",
            "found": "Got TIMESTAMP=1600000000000, probably milliseconds",
        }
        for line in (2, 3)
    ]


def test_one_record_is_in_the_singular(data: Path, schema: Path) -> None:
    """In the summary and in the table."""
    result = run(write(data, *interactions(1)), "--schema", schema)

    assert "Checked 1 record in 1 file: 1 error, 1 warning." in result.output
    assert "records " not in result.output.replace("1,000 records", "")


def test_without_a_schema_that_can_be_read_no_data_is_checked(data: Path, schema: Path) -> None:
    """The summary does not count what nobody looked at."""
    schema.write_text("{")

    result = run(write(data, *interactions()), "--schema", schema)

    assert result.exit_code == 1
    assert "No data was checked: 1 error, 0 warnings." in result.output


@pytest.mark.parametrize("level", ["off", "advice", "warning"])
@pytest.mark.parametrize(
    ("rule", "schema_text", "header", "reason"),
    [
        ("schema-form", "{", HEADER, "schema.json:1: the schema cannot be read. JSON error: "),
        ("header-missing", json.dumps(SCHEMA), "", "no file has a header that can be read"),
        ("file-format", json.dumps(SCHEMA), "\x1f\x8b", "no file has a header that can be read"),
    ],
)
def test_a_check_that_looks_at_no_data_could_not_run(
    data: Path, schema: Path, level: str, rule: str, schema_text: str, header: str, reason: str
) -> None:
    """A rule that is no error does not make it a success. The reason is one line."""
    schema.write_text(schema_text)
    path = write(data, *interactions(), header=header)
    path.write_bytes(path.read_text().encode("latin1"))

    result = run(path, "--schema", schema, "--severity", f"{rule}={level}")

    assert result.exit_code == 2
    assert reason in result.output
    assert result.output.count("\n") == 1


def test_an_empty_path_is_no_folder(schema: Path) -> None:
    """It is what an unset variable becomes, not the current folder."""
    result = run("", "--schema", schema)

    assert result.exit_code == 2
    assert "there is no file or folder ''" in result.output


def test_a_rule_that_is_made_advice_is_not_reported_with_strict(data: Path, schema: Path) -> None:
    """The option leaves out all advice."""
    path = write(data, *interactions(), "u1,i1,1600000000000\n")

    advised, strict = (
        run(path, "--schema", schema, "--severity", "timestamp-seconds=advice", *more)
        for more in ([], ["--strict"])
    )

    assert (advised.exit_code, strict.exit_code) == (0, 0)
    assert "ADVICE  timestamp-seconds" in advised.output
    assert strict.output == "Checked 1,001 records in 1 file: no errors, no warnings.\n"


def test_a_closed_standard_input_is_told_in_one_line(schema: Path) -> None:
    """Python has no stream for it then."""
    code = "import sys; from personalize_import.cli import main; main()"
    command_line = [sys.executable, "-c", code, "check", "-", "--schema", str(schema)]

    ended = subprocess.run(
        ["sh", "-c", '"$@" <&-', "sh", *command_line], capture_output=True, text=True, check=False
    )

    assert (ended.returncode, ended.stderr) == (2, "The standard input is closed.\n")


def test_a_type_that_nothing_tells_is_asked_for_with_the_option(data: Path, schema: Path) -> None:
    """The way on is one that the command has."""
    schema.write_text(json.dumps(SCHEMA | {"name": "Mine"}))

    result = run(write(data, *interactions()), "--schema", schema)

    assert result.exit_code == 2
    assert "got 'Mine'. Rename the schema, or give --dataset-type." in result.output


def test_every_option_has_a_help_text() -> None:
    """Nobody has to guess what one is for."""
    assert [
        option.name
        for each in command.commands.values()
        for option in each.params
        if isinstance(option, click.Option) and not option.help
    ] == []


def test_type_domain_and_mode_are_taken_in_any_case(data: Path, schema: Path) -> None:
    """What the API writes in capitals may be typed small."""
    path = write(data, *interactions())

    result = run(
        path,
        "--schema",
        schema,
        "--dataset-type",
        "INTERACTIONS",
        "--domain",
        "ecommerce",
        "--import-mode",
        "full",
    )

    assert result.exit_code == 1
    assert "schema-required-field" in result.output


def test_help_does_not_wait_for_what_does_the_work() -> None:
    """Neither the engine nor the AWS SDK nor the CDK is imported to show what there is to type."""
    slow = "{'polars', 'boto3', 'botocore', 'rich', 'aws_cdk', 'jsii'}"
    code = f"import sys, personalize_import.cli.commands; print(sorted({slow} & set(sys.modules)))"

    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert shown.stdout.strip() == "[]"


@pytest.mark.parametrize("missing", ["click", "polars", "rich"])
def test_without_the_extra_it_says_what_to_install(missing: str, data: Path, schema: Path) -> None:
    """An installation without the extra has the command, which cannot run."""
    code = (
        f"import sys; sys.modules[{missing!r}] = None; sys.argv = ['personalize-import', *sys.argv[1:]]\n"
        "from personalize_import.cli import main; main()"
    )
    arguments = ["check", str(data), "--schema", str(schema)]

    ended = subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False
    )

    assert ended.returncode == 2
    assert ended.stderr.strip() == (
        "personalize-import needs the extra cli: pip install 'cdk-personalize-import[cli]'"
    )


@pytest.mark.parametrize("columns", ["80", "40"])
def test_a_narrow_terminal_shows_whole_rule_ids(data: Path, schema: Path, columns: str) -> None:
    """A list has room for them, and for the place of each finding."""
    path = write(data, *interactions(), "u1,i1,1600000000000\n", header="user_id,ITEM_ID,TIMESTAMP\n")
    code = (
        "import sys; from rich.console import Console; from personalize_import.cli import check_command\n"
        f"check_command.console = lambda stderr=False: Console(stderr=stderr, width={columns})\n"
        "from personalize_import.cli import main; main()"
    )

    shown = subprocess.run(
        [sys.executable, "-c", code, "check", path.name, "--schema", str(schema)],
        cwd=data,
        capture_output=True,
        text=True,
        check=False,
    ).stdout

    lines = shown.splitlines()
    assert max(map(len, lines)) <= int(columns)
    assert "ERROR  timestamp-seconds  1 found" in lines
    assert "WARNING  header-case  1 found" in lines
    assert "data.csv:1002 TIMESTAMP=1600000000000, probably milliseconds" in " ".join(shown.split())


def test_the_severity_of_a_rule_can_be_changed(data: Path, schema: Path) -> None:
    """Up, down and off."""
    path = write(data, *interactions(), "u1,i1,1600000000000\n")

    def exit_code(*levels: str) -> int:
        return run(path, "--schema", schema, *(f"--severity={level}" for level in levels)).exit_code

    assert exit_code() == 1
    assert exit_code("timestamp-seconds=warning") == 0
    assert exit_code("timestamp-seconds=off") == 0
    assert exit_code("timestamp-seconds=off", "id-length=off") == 0
    result = run(path, "--schema", schema, "--severity", "timestamp-seconds=warning", "--format", "json")
    assert [(rule["id"], rule["severity"]) for rule in json.loads(result.stdout)["rules"]] == [
        ("timestamp-seconds", "warning")
    ]


@pytest.mark.parametrize("level", ["no-rule=off", "id-length", "id-length=fatal"])
def test_a_severity_that_does_not_exist_exits_with_2(data: Path, schema: Path, level: str) -> None:
    """The message names what was given."""
    result = run(write(data, *interactions()), "--schema", schema, "--severity", level)

    assert result.exit_code == 2
    assert level.partition("=")[0] in result.output


def test_advice_is_shown_and_does_not_change_the_exit_code(data: Path, schema: Path) -> None:
    """With --strict there is none."""
    fields = [*SCHEMA["fields"], {"name": "DEVICE", "type": ["null", "string"], "categorical": True}]
    schema.write_text(json.dumps(SCHEMA | {"fields": fields}))
    lines = [line.rstrip("\n") + ",\n" for line in interactions()]
    path = write(data, *lines, header="USER_ID,ITEM_ID,TIMESTAMP,DEVICE\n")

    advised, strict = (run(path, "--schema", schema, *more) for more in ([], ["--strict"]))

    assert (advised.exit_code, strict.exit_code) == (0, 0)
    assert "ADVICE  column-filled" in advised.output
    assert "no errors, no warnings. 1 piece of advice." in advised.output
    assert "column-filled" not in strict.output


@pytest.mark.parametrize(("level", "code"), [("error", 1), ("warning", 1), ("advice", 0), ("off", 0)])
def test_advice_that_is_made_a_warning_or_an_error_stays_with_strict(
    data: Path, schema: Path, level: str, code: int
) -> None:
    """The option leaves out advice only."""
    fields = [
        *SCHEMA["fields"],
        {"name": "DEVICE", "type": ["null", "string"], "categorical": True},
        {"name": "BROWSER", "type": ["null", "string"], "categorical": True},
    ]
    schema.write_text(json.dumps(SCHEMA | {"fields": fields}))
    lines = [f"{line.rstrip()},,b{number}\n" for number, line in enumerate(interactions(2000))]
    path = write(data, *lines, header="USER_ID,ITEM_ID,TIMESTAMP,DEVICE,BROWSER\n")

    result = run(path, "--schema", schema, "--severity", f"column-filled={level}", "--strict")

    assert result.exit_code == code
    assert ("column-filled  1 found" in result.output) is bool(code)
    assert "categories-count" not in result.output


@pytest.mark.parametrize(
    ("option", "aws_region", "region"),
    [
        ("us-east-1", "eu-west-1", "us-east-1"),
        (None, "eu-west-1", "eu-west-1"),
        (None, None, "eu-west-2"),
        (None, "", "eu-west-2"),
    ],
)
def test_the_region_is_the_one_that_the_aws_cli_would_take(
    monkeypatch: pytest.MonkeyPatch, option: str | None, aws_region: str | None, region: str
) -> None:
    """The order is the option, AWS_REGION, which boto3 does not read, and then the region of boto3."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-2")
    monkeypatch.delenv("AWS_REGION", raising=False)
    if aws_region is not None:
        monkeypatch.setenv("AWS_REGION", aws_region)

    location = find_location("s3://data/in/", jobs=1, profile=None, region=option)

    assert isinstance(location, S3Location)
    assert location.client.meta.region_name == region


def test_every_key_of_the_json_is_documented(data: Path, schema: Path) -> None:
    """The page on the command names each."""
    page = (Path(__file__).parents[2] / "docs" / "command-line.md").read_text(encoding="utf-8")
    report = json.loads(run(write(data, "u1,i1,x\n"), "--schema", schema, "--format", "json").stdout)

    rule = report["rules"][0]
    for key in (*report, *rule, *rule["examples"][0]):
        assert f"| `{key}` |" in page, key
