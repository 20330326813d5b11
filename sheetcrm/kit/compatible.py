"""Does a column's content go with the column its heading names?"""

from collections.abc import Callable, Mapping, Sequence

from sheetcrm.kit.model import ColumnType
from sheetcrm.table import Cell
from sheetcrm.values.amounts import parse_amount, parse_percent
from sheetcrm.values.contact import parse_contact
from sheetcrm.values.dates import parse_date
from sheetcrm.values.email import parse_email
from sheetcrm.values.parsed import Parsed
from sheetcrm.values.phones import parse_phone
from sheetcrm.values.text import is_blank, is_error_value, is_placeholder

_READERS: Mapping[ColumnType, Callable[[Cell], Parsed[object]]] = {
    "date": parse_date,
    "datetime": parse_date,
    "integer": parse_amount,
    "number": parse_amount,
    "amount": parse_amount,
    "percent": parse_percent,
    "phone": parse_phone,
    "email": parse_email,
    "contact": parse_contact,
}
# Not read, and yet what the column is for: a masked number, an amount in a foreign currency.
_RIGHT_KIND = ("FMT-06", "AMT-07")
# Below this share of readable cells the heading means something else. Low on purpose: a column
# may be in a poor state and still be that column.
_SHARE = 0.25


def content_fits(type_: ColumnType, cells: Sequence[Cell]) -> bool:
    """Say whether enough of a column's filled cells can be read as the type; blank columns fit."""
    reader = _READERS.get(type_)
    filled = [
        c for c in cells if not is_blank(c) and not is_placeholder(c) and not is_error_value(c)
    ]
    if reader is None or not filled:
        return True
    readable = sum(
        reader(cell).value is not None or reader(cell).note in _RIGHT_KIND for cell in filled
    )
    return readable >= _SHARE * len(filled)
