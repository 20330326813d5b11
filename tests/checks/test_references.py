"""REF-01 a lead or customer that does not exist · REF-02 a person who is not in the team list."""

from sheetcrm.checks.references import unknown_lead, unknown_owner
from tests.checks.support import (
    AS_OF,
    accounts,
    follow_ups,
    kit_with_team,
    leads,
    progress,
    requests,
    told,
)
from tests.tables import clean_book, sheet

LEADS = leads("""
线索编号 | 客户名称 | 来源渠道 | 负责人
L1      | 明禾机械 | 展会    | 林晓舟
L2      | 长风物流 | 展会    | 周启航
        | 云岭食品 | 展会    | 张三
""")


def test_unknown_lead__by_id():
    book = clean_book(
        LEADS,
        follow_ups("""
        线索编号 | 客户名称 | 跟进时间
        L1      | 明禾机械 | 2024-05-01
        l2      | 长风物流 | 2024-05-01
        L9      | 长风物流 | 2024-05-01
        L8      | 云岭食品 | 2024-05-01
        L7      | 无此公司 | 2024-05-01
        """),
        own=True,
    )
    found = unknown_lead(book, AS_OF)
    assert told(found) == ["跟进记录!A4 REF-01", "跟进记录!A5 REF-01", "跟进记录!A6 REF-01"]
    assert "L2（线索跟踪!A3）" in found[0].suggestion
    assert "线索跟踪!A4" in found[1].suggestion
    assert "补上" in found[2].suggestion


def test_unknown_lead__by_customer():
    """客户名称 counts only where there is no id; a row without any is not ours to tell."""
    book = clean_book(
        LEADS,
        accounts("""
        客户编号   | 客户名称 | 职务
        CL2024001 | 石桥纸业 | 厂长
        """),
        follow_ups("""
        线索编号 | 客户编号   | 客户名称 | 跟进时间
                | CL2024001 |         | 2024-05-01
                | CL2024009 |         | 2024-05-01
                |           | 石桥纸业 | 2024-05-01
                |           | 无此公司 | 2024-05-01
                |           |         | 2024-05-01
        L1      | CL2024009 |         | 2024-05-01
        """),
        requests("""
        需求编号   | 关联线索 | 协作部门 | 要求完成时间
        XZ2024001 | L1      | 技术    | 2024-05-01
        XZ2024002 | L5      | 技术    | 2024-05-01
        """),
        own=True,
    )
    assert told(unknown_lead(book, AS_OF)) == [
        "跟进记录!B3 REF-01",
        "跟进记录!B7 REF-01",
        "跟进记录!C5 REF-01",
        "协作需求!B3 REF-01",
    ]


def test_unknown_lead__nothing_to_compare_with():
    book = clean_book(
        progress("""
        线索编号 | 客户名称 | 所属阶段 | 阶段进入时间
        L9      | 明禾机械 | 线索    | 2024-03-01
        """),
        own=True,
    )
    assert unknown_lead(book, AS_OF) == []


def test_unknown_lead__may_be_on_a_sheet_that_was_left_out():
    heads = "客户名称 | 联系人 | 电话 | 负责人 | 阶段 | 登记日期"
    may = sheet(f"{heads}\n明禾机械 | 陈一 | 13800130001 | 王强 | 意向 | 2024-05-01", "作废")
    june = f"{heads}\n长风物流 | 陈二 | 13800130002 | 王强 | 意向 | 2024-06-01"
    june_sheet = sheet(f"{june}\n云岭食品 | 陈三 | 13800130003 | 王强 | 意向 | 2024-06-02", "6月")
    asked = requests("关联客户 | 需求内容 | 提出时间\n明禾机械 | 出图 | 2024-06-20")
    book = clean_book(may, june_sheet, asked, own=False)
    (found,) = unknown_lead(book, AS_OF)
    assert (found.cell, found.severity) == ("A2", "warning")
    assert "作废" in found.suggestion


def test_unknown_owner__only_against_the_workbooks_own_list():
    team = kit_with_team("林晓舟", "周启航")
    found = unknown_owner(clean_book(LEADS, own=True, kit=team), AS_OF)
    assert told(found) == ["线索跟踪!D4 REF-02 W"]
    assert unknown_owner(clean_book(LEADS, own=True, kit=kit_with_team()), AS_OF) == []
    assert unknown_owner(clean_book(LEADS, kit=team), AS_OF) == []
