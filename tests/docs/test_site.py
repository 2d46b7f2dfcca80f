# SPDX-License-Identifier: Apache-2.0
"""What the built site promises: every argument is in it, every link leads somewhere, nothing is fetched."""

import inspect
import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

import cdk_personalize_import
from local_aws import LocalAws

ROOT = Path(__file__).parent.parent.parent
FETCHED = {
    ("script", "src"),
    ("link", "href"),
    ("img", "src"),
    ("iframe", "src"),
    ("source", "src"),
    ("use", "href"),
}
SITE_URL = "https://docs.example.org/personalize-import/"
PAGES = [
    "index.html",
    "getting-started.html",
    "design.html",
    "access.html",
    "monitoring.html",
    "examples/index.html",
    "examples/alarm_when_an_import_fails/index.html",
    "troubleshooting.html",
    "faq.html",
    "enterprise.html",
    "refresh.html",
    "testing-your-stack.html",
    "express-mode.html",
    "erasing-users.html",
    "support.html",
    "upgrading.html",
    "security.html",
    "data-rules.html",
    "command-line.html",
    "local-aws.html",
    "alternatives.html",
    "reference/constructs.html",
    "reference/local-aws.html",
    "decisions/index.html",
    "changelog.html",
]


class Html(HTMLParser):
    """A page's ids, what it links to, what a browser fetches to show it, and its words."""

    def __init__(self, page: Path) -> None:
        super().__init__()
        self.ids: set[str] = set()
        self.links: list[str] = []
        self.fetched: list[str] = []
        self.words: list[str] = []
        self.description = ""
        self.active_in_menu = 0
        self.feed(page.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if (tag, given.get("name")) == ("meta", "description"):
            self.description = given.get("content") or ""
        self.active_in_menu += "md-nav__link--active" in (given.get("class") or "").split()
        for name, value in attrs:
            if name == "id" and value:
                self.ids.add(value)
            elif (tag, name) in FETCHED and value and given.get("rel") != "canonical":
                self.fetched.append(value)
            elif name in ("href", "src") and value:
                self.links.append(value)

    def handle_data(self, data: str) -> None:
        self.words.append(data)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the site as `make docs` does, elsewhere."""
    folder = tmp_path_factory.mktemp("build")
    pages = [sys.executable, "-m", "docs.pages", "--folder", str(folder), "--site-url", SITE_URL]
    subprocess.run(pages, cwd=ROOT, check=True)
    built = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "-f", str(folder / "mkdocs.yml")],
        cwd=ROOT,
        env=os.environ | {"NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (built.returncode, built.stdout + built.stderr) == (0, "")
    return folder / "site"


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[Path, Html]:
    """Read every page; the one for what is not found is served from anywhere, so its links are absolute."""
    return {page.resolve(): Html(page) for page in site.rglob("*.html") if page.name != "404.html"}


def test_every_page_of_the_navigation_is_built(site: Path) -> None:
    """No page is lost when files move."""
    assert [page for page in PAGES if not (site / page).is_file()] == []


def test_every_page_is_reached_from_the_navigation_or_a_list(site: Path, pages: dict[Path, Html]) -> None:
    """A page that nothing links to is read by nobody."""
    linked = {
        (page.parent / urlsplit(link).path).resolve() for page, html in pages.items() for link in html.links
    }

    assert set(pages) - linked == set()


@pytest.mark.parametrize("name", cdk_personalize_import.__all__)
def test_the_reference_has_every_public_name_with_its_arguments(site: Path, name: str) -> None:
    """What can be imported is documented, with each argument of its methods."""
    html = Html(site / "reference" / "constructs.html")
    entry = f"cdk_personalize_import.{name}"

    expected = {entry, *(f"{entry}.{member}" for member in documented(getattr(cdk_personalize_import, name)))}

    assert expected <= html.ids


@pytest.mark.parametrize(
    ("page", "method", "owner"),
    [
        ("constructs", cdk_personalize_import.DatasetImportJob.__init__, "DatasetImportJob"),
        ("constructs", cdk_personalize_import.DataSource.from_bucket, "from_bucket"),
        ("constructs", cdk_personalize_import.DataSource.from_asset, "from_asset"),
        ("local-aws", LocalAws.__init__, "LocalAws"),
    ],
)
def test_the_reference_explains_every_argument(site: Path, page: str, method: object, owner: str) -> None:
    """Each argument is in the list, and the list says something of it."""
    text = (site / "reference" / f"{page}.html").read_text(encoding="utf-8")
    described = re.findall(
        r'<li class="doc-section-item[^>]*>\s*<b>\s*<code>(\w+)</code>.*?doc-md-description">\s*<p>\s*\S',
        text,
        re.DOTALL,
    )
    assert callable(method)

    arguments = set(inspect.signature(method).parameters) - {"self"}

    assert arguments <= set(described), owner


def test_the_reference_has_the_members_of_local_aws(site: Path) -> None:
    """The embedded AWS is used in tests by what stands there."""
    html = Html(site / "reference" / "local-aws.html")

    assert {f"local_aws.LocalAws.{member}" for member in documented(LocalAws)} <= html.ids


def test_no_link_is_broken(pages: dict[Path, Html]) -> None:
    """Every link within the site leads to a file, and to a heading where it names one."""
    broken = [
        f"{page.name}: {link}"
        for page, html in pages.items()
        for link in [*html.links, *html.fetched]
        if not urlsplit(link).scheme and not leads_somewhere(page, link, pages)
    ]

    assert broken == []


def test_nothing_is_fetched_from_another_host(site: Path, pages: dict[Path, Html]) -> None:
    """The site can be read without a network: no font, script, style or picture comes from elsewhere."""
    fetched = [
        f"{page.name}: {link}"
        for page, html in pages.items()
        for link in html.fetched
        if urlsplit(link).netloc
    ]
    imported = [
        f"{style.name}: {link}"
        for style in site.rglob("*.css")
        for link in re.findall(
            r"""(?:url\(|@import\s)\s*["']?((?:https?:)?//[^"')]+)""", style.read_text("utf-8")
        )
    ]

    assert fetched + imported == []


def test_no_diagram_needs_a_script_from_elsewhere(pages: dict[Path, Html]) -> None:
    """The theme would load mermaid from another host, so diagrams are drawn."""
    sources = [
        page for page in (ROOT / "docs").rglob("*.md") if "```mermaid" in page.read_text(encoding="utf-8")
    ]

    assert sources == []


def test_every_page_is_marked_in_the_menu(pages: dict[Path, Html]) -> None:
    """The menu shows where one is, in the examples and the decisions too."""
    assert [page.name for page, html in pages.items() if not html.active_in_menu] == []


def test_every_page_has_a_description_of_its_own(pages: dict[Path, Html]) -> None:
    """A search engine shows it below the title."""
    descriptions = [html.description for html in pages.values()]

    assert all(20 < len(each) < 400 for each in descriptions)
    assert len(set(descriptions)) == len(descriptions)


def test_what_is_not_found_is_shown_where_the_site_is_below_the_root_of_its_host(site: Path) -> None:
    """What was asked for may lie in any folder, so the page names its files from the host's root."""
    html = Html(site / "404.html")

    local = [link for link in [*html.fetched, *html.links] if link.startswith("/")]

    assert local
    assert [link for link in local if not link.startswith(urlsplit(SITE_URL).path)] == []


def test_no_page_offers_to_edit_it(pages: dict[Path, Html]) -> None:
    """The pages are made of other files than those that such a link would lead to."""
    assert [link for html in pages.values() for link in html.links if "/edit/" in link] == []


def test_commands_are_copied_without_their_prompt() -> None:
    """What is typed has a block of its own, without a prompt; what is shown then has another."""
    pages = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("examples/**/*.md")]

    with_prompt = [
        f"{page.relative_to(ROOT)}: {line}"
        for page in pages
        for line in page.read_text(encoding="utf-8").splitlines()
        if line.lstrip().startswith("$ ")
    ]

    assert with_prompt == []


def test_an_alert_of_github_is_a_box(site: Path) -> None:
    """A warning stands out in both places."""
    assert 'class="admonition warning"' in (site / "refresh.html").read_text(encoding="utf-8")


def documented(owner: type) -> list[str]:
    """List the public members that a class has here, save for those that only the library calls."""
    internal = {"check", "bind"} if owner is cdk_personalize_import.DataSource else set()
    own = [
        base
        for base in owner.__mro__
        if base.__module__.partition(".")[0] == owner.__module__.partition(".")[0]
    ]
    names = dict.fromkeys(name for base in own for name in vars(base))
    return [name for name in names if not name.startswith("_") and name not in internal]


def leads_somewhere(page: Path, link: str, pages: dict[Path, Html]) -> bool:
    """Whether a relative link of a page has a target."""
    parts = urlsplit(link)
    target = (page.parent / unquote(parts.path)).resolve() if parts.path else page
    if target.is_dir():
        target /= "index.html"
    if not parts.fragment or parts.fragment == "__skip" or target not in pages:
        return target.is_file()
    return unquote(parts.fragment) in pages[target].ids


def test_the_reference_links_to_the_types_of_the_cdk(site: Path) -> None:
    """In signatures and in the list of parameters; the options of metrics are listed one by one."""
    html = (site / "reference" / "constructs.html").read_text(encoding="utf-8")

    for page in ("aws_cdk/Duration.html", "aws_cdk.aws_iam/IRole.html", "aws_cdk.aws_s3/IBucket.html"):
        assert f'href="https://docs.aws.amazon.com/cdk/api/v2/python/{page}"' in html
    assert "Unpack" not in html
