"""check: findings, the JSON contract, marks that come off again."""

from sheetcrm.workflows.check import check, remove_marks
from tests.workflows.workbooks import LEADS, TODAY, parts, sheet_names, write

BAD = LEADS.replace("|甲|线索|", "||线索|").replace("'13800131002'", "'138'")
FINDING_KEYS = {
    "code",
    "severity",
    "file",
    "sheet",
    "cell",
    "row",
    "column",
    "key",
    "owner",
    "value",
    "message",
    "suggestion",
}


def test_check__writes_nothing(tmp_path):
    path = write(tmp_path / "台账.xlsx", BAD)
    before = path.read_bytes()
    check([str(path)], TODAY)
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["台账.xlsx"]


def test_check__json_contract(tmp_path):
    path = write(tmp_path / "台账.xlsx", BAD)
    record = check([str(path)], TODAY).as_json()
    assert set(record) == {"as_of", "files", "findings", "counts", "suppressed", "fixes"}
    assert record["as_of"] == "2026-06-30"
    (file,) = record["files"]
    assert file["sheets"] == [{"name": "客户台账", "table": "lead", "rows": 4}]
    assert all(set(f) == FINDING_KEYS for f in record["findings"])
    errors = [(f["code"], f["cell"]) for f in record["findings"] if f["severity"] == "error"]
    assert errors == [("REQ-01", "H2"), ("FMT-05", "F3")]
    assert record["counts"]["error"] == 2


def test_check__write_puts_in_one_tab(tmp_path):
    path = write(tmp_path / "台账.xlsx", BAD)
    check([str(path)], TODAY, write=True)
    assert sheet_names(path) == ["客户台账", "我的", "校验结果"]


def test_check__marks_come_off_to_the_byte(tmp_path):
    path = write(tmp_path / "台账.xlsx", BAD)
    before = parts(path)["xl/worksheets/sheet1.xml"]
    check([str(path)], TODAY, mark=True)
    marked = parts(path)["xl/worksheets/sheet1.xml"]
    assert marked != before
    assert b"F3" in marked.rpartition(b"</sheetData>")[2]
    assert [changed for _, changed in remove_marks([str(path)])] == [True]
    assert parts(path)["xl/worksheets/sheet1.xml"] == before
    assert [changed for _, changed in remove_marks([str(path)])] == [False]


def test_check__two_sheets_that_look_like_the_same_table(tmp_path):
    import xlsxwriter

    path = tmp_path / "两张.xlsx"
    book = xlsxwriter.Workbook(path)
    for name in ("一组", "二组"):
        sheet = book.add_worksheet(name)
        sheet.write_row(0, 0, ["客户名称", "联系人", "联系方式", "负责人", "线索状态"])
        sheet.write_row(1, 0, ["某公司", "张", "13800131001", "甲", "线索"])
    book.close()
    assert "SHT-03" in {f.code for f in check([str(path)], TODAY).findings}
