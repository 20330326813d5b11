"""Whatever people type: cleaning ends, types every column and says at most one thing a cell."""

from collections import Counter
from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from sheetcrm.clean import clean
from sheetcrm.kit.load import load_kit
from sheetcrm.kit.recognise import recognise_with
from sheetcrm.table import RawSheet
from tests.tables import raw_book

KIT = load_kit()
COLUMNS = KIT.by_key["lead"].columns
cells = st.one_of(
    st.none(),
    st.text(max_size=12),
    st.sampled_from(
        ["-", "无", "待定", "#REF!", "=1", "3月8日", "5万", "2024-2-30", "合计", "示例", "Ａ"]
    ),
    st.floats(),
    st.integers(0, 10**11).map(float),
    st.booleans(),
    st.dates(),
    st.datetimes(),
    st.times(),
)
rows = st.lists(
    st.lists(cells, min_size=len(COLUMNS), max_size=len(COLUMNS)), min_size=1, max_size=3
)


@given(rows, st.booleans())
@settings(max_examples=25, deadline=None)
def test_clean__any_cells_at_all(data, own):
    sheet = RawSheet("线索跟踪", [[c.name for c in COLUMNS], *data], table="lead")
    book = clean(recognise_with(raw_book(sheet), KIT, own=own))
    table = book.tables["lead"]
    assert list(table.data) == [c.key for c in COLUMNS]
    assert set(table.data.index) <= set(range(2, len(data) + 2))
    said = Counter((f.row, f.column) for f in book.findings if f.row > 1 and f.column)
    assert set(said.values()) <= {1}
    names = {c.key: c.name for c in COLUMNS}
    assert {(row, names[key]) for row, key in table.faulty} <= said.keys()


@given(
    st.permutations(range(len(COLUMNS))),
    st.lists(st.sampled_from(["", "2024/3/1", "5万", "13800130001"]), min_size=3, max_size=3),
)
@settings(max_examples=15, deadline=None)
def test_clean__the_order_of_columns_changes_nothing(order, typed):
    healthy = ["L1", *typed, *([None] * (len(COLUMNS) - 4))]
    line = [c.name for c in COLUMNS]

    def cleaned(positions: Sequence[int]) -> tuple[object, list[tuple[str, str, str]]]:
        lines = [[source[i] for i in positions] for source in (line, healthy)]
        book = clean(recognise_with(raw_book(RawSheet("线索跟踪", lines)), KIT, own=False))
        data = book.tables["lead"].data
        said = sorted((f.code, f.column, f.value) for f in book.findings if f.row > 1)
        return data[sorted(map(str, data))].astype(str).to_dict(), said

    assert cleaned(order) == cleaned(range(len(COLUMNS)))
