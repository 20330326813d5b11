"""Mappings given as text: `--map 标题=字段` for a heading, `--map 字段:原值=新值` for a value."""

from collections.abc import Sequence

from sheetcrm.errors import BadMapping, UnknownName
from sheetcrm.intake.model import SavedMap
from sheetcrm.intake.vocabulary import Words, is_ignore, is_stage, words_of
from sheetcrm.kit.model import Kit


def given_map(headings: Sequence[str], values: Sequence[str], kit: Kit) -> SavedMap:
    """Read mappings as they are typed.

    Args:
        headings: `A=B`: heading A of the incoming sheet is B, which is a field's name, key or
            alias, `阶段:商机` for the day a lead entered that stage, or `忽略`. B is what follows
            the last `=`.
        values: `字段:原值=新值`, e.g. `来源渠道:抖音=线上推广`.
        kit: The book's kit.

    Raises:
        BadMapping: A mapping has no `=`, or one side is empty.
        UnknownName: It names no field, stage or list column of the book.
    """
    tables = words_of(kit, {})
    found: dict[str, str] = {}
    for text in headings:
        heading, answer = _halves(text, "标题=字段")
        _check_answer(answer, tables)
        found[heading] = "" if is_ignore(answer) else answer
    mapped: dict[tuple[str, str], str] = {}
    for text in values:
        left, value = _halves(text, "字段:原值=新值")
        name, colon, old = left.replace("：", ":").partition(":")
        if not colon or not old.strip():
            raise BadMapping(text, "字段:原值=新值")
        for key in _list_columns(name.strip(), tables):
            mapped[key, old.strip()] = value
    return SavedMap(found, mapped)


def _halves(text: str, form: str) -> tuple[str, str]:
    left, equals, right = text.replace("＝", "=").rpartition("=")
    if not equals or not left.strip() or not right.strip():
        raise BadMapping(text, form)
    return left.strip(), right.strip()


def _check_answer(answer: str, tables: Sequence[Words]) -> None:
    if any(words.target(answer) is not None for words in tables):
        return
    if is_stage(answer):
        stages = tuple(s.name for s in tables[0].pipeline.stages)
        raise UnknownName("阶段", answer.replace("：", ":").partition(":")[2], stages)
    names = tuple(column.name for column in tables[0].spec.columns)
    raise UnknownName("字段", answer, (*names, "忽略"))


def _list_columns(name: str, tables: Sequence[Words]) -> set[str]:
    """Return the keys of the columns with a list that a name means, in any table."""
    targets = [words.target(name) for words in tables if not is_ignore(name)]
    keys = {t.column.key for t in targets if t and t.column and t.column.type == "choice"}
    if not keys:
        lists = {c.name: None for words in tables for c in words.spec.columns if c.list}
        raise UnknownName("有下拉列表的字段", name, tuple(lists))
    return keys
