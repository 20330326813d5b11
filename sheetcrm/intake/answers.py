"""The decision workbook as it comes back: what people chose and mended in it.

The names here are those that `sheetcrm.tabs.decision_*` writes. Tabs are found by their hidden
role, columns by their headings and rows by the row they came from, so that sorting, filtering and
renaming do no harm.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from sheetcrm.errors import FileProblem
from sheetcrm.intake.model import ACTION_NAMES, DECISIONS, Action, SavedMap
from sheetcrm.intake.options import Strange
from sheetcrm.intake.vocabulary import STAGE_KEY
from sheetcrm.kit.model import Kit, TableSpec
from sheetcrm.table import Cell, RawBook, RawSheet, column_letter
from sheetcrm.values.text import as_text

INFO, OVERVIEW, MEND = "decision_info", "decision_overview", "decision_mend"
DUPLICATES, COLUMNS, VALUES = "decision_duplicates", "decision_columns", "decision_values"

HEADING_ROW = 4
# Which row of the sheet that came in a line is about; the fingerprint stands in a hidden column.
SHEET, SOURCE_ROW, FINGERPRINT = "工作表", "来的行号", "行指纹"
# The decision in 疑似重复, the field in 列映射, the value in 值映射.
DECISION, FIELD, MEANT = "你的决定", "对应的字段", "写进表里的值"
HEADING_TEXT, COLUMN_KEY, VALUE_TEXT = "来的表头", "字段代码", "来的写法"
# What stood there before a person looked, in a hidden column: leaving it is no answer.
PROPOSED = "原来的建议"
IGNORE, KEEP, STAGE_PREFIX = "（不导入）", "（保持原样）", "进入阶段："
# The first column after those of the sheet that came in.
CODES = "错误码"

_ACTIONS: Mapping[str, Action] = {
    **{ACTION_NAMES[action]: action for action in DECISIONS},
    **{"新增": "create", "不导入": "skip", "忽略": "skip"},
}


@dataclass(frozen=True)
class Origin:
    """Which import a decision workbook belongs to; `sha256` is of the sheet's bytes."""

    file: str = ""
    sha256: str = ""
    source: str = ""
    encoding: str = ""
    book: str = ""
    batch: str = ""


@dataclass(frozen=True)
class Mended:
    """One row of 待修正 as it stands now.

    `number` says which table of the sheet it belongs to, from 1; `row` is 0 for a row somebody
    added. `cells` are the original columns by their number.
    """

    number: int
    row: int
    fingerprint: str
    cells: Mapping[int, Cell]


@dataclass(frozen=True)
class MendTab:
    """The headings of one 待修正 tab, by column of the sheet that came in; its sheet's name."""

    number: int
    sheet: str
    headings: Mapping[int, str]


@dataclass(frozen=True)
class Answers:
    """All that a decision workbook says.

    `actions` are by sheet and row of the file that came in: a fingerprint changes with the fields
    that the columns are given. `strange` are the decisions that nobody understands.
    """

    origin: Origin
    given: SavedMap = field(default_factory=SavedMap)
    actions: Mapping[tuple[str, int], Action] = field(default_factory=dict)
    mended: tuple[Mended, ...] = ()
    tabs: tuple[MendTab, ...] = ()
    strange: Mapping[tuple[str, int], Strange] = field(default_factory=dict)


def is_decision_book(raw: RawBook) -> bool:
    """Say whether a workbook is one that an import wrote."""
    return raw.tab(INFO) is not None


def read_answers(raw: RawBook, kit: Kit) -> Answers:
    """Read what people chose and mended.

    Args:
        raw: The decision workbook.
        kit: The kit of the book that is imported into: it names fields and stages.

    Raises:
        FileProblem: A column is gone that says which rows were mended.
    """
    info = raw.tab(INFO)
    facts = _facts(info.rows if info else [])
    tabs, chosen = tuple(_mend_tabs(raw, facts)), dict(_actions(raw))
    return Answers(
        Origin(**{key: facts.get(key, "") for key in Origin.__dataclass_fields__}),
        SavedMap(_headings(raw, kit), _values(raw)),
        {place: action for place, (action, _) in chosen.items() if action},
        tuple(row for tab in tabs for row in _mended(raw, tab)),
        tabs,
        {place: said for place, (action, said) in chosen.items() if not action},
    )


def shown(cell: Cell) -> str:
    """Return a cell that came in as 待修正 shows it, as text."""
    if isinstance(cell, datetime):
        return str(cell.date()) if cell.time() == time() else f"{cell:%Y-%m-%d %H:%M:%S}"
    if isinstance(cell, date | time | timedelta):
        return str(cell)
    return cell if isinstance(cell, str) else as_text(cell)


def field_name(spec: TableSpec, key: str, stage: str = "") -> str:
    """Return what 列映射 calls a field; a stage's date column goes by the stage."""
    stage = stage or (key.removeprefix(STAGE_KEY) if key.startswith(STAGE_KEY) else "")
    if stage:
        return f"{STAGE_PREFIX}{stage}"
    return spec.by_key[key].name if key in spec.by_key else key


def field_names(spec: TableSpec, kit: Kit, more: Sequence[str] = ()) -> list[str]:
    """Return all that 列映射 offers for a heading of that table.

    Args:
        spec: The table.
        kit: Its kit, for the stages.
        more: Headings that only the book's own sheet has.
    """
    stages = [f"{STAGE_PREFIX}{s.name}" for s in kit.pipeline.stages] if spec.key == "lead" else []
    return [*(column.name for column in spec.columns), *more, *stages, IGNORE]


def _facts(rows: Sequence[Sequence[Cell]]) -> dict[str, str]:
    return {str(row[0]): as_text(row[1]) if len(row) > 1 else "" for row in rows if row and row[0]}


def _lines(sheet: RawSheet | None, heading: str) -> Iterator[dict[str, Cell]]:
    """Yield the rows below the headings, by heading; nothing where the heading is gone."""
    if sheet is None:
        return
    found = _heading_row(sheet, heading)
    if found is None:
        return
    headings = [as_text(cell) for cell in sheet.rows[found]]
    for row in sheet.rows[found + 1 :]:
        yield {text: row[i] if i < len(row) else None for i, text in enumerate(headings) if text}


def _heading_row(sheet: RawSheet, heading: str) -> int | None:
    rows = enumerate(sheet.rows[: HEADING_ROW * 3])
    return next((i for i, row in rows if heading in row), None)


def _headings(raw: RawBook, kit: Kit) -> dict[str, str]:
    given: dict[str, str] = {}
    for line in _lines(raw.tab(COLUMNS), FIELD):
        text, chosen = line.get(HEADING_TEXT), _chosen(line, FIELD)
        spec = kit.by_key.get(as_text(line.get(COLUMN_KEY)))
        if not isinstance(text, str) or not chosen or spec is None:
            continue
        names = {column.name: column.key for column in spec.columns}
        if chosen == IGNORE:
            given[text] = ""
        elif chosen.startswith(STAGE_PREFIX):
            given[text] = STAGE_KEY + chosen.removeprefix(STAGE_PREFIX)
        else:
            given[text] = names.get(chosen, chosen)
    return given


def _chosen(line: Mapping[str, Cell], heading: str) -> str:
    """Return what a person chose; "" where it is what stood there before."""
    chosen = as_text(line.get(heading)).strip()
    return "" if chosen == as_text(line.get(PROPOSED)).strip() else chosen


def _values(raw: RawBook) -> dict[tuple[str, str], str]:
    given: dict[tuple[str, str], str] = {}
    for line in _lines(raw.tab(VALUES), MEANT):
        key, text = as_text(line.get(COLUMN_KEY)), as_text(line.get(VALUE_TEXT))
        meant = _chosen(line, MEANT)
        if key and text and meant:
            given[key, text] = text if meant == KEEP else meant
    return given


def _actions(raw: RawBook) -> Iterator[tuple[tuple[str, int], tuple[Action | None, Strange]]]:
    """Yield what is written under 你的决定, by the row it is about; None where it is no choice."""
    tab = raw.tab(DUPLICATES)
    found = _heading_row(tab, DECISION) if tab else None
    if tab is None or found is None:
        return
    letter = column_letter(list(tab.rows[found]).index(DECISION) + 1)
    for number, line in enumerate(_lines(tab, DECISION), found + 2):
        text, row = as_text(line.get(DECISION)).strip(), as_text(line.get(SOURCE_ROW))
        if text and row.isdigit():
            said = Strange(tab.name, f"{letter}{number}", text)
            yield (as_text(line.get(SHEET)), int(row)), (_ACTIONS.get(text), said)


def _mend_tabs(raw: RawBook, facts: Mapping[str, str]) -> Iterator[MendTab]:
    number = 1
    while f"sheet.{number}" in facts:
        tab = raw.tab(f"{MEND}.{number}")
        columns = [int(n) for n in facts.get(f"columns.{number}", "").split(",") if n]
        if tab is not None and len(tab.rows) >= HEADING_ROW:
            found = _heading_row(tab, FINGERPRINT)
            texts = tab.rows[found] if found is not None else []
            headings = dict(zip(columns, (as_text(text) for text in texts), strict=False))
            yield MendTab(number, facts[f"sheet.{number}"], headings)
        number += 1


def _mended(raw: RawBook, tab: MendTab) -> Iterator[Mended]:
    """Yield the rows of a 待修正 tab; its first columns are those of the sheet, in order."""
    sheet = raw.tab(f"{MEND}.{tab.number}")
    if sheet is None:
        return
    found = _heading_row(sheet, FINGERPRINT)
    texts = list(sheet.rows[found]) if found is not None else []
    if found is None or SOURCE_ROW not in texts:
        raise FileProblem(
            raw.path,
            f"工作表“{sheet.name}”里隐藏的“{SOURCE_ROW}”和“{FINGERPRINT}”两列少了，"
            "不知道改的是原来的哪几行",
            "请撤销对它们的删除；撤销不了时，移走这个文件，重新导入原来的表，会另生成一本",
        )
    mark, source = texts.index(FINGERPRINT), texts.index(SOURCE_ROW)
    for row in sheet.rows[found + 1 :]:
        padded = [*row, *([None] * (len(texts) - len(row)))]
        cells = dict(zip(tab.headings, padded, strict=False))
        if any(as_text(cell).strip() for cell in cells.values()):
            at = as_text(padded[source])
            yield Mended(tab.number, int(at) if at.isdigit() else 0, as_text(padded[mark]), cells)
