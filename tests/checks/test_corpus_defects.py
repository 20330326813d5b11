"""Every planted defect of the corpus is found at its cell, and no error stands on a healthy one."""

import json
import os
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest

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
    "duplicate_customer_and_phone": "DUP-04 warning",
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
    assert {f"{f.code} {f.severity}" if f else "nothing" for f in told} == {CODES[kind]}


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


def test_clean__no_error_and_few_kinds_of_warning():
    """What it lacks, and follow-ups planned for the very day, counted here on their own."""
    found = Counter((f.severity, f.code) for f in findings("线索跟踪表_干净.xlsx"))
    log = book("线索跟踪表_干净.xlsx").tables["follow_up"].data
    same_day = int((log["next_follow_up"] <= log["followed_on"].dt.normalize()).sum())
    assert {key: n for key, n in found.items() if key[0] != "info"} == {
        ("warning", "HDR-02"): 8,
        ("warning", "DAT-04"): same_day,
    }


def test_clean__what_could_not_be_checked():
    codes = {code for code, _ in unchecked(book("线索跟踪表_干净.xlsx"))}
    assert codes == {"REQ-02", "DAT-06", "REF-02", "GRD-01", "GRD-04"}
