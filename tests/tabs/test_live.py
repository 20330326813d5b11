"""What Excel makes of dirty cells, held against an engine that was written by others."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sheetcrm.tabs.live import Live, Span, Test, agrees, count, plus, span, total
from sheetcrm.tabs.style import new_book
from tests.recalc import Difference, by_betteroffice, differences

CELLS = [
    "官网",
    "官网 ",
    " 官网",
    "官网表单",
    "ABC",
    "abc",
    "A*C",
    "A?C",
    "~A*",
    "=1+1",
    ">5",
    "<>",
    "5",
    5.0,
    5.5,
    -3.0,
    "2024-06-01",
    date(2024, 6, 1),
    date(2024, 6, 30),
    None,
    "TRUE",
    True,
    "100%",
    "￥100",
    "（未填）",
    "1E3",
    1000.0,
    "O'Neill",
    '双"引号',
    "长" * 120,
]
ADDRESS, AMOUNTS = "'数据'!$A$1:$A$40", "'数据'!$B$1:$B$40"


def columns(cells: Any, amounts: Any = None) -> dict[str, Span]:
    amounts = amounts or [10.0**-2 * i for i in range(len(cells))]
    return {"name": span(ADDRESS, cells), "amount": span(AMOUNTS, amounts)}


def recalculated(cells: Any, lives: Any, names: Any = ()) -> list[Difference]:
    """Write the cells and the formulas, and return what differs after a recalculation."""
    book = new_book()
    data, tab = book.sheet("数据"), book.sheet("汇总")
    for row, value in enumerate(cells, 1):
        data.put(row, 1, value, "plain")
        data.number(row, 2, 10.0**-2 * (row - 1), "plain")
    for row, name in enumerate(names, 1):
        tab.put(row, 1, name, "plain")
    for row, live in enumerate(lives, 1):
        tab.formula(row, 2, live.formula, live.value, "plain")
    made = book.finish()
    return differences(made, by_betteroffice(made))


def test_count__matrix_of_awkward_names_equals_the_engine():
    names = [value for value in CELLS if isinstance(value, str)]
    found = [count(columns(CELLS), [Test("name", "=", name)]) for name in names]
    assert recalculated(CELLS, [live for live in found if live]) == []


def test_count__name_in_a_cell_equals_the_engine():
    names = [value for value in CELLS if isinstance(value, str)]
    tests = [Test("name", "=", name, f"$A${row}") for row, name in enumerate(names, 1)]
    found = [count(columns(CELLS), [test]) for test in tests]
    assert all(found)
    assert recalculated(CELLS, [live for live in found if live], names) == []


@pytest.mark.parametrize("operator", ["<", ">", "<=", ">=", "="])
def test_count__numbers_compare_with_numbers_and_dates_only(operator):
    cells = [5.0, 5.5, -3.0, None, "未计划", "官网", date(2024, 6, 1), date(2024, 6, 30), 1000.0]
    lives = [
        count(columns(cells), [Test("name", operator, bound)])
        for bound in (5.0, 5.5, -3.0, 0.0, 45444.0, 1000.0)
    ]
    assert all(lives)
    assert recalculated(cells, [live for live in lives if live]) == []


@pytest.mark.parametrize("odd", ["5", "2024-06-01", True, "100%"])
def test_count__a_column_that_engines_read_differently_is_not_compared_with_numbers(odd):
    assert count(columns([5.0, odd]), [Test("name", ">=", 5.0)]) is None


def test_total__sums_amounts_of_matching_rows():
    names = [value for value in CELLS if isinstance(value, str)]
    lives = [total(columns(CELLS), "amount", [Test("name", "=", name)]) for name in names]
    assert recalculated(CELLS, [live for live in lives if live]) == []


def test_count__blank_and_filled_together():
    table = {**columns(CELLS), "other": span("'数据'!$B$1:$B$40", ["x"] * len(CELLS))}
    blank = count(columns(CELLS), [Test("name", "blank")])
    filled = count(columns(CELLS), [Test("name", "filled")])
    assert blank is not None
    assert filled is not None
    assert blank.value == 1
    assert recalculated(CELLS, [filled]) == []
    both = count(table, [Test("other", "filled"), Test("name", "blank")])
    assert both is not None
    assert both.formula.startswith("SUMPRODUCT((")


@pytest.mark.parametrize(
    ("cells", "python_says"),
    [
        (["官网", "官网 "], 2),
        (["官网", "官 网"], 2),
        ([" 官网", "官网"], 2),
    ],
)
def test_agrees__stray_spaces_keep_a_figure_from_being_live(cells, python_says):
    assert not agrees(
        count({"name": span(ADDRESS, cells)}, [Test("name", "=", "官网")]), python_says
    )


def test_agrees__a_small_row_beside_a_large_amount():
    assert agrees(Live("SUM(A:A)", 1_000_005_000.8), 1_000_005_000.8)
    assert not agrees(Live("SUM(A:A)", 1_000_005_000.0), 1_000_005_000.8)
    assert agrees(Live("SUM(A:A)", 0.1 + 0.2), 0.3)


def test_agrees__text_dates_are_no_dates():
    cells = [date(2024, 6, 1), "2024-06-02", "2024年6月3日"]
    assert not agrees(count(columns(cells), [Test("name", "<", 46000.0)]), 3)


def test_total__error_values_and_text_amounts():
    cells = {"name": span(ADDRESS, ["a", "b"]), "amount": span(AMOUNTS, ["#REF!", 1.0])}
    assert total(cells, "amount", [Test("name", "=", "a")]) is None
    plain = total(cells, "amount", [Test("name", "=", "b")])
    assert plain is not None
    assert plain.value == 1
    # A product cannot skip the text in 金额 as SUMIFS does.
    assert total(cells, "amount", [Test("name", "=", "=1+1")]) is None


def test_count__an_error_value_is_neither_text_nor_part_of_a_product():
    cells = {"name": span(ADDRESS, ["张三", "#N/A", "123"])}
    plain = count(cells, [Test("name", "=", "张三")])
    filled = count(cells, [Test("name", "filled")])
    assert plain is not None
    assert plain.value == 1
    assert filled is not None
    assert filled.value == 2
    assert count(cells, [Test("name", "=", "123")]) is None
    assert count(cells, [Test("name", "blank")]) is None


def test_total__amounts_in_ten_thousands_are_multiplied():
    cells = {"name": span(ADDRESS, ["a"]), "amount": span(AMOUNTS, [5.2], factor=10_000)}
    live = total(cells, "amount", [Test("name", "=", "a")])
    assert live is not None
    assert agrees(live, 52_000)
    assert live.formula.endswith("*10000")


def test_plus__is_nothing_when_a_part_is_missing():
    part = Live("A1", 1)
    assert plus([part, None]) is None
    assert plus([]) is None
    assert plus([part, part]) == Live("A1+A1", 2)


def test_count__missing_column_gives_no_formula():
    assert count({}, [Test("name", "=", "官网")]) is None
    assert count({}, []) is None


@settings(max_examples=15, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.text(alphabet="aA*?~=<>\"'1网 .%", max_size=4),
            st.integers(-9, 9).map(float),
            st.none(),
        ),
        min_size=1,
        max_size=25,
    )
)
def test_count__property_any_column_equals_the_engine(cells):
    cells = [value or None if isinstance(value, str) else value for value in cells]
    table = columns(cells)
    names = sorted({value for value in cells if isinstance(value, str)})
    lives = [count(table, [Test("name", "=", name)]) for name in names]
    lives += [total(table, "amount", [Test("name", "=", name)]) for name in names]
    lives += [count(table, [Test("name", op, 3.0)]) for op in ("<", ">=", "=")]
    assert recalculated(cells, [live for live in lives if live]) == []
