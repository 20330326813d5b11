"""Lead sheets as they come in: an exhibition's list in GBK, and what a web form exports."""

from pathlib import Path

# Titles above the headings, a total below, a phone with a digit missing, a card without a company,
# the same customer twice, amounts in 万元.
EXHIBITION = """\
2026春季智能制造展 客户登记表
展位 B3-07　登记人：周敏　日期：5月18日至20日
公司名称,联系人,职务,手机,关注的产品,意向等级,预计金额（万元）,登记日期,备注1
苏州明禾机械有限公司,许文清,采购经理,13800130001,生产排程,A,18,2026/5/18,要和仓库系统对接，下周来电
杭州东方物流有限公司,李澈,信息主管,138 0013 1002,车辆调度,B,6.5,2026/5/18,
宁波海川塑业有限公司,郑一鸣,厂长,13800131003,生产排程,B,,2026年5月18日,等年度预算批下来
,王晓,,13800131,报表,C,,2026/5/19,名片没拿到
,,,13800131009,,,,2026/5/19,只留了电话
南京嘉禾智能科技有限公司,沈月,总经理助理,０１３８００１３１００５,生产排程,A,25,2026/5/19,约好看现场
明禾机械（苏州）有限公司,许文清,采购经理,13800130001,生产排程,A,18,2026/5/19,第二天又来过
合肥晨光食品有限公司,陈立新,设备部长,0551-62880011,质量追溯,B,8,2026/5/20,
青岛恒远家具有限公司,刘畅,,liuchang@hengyuan.example,报表,C,1.2,2026/5/20,邮件联系
苏州工业园区华泰精密部件有限公司,高洁,生产总监,13800131011,生产排程,A,约30,2026/5/20,=要三家比价
合计,,,,,,58.7,,
"""
# Semicolons, times to the minute, English headings among Chinese ones, UTF-8 with a mark.
WEB_FORM = """\
提交时间;公司;姓名;Phone;您的需求;来自
2026-05-21 09:12;宁波海川塑业有限公司;郑一鸣;+86 138-0013-1003;想看排程的演示;官网
2026-05-22 14:40;无锡启明电器有限公司;孙皓;13800131021;客服和销售用同一份客户资料;公众号
2026-05-25 20:03;温州立方阀门有限公司;周可;13800131022;出口单证太慢;官网
2026-05-25 20:04;温州立方阀门有限公司;周可;13800131022;出口单证太慢;官网
"""


def write(folder: Path) -> None:
    """Write both sheets as their programs save them."""
    exhibition = EXHIBITION.replace("\n", "\r\n").encode("gb18030")
    (folder / "展会线索.csv").write_bytes(exhibition)
    form = WEB_FORM.replace("\n", "\r\n").encode("utf-8-sig")
    (folder / "网页表单.csv").write_bytes(form)
