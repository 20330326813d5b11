"""`new`: whole workbooks, as other programs and our own reader see them."""

from datetime import date
from pathlib import Path

import openpyxl
import pytest
from openxml_audit import OpenXmlValidator

from sheetcrm.book.lint import lint
from sheetcrm.book.markers import Role
from sheetcrm.book.read import read_book
from sheetcrm.errors import FileProblem, UnknownName
from sheetcrm.kit.load import kit_names, load_kit
from sheetcrm.kit.marks import EXAMPLE_ROW, FIRST_DATA_ROW, HEADING_ROW
from sheetcrm.kit.recognise import recognise
from sheetcrm.workflows.new import NewOptions, new, table_keys
from tests.book.fixtures import roles_in

DAY = date(2024, 6, 30)
SMALL = NewOptions(rows=10)


@pytest.mark.parametrize("name", kit_names())
def test_new__every_kit_passes_the_linter_and_is_recognised(name, tmp_path):
    kit = load_kit(name)
    path = new(tmp_path / "新.xlsx", kit, SMALL, DAY).path
    assert lint(path.read_bytes()) == []
    found = recognise(read_book(path), load_kit())
    assert found.own
    assert found.findings == ()
    assert {key: t.header_row for key, t in found.tables.items()} == {
        t.key: HEADING_ROW for t in kit.tables
    }
    assert all(len(t.raw) == 0 for t in found.tables.values())
    assert (found.kit.tables, found.kit.pipeline) == (kit.tables, kit.pipeline)


def test_new__passes_the_validator_of_the_open_xml_sdk(tmp_path):
    path = new(tmp_path / "新.xlsx", load_kit(), SMALL, DAY).path
    result = OpenXmlValidator().validate(str(path))
    assert [str(error) for error in result.errors] == []


def test_new__tabs_in_order_with_their_hidden_roles(tmp_path):
    options = NewOptions(("线索", "follow_up"), 10, ("林晓舟", "陈佳"))
    result = new(tmp_path / "新.xlsx", load_kit(), options, DAY)
    assert result.sheets == ("线索跟踪", "跟进记录")
    assert list(roles_in(result.path).items()) == [
        ("填写说明", Role(tab="guide")),
        ("线索跟踪", Role(table="lead")),
        ("跟进记录", Role(table="follow_up")),
        ("设置", Role(tab="settings")),
        ("字段", Role(tab="fields")),
        ("规则", Role(tab="rules")),
        ("例外", Role(tab="exceptions")),
    ]


def test_new__owners_are_on_the_list(tmp_path):
    path = new(
        tmp_path / "新.xlsx", load_kit(), NewOptions(rows=5, owners=("林晓舟", "陈佳")), DAY
    ).path
    kit = recognise(read_book(path), load_kit()).kit
    assert [item.value for item in kit.list_by_key["owner"].items] == ["林晓舟", "陈佳"]


def test_new__a_row_filled_in_by_hand_is_read(tmp_path):
    path = new(tmp_path / "新.xlsx", load_kit(), SMALL, DAY).path
    book = openpyxl.load_workbook(path)
    sheet = book["线索跟踪"]
    sheet.cell(FIRST_DATA_ROW, 1).value = "线索-2024-0501-001"
    sheet.cell(FIRST_DATA_ROW, 3).value = "明禾机械"
    copied = [sheet.cell(EXAMPLE_ROW, column).value for column in range(1, 30)]
    for column, value in enumerate(copied, start=1):
        sheet.cell(FIRST_DATA_ROW + 1, column).value = value
    book.save(path)
    table = recognise(read_book(path), load_kit()).tables["lead"]
    assert list(table.raw.index) == [FIRST_DATA_ROW]
    assert table.raw.loc[FIRST_DATA_ROW, "company"] == "明禾机械"


def test_new__the_same_twice_is_the_same_bytes(tmp_path):
    paths = [new(tmp_path / name, load_kit(), SMALL, DAY).path for name in ("a.xlsx", "b.xlsx")]
    assert paths[0].read_bytes() == paths[1].read_bytes()


def test_new__does_not_overwrite(tmp_path):
    path = tmp_path / "线索.xlsx"
    path.write_bytes(b"mine")
    with pytest.raises(FileProblem, match="已经存在"):
        new(path, load_kit(), SMALL, DAY)
    assert path.read_bytes() == b"mine"


@pytest.mark.parametrize(
    ("name", "made"), [("线索", "线索.xlsx"), ("线索.XLSX", "线索.XLSX"), ("v1.2版", "v1.2版.xlsx")]
)
def test_new__completes_the_file_name(name, made, tmp_path):
    assert new(tmp_path / name, load_kit(), SMALL, DAY).path == tmp_path / made
    assert (tmp_path / made).is_file()


@pytest.mark.parametrize("name", ["线索.xls", "线索.csv", "线索.xlsm"])
def test_new__refuses_other_kinds_of_file(name, tmp_path):
    with pytest.raises(FileProblem, match=Path(name).suffix):
        new(tmp_path / name, load_kit(), SMALL, DAY)
    assert list(tmp_path.iterdir()) == []


def test_new__says_that_the_folder_is_missing(tmp_path):
    with pytest.raises(FileProblem, match="文件夹"):
        new(tmp_path / "没有" / "线索.xlsx", load_kit(), SMALL, DAY)


def test_table_keys__by_name_alias_or_key_in_the_kits_order():
    kit = load_kit()
    assert table_keys(kit, ["跟进记录", "LEAD"]) == ("lead", "follow_up")
    assert table_keys(kit, []) == tuple(t.key for t in kit.tables)


def test_table_keys__an_unknown_name_lists_the_choices():
    with pytest.raises(UnknownName) as caught:
        table_keys(load_kit(), ["客情"])
    assert caught.value.choices == tuple(t.name for t in load_kit().tables)
