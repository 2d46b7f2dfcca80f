# SPDX-License-Identifier: Apache-2.0
import json
from dataclasses import dataclass
from pathlib import Path

# The file names that are looked for, and the datasets' type in the words of Personalize.
DATASETS = {"interactions": "Interactions", "items": "Items", "users": "Users"}


class DataFolderError(ValueError):
    """A folder whose data cannot be deployed; the message lists every reason."""


@dataclass(frozen=True)
class TrainingData:
    """One dataset's file and schema."""

    name: str
    """What the file is called without its ending: `interactions`, `items` or `users`."""
    dataset_type: str
    """The same in the words of Personalize: `Interactions`, `Items` or `Users`."""
    csv: Path
    """The data."""
    schema: str
    """The Avro schema, as JSON text."""


def read_folder(folder: Path) -> list[TrainingData]:
    """Find the training data of a folder: any of `interactions.csv`, `items.csv`, `users.csv`.

    Args:
        folder: The folder; beside each `NAME.csv` lies its Avro schema `NAME.avsc.json`.

    Raises:
        DataFolderError: The folder, all of the files, or a schema is missing, or a schema is not JSON.
            One message holds all of it.
    """
    if not folder.is_dir():
        raise DataFolderError(f"data must be a folder, got '{folder}', which {_what_it_is(folder)}.")
    found = [name for name in DATASETS if (folder / f"{name}.csv").is_file()]
    if not found:
        names = ", ".join(f"{name}.csv" for name in DATASETS)
        raise DataFolderError(f"data must be a folder with any of {names}, got '{folder}', which has none.")
    problems = [problem for name in found if (problem := _problem_of_schema(folder, name))]
    if problems:
        raise DataFolderError("\n".join(problems))
    return [
        TrainingData(
            name=name,
            dataset_type=DATASETS[name],
            csv=folder / f"{name}.csv",
            schema=_schema_file(folder, name).read_text(encoding="utf-8"),
        )
        for name in found
    ]


def _schema_file(folder: Path, name: str) -> Path:
    return folder / f"{name}.avsc.json"


def _what_it_is(path: Path) -> str:
    return "is a file: give the folder that it lies in" if path.exists() else "does not exist"


def _problem_of_schema(folder: Path, name: str) -> str | None:
    file = _schema_file(folder, name)
    if not file.is_file():
        return f"{name}.csv must have its Avro schema beside it: '{file}' does not exist."
    try:
        json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        return f"{file.name} must be JSON, got '{file}', which is not: {error}."
    return None
