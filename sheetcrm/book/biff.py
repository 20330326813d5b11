"""Pre-flight of an .xls: the records its cells are in must follow each other to their end.

The format has no checksums, and calamine ends a sheet without a word where a record makes no
sense. So the compound file is followed sector by sector ([MS-CFB]) and the workbook stream record
by record ([MS-XLS]): every sheet begins where the book says and reaches its end, every cell is
whole, inside the grid, and names a text and a format that exist. A changed letter or figure inside
a whole record cannot be told from a true one.
"""

import struct
from collections.abc import Iterator

_SECTOR_END, _NO_SECTOR = 0xFFFFFFFE, 0xFFFFFFFF
_STREAMS = ("workbook", "book")
_BOF, _EOF, _SHEET, _SST, _FORMAT = 0x0809, 0x000A, 0x0085, 0x00FC, 0x00E0
_PASSWORD = 0x002F
_BIFF5, _BIFF8 = 0x0500, 0x0600
_CONTINUE, _TEXT_RESULT = 0x003C, 0x0207
# The records of cells and their bytes ([MS-XLS] 2.4.149, 180, 220, 24, 20; at least 175, 127, 174).
_EXACT = {0x00FD: 10, 0x0203: 14, 0x027E: 10, 0x0205: 8, 0x0201: 6}
_LEAST = {0x00BD: 12, 0x0006: 22, 0x0204: 9}
_OF_EXCEL_2 = 0x0005  # and those below it
_CELLS = frozenset({*_EXACT, *_LEAST, 0x00BE, 0x00D6})  # and MulBlank, RString
# What may stand between two cells: rows, results and arrays of formulas; PHP's writer of links puts
# those there too. Any other record there was a cell once.
_AMONG_CELLS = frozenset(
    {0x0208, 0x00D7, 0x0207, 0x0221, 0x04BC, 0x0236, 0x003C, 0x01B8, 0x0800, 0x01C2}
)
_LABEL, _MULTIPLE = 0x00FD, 0x00BD
# what the text a formula came to may follow: Formula, Array, ShrFmla, Table, its own Continue
_FORMULAS = frozenset({0x0006, 0x0221, 0x04BC, 0x0236, _CONTINUE})
_COLUMNS = 256


class Broken(ValueError):
    """The compound file or its records do not hold together."""


def check_records(data: bytes) -> None:
    """Follow every record of an .xls of Excel 97 to 2003; older ones are left to the parser.

    Raises:
        Broken: Sectors or records lead nowhere, or a cell is not whole.
    """
    try:
        stream = workbook_stream(data)
        kind, _, version = struct.unpack_from("<HHH", stream)
        if kind != _BOF or version not in (_BIFF5, _BIFF8):
            raise Broken
        if version == _BIFF5:
            return
        _check_book(stream)
    except (struct.error, IndexError) as error:
        raise Broken from error


def _check_book(stream: bytes) -> None:
    starts: list[int] = []
    table: list[bytes] = []
    formats, before = 0, 0
    for kind, at, length in _substream(stream, 0):
        if kind == _SHEET:
            starts.append(struct.unpack_from("<I", stream, at)[0])
        elif kind == _SST or (kind == _CONTINUE and before == _SST):
            table.append(stream[at : at + length])
            kind = _SST
        elif kind == _FORMAT:
            formats += 1
        elif kind == _PASSWORD:
            return  # the parser says so
        elif kind == _BOF and at > 4:
            raise Broken
        before = kind
    if len(set(starts)) < len(starts):
        raise Broken
    texts = _count_texts(table)
    for start in starts:
        _check_sheet(stream, start, texts, formats)


def _check_sheet(stream: bytes, start: int, texts: int, formats: int) -> None:
    place, before, stranger = struct.Struct("<HHH").unpack_from, 0, False
    for kind, at, length in _substream(stream, start):
        if kind == _TEXT_RESULT and before not in _FORMULAS:
            raise Broken
        if kind <= _OF_EXCEL_2 or (stranger and kind in _CELLS):
            raise Broken
        stranger = before in _CELLS and kind not in _CELLS and kind not in _AMONG_CELLS
        before = kind
        exact = _EXACT.get(kind)
        if exact is None and kind not in _LEAST:
            continue
        if length != exact and length < _LEAST.get(kind, length + 1):
            raise Broken
        _, column, form = place(stream, at)
        if column >= _COLUMNS or (form >= formats and kind != _MULTIPLE):
            raise Broken
        if kind == _LABEL and struct.unpack_from("<I", stream, at + 6)[0] >= texts:
            raise Broken
        if kind == _MULTIPLE:
            last = struct.unpack_from("<H", stream, at + length - 2)[0]
            if length - 6 != 6 * (last - column + 1):
                raise Broken


def _count_texts(table: list[bytes]) -> int:
    """Return how many texts the table of texts holds, each read to its end ([MS-XLS] 2.5.293).

    A text may go on in the next record; where it is cut among its letters, that record says again
    whether they take one byte or two.
    """
    if not table:
        return 0
    count = struct.unpack_from("<II", table[0])[1]
    piece, at = 0, 8

    def skip(length: int) -> None:
        nonlocal piece, at
        while length > len(table[piece]) - at:
            length -= len(table[piece]) - at
            piece, at = piece + 1, 0
        at += length

    for _ in range(count):
        if at == len(table[piece]):
            piece, at = piece + 1, 0
        letters, flags = struct.unpack_from("<HB", table[piece], at)
        at += 3
        runs = struct.unpack_from("<H", table[piece], at)[0] if flags & 8 else 0
        at += 2 if flags & 8 else 0
        extra = struct.unpack_from("<I", table[piece], at)[0] if flags & 4 else 0
        at += 4 if flags & 4 else 0
        while letters:
            if at == len(table[piece]):
                piece, at = piece + 1, 1
                flags = table[piece][0]
            wide = 1 + (flags & 1)
            taken = min(letters, (len(table[piece]) - at) // wide)
            if not taken:
                raise Broken
            letters, at = letters - taken, at + taken * wide
        skip(4 * runs + extra)
    if any(table[piece + 1 :]) or any(table[piece][at:]):
        raise Broken
    return int(count)


def _substream(stream: bytes, start: int) -> Iterator[tuple[int, int, int]]:
    """Yield (kind, where its data starts, length) of the records from a BOF to its EOF.

    Charts and the like inside have a beginning and an end of their own; they are passed over.
    """
    header, at, depth, size = struct.Struct("<HH").unpack_from, start, 0, len(stream)
    if header(stream, at)[0] != _BOF:
        raise Broken
    while True:
        kind, length = header(stream, at)
        at += 4
        if at + length > size:
            raise Broken
        if depth <= 1:
            yield kind, at, length
        depth += (kind == _BOF) - (kind == _EOF)
        if depth == 0:
            return
        at += length


def workbook_stream(data: bytes) -> bytes:
    """Return the stream a compound file keeps the workbook in.

    Raises:
        Broken: There is none, or a chain of sectors is broken.
    """
    shift, mini_shift = struct.unpack_from("<HH", data, 30)
    if shift not in (9, 12) or mini_shift != 6:
        raise Broken
    size = 1 << shift
    table = _sector_table(data, size)
    (folder_start,) = struct.unpack_from("<I", data, 48)
    folder = _chain(data, size, table, folder_start, size)
    entries = [folder[at : at + 128] for at in range(0, len(folder) - 127, 128)]
    names = [_name(entry) for entry in entries]
    for wanted in _STREAMS:
        for name, entry in zip(names, entries, strict=True):
            if name.casefold() == wanted and entry[66] == 2:
                return _stream(data, size, table, entries[0], entry)
    raise Broken


def _name(entry: bytes) -> str:
    (length,) = struct.unpack_from("<H", entry, 64)
    return entry[: max(0, min(length, 64) - 2)].decode("utf-16-le", "replace")


def _stream(data: bytes, size: int, table: list[int], root: bytes, entry: bytes) -> bytes:
    start, length = struct.unpack_from("<II", entry, 116)
    (cutoff,) = struct.unpack_from("<I", data, 56)
    if length >= cutoff:
        found = _chain(data, size, table, start, size)
    else:
        small = _chain(data, size, table, struct.unpack_from("<I", root, 116)[0], size)
        (mini_start,) = struct.unpack_from("<I", data, 60)
        listed = _chain(data, size, table, mini_start, size)
        mini = list(struct.unpack(f"<{len(listed) // 4}I", listed))
        found = _chain(small, 64, mini, start, 0)
    if len(found) < length:
        raise Broken
    return found[:length]


def _sector_table(data: bytes, size: int) -> list[int]:
    """Return which sector follows each one."""
    (count,) = struct.unpack_from("<I", data, 44)
    listed = list(struct.unpack_from("<109I", data, 76))
    (more,) = struct.unpack_from("<I", data, 68)
    seen = set()
    while more < _SECTOR_END - 3:
        if more in seen:
            raise Broken
        seen.add(more)
        *found, more = struct.unpack_from(f"<{size // 4}I", data, size * (more + 1))
        listed += found
    table: list[int] = []
    for sector in listed[:count]:
        if sector >= _SECTOR_END - 3:
            break
        table += struct.unpack_from(f"<{size // 4}I", data, size * (sector + 1))
    return table


def _chain(data: bytes, size: int, table: list[int], start: int, head: int) -> bytes:
    """Return the bytes of a chain of sectors; the last one may be cut short."""
    found, sector, seen = [], start, 0
    while sector < _SECTOR_END - 3:
        seen += 1
        at = head + sector * size
        if sector >= len(table) or at >= len(data) or seen > len(table):
            raise Broken
        found.append(data[at : at + size])
        sector = table[sector]
    return b"".join(found)
