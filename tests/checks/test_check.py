"""The rules of reporting: one cause a cell, broken sheets silence rows, 规则 settings, order."""

from dataclasses import replace
from typing import Any

import pytest

from sheetcrm.checks import RULES, check
from sheetcrm.checks.precedence import by_settings, in_order, one_cause_per_cell
from sheetcrm.clean import CleanBook
from sheetcrm.findings import Finding, Place, finding
from sheetcrm.kit.load import load_kit
from sheetcrm.kit.model import Rule
from tests.checks.support import AS_OF, follow_ups, leads, told
from tests.tables import clean_book

LEADS = """
线索编号 | 客户名称 | 来源渠道 | 线索状态 | 联系方式      | 线索获取时间 | 最后跟进时间
L1      | 明禾机械 | 展会    | 线索    | '13800130001' | 2024-03-01  | 2024-02-01
L1      | 长风物流 | 展会    | 线索    | '1380013'     | 2024-03-01  | 2024-03-05
        | 云岭食品 | 展会    | 线索    | '13800130003' | '2024-02-30'  | 2024-03-05
"""


# Any fact that a sentence of the codes below may ask for.
FACTS = ("reason", "remedy", "other", "count", "fixed", "allowed", "expected", "label", "also")


def guest(*extra: str) -> CleanBook:
    return clean_book(leads(LEADS), *(follow_ups(text) for text in extra))


def row_findings(found: list[Finding]) -> list[Finding]:
    """Return what is wrong with the data; what there is to do about the leads is told elsewhere."""
    return [f for f in found if f.row > 1 and not f.code.startswith(("FUP", "SLA", "STG"))]


def at(code: str, cell: str = "B2", sheet: str = "线索跟踪") -> Finding:
    facts: dict[str, Any] = dict.fromkeys(FACTS, "甲")
    row = int(cell[1:]) if cell else 0
    return finding(code, Place("a.xlsx", sheet, cell, row, "客户名称"), **facts)


def test_check__all_layers_in_one_list():
    assert told(row_findings(check(guest(), AS_OF))) == [
        "线索跟踪!G2 DAT-01",
        "线索跟踪!A3 DUP-01",
        "线索跟踪!E3 FMT-05",
        "线索跟踪!A4 REQ-01",
        "线索跟踪!F4 TYP-02",
    ]


def test_check__broken_sheet_silences_its_rows_and_who_points_at_it():
    log = "线索编号 | 跟进时间 | 跟进方式 | 跟进内容\nL9 | 2024-05-01 | 电话 |"
    book = guest(log)
    assert "REF-01" in {f.code for f in check(book, AS_OF)}
    broken = replace(book, findings=(*book.findings, at("HDR-03", "A1")))
    found = [f for f in check(broken, AS_OF) if f.row > 1]
    assert told(found) == ["跟进记录!D2 REQ-01 W"]


def test_check__broken_file_silences_all():
    book = guest()
    broken = replace(book, findings=(*book.findings, at("FIL-01", "", sheet="")))
    assert [f.code for f in row_findings(check(broken, AS_OF))] == []


def test_one_cause_per_cell():
    """Blank, type, format, choice, then what compares cells; a note only where nothing else is."""
    heard = ["DUP-01", "VAL-01", "FMT-05", "TYP-02", "REQ-01"]
    for number in range(len(heard), 0, -1):
        cell = [at(code) for code in ("FMT-10", *heard[:number])]
        assert [f.code for f in one_cause_per_cell(cell)] == [heard[number - 1]]
    assert [f.code for f in one_cause_per_cell([at("FMT-10")])] == ["FMT-10"]
    apart = [at("REQ-01", "B2"), at("DUP-01", "B3"), at("FIL-01", ""), at("FIL-07", "")]
    assert len(one_cause_per_cell(apart)) == len(apart)


def test_one_cause_per_cell__columns_that_are_missing_share_the_first_heading():
    missing = [replace(at("HDR-02", "A1"), column=name) for name in ("负责人", "来源渠道")]
    assert one_cause_per_cell(missing) == missing


def test_by_settings__off_and_severity():
    def rule(code: str, **changes: object) -> Rule:
        standard = Rule(code=code, severity="warning", message="")
        return standard.model_copy(update=changes)

    rules = (
        rule("DUP-03", enabled=False),
        rule("DUP-04", severity="error"),
        rule("REF-01", severity="error", table="request", enabled=False),
        rule("DAT-04", severity="warning"),
    )
    book = replace(guest(), kit=load_kit().model_copy(update={"rules": rules}))
    softened = replace(at("DAT-04", "B3"), severity="info")
    given = [at("DUP-03"), replace(at("DUP-04"), severity="warning"), softened]
    kept = by_settings(given, book)
    assert [(f.code, f.severity) for f in kept] == [("DUP-04", "error"), ("DAT-04", "info")]


def test_in_order__sheet_row_column():
    given = [
        at("REQ-01", "A3"),
        replace(at("REQ-01", "B3"), cell="AA3"),
        at("REQ-01", "B10"),
        at("REQ-01", "B9", sheet="跟进记录"),
        at("FIL-01", "", sheet=""),
        at("REQ-01", "B3"),
    ]
    ordered = in_order(given, ["跟进记录", "线索跟踪"])
    assert [f.sheet + f.cell for f in ordered] == [
        "",
        "跟进记录B9",
        "线索跟踪A3",
        "线索跟踪B3",
        "线索跟踪AA3",
        "线索跟踪B10",
    ]


def test_rules__each_listed_once():
    assert len(set(RULES)) == len(RULES)


def test_check__a_missing_column_silences_only_what_needs_it():
    """The owner's and the id's columns are gone; types, dates and the rest are still checked."""
    text = LEADS.replace("来源渠道", "渠道备注").replace("线索编号", "记号")
    book = clean_book(leads(text), own=True)
    found = check(book, AS_OF)
    missing = [f for f in found if f.code == "HDR-02"]
    assert {"来源渠道", "线索编号"} <= {f.column for f in missing}
    assert {(f.cell, f.severity) for f in missing} == {("A1", "error")}
    assert {"线索跟踪!G2 DAT-01", "线索跟踪!E3 FMT-05", "线索跟踪!F4 TYP-02"} <= set(told(found))


def test_check__without_its_ids_a_lead_table_makes_no_orphans():
    log = "线索编号 | 客户名称 | 跟进时间\nL1 | 明禾机械 | 2024-05-01\nL9 | 无此 | 2024-05-01"
    for own in (True, False):
        book = clean_book(leads(LEADS.replace("线索编号", "记号")), follow_ups(log), own=own)
        assert [f for f in check(book, AS_OF) if f.code == "REF-01"] == []
    nameless = LEADS.replace("客户名称", "简写").replace("线索编号", "记号")
    log = "客户名称 | 跟进时间 | 跟进方式 | 跟进内容\n明禾机械 | 2024-05-01 | 电话 | 介绍"
    book = clean_book(leads(nameless), follow_ups(log), own=True)
    assert [f for f in check(book, AS_OF) if f.code == "REF-01"] == []


@pytest.mark.parametrize("gone", LEADS.split("\n")[1].split("|"))
def test_check__any_column_may_be_gone(gone):
    log = "线索编号 | 客户名称 | 跟进时间 | 客户反馈\nL1 | 明禾机械 | 2024-05-01 | 好"
    book = clean_book(leads(LEADS.replace(gone.strip(), "别的")), follow_ups(log), own=True)
    assert {f.column for f in check(book, AS_OF) if f.code == "HDR-02"} >= {"负责人"}


def test_check__a_guests_orphan_is_one_cause():
    """What else is blank in such a row is not worth a word; who it is about is."""
    log = """
    线索编号 | 跟进时间   | 跟进方式 | 跟进内容 | 跟进人
    L1      | 2024-05-01 | 电话    |         | 张伟
    L9      |            | 电话    |         | 张伟
    L1      | 2024-05-02 | 电话    | 介绍    | 张伟
    L1      | 2024-05-03 | 电话    | 报价    | 张伟
    """
    found = [f for f in check(guest(log), AS_OF) if f.sheet == "跟进记录" and f.row > 1]
    assert told(found) == ["跟进记录!D2 REQ-01 W", "跟进记录!A3 REF-01"]
    own = clean_book(leads(LEADS), follow_ups(log), own=True)
    assert "跟进记录!B3 REQ-01" in told(check(own, AS_OF))
