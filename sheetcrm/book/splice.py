"""Pieces put into a sheet part, and the proof that it is XML still.

Whoever reads a workbook through the guard has its sheets parsed to their end. Of such a part only
the rows that edits touch are parsed again: the work is as much as the change.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TypeAlias
from xml.parsers import expat

import numpy as np

from sheetcrm.book.cellplaces import SheetText
from sheetcrm.book.xmlpart import BadXml, parse

# From, to, what stands there instead.
Edit: TypeAlias = tuple[int, int, bytes]

_PIECE = 1 << 18
_BREAKS = (b"\t", b"\n", b"\r")


def edited(
    part: SheetText, edits: Sequence[Edit], *, as_declared: bool, inspected: bool = False
) -> bytes:
    """Return a part with the edits in it.

    Args:
        part: The part.
        edits: What changes; they do not overlap.
        as_declared: It is in the encoding that it declares, else in UTF-8.
        inspected: The guard found the part well formed.

    Raises:
        BadXml: It is not well formed; rows that nobody looked at may be the reason.
    """
    text = _spliced(part.text, edits)
    if as_declared:  # expat knows few encodings
        parse(text)
        return text
    # the guard lets control characters pass, which are no XML
    known = inspected and not _has_control_characters(part.text)
    touched = _touched_rows_only(part, edits) if known else None
    try:
        expat.ParserCreate("utf-8").Parse(touched or text, True)  # noqa: FBT003 - no keywords
    except expat.ExpatError as problem:
        raise BadXml(str(problem)) from problem
    return text


def _spliced(text: bytes, edits: Sequence[Edit]) -> bytes:
    out, at = [], 0
    for start, end, new in sorted(edits, key=lambda edit: edit[:2]):
        if start < at:
            raise BadXml("edits overlap")
        out += [text[at:start], new]
        at = end
    return b"".join([*out, text[at:]])


def _touched_rows_only(part: SheetText, edits: Sequence[Edit]) -> bytes | None:
    """Return the edited part without the rows that stay; None where edits go beyond single rows."""
    rows, data = part.rows, part.data
    touched, between = set[int](), {data.inner, data.close}
    for start, end, _ in edits:
        if end < data.inner or start > data.close:
            continue
        at = int(np.searchsorted(rows.starts, start, "right")) - 1
        row = rows[at] if at >= 0 else None
        if start == end and (row is None or start == row.start or start >= row.end):
            between.add(start)
        elif row is not None and end <= row.end:
            touched.add(at)
        else:
            return None
    return _spliced(part.text, [*edits, *_gaps(part, touched, between)])


def _gaps(part: SheetText, touched: set[int], between: set[int]) -> Iterator[Edit]:
    """Yield the cutting out of all that lies between touched rows and the places of new ones."""
    kept = {part.rows[at].start: part.rows[at].end for at in touched}
    for start, end in pairwise(sorted({*between, *kept, *kept.values()})):
        if start not in kept:
            yield start, end, b""


def _has_control_characters(text: bytes) -> bool:
    letters = np.frombuffer(text, dtype=np.uint8)
    pieces = (letters[at : at + _PIECE] for at in range(0, len(letters), _PIECE))
    low = sum(int(np.count_nonzero(piece < ord(" "))) for piece in pieces)
    return low != sum(map(text.count, _BREAKS))
