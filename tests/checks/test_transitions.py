"""STG-01 a stage skipped · STG-03 won after lost · STG-05 open again after the end."""

import pytest

from sheetcrm.checks.transitions import irregular
from sheetcrm.clean import CleanBook
from sheetcrm.findings import Finding
from tests.checks.support import AS_OF, changes, progress, told
from tests.tables import clean_book

HEAD = "线索编号 | 客户名称 | 所属阶段 | 阶段进入时间"


def stages(*labels: str, reason: str | None = None) -> CleanBook:
    """Return a book in which one lead enters the stages, a day apart."""
    rows = [f"L1 | 明禾机械 | {s} | 2024-03-{day:02}" for day, s in enumerate(labels, 1)]
    log = "线索编号 | 变更时间 | 原状态 | 新状态 | 变更原因 | 变更人"
    said = [] if reason is None else [changes(f"{log}\nL1 | 2024-03-09 | {reason} | 林晓舟")]
    return clean_book(progress("\n".join([HEAD, *rows])), *said, own=True)


def told_of(code: str, book: CleanBook) -> list[Finding]:
    return [f for f in irregular(book, AS_OF) if f.code == code]


@pytest.mark.parametrize(
    ("labels", "cells", "names"),
    [
        (("线索", "意向", "商机", "报价", "成交"), [], ()),
        (("线索", "商机"), ["C3"], ("意向",)),
        (("线索", "意向", "成交"), ["C4"], ("商机", "报价")),
        (("报价", "成交"), [], ()),  # its rows begin there
        (("线索", "流失"), [], ()),
        (("线索", "意向", "流失", "报价"), ["C5"], ("商机",)),
        (("线索", "意向", "商机", "线索", "报价"), [], ()),  # it had been at 商机
    ],
)
def test_skipped(labels, cells, names):
    found = told_of("STG-01", stages(*labels))
    assert told(found) == [f"阶段进度!{cell} STG-01 W" for cell in cells]
    assert all(name in found[0].message for name in names)


def test_skipped__a_status_change_where_there_are_no_stage_rows():
    text = """
    线索编号 | 变更时间    | 原状态 | 新状态 | 变更原因 | 变更人
    L1      | 2024-03-01 | 线索  | 意向  | 有预算   | 林晓舟
    L1      | 2024-03-05 | 意向  | 报价  | 要方案   | 林晓舟
    """
    assert told(told_of("STG-01", clean_book(changes(text), own=True))) == ["状态变更!D3 STG-01 W"]
    both = clean_book(
        changes(text), progress(f"{HEAD}\nL1 | 明禾机械 | 线索 | 2024-03-01"), own=True
    )
    assert told_of("STG-01", both) == []


@pytest.mark.parametrize(
    ("labels", "reason", "flipped", "again"),
    [
        (("报价", "成交"), None, [], []),
        (("报价", "流失"), None, [], []),
        (("成交", "流失"), None, ["C3"], []),
        (("流失", "成交"), None, ["C3"], []),
        (("成交", "流失"), "成交 | 流失 | 客户退货", [], []),
        (("成交", "流失"), "成交 | 流失 |", ["C3"], []),
        (("流失", "意向"), None, [], ["C3"]),
        (("成交", "意向"), None, [], ["C3"]),
        (("流失", "意向"), "流失 | 意向 | 预算又批了", [], []),
        (("意向", "流失", "流失"), None, [], []),
    ],
)
def test_outcomes(labels, reason, flipped, again):
    book = stages(*labels, reason=reason)
    assert told(told_of("STG-03", book)) == [f"阶段进度!{c} STG-03 W" for c in flipped]
    assert told(told_of("STG-05", book)) == [f"阶段进度!{c} STG-05 W" for c in again]


def test_outcomes__lost_on_the_day_of_another_stage_comes_last():
    rows = f"{HEAD}\nL1 | 明禾机械 | 流失 | 2024-03-01\nL1 | 明禾机械 | 意向 | 2024-03-01"
    assert told_of("STG-05", clean_book(progress(rows), own=True)) == []
