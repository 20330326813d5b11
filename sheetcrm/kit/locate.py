"""Where a sheet's headings are, which table they make, and which column each one names."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from sheetcrm.kit.compatible import content_fits
from sheetcrm.kit.headings import LONGEST_HEADING, How, Vocabulary, read_heading
from sheetcrm.kit.model import Column, ColumnType, TableSpec
from sheetcrm.kit.talk_headings import is_wide, under_talk
from sheetcrm.table import Cell, Heading, RawSheet
from sheetcrm.values.text import fold

Fits = Callable[[ColumnType, Sequence[Cell]], bool]
# Titles, instructions and an example may stand above the headings.
SEARCHED_ROWS = 40
# A heading row names at least this many columns of its table, ...
_FEWEST_MATCHES = 3
# ... and they are at least this share of its headings unless the whole signature is there.
_SHARE = 0.4
# ... or, in the wide tables of a trade with columns of its own, at least so many, two of them such
# as only this table has.
_MANY = 6
_SIGNS = 2
# Which of a group's columns one is: 预计 and 实际 under 金额（万元）.
_SAYS_WHICH = frozenset(("预计", "预估", "预期", "计划", "实际", "成交", "签约", "意向", "合同"))
# What amounts are called under a group that names their unit: 已回款 under 金额（万元）.
_AMOUNT = re.compile(r"[额款价收付费]$")
# A plain 日期 or 内容 under a group that says whose: 下一步计划, 最近跟进.
_PLAIN = re.compile(r"(?:计划)?(?:日期|时间|内容)|日")
_WHOSE = re.compile(
    r"(?:下一?[步次]|最[近后新]|上次|首次|本次)(?:的)?(?:工作|跟进|联系|拜访|回访|沟通)?(?:计划|安排)?"
)
_UNITS = {1e3: "千元", 1e4: "万元", 1e6: "百万元", 1e8: "亿元"}
_SAMPLED_ROWS = 60
# A row of a log is one talk: what speaks against one with several columns a talk.
_SEVERAL_A_ROW = 6


@dataclass(frozen=True)
class Match:
    """One heading cell and the column it was matched to; `column` is None for an unknown one.

    `clash` names the column key that another heading already stands for.
    """

    text: str
    position: int
    column: Column | None = None
    how: How = "name"
    clash: str = ""


@dataclass(frozen=True)
class Located:
    """A table found on a sheet: `header_row` is Excel's row number of the lowest heading row."""

    sheet: RawSheet
    spec: TableSpec
    header_row: int
    matches: tuple[Match, ...]
    score: float

    @property
    def keys(self) -> frozenset[str]:
        """The column keys that were found."""
        return frozenset(m.column.key for m in self.matches if m.column)

    def headings(self) -> tuple[Heading, ...]:
        """Return the headings as a table has them; unknown ones under a key of their own."""
        taken = set(self.keys)
        found = []
        for match in self.matches:
            if match.column:
                factor = read_heading(match.text).factor if match.column.type == "amount" else 1.0
                found.append(Heading(match.column.key, match.text, match.position, True, factor))  # noqa: FBT003
                continue
            key = _free(match.text, taken)
            taken.add(key)
            found.append(Heading(key, match.text, match.position, known=False))
        return tuple(found)


def locate(
    sheet: RawSheet, vocabularies: Sequence[Vocabulary], fits: Fits = content_fits
) -> Located | None:
    """Find the table of a sheet by its headings and its content; None where there is none.

    A sheet that was generated for a table is that table, whatever it is called now. `fits` says
    whether the cells of a column may be of a type: it depends on what the caller can read.
    """
    if sheet.table:
        vocabularies = [v for v in vocabularies if v.spec.key == sheet.table] or vocabularies
    best: Located | None = None
    for index, row in enumerate(sheet.rows[:SEARCHED_ROWS]):
        if sum(isinstance(cell, str) for cell in row) < _FEWEST_MATCHES - 1:
            continue
        for last, line in _lines(sheet.rows, index):
            named = [_said_by(cell) for cell in line]
            for words in vocabularies:
                if (
                    sum(not words.names.keys().isdisjoint(texts) for texts in named)
                    < _FEWEST_MATCHES
                ):
                    continue  # the usual case: a line of the data
                found = _judge(sheet, words, (last, line), fits)
                if found and (best is None or found.score > best.score):
                    best = found
    return best


def _said_by(cell: Cell) -> tuple[str, ...]:
    """Return what a cell would be called as a heading; nothing where it cannot be one."""
    if not isinstance(cell, str) or len(cell) > LONGEST_HEADING or not cell.strip():
        return ()
    heading = read_heading(cell)
    return heading.whole, heading.bare


def _judge(
    sheet: RawSheet, words: Vocabulary, heading: tuple[int, list[Cell]], fits: Fits
) -> Located | None:
    last, line = heading
    matches = _match(line, words)
    matched = [m for m in matches if m.column]
    if len(matched) < _FEWEST_MATCHES:
        return None
    sample = sheet.rows[last + 1 : last + 1 + _SAMPLED_ROWS]
    matches = _without_misfits(_main_part(matches, sample), sample, fits)
    keys = {m.column.key for m in matches if m.column}
    signature = set(words.spec.signature)
    if len(keys) < _FEWEST_MATCHES or (signature and not signature & keys and not sheet.table):
        return None
    wide = is_wide([m.text for m in matches])
    further = sum(w and m.column is None for w, m in zip(wide, matches, strict=True))
    share = len(keys) / (len(matches) - further)
    told = len(keys) >= _MANY and len(signature & keys) >= _SIGNS
    if share < _SHARE and not told and not (signature and signature <= keys):
        return None
    exact = sum(m.how == "name" for m in matches if m.column)
    score = len(keys) + 2 * len(signature & keys) + share + 0.1 * exact
    score += 3 * _named_for(sheet.name, words.spec)
    score += 0.01 * sum(wide)  # 第一次跟进 over 日期 and 内容 are two columns
    if words.spec.key == "follow_up" and any(wide):
        score -= _SEVERAL_A_ROW
    return Located(sheet, words.spec, last + 1, matches, score)


def _lines(rows: Sequence[Sequence[Cell]], index: int) -> list[tuple[int, list[Cell]]]:
    """Return the heading lines that start at a row: the row alone, and joined with those below."""
    lines = [(index, list(rows[index]))]
    line = lines[0][1]
    for below in (index + 1, index + 2):
        if below >= len(rows) or not _goes_under(line, rows[below]):
            break
        width = max(len(line), len(rows[below]))
        upper = line + [None] * (width - len(line))
        lower = list(rows[below]) + [None] * (width - len(rows[below]))
        line = _joined(upper, lower)
        lines.append((below, line))
    return lines


def _joined(upper: Sequence[Cell], lower: Sequence[Cell]) -> list[Cell]:
    """Join two heading rows: the lower text, with the unit of the group it stands under.

    A lower text that says nothing by itself (预计 under 金额, 日期 under 第一次跟进) comes with its
    group's words.
    """
    line: list[Cell] = []
    group: Cell = None
    for up, low in zip(upper, lower, strict=True):
        group = up if _has(up) else group if _has(low) else None
        both = isinstance(low, str) and isinstance(group, str) and _has(low)
        line.append(_under(str(group), str(low)) if both else low if _has(low) else up)
    return line


def _under(group: str, text: str) -> str:
    said, above = read_heading(text), read_heading(group)
    if talk := under_talk(group, text):
        return talk
    if said.bare in _SAYS_WHICH:
        return f"{text.strip()}{group.strip()}"
    if _PLAIN.fullmatch(said.bare) and _WHOSE.fullmatch(above.bare):
        return f"{above.bare}{said.bare.removeprefix('计划')}"
    if said.factor == 1.0 and above.factor != 1.0 and _AMOUNT.search(said.bare):
        return f"{text.strip()}（{_UNITS[above.factor]}）"
    return text


def _goes_under(upper: Sequence[Cell], lower: Sequence[Cell]) -> bool:
    """Say whether a row may be the second line of a heading: short texts, and not under all."""
    filled = [cell for cell in lower if _has(cell)]
    if not filled or not all(isinstance(c, str) and len(c) <= LONGEST_HEADING for c in filled):
        return False
    return len(filled) < sum(_has(cell) for cell in upper) or len(filled) < len(upper)


def _match(line: Sequence[Cell], words: Vocabulary) -> tuple[Match, ...]:
    """Match a heading line; of two headings for one column the exact one wins, then the first."""
    matches: list[Match] = []
    for index, cell in enumerate(line):
        if not isinstance(cell, str) or not cell.strip():
            continue
        found = words.find(cell) if len(cell) <= LONGEST_HEADING else None
        column, how = found or (None, "name")
        matches.append(Match(cell.strip(), index + 1, column, how))
    order = {"name": 0, "alias": 1, "key": 2}
    holders: dict[str, Match] = {}
    for match in sorted(matches, key=lambda m: (order[m.how], m.position)):
        if match.column:
            holders.setdefault(match.column.key, match)
    return tuple(
        m
        if m.column is None or holders[m.column.key] is m
        else Match(m.text, m.position, None, m.how, clash=m.column.key)
        for m in matches
    )


def _main_part(matches: tuple[Match, ...], sample: Sequence[Sequence[Cell]]) -> tuple[Match, ...]:
    """Leave out a second table that stands to the right, behind an empty column."""
    for before, after in pairwise(matches):
        gap = range(before.position, after.position - 1)
        if not gap or any(_has(row[i]) for row in sample for i in gap if i < len(row)):
            continue
        right = [m for m in matches if m.position >= after.position]
        if any(m.clash for m in right) and not any(m.column for m in right):
            return tuple(m for m in matches if m.position < after.position)
    return matches


def _without_misfits(
    matches: tuple[Match, ...], sample: Sequence[Sequence[Cell]], fits: Fits
) -> tuple[Match, ...]:
    """Take back matches by alias whose column holds something else altogether."""
    kept = []
    for match in matches:
        cells = [row[match.position - 1] for row in sample if match.position <= len(row)]
        misfit = match.column and match.how != "name" and not fits(match.column.type, cells)
        kept.append(Match(match.text, match.position) if misfit else match)
    return tuple(kept)


def _named_for(sheet_name: str, spec: TableSpec) -> bool:
    name = fold(sheet_name)
    return any(fold(text) in name for text in (spec.name, *spec.aliases))


def _free(text: str, taken: set[str]) -> str:
    key, number = text, 2
    while key in taken:
        key, number = f"{text}_{number}", number + 1
    return key


def _has(cell: Cell) -> bool:
    return cell is not None and (not isinstance(cell, str) or bool(cell.strip()))
