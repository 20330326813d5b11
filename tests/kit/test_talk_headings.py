"""Headings that tell of talks: one column for all, or a column a talk."""

import pytest

from sheetcrm.kit.talk_headings import is_wide, talk_heading, tells_talks
from tests.tables import recognised, sheet


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("第一次跟进", ("跟进", 1, "both")),
        ("第二次跟进时间", ("跟进", 2, "day")),
        ("3次回访结果", ("回访", 3, "text")),
        ("跟进1", ("跟进", 1, "both")),
        ("跟进时间1", ("跟进", 1, "day")),
        ("跟进内容第2次", ("跟进", 2, "text")),
        ("跟进记录（3）", ("跟进", 3, "both")),
        ("首次拜访", ("拜访", 1, "both")),
        ("二访", ("访", 2, "both")),
        ("跟进人2", ("跟进", 2, "who")),
        ("跟进日期", ("跟进", 0, "day")),
        ("下次跟进日期", ("跟进", 0, "plan")),
        ("跟进方式", None),
        ("跟进次数", None),
        ("联系电话", None),
        ("跟进1（不计）", None),
        ("第一次付款", None),
    ],
)
def test_talk_heading__parts(text, expected):
    found = talk_heading(text)
    assert (found and (found.word, found.number, found.part)) == expected


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("跟进情况", "talks"),
        ("沟通记录", "talks"),
        ("最新进展", "talks"),
        ("备注", "remarks"),
        ("情况说明", "remarks"),
        ("下次跟进计划", None),
        ("跟进状态", None),
        ("备注（不计）", None),
        ("客户名称", None),
    ],
)
def test_tells_talks__one_column(text, kind):
    assert tells_talks(text) == kind


def test_is_wide__numbered_or_repeated():
    texts = ["客户", "跟进1", "跟进2", "联系人", "联系人", "沟通日期", "沟通日期", "跟进情况"]
    assert is_wide(texts) == [False, True, True, False, False, True, True, False]


WIDE = """
客户名称 | 联系人 | 电话 | 负责人 | 当前阶段 | 跟进1 | 跟进2 | 跟进3 | 跟进4 | 跟进5 | 跟进6 | 跟进7 | 跟进8
明禾机械 | 许清 | 13800130001 | 张伟 | 意向 | 3.5 电话 | 3.6 上门 | | | | | |
"""  # noqa: E501


def test_locate__many_columns_a_talk_do_not_hide_the_leads():
    assert "lead" in recognised(WIDE).tables


def test_locate__a_row_with_several_talks_is_a_lead():
    text = """
客户名称 | 联系人 | 负责人 | 当前阶段 | 跟进日期 | 跟进内容 | 跟进日期 | 跟进内容
明禾机械 | 许清 | 张伟 | 意向 | 2026-03-05 | 电话 | 2026-03-06 | 上门
启明建材 | 王立 | 张伟 | 报价 | 2026-03-05 | 电话 | 2026-03-06 | 上门
"""
    assert list(recognised(sheet(text, "Sheet1")).tables) == ["lead"]


def test_locate__two_rows_of_headings():
    text = """
客户名称 | 联系人 | 负责人 | 当前阶段 | 第一次跟进 | | 第二次跟进 |
 | | | | 日期 | 内容 | 日期 | 跟进内容
明禾机械 | 许清 | 张伟 | 意向 | 2026-03-05 | 电话 | 2026-03-06 | 上门
"""
    headings = recognised(text).tables["lead"].headings
    assert [h.text for h in headings][4:] == [
        *("第一次跟进日期", "第一次跟进内容", "第二次跟进日期", "第二次跟进内容")
    ]
