"""Every planted defect of the corpus is found at its cell, and no error stands on a healthy one."""

import json
import os
import re
from collections import Counter
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from chinese_calendar import get_workdays

from sheetcrm.book.read import read_book
from sheetcrm.checks import check, unchecked
from sheetcrm.clean import CleanBook, clean
from sheetcrm.findings import Finding
from sheetcrm.kit.load import load_kit
from sheetcrm.kit.recognise import recognise
from tests.checks.support import AS_OF

CORPUS = os.environ.get("SHEETCRM_CORPUS", "")
FOLDER = Path(CORPUS) / "sales" / "zh_synthetic"
pytestmark = pytest.mark.skipif(not CORPUS, reason="SHEETCRM_CORPUS names no corpus")

# What each kind of planted defect is told as. Harmless ones are notes with their correction.
CODES = {
    "missing_required_customer": "REQ-01 error",
    "missing_required_id": "REQ-01 error",
    "phone_too_short": "FMT-05 error",
    "phone_too_long": "FMT-05 error",
    "phone_has_letters": "FMT-05 error",
    "phone_fullwidth_digits": "FMT-10 info",
    "phone_stored_as_number": "FMT-11 info",
    "phone_with_separators": "FMT-11 info",
    "phone_with_country_code": "FMT-11 info",
    "duplicate_id": "DUP-01 error",
    "duplicate_customer_and_phone": "DUP-04 warning, DUP-07 warning",
    "date_text_iso": "FMT-04 info",
    "date_text_slash": "FMT-04 info",
    "date_text_dot": "FMT-04 info",
    "date_text_chinese": "FMT-04 info",
    "date_serial_number_unformatted": "FMT-04 info",
    "date_text_month_day_only": "FMT-03 warning",
    "date_impossible": "TYP-02 error",
    "date_in_future": "DAT-03 error",
    "date_yyyymmdd_number": "FMT-04 info",
    "last_follow_up_before_acquired": "DAT-01 error",
    "unknown_stage": "VAL-01 error",
    "unknown_source": "VAL-01 warning",
    "stage_with_trailing_space": "FMT-10 info",
    "stage_with_fullwidth_space": "FMT-10 info",
    "owner_with_nbsp": "FMT-10 info",
    "customer_with_zero_width": "FMT-10 info",
    "customer_with_line_break": "FMT-10 info",
    "level_lowercase": "VAL-02 info",
    "level_fullwidth": "FMT-10 info",
    "level_unknown": "VAL-01 error",
    "amount_negative": "AMT-01 warning",
    "amount_text_wan": "FMT-13 info",
    "amount_text_currency": "FMT-13 info",
    "amount_text_thousands": "FMT-13 info",
    "amount_not_a_number": "TYP-01 error",
    "formula_injection_text": "SEC-01 warning",
    "orphan_follow_up": "REF-01 error",
}
LEAD_ID = "线索编号"


@cache
def book(name: str) -> CleanBook:
    return clean(recognise(read_book(FOLDER / name), load_kit()))


@cache
def findings(name: str) -> tuple[Finding, ...]:
    return tuple(check(book(name), AS_OF))


@cache
def defects() -> dict[str, list[dict[str, Any]]]:
    path = FOLDER / "线索跟踪表_带错误.defects.json"
    planted: dict[str, list[dict[str, Any]]] = {}
    for defect in json.loads(path.read_text("utf-8"))["planted"]:
        planted.setdefault(defect["kind"], []).append(defect)
    return planted


def test_defects__all_kinds_are_expected():
    assert set(defects()) == set(CODES)
    assert sum(len(found) for found in defects().values()) == 107


@pytest.mark.parametrize("kind", CODES)
def test_defects__found_at_their_cell(kind):
    at = {(f.sheet, f.row, f.column): f for f in findings("线索跟踪表_带错误.xlsx")}
    told = [at.get((d["sheet"], d["excel_row"], d["column"])) for d in defects()[kind]]
    found = {f"{f.code} {f.severity}" if f else "nothing" for f in told}
    assert found
    assert found <= set(CODES[kind].split(", "))


def test_defects__derived_orphans():
    planted = {(d["sheet"], d["excel_row"]) for d in defects()["orphan_follow_up"]}
    derived = Counter(
        f.sheet
        for f in findings("线索跟踪表_带错误.xlsx")
        if f.code == "REF-01" and (f.sheet, f.row) not in planted
    )
    assert derived == {"跟进记录": 10, "阶段进度": 14}  # with the 3 planted ones 13 follow-ups


def test_defects__no_error_on_a_healthy_cell():
    known = {(d["sheet"], d["excel_row"], d["column"]) for ds in defects().values() for d in ds}
    ids = {d["was"] for kind in ("missing_required_id", "duplicate_id") for d in defects()[kind]}
    extra = [
        f"{f.sheet}!{f.cell} {f.code}"
        for f in findings("线索跟踪表_带错误.xlsx")
        if f.severity == "error"
        and (f.sheet, f.row, f.column) not in known
        and not (f.code == "REF-01" and f.column == LEAD_ID and f.value in ids)
    ]
    assert extra == []


def test_defects__an_orphan_is_told_once():
    """A follow-up of a lead that is not there has nothing else to mend."""
    rows = {d["excel_row"] for d in defects()["orphan_follow_up"]}
    told = {
        f.cell
        for f in findings("线索跟踪表_带错误.xlsx")
        if f.sheet == "跟进记录" and f.row in rows and f.code.startswith(("REQ", "REF"))
    }
    assert rows == {1217, 1218, 1219}
    assert told == {"A1217", "A1218", "A1219"}


def test_clean__no_error_and_every_kind_of_warning_counted_on_its_own():
    """The plain second computation reads the raw cells row by row, without the package."""
    found = Counter((f.severity, f.code) for f in findings("线索跟踪表_干净.xlsx"))
    warnings = {code: n for (severity, code), n in found.items() if severity == "warning"}
    assert not [code for severity, code in found if severity == "error"]
    assert warnings.pop("HDR-02") == 8
    assert warnings == plain_counts()


def plain_counts() -> dict[str, int]:
    """Count what the sheets show, by the definitions of docs/findings.md."""
    leads, log, moves, asked = (
        sheet_rows(name) for name in ("线索跟踪表", "跟进记录", "阶段进度", "协作需求")
    )
    today = AS_OF
    open_leads = [r for r in leads if r["当前阶段"] not in ("合同签订", "流失")]
    entered: dict[tuple[str, str], date] = {}
    for move in moves:
        key = (move["线索编号"], move["阶段"])
        entered[key] = max(move["进入日期"], entered.get(key, move["进入日期"]))
    last = {r["线索编号"]: r["最近跟进日期"] or r["线索获取时间"] for r in leads}
    closed = {r["线索编号"] for r in leads if r["当前阶段"] == "流失"}
    unfinished = [r for r in asked if r["状态"] not in ("已完成", "已驳回")]
    reviews = [r for r in asked if "法务" in r["协作部门"] and "合同" in r["需求内容"]]
    same, after_end = repeated_companies(leads)
    return {
        "DAT-04": sum(1 for r in log if r["下次跟进日期"] and r["下次跟进日期"] <= r["跟进时间"]),
        "DUP-04": same,
        "DUP-07": after_end,
        "FUP-04": sum(1 for r in open_leads if r["下次跟进日期"] and r["下次跟进日期"] < today),
        "FUP-06": sum(1 for r in open_leads if (today - last[r["线索编号"]]).days > 3),
        "FUP-08": sum(1 for r in unfinished if r["要求完成日期"] < today),
        "QLT-02": repeated_texts(log),
        "REF-04": sum(1 for r in unfinished if r["线索编号"] in closed),
        "SLA-03": sum(
            1 for r in open_leads if not r["最近跟进日期"] and late_by(r["线索获取时间"], today)
        ),
        "SLA-06": sum(1 for r in reviews if late_by(r["提出日期"], r["实际完成日期"] or today)),
        "STG-06": sum(
            1 for r in open_leads if (today - entered[r["线索编号"], r["当前阶段"]]).days > 15
        ),
    }


def sheet_rows(name: str) -> list[dict[str, Any]]:
    """Return the rows of a sheet by heading, dates as days."""
    raw = next(s for s in read_book(FOLDER / "线索跟踪表_干净.xlsx").sheets if s.name == name)
    heads = [str(cell) for cell in raw.rows[0]]
    days = [[c.date() if isinstance(c, datetime) else c for c in row] for row in raw.rows[1:]]
    return [dict(zip(heads, row, strict=False)) for row in days]


def late_by(first: date, last: date) -> bool:
    """Say whether more than one working day lies after `first`, up to and with `last`."""
    return len([d for d in get_workdays(first, last) if d > first]) > 1


def repeated_texts(log: list[dict[str, Any]]) -> int:
    """Count texts that a lead had before, or that went to 3 customers of a person on a day."""
    long = [r for r in log if len(r["跟进内容"]) >= 6]
    seen: set[tuple[str, str]] = set()
    groups: dict[tuple[Any, ...], list[int]] = {}
    told: set[int] = set()
    for i, r in enumerate(long):
        key = (r["线索编号"], r["跟进内容"])
        if key in seen:
            told.add(i)
        seen.add(key)
        groups.setdefault((r["跟进人"], r["跟进时间"], r["跟进内容"]), []).append(i)
    for members in groups.values():
        if len({long[i]["线索编号"] for i in members}) >= 3:
            told.update(members[1:])
    return len(told)


def repeated_companies(leads: list[dict[str, Any]]) -> tuple[int, int]:
    """Count companies that came before under any legal form; open ones after an end apart."""
    ended: dict[str, bool] = {}
    same = after_end = 0
    for r in leads:
        name = re.sub(r"(?:股份|有限|责任|公司|集团)+$", "", r["客户名称"])
        is_open = r["当前阶段"] not in ("合同签订", "流失")
        if name in ended:
            after_end += is_open and ended[name]
            same += not (is_open and ended[name])
        ended.setdefault(name, not is_open)
    return same, after_end


def test_clean__what_could_not_be_checked():
    codes = {code for code, _ in unchecked(book("线索跟踪表_干净.xlsx"))}
    assert codes == {
        *("REQ-02", "DAT-06", "REF-02", "GRD-01", "GRD-02", "GRD-04"),
        *("SLA-01", "SLA-02", "SLA-04", "FUP-07", "QLT-01"),
    }
