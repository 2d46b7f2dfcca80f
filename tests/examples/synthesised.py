# SPDX-License-Identifier: Apache-2.0
"""The examples, synthesised as the CDK CLI does it: with the context of their own cdk.json."""

import importlib.util
import json
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import aws_cdk as cdk
from aws_cdk.cx_api import CloudAssembly, CloudFormationStackArtifact

EXAMPLES = Path(__file__).parents[2] / "examples"
NAMES = sorted(path.parent.name for path in EXAMPLES.glob("*/app.py"))
MADE_HERE = shutil.ignore_patterns("cdk.out", "__pycache__")
IMPORT = "Custom::PersonalizeDatasetImportJob"


def synthesise(name: str, context: Mapping[str, str] | None = None) -> list[CloudFormationStackArtifact]:
    """Synthesise a copy of an example's folder; its stacks, those of its stages included."""
    with tempfile.TemporaryDirectory() as elsewhere:
        folder = Path(shutil.copytree(EXAMPLES / name, Path(elsewhere) / name, ignore=MADE_HERE))
        app = cdk.App(context=context_of(folder) | dict(context or {}))
        build_of(folder)(app)
        return list(_stacks(app.synth()))


def context_of(folder: Path) -> dict[str, Any]:
    """The context that an example's cdk.json has."""
    settings = json.loads((folder / "cdk.json").read_text(encoding="utf-8"))
    return dict(settings.get("context", {}))


def build_of(folder: Path) -> Callable[[cdk.App], None]:
    """The function `build` of an example's app.py."""
    specification = importlib.util.spec_from_file_location(folder.name, folder / "app.py")
    assert specification
    assert specification.loader
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    build: Callable[[cdk.App], None] = module.build
    return build


def imports(stacks: list[CloudFormationStackArtifact]) -> dict[str, dict[str, Any]]:
    """The imports of the stacks, by logical id without its hash."""
    found = {name: resource for stack in stacks for name, resource in stack.template["Resources"].items()}
    return {name[:-8]: found[name] for name in logical_ids(stacks)}


def logical_ids(stacks: list[CloudFormationStackArtifact]) -> list[str]:
    """The logical ids of the imports."""
    return [
        name
        for stack in stacks
        for name, resource in stack.template["Resources"].items()
        if resource["Type"] == IMPORT
    ]


def warnings(stacks: list[CloudFormationStackArtifact]) -> list[str]:
    """What the CLI prints as warnings."""
    return [str(message.entry.data) for stack in stacks for message in stack.messages]


def _stacks(assembly: CloudAssembly) -> Iterator[CloudFormationStackArtifact]:
    yield from assembly.stacks
    for nested in assembly.nested_assemblies:
        yield from _stacks(nested.nested_assembly)
