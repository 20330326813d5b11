"""Rows of a worksheet part written the way nearly every program writes them, found in one pass.

One regular expression takes in whole rows: tags that nest, attributes in their usual order, each
cell in its own row, values without markup. A run of such rows can be left out of the part, and what
remains is well-formed if and only if the whole is. So a parser needs to see only the rest.
"""

import re
from functools import lru_cache

from sheetcrm.table import column_letter

ROW_END = b"</row>"
# A sheet that grows wider all the time is not worth another expression each time.
MOST_WIDTHS = 32

_TEXT = rb"[^<>&]*+(?:&(?:amp|lt|gt|quot|apos);[^<>&]*+)*+"
# Groups always close once they open: a loop that gives up within one would spoil its span.
# In the order that Excel, WPS, LibreOffice and the usual libraries give them; no hidden row.
_ROW = rb'<row r="(?=[0-9]{1,7}")([0-9]++)"' + b"".join(
    rb'(?: %b="%b")?+' % pair
    for pair in (
        (rb"spans", rb"[0-9: ]*+"),
        (rb"s", rb"[0-9]++"),
        (rb"customFormat", rb"\w++"),
        (rb"ht", rb"[0-9.]++"),
        (rb"hidden", rb"(?:0|false)"),
        (rb"customHeight", rb"\w++"),
        (rb"outlineLevel", rb"[0-9]++"),
        (rb"collapsed", rb"\w++"),
        (rb"thickTop", rb"\w++"),
        (rb"thickBot", rb"\w++"),
        (rb"x14ac:dyDescent", rb"[0-9.]++"),
    )
)
_STYLE = rb'(?: s="[0-9]++")?+'
_FORMULA = (
    rb'(?:<f(?P<formula>)(?: aca="\w++"| t="shared"(?: ref="[A-Z0-9:]++")?+ si="[0-9]++")?+(?:/>|>'
    + _TEXT
    + rb"</f>))?+"
)
# A formula that was never calculated has no value.
_VALUE = (
    rb"(?:<v>(?:[-NIni](?P<signed>))?+[^<>&]*+</v></c>|(?:(?<=</f>)|(?<=/>))</c>(?P<uncalculated>))"
)
_FILLED = b"|".join(
    (
        rb' t="inlineStr"><is><t(?: xml:space="preserve")?+>' + _TEXT + rb"</t></is></c>",
        rb' t="s"><v>[0-9]{1,9}+</v></c>(?P<shared>)',
        rb'(?: t="(?:(?:n|str|b|d)"|e"(?P<error>)))?+>' + _FORMULA + _VALUE,
    )
)


@lru_cache(maxsize=256)
def usual_rows(width: int) -> re.Pattern[bytes]:
    """Return what matches any number of usual rows whose filled cells lie in `width` columns.

    The groups `shared`, `error`, `formula`, `uncalculated`, `signed` and `blank` took part in a
    match if any of its cells has a shared text, an error value, a formula, one without a value, a
    value that may be a number below nought or none, or nothing.
    """
    filled = _up_to(width) + rb'\1"' + _STYLE + rb"(?:" + _FILLED + rb")"
    blank = rb'[A-Z]{1,3}\1"' + _STYLE + rb"/(?P<blank>)>"
    cells = rb'>(?:<c r="(?:' + filled + rb"|" + blank + rb"))++"
    return re.compile(rb"(?:" + _ROW + cells + ROW_END + rb")*+")


def _up_to(width: int) -> bytes:
    """Return a pattern of the letters of the first columns; a digit has to follow."""
    letters = column_letter(width)
    head, last = letters[:-1], letters[-1]
    patterns = [f"{head}[A-{last}]"]
    for at, letter in enumerate(head):
        if letter != "A":
            rest = "[A-Z]" * (len(head) - at)
            patterns.append(f"{head[:at]}[A-{chr(ord(letter) - 1)}]{rest}")
    if head:
        patterns.append(f"[A-Z]{{1,{len(head)}}}")
    return f"(?:{'|'.join(patterns)})".encode()
