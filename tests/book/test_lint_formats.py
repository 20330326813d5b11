"""Which cell formats show dates: by number where Excel knows them, else by their code."""

import pytest

from sheetcrm.book.lint_formats import date_formats, listed
from sheetcrm.book.xmlpart import MAIN, parse


def styles(*ids: int, codes: tuple[str, ...] = ()) -> bytes:
    made = "".join(f'<numFmt numFmtId="{n}" formatCode="{c}"/>' for n, c in enumerate(codes, 164))
    used = "".join(f'<xf numFmtId="{n}"/>' for n in ids)
    inside = f"<numFmts>{made}</numFmts><cellXfs>{used}<xf/></cellXfs>"
    return f'<styleSheet xmlns="{MAIN}">{inside}</styleSheet>'.encode()


def test_date_formats__those_excel_knows_by_number():
    numbers = range(60)
    found = date_formats(parse(styles(*numbers)))
    known = [*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)]
    assert found == {str(n) for n in known}


@pytest.mark.parametrize(
    ("code", "is_date"),
    [
        *(("yyyy-mm-dd", True), ("D", True), ("[h]:mm", True), ("[$-804]AM/PM h", True)),
        *(("0.00", False), ("General", False), ("0&quot;days&quot;", False), ("[Red]0", False)),
        *(("0\\d", False), ("0_d", False), ("@", False), ("0\\年m", True)),
    ],
)
def test_date_formats__by_their_code(code: str, is_date: bool):
    found = date_formats(parse(styles(0, 164, codes=(code,))))
    assert found == ({"1"} if is_date else set())


def test_date_formats__the_first_is_that_of_cells_without_one():
    assert date_formats(parse(styles(14, 0))) == {"0", None}


def test_listed__entries_of_one_list():
    root = parse(styles(1, 2, codes=("0",)))
    assert [entry.get("numFmtId") for entry in listed(root, "cellXfs")] == ["1", "2", None]
    assert listed(root, "fonts") == []
