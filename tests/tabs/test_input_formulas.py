"""The conditions of an input sheet, evaluated by a spreadsheet engine on rows filled in."""

from datetime import date, datetime

import pytest

from sheetcrm.book.limits import RULE_FORMULA_LIMIT
from sheetcrm.book.write_formula import checked_formula
from sheetcrm.kit.load import kit_names, load_kit
from sheetcrm.tabs.input_formulas import DUE_COLUMNS, InputRows
from tests.tabs.probe import probe, rows_of

Row = dict[str, object]
LEAD: Row = {"lead_id": "线索-2024-0501-001", "company": "明禾机械"}


def lead(**values: object) -> Row:
    return {**LEAD, **values}


def status(text: str, **values: object) -> Row:
    return lead(status=text, **values)


LEAD_CASES: list[tuple[str, Row, bool]] = [
    ("company", {"lead_id": "L1"}, True),
    ("company", {"lead_id": "L1", "company": "明禾"}, False),
    ("company", {"lead_id": "L1", "company": "  "}, True),
    ("company", {}, False),
    ("pain_point", status("意向"), False),
    ("pain_point", status("商机"), True),
    ("pain_point", status("商机", pain_point="账对不上"), False),
    ("pain_point", status("流失"), False),
    ("pain_point", status("没有这个状态"), False),
    ("pain_point", lead(), False),
    ("expected_amount", status("商机"), False),
    ("expected_amount", status("报价"), True),
    ("expected_amount", status("成交"), True),
    ("amount", status("报价"), False),
    ("amount", status("成交"), True),
    ("amount", status("成交", amount=80000), False),
    ("lost_reason", status("流失"), True),
    ("lost_reason", status("成交"), False),
]
REQUEST_CASES: list[tuple[str, Row, bool]] = [
    ("done_on", {"status": "已完成"}, True),
    ("done_on", {"status": "处理中"}, False),
    ("company", {"status": "处理中"}, True),
    ("company", {"lead_id": "L1"}, False),
]
FOLLOW_UP_CASES: list[tuple[str, Row, bool]] = [
    ("account_id", {"follow_up_id": "GZ1", "lead_id": "L1"}, False),
    ("account_id", {"follow_up_id": "GZ1"}, True),
    ("next_follow_up", {"follow_up_id": "GZ1", "status": "商机"}, True),
    ("next_follow_up", {"follow_up_id": "GZ1", "status": "成交"}, False),
]


@pytest.mark.parametrize(
    ("table", "cases"),
    [("lead", LEAD_CASES), ("request", REQUEST_CASES), ("follow_up", FOLLOW_UP_CASES)],
)
def test_missing__by_stage_and_other_columns(table, cases):
    rows = rows_of(table)
    conditions = [rows.missing(key) for key, _, _ in cases]
    found = probe(rows, [row for _, row, _ in cases], conditions)
    assert [(*case[:2], value) for case, value in zip(cases, found, strict=True)] == cases


def test_missing__one_of_several_conditions_is_enough():
    rows = rows_of("lead", load_kit("six_steps"))
    labels = ("需求分析-待跟进", "需求分析-已完成", "方案呈现-待跟进", "流失")
    found = probe(rows, [status(label) for label in labels], rows.missing("pain_point"))
    assert found == [False, True, True, False]


def test_missing__follows_a_stage_the_manager_adds():
    rows = rows_of("lead")
    stages = len(rows.kit.pipeline.stages)
    # 试点客户 in the first spare row of the 阶段 block: label, stage, kind, phase.
    typed = dict(
        zip(
            [(5 + stages, c) for c in (7, 8, 9, 10)],
            ["试点客户"] * 2 + ["进行中", "报价"],
            strict=True,
        )
    )
    row = status("试点客户")
    conditions = [rows.missing("expected_amount"), rows.missing("amount")]
    assert probe(rows, [row, row], conditions, typed) == [True, False]
    assert probe(rows, [row], rows.missing("expected_amount")) == [False]


def test_overdue__lead_while_it_is_open():
    rows = rows_of("lead")
    cases = [
        (status("商机", next_follow_up=date(2024, 6, 29)), True),
        (status("商机", next_follow_up=date(2024, 6, 30)), False),
        (status("商机", next_follow_up=date(2024, 7, 1)), False),
        (status("成交", next_follow_up=date(2024, 6, 1)), False),
        (status("流失", next_follow_up=date(2024, 6, 1)), False),
        (status("商机"), False),
        (status("商机", next_follow_up="2024-06-01"), False),
    ]
    found = probe(rows, [row for row, _ in cases], rows.overdue("next_follow_up"))
    assert list(zip([row for row, _ in cases], found, strict=True)) == cases


def test_overdue__request_is_over_when_it_is_done():
    rows = rows_of("request")
    due = {"request_id": "XZ1", "due_on": date(2024, 6, 1)}
    filled = [due, {**due, "done_on": date(2024, 6, 3)}]
    assert probe(rows, filled, rows.overdue("due_on")) == [True, False]


def test_overdue__only_the_latest_follow_up_counts():
    rows = rows_of("follow_up")
    first = {
        "lead_id": "L1",
        "status": "商机",
        "followed_on": datetime.fromisoformat("2024-05-01T09:00"),
    }
    later = {**first, "followed_on": datetime.fromisoformat("2024-05-09T09:00")}
    planned = [{**row, "next_follow_up": date(2024, 5, 20)} for row in (first, later)]
    other = {**planned[0], "lead_id": "L2"}
    assert probe(rows, [*planned, other], rows.overdue("next_follow_up")) == [False, True, True]


def test_repeated__exactly_the_same_id():
    rows = rows_of("lead")
    cases = {
        "线索-2024-0501-001": True,
        "线索-2024-0501-0011": False,
        "GZ*": False,
        "GZ1": False,
        "110101199003071234": False,
        "110101199003071235": False,
    }
    filled = [{"lead_id": text} for text in cases]
    again = [{"lead_id": "线索-2024-0501-001"}, {"company": "没有编号"}, {"company": "也没有"}]
    found = probe(rows, [*filled, *again], rows.repeated("lead_id"))
    assert found == [*cases.values(), True, False, False]


def test_conditions__libreoffice_agrees(tmp_path):
    rows = rows_of("lead")
    found = probe(
        rows,
        [row for _, row, _ in LEAD_CASES],
        [rows.missing(key) for key, _, _ in LEAD_CASES],
        folder=tmp_path,
    )
    assert found == [missing for _, _, missing in LEAD_CASES]


@pytest.mark.parametrize("name", kit_names())
def test_conditions__of_every_kit_fit_into_excel(name):
    kit = load_kit(name)
    for table in kit.tables:
        rows = InputRows(table, kit, 20_000)
        required = [rows.missing(c.key) for c in table.columns if c.required]
        due = [rows.overdue(c.key) for c in table.columns if c.key in DUE_COLUMNS]
        for condition in (*required, *due):
            assert checked_formula(condition, RULE_FORMULA_LIMIT)
