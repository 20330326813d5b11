"""QLT-01 filled in afterwards · QLT-02 copied · QLT-03 says nothing."""

import pytest

from sheetcrm.checks.quality import copied, filled_afterwards, says_nothing
from tests.checks.support import AS_OF, follow_ups, told
from tests.tables import clean_book

HEAD = "线索编号 | 跟进时间 | 跟进人 | 跟进方式 | 跟进内容 | 记录时间"


def batch(days: list[int], written: str):
    rows = (
        f"L{i} | 2024-06-{d:02} | 林晓舟 | 电话 | 第{i}次 | {written}" for i, d in enumerate(days)
    )
    return clean_book(follow_ups("\n".join([HEAD, *rows])), own=True)


@pytest.mark.parametrize(
    ("days", "hit"),
    [
        ([3, 4, 5, 5, 6], True),
        ([3, 4, 5, 6], False),  # four
        ([3, 3, 3, 3, 3], False),  # of one day: a day's visits
        ([3, 4, 5, 6, 14], False),  # the last was written down in time
    ],
)
def test_filled_afterwards(days, hit):
    found = filled_afterwards(batch(days, "2024-06-14"), AS_OF)
    assert told(found) == (["跟进记录!F2 QLT-01 W"] if hit else [])
    assert all("补录了5条" in f.message and "林晓舟" in f.message for f in found)


def test_copied__of_the_same_lead():
    text = f"""
    {HEAD}
    L1 | 2024-06-03 | 林晓舟 | 电话 | 演示库存模块 |
    L1 | 2024-06-05 | 林晓舟 | 电话 | 演示 库存模块 |
    L2 | 2024-06-05 | 林晓舟 | 电话 | 演示库存模块 |
    L1 | 2024-06-07 | 林晓舟 | 电话 | 谈价格 |
    L1 | 2024-06-09 | 林晓舟 | 电话 | 谈价格 |
    """
    found = copied(clean_book(follow_ups(text), own=True), AS_OF)
    assert told(found) == ["跟进记录!E3 QLT-02 W"]
    assert "E2" in found[0].message


def test_copied__to_many_customers_on_one_day():
    def rows(count: int, owner: str = "林晓舟") -> str:
        made = (f"L{i} | 2024-06-03 | {owner} | 微信 | 发送新品资料一份 |" for i in range(count))
        return "\n".join([HEAD, *made])

    assert told(copied(clean_book(follow_ups(rows(3)), own=True), AS_OF)) == [
        "跟进记录!E3 QLT-02 W",
        "跟进记录!E4 QLT-02 W",
    ]
    assert copied(clean_book(follow_ups(rows(2)), own=True), AS_OF) == []


@pytest.mark.parametrize(
    ("text", "empty"),
    [
        ("已联系", True),
        ("电话联系客户", True),
        ("继续跟进。", True),
        ("同上", True),
        ("已联系，客户下周开会定", False),
        ("演示库存模块", False),
        ("报价", False),
    ],
)
def test_says_nothing(text, empty):
    book = clean_book(follow_ups(f"{HEAD}\nL1 | 2024-06-03 | 林晓舟 | 电话 | {text} |"), own=True)
    assert told(says_nothing(book, AS_OF)) == (["跟进记录!E2 QLT-03 I"] if empty else [])
