"""The documents: not stale, nothing left out, nothing in them that does not exist."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
from cogapp import Cog  # type: ignore[import-untyped]

from sheetcrm.cli.main import COMMANDS, main
from sheetcrm.findings import CATALOGUE
from sheetcrm.kit.load import kit_names, load_kit
from sheetcrm.metrics.dataset import dataset
from sheetcrm.metrics.summary import summarise
from sheetcrm.tabs.titles import TITLES
from sheetcrm.tabs.workbook import _TAB_ROLES
from sheetcrm.workflows.check import check
from sheetcrm.workflows.weekly import TeamResult
from tests.docs.pages import DOCS, PAGES, ROOT, commands, slug, spans, text
from tests.workflows.workbooks import LEADS, TODAY, write

GENERATED = [page for page in PAGES if "[[[cog" in page.read_text(encoding="utf-8")]
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
MOST_BYTES = 200_000


def by_name(page: Path) -> str:
    return page.name


def options(name: str) -> set[str]:
    context = click.Context(main, info_name="sheetcrm")
    command = main.get_command(context, name)
    assert command is not None
    return {text for param in command.params for text in (*param.opts, *param.secondary_opts)}


ALL_OPTIONS = {option for name in COMMANDS for option in options(name)} | {"--version", "--debug"}


@pytest.mark.parametrize("page", GENERATED, ids=by_name)
def test_page__generated_parts_are_up_to_date(page):
    """Mend with: cog -r docs/*.md"""
    assert Cog().main(["cog", "--check", str(page)]) == 0


@pytest.mark.parametrize("page", PAGES, ids=by_name)
def test_page__links_and_pictures_are_there(page):
    lost = []
    for target in LINK.findall(text(page)):
        if target.startswith("https://"):
            continue
        file, _, anchor = target.partition("#")
        linked = (page.parent / file).resolve() if file else page
        if not linked.exists() or (anchor and anchor not in anchors(linked)):
            lost.append(target)
    assert lost == []


def anchors(page: Path) -> set[str]:
    return {slug(heading) for heading in re.findall(r"^#+ (.+)$", text(page), re.MULTILINE)}


def test_pictures__all_are_used_and_small():
    used = {Path(t).name for page in PAGES for t in LINK.findall(text(page)) if t.endswith(".png")}
    pictures = {file.name: file.stat().st_size for file in (DOCS / "images").iterdir()}
    assert used == pictures.keys()
    assert max(pictures.values()) < MOST_BYTES


@pytest.mark.parametrize("page", PAGES, ids=by_name)
def test_page__names_only_options_that_exist(page):
    alone = {span.split()[0].partition("=")[0] for span in spans(page) if span.startswith("--")}
    assert alone <= ALL_OPTIONS
    for name, *arguments in commands(page):
        typed = {a.partition("=")[0] for a in arguments if re.match(r"--?[a-z]", a)}
        assert typed <= options(name), name


@pytest.mark.parametrize("page", PAGES, ids=by_name)
def test_page__names_only_commands_that_exist(page):
    named = re.findall(r"`sheetcrm ([a-z]+)", text(page))
    assert {*named, *(arguments[0] for arguments in commands(page))} <= {*COMMANDS}


def test_commands__all_are_in_the_reference():
    listed = re.findall(r"^## ([a-z]+)$", text(DOCS / "commands.md"), re.MULTILINE)
    assert listed == list(COMMANDS)


def test_findings__every_code_is_in_the_reference():
    assert [code for code in CATALOGUE if f"| {code} |" not in text(DOCS / "findings.md")] == []


def test_tables_and_kits__all_are_described():
    headings = re.findall(r"^## (.+)$", text(DOCS / "tables.md"), re.MULTILINE)
    assert [table.name for table in load_kit().tables if table.name not in headings] == []
    assert {*kit_names()} <= {*spans(DOCS / "kits.md")}


def test_tabs__all_are_in_the_glossary():
    kinds = {kind for kind, _ in _TAB_ROLES.values()}
    named = {*spans(DOCS / "glossary.md")}
    assert {*kinds, *TITLES} <= named
    assert [t for t in (*TITLES.values(), *_TAB_ROLES) if t not in text(DOCS / "glossary.md")] == []


@pytest.fixture(scope="module")
def week(tmp_path_factory):
    """What a weekly run knows, with one finding."""
    folder = tmp_path_factory.mktemp("team")
    path = write(folder / "台账.xlsx", LEADS.replace("|甲|线索|", "||线索|"))
    checked = check([str(path)], TODAY)
    book = checked.files[0].book
    assert book is not None
    summary = summarise(dataset([book]), TODAY)
    return TeamResult(TODAY, checked.files, checked.findings, summary, None)


@pytest.fixture
def summary(week):
    return week.summary


def test_figures__all_are_defined(summary):
    """Headline rates and warning lists: what they mean, and their names in code."""
    definitions, named = text(DOCS / "definitions.md"), {*spans(DOCS / "glossary.md")}
    rates, lists = summary.totals.rates, summary.overdue.lists
    assert [r.name for r in (*rates, *lists) if r.name not in definitions] == []
    assert [r.key for r in (*rates, *lists) if f"`{r.key}`" not in text(DOCS / "glossary.md")] == []
    assert {"reached", "current", "conversion", "drop_off", "lost_here"} <= named


def test_json__every_key_is_in_the_reference(week):
    """The days over which leads are silent are keys of their own, named by their number."""
    keys = {key for key in keys_of(week.as_json()) if not key.isdigit()}
    assert "conversion" in keys
    assert keys - {*spans(DOCS / "commands.md")} == set()


def keys_of(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield from value
    for each in value.values() if isinstance(value, dict) else value:
        if isinstance(each, dict | list):
            yield from keys_of(each)


def test_readme__samples_it_names_are_shipped():
    named = set(re.findall(r"[\w-]+\.xlsx", text(ROOT / "README.md").partition("```text")[2]))
    shipped = {file.name for file in (ROOT / "samples").glob("*/*.xlsx")}
    assert shipped <= named
