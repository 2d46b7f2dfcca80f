# SPDX-License-Identifier: Apache-2.0
"""The site's pages whose text lies elsewhere in the repository, and links that the site cannot follow."""

import posixpath
import re
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).parent.parent
EXAMPLES = [path.relative_to(ROOT).as_posix() for path in sorted(ROOT.glob("examples/*/README.md"))]
PAGES = {
    "index.md": "README.md",
    "changelog.md": "CHANGELOG.md",
    **{page: page for page in ["examples/README.md", *EXAMPLES]},
}
"""Page of the site: file of the repository."""

CODE = re.compile(r"`[^`\n]+`")
LINK = re.compile(r"(?<!!)\[([^\]]+)\]\((?!https?://|#)([^)\s#]+)(#[^)\s]*)?\)")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages that are files of the repository's root. Called by MkDocs."""
    for page, source in PAGES.items():
        text = (ROOT / source).read_text(encoding="utf-8")
        if source in EXAMPLES:
            code = (ROOT / source).with_name("app.py").read_text(encoding="utf-8")
            text += f'\n## The whole app\n\n```python title="app.py"\n{code}```\n'
        files.append(File.generated(config, page, content=text))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Lead links to the site's own pages; what is not in the site is named, not linked. Called by MkDocs."""
    source = PAGES.get(page.file.src_uri, f"docs/{page.file.src_uri}")
    at_site = {repository: site for site, repository in PAGES.items()}

    def lead(match: re.Match[str]) -> str:
        words, link, anchor = match.group(1), match.group(2), match.group(3) or ""
        target = posixpath.normpath(posixpath.join(posixpath.dirname(source), link))
        uri = at_site.get(target, target.removeprefix("docs/"))
        if (uri == target and target not in at_site) or not (
            file := files.get_file_from_path(uri) or _index(uri, files)
        ):
            return words if (ROOT / target).exists() else match.group(0)
        folder = posixpath.dirname(page.file.src_uri) or "."
        return f"[{words}]({posixpath.relpath(file.src_uri, folder)}{anchor})"

    return LINK.sub(lead, _plain_pipes(markdown))


def _plain_pipes(markdown: str) -> str:
    """Take the backslash from `|` in the code of tables, where GitHub needs it and the site would show it."""
    return "\n".join(
        CODE.sub(lambda code: code.group().replace(r"\|", "|"), line) if line.startswith("|") else line
        for line in markdown.split("\n")
    )


def _index(folder: str, files: Files) -> File | None:
    return files.get_file_from_path(f"{folder}/README.md")
