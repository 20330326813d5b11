"""A small import as the decision tabs get it, built by hand."""

from datetime import datetime

import pandas as pd

from sheetcrm.clean import CleanBook
from sheetcrm.findings import Place, finding
from sheetcrm.intake.answers import Origin
from sheetcrm.intake.model import (
    DECISION_COLUMNS,
    Decided,
    HeadingHow,
    HeadingMatch,
    Incoming,
    ValueMatch,
)
from sheetcrm.kit.load import load_kit
from sheetcrm.table import Heading, Table
from sheetcrm.tabs.decision_plan import Plan, SheetPlan
from tests.tables import clean_book, raw_book, sheet

CAME = """
客户|联系人|手机|渠道|阶段|登记日期|备用1
苏州明禾机械有限公司|许文清|'13800130001'|展会|线索|2024-06-01|甲
|王五|'1380013'|朋友圈|线索|'6月31日'|乙
杭州东方物流有限公司|李二|'13800131002'|官网表单|意向|2024-06-03|
北辰教育公司|王三|'13800131003'|展会|意向|2024-06-04|=1+1
明禾机械（苏州）|许文清|'0512-66668888'|展会|线索|2024-06-05|丙
|
"""
HAS = """
线索编号|客户名称|联系人|联系方式|来源渠道|线索状态|线索获取时间|负责人
线索-2024-0101-001|苏州明禾机械有限公司|许文清|'13800130001'|官网表单|意向|2024-01-01|林晓舟
线索-2024-0102-001|北辰教育公司|王三|'13800131003'|展会推荐|线索|2024-01-02|陈佳
"""
KEYS = ("company", "contact", "phone", "source", "status", "acquired_on", "")
FILE = "展会线索.csv"


def existing() -> CleanBook:
    return clean_book(sheet(HAS))


def incoming() -> Incoming:
    raw = sheet(CAME, "展会线索")
    texts = [str(text) for text in raw.rows[0]]
    hows: tuple[HeadingHow, ...] = ("alias", "name", "alias", "alias", "alias", "alias", "asked")
    headings = tuple(
        HeadingMatch(text, n, key, how, candidates=("note",) if how == "asked" else (), reason=why)
        for n, (text, key, how, why) in enumerate(
            zip(texts, KEYS, hows, [*([""] * 6), "没有一个字段叫“备用1”"], strict=True), 1
        )
    )
    index = pd.Index([2, 3, 4, 5, 6])
    cells = pd.DataFrame(raw.rows[1:6], index=index, columns=texts, dtype=object)
    keyed = cells.rename(columns=dict(zip(texts, KEYS, strict=True))).drop(columns="")
    keyed["acquired_on"] = pd.to_datetime(keyed["acquired_on"], errors="coerce")
    table = Table(
        FILE,
        raw.name,
        "lead",
        1,
        tuple(
            Heading(key or t, t, n) for n, (t, key) in enumerate(zip(texts, KEYS, strict=True), 1)
        ),
        cells,
    )
    at = Place(FILE, raw.name, "A3", 3, "客户")
    found = (
        finding("REQ-01", at),
        finding(
            "FMT-05",
            Place(FILE, raw.name, "C3", 3, "手机"),
            "138****",
            reason="有7位，手机号是11位",
        ),
    )
    values = (
        ValueMatch("source", "展会", "展会推荐", "alias", 3),
        ValueMatch("source", "朋友圈", "朋友圈", "kept", 1, "线上推广"),
    )
    return Incoming(
        FILE,
        raw.name,
        "lead",
        "春季展会",
        headings,
        values,
        table,
        keyed,
        pd.DataFrame(index=index),
        blank=(7,),
        findings=found,
        assumptions=("第 1 行是表头。",),
    )


def decided() -> Decided:
    rows = [
        ("skip", 2, None, True, "手机号", "表里第 2 行已有这个手机号，没有新内容。", "", "f2"),
        ("reject", None, None, True, "", "没有客户名称，也没有编号。", "REQ-01", "f3"),
        ("create", None, None, True, "", "表里没有", "", "f4"),
        ("update", 3, None, True, "手机号", "手机号和表里第 3 行相同。", "", "f5"),
        ("skip", 2, None, False, "公司+联系人", "公司名结构相同，但电话不同。", "", "f6"),
    ]
    decisions = pd.DataFrame(rows, index=[2, 3, 4, 5, 6], columns=list(DECISION_COLUMNS))
    decisions["target"] = decisions["target"].astype("Int64")
    decisions["first"] = decisions["first"].astype("Int64")
    changes = pd.DataFrame(
        [(5, 3, "status", "线索", "意向")], columns=["row", "target", "key", "old", "new"]
    )
    kept = pd.DataFrame(
        [
            (5, 3, "source", "展会推荐", "展会", "来源按第一次的算"),
            (6, None, "phone", "13800131002", "0512-66668888", "同一文件里按第一行的算"),
        ],
        columns=["row", "target", "key", "old", "new", "reason"],
    )
    new = pd.DataFrame(
        {
            "lead_id": ["线索-2024-0603-001"],
            "company": ["杭州东方物流有限公司"],
            "contact": ["李二"],
            "phone": ["13800131002"],
            "source": ["官网表单"],
            "status": ["意向"],
            "grade": ["C"],
            "owner": ["王浩"],
            "acquired_on": [pd.Timestamp("2024-06-03")],
            "entered_on": [pd.Timestamp("2024-06-10")],
        },
        index=[4],
    )
    filled = pd.DataFrame(
        [(4, "owner", "王浩", "轮流分配，轮到王浩"), (4, "grade", "C", "只是咨询")],
        columns=["row", "key", "value", "reason"],
    )
    said = ("负责人按轮流分配。",)
    return Decided(decisions, changes, kept, new, pd.DataFrame(), (), said, filled)


def plan(batch: str = "") -> Plan:
    origin = Origin(FILE, "ab" * 32, "春季展会", "GB18030", "销售线索.xlsx", batch)
    raw = raw_book(sheet(CAME, "展会线索")).sheets[0]
    sheets = [SheetPlan(1, raw, incoming(), decided(), existing().tables["lead"])]
    command = "sheetcrm import 展会线索-导入决定.xlsx --into 销售线索.xlsx --apply"
    return Plan(origin, load_kit(), sheets, ("文字编码是 GB18030，用逗号分列。",), command)


NOW = datetime(2024, 6, 10, 9, 30)  # noqa: DTZ001
