"""疑似重复: what came in beside what the book has, and the decision a person takes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd

from sheetcrm.book.area import Area
from sheetcrm.book.write import Book
from sheetcrm.intake.answers import DECISION, FINGERPRINT, SHEET, SOURCE_ROW, shown
from sheetcrm.intake.model import ACTION_NAMES, DECISIONS, Action, Chosen
from sheetcrm.kit.model import Column
from sheetcrm.tabs.decision_frame import (
    MOST_ROWS,
    Listed,
    Lists,
    close_desk,
    headings,
    open_desk,
)
from sheetcrm.tabs.decision_plan import Plan, SheetPlan, lines, values_of
from sheetcrm.values.text import fold

TITLE = "疑似重复"
_LINE = (
    "一行一处：绿色的两边相同；黄色的不同，上面是来的，下面是表里已有的。在“你的决定”里选，空着按建议办。"
    "新建：另加一条；更新：用来的改已有的；合并：只补已有的空格；跳过：不导入。"
)
# What people tell two leads apart by, where the table has it.
_COMPARED = ("company", "contact", "phone", "status", "owner", "source", "region", "acquired_on")
_LEAD_IN = (DECISION, "建议", "匹配上的", "为什么", SHEET, SOURCE_ROW, "已有的在")
_LEAD_IN_WIDTHS = (12, 8, 14, 34, 12, 9, 12)
_CAME, _HAS, _BLANK = "来的：", "已有：", "（空）"
_PAIR_WIDTH = 24


@dataclass(frozen=True)
class Pair:
    """One row that came in and the row it is like, by column key."""

    sheet: SheetPlan
    row: int
    decision: Mapping[str, Any]
    incoming: Mapping[str, Any]
    existing: Mapping[str, Any]
    place: str

    @property
    def chosen(self) -> Chosen | None:
        """What a person has decided about it."""
        return self.sheet.decided.chosen.get(self.row)


def duplicates_tab(book: Book, plan: Plan, lists: Lists) -> int:
    """Write the tab; return how many rows it has."""
    asked = [(sheet, _asked(sheet)) for sheet in plan.sheets]
    total = sum(len(decisions) for _, decisions in asked)
    pairs = [p for sheet, decisions in asked for p in _pairs(sheet, _most(sheet, decisions))]
    if total > MOST_ROWS:  # what a person has written is never left out
        pairs.sort(key=lambda pair: not pair.chosen)
    listed = pairs[:MOST_ROWS]
    columns = _columns(plan, listed)
    widths = [*_LEAD_IN_WIDTHS, *([_PAIR_WIDTH] * len(columns)), 18]
    desk = open_desk(book, TITLE, _LINE, widths, asks=bool(pairs))
    headings(desk, _LEAD_IN)
    headings(desk, [column.name for column in columns], "heading_optional", len(_LEAD_IN) + 1)
    last = len(_LEAD_IN) + len(columns) + 1
    headings(desk, [FINGERPRINT], "heading_optional", last)
    if listed:
        desk.listed(desk.first, _cells(listed, columns), [last - 1])
    if not pairs:
        desk.sheet.text(desk.first, 1, "没有疑似重复的行", "plain")
    elif rule := lists.drop_down(
        DECISION, [ACTION_NAMES[action] for action in DECISIONS], "空着就按建议办。"
    ):
        desk.sheet.validate(Area(desk.first, 1, desk.first + len(listed) - 1, 1), rule)
    desk.sheet.hide_column(last)
    close_desk(desk, len(listed), last, last - 1)
    if total > len(listed):
        below = desk.first + len(listed)
        desk.sheet.text(below, 1, f"另有 {total - len(listed):,} 行没有列出，按建议办", "plain")
    return total


def _asked(sheet: SheetPlan) -> pd.DataFrame:
    """Return the decisions that a person should look at, and those somebody has taken."""
    decisions = sheet.decided.decisions
    linked = decisions["target"].notna() | decisions["first"].notna()
    sure = decisions["certain"].astype(bool) | (decisions["action"] == "reject")
    return decisions[(linked & ~sure) | decisions.index.isin(list(sheet.decided.chosen))]


def _as_proposed(sheet: SheetPlan, asked: pd.DataFrame) -> pd.DataFrame:
    """Return decisions as they are proposed, whatever a person has decided."""
    asked = asked.copy()
    for row, said in sheet.decided.chosen.items():
        for key in ("action", "target", "first", "reason"):
            asked.at[row, key] = getattr(said, key)
    return asked


def _most(sheet: SheetPlan, asked: pd.DataFrame) -> pd.DataFrame:
    """Return as many decisions as can be listed, and those that somebody has taken."""
    taken = asked.index.isin(list(sheet.decided.chosen))
    return asked[taken | (np.arange(len(asked)) < MOST_ROWS)]


def _pairs(sheet: SheetPlan, asked: pd.DataFrame) -> list[Pair]:
    """Pair rows that came in with the rows they are like."""
    asked = _as_proposed(sheet, asked)
    targets, firsts = asked["target"].dropna(), asked["first"].dropna()
    came = values_of(sheet.incoming.data, [*asked.index.tolist(), *map(int, firsts)])
    has = values_of(sheet.existing.data, map(int, targets)) if sheet.existing else {}
    pairs: list[Pair] = []
    for row, decision in lines(asked):
        target, first = decision["target"], decision["first"]
        if not pd.isna(target) and sheet.existing is not None:
            spot = sheet.existing.source.spot(int(target), "")
            theirs, place = has.get(int(target), {}), f"{spot.sheet}!{spot.row}"
        elif not pd.isna(first):
            theirs, place = came.get(int(first), {}), f"本表第 {first} 行"
        else:
            theirs, place = {}, ""
        pairs.append(Pair(sheet, row, decision, came.get(row, {}), theirs, place))
    return pairs


def _columns(plan: Plan, pairs: Sequence[Pair]) -> list[Column]:
    """Return what is compared: ids and the usual fields, where any of the rows has them."""
    found: dict[str, Column] = {}
    for sheet in dict.fromkeys(pair.sheet.number for pair in pairs):
        spec = plan.spec(plan.sheets[sheet - 1])
        mine = [pair for pair in pairs if pair.sheet.number == sheet]
        for key in (spec.id_column, *_COMPARED):
            if key in spec.by_key and any(key in p.incoming or key in p.existing for p in mine):
                found.setdefault(key, spec.by_key[key])
    return list(found.values())


def _cells(pairs: Sequence[Pair], columns: Sequence[Column]) -> list[Listed]:
    """Return the columns of the tab, each with its style."""
    decisions = [pair.decision for pair in pairs]
    actions: list[Action] = [decision["action"] for decision in decisions]
    lead_in: tuple[list[object], ...] = (
        [ACTION_NAMES[action] for action in actions],
        [decision["matched"] for decision in decisions],
        [decision["reason"] for decision in decisions],
        [pair.sheet.incoming.table.sheet for pair in pairs],
        [pair.row for pair in pairs],
        [pair.place for pair in pairs],
    )
    compared: list[Listed] = []
    for column in columns:
        both = [_both(p.incoming.get(column.key), p.existing.get(column.key)) for p in pairs]
        styles = [f"cell+text+wrapped{shade}" for _, shade in both]
        compared.append(([text for text, _ in both], styles))
    return [
        ([pair.chosen and pair.chosen.text for pair in pairs], "input+center"),
        *((values, "cell+wrapped") for values in lead_in),
        *compared,
        ([str(decision["fingerprint"]) for decision in decisions], "cell+text"),
    ]


def _both(mine: object, theirs: object) -> tuple[str, str]:
    """Return what a cell says of both sides, and its colour: one value where they are alike."""
    came, has = _text(mine), _text(theirs)
    if fold(came) == fold(has):
        return came, "+good" if came else ""
    shade = "+warn" if came and has else ""
    return f"{_CAME}{came or _BLANK}\n{_HAS}{has or _BLANK}", shade


def _text(value: object) -> str:
    if isinstance(value, datetime):
        return shown(value.replace(microsecond=0))
    return f"{value:,.15g}" if isinstance(value, float) else "" if value is None else str(value)
