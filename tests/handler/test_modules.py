# SPDX-License-Identifier: Apache-2.0
"""The handler's modules: which may know which, how deep they lie, and how long they are."""

import ast
from pathlib import Path

import pytest

HANDLER = Path(__file__).parents[2] / "lambda" / "dataset_import"
MODULES = {path.stem: path for path in sorted(HANDLER.glob("*.py")) if path.stem != "__init__"}
GENERAL = (
    "cloudformation",
    "event",
    "open_request",
    "poll_loop",
    "record",
    "schedules",
    "stack",
    "table",
    "takeover",
)
"""Modules that another long-running job of Personalize could use unchanged."""

ABOUT_IMPORTS = {
    "decisions",
    "deleting",
    "importing",
    "jobs",
    "messages",
    "personalize",
    "replaced",
    "request",
    "restoring",
    "staging",
}
WORDS = ("dataset", "import job", "importjob", "datalocation")
LAYERS = 6
LONGEST = 300
"""Lines of a file."""


def imported(module: str) -> set[str]:
    """The handler's modules that a module imports, also for types only."""
    found = set()
    for node in ast.walk(ast.parse(MODULES[module].read_text())):
        if isinstance(node, ast.ImportFrom) and node.module:
            package, _, name = node.module.partition(".")
            if package == "dataset_import":
                found |= {name} if name else {alias.name for alias in node.names}
    return found & set(MODULES)


def layer(module: str, above: tuple[str, ...] = ()) -> int:
    """How many modules lie below a module, and itself."""
    assert module not in above, f"the modules {(*above, module)} import each other"
    return 1 + max((layer(each, (*above, module)) for each in imported_at_start(module)), default=0)


def imported_at_start(module: str) -> set[str]:
    """The handler's modules that a module imports when it starts."""
    tree = ast.parse(MODULES[module].read_text())
    for_types = {
        alias.name
        for node in tree.body
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        for each in ast.walk(node)
        if isinstance(each, ast.ImportFrom)
        for alias in each.names
    }
    found = set()
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("dataset_import"):
            _, _, name = node.module.partition(".")
            found |= {name} if name else {alias.name for alias in node.names} - for_types
    return found & set(MODULES)


@pytest.mark.parametrize("module", GENERAL)
def test_the_general_modules_know_nothing_of_import_jobs(module: str) -> None:
    """Neither by an import nor in their code; their docstrings may give examples."""
    tree = ast.parse(MODULES[module].read_text())
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            node.value.value = ""
    code = ast.unparse(tree).lower().replace("dataset_import", "")

    assert imported(module) & ABOUT_IMPORTS == set()
    assert [word for word in WORDS if word in code] == []


def test_no_module_lies_deeper_than_six_layers() -> None:
    """A stranger follows one event from top to bottom."""
    depths = {module: layer(module) for module in MODULES}

    assert max(depths.values()) <= LAYERS, depths


@pytest.mark.parametrize("module", MODULES)
def test_no_module_is_long(module: str) -> None:
    """One idea each."""
    assert len(MODULES[module].read_text().splitlines()) <= LONGEST


@pytest.mark.parametrize("module", MODULES)
def test_imports_stand_at_the_top(module: str) -> None:
    """None is inside a function."""
    tree = ast.parse(MODULES[module].read_text())
    inside = [
        node.lineno
        for function in ast.walk(tree)
        if isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef))
        for node in ast.walk(function)
        if isinstance(node, (ast.Import, ast.ImportFrom))
    ]

    assert inside == []


@pytest.mark.parametrize(
    "module", ["decisions", "event", "jobs", "record", "request", "restoring", "takeover"]
)
def test_the_pure_modules_have_no_client_and_no_clock(module: str) -> None:
    """Decisions are functions of what they are given."""
    tree = ast.parse(MODULES[module].read_text())
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}

    assert names & {"boto3", "client", "clock", "time"} == set()
    assert imported(module) & {"services", "table", "schedules", "personalize", "open_request"} == set()
