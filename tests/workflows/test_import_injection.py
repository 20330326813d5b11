"""Text that wants to be a formula, in every column: it arrives as text and stays text."""

import csv
from pathlib import Path

import openpyxl
import pytest

from sheetcrm.kit.load import load_kit
from tests.book.office import resaved
from tests.workflows.imports import counts, lead_sheet, new_book, run, typed

PAYLOADS = (
    "=1+1",
    "=cmd|'/C calc'!A0",
    "+SUM(1+1)*cmd|'/C calc'!A0",
    "-2+3+cmd|'/C calc'!A0",
    "@SUM(1+1)",
    "\t=1+1",
    "＝1+1",
    '=HYPERLINK("http://127.0.0.1:9/?x="&A1,"点我")',
    "=1+1;=2",
    "{=SUM(A1:A9)}",
    "file:///etc/passwd",
)


def sheet(folder: Path) -> Path:
    """Write a lead sheet with a payload in every column of the lead table, in turn."""
    columns = [c for c in load_kit().by_key["lead"].columns if c.key != "lead_id"]
    lines = []
    for n, payload in enumerate(PAYLOADS):
        values = {c.name: payload for c in columns}
        values |= {"客户名称": f"{payload}第{n}公司", "联系方式": f"1380013{n:04d}"}
        lines.append(values)
    path = folder / "注入.csv"
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, [c.name for c in columns])
        writer.writeheader()
        writer.writerows(lines)
    return path


@pytest.fixture(scope="module")
def imported(tmp_path_factory):
    folder = tmp_path_factory.mktemp("injection")
    book = new_book(folder, ("lead",))
    result = run(sheet(folder), book)
    return book, result


def formulas(path: Path, sheets: tuple[str, ...]) -> list[str]:
    """Return the cells of some sheets that are formulas or links."""
    book = openpyxl.load_workbook(path)
    cells = (c for name in sheets for row in book[name].iter_rows() for c in row)
    return [c.coordinate for c in cells if c.data_type == "f" or c.hyperlink]


def texts(book: Path) -> list[str]:
    data = typed(book).tables["lead"].source.raw
    return [str(cell) for row in data.itertuples(index=False) for cell in row if cell is not None]


def test_import__payloads_arrive_as_texts(imported):
    book, result = imported
    assert counts(result)[0] == len(PAYLOADS)
    assert formulas(book, ("线索跟踪",)) == []
    arrived = texts(book)
    for n, payload in enumerate(PAYLOADS):
        assert f"{payload.strip()}第{n}公司" in arrived
    assert sum("=1+1" in text for text in arrived) > len(PAYLOADS)


def test_import__they_stay_texts_when_libreoffice_saves_the_book(imported, tmp_path):
    book, result = imported
    decision = result.files[0].decision
    assert decision is not None
    saved, decided = resaved([book, decision], tmp_path)
    assert formulas(saved, ("线索跟踪",)) == []
    assert texts(saved) == texts(book)
    tabs = ("待修正", "疑似重复", "已新增", "已更新", "列映射", "值映射", "假设")
    assert formulas(decided, tabs) == []


def test_heading__that_is_a_formula_is_shown_as_text(tmp_path):
    came = lead_sheet(
        tmp_path,
        """
        公司 | 手机 | =1+1
        甲公司 | 13800130001 | 甲
        """,
    )
    result = run(came, new_book(tmp_path, ("lead",)))
    decision = result.files[0].decision
    assert decision is not None
    assert formulas(decision, ("待修正", "列映射")) == []
