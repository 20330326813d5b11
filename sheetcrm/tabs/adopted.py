"""The tabs an adopted workbook gets: its own stages, lists, fields and rules, to be edited."""

from collections.abc import Collection, Mapping

from sheetcrm.book.write import Book
from sheetcrm.kit.model import Kit
from sheetcrm.kit.tab_exceptions import TAB_KIND as EXCEPTIONS_KIND
from sheetcrm.tabs.exceptions import NAME as EXCEPTIONS
from sheetcrm.tabs.exceptions import add_exceptions
from sheetcrm.tabs.fields import NAME as FIELDS
from sheetcrm.tabs.fields import add_fields
from sheetcrm.tabs.rules import NAME as RULES
from sheetcrm.tabs.rules import add_rules
from sheetcrm.tabs.settings import NAME as SETTINGS
from sheetcrm.tabs.settings import add_settings
from sheetcrm.tabs.style import new_book

# By kind, in the order the tabs stand in.
ADOPTED: Mapping[str, str] = {
    "settings": SETTINGS,
    "fields": FIELDS,
    "rules": RULES,
    EXCEPTIONS_KIND: EXCEPTIONS,
}


def adopted_tabs(kit: Kit, kinds: Collection[str]) -> Book:
    """Build those tabs of ADOPTED for a kit, all but finished; equal kits give equal bytes."""
    book = new_book()
    if "settings" in kinds:
        add_settings(book, kit)
    if "fields" in kinds:
        add_fields(book, kit)
    if "rules" in kinds:
        add_rules(book, kit)
    if EXCEPTIONS_KIND in kinds:
        add_exceptions(book, kit)
    return book
