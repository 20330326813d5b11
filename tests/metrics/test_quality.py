"""必填完整率, 录入及时率, 跟进记录及时率 and 有效跟进率 by person."""

import pytest

from sheetcrm.checks.service_levels import entered_late, recorded_late
from sheetcrm.kit.load import load_kit
from sheetcrm.metrics.quality import QUALITY_COLUMNS, RATE_NAMES, RATES, quality
from tests.checks.support import AS_OF, follow_ups, leads
from tests.tables import clean_book

LEADS = leads("""
线索编号 | 客户名称 | 线索状态 | 线索获取时间 | 录入时间    | 客户痛点 | 流失原因 | 负责人
L1      | 明禾机械 | 线索    | 2024-05-10  | 2024-05-11 |         |         | 林晓舟
L2      | 长风物流 | 商机    | 2024-05-10  | 2024-05-13 |         |         | 林晓舟
L3      |         | 流失    | 2024-05-10  |            |         | 价格过高 | 林晓舟
L4      | 待定    | 线索    | 2024-05-10  | 2024-05-10 |         |         | 周启航
L5      | 云岭食品 | 线索    | 2024-05-10  | 2024-05-10 |         |         |
""")
LOG = follow_ups("""
线索编号 | 跟进时间          | 跟进人 | 跟进内容 | 记录时间          | 是否有效跟进
L1      | 2024-05-13 10:00 | 林晓舟 | 演示    | 2024-05-13 18:00 | 是
L1      | 2024-05-14 10:00 | 林晓舟 | 演示    | 2024-05-16 18:00 | 否
L1      | 2024-05-15 10:00 | 林晓舟 | 演示    |                  |
""")


def test_quality__by_person():
    book = clean_book(LEADS, own=True)
    table = quality([book]).set_index("owner")
    # required: id (here all of a wrong form), company, status, two dates, the owner; after
    # 需求分析 also 客户痛点; on 流失 its reason
    expected = {
        "林晓舟": (5 + 5 + 4, 6 + 7 + 7, 1, 2),
        "周启航": (4, 6, 1, 1),
        "（未填）": (4, 6, 1, 1),
    }
    shown = table[["filled", "required", "entered_in_time", "entered"]]
    assert {name: tuple(row) for name, row in shown.iterrows()} == expected
    assert table.loc["林晓舟", "completeness"] == pytest.approx(14 / 20)
    assert table["record_in_time"].isna().all()


def test_quality__follow_ups_of_several_books_add_up():
    book = clean_book(LOG, own=True)
    table = quality([book, book]).set_index("owner")
    shown = table[["recorded_in_time", "recorded", "effective", "marked"]]
    assert tuple(shown.loc["林晓舟"]) == (2, 4, 2, 4)
    assert table.loc["林晓舟", "effective_rate"] == 0.5


def test_quality__late_means_what_the_findings_say():
    book = clean_book(LEADS, LOG, own=True)
    table = quality([book])
    late = table["entered"].sum() - table["entered_in_time"].sum()
    assert late == len(entered_late(book, AS_OF)) == 1
    late = table["recorded"].sum() - table["recorded_in_time"].sum()
    assert late == len(recorded_late(book, AS_OF)) == 1


def test_quality__without_any_column_to_judge():
    book = clean_book(leads("客户名称 | 来源渠道 | 线索状态\n明禾机械 | 展会 | 意向"))
    assert set(quality([book])["owner"]) == {"（未填）"}
    assert list(quality([]).columns) == list(QUALITY_COLUMNS)


def test_quality__counts_never_exceed_their_totals():
    table = quality([clean_book(LEADS, LOG, own=True, kit=load_kit("six_steps"))])
    assert set(RATES) == set(RATE_NAMES)
    for numerator, denominator in RATES.values():
        assert (table[numerator] <= table[denominator]).all()
