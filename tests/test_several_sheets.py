"""One table over several sheets gives what it gives on one sheet, every row at its own place."""

from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest

from sheetcrm.checks import check
from sheetcrm.clean import CleanBook, has_cell, home, next_row
from sheetcrm.errors import FileProblem
from sheetcrm.findings import Finding
from sheetcrm.metrics.dataset import dataset
from sheetcrm.metrics.summary import summarise
from sheetcrm.table import rows_on
from sheetcrm.workflows.adopt import adopt
from sheetcrm.workflows.check import check as check_files
from tests.tables import clean_book, rows, sheet
from tests.workflows.imports import counts, lead_sheet, run

AS_OF = date(2024, 6, 30)
HEAD = (
    "线索编号 | 客户名称 | 电话 | 来源 | 线索状态 | 负责人"
    " | 获取时间 | 预计金额 | 成交金额 | 成交时间"
)
APRIL = (
    "L1 | 明禾机械 | 13800130001 | 展会 | 意向 | 张三 | 2024-04-02 | 50000 | |",
    "L2 | 启明建材 | 13800130002 | 官网 | 成交 | 张三 | 2024-04-05 | 80000 | 78000 | 2024-05-20",
    "L3 | 云岭食品 | 13800130003 | 官网 | 流失 | 李四 | '2024年4月8日' | '5万' | |",
)
JUNE = (
    "L4 | 青川物流 | 13800130004 | 展会 | 商机 | 李四 | 2024-06-02 | 30000 | |",
    "L5 | 长风电子 | 13800130002 | 转介绍 | 线索 | 李四 | 2024-06-05 | | |",
    "L5 | 远景能源 | 1380013 | 官网 | 成交 | 张三 | 2024-06-09 | 12000 | |",
)
FOLLOW_UPS = """
线索编号 | 跟进时间 | 跟进内容 | 跟进人
L1 | 2024-06-20 | 约了演示 | 张三
L4 | 2024-06-25 | 报价已发 | 李四
L9 | 2024-06-26 | 查无此人 | 李四
"""


def text(*lines: str) -> str:
    return "\n".join((HEAD, *lines))


def together() -> CleanBook:
    return clean_book(sheet(text(*APRIL, *JUNE), "线索"), sheet(FOLLOW_UPS, "跟进记录"), own=False)


def apart() -> CleanBook:
    june = sheet(text(*JUNE), "6月", above=2)
    return clean_book(sheet(text(*APRIL), "4月"), june, sheet(FOLLOW_UPS, "跟进记录"), own=False)


def moved(found: Finding) -> tuple[str, ...]:
    """Return a finding of the one sheet as it stands on the two."""
    sheet_, row = found.sheet, found.row
    if sheet_ == "线索":
        sheet_, row = ("4月", row) if row <= 4 else ("6月", row - 4 + 3)
    letter = found.cell.rstrip("0123456789")
    return (sheet_, f"{letter}{row}", found.code, found.severity, found.key, found.owner)


def place(found: Finding) -> tuple[str, ...]:
    return (found.sheet, found.cell, found.code, found.severity, found.key, found.owner)


def test_findings__are_those_of_one_sheet_at_the_cells_of_each():
    of_rows = [
        f for f in check(together(), AS_OF) if not f.code.startswith(("HDR", "SHT", "STG-10"))
    ]
    here = [f for f in check(apart(), AS_OF) if not f.code.startswith(("HDR", "SHT", "STG-10"))]
    assert sorted(map(place, here)) == sorted(map(moved, of_rows))
    assert {"DUP-01", "DUP-07", "REF-01", "FMT-04"} <= {f.code for f in here}


def test_findings__name_a_row_of_another_sheet_with_its_sheet():
    (found,) = (f for f in check(apart(), AS_OF) if f.code == "DUP-07")
    assert (found.sheet, found.cell) == ("6月", "C5")
    assert "4月!C3" in found.message
    (same,) = (f for f in check(apart(), AS_OF) if f.code == "DUP-01")
    assert ("A5" in same.message, "6月!A5" in same.message) == (True, False)


def test_figures__are_those_of_one_sheet():
    one, two = (summarise(dataset([book]), AS_OF).as_json() for book in (together(), apart()))
    assert two == one


def test_rows__of_the_figures_stand_where_they_are():
    leads = dataset([apart()]).frames["lead"]
    assert list(zip(leads["sheet"], leads["row"], strict=True))[2:4] == [("4月", 4), ("6月", 4)]


def test_required__not_in_a_sheet_without_the_column():
    head, *lines = text(*JUNE).splitlines()
    dropped = "\n".join(
        "|".join(line.split("|")[:5] + line.split("|")[6:]) for line in (head, *lines)
    )
    book = clean_book(sheet(text(*APRIL), "4月"), sheet(dropped, "6月"), own=False)
    table = book.tables["lead"]
    assert [p.sheet for p in table.source.sheets] == ["4月", "6月"]
    told = [(f.sheet, f.code) for f in check(book, AS_OF) if f.column == "负责人"]
    assert told == [("6月", "HDR-02")]
    assert (
        has_cell(table, "owner", table.data.index.to_numpy()).tolist() == [True] * 3 + [False] * 3
    )


def test_ticks__are_the_stage_on_every_sheet():
    head = "客户名称 | 电话 | 来源 | 负责人 | 登记日期 | 已签单 | 已丢单"
    april = f"{head}\n明禾机械 | 13800130001 | 展会 | 张三 | 2024-04-02 | √ |"
    more = (
        "云岭食品 | 13800130003 | 官网 | 李四 | 2024-06-02 | √ | √",
        "青川物流 | | 官网 | 李四 | | |",
    )
    june = "\n".join((head, *more))
    book = clean_book(sheet(april, "4月"), sheet(june, "6月", above=1), own=False)
    assert list(book.tables["lead"].data["status"].fillna("")) == ["签单", "丢单", ""]
    told = [(f.sheet, f.cell, f.code) for f in book.findings if f.code.startswith("STG-1")]
    assert [place for place in told if place[2] != "STG-10"] == [
        ("4月", "F1", "STG-11"),
        ("6月", "G3", "STG-12"),
    ]
    assert not [f for f in book.findings if f.code == "HDR-04"]


def test_talks__belong_to_the_customer_above_on_his_sheet():
    head = "客户名称 | 电话 | 来源 | 线索状态 | 负责人 | 最近跟进 | 跟进内容"
    talks = (
        "明禾机械 | 13800130001 | 展会 | 意向 | 张三 | 2024-04-02 | 电话",
        "| | | | | 2024-04-09 | 拜访",
    )
    april = "\n".join((head, *talks))
    june = april.replace("明禾机械", "云岭食品").replace("2024-04", "2024-06")
    book = clean_book(sheet(april, "4月"), sheet(june, "6月"), own=False)
    days = book.tables["lead"].data["last_follow_up"].dt.strftime("%m-%d")
    assert list(days) == ["04-09", "06-09"]
    assert [(f.sheet, f.cell) for f in book.findings if f.code == "ROW-06"] == [
        ("4月", "A3"),
        ("6月", "A3"),
    ]


def test_home__is_the_sheet_with_the_latest_day():
    june, april = sheet(text(*JUNE), "6月", above=2), sheet(text(*APRIL), "4月")
    for sheets, at in (((april, june), rows_on(1, 0)), ((june, april), 0)):
        table = clean_book(*sheets, own=False).tables["lead"]
        assert (home(table).sheet, next_row(table)) == ("6月", at + 7)


def workbook(folder: Path, *months: tuple[str, tuple[str, ...]], head: str = HEAD) -> Path:
    book = openpyxl.Workbook()
    del book["Sheet"]
    for name, lines in months:
        made = book.create_sheet(name)
        for cells in rows("\n".join((head, *lines))):
            made.append(cells)
    book.save(folder / "分月.xlsx")
    return folder / "分月.xlsx"


def cells(path: Path, sheet_: str, row: int) -> list[object]:
    return [cell.value for cell in openpyxl.load_workbook(path)[sheet_][row]]


def test_fix__writes_into_the_sheet_of_the_row(tmp_path: Path):
    path = workbook(tmp_path, ("6月", JUNE), ("4月", APRIL))
    check_files([str(path)], AS_OF, fix=True)
    assert cells(path, "4月", 4)[6:8] == [datetime(2024, 4, 8), 50000]  # noqa: DTZ001 - cells hold local time


def test_import__meets_rows_of_every_sheet_and_adds_to_the_newest(tmp_path: Path):
    path = workbook(tmp_path, ("6月", JUNE), ("4月", APRIL))
    incoming = lead_sheet(
        tmp_path,
        """
        客户名称 | 电话 | 来源渠道 | 预计金额
        明禾机械 | 13800130001 | 展会 | 50000
        青川物流 | 13800130004 | 官网 | 30000
        九州通讯 | 13911110000 | 展会 | 70000
        """,
    )
    result = run(incoming, path)
    assert counts(result)[:3] == (1, 0, 2)
    assert cells(path, "6月", 5)[1:3] == ["九州通讯", "13911110000"]
    assert openpyxl.load_workbook(path)["4月"].max_row == 4


def test_import__a_sheet_a_person_is_refused(tmp_path: Path):
    head = HEAD.replace(" | 负责人", "")
    april, june = (
        tuple("|".join(x.split("|")[:5] + x.split("|")[6:]) for x in month)
        for month in (APRIL, JUNE)
    )
    path = workbook(tmp_path, ("张三", april), ("李四", june), head=head)
    before = path.read_bytes()
    incoming = lead_sheet(tmp_path, "客户名称 | 电话 | 来源渠道\n九州通讯 | 13911110000 | 展会")
    with pytest.raises(FileProblem, match="每人一张表"):
        run(incoming, path)
    assert path.read_bytes() == before


def test_adopt__knows_all_sheets_from_then_on(tmp_path: Path):
    path = workbook(tmp_path, ("6月", JUNE), ("4月", APRIL))
    done = adopt(path, lambda _: {})
    assert done.adoption is not None
    assert [t.sheets for t in done.adoption.tables] == [("6月", "4月")]
    book = openpyxl.load_workbook(path)
    book["4月"].title = "旧的"
    book.save(path)
    (found,) = check_files([str(path)], AS_OF).files
    assert found.book is not None
    assert found.book.own
    assert [part.sheet for part in found.book.tables["lead"].source.sheets] == ["6月", "旧的"]
