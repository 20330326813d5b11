"""Headings: what a heading says without its marks and units, and which column it names.

Headings are matched exactly or by alias, never by edit distance (measured: 25 of 38 wrong).
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from sheetcrm.kit.model import Column, TableSpec
from sheetcrm.table import Cell
from sheetcrm.values.traditional import simplified

How = Literal["name", "alias", "key"]

# A longer text is a title or a sentence.
LONGEST_HEADING = 40

_MARKS = re.compile(r"[*★☆※●◆▲△]|[(\[【]?(?:必填项?|选填|必选|可选|自动生成|自动)[)\]】]?[:：]?")
_INVISIBLE = re.compile(r"[\s\u200b-\u200f\u202a-\u202e\u2060\ufeff\x00-\x1f]+")
_BRACKET = re.compile(r"[(\[【]([^()\[\]【】]*)[)\]】]")
_BARE_UNIT = re.compile(r"[/:,、-](?P<unit>万元|千元|百万元|亿元|元|万|天|rmb)$")
_FACTORS = {
    "元": 1.0, "人民币": 1.0, "rmb": 1.0, "cny": 1.0, "¥": 1.0, "千元": 1e3, "k": 1e3, "万元": 1e4,
    "万": 1e4, "w": 1e4, "百万元": 1e6, "百万": 1e6, "亿元": 1e8, "亿": 1e8,
}  # fmt: skip


@dataclass(frozen=True)
class HeadingText:
    """A heading taken apart.

    `whole` is the heading without marks and spaces, `bare` also without brackets and units;
    `factor` is what its unit makes of a number (万元: 10,000), 1 where it names none.
    """

    whole: str
    bare: str
    factor: float = 1.0


@lru_cache(maxsize=4096)
def read_heading(text: str) -> HeadingText:
    """Take a heading apart: `*预计金额（万元）` is 预计金额 in units of 10,000 yuan."""
    whole = unicodedata.normalize("NFKC", text)
    whole = simplified(_INVISIBLE.sub("", whole).casefold())
    whole = _MARKS.sub("", whole).replace("_", "").strip(":-·")
    factor = 1.0
    for inside in _BRACKET.findall(whole):
        for word in re.split(r"[,/:;、]|单位", inside):
            if word in _FACTORS:
                factor = _FACTORS[word]
    bare = _BRACKET.sub("", whole)
    if match := _BARE_UNIT.search(bare):
        bare = bare[: match.start()]
        if match["unit"] in _FACTORS:
            factor = _FACTORS[match["unit"]]
    return HeadingText(whole, bare or whole, factor)


@dataclass(frozen=True)
class Vocabulary:
    """What one table calls its columns: column key and kind of match by folded heading text."""

    spec: TableSpec
    names: Mapping[str, tuple[Column, How]]

    def find(self, cell: Cell) -> tuple[Column, How] | None:
        """Return the column a heading cell names, and whether by its name, an alias or its key."""
        if not isinstance(cell, str):
            return None
        heading = read_heading(cell)
        return self.names.get(heading.whole) or self.names.get(heading.bare)


def vocabulary(spec: TableSpec) -> Vocabulary:
    """Collect the names, aliases and keys of a table's columns; a name beats an alias."""
    names: dict[str, tuple[Column, How]] = {}
    for how, texts in _layers(spec.columns):
        read = [(column, read_heading(text)) for column, text in texts]
        for column, heading in read:
            names.setdefault(heading.whole, (column, how))
        for column, heading in read:  # 金额 is 金额 before it is 金额(元)
            names.setdefault(heading.bare, (column, how))
    return Vocabulary(spec, names)


def _layers(columns: Iterable[Column]) -> tuple[tuple[How, list[tuple[Column, str]]], ...]:
    columns = tuple(columns)
    return (
        ("name", [(c, c.name) for c in columns]),
        ("alias", [(c, alias) for c in columns for alias in c.aliases]),
        ("key", [(c, text) for c in columns for text in (c.key, c.key.replace("_", " "))]),
    )
