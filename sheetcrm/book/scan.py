"""One pass over a worksheet part as it is inflated: extent, errors, hidden rows, the tail.

Nothing is parsed into a tree, so a sheet of any size costs a window of memory. Positions come from
the cells themselves; `<dimension>` is never looked at, because many writers get it wrong.
"""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from sheetcrm.book.usualrows import MOST_WIDTHS, ROW_END, usual_rows
from sheetcrm.table import LAST_ROW, column_number

MAX_TAG = 1 << 20
MAX_TAIL = 64 << 20
# Where a row is unusual so many bytes are looked at closely, twice as many if the next ones are.
_CLOSELY = 1 << 12

# A cell that closes itself (<c r="A1" s="3"/>) is only formatted: it holds nothing and counts for
# nothing. This is what sheets formatted down to row 1,048,576 are made of.
_CELL = re.compile(rb'<(?:\w+:)?c\s(?:[^>]*?\s)?r="\$?([A-Za-z]{1,4})\$?([0-9]{1,9})"[^>]*+(?<!/)>')
# A whole window of cells that all hold something, as nearly every program writes them: literal
# starts make these searches ten times faster than looking at each cell.
_PLACE = re.compile(rb'<c r="([A-Z]{1,4})([0-9]{1,9})"')
_ROW = re.compile(rb'<row r="([0-9]{1,9})"')
_FILLED_CELL = re.compile(rb'<c r="[A-Z]{1,3}([0-9]{1,7})"[^>]*+(?<!/)>')
_ANY_CELL = re.compile(rb"<(?:\w+:)?c(?:\s[^>]*+)?(?<!/)>")
_HIDDEN_ROW = re.compile(rb'<(?:\w+:)?row\s(?=[^>]*\bhidden="(?:1|true)")[^>]*?\br="([0-9]{1,7})"')
END_OF_CELLS = re.compile(rb"</(?:\w+:)?sheetData\s*>|<(?:\w+:)?sheetData\s*/>")
_UNCALCULATED = re.compile(rb"</(?:\w+:)?f></(?:\w+:)?c>|<(?:\w+:)?f\s[^>]*/></(?:\w+:)?c>")
# A value that is there and empty is a result only as a text.
_EMPTY_RESULT = re.compile(
    rb"""<(?:\w+:)?c\s(?![^>]*\bt=["']str["'])[^>]*>"""
    rb"<(?:\w+:)?f(?=[\s/>])[^<]*(?:</(?:\w+:)?f>)?<(?:\w+:)?v(?: ?/>|></)"
)
_DECLARATION = re.compile(rb"\A(?:\xef\xbb\xbf)?<\?xml[^?]*\?>")
_ROOT = re.compile(rb"<(?:\w+:)?worksheet\b[^>]*>")
# A value that is no plain text up to its end, and an index of a text that is no number: readers
# take what they understand of it, or the first text of all, without a word.
_ODD_VALUE = re.compile(rb"<v>(?![^<&]*+</v>)")
_ODD_INDEX = re.compile(rb't="s"[^>]*+(?<!/)><v>(?![0-9]{1,9}</v>)')
_UNUSUAL = (b":v>", b"<v ", b"\n<v>", b" <v>", b"\t<v>", b"t='", b"t =", b"t= ", b"</v><v>")
# Where a value may be a number below nought, or none.
_SIGNED = (b"v>-", b"v>N", b"v>I", b"v>n", b"v>i", b"<v ")
_WHOLE_CELL = re.compile(
    rb"<(?:\w+:)?c(?=[\s>])(?P<attributes>[^>]*+)(?<!/)>(?P<inside>.*?)</(?:\w+:)?c\s*>", re.S
)
_TYPE = re.compile(rb"""\bt\s*=\s*["'](\w*)["']""")
_VALUE = re.compile(rb"<(?:\w+:)?v(?:\s[^>]*+)?(?<!/)>(.*?)</(?:\w+:)?v\s*>", re.S)
_CLOSED = re.compile(rb"</(?:\w+:)?worksheet\s*>|<(?:\w+:)?worksheet[^>]*/>")


# Words of formulas that start programs or fetch from elsewhere (see book.hazards).
_REACHING = (
    *(b"WEBSERVICE(", b"RTD(", b"CALL(", b"REGISTER.ID(", b"EXEC(", b"IMPORTDATA(", b"IMPORTXML("),
    *(b"|'", b"|&apos;"),
)


class GiantTag(ValueError):
    """A tag or text run longer than any spreadsheet program writes."""


class OddValue(ValueError):
    """A value written so that readers take it for another; the text says which."""


@dataclass
class SheetScan:
    """What one worksheet part holds; filled by `feed`, complete after `close`."""

    cells: int = 0
    last_row: int = 0
    last_column: int = 0
    has_errors: bool = False
    has_uncalculated: bool = False
    has_signed: bool = False
    has_shared_text: bool = False
    reaches_out: bool = False
    complete: bool = False
    hidden_rows: set[int] = field(default_factory=set)
    filtered: bool = False
    ended: bool = False
    tail: bytes = b""
    tail_size: int = 0
    _rest: bytes = b""
    _tail: list[bytes] = field(default_factory=list)
    _columns: set[bytes] = field(default_factory=set)
    _head: bytes = b""
    _widths: int = 0
    _skips: bool = True
    _at_row: bool = False

    def feed(self, chunk: bytes) -> bytes:
        """Take the next inflated bytes, in UTF-8.

        Returns:
            What a parser has to see: all but rows that are known to be well-formed.

        Raises:
            GiantTag: No tag ends within 1 MB, or what follows the cells exceeds 64 MB.
            OddValue: A cell holds markup, or names its text by something that is no number.
        """
        if self.ended:
            self._keep(chunk)
            return chunk
        text = self._rest + chunk
        cut = text.rfind(ROW_END) + len(ROW_END)
        if cut < len(ROW_END):
            cut = text.rfind(b"</c>") + 4
        if cut < 4:
            cut = text.rfind(b">") + 1
        if not cut and len(text) > MAX_TAG:
            raise GiantTag
        work, self._rest = text[:cut], text[cut:]
        return self._take(work)

    def _take(self, work: bytes) -> bytes:
        """Look at whole tags; return what a parser has to see of them."""
        seen, at, stride = [], 0, _CLOSELY
        while at < len(work):
            usual = self._usual(work, at)
            if usual > at:
                at, stride = usual, _CLOSELY
                continue
            stop = work.find(ROW_END, at + stride) + len(ROW_END)
            stop = stop if stop >= len(ROW_END) else len(work)
            piece = work[at:stop]
            seen.append(piece)
            end = END_OF_CELLS.search(piece) if b"sheetData" in piece else None
            if end:
                rest = work[stop:] + self._rest
                self.ended, self._rest = True, b""
                self._keep(piece[end.start() :] + rest)
                self._look(piece[: end.start()])
                return b"".join((*seen, rest))
            self._see(piece)
            self._look(piece)
            at, stride = stop, stride * 2
        return b"".join(seen)

    def _see(self, piece: bytes) -> None:
        """Note whether rows that follow a piece are read as rows."""
        # Within a comment, or an attribute with a tag's end in it, they would not be.
        body = piece if self._head else _DECLARATION.sub(b"", piece, count=1)
        self._skips = self._skips and b"<!" not in body and b"<?" not in body
        self._at_row = piece.endswith(ROW_END)

    def _usual(self, work: bytes, at: int) -> int:
        """Take in the usual rows that start there; return where they end."""
        if not (self._skips and self._at_row and self.last_column) or self._widths > MOST_WIDTHS:
            return at
        match = usual_rows(self.last_column).match(work, at)
        if match is None or match.end() == at:
            return at
        rows = match[0]
        if not _is_text(rows):
            return at
        numbers = (_FILLED_CELL if match["blank"] is not None else _ROW).findall(rows)
        self.last_row = max(self.last_row, max(map(int, numbers), default=0))
        self.cells += rows.count(b"</c>")
        self.has_shared_text = self.has_shared_text or match["shared"] is not None
        self.has_errors = self.has_errors or match["error"] is not None
        lacks = match["uncalculated"] is not None or _has_empty_result(rows)
        self.has_uncalculated = self.has_uncalculated or lacks
        self.has_signed = self.has_signed or match["signed"] is not None
        if match["formula"] is not None:
            self._look_for_reaching(rows)
        return match.end()

    def close(self) -> bytes:
        """Finish: turn what was collected into `tail`; return what a parser has still to see."""
        rest, self._rest = self._rest, b""
        unseen = b"" if self.ended else self._take(rest)
        self.tail = b"".join(self._tail)
        self.complete = bool(_CLOSED.search(self.tail or self._head + rest))
        self._tail, self._columns = [], set()
        return unseen

    def tail_document(self) -> bytes:
        """Return what follows the cells as a document, under the sheet's root element."""
        root = _ROOT.search(self._head)
        end = END_OF_CELLS.search(self.tail)
        if root is None or end is None:
            return b"<worksheet/>"
        return root[0] + self.tail[end.end() :]

    def _keep(self, chunk: bytes) -> None:
        self._tail.append(chunk)
        self.tail_size += len(chunk)
        if self.tail_size > MAX_TAIL:
            raise GiantTag

    def _look_fast(self, work: bytes) -> bool:
        """Take in a window without blank, prefixed or unnumbered cells; say whether it was one."""
        found = _PLACE.findall(work)
        if len(found) != work.count(b"</c>") or len(found) != work.count(b"<c "):
            return False
        if b":c" in work or b"<c>" in work:
            return False
        self._place(found)
        return True

    def _place(self, found: Collection[tuple[bytes, bytes]]) -> None:
        """Take in the letters and row numbers of cells."""
        if found:
            letters, rows = zip(*found, strict=True)
            self.last_row = max(self.last_row, *map(int, set(rows)))
            self._widen(letters)
        self.cells += len(found)

    def _widen(self, letters: Iterable[bytes]) -> None:
        """Take in the columns of cells."""
        new = set(letters) - self._columns
        widest = max((column_number(c.decode()) for c in new), default=0)
        if widest > self.last_column:
            self.last_column = widest
            self._widths += 1
        self._columns |= new

    def _look(self, work: bytes) -> None:
        if not self._look_fast(work):
            found = _CELL.findall(work)
            self._place(found)
            self.cells += 0 if found else len(_ANY_CELL.findall(work))
        rows = map(int, _ROW.findall(work))
        self.last_row = max(self.last_row, *(row for row in rows if row > LAST_ROW), 0)
        self._head = self._head or work[:8192]
        odd = _ODD_INDEX.search(work) or _ODD_VALUE.search(work)
        if odd or any(how in work for how in _UNUSUAL):
            _check_values(work)
        self.has_shared_text = self.has_shared_text or b't="s"' in work or b"t='s'" in work
        if b"hidden=" in work:
            self.hidden_rows.update(map(int, _HIDDEN_ROW.findall(work)))
        self.has_errors = self.has_errors or b't="e"' in work or b"t='e'" in work
        self.has_uncalculated = self.has_uncalculated or _lacks_result(work)
        self.has_signed = self.has_signed or any(how in work for how in _SIGNED)
        self._look_for_reaching(work)
        self.filtered = self.filtered or b'filterMode="1"' in work or b'filterMode="true"' in work

    def _look_for_reaching(self, work: bytes) -> None:
        self.reaches_out = self.reaches_out or any(word in work for word in _REACHING)


def _lacks_result(work: bytes) -> bool:
    """Say whether a formula there was never calculated."""
    bare = b"f></" in work or b"/></" in work
    return (bare and _UNCALCULATED.search(work) is not None) or _has_empty_result(work)


def _has_empty_result(work: bytes) -> bool:
    empty = b"v></" in work or b"v/>" in work or b"v />" in work
    return empty and _EMPTY_RESULT.search(work) is not None


def _is_text(data: bytes) -> bool:
    """Say whether bytes are UTF-8 that may stand in XML; control characters are borne with."""
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return b"\xef\xbf\xbe" not in data and b"\xef\xbf\xbf" not in data


def _check_values(work: bytes) -> None:
    for cell in _WHOLE_CELL.finditer(work):
        kind = _TYPE.search(cell["attributes"])
        values = _VALUE.findall(cell["inside"])
        if len(values) > 1:
            raise OddValue(" ".join(map(_shown, values)))
        for value in values:
            if b"<" in value and not value.startswith(b"<![CDATA["):
                raise OddValue(_shown(value))
            shared = kind is not None and kind[1] == b"s"
            if shared and value and not (value.isdigit() and len(value) < 10):
                raise OddValue(_shown(value))
            if b"&" in value and (kind is None or kind[1] == b"n"):
                raise OddValue(_shown(value))


def _shown(value: bytes) -> str:
    return value[:20].decode("utf-8", "replace").strip()
