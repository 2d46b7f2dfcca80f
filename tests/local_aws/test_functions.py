# SPDX-License-Identifier: Apache-2.0
"""Functions find here what Lambda gives them: a role, logging in the format that they ask for."""

import io
import json
import time
import zipfile
from typing import Any

from tests.local_aws.accounts import Account, trust

WHOAMI = """
import boto3
def handler(event, context):
    arn = boto3.client("sts").get_caller_identity()["Arn"]
    try:
        boto3.client("personalize").list_dataset_import_jobs()
    except Exception as error:
        return arn, error.response["Error"]["Code"]
    return arn, None
"""

LOGS = """
import logging
def handler(event, context):
    logging.getLogger("mine").info("it is %d", 7, extra={"job": "arn"})
    logging.getLogger("mine").debug("too fine")
"""


def invoked(account: Account, code: str, **configuration: Any) -> tuple[str, Any]:
    """The name of a function with this code, and its answer to an invocation."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("index.py", code)
    client, name = account.aws.client("lambda"), account.name("function")
    client.create_function(
        FunctionName=name,
        Runtime="python3.13",
        Role=account.role(trust("lambda.amazonaws.com")),
        Handler="index.handler",
        Code={"ZipFile": packed.getvalue()},
        Timeout=30,
        **configuration,
    )
    return name, json.load(client.invoke(FunctionName=name)["Payload"])


def logged(account: Account, name: str) -> list[str]:
    """What the function has written."""
    client = account.aws.client("logs")
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        found = client.filter_log_events(logGroupName=f"/aws/lambda/{name}")["events"]
        messages = [event["message"] for event in found]
        if any(message.startswith("REPORT") for message in messages):
            return messages
        time.sleep(0.05)
    raise AssertionError("the invocation has not been logged")


def test_a_function_acts_as_its_role(account: Account) -> None:
    """What a function may do is what the policies of its role allow."""
    _, (arn, error) = invoked(account, WHOAMI)

    assert ":assumed-role/role-" in arn
    assert error == "AccessDeniedException"


def test_a_function_that_asks_for_json_logs_json(account: Account) -> None:
    """The root logger writes from the level that is set, with what `extra` adds."""
    logging = {"LogFormat": "JSON", "ApplicationLogLevel": "INFO"}

    name, _ = invoked(account, LOGS, LoggingConfig=logging)

    (line,) = [json.loads(message) for message in logged(account, name) if message.startswith("{")]
    assert line.pop("timestamp").endswith("Z")
    assert line == {"level": "INFO", "message": "it is 7", "logger": "mine", "job": "arn"}


def test_a_function_that_asks_for_nothing_logs_warnings_as_text(account: Account) -> None:
    """Lambda's default is text, and Python's is WARNING."""
    name, _ = invoked(account, LOGS.replace(".info(", ".warning("))

    assert any(
        message.startswith("[WARNING]") and message.rstrip().endswith("it is 7")
        for message in logged(account, name)
    )
