"""Talks in the leads' own cells: what is read, what is not and why."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sheetcrm.checks import check
from sheetcrm.checks.evidence import log_disagrees
from sheetcrm.clean import CleanBook, ToldTalks, with_told
from sheetcrm.clean.talk_days import SEVERAL, Bounds, settle_days
from sheetcrm.metrics.cards import cards
from sheetcrm.metrics.dataset import dataset
from sheetcrm.metrics.segments import segments
from sheetcrm.metrics.summary import summarise
from sheetcrm.values.talk_text import read_talks
from tests.tables import clean_book, sheet

AS_OF = date(2026, 6, 1)
CODES = ("HDR-13", "HDR-14", "ROW-07")

HEAD = "客户名称 | 来源渠道 | 负责人 | 线索获取时间 | 当前阶段 | 跟进情况"
LEADS = f"""
{HEAD}
明禾机械 | 展会 | 张伟 | 2026-03-01 | 意向 | '3.5 电话沟通，要报价\\n3.12 上门拜访\\n2026/4/2 发合同'
启明建材 | 官网 | 王芳 | 2026-03-02 | 报价 | '3月5日电话；3月20日张伟：上门'
东方电气 | 官网 | 王芳 | 2024-03-02 | 报价 | 3月5日电话
西方电气 | 官网 | 王芳 | 2025-11-02 | 报价 | '12.3电话\\n1.5 上门\\n再说'
南方电气 | 官网 | 王芳 | 2026-04-02 | 报价 | 联系过了
北方电气 | 官网 | 王芳 | 2026-04-02 | 报价 |
"""  # noqa: E501


def told(*sheets, as_of: date = AS_OF) -> CleanBook:
    return with_told(clean_book(*sheets), as_of)


def read(book: CleanBook) -> ToldTalks:
    assert book.told is not None
    return book.told


def talks(book: CleanBook) -> list[str]:
    if book.told is None:
        return []
    frame = book.told.talks
    return [f"{row} {day:%Y-%m-%d}" for row, day in zip(frame["lead"], frame["followed_on"])]  # noqa: B905


def said(book: CleanBook, codes=CODES) -> list[tuple[str, str, str]]:
    return [(f.cell, f.code, f.severity) for f in book.findings if f.code in codes]


def test_told__a_cell_with_several_talks():
    book = told(LEADS)
    assert talks(book) == [
        *("2 2026-03-05", "2 2026-03-12", "2 2026-04-02", "3 2026-03-05", "3 2026-03-20"),
        *("5 2025-12-03", "5 2026-01-05"),
    ]
    assert list(read(book).talks["owner"]) == ["张伟"] * 3 + ["王芳", "张伟"] + ["王芳"] * 2
    assert read(book).unread == {4, 6}
    assert said(book) == [
        ("F1", "HDR-13", "info"),
        ("F4", "ROW-07", "warning"),
        ("F6", "ROW-07", "info"),
    ]
    assert not said(book, ("HDR-04",))


def test_told__without_reading_nothing_is_different():
    book = clean_book(LEADS)
    assert book.told is None
    assert said(book, (*CODES, "HDR-04")) == [("F1", "HDR-04", "info")]


@pytest.mark.parametrize(
    "heading", ["跟进情况（不计）", "下次跟进计划", "跟进状态说明", "产品说明书"]
)
def test_told__other_headings_are_left_alone(heading):
    text = LEADS.replace("跟进情况", heading)
    book = told(text.replace("联系过了", "3.5 电话") if "说明书" in heading else text)
    assert (talks(book) != []) == (heading == "产品说明书")


def test_told__remarks_with_a_few_days_are_none():
    cells = ["3.5 电话沟通", "3.5万元预算", "2.0版本", "老客户", "3.6 上门\\n3.7 签约", "1.5米"]
    rows = "".join(
        f"客户{i}公司 | 展会 | 张伟 | 2026-03-01 | 意向 | '{cell}'\n"
        for i, cell in enumerate(cells)
    )
    book = told(f"{HEAD.replace('跟进情况', '备注')}\n{rows}")
    assert book.told is None
    assert not said(book)


def test_told__remarks_that_nearly_all_begin_with_a_day_are():
    book = told(LEADS.replace("跟进情况", "备注").replace("联系过了", ""))
    assert len(talks(book)) == 7
    assert said(book)[0] == ("F1", "HDR-13", "info")


def test_told__no_lead_date_and_no_year_is_told_once():
    text = "\n".join(
        " | ".join(part for i, part in enumerate(line.split("|")) if i != 3)
        for line in LEADS.strip().splitlines()
    )
    book = told(text)
    assert book.told is None
    assert said(book) == [("E1", "HDR-14", "warning")]


def test_told__a_talk_to_come_does_not_count():
    book = told(LEADS.replace("2026/4/2 发合同", "2026/9/2 发合同"))
    assert "2 2026-03-12" in talks(book)
    assert "2 2026-09-02" not in talks(book)
    assert ("F2", "ROW-07", "warning") in said(book)


def test_told__a_later_day_inside_the_text_is_not_sure():
    book = told(
        LEADS.replace("3.12 上门拜访", "3.12 上门，4.20签约").replace("\\n2026/4/2 发合同", "")
    )
    assert not [t for t in talks(book) if t.startswith("2 ")]
    assert ("F2", "ROW-07", "warning") in said(book)
    plan = told(LEADS.replace("2026/4/2 发合同", "2026/4/2 发合同，9.20续签"))
    assert "2 2026-04-02" in talks(plan)


def test_told__rows_under_a_lead_go_on_with_its_cell():
    book = told(LEADS.replace("启明建材", " | | | | | 4.9 微信\n启明建材", 1))
    assert "2 2026-04-09" in talks(book)


def test_told__contact_data_in_a_cell_is_masked():
    book = told(LEADS.replace("联系过了", "联系过13812345678"))
    text = next(f.message for f in book.findings if f.cell == "F6" and f.code == "ROW-07")
    assert "13812345678" not in text


def test_told__several_sheets():
    second = LEADS.replace("机械", "机床").replace("建材", "装饰").replace("电气", "电子")
    book = told(sheet(LEADS, "1月"), sheet(second, "2月"))
    assert len(talks(book)) == 14
    assert len(read(book).unread) == 4
    data = dataset([book])
    assert (data.frames["follow_up"]["lead"] >= 0).all()
    assert list(data.frames["follow_up"]["sheet"]) == ["1月"] * 7 + ["2月"] * 7


WIDE = """
客户名称 | 联系人 | 电话 | 线索获取时间 | 负责人 | 当前阶段 | 跟进日期 | 跟进内容 | 下次跟进日期 | 跟进日期 | 跟进内容 | 下次跟进日期
明禾机械 | 许清 | 13800130001 | 2026-03-01 | 张伟 | 意向 | 2026-03-05 | 电话 | 2026-03-12 | 2026-03-12 | 上门 | 2026-04-01
启明建材 | 王立 | 13800130002 | 2026-03-02 | 王芳 | 报价 | 2026-03-06 | 电话 | | '3.18' | 发报价 |
东方电气 | 李全 | 13800130003 | 2026-03-02 | 王芳 | 报价 | 2026-03-06 | 电话 | | | 发报价 |
北方电气 | 李安 | 13800130004 | 2026-03-02 | 王芳 | 报价 | | | | | |
"""  # noqa: E501


def test_told__headings_that_come_again():
    book = told(WIDE)
    assert talks(book) == ["2 2026-03-05", "2 2026-03-12", "3 2026-03-06", "3 2026-03-18"]
    data = book.tables["lead"].data
    assert [f"{day:%m-%d}" if day == day else "" for day in data["last_follow_up"]] == [
        *("03-12", "03-18", "", "")
    ]
    assert [f"{day:%m-%d}" for day in data["next_follow_up"].dropna()] == ["04-01"]
    assert read(book).unread == {4}
    assert said(book) == [("G1", "HDR-13", "info"), ("K4", "ROW-07", "warning")]
    assert not said(book, ("HDR-03",))


@pytest.mark.parametrize(
    "heads",
    [
        "第一次跟进 | 第二次跟进 | 第三次跟进",
        "跟进1 | 跟进2 | 跟进3",
        "首次拜访 | 二次拜访 | 第3次拜访",
        "跟进记录 | 跟进记录 | 跟进记录",
    ],
)
def test_told__a_column_a_talk(heads):
    book = told(f"""
客户名称 | 联系人 | 电话 | 线索获取时间 | 负责人 | 当前阶段 | {heads}
明禾机械 | 许清 | 13800130001 | 2025-12-01 | 张伟 | 意向 | 12.5 电话 | 1.12 上门 |
启明建材 | 王立 | 13800130002 | 2026-03-02 | 王芳 | 报价 | 3.6电话 | 3.18发报价 | 4月1日微信
""")
    assert talks(book) == [
        *("2 2025-12-05", "2 2026-01-12", "3 2026-03-06", "3 2026-03-18", "3 2026-04-01")
    ]


def test_told__day_and_text_by_number():
    book = told("""
客户名称 | 联系人 | 线索获取时间 | 负责人 | 当前阶段 | 跟进时间1 | 跟进内容1 | 跟进人1 | 跟进时间2 | 跟进内容2 | 跟进人2
明禾机械 | 许清 | 2025-12-01 | 张伟 | 意向 | 2025-12-05 | 电话 | 李四 | 2026-01-12 | 上门 | 张伟
启明建材 | 王立 | 2026-03-02 | 王芳 | 报价 | 2026-03-06 | 电话 | 王芳 | | |
""")  # noqa: E501
    assert list(read(book).talks["owner"]) == ["李四", "张伟", "王芳"]
    assert list(read(book).talks["content"]) == ["电话", "上门", "电话"]


def test_told__counts_like_a_log():
    rows = [("明禾机械", "3-5", "3-12", "4-2"), ("启明建材", "3-5", "3-20"), ("西方电气", "4-5")]
    base = LEADS.replace("| 3月5日电话\n", "|\n").replace("| 联系过了", "|")
    base = base.replace("'12.3电话\\n1.5 上门\\n再说'", "'4.5电话'")
    log = "客户名称 | 跟进时间 | 跟进人 | 跟进内容\n" + "".join(
        f"{name} | 2026-{int(d[0]):02}-{int(d[2:]):02} | 王芳 | 谈\n"
        for name, *days in rows
        for d in days
    )
    apart = "\n".join(line.rsplit("|", 1)[0] for line in base.strip().splitlines())
    books = told(base), told(apart, sheet(log, "跟进记录"))
    counted = []
    for book in books:
        summary = summarise(dataset([book]), AS_OF)
        frame = summary.leads[["company", "last_follow_up", "silent_days", "never_followed_up"]]
        found = [
            (f.code, f.row)
            for f in check(book, AS_OF)
            if f.code in ("FUP-06", "SLA-03") and f.sheet == "线索跟踪"
        ]
        counted.append((frame.to_dict("list"), found, summary.overdue.list("silent_owner").count))
    assert str(counted[0]) == str(counted[1])
    assert counted[0][2] > 0


def test_told__what_nobody_can_date_is_no_neglect():
    book = told(LEADS)
    summary = summarise(dataset([book]), AS_OF)
    leads = summary.leads.set_index("row")
    assert leads.loc[[4, 6], "silent_days"].isna().all()
    assert list(leads["never_followed_up"]) == [False] * 5 + [True]
    silent = {f.row for f in check(book, AS_OF) if f.code in ("FUP-06", "SLA-03")}
    assert not silent & {4, 6}
    assert 7 in silent


def test_told__the_same_talk_in_the_log_counts_once():
    log = """
客户名称 | 跟进时间 | 跟进人 | 跟进方式 | 跟进内容
明禾机械 | 2026-03-05 10:30 | 张伟 | 电话 | 要报价
"""
    book = told(LEADS, sheet(log, "跟进记录"))
    days = dataset([book]).frames["follow_up"]
    assert len(days) == 7
    assert (days["content"] == "要报价").sum() == 1
    assert not (days["content"] == "电话沟通，要报价").any()


def test_told__the_last_talk_typed_is_compared_and_the_later_counts():
    text = LEADS.replace("| 跟进情况", "| 最后跟进时间 | 跟进情况").replace(
        "| 意向 |", "| 意向 | 2026-05-20 |"
    )
    text = text.replace("| 报价 | '3月5日", "| 报价 | 2026-03-05 | '3月5日")
    text = text.replace("| 报价 | 3月", "| 报价 | 2025-03-05 | 3月").replace(
        "| 报价 | '12", "| 报价 | | '12"
    )
    text = text.replace("| 报价 | 联系", "| 报价 | | 联系")
    book = told(text)
    assert [f.row for f in log_disagrees(book, AS_OF)] == [2, 3]
    days = summarise(dataset([book]), AS_OF).leads["last_follow_up"]
    assert [f"{day:%Y-%m-%d}" for day in days[:2]] == ["2026-05-20", "2026-03-20"]
    assert "4 2025-03-05" in talks(book)  # the typed day says which year


def test_settle_days__brings_nothing_but_the_one_reading():
    days = [t.day for t in read_talks("12.3电话\n1.5上门").talks]
    since, as_of = date(2025, 11, 2), date(2026, 6, 1)
    assert settle_days(days, Bounds(since, as_of))[0] == [date(2025, 12, 3), date(2026, 1, 5)]
    late = settle_days(days, Bounds(since, date(2027, 6, 1)))
    assert late == ([], SEVERAL)


@given(
    st.dates(date(2023, 1, 1), date(2025, 12, 31)),
    st.lists(st.integers(0, 120), min_size=1, max_size=5),
    st.integers(0, 300),
    st.booleans(),
)
def test_settle_days__gives_what_was_meant_or_nothing(since, gaps, until, backward):
    """Second computation: the days are made first, their years are dropped and found again."""
    meant, day = [], since
    for gap in gaps:
        day += timedelta(days=gap)
        meant.append(day)
    as_of = day + timedelta(days=until)
    order = meant[::-1] if backward else meant
    cell = "\n".join(f"{d.month}月{d.day}日 电话" for d in order)
    found, why = settle_days([t.day for t in read_talks(cell).talks], Bounds(since, as_of))
    assert bool(found) != bool(why)
    if found and (as_of - since).days < 365:
        assert found == order
    assert all(since <= d <= as_of for d in found)


def test_told__a_card_tells_the_talks_once():
    data = dataset([told(LEADS)])
    summary = summarise(data, AS_OF)
    found = cards(data, summary, segments(data, summary)).timeline
    mine = found[(found["row"] == 2) & (found["what"] == "跟进")]
    assert list(mine["text"]) == ["发合同", "上门拜访", "电话沟通，要报价"]
