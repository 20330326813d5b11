"""客户卡片: one customer on one page, picked from a drop-down; the card looks its data up below."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from sheetcrm.book.area import Area
from sheetcrm.book.write import Book
from sheetcrm.book.write_formula import Cached
from sheetcrm.book.write_sheet import Page
from sheetcrm.book.write_validation import Hint, Validation
from sheetcrm.metrics.analysis import Analysis
from sheetcrm.metrics.cards import MOST_LINES, Cards
from sheetcrm.metrics.results import Summary
from sheetcrm.tabs.detail import ORIGIN, Block, Shown, as_cell, lead_frame, write_block
from sheetcrm.tabs.frame import FOOTER, Canvas, Look, close_tab, headings, notes, open_tab, section
from sheetcrm.tabs.source import Places
from sheetcrm.tabs.titles import TITLES

TITLE = TITLES["cards"]
_LOOK = Look(
    title=TITLE,
    line="一位客户的全部情况和来龙去脉放在一页上。点黄色的格子，从下拉列表里换客户，整页跟着变。",
    widths=(14, 20, 13, 20, 13, 20, 13, 24),
)
_WIDTH = 8
_PICK = 5
_CARD = 7
_BLANK = "—"
_LINE_POINTS = 32.0


@dataclass(frozen=True)
class _Field:
    """A cell of the card: its label, the column of the block it shows, how."""

    label: str
    key: str
    style: str = "cell+wrapped"


_SHORT = (
    (
        _Field("客户名称", "company", "cell+wrapped+bold"),
        _Field("线索编号", "lead_id"),
        _Field("负责人", "owner"),
        _Field("客户分层", "tier"),
    ),
    (
        _Field("当前阶段", "stage"),
        _Field("线索等级", "grade"),
        _Field("预计金额(元)", "expected_amount", "cell+money+wrapped"),
        _Field("预计采购时间", "expected_purchase_on", "cell+date"),
    ),
    (
        _Field("来源渠道", "source"),
        _Field("所属行业", "industry"),
        _Field("区域", "region"),
        _Field("产品", "product"),
    ),
    (
        _Field("联系人", "contact"),
        _Field("获取时间", "acquired_on", "cell+date"),
        _Field("最后跟进", "last_follow_up", "cell+date"),
        _Field("下次跟进", "next_follow_up", "cell+date"),
    ),
    (
        _Field("账龄(天)", "age_days", "cell+integer"),
        _Field("停留(天)", "dwell_days", "cell+integer"),
        _Field("静默(天)", "silent_days", "cell+integer"),
        _Field("原表位置", "place"),
    ),
)
_LONG = (
    (_Field("初步需求", "initial_need"), _Field("客户痛点", "pain_point")),
    (_Field("需求优先级", "need_priority"), _Field("决策人", "decision_maker")),
    (_Field("预算范围", "budget"), _Field("竞争对手", "competitor")),
    (_Field("需求标签", "tags"), _Field("备注", "note")),
    (_Field("提醒", "reasons"), _Field("先做什么", "action", "cell+wrapped+bold")),
)
_ALL = tuple(field for line in (*_SHORT, *_LONG) for field in line)
_LINES_TOP = _CARD + len(_SHORT) + len(_LONG) + 1
_DATA_TOP = _LINES_TOP + MOST_LINES + 6
_CUSTOMERS = (
    Shown("label", "卡片"),
    ORIGIN,
    *(
        Shown(f.key, f.label, f.style.replace("+wrapped", "").replace("+bold", ""))
        for f in _ALL
        if f.key != "place"
    ),
    Shown("place", "位置"),
    Shown("start", "时间线起"),
    Shown("lines", "时间线条数"),
)
_ENTRIES = (
    Shown("label", "卡片"),
    ORIGIN,
    Shown("day", "日期", "cell+date"),
    Shown("what", "事项"),
    Shown("who", "谁"),
    Shown("text", "内容"),
    Shown("place", "位置"),
)


def nothing_to_show(_summary: Summary, analysis: Analysis) -> bool:
    """Say whether there is no open lead."""
    return analysis.cards.rows.empty


def chosen_customer(rows: Sequence[Sequence[object]]) -> str:
    """Return the customer that somebody picked on an earlier tab, "" where it cannot be told."""
    cells = rows[_PICK - 1] if len(rows) >= _PICK else ()
    text = cells[1] if len(cells) > 1 else ""
    return text if isinstance(text, str) else ""


def cards_tab(book: Book, name: str, summary: Summary, analysis: Analysis, places: Places) -> None:
    """Write the tab."""
    found = analysis.cards
    canvas = open_tab(book, name, summary.as_of, _LOOK)
    people, entries = _people(found), _entries(found)
    if found.rows.empty:
        canvas.sheet.text(_PICK, 1, "没有进行中的线索。", "plain")
        close_tab(canvas, TITLE)
        return
    top = _DATA_TOP + 1
    section(canvas, _DATA_TOP, "卡片的数据", "卡片从这里取数；点“原表位置”去改。")
    customers = write_block(canvas, top, _CUSTOMERS, people, places.of_leads)
    below = customers.last + 3
    section(canvas, below - 1, "时间线的数据", f"每位客户最近{MOST_LINES}条。")
    lines = write_block(canvas, below, _ENTRIES, entries, places.of_rows)
    chosen = _picked(people, analysis.kept.customer)
    _pick(canvas, people, chosen, customers)
    _card(canvas, people.iloc[chosen], customers)
    _timeline(canvas, (people.iloc[chosen], entries), customers, lines)
    notes(canvas, _DATA_TOP - 3, _note_lines(found))
    canvas.sheet.freeze(_PICK + 1, 1)
    canvas.sheet.print_area(Area(1, 1, _LINES_TOP + MOST_LINES + 1, _WIDTH))
    title = f"{TITLE}（截至 {summary.as_of:%Y-%m-%d}）"
    canvas.sheet.page(Page(title, landscape=False, pages_tall=1, footer=FOOTER))


def _people(found: Cards) -> pd.DataFrame:
    """Return the block of customers: blanks say so, dates without their time."""
    rows = found.rows
    sizes = found.timeline["label"].value_counts()
    lines = rows["label"].map(sizes).fillna(0).astype("int64")
    frame = lead_frame(rows).assign(
        position=rows.index.to_numpy(),
        place=_places(rows).to_numpy(),
        lines=lines.to_numpy(),
        start=(lines.cumsum() - lines + 1).to_numpy(),
    )
    return _filled(frame, [f.key for f in _ALL])


def _entries(found: Cards) -> pd.DataFrame:
    frame = found.timeline.assign(position=range(len(found.timeline)))
    frame = frame.assign(place=_places(frame), day=frame["day"].dt.normalize())
    return _filled(frame, ["who", "text"])


def _places(rows: pd.DataFrame) -> pd.Series:
    return rows["sheet"] + " 第" + rows["row"].astype("str") + "行"


def _filled(frame: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
    filled = {}
    for key in keys:
        column = frame[key]
        pairs = zip(column.astype("object").tolist(), column.isna().tolist(), strict=True)
        cells = [_BLANK if blank or value == "" else value for value, blank in pairs]
        filled[key] = pd.Series(cells, index=frame.index, dtype="object")
    return frame.assign(**filled)


def _picked(people: pd.DataFrame, kept: str) -> int:
    """Return the place of the customer picked before, whatever its rank was; else the first."""
    if kept in set(people["label"]):
        return people["label"].tolist().index(kept)
    names = [label.partition("｜")[2] for label in people["label"]]
    name = kept.partition("｜")[2]
    return names.index(name) if name in names else 0


def _pick(canvas: Canvas, people: pd.DataFrame, chosen: int, customers: Block) -> None:
    sheet, labels = canvas.sheet, customers.column("label").address
    sheet.text(_PICK, 1, "选客户", "label+right")
    sheet.merge(Area(_PICK, 2, _PICK, 4), str(people["label"].iloc[chosen]), "input+bold")
    hint = Hint("选客户", "从下拉列表里选", "没有这位客户", "请从下拉列表里选。")
    sheet.validate(Area(_PICK, 2, _PICK, 4), Validation("list", hint, formula=labels))
    sheet.fill_in(Area(_PICK, 2, _PICK, 4))
    sheet.text(_PICK, 5, "名次", "label+right")
    position = f"IFERROR(MATCH($B${_PICK},{labels},0),0)"
    sheet.formula(_PICK, 6, position, float(chosen + 1), "cell+integer+center")
    sheet.text(_PICK, 7, "时间线条数", "label+right")
    count = customers.column("lines").address
    formula = f"IF($F${_PICK}=0,0,INDEX({count},$F${_PICK}))"
    sheet.formula(_PICK, 8, formula, float(people["lines"].iloc[chosen]), "cell+integer+center")
    sheet.height(_PICK, 26)


def _card(canvas: Canvas, person: "pd.Series[Any]", customers: Block) -> None:
    for row, short in enumerate(_SHORT, _CARD):
        for number, field in enumerate(short):
            canvas.sheet.text(row, 1 + 2 * number, field.label, "label+right")
            _looked_up(canvas, (row, 2 + 2 * number), field, person, customers)
        canvas.sheet.height(row, 30)
    for row, long in enumerate(_LONG, _CARD + len(_SHORT)):
        for number, field in enumerate(long):
            left = 1 + 4 * number
            canvas.sheet.text(row, left, field.label, "label+right")
            canvas.sheet.merge(Area(row, left + 1, row, left + 3), "", field.style)
            _looked_up(canvas, (row, left + 1), field, person, customers)
        canvas.sheet.height(row, 34)


def _looked_up(
    canvas: Canvas,
    place: tuple[int, int],
    field: _Field,
    person: "pd.Series[Any]",
    customers: Block,
) -> None:
    column = customers.column(field.key).address
    formula = f'IF($F${_PICK}=0,"",INDEX({column},$F${_PICK}))'
    canvas.sheet.formula(*place, formula, _cached(person[field.key]), f"{field.style}+left")


def _timeline(
    canvas: Canvas,
    data: "tuple[pd.Series[Any], pd.DataFrame]",
    customers: Block,
    lines: Block,
) -> None:
    person, entries = data
    headings(canvas, _LINES_TOP, ["日期", "事项", "谁", "内容", "", "", "", "原表位置"])
    canvas.sheet.merge(Area(_LINES_TOP, 4, _LINES_TOP, 7), "内容", "heading")
    if entries.empty:
        canvas.sheet.text(_LINES_TOP + 1, 1, "没有带日期的记录。", "plain")
        return
    start = customers.column("start").address
    columns = (
        (1, "day", "plain+date"),
        (2, "what", "plain+center"),
        (3, "who", "plain"),
        (4, "text", "plain+wrapped"),
        (8, "place", "plain"),
    )
    mine = entries[entries["label"] == person["label"]]
    for line in range(1, MOST_LINES + 1):
        row = _LINES_TOP + line
        canvas.sheet.merge(Area(row, 4, row, 7), "", "plain+wrapped")
        for column, key, style in columns:
            cells = lines.column(key).address
            found = f"INDEX({cells},INDEX({start},$F${_PICK})+{line - 1})"
            formula = f'IF({line}>$H${_PICK},"",{found})'
            cached = _cached(mine[key].iloc[line - 1]) if line <= len(mine) else ""
            canvas.sheet.formula(row, column, formula, cached, style)
        canvas.sheet.height(row, _LINE_POINTS)
    first = _LINES_TOP + 1
    lined = Area(first, 1, _LINES_TOP + MOST_LINES, _WIDTH)
    canvas.sheet.condition(lined, f'$A{first}<>""', "grid")


def _cached(value: object) -> Cached:
    found = as_cell(value)
    if isinstance(found, (str, date)):
        return found
    return "" if found is None else float(found)


def _note_lines(found: Cards) -> list[str]:
    said = [
        "可选的客户是进行中的线索里最要紧的：先高价值潜客，再流失风险客户，然后按预计金额；个数在“设置”页改。"
        "时间线含获取、跟进、阶段、状态变更、协作和合同，最近的在前。",
    ]
    if found.more:
        said.append(f"另有{found.more}条进行中的线索没有列入；联系方式不在卡片上，请到原表查看。")
    else:
        said.append("联系方式不在卡片上，请到原表查看。")
    return said
