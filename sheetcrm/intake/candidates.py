"""The fields a heading may stand for that nobody has named yet: offered, never taken."""

from collections.abc import Collection, Iterator, Sequence

from sheetcrm.intake.content import fits, preference
from sheetcrm.intake.variants import english_words, joined, variants
from sheetcrm.intake.vocabulary import Words
from sheetcrm.kit.headings import read_heading
from sheetcrm.kit.model import Column
from sheetcrm.table import Cell

_MOST = 5
_HALF_NAMES = frozenset((("first", "name"), ("last", "name"), ("given", "name")))
# What may follow a field's name without making it another thing: 客户经理姓名, 联系人信息.
_EMPTY_TAILS = frozenset(("姓名", "名称", "名字", "信息", "情况", "详情", "描述", "说明", "内容"))
# Words that end the names of everything: they say nothing of what the heading is about.
_VAGUE = frozenset(
    (
        *("name", "date", "type", "status", "id", "no", "number", "time", "title", "level", "size"),
        *("source", "description", "notes", "note", "amount", "price", "value", "method", "stage"),
        *("名称", "日期", "时间", "姓名", "编号", "类型", "状态", "金额", "内容", "方式", "说明"),
        *("情况", "等级", "级别", "部门", "问题", "项目"),
    )
)


def candidates(
    text: str, cells: Sequence[Cell], words: Words, taken: Collection[str]
) -> tuple[str, ...]:
    """Return the keys of free fields whose words the heading holds and whose type its cells fit.

    Ids are never among them, a wrong one would overwrite somebody else's row.
    """
    found: dict[str, int] = {}
    for part in joined(text):
        match = words.vocabulary.find(part)
        if match:
            found.setdefault(match[0].key, 99)
    for key in _by_title(text, cells, words):
        found.setdefault(key, 1)
    for column in words.spec.columns:
        if column.type == "id" or column.key in taken:
            continue
        length = max(_held(text, column), default=0)
        if length:
            found[column.key] = max(length, found.get(column.key, 0))
    kept = [
        key
        for key in sorted(found, key=lambda k: -found[k])
        if key not in taken and fits(words.spec.by_key[key], cells)
    ]
    return tuple(kept[:_MOST])


def _by_title(text: str, cells: Sequence[Cell], words: Words) -> Iterator[str]:
    """Yield who a title or half a name may stand for: 线索名称 with companies in it, First Name."""
    company = words.spec.by_key.get("company")
    if company and text.endswith("名称") and preference(company, cells) >= 0.5:
        yield company.key
    if "contact" in words.spec.by_key and english_words(text) in _HALF_NAMES:
        yield "contact"


def _held(text: str, column: Column) -> Iterator[int]:
    """Yield the lengths of a column's names that a heading ends with, or has and says no more."""
    readings = {read_heading(t).bare for t in (text, *variants(text))}
    tokens = english_words(text)
    for name in (column.name, *column.aliases):
        if name.isascii():
            wanted = english_words(name)
            if wanted and name.casefold() not in _VAGUE and _within(wanted, tokens):
                yield len(wanted)
            continue
        known = read_heading(name).bare
        if len(known) < 2:
            continue
        for reading in readings:
            ends = reading.endswith(known) and known not in _VAGUE
            begins = reading.startswith(known) and reading[len(known) :] in _EMPTY_TAILS
            if ends or begins or (reading in _VAGUE and known.endswith(reading)):
                yield len(known)


def _within(wanted: tuple[str, ...], tokens: tuple[str, ...]) -> bool:
    width = len(wanted)
    return any(tokens[i : i + width] == wanted for i in range(len(tokens) - width + 1))
