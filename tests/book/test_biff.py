"""Records of an .xls: what calamine would read past without a word is damage."""

import struct

import pytest

from sheetcrm.book.biff import check_records
from sheetcrm.book.cfb import Broken
from sheetcrm.book.guard import inspect
from sheetcrm.book.parse import parse
from sheetcrm.errors import FileProblem
from tests.book.packages import corpus_files, needs_corpus
from tests.soak.biff import compound, stream, xls

Rows = list[list[str | float | bool | None]]
ROWS: Rows = [["线索编号", "金额", "成交"], ["L1", 12.5, True], ["L2", None, False]]
SHEETS: list[tuple[str, Rows]] = [("线索", ROWS), ("说明", [["好"], [None, 3.0]])]
NUMBER = struct.pack("<HHHHH", 0x0203, 14, 1, 1, 0)
TEXT = struct.pack("<HHHHHI", 0x00FD, 10, 1, 0, 0, 3)
SECOND = b"\2\1" + "说明".encode("utf-16-le")
BOOK = struct.pack("<HHH", 0x0809, 16, 0x0600)
CODES = struct.pack("<HH", 0x0042, 2)
SIZE = struct.pack("<HHII", 0x0200, 14, 0, 3)
EOF = struct.pack("<HH", 0x000A, 0)


def broken(old: bytes, new: bytes) -> bytes:
    data = stream(SHEETS)
    assert old in data
    return compound(data.replace(old, new, 1))


def test_records__sound_file():
    data = xls(SHEETS)
    check_records(data)
    assert [list(sheet.rows) for sheet in parse(data, "a.xls").sheets] == [
        [["线索编号", "金额", "成交"], ["L1", 12.5, True], ["L2", None, False]],
        [["好", None], [None, 3]],
    ]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (NUMBER, struct.pack("<HHHHH", 0x0203, 30, 1, 1, 0)),  # swallows the next cell
        (NUMBER, struct.pack("<HHHHH", 0x0203, 14, 1, 300, 0)),  # beyond column IV
        (NUMBER, struct.pack("<HHHHH", 0x0203, 14, 1, 1, 9)),  # no such format
        (NUMBER, struct.pack("<HHHHH", 0x0003, 14, 1, 1, 0)),  # a number of Excel 2
        (NUMBER, struct.pack("<HHHHH", 0x0207, 14, 1, 1, 0)),  # the text of no formula
        (NUMBER, struct.pack("<HHHHH", 0x00BD, 14, 1, 1, 0)),  # as many numbers as fit not
        (TEXT, TEXT[:10] + struct.pack("<I", 99)),  # no such text
        (TEXT, struct.pack("<HHHHHI", 0x007D, 10, 1, 0, 0, 3)[:14]),  # a width among cells
        (NUMBER, struct.pack("<HHHHH", 0x00D6, 14, 1, 300, 0)),  # a text beyond column IV
        (EOF, b""),
        (BOOK, BOOK[:4] + struct.pack("<H", 0x0700)),  # of no Excel
        (BOOK, struct.pack("<HHH", 0x0042, 16, 0x0600)),  # no beginning
        (CODES, struct.pack("<HH", 0x0809, 2)),  # a second beginning
        (SIZE, struct.pack("<HHII", 0x0200, 14, 3, 2)),  # ends before it begins
        (SIZE, struct.pack("<HHII", 0x0200, 14, 0, 1 << 25)),  # more rows than there are
        (SECOND, b"\2\1" + "线索".encode("utf-16-le")),  # the name of the first sheet
        (struct.pack("<HHII", 0x00FC, 52, 6, 6), struct.pack("<HHII", 0x00FC, 52, 6, 7)),
        (
            struct.pack("<HB", 4, 1) + "线索".encode("utf-16-le"),
            b"\x06\x00\x01" + "线索".encode("utf-16-le"),
        ),
    ],
)
def test_records__that_do_not_hold_together(old, new):
    if old not in stream(SHEETS):
        size = stream(SHEETS).index(struct.pack("<H", 0x00FC))
        raise AssertionError(stream(SHEETS)[size : size + 12].hex())
    with pytest.raises(FileProblem) as caught:
        parse(broken(old, new), "a.xls")
    assert "损坏" in caught.value.reason


def test_records__what_the_sheets_hold():
    found = [(scan.cells, scan.last_row, scan.last_column) for scan in check_records(xls(SHEETS))]
    assert found == [(8, 3, 3), (2, 2, 2)]
    assert check_records(broken(BOOK, BOOK[:4] + struct.pack("<H", 0x0500))) == ()


@pytest.mark.parametrize("kept", [100, 511, 600, 4000, 5000])
def test_sectors__file_cut_short(kept):
    with pytest.raises(FileProblem):
        inspect(xls(SHEETS)[:kept], "a.xls")


def test_sectors__chain_that_goes_round():
    data = bytearray(xls(SHEETS))
    data[-512:-508] = struct.pack("<I", 0)  # the first sector of the stream follows itself
    with pytest.raises(Broken):
        check_records(bytes(data))


def test_texts__go_on_in_the_next_record():
    data = stream(SHEETS)
    at = data.index(struct.pack("<H", 0x00FC))
    length = struct.unpack_from("<H", data, at + 2)[0]
    whole = data[at + 4 : at + 4 + length]
    cut = 8 + 3 + 4  # behind two letters of the first text
    first = struct.pack("<HH", 0x00FC, cut) + whole[:cut]
    rest = struct.pack("<HH", 0x003C, length - cut + 1) + b"\x01" + whole[cut:]
    moved = data[:at] + first + rest + data[at + 4 + length :]
    place = -4
    for _ in range(2):  # both sheets begin five bytes later
        place = moved.index(struct.pack("<H", 0x0085), place + 4)
        begin = struct.unpack_from("<I", moved, place + 4)[0]
        moved = moved[: place + 4] + struct.pack("<I", begin + 5) + moved[place + 8 :]
    check_records(compound(moved))
    assert parse(compound(moved), "a.xls").sheets[0].rows[0][0] == "线索编号"


@needs_corpus
def test_records__no_false_alarm_on_real_workbooks():
    files = [p for p in corpus_files("workbooks") if p.suffix.lower() == ".xls"]
    for file in files:
        check_records(file.read_bytes())
    assert len(files) > 4
