import re
import zipfile
from dataclasses import replace
from datetime import date
from io import BytesIO

import pytest

from sheetcrm.checks.exceptions import Suppressed
from sheetcrm.findings import Finding
from sheetcrm.kit.tab_exceptions import Exemption
from sheetcrm.table import RawSheet
from sheetcrm.tabs import findings
from sheetcrm.tabs.build import summary_tabs
from sheetcrm.tabs.findings_record import CheckReport, compare, previous_findings
from sheetcrm.tabs.source import Places
from tests.recalc import assert_recalculates
from tests.tabs.summaries import find, shown

NAMES = {"findings": "校验结果"}
MONDAY, TUESDAY = date(2024, 7, 1), date(2024, 7, 2)


def found(code: str = "REQ-01", row: int = 5, owner: str = "张三", **facts: object) -> Finding:
    plain = Finding(
        code=code,
        severity="error",
        file="数据/甲.xlsx",
        sheet="线索跟踪",
        cell=f"D{row}",
        row=row,
        column="客户名称",
        key=f"L{row}",
        owner=owner,
        value="=1+1",
        message="“客户名称”是必填项，现在是空的",
        suggestion="请填写客户名称",
    )
    return replace(plain, **facts)  # type: ignore[arg-type]


def tab(day: date, problems: list[Finding], before: bytes | None = None, **more: object) -> bytes:
    previous = previous_findings(raw(before).rows) if before else []
    report = CheckReport(day, problems, previous, **more)  # type: ignore[arg-type]
    places = Places(sheets=frozenset(("线索跟踪", "跟进记录")))
    return summary_tabs(NAMES, places, check=report).finish()


def raw(data: bytes) -> RawSheet:
    rows = [[None if v == "" else v for v in row] for row in shown(data, "校验结果")]
    return RawSheet("校验结果", rows, tab="findings")  # type: ignore[arg-type]


def states(data: bytes) -> list[tuple[object, ...]]:
    rows = shown(data, "校验结果")
    first = find(rows, "状态") + 1
    return [(row[0], row[4], row[10], row[11]) for row in rows[first:]]


def test_states__new_then_open_then_fixed_then_gone():
    first = tab(MONDAY, [found(row=5), found(row=6)])
    assert states(first) == [("新增", "D5", MONDAY, ""), ("新增", "D6", MONDAY, "")]
    second = tab(TUESDAY, [found(row=6), found(row=7)], first)
    assert states(second) == [
        ("未解决", "D6", MONDAY, ""),
        ("新增", "D7", TUESDAY, ""),
        ("已解决", "D5", MONDAY, TUESDAY),
    ]
    third = tab(date(2024, 7, 3), [found(row=6)], second)
    assert [(s, c) for s, c, _, _ in states(third)] == [("未解决", "D6"), ("已解决", "D7")]


def test_states__what_was_fixed_and_is_there_once_more_is_new():
    first = tab(MONDAY, [found(row=5)])
    second = tab(TUESDAY, [], first)
    assert [state for state, *_ in states(second)] == ["已解决"]
    same_day = tab(TUESDAY, [found(row=5)], second)
    assert states(same_day) == [("未解决", "D5", MONDAY, "")]
    third = tab(date(2024, 7, 3), [found(row=5)], second)
    assert states(third) == [("新增", "D5", date(2024, 7, 3), "")]


@pytest.mark.parametrize("day", [MONDAY, TUESDAY])
def test_states__a_second_run_of_the_same_day_gives_the_same_bytes(day):
    before = tab(MONDAY, [found(row=5), found(row=6)])
    once = tab(day, [found(row=6), found(row=7, owner="")], before)
    assert tab(day, [found(row=6), found(row=7, owner="")], once) == once


def test_states__the_folder_a_file_was_read_from_does_not_matter():
    before = tab(MONDAY, [found()])
    assert states(tab(TUESDAY, [found(file="D:\\共享\\甲.xlsx")], before))[0][0] == "未解决"


def test_list__user_text_stays_text_and_people_are_counted():
    data = tab(MONDAY, [found(row=5), found(row=6, owner="=李四", severity="warning")])
    rows = shown(data, "校验结果")
    people = {row[0]: row[1:7] for row in rows[find(rows, "负责人") + 1 :][:3]}
    assert people == {
        "张三": [1, 0, 0, 1, 0, 0],
        "=李四": [0, 1, 0, 1, 0, 0],
        "合计": [1, 1, 0, 2, 0, 0],
    }
    assert rows[find(rows, "新增")][6] == "=1+1"
    assert_recalculates({"校验结果": data})


def test_list__no_finding_says_so():
    data = tab(MONDAY, [])
    assert any("没有发现问题" in str(row[0]) for row in shown(data, "校验结果"))
    assert_recalculates({"校验结果": data})


def test_list__too_many_findings_are_cut_with_a_line_errors_first(monkeypatch):
    monkeypatch.setattr(findings, "MOST_ROWS", 20)
    many = [found(row=row, severity="info") for row in range(2, 30)]
    data = tab(MONDAY, [*many, found(row=1)])
    rows = shown(data, "校验结果")
    assert any("其余 9 条" in str(row[0]) for row in rows)
    first = find(rows, "状态") + 1
    assert len(rows) - first == 20
    assert rows[first][1] == "错误"


def test_list__unchecked_rules_are_named_with_their_codes_each_reason_once():
    why = "“线索跟踪”没有“需求优先级”列"
    unchecked = {"甲.xlsx": [("GRD-01", why), ("GRD-04", why), ("REQ-02", "没有“预算范围”列")]}
    assert first_cells(tab(MONDAY, [], unchecked=unchecked), "　· ") == [
        f"　· GRD-01、GRD-04：{why}",
        "　· REQ-02：没有“预算范围”列",
    ]


def test_list__unchecked_rules_of_several_files_are_named_by_file():
    same = [("REQ-02", "一"), ("REQ-02", "二"), ("DUP-03", "三")]
    unchecked = {"甲.xlsx": same, "乙.xlsx": same, "丙.xlsx": [("SLA-01", "四")], "丁.xlsx": []}
    data = tab(MONDAY, [], unchecked=unchecked, several=True)
    assert first_cells(data, "　· ") == [
        "　· 甲.xlsx、乙.xlsx：REQ-02、DUP-03",
        "　· 丙.xlsx：SLA-01",
    ]


def first_cells(data: bytes, start: str) -> list[str]:
    return [str(row[0]) for row in shown(data, "校验结果") if str(row[0]).startswith(start)]


def test_list__errors_come_first_then_one_code_after_the_other():
    mixed = [
        found("SLA-05", 2, severity="warning"),
        found("FUP-06", 3, severity="warning"),
        found("SLA-05", 4, severity="warning"),
        found("REQ-01", 9),
        found("FUP-06", 5, severity="warning"),
    ]
    rows = shown(tab(MONDAY, mixed), "校验结果")
    listed = [(row[9], row[4]) for row in rows[find(rows, "状态") + 1 :]]
    assert listed == [
        ("REQ-01", "D9"),
        ("FUP-06", "D3"),
        ("FUP-06", "D5"),
        ("SLA-05", "D2"),
        ("SLA-05", "D4"),
    ]


@pytest.mark.parametrize(("several", "hidden"), [(False, ["文件", "指纹"]), (True, ["指纹"])])
def test_list__the_file_is_seen_where_there_are_several(several, hidden):
    data = tab(MONDAY, [found()], several=several)
    rows = shown(data, "校验结果")
    headings = rows[find(rows, "状态")]
    with zipfile.ZipFile(BytesIO(data)) as package:
        text = package.read("xl/worksheets/sheet1.xml").decode()
    spans = re.findall(r'<col min="(\d+)" max="(\d+)"[^>]* hidden="1"', text)
    numbers = [n for low, high in spans for n in range(int(low), int(high) + 1)]
    assert [headings[number - 1] for number in numbers] == hidden
    assert (headings.index("文件") < headings.index("工作表")) == several


def test_previous__the_order_of_columns_does_not_matter():
    apart = tab(MONDAY, [found(row=5), found(row=6)])
    together = tab(TUESDAY, [found(row=6)], apart, several=True)
    rows = shown(together, "校验结果")
    first = find(rows, "状态") + 1
    assert [(row[0], row[3], row[5]) for row in rows[first:]] == [
        ("未解决", "甲.xlsx", "D6"),
        ("已解决", "甲.xlsx", "D5"),
    ]
    assert_recalculates({"校验结果": together})


def test_previous__lines_that_make_no_sense_are_left_out():
    rows = raw(tab(MONDAY, [found(row=5), found(row=6)])).rows
    last = list(rows[-1])
    last[10] = "昨天"
    assert len(previous_findings([*rows[:-1], last])) == 1
    assert previous_findings([["什么都没有"]]) == []


def test_compare__same_problem_twice_in_a_row_is_kept_twice():
    report = CheckReport(MONDAY, [found(key="", cell=""), found(key="", cell="")])
    assert [len(group.records) for group in compare(report)] == [2]


def test_compare__one_of_two_that_look_the_same_is_fixed():
    """An id given three times: two rows have the same code, sheet, id and column."""
    fifth, ninth = found(row=5, key="L1"), found(row=9, key="L1")
    assert fifth.fingerprint == ninth.fingerprint
    first = tab(MONDAY, [fifth, ninth])

    left = tab(TUESDAY, [ninth], first)
    assert states(left) == [("未解决", "D9", MONDAY, ""), ("已解决", "D5", MONDAY, TUESDAY)]
    assert tab(TUESDAY, [ninth], left) == left
    # A row above them was deleted, and a third row now has the id.
    rows = [found(row=row, key="L1") for row in (4, 8, 20)]
    assert sorted(states(tab(TUESDAY, rows, first))) == [
        ("新增", "D20", TUESDAY, ""),
        ("未解决", "D4", MONDAY, ""),
        ("未解决", "D8", MONDAY, ""),
    ]


def test_compare__one_of_two_that_look_the_same_is_an_exception():
    fifth, ninth = found(row=5, key="L1"), found(row=9, key="L1")
    before = previous_findings(raw(tab(MONDAY, [fifth, ninth])).rows)
    silenced = Suppressed(fifth, Exemption("L1", "REQ-01", "", None, "例外", 5, "A5", ""))
    groups = compare(CheckReport(TUESDAY, [], before, suppressed=[silenced]))
    assert [(r.finding.cell, r.state) for group in groups for r in group.records] == [
        ("D9", "已解决")
    ]
