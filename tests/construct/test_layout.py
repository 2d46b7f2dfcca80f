# SPDX-License-Identifier: Apache-2.0
import importlib.metadata
from pathlib import Path

import constructs

import cdk_personalize_import

ROOT = Path(__file__).parents[2]


def test_the_folder_constructs_hides_nothing() -> None:
    """With an `__init__.py`, the folder would hide the package `constructs`, which the CDK needs."""
    assert not (ROOT / "constructs" / "__init__.py").exists()
    assert constructs.Construct.__module__ == "constructs"
    installed = importlib.metadata.distribution("constructs").locate_file("constructs/__init__.py")
    assert Path(str(constructs.__file__)) == Path(str(installed))


def test_all_that_is_public_is_there() -> None:
    """`__all__` lists the documented names."""
    assert cdk_personalize_import.__all__ == [
        "DatasetImportJob",
        "DataSource",
        "ImportMode",
        "DatasetImportError",
        "InvalidPropertiesError",
        "MissingHandlerError",
    ]
    assert all(hasattr(cdk_personalize_import, name) for name in cdk_personalize_import.__all__)


def test_what_is_not_public_has_an_underscore() -> None:
    """Only the modules of public classes have no underscore."""
    modules = {path.stem for path in (ROOT / "constructs" / "cdk_personalize_import").glob("*.py")}

    assert {name for name in modules if not name.startswith("_")} == {
        "data_source",
        "dataset_import_job",
        "errors",
    }
