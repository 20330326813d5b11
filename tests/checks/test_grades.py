"""GRD-04 an A without evidence · GRD-01 a grade unlike its evidence · GRD-02 no basis at all."""

import pytest

from sheetcrm.checks.grades import missing_evidence, proposed, unsupported, without_basis
from sheetcrm.clean import CleanBook, CleanTable
from sheetcrm.table import RawSheet
from tests.checks.support import AS_OF, follow_ups, leads, told
from tests.tables import clean_book

HEAD = (
    "线索编号 | 客户名称 | 线索状态 | 线索等级 | 初步需求 | 预算范围 | 决策人 | 预计采购时间 | 备注"
)


def graded(row: str, *others: RawSheet, status: str = "意向") -> CleanBook:
    grade, rest = row.split("|", 1)
    return clean_book(
        leads(f"{HEAD}\nL1 | 明禾机械 | {status} | {grade} | {rest}"), *others, own=True
    )


@pytest.mark.parametrize(
    ("row", "missing"),
    [
        ("A | 采购进销存 | 20万 | 马总 | 2024-07-20 |", None),
        ("A | 采购进销存 |  | 马总 | 2024-07-20 |", "缺预算范围"),
        ("A | 采购进销存 | 待定 |  |  |", "缺预算范围、决策人、预计采购时间"),
        ("B | 采购进销存 |  |  |  |", None),
    ],
)
def test_missing_evidence(row, missing):
    found = missing_evidence(graded(row), AS_OF)
    assert told(found) == (["线索跟踪!D2 GRD-04"] if missing else [])
    assert all(str(missing) in f.message for f in found)


def test_missing_evidence__open_leads_only():
    assert missing_evidence(graded("A | 采购进销存 | | | |", status="流失"), AS_OF) == []


@pytest.mark.parametrize(
    ("row", "supported"),
    [
        ("A | 采购进销存 | 20万 | 马总 | 2024-07-20 |", None),
        ("A | 采购进销存 | 20万 | 马总 | 2024-12-20 |", "B"),
        ("A | 先了解一下 | 20万 | 马总 | 2024-07-20 |", "C"),
        ("A | 采购进销存 |  | 马总 | 2024-07-20 |", None),  # GRD-04
        ("A | 采购进销存 | 20万 | 马总 | 2024-05-20 |", None),  # DAT-06
        ("B | 采购进销存 |  |  |  |", None),
        ("B | 采购进销存 | 20万 | 马总 | 2024-07-31 |", "A"),
        ("B | 仅咨询价格 |  |  |  |", "C"),
        ("C | 仅咨询价格 |  |  |  |", None),
        ("C | 采购进销存 |  |  |  |", None),
        ("C | 采购进销存 | 20万 |  | 2024-12-20 |", None),
        ("C | 采购进销存 | 20万 |  |  |", "B"),
        ("C | 了解一下 |  |  |  | 竞品已报价", "B"),
        ("C | 了解一下 |  |  |  | 需3天内对比", "B"),
    ],
)
def test_unsupported(row, supported):
    found = unsupported(graded(row), AS_OF)
    assert told(found) == (["线索跟踪!D2 GRD-01 W"] if supported else [])
    assert all(f"应为{supported}级" in f.message for f in found)


def test_unsupported__what_the_customer_said_last():
    log = """
    线索编号 | 跟进时间    | 客户反馈
    L1      | 2024-05-01 | {first}
    L1      | 2024-06-01 | {last}
    """
    urgent, calm = "竞品报价已出", "下月再谈"
    row = "C | 了解一下 | | | |"
    lifted = graded(row, follow_ups(log.format(first=calm, last=urgent)))
    assert [f.code for f in unsupported(lifted, AS_OF)] == ["GRD-01"]
    assert unsupported(graded(row, follow_ups(log.format(first=urgent, last=calm))), AS_OF) == []


def test_grades__not_judged_without_the_evidence_columns():
    book = clean_book(
        leads("线索编号 | 线索状态 | 线索等级 | 决策人\nL1 | 意向 | A |"),
        own=True,
    )
    assert missing_evidence(book, AS_OF) == unsupported(book, AS_OF) == []


@pytest.mark.parametrize(
    ("row", "bare"),
    [
        ("B | | | | |", True),
        ("B | 采购进销存 | | | |", False),
        ("B | | 20万 | | |", False),
        ("C | | | | |", False),
        ("A | | | | |", False),  # GRD-04
    ],
)
def test_without_basis(row, bare):
    book = graded(row)
    assert told(without_basis(book, AS_OF)) == (["线索跟踪!D2 GRD-02 W"] if bare else [])
    assert not (bare and unsupported(book, AS_OF))


def test_proposed__for_a_table_that_never_had_the_evidence_columns():
    book = clean_book(
        leads("线索编号 | 线索状态 | 线索等级 | 初步需求\nL1 | 意向 |  | 采购进销存"),
        own=True,
    )
    table = book.tables["lead"]
    own = tuple(c for c in table.spec.columns if c.key in table.data)
    bare = CleanTable(table.source, table.spec.model_copy(update={"columns": own}), table.data)
    assert proposed(bare, book.kit, AS_OF)["grade"].tolist() == ["C"]
