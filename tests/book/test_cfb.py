"""The container of an .xls: where the workbook lies in it, and what leads nowhere."""

import struct

import pytest

from sheetcrm.book.cfb import Broken, workbook_place, workbook_stream
from tests.soak.biff import compound, stream

STREAM = stream([("线索", [["编号", 1.0]] * 300)])
SOUND = compound(STREAM)
FOLDER = 512 * (struct.unpack_from("<I", SOUND, 48)[0] + 1)  # the folder; its second entry is ours
TABLE = 512 * (struct.unpack_from("<I", SOUND, 76)[0] + 1)


def with_number(at: int, number: int, form: str = "<I") -> bytes:
    data = bytearray(SOUND)
    struct.pack_into(form, data, at, number)
    return bytes(data)


def test_workbook_stream__is_there():
    assert workbook_stream(SOUND).rstrip(b"\0") == STREAM.rstrip(b"\0")
    book = SOUND.replace("Workbook".encode("utf-16-le"), "bOOK\0\0\0\0".encode("utf-16-le"))
    named = bytearray(book)
    struct.pack_into("<H", named, FOLDER + 128 + 64, 10)
    assert workbook_stream(bytes(named)) == workbook_stream(SOUND)


@pytest.mark.parametrize(
    ("at", "number", "form"),
    [
        pytest.param(30, 10, "<H", id="sectors of no size there is"),
        pytest.param(32, 7, "<H", id="small sectors of no size there is"),
        pytest.param(48, 99, "<I", id="the folder is nowhere"),
        pytest.param(68, 0x7FFFFFF, "<I", id="the list of lists is nowhere"),
        pytest.param(76, 0xFFFFFFFF, "<I", id="no list of sectors"),
        pytest.param(FOLDER + 128, ord("V"), "<H", id="no workbook"),
        pytest.param(FOLDER + 128 + 66, 1, "<B", id="a folder of that name"),
        pytest.param(FOLDER + 128 + 116, 9999, "<I", id="begins nowhere"),
        pytest.param(FOLDER + 128 + 120, 1 << 20, "<I", id="longer than its sectors"),
        pytest.param(FOLDER + 128 + 120, 4095, "<I", id="small, and there are no small sectors"),
        pytest.param(TABLE, 0, "<I", id="a sector that follows itself"),
        pytest.param(TABLE + 4, 9999, "<I", id="goes on nowhere"),
        pytest.param(TABLE, 0xFFFFFFFE, "<I", id="ends early"),
    ],
)
def test_workbook_stream__leads_nowhere(at, number, form):
    with pytest.raises(Broken):
        workbook_stream(with_number(at, number, form))


def test_workbook_stream__a_list_of_lists_that_goes_round():
    data = bytearray(SOUND)
    struct.pack_into("<I", data, 68, 0)
    struct.pack_into("<I", data, 512 + 508, 0)  # the last number of the first sector
    with pytest.raises(Broken):
        workbook_stream(bytes(data))


@pytest.mark.parametrize("kept", [0, 29, 80, 511, 600])
def test_workbook_stream__cut_off(kept):
    with pytest.raises(Broken):
        workbook_stream(SOUND[:kept])


def test_place__puts_another_stream_in_place_and_nothing_else():
    place = workbook_place(SOUND)
    other = bytes(reversed(place.read(SOUND)))
    written = place.write(SOUND, other)
    assert workbook_stream(written) == other
    assert place.write(written, place.read(SOUND)) == SOUND
