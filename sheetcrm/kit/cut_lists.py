"""Lists of the 设置 tab that have outgrown the drop-downs made for them."""

from collections.abc import Mapping

from sheetcrm.findings import Finding, Place, finding
from sheetcrm.kit.blocks import LEAST_ROWS, FoundBlock, find_blocks
from sheetcrm.kit.model import ChoiceList, Kit
from sheetcrm.kit.names import list_name
from sheetcrm.kit.tab_settings import LIST_ANCHOR
from sheetcrm.table import RawBook

Offered = Mapping[tuple[str, str], tuple[str, ...]]


def cut_lists(raw: RawBook, kit: Kit, offered: Offered) -> list[Finding]:
    """Report the first item of a list that a drop-down does not reach; the checks know them all.

    Args:
        raw: A workbook with a 设置 tab.
        kit: What that tab says.
        offered: The values of the drop-downs its sheets have, by (table key, column key).
    """
    long = {item.key: item for item in kit.lists if len(item.items) > LEAST_ROWS}
    settings = raw.tab("settings")
    if not long or settings is None:
        return []
    blocks = {block.title: block for block in find_blocks(settings.rows, (LIST_ANCHOR,))}
    found = []
    for item in long.values():
        reached = [set(values) for values in _drop_downs(item, kit, offered)]
        block = blocks.get(item.name)
        if reached and block:
            everywhere = set.intersection(*reached)
            found += _first_beyond(block, item, everywhere, Place(raw.path, settings.name))
    return found


def _drop_downs(item: ChoiceList, kit: Kit, offered: Offered) -> list[tuple[str, ...]]:
    columns = [(t.key, c.key) for t in kit.tables for c in t.columns if c.list == item.key]
    return [offered[column] for column in columns if column in offered]


def _first_beyond(
    block: FoundBlock, item: ChoiceList, reached: set[str], tab: Place
) -> list[Finding]:
    beyond = [
        line
        for line in block.lines
        if line.row > block.header_row + LEAST_ROWS and line.text(LIST_ANCHOR) not in reached
    ]
    if not beyond:
        return []
    first = beyond[0]
    place = Place(tab.file, tab.sheet, first.address(LIST_ANCHOR), first.row, item.name)
    return [
        finding(
            "KIT-25",
            place,
            first.text(LIST_ANCHOR),
            name=item.name,
            count=len(beyond),
            defined=list_name(item.name),
            last=beyond[-1].row,
        )
    ]
