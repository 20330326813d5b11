"""Whose leads a workbook has that has no column for it: its title, sheet or file name says."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sheetcrm.findings import file_name
from sheetcrm.kit.model import OWNER_LIST, Kit
from sheetcrm.table import Cell, RawSheet, Table
from sheetcrm.values.company_words import TRADES
from sheetcrm.values.regions import CITIES, PART_OF, WIDE

OWNER = "owner"
# The tables whose rows are somebody's work.
KINDS = ("lead", "follow_up", "stage_progress")
_LABELS = (
    "销售(?:代表|人员|顾问|员|姓名)?|业务(?:员|人员)|负责人|责任人|跟进人|归属人|客户经理|姓名"
)
_NAME = r"[\u4e00-\u9fff]{2,4}|[A-Z][a-z]+(?: [A-Z][a-z]+)?"
_TITLE = re.compile(rf"(?:^|[\s,，;；|/])(?:{_LABELS})\s*[:：]\s*({_NAME})(?=$|[\s,，;；|/(（])")
_LABEL = re.compile(rf"(?:{_LABELS})\s*[:：]?")
# What a file about somebody's customers is called besides the name.
_WORDS = re.compile(
    r"的|销售|客户|线索|商机|项目|机会|跟进|跟踪|拜访|业绩|台账|台帐|记录|登记|明细|汇总|统计|名单|清单|资料|数据|信息"
    r"|情况|进度|报表|[周日月年]报|[本上][周月]|[年月季]度|表|个人|工作|最新|最终|更新|终版|新版|副本|备份"
    r"|第?\d+[年月日号周]?|v\d+",
    re.IGNORECASE,
)
_PARTS = re.compile(r"[\s\-_—–·.,，、;；+&()（）\[\]【】《》]+")
_SURNAMES = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏"
    "魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵"
    "万钱严覃武戴莫孔向汤温康施文牛樊葛邢齐易乔伍庞颜倪庄聂章鲁岳翟殷詹申欧耿关兰焦俞左柳甘祝包"
    "宁尚符舒阮柯纪梅童凌毕季裴霍涂苗谷盛曲翁冉骆蓝游辛靳柴蒙鲍华喻祁蒲房滕屈饶解牟艾尤阳穆卓吉"
    "缪芦麦褚娄窦戚岑景宫费卜冷晏席卫柏宗瞿桂佟臧闵苟邬边卞姬师栾隋刁沙荣巫寇桑郎甄丛仲虞敖巩佘"
    "池麻苑迟邝"
)
_DOUBLE_SURNAMES = ("欧阳", "上官", "司马", "诸葛", "司徒", "令狐", "皇甫", "慕容", "夏侯", "东方")
_NOT_NAMES = re.compile(
    r"[大小中高低新老全总本各每].?[区部组队端级]|.*(?:公司|集团|意向|成交|流失|计划|方案|部门|团队|全部|全国|全员|经理|总监|助理"
    r"|石油|江南|江北|金属|包装|白酒|黄金|康养|文旅|文化|文具|文件|文档|余额|顾客|顾问|董事|关键|常用|常规|方向|施工|温泉"
    r"|汽车|石化|陶瓷|毛利|马达|万元|万科|万达|华为|华润|金蝶|方正|苏宁|康佳|米其林|季节|纪要|党建|应收|合同|订单|产品|价格|展会|渠道|官网|市场|时间|任务|安排|金额|回款|目标|总结|组|部|区|队|店|省|市|县|厂|院|校)"
)


@dataclass(frozen=True)
class Person:
    """Who a workbook's leads belong to, and what says so, in Chinese."""

    name: str
    source: str


def person_of(file: str, sheet: RawSheet, table: Table, kit: Kit, *, own: bool) -> Person | None:
    """Return whose rows a table without any column for the person has; None where nothing says.

    A workbook's own list of people with one name on it comes first, then a cell above the
    headings (销售：张三), the sheet's name, the file's name. A name of the list is taken wherever
    it stands in them, another one only where it looks like a person's.
    """
    if table.kind not in KINDS or table.has(OWNER):
        return None
    team = _team(kit) if own else ()
    if len(team) == 1:
        return Person(team[0], "“设置”里的负责人名单只有一个人")
    for text in _title_texts(sheet.rows[: table.header_row - 1]):
        return Person(text, "表头上方写着")
    stem = file_name(file).rpartition(".")[0] or file_name(file)
    for said, source in ((sheet.name, "工作表的名称"), (stem, "文件名")):
        if name := named_in(said, team):
            return Person(name, source)
    return None


def named_in(text: str, team: Collection[str] = ()) -> str:
    """Return the one name a title holds: 线索跟踪-李四, 王五的客户; "" for none or several."""
    listed = [name for name in team if name and name in text]
    if listed:
        return listed[0] if len(listed) == 1 else ""
    parts = [part for part in _PARTS.split(text) if part]
    names = [name for part in parts if looks_like_name(name := _WORDS.sub("", part))]
    return names[0] if len(names) == 1 else ""


def looks_like_name(text: str) -> bool:
    """Say whether a text may be a Chinese person's name, or what colleagues call one: 小王."""
    if not re.fullmatch(r"[\u4e00-\u9fff]{2,4}", text):
        return False
    if text[0] in "小老阿" and len(text) == 2:
        return text[1] in _SURNAMES
    if text in _PLACES or text in TRADES or _NOT_NAMES.fullmatch(text):
        return False
    if text.startswith(_DOUBLE_SURNAMES):
        return len(text) > 2
    return text[0] in _SURNAMES and len(text) <= 3


def _title_texts(rows: Sequence[Sequence[Cell]]) -> list[str]:
    """Return the names that labels above the headings give, if they all give the same."""
    found: list[str] = []
    for row in rows:
        for at, cell in enumerate(row):
            if not isinstance(cell, str):
                continue
            found += _TITLE.findall(cell)
            beside = next((c for c in row[at + 1 :] if c is not None), None)
            if _LABEL.fullmatch(cell.strip()) and isinstance(beside, str):
                found += re.findall(rf"^\s*({_NAME})\s*$", beside)
    people = [name for name in found if name not in _PLACES and not _NOT_NAMES.fullmatch(name)]
    return people[:1] if len(set(people)) == 1 else []


def _team(kit: Kit) -> tuple[str, ...]:
    listed = kit.list_by_key.get(OWNER_LIST)
    return tuple(item.value for item in listed.items) if listed else ()


_PLACES = frozenset(
    (*CITIES, *(city for cities in CITIES.values() for city in cities.split()), *WIDE, *PART_OF)
)
