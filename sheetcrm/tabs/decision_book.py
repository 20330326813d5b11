"""A whole decision workbook: its tabs in the order people go through them."""

from dataclasses import asdict

from sheetcrm.book.markers import Role, add_markers
from sheetcrm.intake.answers import COLUMNS, DUPLICATES, INFO, OVERVIEW, VALUES
from sheetcrm.tabs import decision_preview as preview
from sheetcrm.tabs.decision_duplicates import TITLE as DUPLICATES_TITLE
from sheetcrm.tabs.decision_duplicates import duplicates_tab
from sheetcrm.tabs.decision_frame import INFO_NAME, Lists, write_info
from sheetcrm.tabs.decision_maps import columns_tab, values_tab
from sheetcrm.tabs.decision_mend import mend_kind, mend_name, mend_tab
from sheetcrm.tabs.decision_overview import TITLE as OVERVIEW_TITLE
from sheetcrm.tabs.decision_overview import overview_tab
from sheetcrm.tabs.decision_plan import Plan
from sheetcrm.tabs.style import new_book


def decision_workbook(plan: Plan) -> bytes:
    """Build the decision workbook of one file; equal plans give equal bytes."""
    book, lists = new_book(), Lists()
    overview = book.sheet(OVERVIEW_TITLE)
    tabs: list[tuple[str, str, str]] = []
    roles = {OVERVIEW_TITLE: Role(OVERVIEW), INFO_NAME: Role(INFO)}

    def add(name: str, kind: str, lines: int, purpose: str) -> None:
        tabs.append((name, f"{lines:,} 行" if lines else "没有", purpose))
        roles[name] = Role(kind)

    for sheet in plan.sheets:
        lines = mend_tab(book, plan, sheet, lists)
        add(mend_name(plan, sheet), mend_kind(sheet), lines, "没有导入的行：改好红色的格子再交回来")
    lines = duplicates_tab(book, plan, lists)
    add(DUPLICATES_TITLE, DUPLICATES, lines, "和表里已有的像是同一个：选新建、更新、合并或跳过")
    new, updates = preview.titles(plan)
    add(
        new,
        "decision_new",
        preview.new_tab(book, plan),
        "写进表里的新行，和编号、负责人、等级的依据",
    )
    add(
        updates,
        "decision_updates",
        preview.updates_tab(book, plan),
        "表里已有的行，哪一格从什么改成什么",
    )
    add("已忽略", "decision_ignored", preview.ignored_tab(book, plan), "跳过的行、不导入的列和原因")
    lines = columns_tab(book, plan, lists)
    add("列映射", COLUMNS, lines, "要你选字段的表头有几个；全部表头都列着")
    lines = values_tab(book, plan, lists)
    add("值映射", VALUES, lines, "列表里没有的写法，每种一行")
    add("假设", "decision_assumptions", preview.assumptions_tab(book, plan), "读文件时认定了什么")
    write_info(book, _facts(plan), lists)
    overview_tab(overview, plan, tabs)
    return add_markers(book.finish(), roles)


def _facts(plan: Plan) -> list[tuple[str, str]]:
    """Return what the file says of itself when it comes back."""
    facts = list(asdict(plan.origin).items())
    for sheet in plan.sheets:
        columns = ",".join(str(match.column) for match in sheet.incoming.headings)
        facts += [(f"sheet.{sheet.number}", sheet.raw.name), (f"columns.{sheet.number}", columns)]
    return facts
