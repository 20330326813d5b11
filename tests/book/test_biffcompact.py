"""Sparse sheets of an .xls: every cell stays where its record says, at a fair cost."""

import struct
import tracemalloc

import pytest

from sheetcrm.book.cfb import workbook_stream
from sheetcrm.book.guard import inspect, needs_sparse_read
from sheetcrm.book.parse import parse
from sheetcrm.errors import FileProblem
from sheetcrm.table import Cell
from tests.soak.biff import compound, stream

EOF = struct.pack("<HH", 0x000A, 0)
_END, _FREE = 0xFFFFFFFE, 0xFFFFFFFF


def record(kind: int, form: str, *fields: object) -> bytes:
    return struct.pack("<HH" + form, kind, struct.calcsize("<" + form), *fields)


def number(row: int, column: int, value: float) -> bytes:
    return record(0x0203, "HHHd", row, column, 0, value)


def numbers(row: int, column: int, *values: int) -> bytes:
    each = b"".join(struct.pack("<HI", 0, value << 2 | 2) for value in values)
    return record(0x00BD, f"HH{len(each)}sH", row, column, each, column + len(values) - 1)


def text_result(row: int, column: int, text: str) -> bytes:
    formula = record(0x0006, "HHHQHIH", row, column, 0, 0xFFFF << 48, 0, 0, 0)
    letters = text.encode("utf-16-le")
    return formula + record(0x0207, f"HB{len(letters)}s", len(text), 1, letters)


FAR = number(65_299, 255, 8.5)


def far(*records: bytes) -> bytes:
    """Return a stream whose second sheet has a cell in its last column, and those records."""
    return (
        stream([("线索", [["甲", 1.0]]), ("说明", [["好"]])])[:-4] + FAR + b"".join(records) + EOF
    )


def read(data: bytes) -> dict[tuple[int, int], Cell]:
    return {
        (r, c): cell
        for r, row in enumerate(parse(data, "a.xls").sheets[1].rows, 1)
        for c, cell in enumerate(row, 1)
        if cell not in (None, "")
    }


@pytest.mark.parametrize(
    ("records", "more"),
    [
        ([], {}),
        ([number(9, 3, 2.0), number(4, 0, 3.0)], {(10, 4): 2, (5, 1): 3}),
        ([numbers(700, 3, 4, 5, 6)], {(701, 4): 4, (701, 5): 5, (701, 6): 6}),
        ([numbers(700, 3, 4)], {(701, 4): 4}),
        ([record(0x027E, "HHHI", 8, 1, 0, 7 << 2 | 2)], {(9, 2): 7}),
        ([record(0x0205, "HHHBB", 8, 1, 0, 1, 0)], {(9, 2): True}),
        ([record(0x0204, "HHHHB4s", 8, 1, 0, 2, 1, "备注".encode("utf-16-le"))], {(9, 2): "备注"}),
        ([record(0x00D6, "HHHHB4s", 8, 1, 0, 2, 1, "备注".encode("utf-16-le"))], {(9, 2): "备注"}),
        ([text_result(8, 1, "共二"), number(8, 2, 1.0)], {(9, 2): "共二", (9, 3): 1}),
        ([number(8, 1, 2.0), number(8, 1, 3.0)], {(9, 2): 3}),
        ([numbers(8, 1, 4, 5), number(8, 2, 6.0)], {(9, 2): 4, (9, 3): 6}),
        ([number(8, 1, float("inf"))], {(9, 2): "inf"}),
        ([record(0x0201, "HHH", 8, 1, 0)], {}),
    ],
)
def test_sparse__cells_stay_where_they_are(records, more):
    assert read(compound(far(*records))) == {(1, 1): "好", (65_300, 256): 8.5, **more}


def test_sparse__numbers_side_by_side_stay_so():
    wide = {row: list(range(row, 190)) for row in (10, 20, 30)}
    found = read(compound(far(*(numbers(row, 5, *values) for row, values in wide.items()))))
    assert found == {
        (1, 1): "好",
        (65_300, 256): 8.5,
        **{(row + 1, 6 + n): v for row, values in wide.items() for n, v in enumerate(values)},
    }


def test_sparse__other_sheets_and_merges_are_as_they_were():
    merged = record(0x00E5, "HHHHH", 1, 0, 1, 0, 2)
    sheets = parse(compound(far(merged)), "a.xls").sheets
    assert [list(row) for row in sheets[0].rows] == [["甲", 1]]
    assert (sheets[0].merged, sheets[1].merged) == ((), ("A1:C2",))
    assert len(sheets[1].rows) == 65_300
    assert max(map(len, sheets[1].rows[:-1])) == 1


def test_sparse__costs_what_is_there():
    data = compound(far())
    assert [needs_sparse_read(scan) for scan in inspect(data, "a.xls").sheets] == [False, True]
    tracemalloc.start()
    read(data)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 10 << 20  # the rectangle would take 130 MB


def test_sparse__two_cells_of_several_in_one_place():
    with pytest.raises(FileProblem) as caught:
        read(compound(far(number(8, 3, 1.0), numbers(8, 2, 4, 5))))
    assert caught.value.code == "FIL-01"


def test_sparse__in_sectors_of_small_streams():
    data = small_compound(far(number(9, 3, 2.0)))
    assert workbook_stream(data) == far(number(9, 3, 2.0))
    assert read(data) == {(1, 1): "好", (10, 4): 2, (65_300, 256): 8.5}


def small_compound(data: bytes) -> bytes:
    """Return a compound file with a stream of under 4,096 bytes, its sectors in reverse."""
    pieces = [data[at : at + 64].ljust(64, b"\0") for at in range(0, len(data), 64)]
    count = len(pieces)
    held = b"".join(reversed(pieces))
    sectors = -(-len(held) // 512)
    small = [_END, *range(count - 1)]
    table = [0xFFFFFFFD, _END, _END, *range(4, 3 + sectors), _END]

    def entry(name: str, kind: int, child: int, start: int, size: int) -> bytes:
        text = (name + "\0").encode("utf-16-le")
        head = text.ljust(64, b"\0") + struct.pack(
            "<HBBIII", len(text), kind, 1, _FREE, _FREE, child
        )
        return head + bytes(36) + struct.pack("<IQ", start, size)

    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    head += struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    head += struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, 2, 1, _END, 0)
    head += struct.pack("<109I", 0, *[_FREE] * 108)
    folder = entry("Root Entry", 5, 1, 3, len(held)) + entry(
        "Workbook", 2, _FREE, count - 1, len(data)
    )
    lists = [table + [_FREE] * (128 - len(table)), small + [_FREE] * (128 - count)]
    fat, mini = (struct.pack("<128I", *each) for each in lists)
    return head + fat + folder.ljust(512, b"\0") + mini + held.ljust(512 * sectors, b"\0")
