"""The catalogue: complete, consistent, documented, and nothing in it that nothing can emit."""

import re
import string
from pathlib import Path

import pytest
from cogapp import Cog  # type: ignore[import-untyped]

import sheetcrm
from sheetcrm.findings import CATALOGUE, FAMILIES, Entry

PACKAGE = Path(sheetcrm.__file__).parent
REFERENCE = PACKAGE.parent / "docs" / "findings.md"
FULL_STOPS = ("。", "！", ".")


def emitted() -> set[str]:
    """Return every code that the package's source names outside the catalogue."""
    sources = (p for p in PACKAGE.rglob("*.py") if "findings" not in p.relative_to(PACKAGE).parts)
    # UTF-16 is an encoding
    found = (re.findall(r'"(?!UTF)([A-Z]{3}-\d\d)"', p.read_text("utf-8")) for p in sources)
    return {code for codes in found for code in codes}


def test_catalogue__codes_are_unique():
    sources = (PACKAGE / "findings").glob("entries_*.py")
    listed = (re.findall(r'Entry\(\s*"([A-Z]{3}-\d\d)"', p.read_text("utf-8")) for p in sources)
    codes = [code for file in listed for code in file]
    assert sorted(codes) == sorted(CATALOGUE)


def test_catalogue__every_code_in_use_is_there_and_no_other():
    assert emitted() == set(CATALOGUE)


@pytest.mark.parametrize("entry", CATALOGUE.values(), ids=lambda e: e.code)
def test_entry__shape(entry: Entry):
    assert re.fullmatch(r"[A-Z]{3}-\d\d", entry.code)
    assert entry.family in FAMILIES
    assert entry.title
    assert len(entry.title) <= 14
    for text in (entry.message, entry.remedy):
        assert text
        assert not text.endswith(FULL_STOPS)
        fields = [name for _, name, _, _ in string.Formatter().parse(text) if name is not None]
        assert all(fields), "placeholders are named"


def test_catalogue__sentences_name_no_cell_of_their_own():
    assert not [e.code for e in CATALOGUE.values() if {"{cell}", "{sheet}"} & {*e.message.split()}]


def test_reference__is_up_to_date():
    """Mend with: cog -r docs/findings.md"""
    assert Cog().main(["cog", "--check", str(REFERENCE)]) == 0


def test_reference__has_every_code():
    assert set(re.findall(r"^\| ([A-Z]{3}-\d\d) \|", REFERENCE.read_text("utf-8"), re.M)) == set(
        CATALOGUE
    )


def test_reference__says_why_and_gives_an_example():
    """No cell of the tables is empty, and no example has a placeholder left."""
    rows = re.findall(r"^\| [A-Z]{3}-\d\d \|.*$", REFERENCE.read_text("utf-8"), re.M)
    cells = [[cell.strip() for cell in row.strip("|").split(" | ")] for row in rows]
    assert {len(row) for row in cells} == {6}
    assert all(all(row) for row in cells)
    assert not [row[0] for row in cells if "{" in "".join(row)]
