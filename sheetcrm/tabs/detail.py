"""The 明细 block of a tab: one row a lead, each linked to its row in the user's sheet."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from sheetcrm.book.area import Area
from sheetcrm.book.limits import FIRST_SAFE_DAY
from sheetcrm.book.write_bulk import Column
from sheetcrm.book.write_sheet import Sheet
from sheetcrm.book.write_text import plain_text
from sheetcrm.table import Coded
from sheetcrm.tabs.frame import Canvas, headings
from sheetcrm.tabs.live import Columns, Span, SpansOf, span
from sheetcrm.tabs.source import Target
from sheetcrm.values.parsed import coded_cells

# Excel holds 65,530 links a sheet; the rest is for figures.
LINK_LIMIT = 60_000
# Printable texts of that length need no look at Excel's limits.
PLAIN_LENGTH = 10_000
OUTCOMES = {"open": "进行中", "won": "成交", "lost": "流失"}
Locate = Callable[[pd.DataFrame], list[Target | None]]


@dataclass(frozen=True)
class Shown:
    """One column of a block: what it shows of a frame, under which heading, in which style."""

    key: str
    heading: str
    style: str = "cell"


@dataclass(frozen=True)
class Block:
    """A block as it was written; `last` is before `first` when it is empty."""

    first: int
    last: int
    width: int
    columns: Columns

    def cells(self, first: int = 0, count: int | None = None) -> str:
        """Return the range of some of its rows, counted from 0; "" when there are none."""
        last = self.last if count is None else self.first + first + count - 1
        if last < self.first + first:
            return ""
        area = Area(self.first + first, 1, last, self.width)
        return area.absolute.replace("$", "")

    def column(self, key: str) -> Span:
        """Return a column of it."""
        return self.columns[key]


ORIGIN = Shown("origin", "原表位置")
LEAD_FIELDS: Mapping[str, Shown] = {
    shown.key: shown
    for shown in (
        Shown("company", "客户名称"),
        Shown("lead_id", "线索编号"),
        Shown("owner", "负责人"),
        Shown("source", "来源渠道"),
        Shown("industry", "所属行业"),
        Shown("region", "区域"),
        Shown("product", "产品"),
        Shown("grade", "线索等级", "cell+center"),
        Shown("status", "当前状态"),
        Shown("stage", "当前阶段"),
        Shown("reached_stage", "最远到达阶段"),
        Shown("step", "到达第几阶段", "cell+integer+center"),
        Shown("result", "结果", "cell+center"),
        Shown("lost_reason", "流失原因"),
        Shown("acquired_on", "获取时间", "cell"),
        Shown("won_on", "成交时间", "cell"),
        Shown("cycle_days", "成交周期(天)", "cell+integer"),
        Shown("expected_amount", "预计金额(元)", "cell+money"),
        Shown("amount", "成交金额(元)", "cell+money"),
    )
}


def lead_frame(leads: pd.DataFrame) -> pd.DataFrame:
    """Return the leads with what the blocks show beside the columns of the summary.

    `position` is the row's place in `leads`, `step` counts the reached stage from 1, `result` is
    the outcome in Chinese; days lose their time of day.
    """
    frame = leads.reset_index(drop=True)
    held = zip(frame.columns, frame.dtypes, strict=True)
    days = {name: frame[name].dt.normalize() for name, dtype in held if dtype.kind == "M"}
    return frame.assign(
        **days,
        position=range(len(frame)),
        step=frame["reached"] + 1,
        result=frame["outcome"].map(OUTCOMES),
    )


def write_block(
    canvas: Canvas, top: int, shown: Sequence[Shown], frame: pd.DataFrame, locate: Locate
) -> Block:
    """Write heading and rows of a block; the column ORIGIN links to where each row comes from.

    Args:
        canvas: The tab.
        top: The heading's row.
        shown: Its columns, from the first column of the tab on.
        frame: The rows, in order, with `position`, `file`, `sheet` and `row`.
        locate: Where rows stand.
    """
    headings(canvas, top, [s.heading for s in shown])
    first = top + 1
    cells = _cells(shown, frame)
    for number, field in enumerate(shown, 1):
        if field is ORIGIN:
            _origin_links(canvas.sheet, (first, number), frame, locate)
        else:
            canvas.sheet.columns(first, [Column(number, cells[field.key], field.style)])
    return _block("", top, shown, cells)


def block_at(sheet: str, top: int, shown: Sequence[Shown], frame: pd.DataFrame) -> Block:
    """Describe the block that `write_block` writes there, for formulas on other sheets."""
    return _block(sheet, top, shown, _cells(shown, frame))


def _cells(shown: Sequence[Shown], frame: pd.DataFrame) -> dict[str, Coded]:
    keys = [field.key for field in shown if field is not ORIGIN]
    if frame.empty:
        return dict.fromkeys(keys, coded_cells([]))
    return {key: _coded(frame[key]) for key in keys}


def _coded(column: "pd.Series[Any]") -> Coded:
    """Return a column as cells hold it, by its distinct ones."""
    if column.dtype == object:  # may hold True beside 1, which are the same to pandas
        return coded_cells(values(column))
    codes, distinct = pd.factorize(column.array if column.dtype.kind in "mM" else column.to_numpy())
    cells = [as_cell(value) for value in distinct.tolist()]
    known = {cell: at for at, cell in enumerate(dict.fromkeys((None, *cells)))}
    held = np.empty(len(known), dtype=object)
    held[:] = list(known)
    places = np.array([*(known[cell] for cell in cells), 0], dtype=np.intc)
    return Coded(held, places[codes])  # the code of a missing value is -1


def _block(sheet: str, top: int, shown: Sequence[Shown], cells: Mapping[str, Coded]) -> Block:
    count = len(next(iter(cells.values())).codes)
    columns: dict[str, Callable[[], Span]] = {}
    for number, field in enumerate(shown, 1):
        if field.key in cells and count:
            area = Area(top + 1, number, top + count, number)
            address = area.on(sheet) if sheet else area.absolute
            columns[field.key] = partial(span, address, cells[field.key])
    return Block(top + 1, top + count, len(shown), SpansOf(columns))


def _origin_links(
    sheet: Sheet, corner: tuple[int, int], frame: pd.DataFrame, locate: Locate
) -> None:
    targets = locate(frame if len(frame) <= LINK_LIMIT else frame.head(LINK_LIMIT))
    places = zip(frame["sheet"].tolist(), frame["row"].tolist(), strict=True)
    texts = [f"{name} 第{row}行" for name, row in places]
    linked_column(sheet, corner, texts, [*targets, *[None] * (len(texts) - len(targets))])


def linked_column(
    sheet: Sheet, corner: tuple[int, int], texts: Sequence[str], targets: Sequence[Target | None]
) -> None:
    """Write texts below each other, those with a target as links to it."""
    styles = ["cell" if target is None else "cell+link" for target in targets]
    sheet.styled_column(*corner, texts, styles)
    sheet.column_links(*corner, targets)


def jump(sheet: Sheet, place: tuple[int, int], target: Target | None, text: str) -> None:
    """Write a link to a place of this workbook or another file; plain text without a target."""
    if target is None:
        sheet.text(*place, text, "cell")
    elif target.file:
        sheet.file_link(*place, (target.file, target.sheet, target.cell), text, "cell+link")
    else:
        sheet.link(*place, (target.sheet, target.cell), text, "cell+link")


def values(column: "pd.Series[Any]") -> list[Any]:
    """Return a column as cells hold it: text as it is written, days, numbers, None for blanks."""
    return [as_cell(value) for value in column.astype(object).tolist()]


def as_cell(value: Any) -> Any:
    """Return a value as a cell holds it; see `values`."""
    if value is None or value != value:
        return None
    if isinstance(value, str):
        short = value.isprintable() and len(value) < PLAIN_LENGTH
        return (value if short else plain_text(value)) or None
    if isinstance(value, datetime):
        day = value.date()
        return day if day >= FIRST_SAFE_DAY else day.isoformat()
    if isinstance(value, date):
        return value if value >= FIRST_SAFE_DAY else value.isoformat()
    return value.item() if hasattr(value, "item") else value
