"""What an import fills in where the sheet says nothing, and why."""

from dataclasses import replace
from datetime import date

import pytest

from sheetcrm.intake.decide import decide
from sheetcrm.intake.model import Decided
from sheetcrm.kit.load import load_kit
from tests.intake.books import OPTIONS, book, incoming

OLD = (
    "线索-2026-0610-004|官网表单|杭州云帆科技有限公司|周兰|13800130002|换软件|2026-06-10|"
    "2026-06-10|B|报价|周明|||||"
)


def made(text: str, there=None, options=OPTIONS, **more) -> Decided:
    return decide(incoming(text, **more), there or book(OLD), options)


def filled(decided: Decided, key: str) -> list[tuple[object, str]]:
    rows = decided.filled[decided.filled["key"] == key]
    return list(zip(rows["value"], rows["reason"], strict=True))


def test_ids__go_on_after_the_book_and_after_what_was_ever_given():
    text = (
        "客户名称|联系人|联系方式|线索获取时间\n新安食品|陈默|13900130009|2026-06-10\n"
        "瑞通电子|冯丽|13900130010|2026-06-11"
    )
    options = replace(OPTIONS, taken={"线索-2026-0611-": 7})
    assert made(text, options=options).new["lead_id"].tolist() == [
        "线索-2026-0610-005",
        "线索-2026-0611-008",
    ]


def test_ids__of_a_guest_go_on_in_its_own_form():
    there = book("KH0041|官网|甲机械|许文清|13800130001|||||意向|||||", own=False)
    text = "客户名称|联系人|联系方式\n新安食品|陈默|13900130009"
    assert made(text, there).new["lead_id"].tolist() == ["KH0042"]


def test_times__kept_where_given_else_the_day_of_receipt_and_the_moment_of_import():
    text = (
        "客户名称|联系人|联系方式|线索获取时间|录入时间\n新安食品|陈默|13900130009|2026-06-10|2026-06-11\n"
        "瑞通电子|冯丽|13900130010||"
    )
    new = made(text, options=replace(OPTIONS, received=date(2026, 6, 28))).new
    assert [str(d.date()) for d in new["acquired_on"]] == ["2026-06-10", "2026-06-28"]
    assert [str(d.date()) for d in new["entered_on"]] == ["2026-06-11", "2026-06-30"]


def test_times__receipt_never_after_what_the_row_says_has_happened():
    text = (
        "客户名称|联系人|联系方式|录入时间|最后跟进时间|预计采购时间\n"
        "新安食品|陈默|13900130009|2026-06-11 9:12||2026-05-01\n"
        "瑞通电子|冯丽|13900130010|2026-06-12|2026-06-09|\n"
        "凌志建材|何静|13900130011|2026-07-20||\n"
        "长青物流|方圆|13900130012|1900-01-01||\n"
        "博雅贸易|许宁|13900130013|||"
    )
    decided = made(text, stages={2: {"报价": "2026-06-15"}, 6: {"报价": "2026-06-16"}})
    assert [f"{day:%m-%d}" for day in decided.new["acquired_on"]] == [
        *("06-11", "06-09", "06-30", "06-30", "06-16")
    ]
    assert {reason for _, reason in filled(decided, "acquired_on")} == {
        "没有写获取时间，按录入时间",
        "没有写获取时间，按最后跟进时间",
        "没有写获取时间，按收到的日期",
        "没有写获取时间，按最早进入阶段的日期",
    }
    assert decided.new["lead_id"].tolist()[0] == "线索-2026-0611-001"


def test_grade__proposed_with_its_reason_only_where_there_is_none():
    head = "客户名称|联系人|联系方式|初步需求|预算范围|决策人|预计采购时间|线索等级|线索状态"
    rows = (
        "新安食品|陈默|13900130009|换一套库存软件|10万|总经理|2026-07-15||",
        "瑞通电子|冯丽|13900130010|换一套库存软件|10万||||",
        "凌志建材|何静|13900130011|先了解一下|||||",
        "长青物流|方圆|13900130012|先了解一下||||A|",
        "博雅贸易|许宁|13900130013|换一套库存软件|||||流失",
    )
    there = book("", kit=None, own=True)
    new = made("\n".join([head, *rows]), there)
    assert new.new["grade"].fillna("").tolist() == ["A", "B", "C", "A", ""]
    assert [value for value, _ in filled(new, "grade")] == ["A", "B", "C"]
    assert all(reason.startswith("建议等级：") for _, reason in filled(new, "grade"))


@pytest.mark.parametrize(
    ("listed", "proposed"),
    [
        pytest.param(("高", "中", "低"), ["低"], id="the list's word for it"),
        pytest.param(("重点客户", "长尾客户"), [], id="no word for it"),
    ],
)
def test_grade__proposed_only_in_words_of_the_list(listed, proposed):
    there = book("", kit=load_kit().with_items("grade", listed))
    new = made("客户名称|联系人|联系方式\n新安食品|陈默|13900130009", there)
    assert [value for value, _ in filled(new, "grade")] == proposed
    assert any("等级" in note for note in new.notes) == bool(proposed)


def test_stage_and_source__by_default():
    rows = "新安食品|陈默|13900130009|\n瑞通电子|冯丽|13900130010|电话咨询"
    text = f"客户名称|联系人|联系方式|来源渠道\n{rows}"
    new = made(text, options=replace(OPTIONS, source="展会推荐"))
    assert new.new["source"].tolist() == ["展会推荐", "电话咨询"]
    assert filled(new, "status")[0] == ("线索", "没有写阶段，按第一个阶段")


def test_unreadable_cells_keep_their_text():
    row = "新安食品|陈默|13900130009|去年底|面议好几万"
    text = f"客户名称|联系人|联系方式|线索获取时间|预计成交金额\n{row}"
    new = made(text).new
    assert new["acquired_on"].tolist() == ["去年底"]
    assert new["expected_amount"].tolist() == ["面议好几万"]


def test_columns_the_book_lacks_are_told():
    text = "客户名称|联系人|联系方式|客户痛点\n新安食品|陈默|13900130009|账对不上"
    new = made(text)
    assert "pain_point" not in new.new
    assert any("客户痛点" in note for note in new.notes)


def test_columns_the_kit_lacks_are_told_by_their_usual_names():
    kit = load_kit()
    own = kit.by_key["lead"]
    lacking = ("acquired_on", "status", "owner", "source")
    spec = own.model_copy(
        update={
            "columns": tuple(c for c in own.columns if c.key not in lacking),
            "stage_column": "",
            "owner_column": "",
            "signature": (),
            "date_order": (),
        }
    )
    tables = tuple(spec if t.key == "lead" else t for t in kit.tables)
    there = book("", kit=kit.model_copy(update={"tables": tables}))
    text = "客户名称|联系人|联系方式\n新安食品|陈默|13900130009"
    new = made(text, there, options=replace(OPTIONS, source="展会"))
    assert "“线索跟踪”里没有“线索获取时间”、“来源渠道”这些列，没有写入" in new.notes
    assert set(new.filled["key"]) <= set(new.new)


def test_a_table_the_book_lacks_is_told():
    new = made("合同编号|客户名称|合同金额\nHT2026001|新安食品|500", kind="contract")
    assert any("没有“合同" in note for note in new.notes)
