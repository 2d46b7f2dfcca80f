# SPDX-License-Identifier: Apache-2.0
from pathlib import Path

import pytest

from sample_data import DataFolderError, read_folder, write_sample


def test_the_sample_can_be_read(tmp_path: Path) -> None:
    """What the generator writes is what the reader finds."""
    write_sample(tmp_path)

    found = read_folder(tmp_path)

    assert [(data.name, data.dataset_type) for data in found] == [
        ("interactions", "Interactions"),
        ("items", "Items"),
        ("users", "Users"),
    ]
    assert all(data.csv.is_file() and '"record"' in data.schema for data in found)


def test_any_of_the_files_is_enough(tmp_path: Path) -> None:
    """A folder with items only is deployed with items only."""
    write_sample(tmp_path)
    (tmp_path / "interactions.csv").unlink()
    (tmp_path / "users.csv").unlink()

    assert [data.name for data in read_folder(tmp_path)] == ["items"]


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    """The message says which folder is not there."""
    with pytest.raises(DataFolderError, match=r"got '.*nowhere', which does not exist"):
        read_folder(tmp_path / "nowhere")


def test_a_file_is_not_a_folder(tmp_path: Path) -> None:
    """Whoever gives the CSV itself is told to give its folder."""
    write_sample(tmp_path)

    with pytest.raises(DataFolderError, match="is a file: give the folder"):
        read_folder(tmp_path / "items.csv")


def test_an_empty_folder_says_what_is_looked_for(tmp_path: Path) -> None:
    """The message names the three files."""
    with pytest.raises(DataFolderError, match=r"any of interactions\.csv, items\.csv, users\.csv"):
        read_folder(tmp_path)


def test_all_problems_come_in_one_message(tmp_path: Path) -> None:
    """Two broken schemas are told at once, each with its file."""
    write_sample(tmp_path)
    (tmp_path / "items.avsc.json").unlink()
    (tmp_path / "users.avsc.json").write_text("{")

    with pytest.raises(DataFolderError) as raised:
        read_folder(tmp_path)

    first, second = str(raised.value).splitlines()
    assert first.startswith("items.csv must have its Avro schema beside it")
    assert second.startswith("users.avsc.json must be JSON")
