"""A whole sheet: headings that compete, answers, which sheets and rows come in."""

import csv
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from sheetcrm.intake.given import given_map
from sheetcrm.intake.incoming import incoming, saved_map
from sheetcrm.intake.model import SavedMap
from sheetcrm.kit.load import load_kit
from sheetcrm.table import RawBook, RawSheet
from tests.intake.sheets import column, headings, one, said, text_book
from tests.tables import raw_book, sheet

CORPUS = os.environ.get("SHEETCRM_CORPUS", "")
needs_corpus = pytest.mark.skipif(not CORPUS, reason="SHEETCRM_CORPUS names no corpus")
KIT = load_kit()

LEADS = """
线索编号 | 公司 | 客户名称 | 手机 | 邮箱 | 创建时间 | 线索状态
L1 | 明禾 | 苏州明禾机械有限公司 | 13800130001 | a@example.com | 2024-05-01 | 商机
L2 | 星辰 | 上海星辰科技有限公司 | 13800130002 | b@example.com | 2024-05-02 | 意向
L3 | 嘉禾 | 南京嘉禾智能有限公司 | 13800130003 | c@example.com | 2024-05-03 | 报价
"""


def test_headings__the_exact_one_wins_and_mobiles_before_mails():
    assert headings(one(LEADS)) == {
        "线索编号": "name lead_id",
        "公司": "ignored",
        "客户名称": "name company",
        "手机": "alias phone",
        "邮箱": "ignored",
        "创建时间": "alias acquired_on",
        "线索状态": "name status",
    }
    assert "手机" in one(LEADS).headings[4].reason


def test_headings__two_amounts_or_days_are_for_a_person_to_tell_apart():
    made = one("""
        客户名称 | 来源 | 创建时间 | 咨询时间 | 报价金额 | 商机金额
        明禾机械 | 展会 | 2024-05-01 | 2024-04-01 | 100 | 200
        星辰科技 | 展会 | 2024-05-02 | 2024-04-02 | 110 | 210
    """)
    assert headings(made) == {
        "客户名称": "name company",
        "来源": "alias source",
        "创建时间": "asked acquired_on",
        "咨询时间": "asked acquired_on",
        "报价金额": "asked expected_amount",
        "商机金额": "asked expected_amount",
    }
    assert list(made.data.columns) == ["company", "source"]
    assert [m.text for m in made.unmapped] == ["创建时间", "咨询时间", "报价金额", "商机金额"]


def test_headings__persons_under_客户_may_be_the_contact():
    made = one("""
        客户 | 公司名称 | 手机 | 来源
        许文清 | 苏州明禾机械有限公司 | 13800130001 | 展会
        王磊 | 上海星辰科技有限公司 | 13800130002 | 展会
        李娜 | 南京嘉禾智能有限公司 | 13800130003 | 展会
    """)
    assert headings(made)["客户"] == "asked contact"
    assert headings(made)["公司名称"] == "alias company"


def test_headings__given_beats_everything():
    given = given_map(
        ["客户名称=联系人", "公司=客户名称", "创建时间=阶段:商机", "邮箱=忽略"], [], KIT
    )
    made = one(LEADS, given=given)
    assert headings(made) == {
        "线索编号": "name lead_id",
        "公司": "given company",
        "客户名称": "given contact",
        "手机": "alias phone",
        "邮箱": "ignored",
        "创建时间": "given stage:商机",
        "线索状态": "name status",
    }
    assert made.stages["商机"].tolist() == [pd.Timestamp(2024, 5, day) for day in (1, 2, 3)]


def test_headings__what_was_said_once_holds_for_the_next_file():
    given = given_map(["公司=客户名称", "创建时间=阶段:商机", "邮箱=忽略"], [], KIT)
    saved = saved_map([one(LEADS, given=given)])
    assert saved.headings == {
        "公司": "company",
        "客户名称": "",
        "创建时间": "stage:商机",
        "邮箱": "",
    }
    made = one(LEADS, saved=saved)
    assert headings(made)["创建时间"] == "saved stage:商机"
    assert headings(made)["公司"] == "saved company"
    assert headings(made)["客户名称"] == "ignored"
    assert saved_map([made]) == saved


def test_headings__an_exact_one_seen_for_the_first_time_beats_a_saved_one():
    saved = SavedMap({"公司": "company"})
    assert headings(one(LEADS, saved=saved))["客户名称"] == "name company"
    assert headings(one(LEADS, saved=saved))["公司"] == "ignored"


def test_headings__saved_is_asked_again_when_the_content_is_another():
    saved = SavedMap({"跟进": "next_follow_up"})
    text = (
        "客户名称 | 手机 | 来源 | 跟进\n甲 | 13800130001 | 展会 | {}\n乙 | 13800130002 | 展会 | {}"
    )
    assert headings(one(text.format("2024-05-01", "2024-05-02"), saved=saved))["跟进"] == (
        "saved next_follow_up"
    )
    assert headings(one(text.format("已发样机", "很满意"), saved=saved))["跟进"] == "ignored"


def test_headings__columns_of_the_book_itself_match_by_their_text():
    text = LEADS.replace("邮箱", "客户邮箱 ").replace("公司 ", "意向日期")
    made = one(text, extras={"lead": ["客户邮箱", "员工人数"]})
    assert headings(made)["客户邮箱"] == "name 客户邮箱"
    assert column(made, "客户邮箱") == ["a@example.com", "b@example.com", "c@example.com"]


def test_headings__a_field_a_manager_added_is_known_and_old_books_know_new_aliases():
    lead = KIT.by_key["lead"]
    bare = tuple(c.model_copy(update={"aliases": ()}) for c in lead.columns)
    own = lead.columns[0].model_copy(
        update={"key": "邮箱", "name": "邮箱", "type": "email", "unique": False, "pattern": ""}
    )
    spec = lead.model_copy(update={"columns": (*bare, own)})
    kit = KIT.model_copy(update={"tables": (spec, *KIT.tables[1:])})
    made = one(LEADS, kit)
    assert headings(made)["邮箱"] == "name 邮箱"
    assert headings(made)["手机"] == "alias phone"


def test_sheets__a_plain_list_of_people_becomes_leads():
    made = one("""
        序号 | 姓名 | 手机号 | 性别
        1 | 许文清 | 13800130001 | 女
        2 | 王磊 | 13800130002 | 男
    """)
    assert made.kind == "lead"
    assert headings(made) == {
        "序号": "ignored",
        "姓名": "alias contact",
        "手机号": "alias phone",
        "性别": "ignored",
    }
    assert column(made, "company") == ["许文清", "王磊"]
    assert said(made, "联系名单")
    assert said(made, "代替")


def test_sheets__every_table_of_a_file_comes_in_leads_first():
    follow = "线索编号 | 跟进时间 | 跟进方式 | 跟进内容\nL1 | 2024-05-01 | 电话 | 谈了价格"
    lead = "线索编号 | 客户名称 | 来源渠道 | 线索状态\nL1 | 明禾机械 | 展会 | 意向"
    book = raw_book(
        sheet(follow, "五月跟进"),
        sheet("说明 | 本表由市场部填写", "说明"),
        sheet(lead, "五月"),
        sheet(lead.replace("L1", "L2"), "六月"),
        sheet(lead, "备份", hidden=True),
    )
    made = incoming(book, KIT)
    assert [(m.sheet, m.kind, len(m.data)) for m in made] == [
        ("五月", "lead", 1),
        ("六月", "lead", 1),
        ("五月跟进", "follow_up", 1),
    ]
    assert len(said(made[0], "跳过")) == 2
    assert not said(made[2], "跳过")


def test_sheets__nothing_to_import():
    assert incoming(text_book("姓名 | 工号\n张三 | 1\n李四 | 2"), KIT) == ()


def test_rows__titles_totals_and_blank_rows():
    made = one("""
        2024年5月线索
        客户名称 | 手机 | 来源 | 意向金额
        明禾机械 | 13800130001 | 展会 | 100
         | | |
        星辰科技 | 13800130002 | 展会 | 200
        合计 | | | 300
    """)
    assert made.table.header_row == 2
    assert made.data.index.tolist() == [3, 5]
    assert made.blank == (4,)
    assert said(made, "合计行") == ["第6行是合计行，没有导入"]
    assert said(made, "表头在第2行")


def test_table__holds_every_column_as_it_came():
    made = one(LEADS)
    assert [h.text for h in made.table.headings] == [m.text for m in made.headings]
    assert made.table.raw["邮箱"].tolist() == ["a@example.com", "b@example.com", "c@example.com"]
    assert made.table.raw["acquired_on"].tolist() == ["2024-05-01", "2024-05-02", "2024-05-03"]
    assert made.data.index.tolist() == [2, 3, 4]


@pytest.mark.parametrize(
    ("sources", "how"), [(("1688", "360", "58"), "alias"), (("7", "12", "30"), "asked")]
)
def test_headings__a_source_may_be_a_site_with_a_number_for_a_name(sources, how):
    lines = (f"甲{i}公司 | 1380013000{i} | {text}" for i, text in enumerate(sources))
    made = one("\n".join(["公司名称 | 手机 | 来源", *lines]))
    assert {m.text: m.how for m in made.headings}["来源"] == how


def test_columns__without_a_heading_are_told():
    made = one("""
        公司名称 | 联系人 | | 电话
        甲公司 | 张三 | 老客户 | 13800130001 | 要发票
        乙公司 | 李四 | | 13800130002 | 找李总
    """)
    told = [(f.code, f.cell) for f in made.findings]
    assert told == [("HDR-09", "C1"), ("HDR-09", "E1")]
    assert "2格内容，没有导入" in made.findings[1].message


def test_columns__a_long_heading_of_a_plain_list_is_one():
    long = (
        "您目前在使用哪些软件、遇到了哪些问题、希望什么时候解决，请尽量详细地写下来，方便我们联系"
    )
    made = one(f"""
        公司名称 | 电话 | {long}
        甲公司 | 13800130001 | 没有
    """)
    assert [m.text for m in made.headings] == ["公司名称", "电话", long]
    assert made.findings == ()


def test_formulas__never_calculated_are_told():
    (plain,) = text_book("公司名称 | 联系人 | 电话\n甲公司 | 张三 |\n乙公司 | 李四 |").sheets
    raw = RawBook("名单.xlsx", "0" * 64, (replace(plain, uncalculated=("C2", "C3", "H9")),))
    (made,) = incoming(raw, KIT)
    assert [(f.code, f.cell) for f in made.findings] == [("SHT-06", "C2")]


def corpus_book(name: str, encoding: str) -> RawBook:
    path = Path(CORPUS) / "sales" / name
    with path.open(encoding=encoding, newline="") as file:
        rows: list[Sequence[str | None]] = [[c or None for c in row] for row in csv.reader(file)]
    return RawBook(path.name, "0" * 64, (RawSheet(path.stem, [list(row) for row in rows]),))


@needs_corpus
def test_corpus__chinese_exports_need_no_question():
    (leads,) = incoming(corpus_book("zh_synthetic/线索_gbk.csv", "gb18030"), KIT)
    (talks,) = incoming(corpus_book("zh_synthetic/跟进记录_utf8bom.csv", "utf-8-sig"), KIT)
    assert (leads.kind, len(leads.data), leads.unmapped) == ("lead", 400, ())
    assert (talks.kind, len(talks.data), talks.unmapped) == ("follow_up", 1215, ())
    assert headings(leads)["职位"] == "ignored"
    assert not leads.findings
    assert not talks.findings
    assert leads.data["status"].isin(KIT.choices(KIT.by_key["lead"].by_key["status"])).all()
    assert leads.data["acquired_on"].notna().all()
    assert talks.data["followed_on"].notna().all()


@needs_corpus
def test_corpus__four_days_of_stages():
    days = {"Qualification": "资格", "Site_Visit": "看房", "Negotiation": "谈判", "Booking": "预订"}
    stages = KIT.pipeline.stages
    own = [
        stages[1].model_copy(update={"name": n, "labels": (n,), "aliases": ()})
        for n in days.values()
    ]
    pipeline = KIT.pipeline.model_copy(update={"stages": (stages[0], *own, *stages[-2:])})
    kit = KIT.model_copy(update={"pipeline": pipeline})
    given = given_map([f"{word}_Date=阶段:{name}" for word, name in days.items()], [], kit)
    (made,) = incoming(corpus_book("realestate_funnel/Leads.csv", "utf-8"), kit, given)
    assert made.stages.notna().sum().to_dict() == {
        "资格": 2278,
        "看房": 1710,
        "谈判": 1184,
        "预订": 923,
    }
    assert len(made.data) == 5000
    english = [
        s.model_copy(update={"name": n, "labels": (n,)})
        for s, n in zip(own, ("Qualification", "Site Visit", "Negotiation", "Booking"), strict=True)
    ]
    pipeline = pipeline.model_copy(update={"stages": (stages[0], *english, *stages[-2:])})
    (named,) = incoming(
        corpus_book("realestate_funnel/Leads.csv", "utf-8"),
        kit.model_copy(update={"pipeline": pipeline}),
    )
    assert named.stages.notna().sum().tolist() == [2278, 1710, 1184, 923]
