"""Values of lists, one at a time: said, in the list, an alias of it, else kept and reported."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from sheetcrm.clean.choices import own_choices
from sheetcrm.intake.model import SavedMap, ValueMatch
from sheetcrm.kit.infer import phase_of
from sheetcrm.kit.load import load_pipelines
from sheetcrm.kit.model import OWNER_LIST, STAGE_LIST, Column, Kit, Stage
from sheetcrm.values.regions import PART_OF, PROVINCE_OF
from sheetcrm.values.text import as_text, fold, is_blank, is_error_value, is_placeholder, tidy

_BRACKETS = re.compile(r"[(（【\[][^()（）【】\[\]]*[)）】\]]|[<＜《][^<>]*[>＞》]")
_PLACE_END = re.compile(r"(?:省|市|自治区|壮族自治区|回族自治区|维吾尔自治区)$")
_PARTS = re.compile(r"[-_—–/\\|·、,，;；:：@\s]+")


@dataclass(frozen=True)
class Lists:
    """What a list column may hold: the right spelling by folded text, the values in order."""

    column: Column
    spelling: Mapping[str, str]
    allowed: tuple[str, ...]

    @classmethod
    def of(cls, column: Column, kit: Kit) -> "Lists":
        """Collect a column's values, labels and aliases."""
        allowed = kit.choices(column)
        spelling = dict(own_choices(kit, column).spelling)
        if column.list == OWNER_LIST and OWNER_LIST in kit.list_by_key:
            items = kit.list_by_key[OWNER_LIST].items
            spelling = {fold(alias): item.value for item in items for alias in item.aliases}
        return cls(column, spelling | {fold(value): value for value in allowed}, allowed)


def map_values(
    cells: pd.Series, column: Column, kit: Kit, given: SavedMap, saved: SavedMap
) -> tuple[pd.Series, tuple[ValueMatch, ...]]:
    """Bring the cells of a list column to the book's values, once per value.

    Args:
        cells: Raw cells.
        column: A column that has a list.
        kit: The book's kit.
        given: What was said for this file.
        saved: What was said for its source before.

    Returns:
        The cells with mapped values in place, and what became of each value, commonest first.
    """
    codes, distinct = pd.factorize(cells.to_numpy(dtype=object), use_na_sentinel=True)
    lists = Lists.of(column, kit)
    counts = np.bincount(codes[codes >= 0], minlength=len(distinct))
    matches: dict[str, ValueMatch] = {}
    right = np.empty(len(distinct) + 1, dtype=object)
    right[-1] = None
    for i, cell in enumerate(distinct):
        text = tidy(as_text(cell))
        right[i] = cell
        if is_blank(cell) or is_error_value(cell) or _says_nothing(text, lists):
            continue
        if text not in matches:
            matches[text] = _match(text, lists, kit, given, saved)
        matches[text] = replace(matches[text], count=matches[text].count + int(counts[i]))
        right[i] = matches[text].value
    mapped = pd.Series(right[codes], index=cells.index, dtype=object)
    return mapped, tuple(sorted(matches.values(), key=lambda m: (-m.count, m.text)))


def _says_nothing(text: str, lists: Lists) -> bool:
    """Say whether a value is a placeholder that the list does not hold."""
    return is_placeholder(text) and fold(text) not in lists.spelling


def _match(text: str, lists: Lists, kit: Kit, given: SavedMap, saved: SavedMap) -> ValueMatch:
    key = lists.column.key
    for how, answers in (("given", given), ("saved", saved)):
        answer = _lookup(answers, key, text)
        if answer is not None:
            return ValueMatch(key, text, answer, "given" if how == "given" else "saved", 0)
    if not lists.allowed or text in lists.allowed:
        return ValueMatch(key, text, text, "same", 0)
    found = lists.spelling.get(fold(text))
    if found is None and lists.column.list == OWNER_LIST:
        found = _person(text, lists)
    if found is not None:
        return ValueMatch(key, text, found, "alias", 0)
    return ValueMatch(key, text, text, "kept", 0, _suggestion(text, lists, kit))


def _lookup(answers: SavedMap, key: str, text: str) -> str | None:
    if (key, text) in answers.values:
        return answers.values[key, text]
    wanted = fold(text)
    return next(
        (v for (k, t), v in answers.values.items() if k == key and fold(t) == wanted),
        None,
    )


def _person(text: str, lists: Lists) -> str | None:
    """Return the one colleague a value names beside a department or a number: 张三(销售一部)."""
    bare = _BRACKETS.sub("", text)
    inside = [part.strip("()（）【】[]<>＜＞《》") for part in _BRACKETS.findall(text)]
    named = [lists.spelling.get(fold(part)) for part in (bare, *_PARTS.split(bare), *inside)]
    found = {name for name in named if name}
    return found.pop() if len(found) == 1 else None


def _suggestion(text: str, lists: Lists, kit: Kit) -> str:
    if lists.column.list == STAGE_LIST:
        return _stage_like(text, kit) or _containing(text, lists)
    if lists.column.list == OWNER_LIST:
        return ""
    return _containing(text, lists) or _part_of_country(text, lists)


def _part_of_country(text: str, lists: Lists) -> str:
    """Return the sales region of a city or province, where the list is of such regions."""
    place = _PLACE_END.sub("", text)
    part = PART_OF.get(PROVINCE_OF.get(place, place), "")
    return part if lists.column.list == "region" and part in lists.allowed else ""


def _containing(text: str, lists: Lists) -> str:
    """Return the value whose words the text holds, or that holds the text; the longest counts."""
    folded = fold(text)
    held = [
        (len(known), value)
        for known, value in lists.spelling.items()
        if len(known) >= 2 and (known in folded or (len(folded) >= 2 and folded in known))
    ]
    best = max((length for length, _ in held), default=0)
    values = {value for length, value in held if length == best}
    return values.pop() if len(values) == 1 else ""


def _stage_like(text: str, kit: Kit) -> str:
    """Return the label of the book's stage for the milestone that a foreign stage stands for."""
    folded = fold(text)
    shipped: Sequence[Stage] = [s for p in load_pipelines() for s in p.stages]
    same = (
        s.phase for s in shipped if folded in {fold(t) for t in (s.name, *s.labels, *s.aliases)}
    )
    phase = next(same, None) or phase_of(text)
    found = [s for s in kit.pipeline.stages if s.phase == phase]
    return (found[0].labels or (found[0].name,))[0] if len(found) == 1 else ""
