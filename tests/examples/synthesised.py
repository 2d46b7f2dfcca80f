# SPDX-License-Identifier: Apache-2.0
"""The examples, synthesised as the CDK CLI does it."""

import importlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import aws_cdk as cdk
from aws_cdk.cx_api import CloudAssembly, CloudFormationStackArtifact

EXAMPLES = Path(__file__).parents[2] / "examples"
NAMES = sorted(path.parent.name for path in EXAMPLES.glob("*/app.py"))
IMPORT = "Custom::PersonalizeDatasetImportJob"


def synthesise(name: str, context: Mapping[str, str] | None = None) -> list[CloudFormationStackArtifact]:
    """Synthesise an example; its stacks, those of its stages included."""
    app = cdk.App(context=dict(context or {}))
    importlib.import_module(f"examples.{name}.app").build(app)
    return list(_stacks(app.synth()))


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
