"""The workbooks of the team on disk: made once, and every week typed into as people do."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path

import xlsxwriter

from sheetcrm.kit.load import load_kit
from sheetcrm.workflows.new import NewOptions, new
from tests.soak.season.model import Book, Lead
from tests.soak.season.sheets import Typed, Value, type_rows

NEW = (
    *("id", "source", "company", "contact", "phone", "need", "acquired", "entered", "grade"),
    *("stage", "owner", "pain", "wants", "decider", "budget", "buy_on", "expected", "amount"),
    *("won_on", "reason", "lost_stage", "industry", "region", "product", "rival", "last", "next"),
    *("paid", "note"),
)
OWN = {
    **{"id": "编号", "acquired": "登记日期", "source": "获客渠道", "company": "公司名称"},
    **{"contact": "联系人", "phone": "手机", "grade": "意向等级", "owner": "销售"},
    **{"stage": "阶段", "expected": "预计金额（万元）", "won_on": "签约日期"},
    **{"amount": "签约金额（万元）", "reason": "丢单原因", "last": "最近联系日期"},
    **{"意向": "意向日期", "商机": "商机日期", "note": "备注"},
}
MONTHS = {
    **{"company": "客户名称", "phone": "电话", "source": "渠道", "acquired": "登记日期"},
    **{"grade": "客户等级", "stage": "状态", "expected": "预计金额（元）"},
    **{"amount": "成交金额（元）", "won_on": "成交日期", "reason": "流失原因"},
}
TALKS = ("编号", "沟通日期", "方式", "沟通内容", "下次联系时间")
TALK_SHEET, CHANGE_SHEET, GOAL_SHEET = "跟进记录", "状态变更", "业绩目标"
OWN_SHEET, OWN_TALKS, NOTES = "客户台账", "沟通记录", "我的"
MONTH_SHEETS = ("3月", "4月", "5月")


def make(folder: Path, book: Book, people: Sequence[str]) -> None:
    """Make the empty workbook; each has a sheet of notes that nobody touches."""
    path = folder / book.file
    if book.kind == "new":
        tables = ("线索跟踪", TALK_SHEET, CHANGE_SHEET, GOAL_SHEET)
        new(path, load_kit(), NewOptions(tables, 200, tuple(people)), date(2026, 3, 1))
        return
    sheets = {name: tuple(MONTHS.values()) for name in MONTH_SHEETS}
    if book.kind == "own":
        sheets = {OWN_SHEET: tuple(OWN.values()), OWN_TALKS: TALKS}
    with xlsxwriter.Workbook(str(path)) as out:
        day = out.add_format({"num_format": "yyyy-mm-dd"})
        for name, headings in sheets.items():
            sheet = out.add_worksheet(name)
            sheet.write_row(0, 0, headings)
            for at, heading in enumerate(headings):
                dated = any(word in heading for word in ("日期", "时间"))
                sheet.set_column(at, at, 12, day if dated else None)
        notes = out.add_worksheet(NOTES)
        notes.write_string(0, 0, "自己的备注")
        notes.write_formula(1, 0, f"=COUNTA('{next(iter(sheets))}'!A:A)-1", None, 4)


def write(
    folder: Path, book: Book, hidden: frozenset[int] = frozenset(), names: Mapping[str, str] = {}
) -> None:
    """Type what the book holds now into its sheets; `names` are what stages are called now."""
    path = folder / book.file
    if book.kind == "months":
        type_rows(path, {name: Typed(1, _month(book, name)) for name in MONTH_SHEETS})
    elif book.kind == "own":
        rows = [[_own(lead, key) for key in OWN] for lead in book.leads]
        talks = [[t.lead, t.day, "电话", "沟通进展", t.next] for t in book.talks]
        headings = (*OWN.values(), *(["我的看法"] if book.own_column else []))
        if book.own_column:
            rows = [[*row, lead.own] for row, lead in zip(rows, book.leads, strict=True)]
        type_rows(path, {OWN_SHEET: Typed(1, rows, headings, hidden), OWN_TALKS: Typed(1, talks)})
    else:
        type_rows(path, _new_sheets(book, hidden, names))


def _new_sheets(book: Book, hidden: frozenset[int], names: Mapping[str, str]) -> dict[str, Typed]:
    rows = [[_new(lead, key) for key in NEW] for lead in book.leads]
    for row in rows:
        for at in (NEW.index("stage"), NEW.index("lost_stage")):
            row[at] = names.get(str(row[at]), row[at])
    headings: tuple[str, ...] = ()
    if book.own_column:
        headings = ("",) * len(NEW) + ("我的看法",)
        rows = [[*row, lead.own] for row, lead in zip(rows, book.leads, strict=True)]
    of = {lead.identity: lead for lead in book.leads}
    talks: list[list[Value]] = []
    for n, t in enumerate(book.talks, 1):
        moment = datetime.combine(t.day, time(10))
        company = of[t.lead].company if t.lead in of else ""
        talks.append(
            [
                *(f"GZ2026{n:04d}", t.lead, None, company or None, moment, t.owner, "电话"),
                *(f"谈了第{n}次", "有兴趣", "发资料", "意向", t.next),
                moment + timedelta(hours=1),
            ]
        )
    changes: list[list[Value]] = [
        [c.lead, None, None, datetime.combine(c.day, time(15)), c.old, c.new, "客户答复", c.owner]
        for c in book.changes
    ]
    goals: list[list[Value]] = [
        [month, who, None, None, None, goal] for (month, who), goal in book.goals.items()
    ]
    return {
        "线索跟踪": Typed(3, rows, headings, hidden),
        TALK_SHEET: Typed(3, talks),
        CHANGE_SHEET: Typed(3, changes),
        GOAL_SHEET: Typed(3, goals),
    }


def _month(book: Book, sheet: str) -> list[list[Value]]:
    mine = [lead for lead in book.leads if lead.sheet == sheet]
    return [[_plain(lead, key) for key in MONTHS] for lead in mine]


def _plain(lead: Lead, key: str) -> Value:
    if key in lead.wrong:
        return lead.wrong[key]  # type: ignore[return-value]
    value: Value = getattr(lead, key)
    return None if value == "" else value


def _new(lead: Lead, key: str) -> Value:
    evidence = {"pain": "对不上账", "wants": "1.准", "decider": "总经理", "budget": "8万-10万"}
    if key in evidence:
        return evidence[key] if lead.evidence else None
    if key == "buy_on":
        return (lead.acquired or date(2026, 3, 1)) + timedelta(days=25) if lead.evidence else None
    if key in ("industry", "region", "product", "rival", "paid", "note"):
        return None
    return _plain(lead, key)


def _own(lead: Lead, key: str) -> Value:
    if key in ("意向", "商机"):
        return lead.stage_days.get(key)
    if key == "note":
        return None
    value = _plain(lead, key)
    if key in ("expected", "amount") and isinstance(value, float):
        return round(value / 10000, 6)
    return value
