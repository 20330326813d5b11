"""将新增, 将更新, 已忽略 and 假设: what an import does and leaves, row by row."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

import pandas as pd

from sheetcrm.book.write import Book
from sheetcrm.findings.report import group, line
from sheetcrm.intake.answers import SHEET, SOURCE_ROW
from sheetcrm.intake.model import ACTION_NAMES, HeadingMatch
from sheetcrm.kit.model import Column, TableSpec
from sheetcrm.table import column_letter
from sheetcrm.tabs.decision_frame import (
    MOST_ROWS,
    Desk,
    Listed,
    close_desk,
    headings,
    open_desk,
)
from sheetcrm.tabs.decision_plan import (
    Plan,
    SheetPlan,
    column_style,
    column_width,
    lines,
    values_of,
)

Row: TypeAlias = tuple[object, ...]

_NEW = (SHEET, SOURCE_ROW)
_WHY = "为什么这样写"
_UPDATES = (
    "工作表",
    "来的行号",
    "编号",
    "客户名称",
    "表里的格子",
    "字段",
    "原来的值",
    "新的值",
    "说明",
)
_UPDATE_WIDTHS = (12, 9, 20, 26, 14, 14, 26, 26, 40)
_IGNORED = (SHEET, "哪一行、哪一列", "内容", "怎么办", "为什么")
_IGNORED_WIDTHS = (14, 16, 40, 10, 60)
# What names a row that is left out.
_NAMES = ("company", "contact", "lead_id", "content", "request_id")
# The fields that an import proposes itself come first.
_PROPOSED = ("owner", "grade", "status", "acquired_on", "entered_on")


def titles(plan: Plan) -> tuple[str, str]:
    """Return the names of the first two tabs: what will be done, or what was."""
    return ("已新增", "已更新") if plan.origin.batch else ("将新增", "将更新")


def new_tab(book: Book, plan: Plan) -> int:
    """Write 将新增: each row as it will stand in the book; return how many there are."""
    name, _ = titles(plan)
    columns, total = _new_columns(plan), sum(len(s.decided.new) for s in plan.sheets)
    widths = [12, 9, *(column_width(c) for c in columns), 50]
    said = (
        "每行就是要写进表里的样子；灰底的是导入时替你填的，最后一列写着依据。"
        "改这里没有用，要改请改来的文件。"
    )
    desk = open_desk(book, name, said, widths)
    headings(desk, [*_NEW, *(c.name for c in columns), _WHY])
    shown = 0
    for sheet in plan.sheets:
        shown += _new_rows(desk, shown, sheet, columns)
    _rest(desk, desk.first + shown, total - shown, total=total)
    close_desk(desk, shown, len(widths))
    return total


def updates_tab(book: Book, plan: Plan) -> int:
    """Write 将更新: each cell that changes, old and new, then those that stay; return the first."""
    _, name = titles(plan)
    said = "一行一格：原来的值 → 新的值。“没有改”的是来的和表里的不一样、但按规则不动的格子。"
    changed = [row for sheet in plan.sheets for row in _changes(plan, sheet)]
    kept = [row for sheet in plan.sheets for row in _kept(plan, sheet)]
    desk = open_desk(book, name, said, _UPDATE_WIDTHS)
    headings(desk, _UPDATES)
    listed = [(r, "good") for r in changed] + [(r, "faint") for r in kept]
    shades = [f"cell+wrapped+{shade}" for _, shade in listed[:MOST_ROWS]]
    _list(desk, [values for values, _ in listed], {7: shades})
    _rest(
        desk, desk.first + min(len(listed), MOST_ROWS), len(listed) - MOST_ROWS, total=len(listed)
    )
    close_desk(desk, min(len(listed), MOST_ROWS), len(_UPDATES))
    return len(changed)


def ignored_tab(book: Book, plan: Plan) -> int:
    """Write 已忽略: columns, skipped rows and blank rows with the reason; return how many."""
    told = [row for sheet in plan.sheets for row in (*_columns_left(sheet), *_rows_left(sheet))]
    total = sum(_left(sheet) for sheet in plan.sheets)
    desk = open_desk(
        book, "已忽略", "没有导入的列和行，以及原因。不用处理，供核对。", _IGNORED_WIDTHS
    )
    headings(desk, _IGNORED)
    _list(desk, told)
    shown = min(len(told), MOST_ROWS)
    _rest(desk, desk.first + shown, total - shown, total=total)
    close_desk(desk, shown, len(_IGNORED))
    return total


def assumptions_tab(book: Book, plan: Plan) -> int:
    """Write 假设: all that was assumed on the way, and what was noticed; return how many lines."""
    told = assumptions(plan)
    desk = open_desk(book, "假设", "读这个文件时这样认定；不对的可以用命令的选项改。", (18, 120))
    headings(desk, ("关于", "认定"))
    _list(desk, told)
    _rest(desk, desk.first + min(len(told), MOST_ROWS), len(told) - MOST_ROWS, total=len(told))
    close_desk(desk, min(len(told), MOST_ROWS), 2)
    return len(told)


def assumptions(plan: Plan) -> list[tuple[str, str]]:
    """Return what was assumed: (about what, what), each once."""
    told: dict[tuple[str, str], None] = {("文件", text): None for text in plan.assumptions}
    for sheet in plan.sheets:
        name = sheet.incoming.table.sheet
        told |= {(name, text): None for text in sheet.incoming.assumptions}
        told |= {(name, text): None for text in sheet.decided.notes}
        held, whole = {row for row, _ in sheet.rows("reject")}, sheet.about_sheet()
        noticed = [
            each
            for each in (*sheet.incoming.findings, *sheet.decided.findings)
            if each.row not in held or each in whole
        ]
        told |= {(name, line(each)): None for each in group(noticed, cap=8)}
    told |= {("运行", text): None for text in plan.notes}
    return list(told)


def _new_columns(plan: Plan) -> list[Column]:
    """Return the columns that any new row fills, ids and what is proposed first."""
    found: dict[str, Column] = {}
    for sheet in plan.sheets:
        spec, new = plan.spec(sheet), sheet.decided.new
        filled = {str(key) for key in new.columns[new.notna().any()]} if len(new) else set()
        known = [key for key in (spec.id_column, *_PROPOSED) if key in spec.by_key]
        for key in (*known, *spec.by_key):
            if key in filled:
                found.setdefault(key, spec.by_key[key])
    return list(found.values())


def _new_rows(desk: Desk, above: int, sheet: SheetPlan, columns: Sequence[Column]) -> int:
    """Write the new rows of a sheet below those of others; return how many are shown."""
    keys, came = [c.key for c in columns], sheet.incoming.table.sheet
    new = sheet.decided.new.head(MOST_ROWS - above).reindex(columns=keys)
    if not len(new):
        return 0
    filled, reasons = _filled(sheet, columns, new.index), sheet.decided.decisions["reason"]
    numbers: list[int] = new.index.tolist()
    cells: list[Listed] = []
    for column in columns:
        ours = [column.key in filled.get(number, {}) for number in numbers]
        style = column_style(column)
        styles = [f"{'fixed' if own else 'cell'}+{style}" for own in ours]
        cells.append((new[column.key].tolist(), styles))
    why = [
        "；".join(
            dict.fromkeys(text for text in (reason, *filled.get(number, {}).values()) if text)
        )
        for number, reason in zip(numbers, reasons.loc[numbers].tolist(), strict=True)
    ]
    where: list[Listed] = [([came] * len(numbers), "cell+center"), (numbers, "cell+center")]
    desk.listed(desk.first + above, [*where, *cells, (why, "cell+wrapped")], range(len(where)))
    return len(numbers)


def _filled(
    sheet: SheetPlan, columns: Sequence[Column], rows: pd.Index
) -> Mapping[int, Mapping[str, str]]:
    """Return why the import filled a cell of some rows in itself, by row and column key."""
    names = {column.key: column.name for column in columns}
    found: dict[int, dict[str, str]] = {}
    every = sheet.decided.filled
    for _, cell in lines(every[every["row"].isin(rows)]):
        said = f"{names.get(cell['key'], cell['key'])}：{cell['reason']}"
        found.setdefault(int(cell["row"]), {})[cell["key"]] = said
    return found


def _list(
    desk: Desk, rows: Sequence[Row], styles: Mapping[int, Sequence[str]] | None = None
) -> None:
    """Write the first rows of a tab.

    Args:
        desk: The tab.
        rows: The rows; those beyond the most that are shown are left out.
        styles: The style of each cell of a column, by its place from 0; others are plain.
    """
    columns = enumerate(zip(*rows[:MOST_ROWS], strict=True))
    desk.listed(
        desk.first,
        [(values, (styles or {}).get(at, "cell+wrapped")) for at, values in columns],
    )


def _changes(plan: Plan, sheet: SheetPlan) -> Iterator[Row]:
    for _, change in lines(sheet.decided.changes):
        yield (*_where(plan, sheet, change), _plain(change["old"]), _plain(change["new"]), "改")


def _kept(plan: Plan, sheet: SheetPlan) -> Iterator[Row]:
    for _, kept in lines(sheet.decided.kept):
        said = f"没有改：{kept['reason']}"
        yield (*_where(plan, sheet, kept), _plain(kept["old"]), _plain(kept["new"]), said)


def _where(plan: Plan, sheet: SheetPlan, change: Mapping[str, Any]) -> Row:
    """Return which row came in, and which cell of the book it is about.

    A row merged into an earlier one of the same sheet is about no row of the book yet.
    """
    table, key = sheet.existing, str(change["key"])
    spec = table.spec if table is not None else plan.spec(sheet)
    there, place = dict(sheet.incoming.data.loc[change["row"]]), "本次新增"
    if table is not None and not pd.isna(change["target"]):
        target = int(change["target"])
        there = dict(table.data.loc[target]) if target in table.data.index else {}
        place = table.source.spot(target, key).text
    return (
        sheet.incoming.table.sheet,
        int(change["row"]),
        _plain(there.get(spec.id_column)),
        _plain(there.get("company")),
        place,
        _name(spec, key),
    )


def _columns_left(sheet: SheetPlan) -> Iterator[Row]:
    for match in sheet.incoming.headings:
        if match.how in ("ignored", "asked"):
            yield (
                sheet.incoming.table.sheet,
                f"{column_letter(match.column)} 列",
                f"{match.text}：{_sample(sheet, match)}",
                "没认出来" if match.how == "asked" else "不导入",
                match.reason,
            )


def _left(sheet: SheetPlan) -> int:
    """Count the columns and rows that are left out."""
    skipped = sheet.decided.decisions["action"].isin(["skip", "merge"]).sum()
    return len(list(_columns_left(sheet))) + int(skipped) + len(sheet.incoming.blank)


def _rows_left(sheet: SheetPlan) -> Iterator[Row]:
    """Yield the first rows that are left out."""
    name, decisions = sheet.incoming.table.sheet, sheet.decided.decisions
    skipped = decisions[decisions["action"].isin(["skip", "merge"])].head(MOST_ROWS)
    known = values_of(sheet.incoming.data, skipped.index.tolist())
    for row, decision in lines(skipped):
        values = known.get(row, {})
        words = [str(values[key]) for key in _NAMES if key in values]
        action = ACTION_NAMES[decision["action"]]
        yield name, f"第 {row} 行", " ".join(words[:2]), action, decision["reason"]
    for row in sheet.incoming.blank[:MOST_ROWS]:
        yield name, f"第 {row} 行", "", "空行", "整行没有内容"


def _sample(sheet: SheetPlan, match: HeadingMatch) -> str:
    return "、".join(samples(sheet, match))


def samples(sheet: SheetPlan, match: HeadingMatch, most: int = 3) -> list[str]:
    """Return the first different values of a column, as they came."""
    found: dict[str, None] = {}
    for row in sheet.incoming.data.index[:200]:
        cell = sheet.cell(int(row), match.column)
        if cell is not None and str(cell).strip():
            found.setdefault(str(cell).strip()[:30])
        if len(found) == most:
            break
    return list(found)


def _name(spec: TableSpec, key: str) -> str:
    return spec.by_key[key].name if key in spec.by_key else key


def _plain(value: object) -> object:
    return None if value is None or value is pd.NaT or value != value else value


def _rest(desk: Desk, row: int, hidden: int, *, total: int) -> None:
    if not total:
        desk.sheet.text(desk.first, 1, "没有", "plain")
    elif hidden > 0:
        desk.sheet.text(row, 1, f"另有 {hidden:,} 行没有列出", "plain")
