"""Which sheets of a file hold a table, and where its headings are."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sheetcrm.intake.content import fits, readable, sample
from sheetcrm.intake.ledger import is_ledger
from sheetcrm.intake.model import SavedMap
from sheetcrm.intake.variants import variants
from sheetcrm.intake.vocabulary import Words, with_answers
from sheetcrm.kit.headings import LONGEST_HEADING, Vocabulary
from sheetcrm.kit.locate import SEARCHED_ROWS, Located, locate
from sheetcrm.kit.tab_exceptions import exceptions_sheet
from sheetcrm.table import Cell, RawBook, RawSheet

# A list of people to call has at least two of these, whatever else it has.
_WHO = frozenset(("company", "contact", "phone"))


@dataclass(frozen=True)
class Headed:
    """A sheet with its heading row: `headings` are texts and columns counted from 1."""

    sheet: RawSheet
    words: Words
    header_row: int
    headings: tuple[tuple[str, int], ...]
    plain_list: bool = False


def headed_sheets(
    raw: RawBook, tables: Sequence[Words], answers: Sequence[SavedMap]
) -> tuple[tuple[Headed, ...], tuple[str, ...]]:
    """Find the tables of a file, leads first, and say in Chinese which sheets were passed over.

    A hidden sheet counts only where no visible one holds its kind of table.
    """
    vocabularies = [with_answers(words, *answers) for words in tables]
    by_key = {words.spec.key: words for words in tables}
    excepted = exceptions_sheet(raw)
    found: list[Headed] = []
    passed: list[str] = []
    for sheet in raw.sheets:
        if sheet.tab or sheet is excepted or not any(sheet.rows):
            continue
        if is_ledger(sheet):
            passed.append(f"工作表“{sheet.name}”是订单或收款明细，用来更新成交金额和回款金额")
            continue
        located = locate(sheet, vocabularies, readable)
        headed = (
            _headed(located, by_key[located.spec.key])
            if located
            else _list_of_people(sheet, by_key)
        )
        if headed is None:
            passed.append(f"工作表“{sheet.name}”里没有找到能导入的表，跳过")
        else:
            found.append(headed)
    visible = {h.words.spec.key for h in found if not h.sheet.hidden}
    for headed in [h for h in found if h.sheet.hidden and h.words.spec.key in visible]:
        found.remove(headed)
        passed.append(f"工作表“{headed.sheet.name}”是隐藏的，跳过")
    order = [words.spec.key for words in tables]
    found.sort(key=lambda h: order.index(h.words.spec.key))
    return tuple(found), tuple(passed)


def _headed(located: Located, words: Words) -> Headed:
    headings = tuple((match.text, match.position) for match in located.matches)
    return Headed(located.sheet, words, located.header_row, headings)


def _list_of_people(sheet: RawSheet, tables: dict[str, Words]) -> Headed | None:
    """Take a plain list of companies and phone numbers, as web forms give it, for leads."""
    words = tables.get("lead")
    if words is None:
        return None
    best: Headed | None = None
    most = 1
    for index, row in enumerate(sheet.rows[:SEARCHED_ROWS]):
        headings = tuple(_texts(row))
        if len(headings) < 2:
            continue
        keys = _keys(headings, words.vocabulary, sheet.rows[index + 1 :])
        if len(keys & _WHO) >= 2 and len(keys) > most:
            best, most = Headed(sheet, words, index + 1, headings, plain_list=True), len(keys)
    return best


def _texts(row: Sequence[Cell]) -> Iterator[tuple[str, int]]:
    """Yield the texts of a row that may be headings, with their columns."""
    for index, cell in enumerate(row):
        if isinstance(cell, str) and cell.strip():
            yield cell.strip(), index + 1


def _keys(
    headings: Sequence[tuple[str, int]], vocabulary: Vocabulary, rows: Sequence[Sequence[Cell]]
) -> frozenset[str]:
    """Return the fields the headings name and whose cells go with them."""
    keys = set()
    for text, position in headings:
        if len(text) > LONGEST_HEADING:
            continue
        readings = (text, *variants(text))
        column = next((f[0] for r in readings if (f := vocabulary.find(r))), None)
        cells = sample(rows, position) if column else []
        if column and cells and fits(column, cells):
            keys.add(column.key)
    return frozenset(keys)
