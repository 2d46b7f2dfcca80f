# SPDX-License-Identifier: Apache-2.0
"""The pictures of the documentation show what the code says today; `make pictures` draws them anew."""

import html
import io
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import aws_cdk as cdk
import pytest
from aws_cdk import aws_s3 as s3
from aws_cdk.assertions import Template
from rich.console import Console, Group

import cdk_personalize_import
from cdk_personalize_import import DatasetImportJob, DataSource
from demo.deployment import STACK, STEPS
from demo.progress import Progress
from demo.report import show
from demo.results import ImportResult, Results
from docs.pictures import choices, states
from docs.pictures.__main__ import DRAWN
from docs.pictures.recordings import SPEED
from docs.pictures.terminal import COLUMNS, masked
from docs.pictures.terminal_svg import LAST_PAUSE
from personalize_import.cli.status_view import ImportTable, stack_lines
from personalize_import.status import ImportState, ImportStatus, StackStatus, StatusReport

DOCS = Path(__file__).parents[2] / "docs"
TYPES = ("Interactions", "Items", "Users")
DATASET_ARN = "arn:aws:personalize:eu-west-1:111122223333:dataset/shop/INTERACTIONS"


@pytest.mark.parametrize("name", DRAWN)
def test_a_drawn_picture_is_what_the_code_draws(name: str) -> None:
    """If not: `make pictures`."""
    draw: Callable[[], str] = DRAWN[name]

    assert (DOCS / name).read_text(encoding="utf-8") == draw()


def test_every_state_is_in_the_picture_once() -> None:
    """A new state of `status` gets its place."""
    stages = (*states.STAGES, states.AFTERWARDS, states.INSTEAD, states.REMOVED)

    assert sorted(state for stage in stages for state in stage.states) == sorted(ImportState)


def test_every_choice_is_an_argument_of_the_construct(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The code in the picture can be pasted."""
    (tmp_path / "data.csv").write_text("USER_ID,ITEM_ID,TIMESTAMP\n")
    monkeypatch.chdir(tmp_path)
    stack = cdk.Stack()
    bucket = s3.Bucket(stack, "Bucket")
    names = {**vars(cdk_personalize_import), "Duration": cdk.Duration, "bucket": bucket}
    required = {"dataset_arn": DATASET_ARN, "data_source": DataSource.from_bucket(bucket, "data/")}
    codes = [code for question in choices.QUESTIONS for _, code in question.answers]

    for number, code in enumerate(codes):
        chosen = eval(f"dict({code if '=' in code else f'data_source={code}'})", names)
        DatasetImportJob(stack, f"Import{number}", **required | chosen)

    imports = Template.from_stack(stack).find_resources("Custom::PersonalizeDatasetImportJob")
    assert len(imports) == len(codes)


def test_the_recording_of_the_demo_ends_with_todays_report() -> None:
    """Its layout, its sentences and the names of the sample. If not: `make pictures`."""
    results = Results(
        [
            ImportResult(f"{STACK}-{name}", f"{name}-0123456789ab-1", "ACTIVE", "CREATE_COMPLETE", count, 1.5)
            for name, count in (("interactions", 5000), ("items", 150), ("users", 300))
        ],
        [imported(name, ImportState.ACTIVE) for name in TYPES],
    )
    output = io.StringIO()

    show(Progress(Console(file=output, width=COLUMNS, force_terminal=False)), results, None, speed=600)

    recorded = masked(text_of("demo.svg")).split("\n")
    assert masked(output.getvalue().rstrip()).split("\n")[-len(recorded) :] == recorded


def test_the_recording_of_the_demo_begins_with_its_end() -> None:
    """A preview or a print shows the result: the delay leaves only the pause of the last frame."""
    picture = (DOCS / "demo.svg").read_text(encoding="utf-8")

    timings = re.findall(r"animation: k\d+ ([\d.]+)s step-end (-?[\d.]+)s infinite", picture)

    assert len(timings) == len(re.findall("@keyframes", picture))
    assert {round(float(total) + float(delay), 1) for total, delay in timings} == {LAST_PAUSE}


@pytest.mark.parametrize("step", STEPS)
def test_the_recording_of_the_demo_has_todays_steps(step: str) -> None:
    """Each is announced by its title. If not: `make pictures`."""
    picture = masked(html.unescape((DOCS / "demo.svg").read_text(encoding="utf-8")))

    assert f"▸ {masked(step.format(speed=600))} ..." in picture


def test_the_still_of_status_is_what_is_shown_today() -> None:
    """Its layout, its sentences and the names of the sample. If not: `make pictures`."""
    report = StatusReport(
        imports=tuple(imported(name, ImportState.IMPORTING) for name in TYPES),
        stacks=(StackStatus(name=STACK, id="arn", status="CREATE_IN_PROGRESS"),),
    )
    output = io.StringIO()

    Console(file=output, width=COLUMNS).print(
        Group(ImportTable(report.imports, has_bars=True), *stack_lines(report))
    )

    assert masked(output.getvalue().rstrip()) == masked(text_of("status.svg"))


def test_the_readme_says_how_fast_the_recorded_imports_are() -> None:
    """The still of `status` was recorded in the embedded AWS."""
    readme = (DOCS.parent / "README.md").read_text(encoding="utf-8")

    assert f"Personalize is {SPEED} times as fast" in readme


@pytest.mark.parametrize("name", [*DRAWN, "demo.svg", "status.svg"])
def test_a_picture_has_a_title_and_a_background_and_fetches_nothing(name: str) -> None:
    """It can be read with a screen reader, on light and on dark pages, and without a network."""
    picture = (DOCS / name).read_text(encoding="utf-8")

    assert re.search("<title>.{40,}</title>", picture)
    assert '<rect class="page"' in picture
    assert "http" not in picture.replace("http://www.w3.org/2000/svg", "")


def imported(dataset_type: str, state: ImportState) -> ImportStatus:
    """The status of an import of the sample."""
    return ImportStatus(
        stack=STACK,
        logical_id=f"{dataset_type}Import",
        path=f"{STACK}/{dataset_type}Import",
        dataset=f"{STACK}/{dataset_type.upper()}",
        job=f"{dataset_type.lower()}-0123456789ab-1",
        state=state,
        elapsed=timedelta(seconds=16),
    )


def text_of(picture: str) -> str:
    """What the terminal shows in a picture; of a recording at its end."""
    found = re.search("<desc>(.*?)</desc>", (DOCS / picture).read_text(encoding="utf-8"), re.DOTALL)
    assert found
    return html.unescape(found.group(1))
