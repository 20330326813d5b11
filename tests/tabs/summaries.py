"""Workbooks with data and summary tabs, made from small tables written as text."""

import io
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

import python_calamine

from sheetcrm.book.graft import TabSpec, graft
from sheetcrm.book.target import open_target
from sheetcrm.checks import check
from sheetcrm.clean import CleanBook, clean, with_told
from sheetcrm.kit.load import load_kit
from sheetcrm.kit.recognise import recognise_with
from sheetcrm.metrics.analysis import analyse
from sheetcrm.metrics.dataset import dataset
from sheetcrm.metrics.results import Summary
from sheetcrm.metrics.summary import summarise
from sheetcrm.table import RawBook, RawSheet
from sheetcrm.tabs.build import summary_tabs, wanted
from sheetcrm.tabs.findings_record import CheckReport, Record
from sheetcrm.tabs.source import Places, workbook_places
from sheetcrm.tabs.style import new_book
from sheetcrm.tabs.team import team_places
from sheetcrm.tabs.titles import SUMMARY_KINDS, TEAM_KINDS, TITLES

AS_OF = date(2024, 6, 30)

# The documents' own example: 100 leads, 30 became 意向, 10 商机, 5 成交.
_STAGES = (("线索", 70), ("意向", 20), ("商机", 5), ("成交", 5))


@dataclass(frozen=True)
class Made:
    """A workbook with its tabs in it, and what they were made from."""

    data: bytes
    summary: Summary
    names: Mapping[str, str]

    @property
    def sheets(self) -> Collection[str]:
        return list(self.names.values())


def documents_example() -> RawSheet:
    """Return the example's leads, one row each."""
    rows: list[list[object]] = [
        ["线索编号", "客户名称", "来源渠道", "线索状态", "负责人", "线索获取时间", "预计成交金额"]
    ]
    for stage, count in _STAGES:
        for number in range(count):
            name = f"{stage}客户{number + 1}"
            rows.append([f"L{len(rows):03d}", name, "展会", stage, "王芳", date(2024, 6, 1), 5e4])
    return RawSheet("线索跟踪", rows)  # type: ignore[arg-type]


def prepared(
    raw: RawBook, as_of: date = AS_OF, kit: str = "standard"
) -> tuple[CleanBook, Summary, Places]:
    """Take a raw workbook all the way to its figures."""
    book = with_told(clean(recognise_with(raw, load_kit(kit), own=False)), as_of)
    summary = summarise(dataset([book]), as_of)
    places = workbook_places(raw.sheets, book.tables.get("lead"), book.kit.pipeline)
    return book, summary, places


def with_tabs(
    raw: RawBook, as_of: date = AS_OF, previous: Collection[Record] = (), kit: str = "standard"
) -> Made:
    """Return the workbook with its summaries, those that have something to show, and 校验结果."""
    book, summary, places = prepared(raw, as_of, kit)
    analysis = analyse(dataset([book]), summary)
    kinds = wanted((*SUMMARY_KINDS, "findings"), summary, analysis).among(())
    names = {kind: TITLES[kind] for kind in kinds}
    report = CheckReport(as_of, check(book, as_of), tuple(previous))
    tabs = summary_tabs(names, places, summary, report, analysis)
    target = open_target(as_file(raw))
    specs = [TabSpec(kind, name) for kind, name in names.items()]
    return Made(graft(target, specs, tabs.finish_apart()), summary, names)


def team_book(*raws: RawBook, as_of: date = AS_OF) -> Made:
    """Return the team workbook of several workbooks."""
    books = [with_told(clean(recognise_with(raw, load_kit(), own=False)), AS_OF) for raw in raws]
    data = dataset(books)
    summary = summarise(data, as_of)
    analysis = analyse(data, summary)
    kinds = wanted((*TEAM_KINDS, "findings"), summary, analysis).among(())
    names = {kind: TITLES[kind] for kind in kinds}
    places = team_places(names["team"], summary, {b.file: f"数据/{b.file}" for b in books})
    found = [f for book in books for f in check(book, as_of)]
    report = CheckReport(as_of, found, several=True)
    return Made(summary_tabs(names, places, summary, report, analysis).finish(), summary, names)


def as_file(raw: RawBook) -> bytes:
    """Write a raw workbook as a user's file."""
    book = new_book()
    for sheet in raw.sheets:
        made = book.sheet(sheet.name)
        for number, cells in enumerate(sheet.rows, 1):
            made.row(number, cells, "plain")
    return book.finish()


def shown(data: bytes, sheet: str) -> list[list[object]]:
    """Return a sheet's cells as a reader of cached values sees them, from A1 on."""
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
    return [list(row) for row in book.get_sheet_by_name(sheet).to_python(skip_empty_area=False)]


def find(rows: list[list[object]], text: object, after: int = 0) -> int:
    """Return the index of the first row, from `after` on, whose first cell shows that text."""
    return next(i for i, row in enumerate(rows) if i >= after and row[0] == text)
