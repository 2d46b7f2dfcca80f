# SPDX-License-Identifier: Apache-2.0
"""Writes the measured figures into the page of the documentation, so that nobody has to type them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"
PEERS = ("crhelper", "Provider", "plain", "boto3 alone", "BucketDeployment")


def updated(page: str, results: Sequence[Mapping[str, Any]]) -> str:
    """Return the page with these results in the place of the earlier ones."""
    return between(page, markdown(results))


def between(page: str, table: str) -> str:
    """Return the page with a table in the place of the one that it has."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{table}\n{END}{after}"


def markdown(results: Sequence[Mapping[str, Any]]) -> str:
    """Return the results as tables, each with the columns of those peers that it has figures of."""
    return "\n\n".join(_table(group) for group in _groups(results))


def _groups(results: Sequence[Mapping[str, Any]]) -> Iterator[list[Mapping[str, Any]]]:
    """Split the results where one has a peer that those before it do not have."""
    group: list[Mapping[str, Any]] = []
    for result in results:
        if group and not set(result["peers"]) <= _peers(group):
            yield group
            group = []
        group.append(result)
    yield group


def _peers(results: Sequence[Mapping[str, Any]]) -> set[str]:
    return {name for result in results for name in result["peers"]}


def _table(results: Sequence[Mapping[str, Any]]) -> str:
    names = [name for name in PEERS if name in _peers(results)]
    columns = ["metric", "unit", "**ours**", *names, "goal", "met"]
    lines = [
        f"| {' | '.join(columns)} |",
        f"|---|---|--:|{'--:|' * len(names)}--:|---|",
    ]
    for result in results:
        peers = (_cell(result["peers"], name) for name in names)
        goal = "" if result["goal"] is None else f"≤ {result['goal']:.4g}"
        met = {None: "", True: "yes", False: "**no**"}[result["met"]]
        cells = (result["metric"], result["unit"], f"**{result['ours']:.4g}**", *peers, goal, met)
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _cell(peers: Mapping[str, float | None], name: str) -> str:
    if name not in peers:
        return ""
    figure = peers[name]
    return "fails" if figure is None else f"{figure:.4g}"
