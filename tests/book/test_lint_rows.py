"""A sheet that was edited: only the rows it did not have before are looked at."""

from hypothesis import given
from hypothesis import strategies as st

from sheetcrm.book.lint_rows import RowsOf

ROWS = st.dictionaries(st.integers(1, 12), st.integers(0, 2), max_size=8)


def part(rows: dict[int, int], more: str = "") -> bytes:
    made = [f'<row r="{n}"><c r="A{n}"><v>{v}</v></c></row>' for n, v in sorted(rows.items())]
    data = f"<sheetData>{''.join(made)}</sheetData>" if made else "<sheetData/>"
    return f"<worksheet>{more}{data}<pageMargins/></worksheet>".encode()


@given(ROWS, ROWS)
def test_split__new_rows_wherever_they_are(before: dict[int, int], now: dict[int, int]) -> None:
    split = RowsOf(part(now, '<dimension ref="A1:A99"/>'), part(before), ()).split()
    found = [int(row.get("r") or 0) for tree in split.chunks(bytes) for row in tree.iter("row")]
    assert found == [n for n in sorted(now) if before.get(n) != now[n]]
    assert split.numbers == tuple(sorted(now))
