# SPDX-License-Identifier: Apache-2.0
"""Paths, patterns and files that are refused as assets, each with what to do instead."""

from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest

from cdk_personalize_import import DataSource, ImportMode, InvalidPropertiesError
from tests.construct.imports import Imports


def test_a_path_that_does_not_exist_is_refused(imports: Imports, tmp_path: Path) -> None:
    """The error names the folder from which relative paths start."""
    with pytest.raises(InvalidPropertiesError) as refused:
        imports.add(data_source=DataSource.from_asset("data/intractions.csv"))

    assert str(refused.value) == (
        "data_source must be a file or a folder, got 'data/intractions.csv' (Stack/Import). "
        f"Create it, or correct the path: relative paths start from {Path.cwd()}."
    )


@pytest.mark.parametrize("path", ["", " "])
def test_an_empty_path_is_refused(imports: Imports, path: str) -> None:
    """It would mean the working directory."""
    with pytest.raises(InvalidPropertiesError) as refused:
        imports.add(data_source=DataSource.from_asset(path))

    assert str(refused.value) == (
        f"path of DataSource.from_asset must not be empty, got {path!r} (Stack/Import). "
        "Pass the path of a file or of a folder; '.' is the working directory."
    )


@pytest.mark.parametrize("path", [None, 7, b"items.csv"])
def test_what_is_not_a_path_is_refused(imports: Imports, path: Any) -> None:
    """The error lists the other problems too."""
    with pytest.raises(InvalidPropertiesError) as refused:
        imports.add(data_source=DataSource.from_asset(path, prefix="training", schema={}))

    assert str(refused.value).splitlines() == [
        f"path of DataSource.from_asset must be a string or a pathlib.Path, got {path!r} (Stack/Import). "
        "Pass the path of a file or of a folder.",
        "prefix must end in '/', got 'training' (Stack/Import). Use 'training/'.",
    ]


def test_data_instead_of_a_path_is_refused(imports: Imports) -> None:
    """No file system has a name as long as that."""
    with pytest.raises(InvalidPropertiesError) as refused:
        imports.add(data_source=DataSource.from_asset("USER_ID,ITEM_ID,TIMESTAMP\n" + "1,2,3\n" * 1000))

    assert str(refused.value).startswith("data_source must be a file or a folder, got 'USER_ID,ITEM_ID,")
    assert len(str(refused.value)) < 600


def test_a_path_that_is_a_token_is_refused(imports: Imports) -> None:
    """The files are read at synth."""
    path = cdk.CfnParameter(imports.stack, "Path").value_as_string

    with pytest.raises(InvalidPropertiesError) as refused:
        imports.add(data_source=DataSource.from_asset(path))

    assert str(refused.value) == (
        f"path of DataSource.from_asset must be known at synth, got the token {path!r} (Stack/Import). "
        "Pass a path: the files are read at synth, before parameters have values."
    )


def test_a_link_to_nothing_in_a_folder_is_refused(imports: Imports, tmp_path: Path) -> None:
    """A full import would replace the data by less, such as after a checkout without its LFS files."""
    (tmp_path / "a.csv").write_text("ITEM_ID\n1\n")
    (tmp_path / "b.csv").symlink_to(tmp_path / "nothing.csv")

    with pytest.raises(InvalidPropertiesError) as refused:
        imports.add(data_source=DataSource.from_asset(tmp_path))

    assert str(refused.value) == (
        f"data_source must hold files that exist, got 'b.csv' in '{tmp_path}', a link to nothing or no file "
        "(Stack/Import). Fetch the file, such as with 'git lfs pull', or remove the entry."
    )


@pytest.mark.parametrize("name", ["items.数据", "items.c*v"])
def test_an_extension_that_a_policy_may_not_have_is_refused(
    imports: Imports, tmp_path: Path, name: str
) -> None:
    """IAM accepts no characters beyond U+00FF, and a wildcard would widen the policy."""
    (tmp_path / name).write_text("ITEM_ID\n1\n")

    with pytest.raises(InvalidPropertiesError) as refused:
        imports.add(data_source=DataSource.from_asset(tmp_path, pattern="*"))

    assert str(refused.value) == (
        f"data_source must have files whose extensions consist of letters and digits, got {name!r} "
        "(Stack/Import). Rename it: the extension is in the policy of the function."
    )


def test_a_file_without_an_extension_is_refused(imports: Imports, tmp_path: Path) -> None:
    """The policy of the function names assets by their extension, and would name all of them."""
    (tmp_path / "items").write_text("ITEM_ID\n1\n")

    with pytest.raises(InvalidPropertiesError) as refused:
        imports.add(data_source=DataSource.from_asset(tmp_path / "items"))

    assert str(refused.value) == (
        "data_source must have files with an extension, got 'items' (Stack/Import). Rename it, such as to "
        "'items.csv': the function may read assets by their extension only."
    )


def test_data_that_is_empty_is_refused(imports: Imports, tmp_path: Path) -> None:
    """The folder has only hidden files and a subfolder."""
    (tmp_path / ".gitkeep").write_text("hidden")
    (tmp_path / "deeper").mkdir()
    (tmp_path / "deeper" / "items.csv").write_text("ITEM_ID\n1\n")

    with pytest.raises(InvalidPropertiesError) as refused:
        imports.add(data_source=DataSource.from_asset(tmp_path))

    assert str(refused.value) == (
        f"data_source must hold data, got nothing in '{tmp_path}' (Stack/Import). Add data. Files in "
        "subfolders, and files whose names begin with a dot, are not imported."
    )


@pytest.mark.parametrize("stray", ["interactions.avsc.json", "_SUCCESS", "README.md"])
def test_a_folder_with_other_files_than_csv_is_refused(imports: Imports, folder: Path, stray: str) -> None:
    """Personalize would read the file, and report missing columns without its name."""
    (folder / stray).write_text("no data")

    with pytest.raises(InvalidPropertiesError) as refused:
        imports.add(data_source=DataSource.from_asset(folder))

    assert str(refused.value) == (
        f"data_source must hold CSV files only, got {stray!r} in {str(folder)!r} (Stack/Import). Personalize "
        "imports every file of a folder. Pass a pattern of the names to import, such as pattern='*.csv', or "
        "move the other files."
    )
    imports.add("Other", data_source=DataSource.from_asset(folder, pattern="*.*"))


@pytest.mark.parametrize("of", ["the only file", "a file of a folder", "the folder"])
def test_a_name_that_is_not_utf_8_is_refused(imports: Imports, tmp_path: Path, of: str) -> None:
    """Keys of S3 are UTF-8, and the error names the file to rename."""
    odd = "caf\udce9"
    folder = tmp_path / (odd if of == "the folder" else "data")
    folder.mkdir()
    file = folder / f"{'items' if of == 'the folder' else odd}.csv"
    file.write_text("ITEM_ID\n1\n")

    with pytest.raises(InvalidPropertiesError) as refused:
        imports.add(data_source=DataSource.from_asset(file if of == "the only file" else folder))

    got = str(folder) if of == "the folder" else f"{odd}.csv"
    assert str(refused.value) == (
        f"data_source must have names in UTF-8, got {got!r} (Stack/Import). Rename it."
    )


@pytest.mark.parametrize("pattern", ["", "data/*.csv", 7])
def test_what_is_no_pattern_of_names_is_refused(imports: Imports, folder: Path, pattern: Any) -> None:
    """A pattern is a text without a slash."""
    with pytest.raises(InvalidPropertiesError) as refused:
        imports.add(data_source=DataSource.from_asset(folder, pattern=pattern))

    assert str(refused.value) == (
        f"pattern of DataSource.from_asset must be a pattern of file names, got {pattern!r} (Stack/Import). "
        "Pass a pattern such as '*.csv', or omit it."
    )


def test_a_pattern_for_a_file_is_refused(imports: Imports, folder: Path) -> None:
    """A pattern selects files of a folder."""
    with pytest.raises(InvalidPropertiesError) as refused:
        imports.add(data_source=DataSource.from_asset(folder / "part-1.csv", pattern="*.csv"))

    assert str(refused.value) == (
        "pattern of DataSource.from_asset must be for a folder, got '*.csv' for a file (Stack/Import). "
        "Omit it, or pass the folder."
    )


FROM_BUCKET = "Upload the data with 'aws s3 sync' and use DataSource.from_bucket."


def sparse(path: Path, size: int) -> Path:
    """Make a file that takes no space."""
    with path.open("wb") as file:
        file.truncate(size)
    return path


def test_a_file_that_is_too_large_is_refused(imports: Imports, tmp_path: Path) -> None:
    """The error has the limit and an alternative."""
    large = sparse(tmp_path / "large.csv", 5 * 1024**3 + 1)

    with pytest.raises(InvalidPropertiesError) as refused:
        imports.add(data_source=DataSource.from_asset(large))

    assert str(refused.value) == (
        "data_source must have files of at most 5368709120 bytes, got 5368709121 in 'large.csv' "
        f"(Stack/Import). {FROM_BUCKET}"
    )


def test_files_that_are_too_large_together_are_refused(imports: Imports, tmp_path: Path) -> None:
    """The limit applies to the sum."""
    for number in range(5):
        sparse(tmp_path / f"{number}.csv", 4 * 1024**3 + 1)

    with pytest.raises(InvalidPropertiesError) as refused:
        imports.add(data_source=DataSource.from_asset(tmp_path))

    assert str(refused.value) == (
        f"data_source must hold at most 21474836480 bytes, got 21474836485 (Stack/Import). {FROM_BUCKET}"
    )


def test_too_many_files_are_refused(imports: Imports, tmp_path: Path) -> None:
    """The template lists every file, so their number is limited."""
    for number in range(201):
        (tmp_path / f"{number}.csv").write_text("ITEM_ID\n1\n")

    with pytest.raises(InvalidPropertiesError) as refused:
        imports.add(data_source=DataSource.from_asset(tmp_path))

    assert str(refused.value) == (
        f"data_source must hold at most 200 files, got 201 in {str(tmp_path)!r} (Stack/Import). Join files. "
        "Or upload the data with 'aws s3 sync' and use DataSource.from_bucket."
    )


def test_a_domain_without_a_schema_is_refused(imports: Imports, folder: Path) -> None:
    """Without a schema there is no check that could use the domain."""
    with pytest.raises(InvalidPropertiesError) as refused:
        imports.add(data_source=DataSource.from_asset(folder, domain="ECOMMERCE"))

    assert str(refused.value) == (
        "domain of DataSource.from_asset has no effect without a schema, got 'ECOMMERCE' (Stack/Import). "
        "Pass the schema of the dataset too, or omit the domain."
    )


def test_a_domain_may_stay_where_the_check_is_turned_off(imports: Imports, folder: Path) -> None:
    """`check=False` is sufficient, whatever the other arguments are."""
    imports.add(data_source=DataSource.from_asset(folder, schema={}, domain="ECOMMERCE", check=False))


def test_a_file_that_cannot_be_read_is_refused(
    imports: Imports, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The tests may run as root, who can read every file."""
    (tmp_path / "items.csv").write_text("ITEM_ID\n1\n")
    monkeypatch.setattr("os.access", lambda *_: False)

    with pytest.raises(InvalidPropertiesError) as refused:
        imports.add(data_source=DataSource.from_asset(tmp_path))

    assert str(refused.value) == (
        f"data_source must hold files that can be read, got 'items.csv' in '{tmp_path}' (Stack/Import). "
        "Allow your user to read the file."
    )


def test_too_much_for_an_incremental_import_is_refused_without_a_schema(
    imports: Imports, tmp_path: Path
) -> None:
    """It would be uploaded first, and then refused by Personalize."""
    path = tmp_path / "items.csv"
    with path.open("wb") as file:
        file.truncate(1024**3 + 1)

    with pytest.raises(InvalidPropertiesError, match="An INCREMENTAL import must have at most 1 GB"):
        imports.add(data_source=DataSource.from_asset(path), import_mode=ImportMode.INCREMENTAL)
