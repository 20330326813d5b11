"""The manager's own rules: what they find, where, and what is said of a formula that is wrong."""

from datetime import date
from importlib import import_module

import pytest

from sheetcrm.checks import check, unchecked
from sheetcrm.checks.own_rules import own_rules
from sheetcrm.findings import Finding
from sheetcrm.kit.load import load_kit
from sheetcrm.kit.model import DayException, Kit, Rule
from tests.checks.support import AS_OF, follow_ups, leads, requests, told
from tests.tables import clean_book

LEADS = """
线索编号 | 客户名称 | 联系方式 | 线索等级 | 线索状态 | 预算范围 | 线索获取时间 | 录入时间 | 预计成交金额 | 负责人
线索-2024-0501-001 | 明禾机械 | 13800138001 | A | 需求确认 |          | 2024-05-06 | 2024-05-07 | 50000 | 张伟
线索-2024-0501-002 | 明禾机械 | 13800138001 | B | 需求确认 | 10-30万  | 2024-05-06 | 2024-05-09 |       | 李娜
线索-2024-0501-003 | 东阳建材 | 13800138003 | A | 成交     | 10-30万  | 2024-04-26 | 2024-04-28 | 6     | 张伟
线索-2024-0501-004 | 佳成食品 | 13800138004 | A | 需求确认 | 50万以内 | 2024-04-30 | 2024-05-06 | 五十  | 王芳
"""  # noqa: E501


def own(formula: str, **changes: object) -> Rule:
    values: dict[str, object] = {
        "code": "我的-01",
        "table": "lead",
        "severity": "warning",
        "formula": formula,
        "message": "不行",
        "place": "规则!D60",
    }
    return Rule.model_validate(values | changes)


def kit_with(*rules: Rule, **changes: object) -> Kit:
    return load_kit().model_copy(update={"rules": rules, **changes})


def found(
    formula: str, *sheets: object, kit: Kit | None = None, **changes: object
) -> list[Finding]:
    given = kit or kit_with()
    ruled = given.model_copy(update={"rules": (own(formula, **changes),)})
    book = clean_book(*(sheets or (leads(LEADS),)), own=True, kit=ruled)  # type: ignore[arg-type]
    return own_rules(book, AS_OF)


def test_rule__stands_at_the_first_column_it_names():
    made = found(
        '=AND([@线索等级]="A",[@预算范围]="")', severity="error", message="缺预算", hint="问客户"
    )
    assert told(made) == ["线索跟踪!D2 我的-01"]
    assert (made[0].message, made[0].suggestion, made[0].value) == ("缺预算", "问客户", "A")
    assert (made[0].key, made[0].owner, made[0].row) == ("线索-2024-0501-001", "张伟", 2)


def test_rule__messages_may_name_cells():
    made = found('=[@线索等级]="A"', message="{客户名称}的预算是{预算范围}，{别的}")
    assert [f.message for f in made][:2] == [
        "明禾机械的预算是空，{别的}",
        "东阳建材的预算是10-30万，{别的}",
    ]


def test_rule__duplicates_over_two_columns():
    made = found("=COUNTIFS([客户名称],[@客户名称],[联系方式],[@联系方式])>1")
    assert [c for c in told(made) if "RUL" not in c] == [
        "线索跟踪!B2 我的-01 W",
        "线索跟踪!B3 我的-01 W",
    ]


def test_rule__working_days_know_make_up_days_and_the_companys_own():
    formula = '=COUNTIFS(工作日,">"&[@线索获取时间],工作日,"<="&[@录入时间])>1'
    assert told(found(formula)) == ["线索跟踪!G3 我的-01 W"]
    rest = [DayException(day=date(2024, 5, day), working=False) for day in (7, 8)]
    work = DayException(day=date(2024, 5, 3), working=True)
    kit = kit_with(exceptions=(*rest, work))
    assert told(found(formula, kit=kit)) == ["线索跟踪!G5 我的-01 W"]


def test_rule__a_faulty_cell_is_not_judged():
    assert told(found("=[@预计成交金额]<10")) == [
        "规则!D60 RUL-06 W",
        "线索跟踪!I3 我的-01 W",
        "线索跟踪!I4 我的-01 W",
    ]


def test_rule__today_is_the_day_of_the_run():
    assert told(found("=今天-[@线索获取时间]=60", severity="error")) == []
    assert told(found("=今天-[@线索获取时间]=61", severity="error")) == ["线索跟踪!G5 我的-01"]
    assert told(found("=TODAY()-[@线索获取时间]=61", severity="error")) == ["线索跟踪!G5 我的-01"]


def test_rule__thresholds_and_lists_by_name():
    assert told(found("=[@录入时间]-[@线索获取时间]>参数_未跟进提醒负责人"))[-1:] == [
        "线索跟踪!H5 我的-01 W"
    ]
    kit = kit_with().with_items("owner", ["张伟", "李娜"])
    assert told(found("=ISNA(MATCH([@负责人],名单_负责人,0))", kit=kit)) == [
        "线索跟踪!J5 我的-01 W"
    ]


def test_rule__another_tables_column():
    log = follow_ups(
        """
        线索编号           | 跟进时间   | 跟进内容
        线索-2024-0501-001 | 2024-05-08 | 电话
        """
    )
    formula = '=AND([@线索编号]<>"",COUNTIFS(跟进记录[线索编号],[@线索编号])=0)'
    assert told(found(formula, leads(LEADS), log)) == [
        "线索跟踪!A3 我的-01 W",
        "线索跟踪!A4 我的-01 W",
        "线索跟踪!A5 我的-01 W",
    ]


def test_rule__without_a_table_holds_wherever_its_columns_are():
    asked = requests("需求编号 | 负责人 | 责任人 | 优先级\nX1 | | 张伟 | 高")
    made = found('=[@优先级]="高"', leads(LEADS), asked, table="")
    assert told(made) == ["协作需求!D2 我的-01 W"]


def test_rule__switched_off_says_nothing():
    assert found("=坏的(", enabled=False) == []


def test_rule__a_column_the_sheet_lacks_is_said_once():
    ruled = kit_with(own('=[@流失原因]=""'))
    book = clean_book(leads(LEADS), own=True, kit=ruled)
    assert own_rules(book, AS_OF) == []
    assert ("我的-01", "“线索跟踪”没有“流失原因”列") in unchecked(book)


def test_rule__a_column_of_the_sheets_own():
    sheet = leads(
        "线索编号 | 客户名称 | 合同档案号 | 负责人 | 线索状态\nL1 | 明禾 | X9 | 张伟 | 需求确认"
    )
    assert told(found('=[@合同档案号]="X9"', sheet)) == ["线索跟踪!C2 我的-01 W"]


def test_check__own_findings_are_reported_with_the_others():
    ruled = load_kit()
    ruled = ruled.model_copy(update={"rules": (*ruled.rules, own('=[@线索等级]="C"'))})
    text = LEADS.replace("| B ", "| C ")
    made = check(clean_book(leads(text), own=True, kit=ruled), AS_OF)
    assert "线索跟踪!D3 我的-01 W" in told(made)


WRONG = (
    ('=AND([@线索等级]="A"', "RUL-01"),
    ("=[@线索等级]=“A", "RUL-01"),
    ("=A1>5", "RUL-01"),
    ("=COUNTIF([客户名称])", "RUL-01"),
    ('=IFS([@线索等级]="A",TRUE)', "RUL-02"),
    ("=XLOOKUP(1,[客户名称],[客户名称])", "RUL-02"),
    ('=[@线索级别]="A"', "RUL-03"),
    ("=[@线索等级]=A级", "RUL-03"),
    ('=COUNTIFS(仓库[名称],"x")>1', "RUL-03"),
    ('=[线索等级]="A"', "RUL-03"),
    ("=COUNTIFS(跟进记录[@线索编号],1)>0", "RUL-03"),
)


@pytest.mark.parametrize(("formula", "code"), WRONG)
def test_formula__wrong_at_its_own_cell(formula, code):
    made = found(formula)
    assert [(f.code, f.sheet, f.cell, f.row, f.severity) for f in made] == [
        (code, "规则", "D60", 60, "error")
    ]
    assert made[0].value == formula


def test_formula__too_slow_is_refused():
    rows = "\n".join(f"L{i} | 公司{i}*甲" for i in range(3))
    sheet = leads(f"线索编号 | 客户名称\n{rows}")
    assert told(found("=SUMPRODUCT(([客户名称]=[@客户名称])*1)>1", sheet)) == ["规则!D60 RUL-10 W"]


def test_formula__with_too_many_cases_is_not_run(monkeypatch):
    formula = '=COUNTIFS([客户名称],"*"&[@客户名称]&"?")>1'
    assert "RUL-04" not in [f.code for f in found(formula)]
    monkeypatch.setattr(import_module("sheetcrm.rules.counting"), "LOOKED_AT_LIMIT", 1)
    assert "RUL-04" in [f.code for f in found(formula)]


TRAPS = (
    ("=[@预计成交金额]<10", "RUL-06"),
    ("=今天-[@最后跟进时间]>7", "RUL-06"),
    ("=[@录入时间]-[@线索获取时间]>7", "RUL-06"),
    ("=COUNTIFS([客户名称],[@客户名称])>1", "RUL-07"),
    ("=[@联系方式]+0>1", "RUL-08"),
    ('=COUNTIFS([联系方式],[@联系方式]&"")>1', "RUL-08"),
    ("=NETWORKDAYS([@线索获取时间],[@录入时间])>1", "RUL-09"),
    ("=WORKDAY([@线索获取时间],1)<[@录入时间]", "RUL-09"),
    ('=[@客户名称]>"M"', "RUL-10"),
    ('=[@预计成交金额]="50"', "RUL-10"),
    ('=TRIM([@客户名称])=""', "RUL-10"),
    ("=1/[@预计成交金额]>2", "RUL-11"),
    (f'=OR({",".join(f"""[@线索等级]="{i}号" """ for i in range(30))})', "RUL-12"),
)
CLEAN = (
    '=AND([@预计成交金额]<>"",[@预计成交金额]<10)',
    "=[@预计成交金额]>100",
    '=AND([@最后跟进时间]<>"",今天-[@最后跟进时间]>7)',
    "=IF(ISNUMBER([@最后跟进时间]),今天-[@最后跟进时间]>7,FALSE)",
    "=COUNTIFS([线索编号],[@线索编号])>1",
    "=COUNTIFS([线索等级],[@线索等级])>9",
    "=WORKDAY([@线索获取时间],1,工作日)<0",
    '=[@客户名称]="M"',
    "=IFERROR(1/[@预计成交金额]>2,FALSE)",
)


@pytest.mark.parametrize(("formula", "code"), TRAPS)
def test_formula__traps(formula, code):
    made = [f for f in found(formula) if f.code.startswith("RUL")]
    assert code in [f.code for f in made]
    assert {(f.sheet, f.cell) for f in made} == {("规则", "D60")}
    assert not [f for f in made if f.severity == "error"]


@pytest.mark.parametrize("formula", CLEAN)
def test_formula__without_traps(formula):
    assert [f for f in found(formula) if f.code.startswith("RUL")] == []


def test_rule__ids_are_compared_beyond_15_digits():
    sheet = leads(
        """
        线索编号 | 客户名称 | 线索状态 | 负责人 | 身份证号
        L1       | 甲公司   | 需求确认 | 张伟   | 110101199003078888
        L2       | 乙公司   | 需求确认 | 张伟   | 110101199003078889
        L3       | 丙公司   | 需求确认 | 张伟   | 110101199003078888
        L10      | 丁公司   | 需求确认 | 张伟   | 11010119900307888
        """
    )
    assert told(found("=COUNTIF([线索编号],[@线索编号])>1", sheet)) == []
    made = found("=COUNTIF([身份证号],[@身份证号])>1", sheet)
    assert [f.row for f in made if f.code == "我的-01"] == [2, 4]
