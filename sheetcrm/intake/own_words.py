"""The words a foreign workbook uses itself: what comes in is written in them, not in the kit's."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

import pandas as pd

from sheetcrm.clean import CleanBook
from sheetcrm.kit.load import load_kit
from sheetcrm.kit.model import OWNER_LIST, STAGE_LIST, ChoiceItem, ChoiceList, Column, Kit
from sheetcrm.values.text import fold, is_placeholder


def with_own_words(book: CleanBook) -> CleanBook:
    """Return a foreign book with its lists in the words that its columns hold.

    A list none of whose values the book uses holds the book's words only; one that it uses some
    values of is added to. What the kit takes for the same as one of the words becomes that word.
    """
    if book.own:
        return book
    used = {each.key: _used(book, each.key) for each in book.kit.lists}
    lists = tuple(_list(each, used[each.key]) for each in book.kit.lists)
    return replace(book, kit=book.kit.model_copy(update={"lists": lists}))


def in_own_words(values: pd.Series, column: Column, kit: Kit) -> pd.Series:
    """Return values of the standard list in the words of a book's kit; missing without a word."""
    standard, own = load_kit().list_by_key.get(column.list), kit.list_by_key.get(column.list)
    if standard is None or own is None or not own.items:
        return values
    words = _spelling(own)
    meant = {
        item.value: next((words[text] for text in _texts(item) if text in words), None)
        for item in standard.items
    }
    return values.map(meant).astype("str")


def _used(book: CleanBook, key: str) -> Counter[str]:
    """Count the values of a list that the book's tables hold."""
    found: Counter[str] = Counter()
    if key in (OWNER_LIST, STAGE_LIST):
        return found
    for table in book.tables.values():
        for column in table.spec.columns:
            if column.list == key and column.key in table.data:
                found.update(str(v) for v in table.data[column.key].dropna() if v == v)
    return Counter({text: n for text, n in found.items() if not is_placeholder(text)})


def _list(standard: ChoiceList, used: Counter[str]) -> ChoiceList:
    if not used:
        return standard
    words = _spelling(standard)
    meaning = {text: words.get(fold(text)) for text, _ in used.most_common()}
    items = [
        ChoiceItem(value=text, aliases=tuple(_others(standard, item, text)) if item else ())
        for text, item in meaning.items()
    ]
    theirs = {item.value for item in standard.items}
    if theirs & set(used):
        stood_for = set(meaning.values())
        items += [item for item in standard.items if item.value not in stood_for]
    # Of two words for one thing the commoner one is meant: the last to be said counts.
    items = sorted(items, key=lambda item: used[item.value])
    return standard.model_copy(update={"items": tuple(items)})


def _others(standard: ChoiceList, value: str, text: str) -> Iterator[str]:
    item: Sequence[ChoiceItem] = [each for each in standard.items if each.value == value]
    for each in item:
        yield from (word for word in (each.value, *each.aliases) if fold(word) != fold(text))


def _spelling(listed: ChoiceList) -> dict[str, str]:
    found = {fold(alias): item.value for item in listed.items for alias in item.aliases}
    return found | {fold(item.value): item.value for item in listed.items}


def _texts(item: ChoiceItem) -> list[str]:
    return [fold(text) for text in (item.value, *item.aliases)]
