# SPDX-License-Identifier: Apache-2.0
"""The check of data on this machine at synth, with the messages of `personalize-import check`."""

import json
import re
import sys
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_personalize as personalize
from aws_cdk.assertions import Annotations, Match

from cdk_personalize_import import DatasetImportJob, DataSource, ImportMode, InvalidPropertiesError

DATASET = "arn:aws:personalize:eu-west-1:111122223333:dataset/shop/ITEMS"
SCHEMA: dict[str, Any] = {
    "type": "record",
    "name": "Items",
    "fields": [{"name": "ITEM_ID", "type": "string"}, {"name": "PRICE", "type": "float"}],
}


@pytest.fixture
def stack() -> cdk.Stack:
    """A stack."""
    return cdk.Stack(cdk.App(), "Shop")


def data(folder: Path, *lines: str) -> Path:
    """A file of items."""
    path = folder / "items.csv"
    path.write_text("\n".join(["ITEM_ID,PRICE", *lines, ""]))
    return path


def add(stack: cdk.Stack, source: DataSource, mode: ImportMode = ImportMode.FULL) -> DatasetImportJob:
    """An import of the source."""
    return DatasetImportJob(stack, "Import", dataset_arn=DATASET, data_source=source, import_mode=mode)


def warnings(stack: cdk.Stack) -> list[str]:
    """What is said of the stack."""
    found = Annotations.from_stack(stack).find_warning("*", Match.any_value())
    return [str(message.entry.data) for message in found]


def test_good_data_passes(stack: cdk.Stack, tmp_path: Path) -> None:
    """There is no error and no warning."""
    add(stack, DataSource.from_asset(data(tmp_path, "a,1.5"), schema=SCHEMA))

    assert warnings(stack) == []


def test_a_hidden_file_is_neither_uploaded_nor_reported(stack: cdk.Stack, tmp_path: Path) -> None:
    """A hidden file is not uploaded, so the rule about hidden files does not apply."""
    data(tmp_path, "a,1.5")
    (tmp_path / ".DS_Store").write_text("left by a file manager")

    add(stack, DataSource.from_asset(tmp_path, schema=SCHEMA))

    assert warnings(stack) == []


def test_bad_data_is_refused_with_file_line_value_and_fix(stack: cdk.Stack, tmp_path: Path) -> None:
    """One error lists all problems, as the command does."""
    path = data(tmp_path, "a,1.5", "b,cheap", *["c,"] * 5)

    with pytest.raises(InvalidPropertiesError) as refused:
        add(stack, DataSource.from_asset(path, schema=SCHEMA))

    message = str(refused.value)
    assert f"{path}:3: A value must be of its field's type" in message
    assert "Got PRICE=cheap (Shop/Import). Correct the value or the type" in message
    assert f"{path}:4: A field must have a value in each record" in message
    assert "PRICE is empty, and 2 more (Shop/Import)." in message


def test_an_error_that_is_not_certain_says_how_to_deploy_all_the_same(
    stack: cdk.Stack, tmp_path: Path
) -> None:
    """A published notebook shows an import with empty numbers that succeeded."""
    path = data(tmp_path, "a,1.5", "b,")

    with pytest.raises(InvalidPropertiesError) as refused:
        add(stack, DataSource.from_asset(path, schema=SCHEMA))

    assert str(refused.value).endswith(
        " The guide does not say for certain that the import fails. To deploy all the same, pass "
        "severities={'metadata-missing': 'warning'} to from_asset. [metadata-missing]"
    )


def test_an_error_that_the_user_has_chosen_is_not_doubted(stack: cdk.Stack, tmp_path: Path) -> None:
    """Its message does not advise what the user has decided against."""
    source = DataSource.from_asset(
        data(tmp_path, "NULL,1"), schema=SCHEMA, severities={"value-null": "error"}
    )

    with pytest.raises(InvalidPropertiesError) as refused:
        add(stack, source)

    assert "[value-null]" in str(refused.value)
    assert "certain" not in str(refused.value)


def test_severities_without_a_schema_are_refused(stack: cdk.Stack, tmp_path: Path) -> None:
    """They would have no effect."""
    source = DataSource.from_asset(data(tmp_path, "a,1"), severities={"value-null": "error"})

    with pytest.raises(InvalidPropertiesError, match=r"severities of DataSource\.from_asset has no effect"):
        add(stack, source)


def test_the_severity_of_a_size_can_be_changed(stack: cdk.Stack, tmp_path: Path) -> None:
    """An account may have a higher quota. Without a schema, `check=False` does the same."""
    path = data(tmp_path, "a,1")
    with path.open("ab") as file:
        file.truncate(1024**3 + 1)

    with pytest.raises(InvalidPropertiesError) as refused:
        add(
            stack,
            DataSource.from_asset(path, schema={}, severities={"size-incremental": "off"}),
            ImportMode.INCREMENTAL,
        )
    DatasetImportJob(
        stack,
        "Unchecked",
        dataset_arn=DATASET,
        data_source=DataSource.from_asset(path, check=False),
        import_mode=ImportMode.INCREMENTAL,
    )

    assert "INCREMENTAL" not in str(refused.value)


@pytest.mark.parametrize(("severity", "number"), [("warning", 1), ("off", 0)])
def test_the_severity_of_a_rule_can_be_changed(
    stack: cdk.Stack, tmp_path: Path, severity: str, number: int
) -> None:
    """The other rules stay as they are."""
    path = data(tmp_path, "a,1.5", "b,", "c,")

    add(stack, DataSource.from_asset(path, schema=SCHEMA, severities={"metadata-missing": severity}))

    found = warnings(stack)
    assert len(found) == number
    assert all("PRICE is empty, and 1 more. Make the type" in warning for warning in found)


@pytest.mark.parametrize(
    ("severities", "message"),
    [
        (
            {"metadata-mising": "off"},
            "severities of DataSource.from_asset must be for rules of the check, got 'metadata-mising' "
            "(Shop/Import). Pass the id of a rule: it is in the error or the warning, and in "
            "docs/data-rules.md.",
        ),
        (
            {"metadata-missing": "advice"},
            "severities of DataSource.from_asset must be a severity for 'metadata-missing', got 'advice' "
            "(Shop/Import). Pass error, warning or off.",
        ),
        (
            [],
            "severities of DataSource.from_asset must be a mapping, got [] (Shop/Import). "
            "Pass {RULE: SEVERITY}.",
        ),
    ],
)
def test_wrong_severities_are_refused(
    stack: cdk.Stack, tmp_path: Path, severities: Any, message: str
) -> None:
    """A misspelt rule would keep its severity."""
    with pytest.raises(InvalidPropertiesError) as refused:
        add(stack, DataSource.from_asset(data(tmp_path, "a,1"), schema=SCHEMA, severities=severities))

    assert str(refused.value) == message


def test_findings_name_the_folder_of_the_data_for_each_mode(stack: cdk.Stack, tmp_path: Path) -> None:
    """With a pattern, the check reads links in a temporary folder."""
    data(tmp_path, "a,1", "a,2")
    source = DataSource.from_asset(tmp_path, pattern="*.csv", schema=SCHEMA)

    for number, mode in enumerate([ImportMode.FULL, ImportMode.INCREMENTAL, ImportMode.FULL]):
        DatasetImportJob(stack, f"Import{number}", dataset_arn=DATASET, data_source=source, import_mode=mode)

    assert len(warnings(stack)) == 3
    assert all(warning.startswith(f"{tmp_path}: ") for warning in warnings(stack))


@pytest.mark.parametrize("form", ["file", "text", "what it holds"])
def test_the_schema_may_be_a_file_its_text_or_what_it_holds(
    stack: cdk.Stack, tmp_path: Path, form: str
) -> None:
    """An app may have the schema in any of the three forms for its CfnSchema."""
    file = tmp_path / "items.avsc.json"
    file.write_text(json.dumps(SCHEMA))
    forms: dict[str, Any] = {"file": file, "text": json.dumps(SCHEMA), "what it holds": SCHEMA}
    folder = tmp_path / "data"
    folder.mkdir()

    with pytest.raises(InvalidPropertiesError, match="PRICE=cheap"):
        add(stack, DataSource.from_asset(data(folder, "a,cheap"), schema=forms[form]))


@pytest.mark.parametrize("schema", [7, b"{}", [], ""])
def test_what_is_no_schema_is_refused(stack: cdk.Stack, tmp_path: Path, schema: Any) -> None:
    """The error names the forms that a schema may have."""
    with pytest.raises(InvalidPropertiesError) as refused:
        add(stack, DataSource.from_asset(data(tmp_path, "a,1"), schema=schema))

    assert str(refused.value) == (
        f"schema of DataSource.from_asset must be a path, a JSON text or a mapping, got {schema!r} "
        "(Shop/Import). Pass the path of the schema, its JSON text or the parsed JSON, or omit it."
    )


@pytest.mark.parametrize("check", ["no", None, 0])
def test_the_check_is_on_or_off(stack: cdk.Stack, tmp_path: Path, check: Any) -> None:
    """Any value but a boolean is refused."""
    with pytest.raises(InvalidPropertiesError) as refused:
        add(stack, DataSource.from_asset(data(tmp_path, "a,1"), schema=SCHEMA, check=check))

    assert str(refused.value) == (
        f"check of DataSource.from_asset must be True or False, got {check!r} (Shop/Import). Pass a boolean."
    )


def test_a_problem_that_may_not_fail_the_import_is_a_warning(stack: cdk.Stack, tmp_path: Path) -> None:
    """The warning has the id of the rule, by which it can be acknowledged."""
    add(stack, DataSource.from_asset(data(tmp_path, "a,1", "a,2"), schema=SCHEMA))

    [warning] = warnings(stack)
    assert re.search(r"an id of its own.*\[ack: cdk-personalize-import:id-repeated\]", warning)


def test_the_check_can_be_turned_off(stack: cdk.Stack, tmp_path: Path) -> None:
    """It is off with `check=False`, and without a schema."""
    path = data(tmp_path, "a,cheap")

    add(stack, DataSource.from_asset(path, schema=SCHEMA, check=False))
    DatasetImportJob(stack, "Other", dataset_arn=DATASET, data_source=DataSource.from_asset(path))


def test_the_domain_requires_its_fields(stack: cdk.Stack, tmp_path: Path) -> None:
    """A schema that is valid for a custom group may lack fields of a domain."""
    source = DataSource.from_asset(data(tmp_path, "a,1"), schema=SCHEMA, domain="ECOMMERCE")

    with pytest.raises(InvalidPropertiesError, match="the schema: A schema must have every field"):
        add(stack, source)


def test_an_unknown_domain_is_refused(stack: cdk.Stack, tmp_path: Path) -> None:
    """An unknown domain is refused like any other wrong value."""
    source = DataSource.from_asset(data(tmp_path, "a,1"), schema=SCHEMA, domain="shop")

    with pytest.raises(
        InvalidPropertiesError, match=r"must be one of ECOMMERCE, VIDEO_ON_DEMAND, got 'shop' \(Shop/Import\)"
    ):
        add(stack, source)


def test_a_schema_that_does_not_exist_is_refused(stack: cdk.Stack, tmp_path: Path) -> None:
    """The error has the path, and the way to turn the check off."""
    source = DataSource.from_asset(data(tmp_path, "a,1"), schema=tmp_path / "missing.json")

    with pytest.raises(InvalidPropertiesError, match=r"missing\.json: No such file.*check=False"):
        add(stack, source)


def test_the_import_mode_decides_how_much_is_too_much(stack: cdk.Stack, tmp_path: Path) -> None:
    """More than 1 GB is refused for INCREMENTAL only."""
    path = data(tmp_path, "a,1")
    with path.open("ab") as file:
        file.truncate(1024**3 + 1)

    with pytest.raises(InvalidPropertiesError, match="An INCREMENTAL import must have at most 1 GB"):
        add(stack, DataSource.from_asset(path, schema={}), ImportMode.INCREMENTAL)


@pytest.mark.parametrize("missing", ["polars", "numpy"])
def test_without_the_extra_it_says_what_to_install(
    stack: cdk.Stack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    """Only an import whose data is checked needs the extra `cli`."""
    for module in [name for name in sys.modules if name.partition(".")[0] == "personalize_import"]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setitem(sys.modules, missing, None)
    path = data(tmp_path, "a,1")

    DatasetImportJob(
        stack,
        "Unchecked",
        dataset_arn=DATASET,
        data_source=DataSource.from_asset(path, schema=SCHEMA, check=False),
    )
    with pytest.raises(InvalidPropertiesError) as refused:
        add(stack, DataSource.from_asset(path, schema=SCHEMA))

    assert "(Shop/Import). Run pip install 'cdk-personalize-import[cli]'" in str(refused.value)


@pytest.mark.parametrize("given", ["by its ARN", "as a construct", "by its reference"])
def test_a_schema_of_another_type_than_the_dataset_is_refused(
    stack: cdk.Stack, tmp_path: Path, given: str
) -> None:
    """The type is read from the dataset's construct or ARN."""
    users = DATASET.replace("ITEMS", "USERS")
    dataset = personalize.CfnDataset(
        stack,
        "Dataset",
        name="users",
        dataset_type="Users",
        dataset_group_arn="arn:aws:personalize:eu-west-1:111122223333:dataset-group/shop",
        schema_arn="arn:aws:personalize:eu-west-1:111122223333:schema/users",
    )
    named = {
        "by its ARN": {"dataset_arn": users},
        "as a construct": {"dataset": dataset},
        "by its reference": {"dataset_arn": dataset.attr_dataset_arn},
    }[given]
    source = DataSource.from_asset(data(tmp_path, "a,1.5"), schema=SCHEMA, check=False)

    with pytest.raises(InvalidPropertiesError) as refused:
        DatasetImportJob(stack, "Import", data_source=source, **named)  # type: ignore[arg-type]

    assert str(refused.value) == (
        "schema of DataSource.from_asset must be for the dataset's type Users, got one for Items "
        "(Shop/Import). Pass the schema and the data of this dataset."
    )


@pytest.mark.parametrize("form", ["file", "text", "mapping"])
def test_a_schema_of_the_type_of_the_dataset_is_taken(stack: cdk.Stack, tmp_path: Path, form: str) -> None:
    """The form of the schema and the spelling of its name do not matter."""
    schema = {**SCHEMA, "name": "items"}
    path = tmp_path / "items.avsc.json"
    path.write_text("\ufeff" + json.dumps(schema))
    forms = {"file": path, "text": json.dumps(schema), "mapping": schema}
    folder = tmp_path / "data"
    folder.mkdir()

    add(stack, DataSource.from_asset(data(folder, "a,1.5"), schema=forms[form], check=False))  # type: ignore[arg-type]
