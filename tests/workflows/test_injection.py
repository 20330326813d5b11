"""Text that looks like a formula, a link or a number, in every column of every table.

It is carried through a whole year of a workbook's life: check, marks, corrections, summaries, the
team's week, an import with its decisions, and LibreOffice saving each file again. Nowhere may it
become a formula, a link or anything else a program acts on, and nowhere may it change.
"""

import csv
import re
import zipfile
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from lxml import etree

from sheetcrm.book.markers import Role, add_markers
from sheetcrm.book.read import read_book
from sheetcrm.kit.load import load_kit
from sheetcrm.kit.model import Kit
from sheetcrm.tabs.workbook import build_workbook
from sheetcrm.values.csv_text import escape
from tests.book.office import resaved
from tests.command import run_command
from tests.workflows.workbooks import TODAY

# Every payload that acts carries this word, so that it is known wherever it turns up.
MARK = "ZQ9X"
ACTING = (
    f"={MARK}+1",
    f"=cmd|'/C {MARK}'!A0",
    f"+{MARK}*cmd|'/C calc'!A0",
    f"-2+{MARK}",
    f"@SUM({MARK})",
    f"＝{MARK}",
    f'=HYPERLINK("http://127.0.0.1:9/"&{MARK},"点我")',
    f"{{={MARK}}}",
    f"http://{MARK}.test/?a=1&b=<2>",
    f"mailto:{MARK}@example.test",
    f"file:///{MARK}/passwd",
    f"\\\\{MARK}\\share",
    f"external:\\\\{MARK}\\x.xlsx",
    f"internal:'{MARK}'!A1",
    f"'{MARK}'!A1",
)
LOOKING = (
    "007001",
    "1E5",
    "110101199001011234",
    "1-2",
    "TRUE",
    "#N/A",
    "=",
    "&lt;b&gt;",
    "_x0041_",
)
PAYLOADS = (*ACTING, *LOOKING)
LITERAL = re.compile(r'"(?:[^"]|"")*"')


def records(kit: Kit) -> dict[str, list[dict[str, object]]]:
    """Each payload in each column of each table."""
    found = {}
    for table in kit.tables:
        lines: list[dict[str, object]] = []
        for n in range(len(PAYLOADS)):
            columns = enumerate(table.columns)
            lines.append({c.key: PAYLOADS[(n + i) % len(PAYLOADS)] for i, c in columns})
        found[table.key] = lines
    return found


def own(path: Path) -> Path:
    kit = load_kit()
    made = build_workbook(kit, 60, TODAY, records(kit))
    roles = {name: Role(*role) for name, role in made.roles.items()}
    path.write_bytes(add_markers(made.data, roles))
    return path


def lead_csv(path: Path) -> Path:
    columns = [c for c in load_kit().by_key["lead"].columns if c.key != "lead_id"]
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([c.name for c in columns])
        for n, payload in enumerate(PAYLOADS):
            line = dict.fromkeys((c.key for c in columns), payload)
            line |= {"company": f"{payload}第{n}公司", "phone": f"139{n:08d}"}
            writer.writerow(map(escape, line.values()))
    return path


def ran(*arguments: str) -> str:
    result = run_command(*arguments)
    assert result.exit_code in (0, 1), (arguments, result.output)
    return result.output


@pytest.fixture(scope="module")
def life(tmp_path_factory):
    """The folder after all commands, and the cells of its workbook at each step."""
    folder = tmp_path_factory.mktemp("life") / "销售部"
    folder.mkdir()
    book = own(folder / "线索.xlsx")
    steps = {"made": cells(book)}
    day = ("--as-of", str(TODAY))
    for name, arguments in (
        ("mark", ("check", str(book), *day, "--mark")),
        ("summarise", ("summarise", str(book), *day)),
        ("weekly", ("weekly", str(folder), "--as-of", str(TODAY + timedelta(7)), "--mark")),
    ):
        ran(*arguments)
        steps[name] = cells(book)
    came = lead_csv(folder.parent / "来的.csv")
    ran("import", str(came), "--into", str(book), *day, "--apply")
    ran("check", str(book), *day, "--fix", "--write")
    return folder, steps


def cells(path: Path) -> Counter[tuple[str, str]]:
    """Return the texts with a payload in the input sheets, as they are read back."""
    return Counter(
        (sheet.table, cell)
        for sheet in read_book(path).sheets
        if sheet.table
        for row in sheet.rows
        for cell in row
        if isinstance(cell, str) and cell in PAYLOADS
    )


def acting(path: Path) -> list[tuple[str, str]]:
    """Return what of a payload stands where a program acts on it: formulas, links, names."""
    found = []
    with zipfile.ZipFile(path) as package:
        assert not [
            n for n in package.namelist() if re.search("externalLink|vbaProject|connections", n)
        ]
        for name in package.namelist():
            if not name.endswith((".xml", ".rels")):
                continue
            for element in etree.fromstring(package.read(name)).iter("*"):
                tag = etree.QName(element).localname
                texts = []
                if tag in (
                    "f",
                    "formula",
                    "formula1",
                    "formula2",
                    "definedName",
                    "calculatedColumnFormula",
                ):
                    texts = [LITERAL.sub("", element.text or "")]
                elif tag in ("hyperlink", "ddeLink", "oleLink"):
                    texts = [str(element.get("location") or "")]
                elif tag == "Relationship":
                    texts = [element.get("Target") or ""]
                found += [(name, text) for text in texts if MARK in text]
    return found


def books(folder: Path) -> list[Path]:
    return sorted(p for p in folder.glob("*.xlsx"))


def test_injection__every_payload_is_a_text_to_begin_with(life):
    _, steps = life
    tables = load_kit().tables
    for table in tables:
        for payload in PAYLOADS:
            assert steps["made"][table.key, payload] > 0, (table.key, payload)


@pytest.mark.parametrize("step", ["mark", "summarise", "weekly"])
def test_injection__no_cell_changes(life, step):
    _, steps = life
    assert steps[step] == steps["made"]


def test_injection__nothing_acts_in_any_file(life):
    folder, _ = life
    files = [*books(folder), *books(folder.parent)]
    assert len(files) >= 2  # the book, the team's; and the decisions
    assert {path.name: acting(path) for path in files} == {path.name: [] for path in files}


def test_injection__nothing_acts_when_libreoffice_has_saved_the_files(life, tmp_path):
    folder, _ = life
    files = [*books(folder), *books(folder.parent)]
    for before, after in zip(files, resaved(files, tmp_path), strict=True):
        assert acting(after) == []
        if cells(before):
            assert cells(after) == cells(before)


def test_injection__an_escaped_csv_arrives_as_what_was_meant(life):
    folder, _ = life
    companies = {
        str(cell)
        for sheet in read_book(folder / "线索.xlsx").sheets
        if sheet.table == "lead"
        for row in sheet.rows
        for cell in row
    }
    lost = [p for n, p in enumerate(PAYLOADS) if f"{p}第{n}公司" not in companies]
    assert lost == []
