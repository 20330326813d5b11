"""填写说明: which sheet takes what, who fills it when, and what the red cells mean."""

import re
from collections.abc import Sequence
from datetime import date

from sheetcrm.book.write import Book
from sheetcrm.book.write_sheet import Page, Sheet
from sheetcrm.kit.marks import (
    CONDITIONAL_MARK,
    EXAMPLE_ROW,
    FIRST_DATA_ROW,
    REQUIRED_MARK,
)
from sheetcrm.kit.model import Column, Kit, TableSpec
from sheetcrm.kit.words import KIND_NAMES
from sheetcrm.tabs.input_formulas import InputRows
from sheetcrm.tabs.layout import row_height
from sheetcrm.tabs.names import TODAY, choices_name
from sheetcrm.tabs.required import required_text

NAME = "填写说明"
WIDTHS = (22, 26, 46, 32, 24, 15, 15)
# Ids that carry a date and a sequence of three digits: `线索-2024-0501-001`, `CL2024001`.
_DATED_ID = re.compile(r"(?P<prefix>\D*)\d{4}(?P<day>-\d{4}-)?\d{3}")
_FORMS = {
    "date": "日期，如 2024-05-01",
    "datetime": "日期和时间，如 2024-05-01 09:30",
    "integer": "整数",
    "number": "数字",
    "amount": "数字，单位见表头",
    "percent": "百分比，如 15%",
    "phone": "电话",
    "contact": "电话、微信或邮箱",
    "email": "邮箱",
    "link": "文件路径或网址",
    "id": "编号（文字）",
}

Row = Sequence[str]


def add_guide(book: Book, kit: Kit, sheets: Sequence[InputRows], today: date) -> Sheet:
    """Add the tab.

    Args:
        book: The workbook.
        kit: What the workbook is described by.
        sheets: The input sheets of the workbook, in order.
        today: The day for which the next free ids are shown until Excel recalculates them.
    """
    sheet = book.sheet(NAME)
    sheet.widths(WIDTHS)
    sheet.text(1, 1, f"{NAME} · {kit.name}", "title")
    sheet.height(1, 30)
    row = _paragraphs(sheet, 2, _opening(kit))
    row = _tables(sheet, row + 1, sheets, today)
    row = _colors(sheet, row + 1)
    row = _stages(sheet, row + 1, kit)
    row = _grades(sheet, row + 1, kit)
    for each in sheets:
        row = _columns(sheet, row + 1, each.table, kit)
    _paragraphs(sheet, row + 1, _weekly(), "每周怎么检查、怎么汇总")
    sheet.freeze(2, 1)
    sheet.gridlines(shown=False)
    sheet.page(Page(f"{NAME} · {kit.name}"))
    sheet.protect()
    return sheet


def next_id_formula(sheet_rows: InputRows) -> str:
    """Return the formula for the next free id of a sheet; "" where ids follow no dated pattern.

    It counts the ids of the same day (or year) already there, and adds one.
    """
    column = _id_column(sheet_rows.table)
    match = _DATED_ID.fullmatch(column.example) if column else None
    if column is None or match is None:
        return ""
    cells = sheet_rows.area(column.key).on(sheet_rows.table.name)
    stem = f'"{match["prefix"]}"&YEAR({TODAY})'
    if match["day"]:
        stem += f'&"-"&TEXT(MONTH({TODAY})*100+DAY({TODAY}),"0000")&"-"'
    return f'={stem}&TEXT(COUNTIF({cells},{stem}&"*")+1,"000")'


def next_id(sheet_rows: InputRows, today: date) -> str:
    """Return the id that the formula gives on that day."""
    column = _id_column(sheet_rows.table)
    match = _DATED_ID.fullmatch(column.example) if column else None
    if column is None or match is None:
        return ""
    stem = match["prefix"] + (f"{today:%Y-%m%d}-" if match["day"] else f"{today:%Y}")
    taken = sum(str(r.get(column.key) or "").startswith(stem) for r in sheet_rows.records)
    return f"{stem}{taken + 1:03d}"


def _id_column(table: TableSpec) -> Column | None:
    column = table.by_key.get(table.id_column)
    return column if column and column.unique else None


def _opening(kit: Kit) -> Row:
    return (
        kit.description,
        f"1. 每张表从第{FIRST_DATA_ROW}行起填，一行一条；第{EXAMPLE_ROW}行是示例，不参加统计。",
        "2. 点一下单元格会出现填写提示；有下拉箭头的从列表里选，列表由经理在“设置”页增减。",
        "3. 行可以随意排序、筛选、增加；列的顺序可以调整，也可以在右边加自己的列。"
        "表头的名字请不要改。",
        "4. 从别处复制内容时请用“选择性粘贴→数值”，否则会盖掉下拉列表和填写提示。",
    )


def _weekly() -> Row:
    return (
        "把大家的工作簿放进一个文件夹，每周运行一次：　sheetcrm weekly 文件夹",
        "每本工作簿里会写入“校验结果”和各张汇总表，另外生成一本团队汇总；你填的内容不会被改动。",
        "确实不用改的问题，记在“例外”页并写明原因，下次就不再列出。",
        "只想检查一本：　sheetcrm check 文件名.xlsx　　写入检查结果：加上 --write",
    )


def _paragraphs(sheet: Sheet, row: int, lines: Row, heading: str = "") -> int:
    if heading:
        sheet.text(row, 1, heading, "subtitle")
        row += 1
    for line in lines:
        if line:
            sheet.text(row, 1, line, "plain")
            row += 1
    return row


def _headed(sheet: Sheet, row: int, title: str, headings: Row) -> int:
    sheet.text(row, 1, title, "subtitle")
    sheet.height(row, 24)
    _line(sheet, row + 1, headings, "heading")
    return row + 2


def _line(sheet: Sheet, row: int, texts: Row, style: str = "cell+wrapped") -> None:
    sheet.row(row, texts, style)
    sheet.height(row, row_height(texts, WIDTHS))


def _tables(sheet: Sheet, row: int, sheets: Sequence[InputRows], today: date) -> int:
    headings = ("工作表（点击打开）", "谁来填", "写什么", "下一个可用编号")
    row = _headed(sheet, row, "有哪些表", headings)
    for each in sheets:
        table = each.table
        owner = table.by_key.get(table.owner_column)
        _line(sheet, row, ("", owner.name if owner else "经理或助理", table.description))
        sheet.link(row, 1, (table.name, f"A{FIRST_DATA_ROW}"), table.name, "cell+link")
        formula = next_id_formula(each)
        if formula:
            sheet.formula(row, 4, formula, next_id(each, today), "cell+bold")
        else:
            sheet.blank(row, 4, "cell")
        row += 1
    return row


def _colors(sheet: Sheet, row: int) -> int:
    row = _headed(sheet, row, "颜色是什么意思", ("样子", "意思", "怎么办"))
    lines = (
        ("heading_required", f"列名 {REQUIRED_MARK}", "必填", "每一行都要填"),
        (
            "heading_conditional",
            f"列名 {CONDITIONAL_MARK}",
            "到时必填",
            "到了规定的阶段或情况才要填，见下面各表",
        ),
        ("heading_optional", "列名", "选填", "知道就填"),
        ("missing+cell", "（红色空格）", "这一行缺必填项", "补上；真的没有就问经理"),
        ("bad+cell", "2024-05-01", "约定的日期已过", "去跟进，然后改成下一次的日期"),
        ("bad+cell", "线索-2024-0501-001", "编号重复", "改成“下一个可用编号”"),
    )
    for style, sample, meaning, remedy in lines:
        _line(sheet, row, ("", meaning, remedy))
        sheet.text(row, 1, sample, f"{style}+center")
        row += 1
    return row


def _stages(sheet: Sheet, row: int, kit: Kit) -> int:
    headings = (
        "阶段",
        "下拉里的状态",
        "里程碑",
        "交付物",
        "负责角色",
        "停留上限（天）",
        "最迟几天跟进",
    )
    row = _headed(sheet, row, f"阶段：{kit.pipeline.name}", headings)
    for stage in kit.pipeline.stages:
        kind = KIND_NAMES[stage.kind]
        name = (
            stage.name if stage.kind == "open" or kind in stage.name else f"{stage.name}（{kind}）"
        )
        labels = "\n".join(stage.labels)
        _line(sheet, row, (name, labels, stage.milestone, stage.deliverable, stage.role))
        limits = [days or None for days in (stage.dwell_days, stage.cadence_days)]
        sheet.row(row, limits, "cell+center", first_column=6)
        row += 1
    return row


def _grades(sheet: Sheet, row: int, kit: Kit) -> int:
    listed = {item.value for item in kit.list_by_key["grade"].items} if _grades_used(kit) else set()
    days = f"{kit.number('grade_a_max_days'):.0f}" if listed else ""
    meanings = {
        "A": ("需求清楚、预算清楚、很快能定", f"预计采购时间在{days}天以内"),
        "B": ("需求清楚，预算或决策人还没定", "问清预算和决策人"),
        "C": ("只是咨询，需求还不清楚", "有同行报价要对比等紧急情况时升为B"),
    }
    known = [(grade, *said) for grade, said in meanings.items() if grade in listed]
    if not known:
        return row - 1
    row = _headed(sheet, row, "线索等级", ("等级", "什么样的线索", "还要看"))
    for line in known:
        _line(sheet, row, line)
        row += 1
    return row


def _grades_used(kit: Kit) -> bool:
    return any(c.list == "grade" for t in kit.tables for c in t.columns)


def _columns(sheet: Sheet, row: int, table: TableSpec, kit: Kit) -> int:
    headings = ("列", "什么时候填", "填什么", "示例", "怎么填")
    row = _headed(sheet, row, f"{table.name}：逐列说明", headings)
    for column in table.columns:
        when = required_text(column, table, kit) or "选填"
        unit = f"（{column.unit}）" if column.unit else ""
        words = (column.name + unit, when, _without_example(column.help), column.example)
        _line(sheet, row, (*words, _form(column, kit)))
        row += 1
    return row


def _form(column: Column, kit: Kit) -> str:
    return "从下拉列表里选" if choices_name(kit, column) else _FORMS.get(column.type, "文字")


def _without_example(text: str) -> str:
    """The example has a column of its own here."""
    return re.sub(r"例：.*$", "", text).strip()
