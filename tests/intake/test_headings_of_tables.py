"""Headings of the other tables, one by one; the form is that of `test_headings_found`."""

import pytest

from tests.intake.test_headings_found import cases, found, told

TABLES = {
    "follow_up": """
        跟进记录编号 | 编号 | follow_up_id
        编号 | 序号 | ?
        线索编号 | 编号 | lead_id
        商机编号 | 编号 | lead_id
        客户编号 | 编号 | account_id
        客户名称 | 公司 | company
        跟进时间 | 日期 | followed_on
        拜访日期 | 日期 | followed_on
        创建时间 | 日期 | recorded_at
        下次跟进时间 | 日期 | next_follow_up
        跟进人 | 人 | owner
        跟进人 | 手机 | owner
        业务员 | 手机 | ?
        联系方式 | 文字 | method
        联系方式 | 手机 | ?
        跟进内容 | 文字 | content
        沟通情况 | 文字 | content
        客户反馈 | 文字 | feedback
        下一步计划 | 文字 | next_action
        跟进阶段 | 阶段 | status
        联系人 | 人 | -
        录音地址 | 链接 | -
        定位地址 | 文字 | -
        通话时长 | 序号 | -
        意向日期 | 日期 | -
    """,
    "account": """
        客户编号 | 编号 | account_id
        Account ID | 编号 | account_id
        编号 | 序号 | ?
        客户名称 | 公司 | company
        职务 | 文字 | title
        联系人职位 | 文字 | title
        手机 | 手机 | phone
        首次接触日期 | 日期 | first_contact_on
        客户规模 | 文字 | company_size
        客户级别 | 等级 | grade
        客户经理 | 人 | owner
        客户标签 | 文字 | need_tags
        注册地址 | 文字 | -
        税号 | 编号 | -
    """,
    "contract": """
        合同号 | 编号 | contract_id
        甲方 | 公司 | company
        合同金额 | 金额 | amount
        合同金额(万元) | 小数 | amount
        已回款金额 | 金额 | -
        送审日期 | 日期 | submitted_on
        签署日期 | 日期 | signed_on
        到期日期 | 日期 | -
        付款条款 | 文字 | payment_terms
        合同附件 | 链接 | -
    """,
    "request": """
        工单编号 | 编号 | request_id
        协作内容 | 文字 | content
        申请人 | 人 | requester
        申请日期 | 日期 | requested_on
        截止日期 | 日期 | due_on
        处理人 | 人 | responsible
        处理状态 | 文字 | status
        完成日期 | 日期 | done_on
        抄送人 | 人 | -
    """,
    "stage_progress": """
        商机编号 | 编号 | lead_id
        阶段名称 | 阶段 | stage
        进入时间 | 日期 | entered_stage_on
        离开时间 | 日期 | left_stage_on
        停留天数 | 序号 | -
        操作人 | 人 | -
    """,
}


@pytest.mark.parametrize("table", TABLES)
def test_heading__of_another_table(table):
    wrong = [
        (heading, content, expected, got)
        for heading, content, expected in cases(TABLES[table])
        if (got := told(found(heading, content, table))) != expected
    ]
    assert wrong == []
