# SPDX-License-Identifier: Apache-2.0
"""What `make bench` prints, writes and draws."""

import io
import json
from typing import Any
from xml.etree import ElementTree

import pytest
from rich.console import Console

from benchmarks.__main__ import PAGE, PICTURE, RESULTS, table
from benchmarks.document import BEGIN, END, markdown, updated
from benchmarks.metric import Metric, at_most
from benchmarks.picture import SHOWN, draw
from benchmarks.synth import Synth, metrics_of, resources_of

METRICS = [
    Metric("end noticed", "s", 1.23456, {"crhelper": 60.0, "plain": None}, at_most(2.5)),
    Metric("cost", "US cents/h", 0.9, {"Provider": 1.7}, at_most(0.85, "half of the Provider's")),
    Metric("calls", "", 1000.0),
]


def written() -> list[dict[str, Any]]:
    """Read the results that are in the repository."""
    results: list[dict[str, Any]] = json.loads(RESULTS.read_text(encoding="utf-8"))
    return results


def test_a_goal_is_met_or_missed_or_not_there() -> None:
    """Only a figure with a goal can miss it."""
    assert [metric.met for metric in METRICS] == [True, False, None]


def test_a_result_has_the_shape_that_others_read() -> None:
    """Six keys; figures with four digits that count; none for a way that fails."""
    assert METRICS[0].as_json() == {
        "metric": "end noticed",
        "unit": "s",
        "ours": 1.235,
        "peers": {"crhelper": 60.0, "plain": None},
        "goal": 2.5,
        "met": True,
    }


def test_the_table_tells_every_metric_and_every_peer() -> None:
    """A missed goal stands out, and so does a way that fails."""
    console = Console(width=150, record=True, file=io.StringIO())

    console.print(table(METRICS))

    text = console.export_text()
    for expected in ("end noticed", "1.235", "60", "fails", "half of the Provider's", "NO", "yes"):
        assert expected in text


def test_the_results_in_the_repository_have_the_shape() -> None:
    """Every one of them, and no metric twice."""
    results = written()

    assert results
    for result in results:
        assert list(result) == ["metric", "unit", "ours", "peers", "goal", "met"]
        assert result["met"] == (None if result["goal"] is None else result["ours"] <= result["goal"])
    assert len({result["metric"] for result in results}) == len(results)


def test_the_page_and_the_picture_show_the_results() -> None:
    """Nobody has typed a figure, and none is of another run."""
    results = written()

    assert markdown(results) in PAGE.read_text(encoding="utf-8")
    assert draw(results) == PICTURE.read_text(encoding="utf-8")


def test_a_table_has_no_column_of_a_peer_without_figures() -> None:
    """A peer that appears begins another table."""
    waiting = METRICS[0].as_json()
    cold = {**waiting, "metric": "cold start", "peers": {"boto3 alone": 0.2}}

    first, second = markdown([waiting, cold]).split("\n\n")

    assert first.startswith("| metric | unit | **ours** | crhelper | plain | goal | met |")
    assert second.startswith("| metric | unit | **ours** | boto3 alone | goal | met |")


def test_the_page_keeps_what_is_around_the_table() -> None:
    """Only what is between the marks is written anew."""
    page = f"before\n{BEGIN}\nold\n{END}\nafter\n"

    new = updated(page, [METRICS[0].as_json()])

    assert new.startswith(f"before\n{BEGIN}\n|")
    assert new.endswith(f"|\n{END}\nafter\n")
    assert "old" not in new


def test_the_picture_has_a_panel_for_each_figure_that_it_shows() -> None:
    """The names are those that are measured; a renamed metric would be left out silently."""
    results = written()

    texts = {element.text for element in ElementTree.fromstring(draw(results)).iter()}

    for name in SHOWN:
        (result,) = (each for each in results if each["metric"] == name)
        assert name + (f" ({result['unit']})" if result["unit"] else "") in texts


def test_the_picture_marks_the_goal_and_what_misses_it() -> None:
    """A line for the goal, a colour of its own for a figure beyond it."""
    result = {
        "metric": SHOWN[0],
        "unit": "s",
        "ours": 3.0,
        "peers": {"plain": None},
        "goal": 2.5,
        "met": False,
    }

    drawn = draw([result])

    assert 'class="goal"' in drawn
    assert 'class="ours missed"' in drawn
    assert ">fails<" in drawn


def test_synthesis_that_grows_faster_than_linear_is_told() -> None:
    """One import more costs twice as much beyond fifty as below."""
    seconds = {1: 5.0, 50: 6.0, 150: 10.0}
    runs = {
        (way, count): [Synth(seconds[count], 9 + 2 * count, 3000 * count)]
        for way in ("ours", "plain")
        for count in seconds
    }

    metrics = {
        metric.metric: metric
        for metric in metrics_of(runs, tuple(seconds), {1: 13, 10: 49}, lambda _, count: 9 + 2 * count)
    }

    growth = metrics["synth, one more import: above 50 against up to 50"]
    assert growth.ours == pytest.approx(0.04 / (1 / 49))
    assert growth.met is False
    assert metrics["resources an import"].ours == 2
    assert metrics["resources an import of several hours"].ours == 4
    assert metrics["imports that fit into one stack"].ours == 245


@pytest.mark.parametrize(("more", "expected"), [(0, 245), (1, 245), (2, 244), (3, 244), (4, 243)])
def test_as_many_imports_fit_as_a_template_of_so_many_has_resources(more: int, expected: int) -> None:
    """What is too much for the function's policy goes into further policies, which only a template tells."""
    runs = {
        (way, count): [Synth(5.0 + count, 9 + 2 * count, 3000 * count)]
        for way in ("ours", "plain")
        for count in (1, 50, 150)
    }
    resources = {("ours", 245): 499 + more, ("plain", 245): 499}

    metrics = metrics_of(runs, (1, 50, 150), {1: 13, 10: 49}, lambda way, count: resources[way, count])

    (fit,) = (metric for metric in metrics if metric.metric == "imports that fit into one stack")
    assert (fit.ours, fit.peers) == (expected, {"plain": 245})


@pytest.mark.slow
def test_the_resources_of_a_stack_that_is_too_large_are_counted() -> None:
    """Validation would refuse it, so that nobody would learn by how much it is too large."""
    assert resources_of("Provider", 22) == 1 + 22 * 23
