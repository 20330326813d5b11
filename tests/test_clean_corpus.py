"""A foreign workbook and its twin with planted defects: each said at its cell, and read as meant.

Needs SHEETCRM_CORPUS, a folder with `sales/zh_synthetic`.
"""

import json
import os
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from sheetcrm.book.read import read_book
from sheetcrm.clean import CleanBook, clean
from sheetcrm.kit.load import load_kit
from sheetcrm.kit.recognise import recognise

CORPUS = os.environ.get("SHEETCRM_CORPUS", "")
pytestmark = pytest.mark.skipif(not CORPUS, reason="SHEETCRM_CORPUS names no corpus")

# What a value means only together with other cells, or by being absent, is for the checks.
NOT_ABOUT_ONE_VALUE = {
    "missing_required_customer",
    "missing_required_id",
    "duplicate_id",
    "duplicate_customer_and_phone",
    "date_in_future",
    "last_follow_up_before_acquired",
    "orphan_follow_up",
}


def book_path(name: str) -> Path:
    return Path(CORPUS, "sales", "zh_synthetic", f"线索跟踪表_{name}")


@cache
def cleaned(name: str) -> CleanBook:
    return clean(recognise(read_book(book_path(f"{name}.xlsx")), load_kit()))


@cache
def planted() -> list[dict[str, Any]]:
    found = json.loads(book_path("带错误.defects.json").read_text(encoding="utf-8"))["planted"]
    return [d for d in found if d["kind"] not in NOT_ABOUT_ONE_VALUE]


def test_clean_corpus__the_clean_book_has_no_error():
    assert [f for f in cleaned("干净").findings if f.severity == "error"] == []


def test_clean_corpus__the_clean_book_has_nothing_below_its_headings():
    assert [f for f in cleaned("干净").findings if f.row > 1] == []


def test_clean_corpus__something_is_said_about_every_bad_cell_and_no_other():
    bad = {(d["sheet"], d["excel_row"], d["column"]) for d in planted()}
    said = {(f.sheet, f.row, f.column) for f in cleaned("带错误").findings if f.row > 1}
    assert said == bad


def test_clean_corpus__what_was_read_is_what_was_meant():
    data = cleaned("带错误").tables["lead"].data
    keys = {
        "线索获取时间": "acquired_on",
        "当前阶段": "status",
        "责任人": "owner",
        "意向分级": "grade",
    }
    keys |= {"联系电话": "phone", "客户名称": "company"}
    lost = ("unknown", "impossible", "too_", "letters")
    for defect in planted():
        if defect["column"] in keys and not any(word in defect["kind"] for word in lost):
            value = data.at[defect["excel_row"], keys[defect["column"]]]
            assert str(value).removesuffix(" 00:00:00") == str(defect["was"])


def test_clean_corpus__both_twins_have_the_same_pipeline():
    pipelines = [cleaned(name).kit.pipeline for name in ("干净", "带错误")]
    assert [s.name for s in pipelines[0].funnel] == [
        "线索录入",
        "需求分析",
        "方案呈现",
        "商务谈判",
        "合同签订",
    ]
    assert pipelines[0] == pipelines[1]
