"""Values of lists and cells of a sheet: mapped once each, and read without a word where plain."""

import pandas as pd
import pytest

from sheetcrm.intake.given import given_map
from sheetcrm.intake.incoming import incoming, saved_map
from sheetcrm.kit.load import load_kit
from tests.intake.sheets import column, one, said, values
from tests.tables import raw_book

KIT = load_kit()
TEAM = KIT.with_items("owner", ["张三", "李四", "王五"])


def test_values__same_alias_kept_with_a_suggestion():
    made = one("""
        客户名称 | 手机 | 来源 | 线索状态
        甲公司 | 13800130001 | 官网表单 | 意向
        乙公司 | 13800130002 | 展会 | 有意向
        丙公司 | 13800130003 | 展会 | 已签约
        丁公司 | 13800130004 | 上海展会(春) | 打样中
        戊公司 | 13800130005 | 抖音 | 待定
        己公司 | 13800130006 | 抖音 | Website Demo
    """)
    assert values(made, "source") == [
        ("展会", "展会推荐", "alias", 2, ""),
        ("抖音", "抖音", "kept", 2, ""),
        ("上海展会(春)", "上海展会(春)", "kept", 1, "展会推荐"),
        ("官网表单", "官网表单", "same", 1, ""),
    ]
    assert values(made, "status") == [
        ("Website Demo", "Website Demo", "kept", 1, ""),
        ("已签约", "成交", "alias", 1, ""),
        ("意向", "意向", "same", 1, ""),
        ("打样中", "打样中", "kept", 1, "报价"),
        ("有意向", "意向", "alias", 1, ""),
    ]
    assert column(made, "source")[1:5] == ["展会推荐", "展会推荐", "上海展会(春)", "抖音"]
    assert [(f.cell, f.code) for f in made.findings] == [("D6", "REQ-03")]
    assert len(said(made, "名单以外")) == 2


def test_values__owners_with_their_department():
    text = "客户名称 | 手机 | 来源 | 负责人\n" + "\n".join(
        f"客户{i} | 1380013000{i} | 展会 | {owner}"
        for i, owner in enumerate(
            ["张三", "张三（销售一部）", "销售二部-李四", "赵六", "张三丰", "张三、李四", "王五 "]
        )
    )
    found = {text: (value, how) for text, value, how, _, _ in values(one(text, TEAM), "owner")}
    assert found == {
        "张三": ("张三", "same"),
        "张三（销售一部）": ("张三", "alias"),
        "销售二部-李四": ("李四", "alias"),
        "赵六": ("赵六", "kept"),
        "张三丰": ("张三丰", "kept"),
        "张三、李四": ("张三、李四", "kept"),
        "王五": ("王五", "same"),
    }


def test_values__cities_suggest_their_region():
    made = one("""
        客户名称 | 手机 | 来源 | 所在城市
        甲 | 13800130001 | 展会 | 成都
        乙 | 13800130002 | 展会 | 江苏省
        丙 | 13800130003 | 展会 | 火星
    """)
    assert {text: tip for text, _, _, _, tip in values(made, "region")} == {
        "成都": "西南",
        "江苏省": "华东",
        "火星": "",
    }


def test_values__given_and_saved():
    text = "客户名称 | 手机 | 来源\n甲 | 13800130001 | 抖音\n乙 | 13800130002 | 快手"
    given = given_map([], ["来源渠道:抖音=线上推广", "来源:快手=其他"], KIT)
    made = one(text, given=given)
    assert values(made, "source") == [
        ("快手", "其他", "given", 1, ""),
        ("抖音", "线上推广", "given", 1, ""),
    ]
    again = one(text, saved=saved_map([made]))
    assert column(again, "source") == ["线上推广", "其他"]
    assert {v.how for v in again.values} == {"saved"}


def test_cells__the_notation_of_a_text_file_is_nobodys_fault():
    made = one("""
        客户名称 | 电话 | 来源 | 创建时间 | 预计金额(万元) | 下次跟进时间
        甲公司 | 1.3800130001E+10 | 展会 | 2024-05-01 | 5 | 2024/6/1
        乙公司 | 138 0013 0002 | 展会 | 2024/5/2 | 12.5 | 2024年6月2日
        丙公司 | +86-13800130003 | 展会 | 20240503 | 8万 | 2024.6.3
        丁公司 | 13800130004.0 | 展会 | 45416 | 90,000元 | 2024-06-04 10:30:00
        戊公司 | 13800130005 | 展会 | 2024-05-05T20:00:00Z | 3 | 大概六月
        己公司 | 13800130006 | 展会 | May 6, 2024 | 4 | 24.6.6
    """)
    assert column(made, "phone") == [f"1380013000{i}" for i in range(1, 7)]
    assert column(made, "acquired_on") == [pd.Timestamp(2024, 5, d) for d in (1, 2, 3, 4, 6, 6)]
    assert column(made, "expected_amount") == [50000, 125000, 80000, 90000, 30000, 40000]
    assert [(f.cell, f.code) for f in made.findings] == [("F6", "FMT-03"), ("F7", "FMT-03")]
    assert said(made, "万元")
    assert said(made, "北京时间")


@pytest.mark.parametrize(
    ("days", "expected", "codes"),
    [
        (("1/2/2024", "25/2/2024"), [(2024, 2, 1), (2024, 2, 25)], []),
        (("1/2/2024", "2/25/2024 3:05 PM"), [(2024, 1, 2), (2024, 2, 25)], []),
        (("1/2/2024", "3/4/2024"), [(2024, 1, 2), (2024, 3, 4)], ["FMT-03", "FMT-03"]),
        (("1/2/2024", "5/5/2024"), [(2024, 1, 2), (2024, 5, 5)], ["FMT-03"]),
        (("25/2/2024", "2/25/2024"), [(2024, 2, 25), (2024, 2, 25)], []),
    ],
)
def test_cells__a_column_settles_whether_days_come_first(days, expected, codes):
    text = "客户名称 | 手机 | 来源 | 创建时间\n" + "\n".join(
        f"客户{i} | 1380013000{i} | 展会 | {day}" for i, day in enumerate(days)
    )
    made = one(text)
    assert column(made, "acquired_on") == [pd.Timestamp(*parts) for parts in expected]
    assert [f.code for f in made.findings] == codes


@pytest.mark.parametrize("heading", ["线索获取时间", "创建时间", "报价日期"])
def test_cells__a_column_of_nothing_but_exported_times_is_one_of_dates(heading):
    lines = (f"客户{i} | 1380013000{i} | 展会 | 2026-06-0{i}T10:02:11+08:00" for i in range(1, 5))
    made = one("\n".join([f"客户名称 | 手机 | 来源 | {heading}", *lines]))
    days = made.stages["报价"] if "报价" in made.stages else made.data["acquired_on"]
    assert days.tolist() == [pd.Timestamp(2026, 6, day) for day in range(1, 5)]


def test_cells__exported_times_make_a_table_of_follow_ups():
    made = one("""
        公司 | 沟通时间 | 沟通内容
        甲公司 | 2026-06-01T10:02:11Z | 介绍了方案
        乙公司 | 2026-06-02T10:02:11Z | 看了样机
        丙公司 | 2026-06-03T10:02:11Z | 约了下周
    """)
    assert made.kind == "follow_up"
    assert [f"{day:%d %H:%M}" for day in column(made, "followed_on")] == [
        "01 18:02",
        "02 18:02",
        "03 18:02",
    ]


def test_cells__exported_times_are_no_names():
    lines = (f"甲{i}公司 | 1380013000{i} | 2026-06-0{i}T10:02:11Z" for i in range(1, 5))
    made = one("\n".join(["客户名称 | 手机 | 对接人", *lines]))
    assert "contact" not in made.data


def test_cells__serial_numbers_and_numeric_phones_of_a_workbook():
    text = """
        客户名称 | 手机 | 来源 | 创建时间
        甲 | #13800130001 | 展会 | 45413
        乙 | 13800130002 | 展会 | 2024-05-02
    """
    (made,) = incoming(raw_book(text), KIT)
    assert column(made, "phone") == ["13800130001", "13800130002"]
    assert column(made, "acquired_on") == [pd.Timestamp(2024, 5, d) for d in (1, 2)]
    assert made.findings == ()


def test_cells__a_second_contact_fills_what_the_first_leaves_blank():
    made = one("""
        客户名称 | 邮箱 | 手机 | 电话 | 来源
        甲公司 | a@example.com | 13800130001 | | 展会
        乙公司 | b@example.com | - | 0512-68001234 | 展会
        丙公司 | c@example.com | | | 展会
        丁公司 | | | | 展会
    """)
    assert column(made, "phone") == ["13800130001", "b@example.com", "c@example.com", None]
    assert made.table.raw["phone"].tolist() == ["13800130001", "-", None, None]


def test_cells__foreign_ids_stay_and_formulas_are_told():
    made = one("""
        Lead ID | 客户名称 | 手机 | 来源
        LEAD-000001 | =1+1 | 13800130001 | 展会
        LEAD-000002 | 乙公司 | 13800130002 | 展会
    """)
    assert column(made, "lead_id") == ["LEAD-000001", "LEAD-000002"]
    assert [(f.cell, f.code) for f in made.findings] == [("B2", "SEC-01")]
