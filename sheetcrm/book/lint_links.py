"""The plain links of a worksheet, looked over in bulk.

A long list has a link in every row, all to a cell of one sheet. Those that lead to a sheet that is
there are left out of the tree the rules walk through; they are counted, and the others stay.
"""

import re
from collections.abc import Collection

MAX_LINKS = 65_530  # of a sheet; Excel drops all beyond with a repair message

# A cell that surely exists, linked to a place on a sheet whose name needs no unescaping.
_PLAIN = re.compile(
    rb'<hyperlink ref="[A-Z]{1,2}[1-9][0-9]{0,5}"'
    rb""" location="'((?:[^'"<&]|'')+)'![A-Z]{1,2}[1-9][0-9]{0,5}"/>"""
)
_LINK = b"<hyperlink "


def without_plain_links(sheet: bytes, names: Collection[str]) -> bytes:
    """Return a worksheet part without links that break no rule.

    Args:
        sheet: The part, known to be UTF-8 without comments.
        names: The sheets of the workbook, case-folded.
    """
    if sheet.count(_LINK) > MAX_LINKS:
        return sheet
    parts = _PLAIN.split(sheet)
    there = {to: to.decode().replace("''", "'").casefold() in names for to in set(parts[1::2])}
    return b"".join(parts[::2]) if all(there.values()) else sheet
