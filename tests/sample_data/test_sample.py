# SPDX-License-Identifier: Apache-2.0
import csv
import hashlib
import json
from collections import Counter
from pathlib import Path

import pytest

from sample_data import DATASETS, SEED, generate, write_sample
from sample_data.bookshop import END


def read(folder: Path, name: str) -> list[dict[str, str]]:
    """Read a CSV file of the sample."""
    with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the sample once."""
    return write_sample(tmp_path_factory.mktemp("sample"))


def test_the_bytes_are_the_same_everywhere(folder: Path) -> None:
    """The sample of the default seed is what it has always been, on every platform and Python."""
    contents = {name: (folder / f"{name}.csv").read_bytes() for name in DATASETS}

    digests = {name: hashlib.sha256(content).hexdigest()[:12] for name, content in contents.items()}
    assert digests == {"interactions": "3607ec3ee337", "items": "0d8b65ab82ba", "users": "b5fb069ce13a"}


def test_another_seed_makes_other_data() -> None:
    """The seed decides the data."""
    assert generate(SEED) == generate(SEED)
    assert generate(SEED) != generate(SEED + 1)


@pytest.mark.parametrize("name", DATASETS)
def test_the_header_is_the_schemas(folder: Path, name: str) -> None:
    """Each file's columns are the fields of the schema beside it."""
    schema = json.loads((folder / f"{name}.avsc.json").read_text(encoding="utf-8"))

    assert [field["name"] for field in schema["fields"]] == list(read(folder, name)[0])
    assert schema["name"] == DATASETS[name]


@pytest.mark.parametrize("name", DATASETS)
def test_values_have_the_types_of_the_schema(folder: Path, name: str) -> None:
    """Numbers parse, and a value is empty only where the schema allows null."""
    fields = json.loads((folder / f"{name}.avsc.json").read_text(encoding="utf-8"))["fields"]
    parse = {"string": str, "long": int, "float": float}

    for row in read(folder, name):
        for field in fields:
            kinds = field["type"] if isinstance(field["type"], list) else [field["type"]]
            value = row[field["name"]]
            assert value or "null" in kinds
            if value:
                parse[kinds[0]](value)


def test_there_is_as_much_as_personalize_asks_for(folder: Path) -> None:
    """Personalize wants 1,000 interactions, and 25 users with two each to train a model."""
    per_user = Counter(row["USER_ID"] for row in read(folder, "interactions"))

    assert per_user.total() >= 1_000
    assert sum(count >= 2 for count in per_user.values()) >= 25


def test_interactions_name_users_and_items_that_exist(folder: Path) -> None:
    """The three files belong together."""
    interactions = read(folder, "interactions")

    assert {row["USER_ID"] for row in interactions} <= {row["USER_ID"] for row in read(folder, "users")}
    assert {row["ITEM_ID"] for row in interactions} <= {row["ITEM_ID"] for row in read(folder, "items")}


@pytest.mark.parametrize(("name", "key"), [("items", "ITEM_ID"), ("users", "USER_ID")])
def test_ids_are_unique(folder: Path, name: str, key: str) -> None:
    """A FULL import keeps one record an id."""
    ids = [row[key] for row in read(folder, name)]

    assert len(set(ids)) == len(ids)


def test_interactions_come_after_publication_and_before_the_end(folder: Path) -> None:
    """Time is in epoch seconds, in the past, and nobody buys an unpublished book."""
    published = {row["ITEM_ID"]: int(row["CREATION_TIMESTAMP"]) for row in read(folder, "items")}

    for row in read(folder, "interactions"):
        assert published[row["ITEM_ID"]] <= int(row["TIMESTAMP"]) < END


def test_the_sample_shows_lists_and_nulls(folder: Path) -> None:
    """Several categories in a cell and missing values are part of real data."""
    items = read(folder, "items")

    assert any("|" in row["GENRES"] for row in items)
    assert any(row["PUBLISHER"] == "" for row in items)
