"""Pre-flight of an .xls: the records its cells are in must follow each other to their end.

The format has no checksums, and calamine ends a sheet without a word where a record makes no
sense. So the workbook stream is followed record by record ([MS-XLS]): every sheet begins where
the book says and reaches its end, every cell is whole, inside the grid, and names a text and a
format that exist. A changed letter or figure inside a whole record cannot be told from a true one.
"""

import struct
from collections.abc import Iterator

from sheetcrm.book.cfb import Broken, workbook_stream
from sheetcrm.book.scan import SheetScan

_BOF, _EOF, _SHEET, _SST, _FORMAT = 0x0809, 0x000A, 0x0085, 0x00FC, 0x00E0
_PASSWORD = 0x002F
_BIFF5, _BIFF8 = 0x0500, 0x0600
_CONTINUE, _TEXT_RESULT, _DIMENSIONS = 0x003C, 0x0207, 0x0200
# The records of cells and their bytes ([MS-XLS] 2.4.149, 180, 220, 24, 20; at least 175, 127, 174;
# RString is a Label with formats behind it).
_EXACT = {0x00FD: 10, 0x0203: 14, 0x027E: 10, 0x0205: 8, 0x0201: 6}
_LEAST = {0x00BD: 12, 0x0006: 22, 0x0204: 9, 0x00D6: 9}
_OF_EXCEL_2 = 0x0005  # and those below it
_LABEL, _MULTIPLE, _BLANK, _BLANKS = 0x00FD, 0x00BD, 0x0201, 0x00BE
_CELLS = frozenset({*_EXACT, *_LEAST, _BLANKS})
# What may stand between two cells: rows, results and arrays of formulas; PHP's writer of links puts
# those there too. Any other record there was a cell once.
_AMONG_CELLS = frozenset(
    {0x0208, 0x00D7, 0x0207, 0x0221, 0x04BC, 0x0236, 0x003C, 0x01B8, 0x0800, 0x01C2}
)
# what the text a formula came to may follow: Formula, Array, ShrFmla, Table, its own Continue
_FORMULAS = frozenset({0x0006, 0x0221, 0x04BC, 0x0236, _CONTINUE})
_ROWS, _COLUMNS = 65_536, 256


def check_records(data: bytes) -> tuple[SheetScan, ...]:
    """Follow every record of an .xls of Excel 97 to 2003; older ones are left to the parser.

    Returns:
        What each sheet holds, in order: how many cells, and the last row and column with one.

    Raises:
        Broken: Sectors or records lead nowhere, or a cell is not whole.
    """
    try:
        stream = workbook_stream(data)
        kind, _, version = struct.unpack_from("<HHH", stream)
        if kind != _BOF or version not in (_BIFF5, _BIFF8):
            raise Broken
        return () if version == _BIFF5 else _check_book(stream)
    except (struct.error, IndexError) as error:
        raise Broken from error


def sheet_starts(stream: bytes) -> list[int]:
    """Return where the sheets begin in the stream of a checked workbook, in order."""
    found = _substream(stream, 0)
    return [struct.unpack_from("<I", stream, at)[0] for kind, at, _ in found if kind == _SHEET]


def value_records(stream: bytes, start: int) -> Iterator[tuple[int, int]]:
    """Yield where the records with values of a sheet name their row, and where the last column.

    The first column stands behind the row; of a single cell it is the last one as well.
    """
    for kind, at, length in _cell_records(stream, start):
        if kind != _BLANK:
            yield at, at + (length - 2 if kind == _MULTIPLE else 2)


def _check_book(stream: bytes) -> tuple[SheetScan, ...]:
    names: list[str] = []
    table: list[bytes] = []
    formats, before = 0, 0
    for kind, at, length in _substream(stream, 0):
        if kind == _SHEET:
            names.append(_sheet_name(stream[at + 6 : at + length]))
        elif kind == _SST or (kind == _CONTINUE and before == _SST):
            table.append(stream[at : at + length])
            kind = _SST
        elif kind == _FORMAT:
            formats += 1
        elif kind == _PASSWORD:
            return ()  # the parser says so
        elif kind == _BOF and at > 4:
            raise Broken
        before = kind
    starts = sheet_starts(stream)
    if len(set(starts)) < len(starts) or len(set(names)) < len(names):
        raise Broken  # the parser would give both what one holds
    texts = _count_texts(table)
    return tuple(_check_sheet(stream, start, texts, formats) for start in starts)


def _sheet_name(data: bytes) -> str:
    text = data[2:].decode("utf-16-le" if data[1] & 1 else "latin-1", "replace")
    return text[: data[0]].replace("\0", "")  # as the parser understands it


def _check_sheet(stream: bytes, start: int, texts: int, formats: int) -> SheetScan:
    place = struct.Struct("<HHH").unpack_from
    cells, bottom, right = 0, -1, -1
    for kind, at, length in _cell_records(stream, start):
        if length != _EXACT.get(kind) and length < _LEAST.get(kind, length + 1):
            raise Broken
        row, column, form = place(stream, at)
        if form >= formats and kind != _MULTIPLE:
            raise Broken
        if kind == _LABEL and struct.unpack_from("<I", stream, at + 6)[0] >= texts:
            raise Broken
        last = _last_column(stream, at, length) if kind == _MULTIPLE else column
        if last >= _COLUMNS:
            raise Broken
        if kind != _BLANK:
            cells += last - column + 1
            bottom = row if row > bottom else bottom
            right = last if last > right else right
    return SheetScan(cells, bottom + 1, right + 1)


def _last_column(stream: bytes, at: int, length: int) -> int:
    """Return the last column of several numbers in a row ([MS-XLS] 2.4.175)."""
    column = struct.unpack_from("<H", stream, at + 2)[0]
    last = int(struct.unpack_from("<H", stream, at + length - 2)[0])
    if length - 6 != 6 * (last - column + 1):
        raise Broken
    return last


def _cell_records(stream: bytes, start: int) -> Iterator[tuple[int, int, int]]:
    """Yield the records of a sheet that are one cell or several with values or formats."""
    before, stranger = 0, False
    for kind, at, length in _substream(stream, start):
        if kind in _CELLS:
            if stranger:
                raise Broken
            if kind != _BLANKS:
                yield kind, at, length
        elif kind <= _OF_EXCEL_2 or (kind == _TEXT_RESULT and before not in _FORMULAS):
            raise Broken
        else:
            stranger = before in _CELLS and kind not in _AMONG_CELLS
            if kind == _DIMENSIONS:
                _check_dimensions(stream, at, length)
        before = kind


def _check_dimensions(stream: bytes, at: int, length: int) -> None:
    """Refuse more cells than there are: the parser takes memory for what is promised."""
    form = "<IIHH" if length == 14 else "<HHHH"
    top, bottom, left, right = struct.unpack_from(form, stream, at)
    left = left if left < _COLUMNS and left <= right else 0
    if right and bottom and not 0 <= (bottom - top) * (right - left) <= _ROWS * _COLUMNS:
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
