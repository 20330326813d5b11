"""The import: dry run, apply, again, undo; files that cannot be imported."""

import json
from pathlib import Path

import openpyxl
import pytest

from sheetcrm.book.lint import lint
from sheetcrm.errors import FileChanged, FileProblem, SheetcrmError
from sheetcrm.workflows import import_leads as module
from sheetcrm.workflows.demo import samples_folder
from sheetcrm.workflows.import_write import write_rows
from sheetcrm.workflows.undo import undo
from tests.command import run_command
from tests.workflows.imports import counts, lead_sheet, new_book, rows, run
from tests.workflows.workbooks import parts, write

LEADS_CAME = """
春季展会线索登记
公司 | 联系人 | 手机 | 渠道 | 阶段 | 登记日期 | 预计金额（万元） | 备用1
苏州明禾机械有限公司 | 许文清 | 13800130001 | 展会推荐 | 线索 | 2024-06-01 | 5 | 甲
杭州东方物流有限公司 | 李二 | 138 0013 1002 | 官网表单 | 意向 | 2024/6/3 | 1.5 | =1+1
 | | 13800131009 | 展会推荐 | 线索 | 2024-06-04 | | 乙
杭州东方物流有限公司 | 李二 | 13800131002 | 官网表单 | 意向 | 2024/6/3 | 1.5 |
"""


@pytest.fixture
def book(tmp_path):
    return new_book(tmp_path)


@pytest.fixture
def sheet(tmp_path):
    return lead_sheet(tmp_path, LEADS_CAME)


def test_dry_run__changes_nothing_but_says_all(book, sheet):
    before = book.read_bytes()
    result = run(sheet, book, apply=False)
    assert counts(result) == (2, 0, 1, 1, 0)
    assert book.read_bytes() == before
    assert result.batch == ""
    decision = sheet.with_name("展会线索-导入决定.xlsx")
    assert result.files[0].decision == decision
    assert lint(decision.read_bytes()) == []
    shown = openpyxl.load_workbook(decision)["待修正"]
    assert [shown.cell(5, c).value for c in (3, 4, 9)] == ["13800131009", "展会推荐", "IMP-11"]


def test_apply__good_rows_at_once_the_others_stay_behind(book, sheet):
    result = run(sheet, book)
    assert counts(result) == (2, 0, 1, 1, 0)
    assert rows(book, "lead", "lead_id", "company", "phone", "expected_amount", "acquired_on") == [
        ("线索-2024-0601-001", "苏州明禾机械有限公司", "13800130001", 50000.0, "2024-06-01"),
        ("线索-2024-0603-001", "杭州东方物流有限公司", "13800131002", 15000.0, "2024-06-03"),
    ]
    assert lint(book.read_bytes()) == []
    assert result.as_json()["mapping"]["备用1"] in (None, "")


def test_apply__again_imports_nothing_and_changes_no_byte(book, sheet):
    run(sheet, book)
    after = book.read_bytes()
    again = run(sheet, book)
    assert counts(again) == (0, 0, 3, 1, 0)
    assert again.batch == ""
    assert book.read_bytes() == after


def test_apply__undo_restores_the_book(book, sheet):
    before = book.read_bytes()
    result = run(sheet, book)
    assert book.read_bytes() != before
    undo(book, batch=result.batch)
    assert book.read_bytes() == before
    assert counts(run(sheet, book)) == (2, 0, 1, 1, 0)


def test_apply__touches_no_other_sheet(tmp_path, sheet):
    book = write(tmp_path / "台账.xlsx")
    before = parts(book)
    run(sheet, book)
    changed = {name for name, data in parts(book).items() if before.get(name) != data}
    assert "xl/worksheets/sheet1.xml" in changed
    assert "xl/worksheets/sheet2.xml" not in changed
    assert [row[0] for row in rows(book, "lead", "company")][-1] == "苏州明禾机械有限公司"


def test_apply__units_of_the_book(tmp_path, sheet):
    """The book counts in 万元, and so do the cells that are written."""
    book = write(tmp_path / "台账.xlsx")
    run(sheet, book)
    written = openpyxl.load_workbook(book)["客户台账"]
    assert written.cell(6, 10).value == 5


def test_several_sheets__each_knows_those_before_it(book, sheet, tmp_path):
    more = lead_sheet(
        tmp_path,
        """
        公司 | 联系人 | 手机 | 需求 | 登记日期
        苏州明禾机械有限公司 | 许文清 | 13800130001 | 换一套进销存 | 2024-06-01
        北辰教育公司 | 王三 | 13800131003 | 排课 | 2024-06-05
        """,
        "网页.csv",
        "utf-8-sig",
    )
    result = run([sheet, more], book)
    assert [f.plan.counts.created for f in result.files] == [2, 1]
    assert rows(book, "lead", "company", "initial_need") == [
        ("苏州明禾机械有限公司", "换一套进销存"),
        ("杭州东方物流有限公司", None),
        ("北辰教育公司", "排课"),
    ]
    assert counts(run([sheet, more], book))[0] == 0


def test_update__fills_gaps_and_undo_takes_it_back(book, sheet, tmp_path):
    run(sheet, book)
    before = book.read_bytes()
    more = lead_sheet(
        tmp_path,
        """
        公司 | 联系人 | 手机 | 需求 | 登记日期
        苏州明禾机械有限公司 | 许文清 | 13800130001 | 换一套进销存 | 2024-06-20
        """,
        "补充.csv",
    )
    result = run(more, book)
    assert counts(result) == (0, 1, 0, 0, 0)
    assert rows(book, "lead", "initial_need", "acquired_on")[0] == ("换一套进销存", "2024-06-01")
    undo(book, batch=result.batch)
    assert book.read_bytes() == before


def test_maps__given_once_remembered_for_the_source(book, tmp_path):
    text = """
    公司 | 联系人 | 手机 | 备用1 | 渠道
    甲公司 | 张一 | 13800130001 | 一次要三套 | 朋友圈
    """
    first = lead_sheet(tmp_path, text, "一.csv")
    run(first, book, "备用1=初步需求", "来源渠道:朋友圈=线上推广", source="公众号")
    second = lead_sheet(
        tmp_path, text.replace("甲公司", "乙公司").replace("30001", "30002"), "二.csv"
    )
    run(second, book, source="公众号")
    third = lead_sheet(
        tmp_path, text.replace("甲公司", "丙公司").replace("30001", "30003"), "三.csv"
    )
    run(third, book, source="别的")
    assert rows(book, "lead", "company", "initial_need", "source") == [
        ("甲公司", "一次要三套", "线上推广"),
        ("乙公司", "一次要三套", "线上推广"),
        ("丙公司", None, "朋友圈"),
    ]


def test_ids__of_an_import_taken_back_are_not_given_again(book, sheet):
    undo(book, batch=run(sheet, book).batch)
    run(sheet, book)
    assert [row[0] for row in rows(book, "lead", "lead_id")] == [
        "线索-2024-0601-002",
        "线索-2024-0603-002",
    ]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("空.csv", b""),
        ("图.csv", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8),
        ("话.csv", "今天天气很好\n明天再说\n".encode()),
        ("没有.csv", None),
        ("数.csv", b"1,2,3\n4,5,6\n"),
    ],
)
def test_sheet__of_no_use_is_one_sentence(book, tmp_path, name, data):
    path = tmp_path / name
    if data is not None:
        path.write_bytes(data)
    before = book.read_bytes()
    with pytest.raises(FileProblem, match=name):
        run(path, book)
    assert book.read_bytes() == before
    assert not list(tmp_path.glob("*导入决定*"))


def test_book__missing_or_no_workbook_or_the_sheet_itself(book, sheet, tmp_path):
    with pytest.raises(FileProblem, match="sheetcrm new"):
        run(sheet, tmp_path / "没有.xlsx")
    with pytest.raises(FileProblem):
        run(sheet, lead_sheet(tmp_path, LEADS_CAME, "另一份.csv"))
    with pytest.raises(FileProblem, match="同一个"):
        run(book, book)


@pytest.mark.parametrize(
    ("text", "said"),
    [("客户名称|联系人|联系方式", "没有数据行"), ("项目|年份\n甲|2024", "没有找到能导入的表")],
)
def test_sheet__headings_alone_are_no_table(book, tmp_path, text, said):
    with pytest.raises(FileProblem, match=said) as caught:
        run(lead_sheet(tmp_path, text), book)
    assert caught.value.code == "HDR-01"


def test_book__open_in_excel_nothing_is_written(book, sheet):
    before = book.read_bytes()
    (book.parent / f"~${book.name}").write_bytes(b"\x06" + "李娜".encode("utf-16-le").ljust(164))
    with pytest.raises(FileProblem) as caught:
        run(sheet, book)
    assert caught.value.code == "FIL-07"
    assert book.read_bytes() == before
    assert not list(book.parent.glob("*导入决定*"))


def test_book__changed_meanwhile_nothing_is_written(book, sheet, monkeypatch):
    def late(*args):
        written = write_rows(*args)
        book.write_bytes(write(book.with_name("别的.xlsx")).read_bytes())
        return written

    monkeypatch.setattr(module, "write_rows", late)
    with pytest.raises(FileChanged):
        run(sheet, book)
    assert book.read_bytes() == book.with_name("别的.xlsx").read_bytes()


def test_map__that_means_nothing_is_one_sentence(book, sheet):
    for text, said in (("备用1", "备用1"), ("备用1=没有这个字段", "没有这个字段")):
        with pytest.raises(SheetcrmError, match=said):
            run(sheet, book, text)


def invoke(*arguments: str | Path) -> tuple[int, str]:
    result = run_command("import", *map(str, arguments))
    return result.exit_code, result.output


def test_command__exit_codes_equation_and_next_command(book, sheet, tmp_path):
    code, said = invoke(sheet, "--into", book)
    assert code == 1
    assert "读入 4 行 = 新增 2 + 更新 0 + 重复跳过 1 + 待修正 1 + 空行 0" in said
    assert "展会线索-导入决定.xlsx --into" in said
    assert invoke(sheet, "--into", tmp_path / "没有.xlsx")[0] == 2
    good = lead_sheet(tmp_path, "公司 | 联系人 | 手机\n 乙公司 | 张一 | 13800130001", "好.csv")
    assert invoke(good, "--into", book, "--apply")[0] == 0


def test_command__what_nobody_reads_is_said_everywhere(book, tmp_path):
    text = "公司 | 联系人 | 手机 | \n甲公司 | 张一 | 13800130001 | 找李总\n | | 13800130002 | 急"
    sheet, told = lead_sheet(tmp_path, text), tmp_path / "结果.json"
    code, said = invoke(sheet, "--into", book, "--json", told)
    assert (code, "注意：【展会线索!D1】" in said) == (1, True)
    assert "HDR-09" in {f["code"] for f in json.loads(told.read_text("utf-8"))["findings"]}
    assumed = openpyxl.load_workbook(sheet.with_name("展会线索-导入决定.xlsx"))["假设"]
    assert any("HDR-09" in str(cell.value) for row in assumed for cell in row)


def test_command__json_has_exactly_its_keys(book, sheet):
    code, said = invoke(sheet, "--into", book, "--apply", "--json", "-")
    record = json.loads(said)
    keys = ["read", "created", "updated", "duplicates", "rejected", "blank"]
    assert list(record) == [*keys, "mapping", "batch", "findings"]
    assert [record[key] for key in keys] == [4, 2, 0, 1, 1, 0]
    assert record["mapping"]["公司"] == "company"
    assert record["batch"]
    assert code == 1


def test_command__decisions_are_for_one_sheet(book, sheet):
    assert invoke(sheet, sheet, "--into", book, "--decisions", "x.xlsx")[0] == 2


def test_command__asks_about_headings_only_on_a_terminal(book, tmp_path, monkeypatch):
    sheet = lead_sheet(
        tmp_path,
        """
        公司 | 联系人 | 手机 | 需求备注
        甲公司 | 张一 | 13800130001 | 一次要三套
        """,
    )
    assert "没认出来 需求备注" in invoke(sheet, "--into", book)[1]
    monkeypatch.setattr("sheetcrm.cli.import_._may_ask", lambda _json: True)
    arguments = ["import", str(sheet), "--into", str(book), "--apply"]
    done = run_command(*arguments, answers="没有的\n初步需求\n")
    assert (done.exit_code, "没有这个字段" in done.output) == (0, True)
    assert rows(book, "lead", "initial_need") == [("一次要三套",)]


def test_samples__lead_sheets_meet_in_one_book(book, tmp_path):
    sheets = [tmp_path / name for name in ("展会线索.csv", "网页表单.csv")]
    for sheet in sheets:
        sheet.write_bytes((samples_folder() / "leads" / sheet.name).read_bytes())
    result = run(sheets, book)
    assert [f.plan.counts.read for f in result.files] == [10, 4]
    assert counts(result) == (9, 1, 2, 2, 0)
    needs = {row[0]: row[1] for row in rows(book, "lead", "company", "initial_need")}
    assert needs["宁波海川塑业有限公司"] == "想看排程的演示"
    amounts = {row[0]: row[1] for row in rows(book, "lead", "company", "expected_amount")}
    assert amounts["苏州明禾机械有限公司"] == 180_000
