"""The rules of reporting: one cause a cell, broken sheets silence rows, 规则 settings, order."""

from dataclasses import replace
from typing import Any

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
    return [f for f in found if f.row > 1]


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
