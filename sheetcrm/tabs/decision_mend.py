"""待修正: the rows that could not go in, as they came, to be mended where they are wrong."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from sheetcrm.book.area import Area
from sheetcrm.book.write import Book
from sheetcrm.findings import Finding, plain_heading
from sheetcrm.findings.catalogue import SEVERITIES
from sheetcrm.intake.answers import CODES, FINGERPRINT, MEND, SOURCE_ROW, shown
from sheetcrm.intake.model import HeadingMatch
from sheetcrm.kit.model import Column
from sheetcrm.table import Cell
from sheetcrm.tabs.decision_frame import Desk, Lists, close_desk, headings, open_desk
from sheetcrm.tabs.decision_plan import Plan, SheetPlan, lines
from sheetcrm.tabs.layout import text_width

TITLE = "待修正"
# Rows below the last one take drop-downs too, for rows somebody adds.
SPARE_ROWS = 50
_LINE = (
    "左边是来的原样，只改红色的格子（黄色的请核对），改完保存、关闭，把本文件交回 sheetcrm import。"
)
_WHY = (CODES, "为什么没有导入", "怎么改")
_WHY_WIDTHS = (16, 44, 44)
_MENDED, _MENDED_BUT = "已经改好，交回来时加 --apply 就写进表里", "已经改好；{reason}"
_HIDDEN = (SOURCE_ROW, FINGERPRINT)
_SAMPLED = 40
_SHADES = {"error": "missing", "warning": "warn"}
# Findings say the whole story once; a row with more is a wall of text.
_MOST_SAID = 4


@dataclass(frozen=True)
class Held:
    """One row that is held, with what was found about it."""

    row: int
    cells: Mapping[int, Cell]
    found: Sequence[Finding]
    fingerprint: str
    reason: str
    code: str
    mended: bool = False


def mend_name(plan: Plan, sheet: SheetPlan) -> str:
    """Return the tab's name; with the table's where a file has several."""
    return f"{TITLE}{sheet.number}-{plan.spec(sheet).name}" if plan.several else TITLE


def mend_kind(sheet: SheetPlan) -> str:
    """Return the hidden role of the tab."""
    return f"{MEND}.{sheet.number}"


def mend_tab(book: Book, plan: Plan, sheet: SheetPlan, lists: Lists) -> int:
    """Write the tab, mended rows last; return how many rows are still to be mended."""
    columns, held = sheet.incoming.headings, _held(sheet)
    bad = sum(not each.mended for each in held)
    widths = [*_widths(columns, held), *_WHY_WIDTHS, 8, 18]
    desk = open_desk(book, mend_name(plan, sheet), _LINE, widths, asks=bool(bad))
    why = len(columns) + 1
    headings(desk, [match.text for match in columns])
    headings(desk, _WHY, "heading_conditional", why)
    headings(desk, _HIDDEN, "heading_optional", why + len(_WHY))
    for row, each in enumerate(held, desk.first):
        _row(desk, row, columns, each)
    _spare(desk, len(held), len(columns))
    _drop_downs(desk, plan, (sheet, len(held)), lists)
    for column in range(why + len(_WHY), why + len(_WHY) + len(_HIDDEN)):
        desk.sheet.hide_column(column)
    if not held:
        desk.sheet.text(desk.first, why, "没有要修正的行", "plain")
    printed = len(columns) + len(_WHY)
    close_desk(desk, len(held), printed + len(_HIDDEN), printed)
    return bad


def _held(sheet: SheetPlan) -> list[Held]:
    found, decisions = sheet.findings(), sheet.decided.decisions
    held = decisions["action"] == "reject"
    mended = decisions[decisions.index.isin(list(sheet.mended)) & ~held]
    columns = [match.column for match in sheet.incoming.headings]
    return [
        Held(
            row,
            {column: sheet.cell(row, column) for column in columns},
            found.get(row, []),
            sheet.mended.get(row) or str(decision["fingerprint"]),
            _reason(decision),
            str(decision["code"]),
            decision["action"] != "reject",
        )
        for row, decision in lines(pd.concat([decisions[held], mended]))
    ]


def _reason(decision: Mapping[str, Any]) -> str:
    reason, action = str(decision["reason"]), decision["action"]
    if action == "skip":
        return _MENDED_BUT.format(reason=reason)
    return reason if action == "reject" else _MENDED


def _row(desk: Desk, row: int, columns: Sequence[HeadingMatch], held: Held) -> None:
    shades = dict.fromkeys(held.cells, "+good") if held.mended else _shades(columns, held)
    for column, match in enumerate(columns, 1):
        style = f"input+text+wrapped{shades.get(match.column, '')}"
        desk.sheet.put(row, column, shown(held.cells[match.column]), style)
    problems = () if held.mended else held.found
    worst = sorted(problems, key=lambda f: SEVERITIES.index(f.severity))
    said = [f for f in worst if f.severity != "info"][:_MOST_SAID]
    codes = list(dict.fromkeys([held.code, *(f.code for f in said)]))
    texts = (
        "、".join(code for code in codes if code),
        "\n".join(_sentence(f) for f in said) or held.reason,
        "\n".join(dict.fromkeys(f.suggestion for f in said if f.suggestion)),
    )
    why = len(columns) + 1
    desk.sheet.row(row, texts, "cell+wrapped", why)
    desk.sheet.put(row, why + len(_WHY), held.row, "cell")
    desk.sheet.text(row, why + len(_WHY) + 1, held.fingerprint, "cell+text")
    desk.height(row, [*(shown(held.cells[match.column]) for match in columns), *texts])


def _sentence(found: Finding) -> str:
    name = plain_heading(found.column)
    return f"{name}：{found.message}" if name and name not in found.message else found.message


def _shades(columns: Sequence[HeadingMatch], held: Held) -> Mapping[int, str]:
    """Return the colour of each cell that is wrong, by column of the incoming sheet."""
    by_text = {match.text: match.column for match in reversed(columns)}
    shades: dict[int, str] = {}
    for level in ("warning", "error"):
        for each in held.found:
            column = by_text.get(each.column)
            if each.severity == level and column:
                shades[column] = f"+{_SHADES[level]}"
    return shades


def _spare(desk: Desk, rows: int, columns: int) -> None:
    """Format the cells below as text, so that what is typed there stays as it is typed."""
    for row in range(desk.first + rows + (not rows), desk.first + rows + SPARE_ROWS):
        for column in range(1, columns + 1):
            desk.sheet.blank(row, column, "input+text+wrapped")


def _drop_downs(desk: Desk, plan: Plan, filled: tuple[SheetPlan, int], lists: Lists) -> None:
    sheet, rows = filled
    spec = plan.spec(sheet)
    for column, match in enumerate(sheet.incoming.headings, 1):
        field: Column | None = spec.by_key.get(match.key)
        words = plan.kit.choices(field) if field else ()
        if field is None or not words:
            continue
        rule = lists.drop_down(field.name, words, "可以从下拉列表里选。", "warning")
        if rule is not None:
            last = desk.first + rows + SPARE_ROWS - 1
            desk.sheet.validate(Area(desk.first, column, last, column), rule)


def _widths(columns: Sequence[HeadingMatch], held: Sequence[Held]) -> list[float]:
    """Return widths that fit the headings and the first rows, within reason."""
    widths = []
    for match in columns:
        texts = [match.text, *(shown(each.cells[match.column]) for each in held[:_SAMPLED])]
        widths.append(min(32.0, max(9.0, max(map(text_width, texts)) + 3)))
    return widths
