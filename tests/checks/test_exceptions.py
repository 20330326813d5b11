"""What the 例外 tab silences: for how long, and what is said of its lines."""

from datetime import date

from sheetcrm.checks import Judged, judge
from sheetcrm.table import RawSheet
from tests.checks.support import leads
from tests.tables import clean_book, sheet

LEADS = """
线索编号|客户名称|线索获取时间|录入时间|线索状态|负责人|下次跟进时间|联系方式
线索-2024-0501-001|甲公司|2024-05-01|2024-05-01|线索|甲||'13800131001'
线索-2024-0501-002|乙公司|2024-05-01|2024-05-01|线索|甲||'138'
"""
ON = date(2024, 6, 30)


def judged(text: str = "", as_of: date = ON, *, own: bool = True) -> Judged:
    sheets: list[RawSheet] = [leads(LEADS)]
    if text:
        sheets.append(sheet("行编号|代码|原因|有效期至\n" + text, "例外"))
    return judge(clean_book(*sheets, own=own), as_of)


def cells(found: Judged, code: str) -> list[str]:
    return [f"{f.sheet}!{f.cell}" for f in found.findings if f.code == code]


def silenced(found: Judged) -> list[str]:
    return [f"{s.finding.cell} {s.finding.code} {s.exemption.reason}" for s in found.suppressed]


def test_exception__silences_its_code_on_its_row_and_nothing_else():
    before, after = judged(), judged("线索-2024-0501-001|REQ-05|老客户|")
    assert cells(before, "REQ-05") == ["线索跟踪!G2", "线索跟踪!G3"]
    assert cells(after, "REQ-05") == ["线索跟踪!G3"]
    assert silenced(after) == ["G2 REQ-05 老客户"]
    assert {f for f in before.findings if f.code != "REQ-05"} == {
        f for f in after.findings if f.code != "REQ-05"
    }


def test_exception__rows_without_ids_are_known_by_the_customer():
    rows = [line.split("|", 1)[1] for line in LEADS.strip().splitlines()]
    sheets = [
        sheet("\n".join(rows), "台账"),
        sheet("行编号|代码|原因\n甲公司|STG-06|老客户", "例外"),
    ]
    found = judge(clean_book(*sheets, own=False), ON)
    assert silenced(found) == ["D2 STG-06 老客户"]
    assert cells(found, "STG-06") == ["台账!D3"]
    assert {f.key for f in found.findings if f.code == "STG-06"} == {"乙公司"}


def test_exception__written_in_another_width_or_case():
    assert silenced(judged("'线索-2024-0501-００1 '|req-05|老客户|")) == ["G2 REQ-05 老客户"]


def test_exception__holds_to_the_end_of_its_last_day_and_then_comes_back():
    text = "线索-2024-0501-001|REQ-05|老客户|2024-06-30"
    assert silenced(judged(text, date(2024, 6, 30))) == ["G2 REQ-05 老客户"]
    after = judged(text, date(2024, 7, 1))
    assert silenced(after) == []
    assert "线索跟踪!G2" in cells(after, "REQ-05")
    assert cells(after, "EXC-05") == ["例外!D2"]


def test_exception__one_that_silences_nothing_is_said():
    assert cells(judged("线索-2024-0501-009|REQ-05|老客户|"), "EXC-06") == ["例外!A2"]
    assert cells(judged("线索-2024-0501-001|REQ-05|老客户|"), "EXC-06") == []


def test_exception__what_it_hid_in_the_same_cell_is_heard():
    text = "线索-2024-0501-002|FMT-05|座机分机|"
    assert [s.finding.code for s in judged(text).suppressed] == ["FMT-05"]
    assert cells(judged(text), "FMT-05") == []


def test_exception__a_line_that_is_not_in_order_silences_nothing():
    found = judged("线索-2024-0501-001|REQ-05||\n线索-2024-0501-002|XXX-1|老客户|")
    assert silenced(found) == []
    assert (cells(found, "EXC-01"), cells(found, "EXC-02")) == (["例外!C2"], ["例外!B3"])


def test_exception__of_a_guest():
    found = judged("线索-2024-0501-002|FMT-05|座机分机|", own=False)
    assert [s.finding.code for s in found.suppressed] == ["FMT-05"]


def test_exception__as_json_has_the_finding_and_the_reason():
    (one,) = judged("线索-2024-0501-001|REQ-05|老客户|2024-12-31").suppressed
    record = one.as_json()
    assert (record["code"], record["cell"]) == ("REQ-05", "G2")
    assert (record["reason"], record["until"]) == ("老客户", "2024-12-31")
