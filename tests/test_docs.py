"""What README and docs/ say is there: pages, files, modules and commands."""

import re
import shlex

import pytest
from project import ROOT

from superposition.cli import parser
from superposition.config.load import load
from superposition.figures import FIGURES

PAGES = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")]
PAGES += sorted((ROOT / "docs").glob("*.md"))
TEXTS = {page: page.read_text(encoding="utf-8") for page in PAGES}
PACKAGE = ROOT / "src/superposition"
# What stands for what a reader would write there.
WORDS = {"ARCHIVE": "a.zip", "FOLDER": "folder", "NAME": "intro"}
OTHERS = ("mine.yaml", "archive.json", "ro-crate-metadata.json", "figures/NAME.py")
"""Files of the reader's and in archives."""


def anchors(text: str) -> set[str]:
    """The names that GitHub gives to a page's headings."""
    headings = re.findall("^#+ (.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_the_readme_is_short():
    lines = TEXTS[ROOT / "README.md"].splitlines()
    assert len(lines) <= 150
    assert [line for line in lines if len(line) > 120 and not line.startswith("|")] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)\s]+)\)", TEXTS[page]):
        if target.startswith("https://"):
            continue
        name, _, anchor = target.partition("#")
        file = (page.parent / name).resolve() if name else page
        assert file.exists(), target
        assert not anchor or anchor in anchors(file.read_text(encoding="utf-8")), target


def test_every_page_of_docs_is_in_their_index():
    index = TEXTS[ROOT / "docs/README.md"]
    pages = {page.name for page in PAGES if page.parent == ROOT / "docs"} - {"README.md"}
    assert pages <= set(re.findall(r"\(([\w-]+\.md)\)", index))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_can_be_given(page):
    cells = load(ROOT / "config.yaml").cells()
    for command in re.findall(r"python -m superposition ([^`\n#|]+)", TEXTS[page]):
        words = [WORDS.get(word, word) for word in shlex.split(command.split(" …")[0])]
        if words == ["--help"]:
            continue
        options = parser().parse_args(words)
        assert getattr(options, "cell", None) in {None, *cells}
        assert getattr(options, "figure", None) in {None, *FIGURES}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_files_that_are_named_are_there(page):
    for name in re.findall(r"`([\w./]+\.(?:py|smk|yaml|json|sh|lock|toml))`", TEXTS[page]):
        if name.startswith("results/") or name in OTHERS:
            continue
        folders = (ROOT, ROOT / "workflow/rules", PACKAGE, *PACKAGE.iterdir())
        assert any((folder / name).exists() for folder in folders), name
