"""What the cells of a column say about the field its heading may stand for."""

import re
from collections.abc import Callable, Sequence

from sheetcrm.intake.dates import DATE_TYPES, as_dates
from sheetcrm.kit.compatible import content_fits
from sheetcrm.kit.model import OWNER_LIST, Column, ColumnType, TableSpec
from sheetcrm.table import Cell
from sheetcrm.values.contact import parse_contact
from sheetcrm.values.text import as_text, is_error_value, says_nothing

_SAMPLE = 80
_LOOKED_THROUGH = 3000
# A column of names that mostly holds phones, dates or numbers is no column of names.
_MOSTLY = 0.8
_FEWEST = 3
_NAMES = frozenset(("company", "contact", "owner", "industry", "region", "source", "product"))
# Sites that leads come from and that go by a number.
_SITES = frozenset(("1688", "360", "163", "114", "58"))
_NUMBER = re.compile(r"[-+]?[\d,]+(?:\.\d+)?%?")
_MOBILE = re.compile(r"(?:\+?86[ -]?)?1[3-9]\d(?:[ -]?\d{4}){2}(?:\.0)?")
_ORGANISATION = re.compile(
    r"公司|集团|厂|店|行|院|局|所|会|社|中心|大学|学校|科技|工作室|事务|部|"
    r"\b(?:inc|ltd|llc|co|corp|gmbh)\b",
    re.IGNORECASE,
)
# What an id column of each table is called; any other number, such as 编号, may count anything.
_OWN_WORDS = {
    "lead": r"线索|線索|商机|机会|lead|opportunit|deal",
    "account": r"客户|账户|account|customer",
    "follow_up": r"跟进|记录|活动|拜访|activit|follow",
    "contract": r"合同|协议|contract",
    "request": r"需求|协作|工单|申请|request|ticket",
}


def sample(rows: Sequence[Sequence[Cell]], column: int) -> list[Cell]:
    """Return the first filled cells of a column counted from 1."""
    found: list[Cell] = []
    for row in rows[:_LOOKED_THROUGH]:
        cell = row[column - 1] if len(row) >= column else None
        if not (says_nothing(cell) or is_error_value(cell)):
            found.append(cell)
            if len(found) == _SAMPLE:
                break
    return found


def readable(type_: ColumnType, cells: Sequence[Cell]) -> bool:
    """Say whether enough of the cells can be read as the type by an import; no cells can."""
    return content_fits(type_, _as_read(type_, cells))


def fits(column: Column, cells: Sequence[Cell]) -> bool:
    """Say whether a column's cells may be what the field holds; an empty column may."""
    if not readable(column.type, cells):
        return False
    named = column.key in _NAMES or column.list == OWNER_LIST or column.key == "method"
    if column.key == "source":
        cells = [cell for cell in cells if as_text(cell).strip() not in _SITES]
    return not named or _share(cells, _no_name) < _MOSTLY or len(cells) < _FEWEST


def hopeless(column: Column, cells: Sequence[Cell]) -> bool:
    """Say whether not one of a column's cells can be read as the field."""
    read = _as_read(column.type, cells)
    return len(cells) >= _FEWEST and not any(content_fits(column.type, [c]) for c in read)


def fits_id(column: Column, spec: TableSpec, text: str, cells: Sequence[Cell]) -> bool:
    """Say whether a heading that is not the id column's name means that table's own ids.

    A serial number of the sender, 1, 2, 3, or a customer number, would be taken for a lead the
    book has already. So the heading has to name the table, or the cells to look like its ids.
    """
    words = _OWN_WORDS.get(spec.key, "")
    if column.key != spec.id_column or not words or re.search(words, text, re.IGNORECASE):
        return True
    if not column.pattern or not cells:
        return False
    pattern = re.compile(column.pattern)
    return 2 * sum(bool(pattern.fullmatch(as_text(c).strip())) for c in cells) > len(cells)


def preference(column: Column, cells: Sequence[Cell]) -> float:
    """Say how well a column serves a field for which two headings compete, from 0 to 1."""
    if column.type in ("contact", "phone"):
        filled = min(len(cells), _SAMPLE) / _SAMPLE
        return _share(cells, lambda text: bool(_MOBILE.fullmatch(text))) + filled / 2
    if column.key == "company":
        return _share(cells, lambda text: bool(_ORGANISATION.search(text)))
    return 0.0


def are_people(cells: Sequence[Cell]) -> bool:
    """Say whether the cells look like persons rather than organisations."""
    short = _share(cells, lambda text: 2 <= len(text) <= 4)
    return short >= _MOSTLY and _share(cells, lambda t: bool(_ORGANISATION.search(t))) < 0.2


def _as_read(type_: ColumnType, cells: Sequence[Cell]) -> Sequence[Cell]:
    return as_dates(cells) if type_ in DATE_TYPES else cells


def _no_name(text: str) -> bool:
    return bool(
        _NUMBER.fullmatch(text)
        or "@" in text
        or (any(c.isdigit() for c in text) and _is_contact_or_date(text))
    )


def _is_contact_or_date(text: str) -> bool:
    plain = text[:1].isdigit() or text[:1] in "+("
    return plain and (parse_contact(text).value is not None or readable("date", [text]))


def _share(cells: Sequence[Cell], test: Callable[[str], bool]) -> float:
    texts = [as_text(cell).strip() for cell in cells]
    return sum(map(test, texts)) / len(texts) if texts else 0.0
