"""Headings people and programs write, one by one: the field each fills, or why none.

`heading | content | outcome`: a field's key, `stage:商机`, `?` for a question, `-` for a column
that nobody needs to be asked about. Not one may go to a wrong field.
"""

import pytest

from sheetcrm.intake.mapping import map_headings
from sheetcrm.intake.model import HeadingMatch, SavedMap
from sheetcrm.intake.vocabulary import words_of
from sheetcrm.kit.load import load_kit
from sheetcrm.table import Cell

CONTENT: dict[str, list[Cell]] = {
    "公司": ["苏州明禾机械有限公司", "上海星辰科技有限公司", "南京嘉禾智能制造有限公司"],
    "人": ["许文清", "王磊", "李娜", "张伟"],
    "手机": ["13800130001", "138 0013 0002", "+86 13800130003", "13800130004"],
    "座机": ["0512-68001234", "021-58001234", "025-83001234"],
    "邮箱": ["xu@example.com", "wang@example.com", "li@example.com"],
    "微信": ["wx_minghe", "zhang-wei88", "lina2024"],
    "日期": ["2024-05-01", "2024/5/2", "2024年5月3日"],
    "金额": ["96000", "12.5万", "88,000.00"],
    "小数": ["9.6", "12.5", "8.8"],
    "文字": ["想换一套进销存", "问能不能对接仓库", "先看看价格"],
    "编号": ["KH-20240001", "KH-20240002", "KH-20240003"],
    "线索号": ["线索-2024-0501-001", "线索-2024-0501-002", "线索-2024-0502-001"],
    "序号": ["1", "2", "3", "4"],
    "等级": ["A", "B", "C"],
    "阶段": ["意向", "商机", "报价"],
    "来源": ["官网表单", "展会", "抖音"],
    "地区": ["江苏", "上海", "浙江"],
    "链接": ["https://example.com/a", "https://example.com/b", "https://example.com/c"],
    "空": [],
}

# 中文表格常见写法
COMMON = """
线索编号 | 线索号 | lead_id
线索ID | 编号 | lead_id
商机编号 | 编号 | lead_id
编号 | 线索号 | lead_id
编号 | 序号 | ?
编号 | 编号 | ?
客户编号 | 编号 | ?
客户ID | 编号 | ?
项目编号 | 编号 | ?
序号 | 序号 | -
NO. | 序号 | -
合同编号 | 编号 | -
订单编号 | 编号 | -
客户名称 | 公司 | company
客户 | 公司 | company
公司名称 | 公司 | company
单位名称 | 公司 | company
企业名称 | 公司 | company
客户全称 | 公司 | company
公司 | 手机 | ?
公司简称 | 公司 | -
上级客户 | 公司 | ?
联系人 | 人 | contact
客户姓名 | 人 | contact
姓名 | 人 | contact
联系人 | 手机 | contact
姓名 | 手机 | ?
联系方式 | 手机 | phone
联系方式 | 邮箱 | phone
联系方式 | 微信 | phone
联系方式 | 文字 | ?
联系电话 | 手机 | phone
联系人电话 | 手机 | phone
手机号码 | 手机 | phone
电子邮箱 | 邮箱 | phone
微信号 | 微信 | phone
公司电话 | 座机 | phone
公司电话 | 文字 | ?
客户经理电话 | 手机 | ?
紧急联系人(电话) | 手机 | -
公司地址 | 文字 | -
详细地址 | 文字 | -
性别 | 文字 | -
职位 | 文字 | -
职务 | 文字 | -
年龄 | 序号 | -
客户经理 | 人 | owner
客户经理 | 手机 | ?
负责人 | 人 | owner
责任人 | 人 | owner
跟进人 | 人 | owner
业务员 | 人 | owner
归属销售 | 人 | owner
前负责人 | 人 | ?
协作人 | 人 | -
创建人 | 人 | -
录入人 | 人 | -
修改人 | 人 | -
所属部门 | 文字 | -
创建时间 | 日期 | acquired_on
创建时间 | 文字 | ?
线索获取时间 | 日期 | acquired_on
提交时间 | 日期 | acquired_on
咨询时间 | 日期 | acquired_on
留资时间 | 日期 | acquired_on
录入时间 | 日期 | entered_on
更新时间 | 日期 | -
最后修改时间 | 日期 | -
首次跟进时间 | 日期 | ?
最近跟进时间 | 日期 | last_follow_up
最后跟进日期 | 日期 | last_follow_up
最近跟进记录 | 文字 | -
最新跟进内容 | 文字 | -
下次跟进时间 | 日期 | next_follow_up
下次联系时间 | 日期 | next_follow_up
预约时间 | 日期 | -
预约到店时间 | 日期 | -
来源 | 来源 | source
来源渠道 | 来源 | source
线索来源 | 来源 | source
客户来源 | 来源 | source
来源关键词 | 文字 | -
来源URL | 链接 | -
来源页面 | 链接 | -
落地页 | 链接 | -
搜索词 | 文字 | -
推广计划 | 文字 | -
意向产品 | 文字 | product
留言内容 | 文字 | initial_need
公司/联系人 | 人 | ?
客户/公司 | 公司 | company
所属行业 Industry | 文字 | industry
意向等级 | 等级 | grade
意向度 | 等级 | grade
意向金额 | 金额 | expected_amount
预计成交金额 | 金额 | expected_amount
预计金额(万元) | 小数 | expected_amount
预计签约金额 | 金额 | expected_amount
预计回款金额 | 金额 | ?
预计成交金额 | 文字 | ?
成交金额 | 金额 | amount
实际成交金额 | 金额 | amount
签约金额 | 金额 | amount
成交金额上限 | 金额 | -
金额 | 文字 | ?
折扣金额 | 金额 | -
已回款金额 | 金额 | paid_amount
未回款金额 | 金额 | ?
成交时间 | 日期 | won_on
签约日期 | 日期 | won_on
签约日期 | 文字 | ?
预计成交日期 | 日期 | expected_purchase_on
预计签约时间 | 日期 | expected_purchase_on
当前阶段 | 阶段 | status
跟进状态 | 阶段 | status
上一阶段 | 阶段 | ?
流失原因 | 文字 | lost_reason
战败原因 | 文字 | lost_reason
所属行业 | 文字 | industry
一级行业 | 文字 | ?
所在城市 | 地区 | region
省份 | 地区 | region
区县 | 地区 | -
备注 | 文字 | note
备注1 | 文字 | note
备注2 | 文字 | -
需求描述 | 文字 | initial_need
客户痛点 | 文字 | pain_point
预算 | 金额 | budget
决策人 | 人 | decision_maker
竞争对手 | 文字 | competitor
"""

# 问卷星、金数据、简道云、微信表单
FORMS = """
1、您的姓名： | 人 | contact
2、您的手机号码： | 手机 | phone
3.贵公司名称 | 公司 | company
Q4. 您的微信号 | 微信 | phone
5、您的需求是什么？ | 文字 | initial_need
请输入手机号 | 手机 | phone
姓名 (field_1) | 人 | contact
手机（必填） | 手机 | phone
*公司名称 | 公司 | company
提交人 | 人 | -
提交答卷时间 | 日期 | acquired_on
所用时间 | 文字 | -
来自IP | 文字 | -
总分 | 序号 | -
微信昵称 | 文字 | -
微信OpenID | 文字 | -
扩展属性 | 文字 | -
数据ID | 编号 | -
流水号 | 序号 | -
"""

# 百度、抖音、企查查、展会
CHANNELS = """
线索ID | 序号 | lead_id
线索创建时间 | 日期 | acquired_on
广告主名称 | 公司 | ?
广告计划名称 | 文字 | -
抖音号 | 文字 | -
沟通记录 | 文字 | -
归属地 | 地区 | -
通话时长 | 序号 | -
企业名称 | 公司 | company
法定代表人 | 人 | -
注册资本 | 金额 | -
成立日期 | 日期 | -
统一社会信用代码 | 编号 | -
所属行业 | 文字 | industry
更多电话 | 手机 | ?
企业地址 | 文字 | -
经营范围 | 文字 | -
网址 | 链接 | -
展位号 | 编号 | -
参展公司 | 公司 | ?
名片照片 | 链接 | -
兴趣产品 | 文字 | ?
"""

# 纷享销客、销售易、悟空CRM
CRM = """
线索名称 | 公司 | ?
销售线索详情 | 文字 | -
负责人主属部门 | 文字 | -
最后跟进时间 | 日期 | last_follow_up
商机名称 | 文字 | -
商机金额 | 金额 | expected_amount
商机2.0阶段 | 阶段 | ?
销售阶段 | 阶段 | status
预计成交日期 | 日期 | expected_purchase_on
赢率 | 序号 | -
线索池 | 文字 | -
线索状态 | 阶段 | status
线索级别 | 等级 | grade
转换时间 | 日期 | -
分配时间 | 日期 | -
领取时间 | 日期 | -
无效原因 | 文字 | lost_reason
客户行业 | 文字 | industry
客户级别 | 等级 | grade
锁定状态 | 文字 | -
线索-来源 | 来源 | source
"""

# Salesforce, HubSpot, Zoho, Krayin
ENGLISH = """
Lead ID | 编号 | lead_id
Record ID | 序号 | -
id | 序号 | ?
First Name | 人 | ?
Name (name) | 人 | contact
Company | 公司 | company
Company / Account | 公司 | company
Account Name | 公司 | company
Organization | 公司 | company
Phone | 手机 | phone
Phone Number | 手机 | phone
Mobile | 手机 | phone
Email | 邮箱 | phone
Email Opt Out | 文字 | -
Fax | 座机 | -
Lead Source | 来源 | source
Lead Source Detail | 文字 | ?
Lead Owner | 人 | owner
Lead Owner Alias | 人 | ?
Created By | 人 | -
Created Date | 日期 | acquired_on
Create Date | 日期 | acquired_on
Last Modified Date | 日期 | -
Last Activity Date | 日期 | last_follow_up
Close Date | 日期 | expected_purchase_on
Closed Date | 日期 | won_on
Deal Stage | 阶段 | status
Amount | 金额 | expected_amount
Amount | 文字 | ?
Expected Revenue | 金额 | expected_amount
Lead Value | 金额 | expected_amount
Sale_Value_AED | 金额 | ?
Annual Revenue | 金额 | -
No. of Employees | 序号 | -
Rating | 等级 | grade
Industry | 文字 | industry
Description | 文字 | initial_need
Customer_ID | 编号 | ?
Agent_ID | 编号 | ?
Campaign_Name | 文字 | -
expected_close_date | 日期 | expected_purchase_on
user_id | 序号 | -
客户名称 Company Name | 公司 | company
手机/Mobile | 手机 | phone
"""

STAGES = """
意向时间 | 日期 | stage:意向
意向日期 | 文字 | -
商机日期 | 日期 | stage:商机
进入商机阶段时间 | 日期 | stage:商机
资格确认日期 | 日期 | stage:商机
Qualification_Date | 日期 | stage:商机
qualified_at | 日期 | stage:商机
Date entered "Qualified" | 日期 | stage:商机
报价日期 | 日期 | stage:报价
报价时间 | 日期 | stage:报价
方案提交日期 | 日期 | stage:报价
Proposal Date | 日期 | stage:报价
谈判日期 | 日期 | ?
Negotiation_Date | 日期 | ?
流失时间 | 日期 | stage:流失
Site_Visit_Date | 日期 | -
报价有效期 | 日期 | -
线索日期 | 日期 | acquired_on
成交日期 | 日期 | won_on
预计签约日期 | 日期 | expected_purchase_on
离开报价时间 | 日期 | -
"""

WORDS = {words.spec.key: words for words in words_of(load_kit(), {})}


def cases(text: str) -> list[tuple[str, str, str]]:
    lines = [line.split("|") for line in text.strip().splitlines()]
    return [(a.strip(), b.strip(), c.strip()) for a, b, c in lines]


def found(heading: str, content: str, table: str = "lead") -> HeadingMatch:
    nothing = SavedMap()
    return map_headings([(heading, 1, CONTENT[content])], WORDS[table], nothing, nothing)[0]


def told(match: HeadingMatch) -> str:
    signs = {"asked": "?", "ignored": "-"}
    return signs.get(match.how) or (f"stage:{match.stage}" if match.stage else match.key)


@pytest.mark.parametrize("text", [COMMON, FORMS, CHANNELS, CRM, ENGLISH, STAGES])
def test_heading__fills_the_field_it_names_or_none(text):
    wrong = [
        (heading, content, expected, got)
        for heading, content, expected in cases(text)
        if (got := told(found(heading, content))) != expected
    ]
    assert wrong == []


def test_headings__enough_of_them():
    every = [c for t in (COMMON, FORMS, CHANNELS, CRM, ENGLISH, STAGES) for c in cases(t)]
    assert len(set(every)) > 230
