"""线索编号 for rows that have none: by day, after the highest, never twice."""

import pytest

from sheetcrm.checks import check
from sheetcrm.checks.new_ids import blank_ids
from sheetcrm.clean import CleanBook
from sheetcrm.kit.load import load_kit
from sheetcrm.kit.model import Kit
from tests.checks.support import AS_OF, follow_ups, leads
from tests.tables import clean_book

HEAD = "线索编号|客户名称|线索获取时间|录入时间|线索状态|负责人\n"


def given_out(book: CleanBook, *, guests: bool = True) -> list[str]:
    return [f"{fix.cell} {fix.new}" for fix in blank_ids(book, check(book, AS_OF), guests=guests)]


def own(text: str) -> CleanBook:
    return clean_book(leads(HEAD + text), own=True)


def test_blank_ids__day_and_sequence_in_the_order_of_the_rows():
    book = own("""
||2024-05-01|||甲
|乙公司|2024-05-01|2024-05-03|线索|甲
|丙公司||2024-05-02 10:30|线索|甲
|丁公司|2024-05-01|||甲
""")
    assert given_out(book) == [
        "A2 线索-2024-0501-001",
        "A3 线索-2024-0501-002",
        "A4 线索-2024-0502-001",
        "A5 线索-2024-0501-003",
    ]


def test_blank_ids__goes_on_after_the_highest_of_the_day():
    book = own("""
线索-2024-0501-007|甲公司|2024-05-01|||甲
线索-2024-0501-003|乙公司|2024-05-01|||甲
|丙公司|2024-05-01|||甲
线索-2024-0502-999|丁公司|2024-05-02|||甲
|戊公司|2024-05-02|||甲
""")
    assert given_out(book) == ["A4 线索-2024-0501-008", "A6 线索-2024-0502-1000"]


def test_blank_ids__never_one_that_a_follow_up_names():
    log = follow_ups(
        "线索编号|跟进时间|跟进人|跟进方式|跟进内容\n线索-2024-0501-004|2024-05-02|甲|电话|已联系"
    )
    book = clean_book(leads(HEAD + "|甲公司|2024-05-01||线索|甲"), log, own=True)
    assert given_out(book) == ["A2 线索-2024-0501-005"]


def test_blank_ids__never_one_that_was_given_out_before():
    book = own("|甲公司|2024-05-01||线索|甲")
    (fix,) = blank_ids(book, (), ["线索-2024-0501-009", "", "别的"])
    assert fix.new == "线索-2024-0501-010"


@pytest.mark.parametrize(
    "row",
    [
        "|甲公司|||线索|甲",
        "|甲公司|'5月1日'||线索|甲",
        "|甲公司|2204-05-01||线索|甲",
        "|甲公司|2024-08-01||线索|甲",
        "|甲公司|不知道||线索|甲",
        "线索-2024-0501-001|甲公司|2024-05-01||线索|甲",
        "乱写|甲公司|2024-05-01||线索|甲",
        "待补|甲公司|2024-05-01||线索|甲",
        "合计：3||||",
    ],
    ids=[
        "no date",
        "no year",
        "impossible",
        "future",
        "no day",
        "has one",
        "odd",
        "stand-in",
        "total",
    ],
)
def test_blank_ids__rows_that_get_none(row):
    assert given_out(own(row)) == []


def test_blank_ids__the_entry_date_where_the_other_is_in_doubt():
    assert given_out(own("|甲公司|'5月1日'|2024-05-02|线索|甲")) == ["A2 线索-2024-0502-001"]


def test_blank_ids__text_dates_count():
    assert given_out(own("'  '|甲公司|'2024/5/1'||线索|甲")) == ["A2 线索-2024-0501-001"]


def test_blank_ids__a_guest_whose_ids_have_the_form():
    text = HEAD + "线索-2024-0501-001|甲公司|2024-05-01||线索|甲\n|乙公司|2024-05-01||线索|甲"
    assert given_out(clean_book(leads(text))) == ["A3 线索-2024-0501-002"]
    assert given_out(clean_book(leads(text)), guests=False) == []


@pytest.mark.parametrize("others", ["", "X001|甲公司|2024-05-01||线索|甲\n"])
def test_blank_ids__a_guest_with_other_ids_or_none(others):
    assert given_out(clean_book(leads(HEAD + others + "|乙公司|2024-05-01||线索|甲"))) == []


def with_id(**changes: str) -> Kit:
    kit = load_kit()
    lead = kit.by_key["lead"]
    columns = tuple(c.model_copy(update=changes) if c.key == "lead_id" else c for c in lead.columns)
    changed = lead.model_copy(update={"columns": columns})
    return kit.model_copy(update={"tables": (changed, *kit.tables[1:])})


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"pattern": r"XS\d{4}-\d{4}-\d{3}", "example": "XS2024-0501-001"}, ["A2 XS2024-0501-001"]),
        ({"pattern": "", "example": "L2024001"}, ["A2 L2024001"]),
        ({"pattern": r"L\d{5}", "example": "L00001"}, []),
        ({"pattern": r"L\d{5}"}, []),
    ],
)
def test_blank_ids__the_form_is_the_workbooks_own(changes, expected):
    book = clean_book(leads(HEAD + "|甲公司|2024-05-01||线索|甲"), own=True, kit=with_id(**changes))
    assert given_out(book) == expected
