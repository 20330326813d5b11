"""What a formula's text says, whoever spelt it: its skeleton, and the sheets it names.

Excel, WPS and LibreOffice write one formula differently (blanks, quotes around sheet names,
`TRUE()`, `_xlfn.`), and they move its references whenever rows are inserted or sheets renamed.
The skeleton keeps what only a person changes: functions, operators and literals.
"""

import re
from collections.abc import Mapping
from functools import lru_cache

TOKEN = re.compile(
    r"""(?P<text>"(?:[^"]|"")*")
      | (?P<quoted>'(?:[^']|'')*')
      | (?P<book>\[[^\[\]]*(?:\[[^\[\]]*\][^\[\]]*)*\])
      | (?P<lost>\#REF!)
      | (?P<error>\#[A-Z0-9/]+[!?]?)
      | (?P<rows>\$?\d+:\$?\d+)
      | (?P<number>\d+\.?\d*(?:[Ee][+-]?\d+)?|\.\d+(?:[Ee][+-]?\d+)?)
      | (?P<name>[^\W\d][\w.\\?$]*|\$[A-Za-z]{1,3}(?:\$?\d+)?)
      | (?P<blank>\s+)
      | (?P<sign>.)""",
    re.VERBOSE | re.DOTALL,
)
_REFERENCE = "\x01"
_REFERENCES = re.compile("\x01(?:[!:]*\x01)+")
_PREFIXES = ("_XLFN.", "_XLWS.", "_XLL.")
_NEEDS_NO_QUOTES = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*")
_QUOTED = re.compile(r"""("(?:[^"]|"")*"|'(?:[^']|'')*')""")
# Digits at the end of a reference or a name; not those of 1E5, of a function or of a sheet.
_ROW_OF_CELL = re.compile(r"(?:(?<=[A-Z])|(?<=[A-Z]\$))(?<![\d.]E)\d+(?![\w.\\?$(!])")
_LIKE_A_CELL = re.compile(r"[A-Za-z]{1,3}\d+|[RrCc]\d*")


def skeleton(formula: str) -> str:
    """Return a formula without its references and without differences of spelling.

    References, sheet names, defined names and `#REF!` become one mark each, numbers have at most
    15 digits. Changing only what a formula points at therefore leaves its skeleton as it is.
    """
    return _skeleton(in_row_one(formula))


@lru_cache(maxsize=8192)
def in_row_one(formula: str) -> str:
    """Return a formula with row 1 for every row of its references, which most differ by alone.

    Functions, literals and the names of sheets stay; one with an error value stays as it is.
    """
    if "#" in formula:
        return formula
    pieces = _QUOTED.split(formula)
    pieces[::2] = [_ROW_OF_CELL.sub("1", piece) for piece in pieces[::2]]
    return "".join(pieces)


@lru_cache(maxsize=1024)
def _skeleton(formula: str) -> str:
    out = []
    for match in TOKEN.finditer(formula):
        kind, token = match.lastgroup, match.group()
        if kind in ("quoted", "book", "lost", "rows"):
            out.append(_REFERENCE)
        elif kind == "number":
            out.append(f"{float(token):.15g}")
        elif kind == "name":
            out.append(_word(token, calls=formula[match.end() : match.end() + 1] == "("))
        elif kind != "blank":
            out.append(token)
    joined = _REFERENCES.sub(_REFERENCE, "".join(out))
    return joined.replace("TRUE()", "TRUE").replace("FALSE()", "FALSE")


def _word(token: str, *, calls: bool) -> str:
    upper = token.upper()
    if not calls:
        return upper if upper in ("TRUE", "FALSE") else _REFERENCE
    for prefix in _PREFIXES:
        upper = upper.removeprefix(prefix)
    return upper


def rename_sheets(formula: str, names: Mapping[str, str]) -> str:
    """Return the formula with sheets renamed; `names` maps old names in lower case to new ones."""

    def renamed(match: re.Match[str]) -> str:
        token = match.group()
        if match.lastgroup not in ("quoted", "name") or not _is_sheet(match):
            return token
        new = names.get(_plain(token).lower())
        return token if new is None else quote_sheet(new)

    return TOKEN.sub(renamed, formula)


def sheets_named(formula: str) -> set[str]:
    """Return the sheets a formula refers to, in lower case; both ends of a 3-D reference."""
    found: set[str] = set()
    before: list[str] = ["", ""]
    for match in TOKEN.finditer(formula):
        token = match.group()
        if match.lastgroup in ("quoted", "name") and _is_sheet(match):
            found |= {part.lower() for part in _plain(token).rpartition("]")[2].split(":")}
            if before[1] == ":":
                found.add(before[0].lower())
        before = [before[1], token]
    return found


def _is_sheet(match: re.Match[str]) -> bool:
    return match.string[match.end() : match.end() + 1] == "!"


def _plain(sheet: str) -> str:
    return sheet[1:-1].replace("''", "'") if sheet.startswith("'") else sheet


def quote_sheet(name: str) -> str:
    """Return a sheet name as a formula writes it before the exclamation mark."""
    if _NEEDS_NO_QUOTES.fullmatch(name) and not _LIKE_A_CELL.fullmatch(name):
        return name
    doubled = name.replace("'", "''")
    return f"'{doubled}'"
