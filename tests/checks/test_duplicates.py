"""DUP-01 id · DUP-03 phone · DUP-04 company · DUP-06 follow-up: the later row is told."""

import pytest

from sheetcrm.checks.duplicates import same_customer, same_follow_up, same_id
from sheetcrm.kit.load import load_kit
from tests.checks.support import AS_OF, accounts, follow_ups, leads, progress, told
from tests.tables import clean_book


def test_same_id__later_rows_name_the_first():
    book = clean_book(
        leads("""
        线索编号            | 客户名称 | 来源渠道
        线索-2024-0501-001 | 明禾机械 | 展会
        线索-2024-0501-002 | 长风物流 | 展会
        线索-2024-0501-001 | 云岭食品 | 展会
                           | 白鹿服饰 | 展会
                           | 青川建材 | 展会
        线索-2024-0501-001 | 石桥纸业 | 展会
        """),
        own=True,
    )
    found = same_id(book, AS_OF)
    assert told(found) == ["线索跟踪!A4 DUP-01", "线索跟踪!A7 DUP-01"]
    assert all("A2" in f.message for f in found)


def test_same_id__numbers_and_days_that_must_not_repeat():
    columns = {"预计成交金额", "录入时间"}
    lead = load_kit().by_key["lead"]
    unique = tuple(c.model_copy(update={"unique": c.name in columns}) for c in lead.columns)
    spec = lead.model_copy(update={"columns": unique})
    kit = load_kit().model_copy(update={"tables": (spec,)})
    text = """
    线索编号 | 客户名称 | 来源渠道 | 预计成交金额 | 录入时间
    L1      | 明禾机械 | 展会    | 50000      | 2024-05-01
    L2      | 长风物流 | 展会    | 50000      | 2024-05-02
    L3      | 云岭食品 | 展会    | 60000      | 2024-05-01
    L4      | 白鹿服饰 | 展会    |            |
    L5      | 石桥纸业 | 展会    |            |
    """
    found = same_id(clean_book(leads(text), own=True, kit=kit), AS_OF)
    assert told(found) == ["线索跟踪!E4 DUP-01", "线索跟踪!D3 DUP-01"]


def test_same_id__not_where_the_id_is_a_reference():
    book = clean_book(
        progress("""
        线索编号 | 客户名称 | 所属阶段 | 阶段进入时间
        L1      | 明禾机械 | 线索    | 2024-03-01
        L1      | 明禾机械 | 意向    | 2024-03-05
        """),
        own=True,
    )
    assert same_id(book, AS_OF) == []


def test_same_id__a_guests_repeating_column_is_no_key():
    text = """
    编号 | 跟进时间    | 跟进方式 | 跟进内容
    L1  | 2024-05-01 | 电话    | 演示
    L1  | 2024-05-02 | 电话    | 报价
    L1  | 2024-05-03 | 电话    | 回访
    """
    assert same_id(clean_book(follow_ups(text)), AS_OF) == []
    once = text + "    L2  | 2024-05-04 | 电话    | 回访\n    L3  | 2024-05-05 | 电话    | 回访\n"
    own = clean_book(follow_ups(once), own=True)
    assert told(same_id(own, AS_OF)) == ["跟进记录!A3 DUP-01", "跟进记录!A4 DUP-01"]


def test_same_customer__phone():
    """However it is written; masked and faulty numbers match nothing."""
    book = clean_book(
        accounts("""
        客户编号   | 客户名称 | 联系方式
        CL2024001 | 明禾机械 | '13800130001'
        CL2024002 | 长风物流 | '138 0013 0001'
        CL2024003 | 云岭食品 | '138****0001'
        CL2024004 | 白鹿服饰 | '138****0001'
        CL2024005 | 青川建材 | '138001'
        CL2024006 | 石桥纸业 | '138001'
        CL2024007 | 东篱酒店 | '010-6200 1234'
        CL2024008 | 南枝科技 | '01062001234'
        """),
        own=True,
    )
    found = same_customer(book, AS_OF)
    assert told(found) == ["客户档案!C3 DUP-03 W", "客户档案!C9 DUP-03 W"]
    assert "C2" in found[0].message
    assert "13800130001" not in found[0].message.replace(" ", "")


def test_same_customer__company():
    book = clean_book(
        leads("""
        线索编号 | 客户名称              | 联系方式
        L1      | 南枝科技（上海）公司   | '13800130001'
        L2      | '南枝科技(上海) 公司'  | '13800130002'
        L3      | 南枝科技（北京）公司   | '13800130003'
        L4      | 某公司                | '13800130004'
        L5      | 某公司                | '13800130005'
        """),
        own=True,
    )
    assert told(same_customer(book, AS_OF)) == ["线索跟踪!B3 DUP-04 W"]


def test_same_customer__both_are_one_finding():
    book = clean_book(
        leads("""
        线索编号 | 客户名称 | 联系方式
        L1      | 明禾机械 | '13800130001'
        L2      | 长风物流 | '13800130002'
        L3      | 明禾机械 | '13800130001'
        """),
        own=True,
    )
    found = same_customer(book, AS_OF)
    assert told(found) == ["线索跟踪!B4 DUP-04 W"]
    assert "联系方式也相同" in found[0].message


def test_same_customer__phone_of_one_and_company_of_another():
    book = clean_book(
        leads("""
        线索编号 | 客户名称 | 联系方式
        L1      | 明禾机械 | '13800130001'
        L2      | 长风物流 | '13800130002'
        L3      | 明禾机械 | '13800130002'
        """),
        own=True,
    )
    assert told(same_customer(book, AS_OF)) == ["线索跟踪!C4 DUP-03 W", "线索跟踪!B4 DUP-04 W"]


def test_same_customer__similar_companies():
    book = clean_book(
        leads("""
        线索编号 | 客户名称            | 联系方式
        L1      | 上海南枝科技有限公司 | '13800130001'
        L2      | 上海南枝            | '13800130002'
        L3      | 南枝科技（上海）     | '13800130003'
        L4      | 北京南枝科技有限公司 | '13800130004'
        """),
        own=True,
    )
    found = same_customer(book, AS_OF)
    assert told(found) == ["线索跟踪!B4 DUP-04 W", "线索跟踪!B3 DUP-05 I"]
    assert all("B2的“上海南枝科技有限公司”" in f.message for f in found)


@pytest.mark.parametrize(
    ("before", "now", "codes"),
    [
        ("成交", "意向", ["B3 DUP-07 W"]),
        ("流失", "意向", ["B3 DUP-07 W"]),
        ("意向", "意向", ["B3 DUP-04 W"]),
        ("流失", "流失", ["B3 DUP-04 W"]),
    ],
)
def test_same_customer__won_or_lost_before(before, now, codes):
    book = clean_book(
        leads(f"""
        线索编号 | 客户名称 | 来源渠道 | 线索状态 | 联系方式
        L1      | 明禾机械 | 展会    | {before} | '13800130001'
        L2      | 明禾机械 | 展会    | {now}    | '13800130001'
        """),
        own=True,
    )
    assert told(same_customer(book, AS_OF)) == [f"线索跟踪!{code}" for code in codes]


def test_same_follow_up():
    book = clean_book(
        follow_ups("""
        跟进记录ID | 线索编号 | 跟进时间    | 跟进人 | 跟进内容 | 客户反馈
        GZ2024001 | L1      | 2024-05-01 | 林晓舟 | 演示     |
        GZ2024002 | L1      | 2024-05-01 | 林晓舟 | 演示     | 不错
        GZ2024003 | L1      | 2024-05-01 | 林晓舟 | 演示     |
        GZ2024004 | L2      | 2024-05-01 | 林晓舟 | 演示     |
        GZ2024005 | L1      | 2024-05-02 | 林晓舟 |         |
        GZ2024006 | L1      | 2024-05-02 | 林晓舟 |         |
        """),
        own=True,
    )
    found = same_follow_up(book, AS_OF)
    assert told(found) == ["跟进记录!E4 DUP-06 W"]
    assert "第2行" in found[0].message


def test_duplicates__quiet_without_their_columns():
    book = clean_book(
        leads("客户名称 | 来源渠道 | 线索状态\n明禾机械 | 展会 | 意向"),
        follow_ups("跟进时间 | 跟进方式\n2024-05-01 | 电话\n2024-05-01 | 电话"),
        own=True,
    )
    assert same_id(book, AS_OF) == same_customer(book, AS_OF) == same_follow_up(book, AS_OF) == []


PRODUCTS = """
客户编码 | 客户名称 | 业务员 | 电话 | 来源 | 产品 | 阶段
KH1 | 隆和百货批发部 | 马超 | 13800130001 | 展会 | 纯牛奶 | 成交
KH1 | 隆和百货批发部 | 马超 | 13800130001 | 展会 | 酸奶 | 意向
KH1 | 隆和百货批发部 | 马超 | 13800130001 | 展会 | 奶酪棒 | 报价
KH2 | 顺达商贸有限公司 | 黄忠 | 13800130002 | 展会 | 酸奶 | 意向
KH2 | 顺达商贸有限公司 | 黄忠 | 13800130002 | 展会 | 纯牛奶 | 意向
KH3 | 鑫发便利店 | 黄忠 | 13800130003 | 展会 | 纯牛奶 | 意向
KH4 | 旺泰食品经营部 | 黄忠 | 13800130004 | 展会 | 乳饮料 | 意向
"""


def test_same_customer__a_row_a_product_is_no_duplicate_but_a_product_twice_is():
    assert same_customer(clean_book(PRODUCTS), AS_OF) == []
    line = "KH4 | 旺泰食品经营部 | 黄忠 | 13800130004 | 展会 | 乳饮料 | 意向"
    more = [line.replace("乳饮料", name) for name in ("酸奶", "纯牛奶", "奶酪棒", "黄油", "炼乳")]
    more += [f"KH3 | 鑫发便利店 | 黄忠 | 13800130003 | 展会 | {n} | 意向" for n in "甲乙丙丁戊"]
    again = "\n".join([PRODUCTS.strip("\n"), *more, line.replace("乳饮料", "酸奶")])
    found = same_customer(clean_book(again), AS_OF)
    assert told(found) == ["线索跟踪!B19 DUP-04 W"]
    assert "B9" in found[0].message


def test_same_customer__without_a_product_the_customer_is_there_twice():
    text = PRODUCTS.replace("| 产品 |", "| 批注一 |")
    assert len(same_customer(clean_book(text), AS_OF)) == 3
