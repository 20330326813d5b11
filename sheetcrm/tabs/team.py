"""团队明细: the leads of all workbooks in one filterable sheet, each linked to its own file."""

from collections.abc import Mapping

import pandas as pd

from sheetcrm.book.area import Area
from sheetcrm.book.write import Book
from sheetcrm.findings import file_name
from sheetcrm.metrics.results import Summary
from sheetcrm.tabs.detail import LEAD_FIELDS, ORIGIN, Shown, block_at, lead_frame, write_block
from sheetcrm.tabs.frame import Canvas, Look, close_tab, open_tab
from sheetcrm.tabs.source import Places, Source
from sheetcrm.tabs.titles import TITLES

TITLE = TITLES["team"]
_LOOK = Look(
    title=TITLE,
    line="所有工作簿的线索合在一起，只读；要修改请点“原表位置”打开原文件。汇总表的数字由此计算。",
    widths=(16, 17, 20, 26, 11, 14, 9, 14, 14, 9, 13, 13, 12, 12, 11, 12, 10, 12, 14, 16, 12, 12),
)
_FIELDS = (
    Shown("file_name", "来源文件"),
    ORIGIN,
    LEAD_FIELDS["lead_id"],
    LEAD_FIELDS["company"],
    *(LEAD_FIELDS[key] for key in ("owner", "source", "grade", "status", "stage", "result")),
    *(LEAD_FIELDS[key] for key in ("expected_amount", "amount")),
    Shown("last_follow_up", "最后跟进"),
    Shown("next_follow_up", "下次跟进"),
    Shown("contact", "联系人"),
    *(LEAD_FIELDS[key] for key in ("industry", "region", "product", "reached_stage")),
    *(LEAD_FIELDS[key] for key in ("lost_reason", "acquired_on", "won_on")),
)
# As many columns as a page holds in a readable size: up to 下次跟进.
_PRINTED = 14
_TOP = 5


def team_places(name: str, summary: Summary, files: Mapping[str, str]) -> Places:
    """Describe the tab before it is written, for the formulas and links of the others.

    Args:
        name: The sheet name it will have.
        summary: Whose leads it holds.
        files: Path of each input file from the team workbook's folder, by `CleanBook.file`.
    """
    block = block_at(name, _TOP, _fields(summary), _frame(summary))
    source = Source((block.columns,), anchor="result" if block.columns else "", canonical=True)
    return Places(source, files=files, team=(name, block.first))


def team_tab(book: Book, name: str, summary: Summary, places: Places) -> None:
    """Write the tab."""
    canvas = open_tab(book, name, summary.as_of, _LOOK)
    fields = _fields(summary)
    canvas.sheet.widths([14.0] * (len(fields) - len(_FIELDS)), len(_FIELDS) + 1)
    block = write_block(canvas, _TOP, fields, _frame(summary), places.of_rows)
    if block.last < block.first:
        canvas.sheet.text(block.first, 1, "还没有线索。", "plain")
    _finish(canvas, max(block.last, block.first), len(fields))


def _fields(summary: Summary) -> tuple[Shown, ...]:
    """Return the columns: also those that leads are compared by, so that the figures stay live."""
    shown = {field.key for field in _FIELDS}
    extra = (d for d in summary.dimensions if d.rows and d.key not in shown)
    return (*_FIELDS, *(Shown(d.key, d.name) for d in extra))


def _finish(canvas: Canvas, last: int, width: int) -> None:
    canvas.sheet.autofilter(Area(_TOP, 1, last, width))
    canvas.sheet.freeze(_TOP + 1, 5)
    canvas.sheet.print_area(Area(1, 1, last, _PRINTED))
    close_tab(canvas, TITLE, repeat=(_TOP, _TOP))


def _frame(summary: Summary) -> pd.DataFrame:
    frame = lead_frame(summary.leads)
    names = frame["file"].map(file_name)
    return frame.assign(file_name=names)
