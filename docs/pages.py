# SPDX-License-Identifier: Apache-2.0
"""Write the pages of the site into build/docs, and its configuration beside them, for `make docs`.

The documents are read on GitHub too, where the README, the changelog and the examples lie elsewhere. This
step gives each page its place in the site, its links and its description, so that the program which builds
the site needs no plugin of this project.
"""

from __future__ import annotations

import argparse
import json
import os
import posixpath
import re
import shutil
from pathlib import Path
from typing import Any

import yaml

from docs.cdk_types import inventory

ROOT = Path(__file__).parent.parent
BUILD = ROOT / "build"
MOVED = {"README.md": "index.md", "CHANGELOG.md": "changelog.md", "SECURITY.md": "security.md"}
"""File of the repository: page of the site. Examples keep their path, and docs/ is the site's root."""

INVENTORY = "objects.inv"
"""The pages of the CDK to which the reference links."""

BOOSTED = {"troubleshooting.md": 4, "faq.md": 2}
"""Pages that a search lists first where several have the words."""

DESCRIPTION = 200
"""Characters of a description, of which search engines show some 160."""

CODE = re.compile(r"`[^`\n]+`")
LINK = re.compile(r"(?<!!)\[([^\]]+)\]\((?!https?://|#)([^)\s#]+)(#[^)\s]*)?\)")
IMAGE = re.compile(r"!\[([^\]]*)\]\((?!https?://)([^)\s]+)\)")
ALERT = re.compile(r"^> \[!(NOTE|TIP|IMPORTANT|WARNING|CAUTION)\]\n((?:>.*\n)+)", re.MULTILINE)
"""What GitHub shows as a coloured box."""


def sources() -> dict[str, str]:
    """The pages: their path in the site, and the file of the repository that each is made of."""
    found = {page: source for source, page in MOVED.items()}
    for path in sorted(ROOT.glob("docs/**/*.md")):
        found[path.relative_to(ROOT / "docs").as_posix()] = path.relative_to(ROOT).as_posix()
    for path in [ROOT / "examples" / "README.md", *sorted(ROOT.glob("examples/*/README.md"))]:
        found[path.relative_to(ROOT).as_posix()] = path.relative_to(ROOT).as_posix()
    return found


def page(name: str, pages: dict[str, str]) -> str:
    """The text of a page, as it stands in the site."""
    source = ROOT / pages[name]
    text = source.read_text(encoding="utf-8")
    if (app := source.with_name("app.py")).is_file() and source.parent.parent == ROOT / "examples":
        text += f'\n## The whole app\n\n```python title="app.py"\n{app.read_text(encoding="utf-8")}```\n'
    text = ALERT.sub(_admonition, text)
    head: dict[str, Any] = {"description": description(text)}
    if name in BOOSTED:
        head["search"] = {"boost": BOOSTED[name]}
    text = _images(_links(_plain_pipes(text), name, pages), name, pages)
    return f"---\n{yaml.safe_dump(head, width=1000)}---\n\n{text}"


def description(text: str) -> str:
    """The first sentences of a page, without its markup."""
    without_code = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    paragraphs = [each.strip() for each in re.split(r"\n\s*\n", without_code)]
    prose = next(each for each in paragraphs if re.match(r"[A-Z`*\[]", each) and not _is_status(each))
    plain = re.sub(r"\[([^\]]+)\]\([^)]*\)", r"\1", re.sub(r"[`*]", "", prose)).replace("\n", " ")
    kept = ""
    for sentence in re.findall(r".+?(?:[.:](?= |$)|$)", plain):
        if kept and len(kept + sentence) > DESCRIPTION:
            break
        kept += sentence
    return f"{kept.strip().rstrip(':.')}."


def configuration(pages: dict[str, str], folder: Path, site_url: str) -> dict[str, Any]:
    """The settings that depend on the pages: a `*` of the menu in mkdocs.yml stands for all that match."""
    given = yaml.safe_load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"))
    for plugin in given["plugins"]:
        if "mkdocstrings" in plugin:
            address = (folder / INVENTORY).resolve().as_uri()
            python = plugin["mkdocstrings"]["handlers"]["python"]
            python["inventories"] = [{"url": address, "base_url": "https://"}]
    settings = {
        "INHERIT": os.path.relpath(ROOT / "mkdocs.yml", folder),
        "docs_dir": "docs",
        "site_dir": "site",
        "nav": _menu(given["nav"], pages),
        "plugins": given["plugins"],
    }
    return settings | ({"site_url": site_url} if site_url else {})


def write(folder: Path, site_url: str = "") -> None:
    """Write everything that the site is made of.

    Args:
        folder: Gets `docs`, with the pages and pictures, and `mkdocs.yml`.
        site_url: The address that the site is served from, which the page for what is not found needs where
            that is not the root of a host. Left out, that page works at the root only.
    """
    pages = sources()
    docs = folder / "docs"
    shutil.rmtree(docs, ignore_errors=True)
    shutil.copytree(
        ROOT / "docs", docs, ignore=shutil.ignore_patterns("*.md", "*.py", "__pycache__", "pictures")
    )
    for name in pages:
        target = docs / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(page(name, pages), encoding="utf-8")
    (folder / INVENTORY).write_bytes(inventory())
    (folder / "mkdocs.yml").write_text(
        json.dumps(configuration(pages, folder, site_url), indent=2), encoding="utf-8"
    )


def _admonition(alert: re.Match[str]) -> str:
    body = re.sub(r"^> ?", "    ", alert.group(2), flags=re.MULTILINE)
    return f"!!! {alert.group(1).lower()}\n\n{body}"


def _menu(entries: list[Any], pages: dict[str, str]) -> list[Any]:
    menu: list[Any] = []
    for entry in entries:
        match entry:
            case dict():
                ((title, members),) = entry.items()
                menu.append({title: _menu(members, pages) if isinstance(members, list) else members})
            case str() if "*" in entry:
                menu += sorted(name for name in pages if Path(name).match(entry))
            case _:
                menu.append(entry)
    return menu


def _links(markdown: str, name: str, pages: dict[str, str]) -> str:
    """Lead links to the site's own pages; what is not in the site is named, not linked."""
    source = pages[name]
    at_site = {repository: site for site, repository in pages.items()}

    def lead(match: re.Match[str]) -> str:
        text, link, anchor = match.group(1), match.group(2), match.group(3) or ""
        target = posixpath.normpath(posixpath.join(posixpath.dirname(source), link))
        to = at_site.get(target) or at_site.get(f"{target}/README.md")
        if to is None:
            return text if (ROOT / target).exists() else match.group(0)
        return f"[{text}]({posixpath.relpath(to, posixpath.dirname(name) or '.')}{anchor})"

    return LINK.sub(lead, markdown)


def _images(markdown: str, name: str, pages: dict[str, str]) -> str:
    """Lead to the pictures, which lie in docs/, the root of the site."""

    def lead(match: re.Match[str]) -> str:
        target = posixpath.normpath(posixpath.join(posixpath.dirname(pages[name]), match.group(2)))
        place = posixpath.relpath(target.removeprefix("docs/"), posixpath.dirname(name) or ".")
        return f"![{match.group(1)}]({place})"

    return IMAGE.sub(lead, markdown)


def _plain_pipes(markdown: str) -> str:
    """Take the backslash from `|` in the code of tables, where GitHub needs it and the site would show it."""
    return "\n".join(
        CODE.sub(lambda code: code.group().replace(r"\|", "|"), line) if line.startswith("|") else line
        for line in markdown.split("\n")
    )


def _is_status(paragraph: str) -> bool:
    """Whether a paragraph is the state and date of a decision."""
    return re.match(r"(Accepted|Superseded|Proposed|Rejected)\b", paragraph) is not None


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--site-url", default="", help="the address that the site is served from")
    parser.add_argument("--folder", type=Path, default=BUILD)
    arguments = parser.parse_args()
    write(arguments.folder, arguments.site_url)
