"""The kit in a real workbook: what `new` writes is what is read back, and what a manager edits."""

from datetime import date
from pathlib import Path

import openpyxl
import pytest

from sheetcrm.book.read import read_book
from sheetcrm.kit.load import load_kit
from sheetcrm.kit.model import OWNER_LIST
from sheetcrm.kit.recognise import Recognised, recognise
from sheetcrm.workflows.new import NewOptions, new

OWNERS = ("林晓舟", "周启航")


def _new(path: Path, name: str) -> Path:
    new(path, load_kit(name), NewOptions(rows=20, owners=OWNERS), date(2024, 6, 30))
    return path


def _read(path: Path) -> Recognised:
    return recognise(read_book(path), load_kit())


@pytest.mark.parametrize("name", ["standard", "six_steps"])
def test_workbook__is_its_kit(tmp_path, name):
    found = _read(_new(tmp_path / "线索.xlsx", name))
    assert found.own
    assert found.kit == load_kit(name).with_items(OWNER_LIST, OWNERS)
    assert [f.code for f in found.findings] == []


def test_workbook__edited_in_a_spreadsheet_program(tmp_path):
    path = _new(tmp_path / "线索.xlsx", "standard")
    book = openpyxl.load_workbook(path)
    settings, fields = book["设置"], book["字段"]
    heads = {c.value: c for c in settings[4] if c.value}
    label = heads["状态标签"]
    row = next(r for r in range(5, 300) if settings.cell(r, label.column).value is None)
    for header, value in (("状态标签", "试点客户"), ("类型", "进行中"), ("环节", "商机")):
        settings.cell(row, heads[header].column, value)
    settings.cell(5, heads["值"].column, "三天")
    columns = {c.value: c.column for c in fields[4] if c.value}
    foot = next(r for r in range(5, 900) if fields.cell(r, columns["表"]).value is None)
    for header, value in (("表", "线索跟踪"), ("字段", "安装地点"), ("必填", "从报价起")):
        fields.cell(foot, columns[header], value)
    book.save(path)

    found = _read(path)
    stages = [s.name for s in found.kit.pipeline.stages]
    assert stages == ["线索", "意向", "商机", "试点客户", "报价", "成交", "流失"]
    assert found.kit.by_key["lead"].by_key["安装地点"].required == "from:proposal"
    problems = [(f.code, f.sheet, f.cell) for f in found.findings if f.code.startswith("KIT")]
    assert problems == [("KIT-07", "设置", f"{heads['值'].column_letter}5")]


@pytest.mark.parametrize(("people", "codes"), [(200, []), (230, ["KIT-25"])])
def test_workbook__a_list_longer_than_its_drop_down(tmp_path, people, codes):
    """Checks know every item; Excel's drop-down ends where the workbook was made to end."""
    path = tmp_path / "线索.xlsx"
    new(path, load_kit(), NewOptions(rows=20), date(2024, 6, 30))
    book = openpyxl.load_workbook(path)
    settings = book["设置"]
    title = next(c for c in settings[3] if c.value == "负责人")
    for at in range(people):
        settings.cell(5 + at, title.column, f"员工{at:03d}")
    book.save(path)

    found = _read(path)
    assert len(found.kit.list_by_key[OWNER_LIST].items) == people
    said = [(f.code, f.sheet, f.cell, f.value) for f in found.findings]
    assert said == [(code, "设置", f"{title.column_letter}205", "员工200") for code in codes]
    for finding in found.findings:
        assert "234" in finding.suggestion
