"""Recalculate a workbook from scratch by an independent engine, and compare with its caches.

Two engines: betteroffice-xlsx (from the package index) and LibreOffice with a profile that
recalculates on load; LibreOffice keeps cached values otherwise. They get a copy whose every cached
value is POISON: what survives was never recalculated. The file itself would show less: a formula
left alone in it has the value it should have.
"""

import io
import math
import os
import posixpath
import shutil
import subprocess
import zipfile
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import betteroffice_xlsx
import pytest
from lxml import etree

POISON = "POISON"
TOLERANCE = 1e-9
Value: TypeAlias = float | str | bool | None
Results: TypeAlias = dict[tuple[str, str], Value]

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_LINK = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_PROFILE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load">
<prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item>
<item oor:path="/org.openoffice.Office.Calc/Formula/Load">
<prop oor:name="ODFRecalcMode" oor:op="fuse"><value>0</value></prop></item>
</oor:items>"""


@dataclass(frozen=True)
class Difference:
    """A formula cell whose cached value is not what the engine found."""

    sheet: str
    cell: str
    formula: str
    cached: Value
    found: Value


@dataclass(frozen=True)
class Formula:
    """A formula as the file has it: its text and its cached result."""

    text: str
    cached: Value


def formulas(data: bytes) -> dict[tuple[str, str], Formula]:
    """Return every formula by sheet and cell."""
    return {
        (sheet, cell.get("r", "")): Formula(formula.text or "", _cached(cell))
        for sheet, root in _sheets(data)
        for cell in root.iter(f"{_MAIN}c")
        if (formula := cell.find(f"{_MAIN}f")) is not None
    }


def poisoned(data: bytes) -> bytes:
    """Return a copy in which the cached result of every formula is POISON."""
    into = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(into, "w") as target:
        for item in source.infolist():
            part = source.read(item)
            if item.filename.startswith("xl/worksheets/") and item.filename.endswith(".xml"):
                part = _poison(part)
            target.writestr(item.filename, part, zipfile.ZIP_DEFLATED)
    return into.getvalue()


def by_betteroffice(data: bytes) -> Results:
    """Recalculate by betteroffice-xlsx; nothing may be skipped or circular."""
    book = betteroffice_xlsx.Workbook.open(data)
    outcome = book.recalculate()
    assert not outcome.limited, "betteroffice-xlsx left formulas out"
    assert not outcome.cycles
    return {place: _plain(book.value(*place)) for place in formulas(data)}


def by_libreoffice(books: Mapping[str, bytes], folder: Path) -> dict[str, Results]:
    """Recalculate workbooks by LibreOffice, all in one start, in a profile of its own.

    Args:
        books: The workbooks, by any name.
        folder: An empty folder to work in.
    """
    need_libreoffice()
    profile, out = folder / "profile", folder / "out"
    (profile / "user").mkdir(parents=True, exist_ok=True)
    (profile / "user" / "registrymodifications.xcu").write_text(_PROFILE, encoding="utf-8")
    sources = [folder / f"book{number}.xlsx" for number in range(len(books))]
    for source, data in zip(sources, books.values(), strict=True):
        source.write_bytes(data)
    command = ["soffice", f"-env:UserInstallation={profile.as_uri()}", "--headless"]
    convert = ["--norestore", "--convert-to", "xlsx", "--outdir", str(out), *map(str, sources)]
    done = subprocess.run([*command, *convert], capture_output=True, text=True, timeout=600)
    results = {}
    for source, (name, data) in zip(sources, books.items(), strict=True):
        made = out / source.name
        assert made.exists(), done.stdout + done.stderr
        found = formulas(made.read_bytes())
        results[name] = {
            place: found[place].cached if place in found else "missing" for place in formulas(data)
        }
    return results


def need_libreoffice() -> None:
    """Skip the test where LibreOffice is missing; fail in CI, which installs it."""
    if shutil.which("soffice") is None:
        assert not os.environ.get("CI"), "CI must have LibreOffice"
        pytest.skip("LibreOffice (soffice) is not installed")


def differences(data: bytes, found: Results, only: Collection[str] = ()) -> list[Difference]:
    """Compare the caches with what an engine found; `only` limits it to these sheets."""
    return [
        Difference(*place, formula.text, formula.cached, found[place])
        for place, formula in formulas(data).items()
        if (not only or place[0] in only) and not _same(formula.cached, found[place])
    ]


def assert_recalculates(
    books: Mapping[str, bytes], folder: Path | None = None, only: Collection[str] = ()
) -> None:
    """Check every formula of the workbooks, on poisoned copies.

    Args:
        books: The workbooks, by any name.
        folder: An empty folder for LibreOffice; without one betteroffice-xlsx checks.
        only: The sheets to look at, all of them by default.
    """
    copies = {name: poisoned(data) for name, data in books.items()}
    if folder is None:
        found = {name: by_betteroffice(data) for name, data in copies.items()}
    else:
        found = by_libreoffice(copies, folder)
    for name, data in books.items():
        assert differences(data, found[name], only) == [], name


def _sheets(data: bytes) -> Iterator[tuple[str, etree._Element]]:
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        links = etree.fromstring(package.read("xl/_rels/workbook.xml.rels"))
        parts = {link.get("Id"): link.get("Target", "") for link in links}
        book = etree.fromstring(package.read("xl/workbook.xml"))
        for sheet in book.iter(f"{_MAIN}sheet"):
            part = posixpath.normpath(posixpath.join("/xl", parts[sheet.get(_LINK)]))
            yield sheet.get("name", ""), etree.fromstring(package.read(part.lstrip("/")))


def _cached(cell: etree._Element) -> Value:
    text = cell.findtext(f"{_MAIN}v")
    kind = cell.get("t", "n")
    if text is None or text == "":
        return None
    if kind == "n":
        return float(text)
    return text == "1" if kind == "b" else text


def _poison(part: bytes) -> bytes:
    root = etree.fromstring(part)
    for cell in root.iter(f"{_MAIN}c"):
        if cell.find(f"{_MAIN}f") is None:
            continue
        value = cell.find(f"{_MAIN}v")
        if value is None:
            value = etree.SubElement(cell, f"{_MAIN}v")
        cell.set("t", "str")
        value.text = POISON
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)


def _plain(value: object) -> Value:
    if value is None or value == "":
        return None
    if isinstance(value, bool | str):
        return value
    if isinstance(value, int | float):
        return float(value)
    if isinstance(value, betteroffice_xlsx.CellError):
        return f"#{value.code}"
    return str(value)


def _same(left: Value, right: Value) -> bool:
    if type(left) is not type(right):
        return False
    if isinstance(left, float) and isinstance(right, float):
        return math.isclose(left, right, rel_tol=TOLERANCE, abs_tol=TOLERANCE)
    return left == right
