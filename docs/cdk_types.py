# SPDX-License-Identifier: Apache-2.0
"""The types of the CDK that the library uses, with their pages, so that the reference links to them.

mkdocstrings finds pages of other projects in an inventory, as Sphinx writes it. That of the CDK would have to
be fetched at each build, so this writes a small one.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from mkdocstrings import Inventory

LIBRARY = Path(__file__).parents[1] / "constructs" / "cdk_personalize_import"
PYTHON = "https://docs.aws.amazon.com/cdk/api/v2/python"
ALL_LANGUAGES = "https://docs.aws.amazon.com/cdk/api/v2/docs"


def inventory() -> bytes:
    """The inventory, in the format of Sphinx."""
    made = Inventory()
    for name in sorted({name for path in LIBRARY.glob("*.py") for name in types(path)}):
        made.register(name=name, domain="py", role="class", uri=address(name).removeprefix("https://"))
    return made.format_sphinx()


def types(path: Path) -> Iterator[str]:
    """The types of the CDK in a module, by their full names, such as `aws_cdk.aws_s3.IBucket`."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    modules: dict[str, str] = {}
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.ImportFrom)
            and node.module
            and node.module.split(".")[0] in ("aws_cdk", "constructs")
        ):
            for alias in node.names:
                full = f"{node.module}.{alias.name}"
                if alias.name[0].isupper():
                    yield full
                else:
                    modules[alias.asname or alias.name] = full
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(ast.Name(module), name) if module in modules and name[0].isupper():
                yield f"{modules[module]}.{name}"


def address(name: str) -> str:
    """The page of a type. The pages for Python leave out `aws_cdk.interfaces`."""
    module, _, type_name = name.rpartition(".")
    if module.startswith("aws_cdk.interfaces"):
        return f"{ALL_LANGUAGES}/{name.replace('aws_cdk', 'aws-cdk-lib', 1)}.html"
    return f"{PYTHON}/{module}/{type_name}.html"
