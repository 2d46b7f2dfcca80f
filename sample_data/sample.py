# SPDX-License-Identifier: Apache-2.0
import csv
import json
from pathlib import Path

from sample_data import schemas
from sample_data.bookshop import SEED, Row, generate


def write_sample(folder: Path, seed: int = SEED) -> Path:
    """Write the sample's three CSV files, each beside its Avro schema, and return the folder.

    Args:
        folder: Where to write; it is made if it is not there, and files of these names are overwritten.
        seed: Decides the data. The same seed gives the same bytes on every platform.
    """
    folder.mkdir(parents=True, exist_ok=True)
    shop = generate(seed)
    _write(folder, "interactions", schemas.INTERACTIONS, shop.interactions)
    _write(folder, "items", schemas.ITEMS, shop.items)
    _write(folder, "users", schemas.USERS, shop.users)
    return folder


def _write(folder: Path, name: str, schema: schemas.Schema, rows: list[Row]) -> None:
    text = json.dumps(schema, indent=2) + "\n"
    (folder / f"{name}.avsc.json").write_text(text, encoding="utf-8", newline="\n")
    with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(schemas.header(schema))
        writer.writerows(rows)
