# SPDX-License-Identifier: Apache-2.0
"""The acceptance test for a real account, against the embedded AWS, and what it does before it deploys."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from demo.cdk_cli import ROOT
from tests.account.__main__ import main
from tests.account.acceptance import test as run_acceptance
from tests.account.cost import estimate
from tests.account.facts import FACTS, NOT_SEEN
from tests.account.report import Report, StepOutcome, markdown, write
from tests.account.run import Run
from tests.account.steps import NAMES, STEPS, chosen
from tests.account.target import AWS, EMBEDDED, Target, embedded

FAST = "create,failed update,delete"
PASSED = StepOutcome(passed=True, required=True, seconds=900, status="CREATE_COMPLETE", problems=())
FAILED = StepOutcome(passed=False, required=True, seconds=9, status="", problems=("The stack is gone.",))


@pytest.fixture(scope="module")
def target() -> Iterator[Target]:
    """A bootstrapped embedded AWS."""
    with embedded(speed=600) as made:
        yield made


def left_over(target: Target) -> list[str]:
    """The stacks and datasets that exist beside those of the CDK."""
    stacks = target.client("cloudformation").describe_stacks()["Stacks"]
    datasets = target.client("personalize").list_datasets()["datasets"]
    names = [stack["StackName"] for stack in stacks if stack["StackStatus"] != "DELETE_COMPLETE"]
    return [name for name in names if name != "CDKToolkit"] + [dataset["name"] for dataset in datasets]


@pytest.mark.deploy
def test_the_steps_pass_in_the_embedded_aws(target: Target) -> None:
    """DEPLOY_ALL=1 runs all of them. Nothing is left behind, and the report answers the facts."""
    steps = STEPS if "DEPLOY_ALL" in os.environ else chosen(FAST)

    report = run_acceptance(target, "accept", steps, lambda _: None)

    assert report.passed, report
    assert list(report.steps) == [step.name for step in steps]
    assert "yesterday" in report.facts["How does a job with a bad value fail?"]
    assert left_over(target) == []


@pytest.mark.deploy
def test_an_interrupted_run_deletes_what_it_has_created(target: Target) -> None:
    """With Ctrl-C after the first stack is there."""

    def interrupt(line: str) -> None:
        if line.startswith("Step: "):
            raise KeyboardInterrupt

    report = run_acceptance(target, "stopped", STEPS, interrupt)

    assert report.error == "interrupted"
    assert not report.passed
    assert left_over(target) == []


class StackOfInterruptedUpdate:
    """CloudFormation with a stack whose update goes on for two more looks."""

    def __init__(self) -> None:
        self.statuses = ["UPDATE_IN_PROGRESS"] * 3 + ["UPDATE_COMPLETE"]
        self.calls: list[str] = []

    def describe_stacks(self, StackName: str) -> dict[str, list[dict[str, str]]]:
        status = self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]
        self.calls.append(status)
        if status == "gone":
            raise ClientError(
                {"Error": {"Code": "ValidationError", "Message": "It does not exist"}}, "DescribeStacks"
            )
        return {"Stacks": [{"StackStatus": status}]}

    def describe_stack_resources(self, StackName: str) -> dict[str, list[dict[str, str]]]:
        return {"StackResources": []}

    def delete_stack(self, StackName: str) -> None:
        self.calls.append("delete")
        self.statuses = ["DELETE_IN_PROGRESS", "gone"]


def test_an_update_that_goes_on_ends_before_its_stack_is_deleted(tmp_path: Path) -> None:
    """CloudFormation refuses to delete a stack that is being updated, and Ctrl-C ends the CLI only."""
    cloudformation = StackOfInterruptedUpdate()
    target = Target(AWS, lambda _: cloudformation, {}, "eu-west-1", pause=0)

    Run(target, "pia-1", tmp_path, lambda _: None).delete("imports")

    before = cloudformation.calls[: cloudformation.calls.index("delete")]
    assert before[-1] == "UPDATE_COMPLETE"
    assert cloudformation.calls[-1] == "gone"


def unreachable(service: str) -> str:
    """A client, or a question, that must not be reached."""
    raise AssertionError(f"{service} was called")


def account(bootstrapped: bool = True) -> Target:
    """An account in which nothing may be done but to ask which one it is."""

    class Asked(Target):
        account = "111122223333"

        def is_bootstrapped(self) -> bool:
            return bootstrapped

    return Asked(AWS, unreachable, {}, "eu-west-1", pause=0)


@pytest.mark.parametrize("answer", ["", "y", "no", "YES please"])
def test_nothing_is_deployed_without_a_yes(answer: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The account, the prefix and the cost are shown before the question."""
    shown: list[str] = []

    def ask(question: str) -> str:
        shown.append(capsys.readouterr().out)
        return answer

    code = main(["--prefix", "pia-1"], ask=ask, target_of=lambda *_: account())

    assert code == 2
    assert "111122223333, region eu-west-1: stacks pia-1-*" in shown[0]
    assert str(estimate(STEPS)) in shown[0]
    assert "Nothing was deployed." in capsys.readouterr().out


def test_an_account_that_is_not_bootstrapped_is_not_asked_about(capsys: pytest.CaptureFixture[str]) -> None:
    """The command to type is shown."""
    code = main([], ask=unreachable, target_of=lambda *_: account(bootstrapped=False))

    assert code == 2
    assert "npx cdk bootstrap aws://111122223333/eu-west-1" in capsys.readouterr().err


def test_a_step_that_does_not_exist_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    """With those that do."""
    code = main(["--steps", "create,destroy"], ask=unreachable, target_of=lambda *_: account())

    assert code == 2
    assert "There is no step 'destroy'. Steps: create, update" in capsys.readouterr().err


def test_fewer_steps_cost_less() -> None:
    """The estimate counts the imports that the steps start."""
    few, all_steps = estimate(chosen(FAST)), estimate(STEPS)

    assert (few.imports, all_steps.imports) == (2, 10)
    assert few.dollars < all_steps.dollars < 0.1
    assert few.minutes < all_steps.minutes


def test_every_fact_names_a_place_that_exists() -> None:
    """The answer is written there when somebody has seen it."""
    assert [fact.place for fact in FACTS if not (ROOT / fact.place).is_file()] == []


def report(target: str, step: StepOutcome, answer: str) -> Report:
    """A report on one step and one fact."""
    return Report(target, "eu-west-1", "pia-1", {"create": step}, {FACTS[0].question: answer})


def test_a_report_sets_the_embedded_aws_against_the_real_one(tmp_path: Path) -> None:
    """As a page to read, and as JSON of the same."""
    reports = [report(EMBEDDED, PASSED, "2 s"), report(AWS, FAILED, NOT_SEEN)]

    page = write(reports, tmp_path).read_text()
    document = json.loads((tmp_path / "report.json").read_text())

    assert "| create | passed, 900 s. | FAILED, 9 s. The stack is gone. |" in page
    assert f"| {FACTS[0].question} | `{FACTS[0].place}` | 2 s | not observed |" in page
    assert [each["passed"] for each in document["reports"]] == [True, False]
    assert set(document["reports"][0]) == {
        "target", "region", "prefix", "passed", "error", "left", "steps", "facts",
    }  # fmt: skip


def test_a_reason_of_several_lines_stays_in_its_cell() -> None:
    """What AWS says is one line of the table, whatever is in it."""
    page = markdown([report(AWS, PASSED, "a | b\nc")])

    assert "| a \\| b c |" in page


def test_the_page_on_testing_lists_the_steps_and_the_keys_of_the_report() -> None:
    """docs/testing.md says what is run, and what the report holds."""
    text = (ROOT / "docs" / "testing.md").read_text(encoding="utf-8")
    section = text.split("## In a real account")[1].split("\n## ")[0]

    assert [name for name in NAMES if f"| {name} |" not in section] == []
    for key in ("target", "region", "prefix", "passed", "error", "left", "steps", "facts"):
        assert f"`{key}`" in section
