"""趋势 against plain counting, the edges of periods, and what counts as a drop."""

from collections import Counter
from datetime import date, timedelta

import pytest

from sheetcrm.kit.load import load_kit
from sheetcrm.metrics.dataset import dataset
from sheetcrm.metrics.summary import summarise
from sheetcrm.metrics.trend import Trend, trend
from tests.tables import clean_book, sheet

HEAD = "线索编号|客户名称|来源渠道|线索状态|负责人|线索获取时间|成交时间|实际成交金额|流失阶段"
STAGES = "线索编号|客户名称|销售代表|所属阶段|阶段进入时间"
# A Wednesday: the last full week ended on Sunday the 16th.
AS_OF = date(2024, 6, 19)


def found(rows: list[str], stages: list[str] | None = None, as_of: date = AS_OF) -> Trend:
    sheets = [sheet("\n".join([HEAD, *rows]))]
    if stages:
        sheets.append(sheet("\n".join([STAGES, *stages]), "阶段进度"))
    data = dataset([clean_book(*sheets, kit=load_kit(), own=True)])
    return trend(data, summarise(data, as_of))


def leads(counts: dict[date, int], status: str = "线索") -> list[str]:
    rows = []
    for day, count in counts.items():
        for n in range(count):
            rows.append(f"{status}{day:%m%d}{n}|{day:%m%d}客户{n}|官网表单|{status}|王芳|{day}|||")
    return rows


def test_periods__weeks_from_monday_months_and_days():
    got = found(leads({AS_OF - timedelta(days=n): 1 for n in range(400)}))
    assert (len(got.days), len(got.weeks), len(got.months)) == (30, 12, 12)
    last = got.weeks[-1]
    assert (last.start, last.end, last.complete) == (date(2024, 6, 17), date(2024, 6, 23), False)
    assert [week.start.weekday() for week in got.weeks] == [0] * 12
    assert (got.months[0].start, got.months[-1].end) == (date(2023, 7, 1), date(2024, 6, 30))
    assert [m.new for m in got.months] == [31, 31, 30, 31, 30, 31, 31, 29, 31, 30, 31, 19]
    assert [w.new for w in got.weeks] == [7] * 11 + [3]
    assert {d.new for d in got.days} == {1}


def test_counts__equal_a_plain_count():
    rows, stages = [], []
    for n in range(120):
        got = date(2024, 3, 1) + timedelta(days=n * 7 % 100)
        then = got + timedelta(days=n % 9)
        won = then + timedelta(days=3)
        if n % 4 == 0 and won <= AS_OF:
            rows.append(f"L{n}|客户{n}|官网表单|成交|王芳|{got}|{won}|{1000 * n}|")
        elif n % 4 == 1:
            rows.append(f"L{n}|客户{n}|官网表单|流失|王芳|{got}|||线索")
            stages.append(f"L{n}|客户{n}|王芳|流失|{then}")
            continue
        else:
            rows.append(f"L{n}|客户{n}|官网表单|意向|王芳|{got}|||")
        stages.append(f"L{n}|客户{n}|王芳|意向|{then}")
    got_trend = found(rows, stages)
    cells = [row.split("|") for row in rows]
    entered = {s.split("|")[0]: (s.split("|")[3], s.split("|")[4]) for s in stages}

    def months(days: list[str]) -> Counter[str]:
        return Counter(day[:7] for day in days if date.fromisoformat(day) <= AS_OF)

    new = months([c[5] for c in cells])
    reached = months([day for stage, day in entered.values() if stage == "意向"])
    left = months([day for stage, day in entered.values() if stage == "流失"])
    won_in = months([c[6] for c in cells if c[6]])
    for month in got_trend.months:
        label = month.label
        assert (month.new, month.interested, month.left, month.won) == (
            new[label],
            reached[label],
            left[label],
            won_in[label],
        )
        sales = sum(float(c[7]) for c in cells if c[6].startswith(label))
        assert month.sales == pytest.approx(sales)
    by_week = [sum(getattr(w, k) for w in got_trend.weeks) for k in ("new", "won")]
    first = got_trend.weeks[0].start
    assert by_week[0] == sum(first <= date.fromisoformat(c[5]) <= AS_OF for c in cells)


def test_interest__a_stage_skipped_counts_on_the_day_of_the_next_one():
    got = found(
        [
            "L1|甲|官网表单|报价|王芳|2024-06-01|||",
            "L2|乙|官网表单|成交|王芳|2024-06-01|2024-06-12|5000|",
        ],
        ["L1|甲|王芳|报价|2024-06-11"],
    )
    assert [(d.label, d.interested) for d in got.days if d.interested] == [("6/11", 1), ("6/12", 1)]
    assert got.interest == "意向"


def test_unknown_days__are_said():
    got = found(
        [
            "L1|甲|官网表单|意向|王芳||||",
            "L2|乙|官网表单|流失|王芳|2024-06-01|||线索",
            "L3|丙|官网表单|成交|王芳|2024-06-01||5000|",
        ]
    )
    assert len(got.assumptions) == 4


def test_drop__from_the_last_full_week_only():
    week = {date(2024, 6, 3): 40, date(2024, 6, 10): 10, date(2024, 6, 17): 0}
    (drop,) = found(leads(week)).drops
    assert (drop.figure, drop.chance) == ("新增线索", False)
    assert "由40条降到10条（-75%）" in drop.sentence
    got = found(leads(week)).sentence
    assert got.startswith("上一个整周（06-10～06-16）与前一周相比：")
    assert got.endswith("请检查获客渠道。")


@pytest.mark.parametrize(
    ("before", "now", "expected"),
    [
        (100, 85, []),
        (100, 84, [True]),
        (20, 16, [True]),
        (0, 0, []),
        (0, 5, []),
        (200, 120, [False]),
    ],
)
def test_drop__more_than_the_threshold_and_more_than_chance(before, now, expected):
    got = found(leads({date(2024, 6, 3): before, date(2024, 6, 10): now, date(2024, 5, 1): 1}))
    assert [d.chance for d in got.drops] == expected


def test_drop__of_the_conversion_rate():
    rows, stages = [], []
    for day, good, bad in ((date(2024, 6, 4), 45, 5), (date(2024, 6, 12), 20, 30)):
        for n in range(good + bad):
            key = f"{day:%d}-{n}"
            status = "意向" if n < good else "流失"
            rows.append(
                f"{key}|客户{key}|官网表单|{status}|王芳|2024-05-01|||{'线索' if n >= good else ''}"
            )
            stages.append(f"{key}|客户{key}|王芳|{status}|{day}")
    got = found(rows, stages)
    drops = {d.figure: d for d in got.drops}
    assert not drops["线索转化率"].chance
    assert "由90.0%（45/50）降到40.0%（20/50）" in drops["线索转化率"].sentence
    assert "请检查线索质量" in got.sentence


def test_nothing__moved_or_one_week_old():
    empty = found([])
    assert (empty.drops, empty.moves.empty) == ((), True)
    assert empty.sentence.endswith("没有下降超过15%的指标。")
    young = found(leads({AS_OF: 2}))
    assert [p.new for p in young.weeks] == [0, 2]
    assert len(young.moves) == 2
