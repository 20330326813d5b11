"""One pass over a worksheet part as it is inflated: extent, errors, hidden rows, the tail.

Nothing is parsed into a tree, so a sheet of any size costs a window of memory. Positions come from
the cells themselves; `<dimension>` is never looked at, because many writers get it wrong.
"""

import re
from dataclasses import dataclass, field

from sheetcrm.table import column_number

MAX_TAG = 1 << 20
MAX_TAIL = 64 << 20

# A cell that closes itself (<c r="A1" s="3"/>) is only formatted: it holds nothing and counts for
# nothing. This is what sheets formatted down to row 1,048,576 are made of.
_CELL = re.compile(rb'<(?:\w+:)?c\s(?:[^>]*?\s)?r="\$?([A-Za-z]{1,4})\$?([0-9]{1,9})"[^>]*+(?<!/)>')
# A whole window of cells that all hold something, as nearly every program writes them: literal
# starts make these searches ten times faster than looking at each cell.
_LETTERS = re.compile(rb'<c r="([A-Z]{1,4})[0-9]')
_ROW = re.compile(rb'<row r="([0-9]{1,9})"')
_LAST_CELL = re.compile(rb'<c r="[A-Z]{1,4}([0-9]{1,9})"')
_ANY_CELL = re.compile(rb"<(?:\w+:)?c(?:\s[^>]*+)?(?<!/)>")
_HIDDEN_ROW = re.compile(rb'<(?:\w+:)?row\s(?=[^>]*\bhidden="(?:1|true)")[^>]*?\br="([0-9]{1,7})"')
END_OF_CELLS = re.compile(rb"</(?:\w+:)?sheetData\s*>|<(?:\w+:)?sheetData\s*/>")
_UNCALCULATED = re.compile(rb"</(?:\w+:)?f></(?:\w+:)?c>|<(?:\w+:)?f\s[^>]*/></(?:\w+:)?c>")
_ROOT = re.compile(rb"<(?:\w+:)?worksheet\b[^>]*>")
# A value that is no plain text up to its end, and an index of a text that is no number: readers
# take what they understand of it, or the first text of all, without a word.
_ODD_VALUE = re.compile(rb"<v>(?![^<&]*+</v>)")
_ODD_INDEX = re.compile(rb't="s"[^>]*+(?<!/)><v>(?![0-9]{1,9}</v>)')
_UNUSUAL = (b":v>", b"<v ", b"\n<v>", b" <v>", b"\t<v>", b"t='", b"t =", b"t= ", b"</v><v>")
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

    def feed(self, chunk: bytes) -> None:
        """Take the next inflated bytes, in UTF-8.

        Raises:
            GiantTag: No tag ends within 1 MB, or what follows the cells exceeds 64 MB.
            OddValue: A cell holds markup, or names its text by something that is no number.
        """
        if self.ended:
            self._keep(chunk)
            return
        text = self._rest + chunk
        cut = text.rfind(b"</c>") + 4
        if cut < 4:
            cut = text.rfind(b">") + 1
        if not cut and len(text) > MAX_TAG:
            raise GiantTag
        work, self._rest = text[:cut], text[cut:]
        self._take(work)

    def _take(self, work: bytes) -> None:
        end = END_OF_CELLS.search(work) if b"sheetData" in work else None
        if end:
            self.ended = True
            self._keep(work[end.start() :] + self._rest)
            work, self._rest = work[: end.start()], b""
        self._look(work)

    def close(self) -> None:
        """Finish: turn what was collected into `tail` and `last_column`."""
        rest, self._rest = self._rest, b""
        if not self.ended:
            self._take(rest)
        self.tail = b"".join(self._tail)
        self.complete = bool(_CLOSED.search(self.tail or self._head + rest))
        self.last_column = max((column_number(c.decode()) for c in self._columns), default=0)
        self._tail, self._columns = [], set()

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
        letters = _LETTERS.findall(work)
        if len(letters) != work.count(b"</c>") or len(letters) != work.count(b"<c "):
            return False
        if b":c" in work or b"<c>" in work:
            return False
        if letters:
            last = _LAST_CELL.match(work, work.rfind(b'<c r="'))
            self.last_row = max(
                self.last_row, *map(int, _ROW.findall(work)), int(last[1]) if last else 0
            )
            self._columns.update(letters)
            self.cells += len(letters)
        return True

    def _look(self, work: bytes) -> None:
        if not self._look_fast(work):
            found = _CELL.findall(work)
            if found:
                letters, rows = zip(*found, strict=True)
                self._columns.update(letters)
                self.last_row = max(self.last_row, *map(int, set(rows)))
            self.cells += len(found) or len(_ANY_CELL.findall(work))
        self._head = self._head or work[:8192]
        odd = _ODD_INDEX.search(work) or _ODD_VALUE.search(work)
        if odd or any(how in work for how in _UNUSUAL):
            _check_values(work)
        self.has_shared_text = self.has_shared_text or b't="s"' in work or b"t='s'" in work
        if b"hidden=" in work:
            self.hidden_rows.update(map(int, _HIDDEN_ROW.findall(work)))
        self.has_errors = self.has_errors or b't="e"' in work or b"t='e'" in work
        if not self.has_uncalculated and (b"f></" in work or b"/></" in work):
            self.has_uncalculated = bool(_UNCALCULATED.search(work))
        self.reaches_out = self.reaches_out or any(word in work for word in _REACHING)
        self.filtered = self.filtered or b'filterMode="1"' in work or b'filterMode="true"' in work


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
