"""undo: byte for byte where nobody edited, cell by cell where somebody did, and back again."""

import json
import shutil
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sheetcrm.book.cells import CellValue, set_cells
from sheetcrm.book.changes import Change, ChangedRow, Run
from sheetcrm.book.journal import open_journal
from sheetcrm.book.parse import parse
from sheetcrm.book.publish import publish, sha256
from sheetcrm.book.state import backups
from sheetcrm.book.target import open_target
from sheetcrm.errors import FileProblem, UnknownName
from sheetcrm.table import Cell
from sheetcrm.workflows.check import check, remove_marks
from sheetcrm.workflows.new import NewOptions, new
from sheetcrm.workflows.summarise import summarise_books
from sheetcrm.workflows.take_back_rows import same
from sheetcrm.workflows.undo import undo
from tests.book.test_journal import spoiled
from tests.command import run_command
from tests.workflows.workbooks import LEADS, TODAY, sheet_names, write

SHEET = "客户台账"
# What an import brings: two leads behind the last row, and a phone of X002.
NEW: dict[int, dict[str, Cell]] = {
    6: {"A": "X005", "B": date(2026, 6, 1), "D": "海川贸易公司", "F": "13900139005", "J": 9.5},
    7: {"A": "X006", "B": date(2026, 6, 2), "D": "远山物流公司", "F": "13900139006", "J": 20},
}
ROWS = (
    *(
        ChangedRow(SHEET, row, cells, created=True, id=str(cells["A"]), fingerprint=f"f{row}")
        for row, cells in NEW.items()
    ),
    ChangedRow(SHEET, 3, {"E": "李二娃"}, {"E": "李二"}, id="X002", fingerprint="f3"),
)


@pytest.fixture
def book(tmp_path: Path) -> Path:
    return write(tmp_path / "台账.xlsx")


def edited(path: Path, cells: Mapping[str, CellValue | None], sheet: str = SHEET) -> bytes:
    return set_cells(open_target(path), {sheet: cells}).data


def edit(path: Path, **cells: CellValue | None) -> None:
    """Edit the file as a person does: no journal."""
    path.write_bytes(edited(path, cells))


def bring(path: Path) -> str:
    """Do what an import does."""
    cells = {f"{c}{row.row}": value for row in ROWS for c, value in row.new.items()}
    change = Change(Run("import"), ROWS, source="展会.csv")
    before = sha256(path.read_bytes())
    return publish(path, edited(path, cells), before, change=change).batch  # type: ignore[arg-type]


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def row(path: Path, number: int) -> list[Cell]:
    raw = parse(path.read_bytes(), str(path))
    cells = next(s for s in raw.sheets if s.name == SHEET).rows
    return [cell for cell in cells[number - 1] if cell is not None] if number <= len(cells) else []


def cell(path: Path, address: str) -> Cell:
    raw = parse(path.read_bytes(), str(path))
    cells = next(s for s in raw.sheets if s.name == SHEET).rows
    return cells[int(address[1:]) - 1][ord(address[0]) - 65]


def fingerprints(path: Path) -> set[str]:
    return {*open_journal(path).fingerprints()}


def test_undo__nobody_edited_byte_for_byte_and_back_again(book):
    before = book.read_bytes()
    batch = bring(book)
    after = book.read_bytes()
    assert fingerprints(book) == {"f3", "f6", "f7"}
    result = undo(book)
    assert (result.way, result.undone.batch, result.kept) == ("restored", batch, ())
    assert book.read_bytes() == before
    assert fingerprints(book) == set()
    again = undo(book)
    assert (again.way, again.undone.batch) == ("restored", result.batch)
    assert book.read_bytes() == after
    assert fingerprints(book) == {"f3", "f6", "f7"}


def test_undo__a_batch_behind_one_that_was_undone(book):
    before = book.read_bytes()
    batch = bring(book)
    check([str(book)], TODAY, write=True)
    undo(book)
    assert undo(book, batch).way == "restored"
    assert book.read_bytes() == before


def test_undo__untouched_rows_go_and_edited_ones_stay(book):
    bring(book)
    edit(book, D6="海川国际", F7="13900139006")
    result = undo(book)
    assert (result.way, result.rows, result.cells) == ("cells", 1, 1)
    assert [(k.cell, k.then, k.now) for k in result.kept] == [
        ("D6", "海川贸易公司", "海川国际"),
    ]
    assert row(book, 7) == []
    assert cell(book, "D6") == "海川国际"
    assert cell(book, "E3") == "李二"
    assert fingerprints(book) == {"f6"}


def test_undo__an_updated_cell_edited_since_stays(book):
    bring(book)
    edit(book, E3="李二宝")
    result = undo(book)
    assert (result.rows, result.cells) == (2, 0)
    assert [(k.cell, k.then, k.now) for k in result.kept] == [("E3", "李二娃", "李二宝")]
    assert fingerprints(book) == {"f3"}


def test_undo__a_row_somebody_added_something_to_stays(book):
    bring(book)
    edit(book, M6="已电话联系")
    result = undo(book)
    assert [(k.cell, k.then, k.now) for k in result.kept] == [("M6", "", "已电话联系")]
    assert (result.rows, cell(book, "A6")) == (1, "X005")


def test_undo__contact_data_is_masked_wherever_it_stands(book):
    bring(book)
    edit(book, F6="13700137000", D7="海川 13600136000")
    kept = {k.cell: (k.then, k.now) for k in undo(book).kept}
    assert kept == {
        "F6": ("139****9005", "137****7000"),
        "D7": ("远山物流公司", "海川 136****6000"),
    }


def test_undo__rows_that_were_sorted_are_found_by_their_id(book):
    bring(book)
    first, last = NEW[6], NEW[7]
    swapped: dict[str, CellValue | None] = {}
    for at, source in ((6, last), (7, first)):
        swapped |= {f"{c}{at}": v for c, v in source.items()}  # type: ignore[misc]
    edit(book, **swapped | {"D7": "海川国际"})
    result = undo(book)
    assert (result.rows, [k.cell for k in result.kept]) == (1, ["D7"])
    assert row(book, 6) == []


def test_undo__rows_that_somebody_deleted_are_nothing_to_take_back(book):
    bring(book)
    edit(book, **dict.fromkeys(f"{c}6" for c in NEW[6]))
    result = undo(book)
    assert (result.rows, result.cells, result.kept) == (1, 1, ())


def test_undo__cell_by_cell_and_back_again(book):
    bring(book)
    edit(book, G2="A")
    first = undo(book)
    assert (first.way, first.rows, first.cells) == ("cells", 2, 1)
    edit(book, G3="C")
    again = undo(book)
    assert (again.undone.batch, again.way, again.kept) == (first.batch, "cells", ())
    assert (again.rows, again.refilled, again.cells) == (0, 2, 1)
    assert row(book, 7)[:1] == ["X006"]
    assert same(cell(book, "B7"), date(2026, 6, 2))
    assert (cell(book, "E3"), cell(book, "G2"), cell(book, "G3")) == ("李二娃", "A", "C")
    assert fingerprints(book) == {"f3", "f6", "f7"}


def test_undo__rows_filled_in_since_are_not_filled_again(book):
    bring(book)
    edit(book, G2="A")
    undo(book)
    edit(book, A6="X100", D6="后来的公司", D7="后来的公司")
    again = undo(book)
    assert (again.way, again.refilled, again.cells) == ("cells", 0, 1)
    assert [(k.cell, k.then, k.now) for k in again.kept] == [
        ("A6", "", "X100"),
        ("D6", "", "后来的公司"),
        ("D7", "", "后来的公司"),
    ]
    assert (row(book, 6), row(book, 7)) == (["X100", "后来的公司"], ["后来的公司"])


def test_undo__a_row_that_was_brought_back_stays_whole_when_edited(book):
    bring(book)
    undo(book)
    undo(book)
    edit(book, D6="海川国际")
    result = undo(book)
    assert (result.rows, result.refilled, [k.cell for k in result.kept]) == (1, 0, ["D6"])
    assert row(book, 6)[0] == "X005"


def test_undo__everything_edited_is_nothing_done(book):
    bring(book)
    edit(book, D6="甲", D7="乙", E3="丙")
    before = book.read_bytes()
    result = undo(book)
    assert (result.way, result.batch) == ("nothing", "")
    assert {k.cell for k in result.kept} == {"D6", "D7", "E3"}
    assert book.read_bytes() == before


def formulas(path: Path, *, protect: bool = False) -> Path:
    """Write a sheet whose last column is a formula, as a table fills it down."""
    workbook = xlsxwriter.Workbook(path)
    sheet = workbook.add_worksheet(SHEET)
    sheet.write_row(0, 0, ["编号", "金额", "两倍"])
    sheet.write_row(1, 0, ["X001", 5])
    for number in (1, 2):
        sheet.write_formula(number, 2, f"=B{number + 1}*2", None, 0)
    if protect:
        sheet.protect()
    workbook.close()
    return path


def added(path: Path) -> None:
    cells: dict[str, Cell] = {"A": "X002", "B": 7}
    change = Change(Run("import"), [ChangedRow(SHEET, 3, cells, created=True, id="X002")])
    data = edited(path, {f"{c}3": value for c, value in cells.items()})  # type: ignore[misc]
    publish(path, data, sha256(path.read_bytes()), change=change)


def test_undo__formulas_beside_what_was_written_are_no_edit_and_stay(tmp_path):
    path = formulas(tmp_path / "台账.xlsx")
    added(path)
    edit(path, B2=6)
    result = undo(path)
    assert (result.rows, result.kept) == (1, ())
    assert (cell(path, "A3"), cell(path, "B3")) == (None, None)
    assert open_target(path).package.read("xl/worksheets/sheet1.xml").count(b"<f>") == 2


def test_undo__cells_that_were_locked_since_say_why_they_stay(tmp_path):
    path = formulas(tmp_path / "台账.xlsx")
    added(path)
    path.write_bytes(formulas(tmp_path / "锁.xlsx", protect=True).read_bytes())
    held = parse(path.read_bytes(), "").sheets[0].rows
    assert len(held) == 3
    sheet = open_target(path).fork()
    part = sheet.package.read("xl/worksheets/sheet1.xml")
    filled = part.replace(
        b'<c r="C3">',
        b'<c r="A3" t="inlineStr"><is><t>X002</t></is></c><c r="B3"><v>7</v></c><c r="C3">',
    )
    sheet.package.put("xl/worksheets/sheet1.xml", filled)
    path.write_bytes(sheet.package.to_bytes())
    before = path.read_bytes()
    result = undo(path)
    assert (result.way, [k.cell for k in result.kept]) == ("nothing", ["A3", "B3"])
    assert all("受保护" in k.reason for k in result.kept)
    assert path.read_bytes() == before


def test_undo__a_sheet_that_is_gone(book):
    bring(book)
    rows = [ChangedRow("旧表", 2, {"A": "甲"}, created=True)]
    change = Change(Run("import"), rows)
    publish(book, edited(book, {"G2": "A"}), sha256(book.read_bytes()), change=change)
    edit(book, G2="B")
    result = undo(book)
    assert (result.way, [k.sheet for k in result.kept]) == ("nothing", ["旧表"])


def test_undo__a_backup_that_is_gone_leaves_the_way_cell_by_cell(book):
    bring(book)
    for backup in backups(book):
        backup.write_bytes(b"damaged")
    result = undo(book)
    assert (result.way, result.rows, result.cells) == ("cells", 2, 1)


def test_undo__records_that_are_gone_are_said(book):
    batch = bring(book)
    edit(book, G2="A")
    (book.parent / ".sheetcrm" / "batches" / f"{batch}.jsonl").unlink()
    result = undo(book)
    assert (result.way, result.kept) == ("nothing", ())
    assert [note.partition("（")[0] for note in result.notes] == ["逐格的记录不全"]
    assert str(backups(book)[0]) in result.notes[0]


def test_undo__tabs_of_a_run_go_when_the_book_was_edited_since(book):
    result = summarise_books([str(book)], TODAY)
    assert result.files[0].written is not None
    ours = set(sheet_names(book)) - {SHEET, "我的"}
    edit(book, G2="A")
    done = undo(book)
    assert (done.way, {*done.tabs}) == ("cells", ours)
    assert sheet_names(book) == [SHEET, "我的"]
    assert cell(book, "G2") == "A"


def test_undo__tabs_that_were_there_before_or_were_written_again_stay(book):
    first = summarise_books([str(book)], TODAY).files[0].written
    edit(book, G2="A")
    check([str(book)], TODAY, mark=True)
    edit(book, G2="B")
    result = undo(book)
    assert result.unmarked
    assert result.tabs == ()
    assert len(result.notes) == 1
    assert "校验结果" in result.notes[0]
    assert first is not None
    assert "校验结果" in undo(book, first.batch).tabs


def test_undo__marks_taken_off_are_put_back_with_the_bytes(book):
    check([str(book)], TODAY, mark=True)
    marked = book.read_bytes()
    remove_marks([str(book)])
    assert undo(book).way == "restored"
    assert book.read_bytes() == marked
    remove_marks([str(book)])
    edit(book, G2="B")
    assert undo(book).way == "nothing"


def test_undo__corrections(tmp_path):
    book = write(tmp_path / "台账.xlsx", LEADS.replace("2026-05-04", "'2026.5.4'"))
    check([str(book)], TODAY, fix=True)
    assert same(cell(book, "B2"), date(2026, 5, 4))
    edit(book, G3="A")
    result = undo(book)
    assert (result.way, result.cells) == ("cells", 1)
    assert cell(book, "B2") == "2026.5.4"


NAMELESS = """
客户名称     | 联系人 | 负责人 | 来源 | 当前阶段
甲方机电公司 | 陈一   | 张磊   | 展会 | 意向
乙方机电公司 | 陈二   | 张磊   | 展会 | 意向
丙方机电公司 | 陈三   | 张磊   | 展会 | 意向
丁方机电公司 | 陈四   | 张磊   | 展会 | 报价
"""
STAGE = ChangedRow("客户", 4, {"E": "报价"}, {"E": "意向"})


def without_ids(path: Path, rows: str = NAMELESS) -> Path:
    write(path, rows, "客户")
    before = sha256(path.read_bytes())
    data = edited(path, {"E4": "报价"}, "客户")
    publish(path, data, before, change=Change(Run("import"), (STAGE,), source="展会.csv"))
    return path


def turned(path: Path, rows: list[list[str]]) -> None:
    """Put other rows into the sheet as a person does who inserts, sorts or deletes some."""
    cells = {f"{'ABCDE'[c]}{r}": v for r, row in enumerate(rows, 2) for c, v in enumerate(row)}
    path.write_bytes(edited(path, cells, "客户"))


def lines(text: str = NAMELESS) -> list[list[str]]:
    made = [[cell.strip() for cell in line.split("|")] for line in text.strip().splitlines()[1:]]
    made[2][4] = "报价"  # what the run wrote
    return made


def stages(path: Path) -> dict[str, str]:
    rows = next(s.rows for s in parse(path.read_bytes(), str(path)).sheets if s.name == "客户")
    return {str(row[0])[0]: str(row[4]) for row in rows[1:] if row[0]}


def test_undo__rows_without_ids_are_found_by_what_was_left_alone(tmp_path):
    book = without_ids(tmp_path / "客户.xlsx")
    rows = lines()
    rows[2][1] = "陈小三"  # edited and moved
    turned(book, [["新客户机电公司", "陈零", "张磊", "展会", "意向"], *rows])
    result = undo(book)
    assert (result.way, result.cells, result.kept) == ("cells", 1, ())
    assert stages(book) == dict(
        zip("新甲乙丙丁", ["意向", "意向", "意向", "意向", "报价"], strict=True)
    )


def test_undo__a_row_without_id_that_is_gone_is_no_other_row(tmp_path):
    book = without_ids(tmp_path / "客户.xlsx")
    rows = lines()
    turned(book, [rows[0], rows[1], rows[3], ["戊方机电公司", "陈五", "张磊", "展会", "报价"]])
    result = undo(book)
    assert (result.way, [(k.cell, k.then) for k in result.kept]) == ("nothing", [("E4", "报价")])


def test_undo__rows_without_ids_when_no_backup_tells_what_they_were(tmp_path):
    book = without_ids(tmp_path / "客户.xlsx")
    turned(book, [["新客户机电公司", "陈零", "张磊", "展会", "报价"], *lines()])
    for backup in backups(book):
        backup.unlink()
    result = undo(book)
    assert (result.way, [k.cell for k in result.kept]) == ("nothing", ["E4"])


def test_undo__rows_that_are_all_alike_stay_where_they_were(tmp_path):
    alike = "\n".join(
        ["客户名称|联系人|负责人|来源|当前阶段", *["甲方机电公司||张磊|展会|意向"] * 4]
    )
    book = without_ids(tmp_path / "客户.xlsx", alike)
    edit_stage = edited(book, {"F9": "备注"}, "客户")
    book.write_bytes(edit_stage)
    assert undo(book).cells == 1


def test_undo__a_book_that_a_run_made_goes_and_comes_back(tmp_path, kit):
    path = new(tmp_path / "新.xlsx", kit, NewOptions(rows=5), TODAY).path
    data = path.read_bytes()
    assert undo(path).way == "removed"
    assert not path.exists()
    assert undo(path).way == "restored"
    assert path.read_bytes() == data


@pytest.fixture(scope="module")
def kit():
    from sheetcrm.kit.load import load_kit

    return load_kit().with_tables(["lead"])


def test_undo__a_book_that_a_run_made_and_somebody_filled_in_stays(tmp_path):
    path = tmp_path / "新.xlsx"
    source = write(tmp_path / "台账.xlsx").read_bytes()
    publish(path, source, None, change=Change(Run("new")))
    edit(path, G2="A")
    with pytest.raises(FileProblem, match="新建"):
        undo(path)
    assert path.exists()


def test_undo__what_cannot_be_undone_says_why(book, tmp_path):
    with pytest.raises(FileProblem, match="没有这个工作簿的修改记录"):
        undo(book)
    with pytest.raises(FileProblem, match="文件夹"):
        undo(tmp_path)
    batch = bring(book)
    with pytest.raises(UnknownName, match=batch):
        undo(book, "20000101-001")
    first = undo(book, batch)
    with pytest.raises(FileProblem, match=first.batch):
        undo(book, batch)
    owner = tmp_path / f"~${book.name}"
    owner.write_bytes(b"")
    with pytest.raises(FileProblem, match="打开"):
        undo(book)
    owner.unlink()
    book.unlink()
    with pytest.raises(FileProblem, match="找不到"):
        undo(book)


def test_undo__dry_run_writes_nothing(book):
    batch = bring(book)
    after = book.read_bytes()
    assert undo(book, dry_run=True).way == "restored"
    edit(book, D6="海川国际")
    edited_bytes = book.read_bytes()
    result = undo(book, dry_run=True)
    assert (result.way, result.rows, result.batch) == ("cells", 1, "")
    assert book.read_bytes() == edited_bytes != after
    assert [e.batch for e in open_journal(book).entries()] == [batch]


def test_cli__exit_codes_and_what_is_said(book):
    assert run_command("undo", str(book)).exit_code == 2
    batch = bring(book)
    done = run_command("undo", str(book), "--json", "-")
    assert done.exit_code == 0
    assert json.loads(done.stdout)["undone"] == batch
    assert run_command("undo", str(book)).exit_code == 0
    edit(book, F6="13700137000")
    partly = run_command("undo", str(book), "--batch", batch)
    assert partly.exit_code == 1
    assert "137****7000" in partly.output
    edit(book, D6="甲", E3="丙", D7="乙")
    assert run_command("undo", str(book), "--batch", batch).exit_code == 2
    assert "可逐格撤销" in run_command("log", str(book)).output


@pytest.mark.parametrize(
    ("now", "then", "expected"),
    [
        (None, "", True),
        (5.0, 5, True),
        (0.1 + 0.2, 0.3, True),
        (moment("2026-05-01"), date(2026, 5, 1), True),
        (moment("2026-05-01T09:30:00.0004"), moment("2026-05-01T09:30"), True),
        (moment("2026-05-01T09:30"), date(2026, 5, 1), False),
        (0.5, time(12), True),
        (time(12), timedelta(hours=12), True),
        ("一\n二", "一\r\n二", True),
        ("5", 5, False),
        (True, 1, False),
        (0.0, None, False),
        ("甲", "甲 ", False),
    ],
)
def test_same__what_a_cell_gives_back(now, then, expected):
    assert same(now, then) is expected


@pytest.fixture(scope="module")
def edited_since(tmp_path_factory):
    """A folder with a book that was imported into and then edited."""
    path = write(tmp_path_factory.mktemp("册") / "台账.xlsx")
    bring(path)
    edit(path, E4="后来写的")
    return path.parent


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_spoiled_journal__is_one_sentence_at_worst(edited_since, tmp_path_factory, data):
    """Whatever somebody did to a line of the journal, both commands end as they always do."""
    place = tmp_path_factory.mktemp("册")
    shutil.copytree(edited_since, place, dirs_exist_ok=True)
    path, folder = place / "台账.xlsx", place / ".sheetcrm"
    for file in (folder / "journal.jsonl", next((folder / "batches").iterdir())):
        lines = [json.loads(text) for text in file.read_bytes().splitlines()]
        at = data.draw(st.integers(0, len(lines) - 1))
        lines[at] = spoiled(data.draw, lines[at])
        file.write_bytes(b"".join(json.dumps(each).encode() + b"\n" for each in lines))
    for typed in (["log", str(path)], ["undo", str(path), "--dry-run"], ["undo", str(path)]):
        result = run_command(*typed)
        assert result.exit_code in (0, 1, 2), result.output
