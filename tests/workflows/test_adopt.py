"""adopt: the workbook keeps its bytes, is known from then on, and can be what it was again."""

import os
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from sheetcrm.book.cells import set_cells
from sheetcrm.book.read import Reader
from sheetcrm.book.target import open_target
from sheetcrm.clean import clean
from sheetcrm.errors import FileProblem
from sheetcrm.kit.load import load_kit
from sheetcrm.kit.recognise import recognise
from sheetcrm.metrics.dataset import dataset
from sheetcrm.metrics.summary import summarise
from sheetcrm.workflows.adopt import adopt
from sheetcrm.workflows.check import check
from sheetcrm.workflows.examine import examine
from sheetcrm.workflows.undo import undo
from tests.docs.pages import ROOT
from tests.workflows.workbooks import TODAY, parts, sheet_names, write

FOREIGN = ROOT / "samples" / "foreign" / "华东区客户台账.xlsx"
ADDED = ["设置", "字段", "规则", "例外"]
CORPUS = (
    "zh_synthetic/线索跟踪表_干净.xlsx",
    "zh_synthetic/线索跟踪表_带错误.xlsx",
    "pbpython/salesfunnel.xlsx",
)


def taken(_: object) -> dict[str, Any]:
    return {}


@pytest.fixture(scope="module")
def reader():
    with Reader() as open_reader:
        yield open_reader


def understood(path: Path, reader: Reader, as_of: date) -> tuple[bool, dict[str, int], object]:
    """Whether it is known as our own, its tables with their rows, and its figures."""
    book = clean(recognise(reader.read(path), load_kit()))
    assert [f.message for f in book.findings if f.code.startswith(("KIT", "RUL"))] == []
    tables = {key: len(table.data) for key, table in book.tables.items()}
    return book.own, tables, summarise(dataset([book]), as_of).as_json()


def test_adopt__only_adds_and_is_known_afterwards(tmp_path: Path, reader: Reader) -> None:
    path = Path(shutil.copyfile(FOREIGN, tmp_path / "台账.xlsx"))
    before, sheets, old = path.read_bytes(), sheet_names(path), parts(path)
    _, tables, figures = understood(path, reader, TODAY)
    result = adopt(path, taken)
    assert list(result.tabs) == ADDED
    assert sheet_names(path) == [*sheets, *ADDED]
    index = {"[Content_Types].xml", "xl/workbook.xml", "xl/styles.xml"}
    index.add("xl/_rels/workbook.xml.rels")
    assert {name for name, data in old.items() if parts(path)[name] != data} <= index
    assert understood(path, reader, TODAY) == (True, tables, figures)
    assert undo(path).way == "restored"
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("heading", "key"), [("丢单原因", "lost_reason"), ("登记日期", "acquired_on")]
)
def test_adopt__a_field_renamed_in_its_tab_alone_is_still_found(
    tmp_path: Path, reader: Reader, heading: str, key: str
) -> None:
    path = write(tmp_path / "a.xlsx")
    adopt(path, taken)
    rows = next(s for s in reader.read(path).sheets if s.tab == "fields").rows
    at = next(n for n, row in enumerate(rows, 1) if heading in row)
    path.write_bytes(set_cells(open_target(path), {"字段": {f"B{at}": "我们的叫法"}}).data)
    found = recognise(reader.read(path), load_kit())
    assert found.kit.by_key["lead"].by_key[key].name == "我们的叫法"
    assert key in {h.key for h in found.tables["lead"].headings}
    assert [f.message for f in found.findings] == []


def test_adopt__a_second_time_changes_nothing(tmp_path: Path) -> None:
    path = write(tmp_path / "a.xlsx")
    adopt(path, taken)
    written = path.read_bytes()
    again = adopt(path, taken)
    assert (again.adoption, again.tabs) == (None, ())
    assert path.read_bytes() == written


@pytest.mark.parametrize("talks", ["第一次跟进|第二次跟进", "跟进记录|跟进记录", "跟进情况|说话"])
def test_adopt__talks_in_the_leads_rows_count_as_before(
    tmp_path: Path, reader: Reader, talks: str
) -> None:
    lines = [f"客户名称|联系人|负责人|获取日期|当前阶段|{talks}"]
    lines += [
        f"客户{n}公司|王{n}|甲|2026-03-0{n}|意向|3.{n + 9}电话|3.2{n}上门" for n in range(1, 6)
    ]
    path = write(tmp_path / "a.xlsx", "\n".join(lines))
    before = examine(path, reader.read(path), TODAY).book
    adopt(path, taken)
    after = examine(path, reader.read(path), TODAY).book
    assert before.told is not None
    assert after.told is not None
    assert len(before.told.talks) == (5 if talks.endswith("说话") else 10)
    assert before.told.talks.equals(after.told.talks)


def test_adopt__nothing_is_written_on_a_dry_run_or_a_no(tmp_path: Path) -> None:
    path = write(tmp_path / "a.xlsx")
    before = path.read_bytes()
    for result in (adopt(path, taken, dry_run=True), adopt(path, lambda _: None)):
        assert result.adoption is not None
        assert result.tabs == ()
    assert path.read_bytes() == before


def test_adopt__names_that_are_taken_and_renamed_sheets(tmp_path: Path, reader: Reader) -> None:
    path = write(tmp_path / "a.xlsx", sheet="设置")
    assert adopt(path, taken).tabs == ("设置 (2)", "字段", "规则", "例外")
    book = recognise(reader.read(path), load_kit())
    assert book.own
    assert book.tables["lead"].sheet == "设置"
    assert [f for f in book.findings if f.code.startswith("KIT")] == []


def test_adopt__check_holds_people_to_what_was_put_down(tmp_path: Path) -> None:
    path = write(tmp_path / "a.xlsx")
    adopt(path, taken)
    slips = {"客户台账": {"C3": "路过", "H3": "丙"}}
    path.write_bytes(set_cells(open_target(path), slips).data)
    found = {(f.code, f.column) for f in check([str(path)], TODAY).findings}
    assert {("VAL-01", "获客渠道"), ("REF-02", "销售")} <= found


def test_adopt__a_lost_settings_tab_comes_back_and_the_others_stay_as_people_filled_them(
    tmp_path: Path,
) -> None:
    path = write(tmp_path / "a.xlsx")
    adopt(path, taken)
    filled = {"例外": {"A5": "X001", "B5": "VAL-01", "C5": "老客户"}, "规则": {"A6": "我的规则"}}
    path.write_bytes(set_cells(open_target(path), filled).data)
    book = openpyxl.load_workbook(path)
    del book["设置"]
    book.save(path)
    before = parts(path)
    assert adopt(path, taken).tabs == ("设置",)
    after = parts(path)
    sheets = [name for name in before if name.startswith("xl/worksheets/")]
    assert [name for name in sheets if after.get(name) != before[name]] == []
    assert sheet_names(path) == ["客户台账", "我的", "字段", "规则", "例外", "设置"]
    (found,) = check([str(path)], TODAY).files
    assert found.book is not None
    assert found.book.own
    assert undo(path).way == "restored"
    assert parts(path) == before


def test_adopt__refused_with_a_sentence(tmp_path: Path) -> None:
    path = write(tmp_path / "a.xlsx", "甲|乙\n1|2\n")
    with pytest.raises(FileProblem, match="没有找到认识的表格"):
        adopt(path, taken)
    with pytest.raises(FileProblem, match="找不到"):
        adopt(tmp_path / "没有.xlsx", taken)


@pytest.mark.skipif(not os.environ.get("SHEETCRM_CORPUS"), reason="SHEETCRM_CORPUS names no corpus")
@pytest.mark.parametrize("name", CORPUS)
def test_adopt__same_tables_and_figures(name: str, tmp_path: Path, reader: Reader) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes((Path(os.environ["SHEETCRM_CORPUS"]) / "sales" / name).read_bytes())
    as_of = date(2024, 6, 30)
    _, tables, figures = understood(path, reader, as_of)
    adopt(path, taken)
    assert understood(path, reader, as_of) == (True, tables, figures)
