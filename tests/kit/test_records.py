"""Lists of receipts, leave and visits beside the leads, or alone, are not taken for leads."""

import pytest

from sheetcrm.kit.recognise import Recognised
from tests.tables import recognised, sheet

LEADS = """
客户名称 | 联系电话 | 来源 | 负责人 | 登记日期 | 跟进状态
明禾机械 | 13800130001 | 展会 | 张伟 | 2024-03-01 | 意向
启明建材 | 13800130002 | 官网 | 王芳 | 2024-03-02 | 报价
远景物流 | 13800130003 | 官网 | 王芳 | 2024-03-02 | 成交
"""
CUSTOMERS = ("明禾机械", "启明建材")


def listed(headings: str, *cells: str) -> str:
    """Return six rows; `{}` in the cells stands for one of two customers."""
    rows = (cells[n % len(cells)].format(CUSTOMERS[n % 2]) for n in range(6))
    return "\n".join([headings, *(f"2024-05-{n + 10} | {row}" for n, row in enumerate(rows))])


def told(found: Recognised, name: str) -> list[tuple[str, str]]:
    return [(f.code, f.severity) for f in found.findings if f.sheet == name and f.code[:3] == "HDR"]


@pytest.mark.parametrize(
    ("name", "text", "severity"),
    [
        pytest.param(
            "回款登记",
            listed("日期 | 客户 | 金额 | 状态", "{} | 3000 | 已到账", "{} | 500 | 未到账"),
            "info",
            id="receipts",
        ),
        pytest.param(
            "Sheet2",
            listed("日期 | 客户 | 金额 | 状态", "{} | 3000 | 已到账", "{} | 500 | 未到账"),
            "warning",
            id="receipts by their states",
        ),
        pytest.param(
            "Sheet2",
            listed("收款日期 | 客户名称 | 收款金额 | 收款方式 | 状态", "{} | 300 | 转账 | 已确认"),
            "info",
            id="receipts by their headings",
        ),
        pytest.param(
            "2024年5月报价单",
            listed("报价日期 | 客户名称 | 产品 | 单价 | 金额 | 状态", "{} | A | 1 | 3 | 待确认"),
            "info",
            id="offers",
        ),
        pytest.param(
            "考勤",
            listed("日期 | 姓名 | 上班时间 | 状态 | 备注", "张伟 | 9:00 | 正常 |"),
            "info",
            id="attendance",
        ),
        pytest.param(
            "Sheet2",
            listed("日期 | 客户 | 电话 | 通话时长 | 业务员", "{} | 13800130001 | 60 | 张伟"),
            "warning",
            id="calls",
        ),
    ],
)
def test_records__are_no_leads_and_said_so(name, text, severity):
    alone = recognised(sheet(text, name))
    assert alone.tables == {}
    assert told(alone, name)[-1] == ("HDR-11", severity)
    beside = recognised(sheet(text, name), sheet(LEADS, "Sheet1"))
    assert {key: table.sheet for key, table in beside.tables.items()} == {"lead": "Sheet1"}
    assert "SHT-03" not in {f.code for f in beside.findings}


VISITS = listed(
    "日期 | 客户名称 | 联系人 | 电话 | 业务员 | 客户状态 | 沟通内容",
    "{} | 许文清 | 13800130001 | 张伟 | 意向 | 谈价格",
    "{} | 王晓 | 13800130002 | 张伟 | 报价 | 催样品",
)


def test_records__a_log_of_talks_is_one():
    found = recognised(sheet(VISITS, "Sheet2"), sheet(LEADS, "Sheet1"))
    kinds = {key: table.sheet for key, table in found.tables.items()}
    assert kinds == {"lead": "Sheet1", "follow_up": "Sheet2"}
    assert ("HDR-12", "warning") in told(found, "Sheet2")


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(VISITS.replace("日期 |", "线索编号 |"), id="ids of leads"),
        pytest.param(VISITS.replace("沟通内容", "地址"), id="no talks"),
    ],
)
def test_records__leads_of_customers_that_come_again_stay_leads(text):
    rows = text.replace("2024-05-1", "XS00")
    assert list(recognised(sheet(rows, "Sheet2")).tables) == ["lead"]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        pytest.param(
            "回款登记",
            listed("日期 | 客户 | 金额 | 线索状态", "{} | 3000 | 已到账", "{} | 500 | 未到账"),
            id="the remedy: the state is a lead's",
        ),
        pytest.param(
            "回款登记",
            listed("线索获取时间 | 客户 | 金额 | 状态", "{} | 3000 | 已到账"),
            id="the remedy: the date is a lead's",
        ),
        pytest.param(
            "报价单",
            listed("日期 | 客户 | 金额 | 状态", "{} | 3000 | 意向", "{} | 500 | 已回款"),
            id="states that are stages",
        ),
        pytest.param(
            "询盘",
            listed("日期 | 客户 | 电话 | 产品 | 数量 | 备注", "{} | 13800130001 | A | 3 | 急"),
            id="one sign alone",
        ),
    ],
)
def test_records__what_may_be_leads_is(name, text):
    assert list(recognised(sheet(text, name)).tables) == ["lead"]
