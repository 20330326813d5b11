"""A sheet that came in -> headings mapped, values mapped, cells typed: one Incoming a sheet."""

from collections.abc import Mapping, Sequence

from sheetcrm.intake.model import Incoming, SavedMap
from sheetcrm.kit.model import Kit
from sheetcrm.table import RawBook

_NOTHING = SavedMap()


def incoming(
    raw: RawBook,
    kit: Kit,
    given: SavedMap = _NOTHING,
    saved: SavedMap = _NOTHING,
    source: str = "",
    extras: Mapping[str, Sequence[str]] | None = None,
) -> tuple[Incoming, ...]:
    """Map and type every sheet of a file that holds a table of the kit; leads come first.

    Args:
        raw: The file.
        kit: The book's own kit.
        given: What the command line or the mended decision workbook says.
        saved: What was decided for this source before.
        source: Name of the source the maps are saved under.
        extras: Headings of the book's own sheets that its kit does not know, by table key.
    """
    raise NotImplementedError


def saved_map(sheets: Sequence[Incoming]) -> SavedMap:
    """Return what people decided about headings and values, for the next file of this source."""
    raise NotImplementedError
