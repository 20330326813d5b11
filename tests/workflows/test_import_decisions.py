"""The decision workbook mended in Excel and handed back: what was chosen is done, and done once."""

from pathlib import Path

import openpyxl
import pytest
from openpyxl.utils import column_index_from_string

from sheetcrm.errors import FileProblem
from tests.workflows.imports import counts, lead_sheet, new_book, rows, run

CAME = """
公司 | 联系人 | 手机 | 渠道 | 登记日期 | 备用1
苏州明禾机械有限公司 | 许文清 | 13800130001 | 展会推荐 | 2024-06-01 | 要两台
 | | 13800131009 | 朋友圈 | 2024-06-04 | 要一台
 | | 13800131008 | 朋友圈 | 2024-06-04 |
杭州东方物流有限公司 | 李二 | 13800131002 | 朋友圈 | 2024-06-05 |
"""


@pytest.fixture
def book(tmp_path):
    return new_book(tmp_path, ("lead",))


@pytest.fixture
def sheet(tmp_path):
    return lead_sheet(tmp_path, CAME)


def decision(sheet: Path) -> Path:
    return sheet.with_name(f"{sheet.stem}-导入决定.xlsx")


def edit(path: Path, tab: str, changes: dict[str, object]) -> None:
    """Type into a tab as a person does."""
    book = openpyxl.load_workbook(path)
    for cell, value in changes.items():
        book[tab][cell].value = value
    book.save(path)


def find(path: Path, tab: str, text: str) -> int:
    """Return the row of a tab that has a cell of that text."""
    lines = openpyxl.load_workbook(path)[tab].iter_rows(min_row=5, values_only=True)
    return next(n for n, row in enumerate(lines, 5) if text in row)


def column(path: Path, tab: str, heading: str) -> str:
    row = next(openpyxl.load_workbook(path)[tab].iter_rows(min_row=4, max_row=4))
    return next(cell.column_letter for cell in row if cell.value == heading)


def choose(path: Path, tab: str, about: str, heading: str, value: str) -> None:
    """Choose from a drop-down in the line about something."""
    edit(path, tab, {f"{column(path, tab, heading)}{find(path, tab, about)}": value})


def test_mended__before_anything_was_written(book, sheet):
    run(sheet, book, apply=False)
    back = decision(sheet)
    edit(back, "待修正", {"A5": "北辰教育公司", "B5": "王三"})
    choose(back, "列映射", "备用1", "对应的字段", "初步需求")
    choose(back, "值映射", "朋友圈", "写进表里的值", "线上推广")
    result = run(back, book)
    assert counts(result) == (3, 0, 0, 1, 0)
    assert rows(book, "lead", "company", "source", "initial_need") == [
        ("苏州明禾机械有限公司", "展会推荐", "要两台"),
        ("北辰教育公司", "线上推广", "要一台"),
        ("杭州东方物流有限公司", "线上推广", None),
    ]
    left = openpyxl.load_workbook(back)["待修正"]
    assert [left.cell(5, 3).value, left.cell(6, 3).value] == ["13800131008", None]


def test_mended__after_the_good_rows_were_written(book, sheet):
    run(sheet, book)
    back = decision(sheet)
    edit(back, "待修正", {"A5": "北辰教育公司"})
    mended = back.read_bytes()
    assert counts(run(back, book)) == (1, 0, 2, 1, 0)
    after = book.read_bytes()
    for file in (back, sheet):
        assert counts(run(file, book))[:2] == (0, 0)
    back.write_bytes(mended)
    assert counts(run(back, book))[:2] == (0, 0)
    assert book.read_bytes() == after
    assert [row[0] for row in rows(book, "lead", "company")].count("北辰教育公司") == 1


def test_mended__a_row_that_somebody_added(book, sheet):
    run(sheet, book)
    back = decision(sheet)
    edit(back, "待修正", {"A8": "南山医疗公司", "B8": "赵四", "C8": "13800131010"})
    assert counts(run(back, book)) == (1, 0, 2, 2, 0)
    assert rows(book, "lead", "company", "phone")[-1] == ("南山医疗公司", "13800131010")


def test_mended__sorted_and_tabs_renamed(book, sheet):
    run(sheet, book)
    back = decision(sheet)
    changed = openpyxl.load_workbook(back)
    tab = changed["待修正"]
    first, second = ([c.value for c in tab[row]] for row in (5, 6))
    for row, values in ((5, second), (6, first)):
        for n, value in enumerate(values, 1):
            tab.cell(row, n).value = value
    tab["A6"].value, tab.title = "北辰教育公司", "改好的"
    changed.save(back)
    run(back, book)
    assert rows(book, "lead", "company", "phone")[-1] == ("北辰教育公司", "13800131009")


@pytest.mark.parametrize("gone", ["来的行号", "行指纹"])
def test_mended__a_column_that_names_the_rows_is_gone(book, sheet, gone):
    run(sheet, book, apply=False)
    back, before = decision(sheet), book.read_bytes()
    made = openpyxl.load_workbook(back)
    made["待修正"].delete_cols(column_index_from_string(column(back, "待修正", gone)))
    made.save(back)
    with pytest.raises(FileProblem, match=f"{back.name}.*待修正.*来的行号"):
        run(back, book)
    assert book.read_bytes() == before


def test_dry_run_again__keeps_what_was_chosen(book, sheet):
    run(sheet, book, apply=False)
    choose(decision(sheet), "值映射", "朋友圈", "写进表里的值", "线上推广")
    run(sheet, book, apply=False)
    run(sheet, book)
    assert [row[0] for row in rows(book, "lead", "source")] == ["展会推荐", "线上推广"]


def test_sheet_changed__the_decisions_about_the_old_one_are_not_used(book, sheet, tmp_path):
    run(sheet, book, apply=False)
    edit(decision(sheet), "待修正", {"A5": "北辰教育公司"})
    mended = decision(sheet).read_bytes()
    lead_sheet(tmp_path, CAME.replace("要两台", "要三台"))
    assert counts(run(sheet, book, apply=False)) == (2, 0, 0, 2, 0)
    decision(sheet).write_bytes(mended)
    result = run(decision(sheet), book)
    assert counts(result) == (1, 0, 0, 1, 0)
    assert "改过" in result.files[0].plan.assumptions[0]


def test_sheet_gone__only_mended_rows_are_imported(book, sheet):
    run(sheet, book)
    edit(decision(sheet), "待修正", {"A5": "北辰教育公司"})
    sheet.unlink()
    assert counts(run(decision(sheet), book)) == (1, 0, 0, 1, 0)


def test_decisions__named_beside_the_sheet(book, sheet, tmp_path):
    run(sheet, book, apply=False)
    elsewhere = tmp_path / "改好的.xlsx"
    decision(sheet).rename(elsewhere)
    edit(elsewhere, "待修正", {"A5": "北辰教育公司"})
    assert counts(run(sheet, book, decisions=elsewhere)) == (3, 0, 0, 1, 0)


def test_decisions__of_another_book_or_sheet_are_refused(book, sheet, tmp_path):
    run(sheet, book, apply=False)
    other = book.with_name("另一本.xlsx")
    other.write_bytes(book.read_bytes())
    with pytest.raises(FileProblem, match="销售线索"):
        run(decision(sheet), other)
    more = lead_sheet(tmp_path, CAME, "网页.csv")
    with pytest.raises(FileProblem, match="给“展会线索"):
        run(more, book, decisions=decision(sheet))


def test_decisions__a_file_of_that_name_that_is_none_stays(book, sheet):
    decision(sheet).write_bytes(book.read_bytes())
    before = decision(sheet).read_bytes()
    with pytest.raises(FileProblem, match="导入决定"):
        run(sheet, book)
    assert decision(sheet).read_bytes() == before


def test_duplicates__what_a_person_decides_is_done(book, tmp_path):
    run(lead_sheet(tmp_path, CAME), book)
    like = lead_sheet(
        tmp_path,
        """
        公司 | 联系人 | 手机 | 登记日期
        上海晨星科技有限公司 | 许文清 | 13800130001 | 2024-06-20
        """,
        "网页.csv",
    )
    first = run(like, book, apply=False)
    assert counts(first) == (0, 0, 1, 0, 0)
    back = decision(like)
    choose(back, "疑似重复", "网页", "你的决定", "新建")
    assert counts(run(back, book)) == (1, 0, 0, 0, 0)
    assert rows(book, "lead", "company", "phone")[-1] == ("上海晨星科技有限公司", "13800130001")
    assert counts(run(like, book)) == (0, 0, 1, 0, 0)


LIKE = """
公司 | 联系人 | 手机 | 登记日期
上海晨星科技有限公司 | 许文清 | 13800130001 | 2024-06-20
南京晨光科技有限公司 | 李二 | 13800131002 | 2024-06-21
"""


def test_dry_run_again__keeps_decisions_and_does_what_it_showed(book, sheet, tmp_path):
    run(sheet, book)
    like = lead_sheet(tmp_path, LIKE, "网页.csv")
    run(like, book, apply=False)
    back = decision(like)
    edit(back, "疑似重复", {"A5": "新增"})
    for _ in range(2):
        assert counts(run(back, book, apply=False)) == (1, 0, 1, 0, 0)
        tab = openpyxl.load_workbook(back)["疑似重复"]
        shown = [(tab.cell(n, 1).value, tab.cell(n, 2).value, tab.cell(n, 6).value) for n in (5, 6)]
        assert shown == [("新建", "跳过", 2), (None, "跳过", 3)]
    assert counts(run(back, book)) == (1, 0, 1, 0, 0)
    assert counts(run(back, book)) == (0, 0, 2, 0, 0)


def test_skip__is_still_decided_after_others_were_written(book, sheet, tmp_path):
    run(sheet, book)
    company = LIKE.replace("上海晨星科技有限公司 | 许文清 | 13800130001", "苏州明禾机械 | 周三 |")
    like = lead_sheet(tmp_path, company, "网页.csv")
    assert counts(run(like, book, apply=False)) == (1, 0, 1, 0, 0)
    back = decision(like)
    edit(back, "疑似重复", {"A5": "跳过", "A6": "新建"})
    assert counts(run(back, book)) == (1, 0, 1, 0, 0)
    assert counts(run(back, book)) == (0, 0, 2, 0, 0)


def test_dry_run_again__keeps_mended_and_added_rows(book, sheet):
    run(sheet, book, apply=False)
    back = decision(sheet)
    edit(back, "待修正", {"A5": "北辰教育公司", "A8": "南山医疗公司", "B8": "赵四"})
    for _ in range(2):
        assert counts(run(back, book, apply=False)) == (4, 0, 0, 1, 0)
        lines = openpyxl.load_workbook(back)["待修正"].iter_rows(min_row=5, max_col=8)
        shown = {row[0].value: str(row[7].value) for row in lines if row[2].value or row[0].value}
        assert list(shown) == [None, "北辰教育公司", "南山医疗公司"]
        assert shown["北辰教育公司"].startswith("已经改好")
    assert counts(run(back, book)) == (4, 0, 0, 1, 0)
    assert openpyxl.load_workbook(back)["待修正"]["A6"].value is None


def test_mended__in_two_rounds_and_done(book, sheet):
    run(sheet, book)
    back = decision(sheet)
    edit(back, "待修正", {"A5": "北辰教育公司"})
    assert counts(run(back, book)) == (1, 0, 2, 1, 0)
    edit(back, "待修正", {"A5": "南山医疗公司"})
    assert counts(run(back, book)) == (1, 0, 3, 0, 0)
    for file in (back, sheet):
        assert counts(run(file, book)) == (0, 0, 4, 0, 0)


def test_mended__a_row_that_is_now_a_question_is_not_settled(book, sheet, tmp_path):
    run(sheet, book)
    bad = lead_sheet(tmp_path, LIKE.replace("上海晨星科技有限公司 | 许文清", " | "), "网页.csv")
    run(bad, book)
    back = decision(bad)
    edit(back, "待修正", {"A5": "上海晨星科技有限公司", "B5": "许文清"})
    more = openpyxl.load_workbook(back)
    more["待修正"]["A6"].value = "南山医疗公司"
    more.save(back)
    assert counts(run(back, book)) == (1, 0, 2, 0, 0)
    choose(back, "疑似重复", "网页", "你的决定", "新建")
    assert counts(run(back, book))[0] == 1
    assert ("上海晨星科技有限公司",) in rows(book, "lead", "company")


def test_sheet_gone__a_dry_run_leaves_the_workbook_alone(book, sheet):
    run(sheet, book)
    edit(decision(sheet), "待修正", {"A5": "北辰教育公司"})
    typed, text = decision(sheet).read_bytes(), sheet.read_bytes()
    sheet.unlink()
    result = run(decision(sheet), book, apply=False)
    assert decision(sheet).read_bytes() == typed
    assert "预演不改动" in result.files[0].plan.assumptions[0]
    sheet.write_bytes(text)
    assert counts(run(decision(sheet), book)) == (1, 0, 2, 1, 0)


def test_decision__that_nobody_understands_is_told_and_stays(book, sheet, tmp_path):
    run(sheet, book)
    company = LIKE.replace("上海晨星科技有限公司 | 许文清 | 13800130001", "苏州明禾机械 | 周三 |")
    like = lead_sheet(tmp_path, company, "网页.csv")
    run(like, book, apply=False)
    back = decision(like)
    edit(back, "疑似重复", {"A5": "合并到上面"})
    for apply in (False, True):
        result = run(back, book, apply=apply)
        assert counts(result) == (0, 0, 2, 0, 0)
        (found,) = (each for each in result.findings if each.code == "IMP-15")
        assert (found.file, found.sheet, found.cell) == (back.name, "疑似重复", "A5")
        assert (found.value, "新建" in found.suggestion) == ("合并到上面", True)
        assert openpyxl.load_workbook(back)["疑似重复"]["A5"].value == "合并到上面"


def test_sheet_named_twice__is_imported_once_and_said(book, sheet):
    other = sheet.parent / "." / sheet.name
    result = run([sheet, other, sheet], book, apply=False)
    assert [each.plan.origin.file for each in result.files] == [sheet.name]
    assert sum("只导入一次" in said for said in result.files[0].plan.assumptions) == 2
    assert not list(sheet.parent.glob(f"{sheet.name}-*"))
    assert counts(result) == counts(run(sheet, book))


@pytest.mark.parametrize("backwards", [False, True])
def test_sheet_named_beside_its_decisions__counts_once_with_them(book, sheet, backwards):
    run(sheet, book, apply=False)
    back = decision(sheet).rename(sheet.with_name("核对过.xlsx"))
    edit(back, "待修正", {"A5": "北辰教育公司", "B5": "王三"})
    both = [sheet, back]
    result = run(both[::-1] if backwards else both, book)
    assert len(result.files) == 1
    assert counts(result)[0] == 3
