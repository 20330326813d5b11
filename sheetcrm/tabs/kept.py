"""What people wrote on tabs that are made anew, read back before they are."""

from collections.abc import Callable, Iterable, Sequence

from sheetcrm.metrics.kept import Checked, Kept
from sheetcrm.table import Cell, RawSheet
from sheetcrm.tabs.cards import chosen_customer
from sheetcrm.tabs.sampling import HEADINGS

# Tabs that have cells to fill in: what is there is carried over, and no edit that gets lost.
FILLED_IN = frozenset({"sampling", "cards"})


def read_kept(tab: Callable[[str], RawSheet | None]) -> Kept:
    """Read what earlier tabs say.

    Args:
        tab: Gives the sheet of a kind (`RawBook.tab`), None where there is none.
    """
    sampled, cards = tab("sampling"), tab("cards")
    return Kept(
        checked=read_checked(sampled.rows) if sampled else (),
        customer=chosen_customer(cards.rows) if cards else "",
    )


def read_checked(rows: Iterable[Sequence[Cell]]) -> tuple[Checked, ...]:
    """Read the rows drawn for 抽检 from both blocks of its tab, each row once."""
    found: dict[tuple[str, str], Checked] = {}
    places: dict[str, int] = {}
    for row in rows:
        texts = {text: at for at, text in enumerate(row) if isinstance(text, str)}
        if {HEADINGS["week"], HEADINGS["mark"], HEADINGS["result"]} <= texts.keys():
            places = {key: texts[heading] for key, heading in HEADINGS.items() if heading in texts}
            continue
        if not places:
            continue
        cells = {key: row[at] if at < len(row) else None for key, at in places.items()}
        each = Checked(**{key: _text(cells.get(key)) for key in HEADINGS})
        if each.mark and each.week:
            found[each.week, each.mark] = each
    return tuple(found.values())


def _text(cell: Cell) -> str:
    return cell.strip() if isinstance(cell, str) else "" if cell is None else str(cell)
