"""The tabs of a summary as one small workbook, ready to be grafted."""

from collections.abc import Callable, Mapping

from sheetcrm.book.write import Book
from sheetcrm.metrics.results import Summary
from sheetcrm.tabs import conversion, findings, funnel, overdue, team
from sheetcrm.tabs.findings_record import CheckReport
from sheetcrm.tabs.source import Places
from sheetcrm.tabs.style import new_book

Writer = Callable[[Book, str, Summary, Places], None]

# By kind, in the order the tabs stand in a workbook.
TITLES: Mapping[str, str] = {
    "funnel": funnel.TITLE,
    "conversion": conversion.TITLE,
    "overdue": overdue.TITLE,
    "team": team.TITLE,
    "findings": findings.TITLE,
}
SUMMARY_KINDS = ("funnel", "conversion", "overdue")
TEAM_KINDS = (*SUMMARY_KINDS, "team")
_WRITERS: Mapping[str, Writer] = {
    "funnel": funnel.funnel_tab,
    "conversion": conversion.conversion_tab,
    "overdue": overdue.overdue_tab,
    "team": team.team_tab,
}


def summary_tabs(
    names: Mapping[str, str],
    places: Places,
    summary: Summary | None = None,
    check: CheckReport | None = None,
) -> bytes:
    """Build the tabs asked for; equal input gives equal bytes.

    Args:
        names: The sheet name of each kind to build (keys of TITLES), planned by the graft:
            formulas and links contain them.
        places: Where the data stand: `workbook_places`, `team_places` or `files_places`.
        summary: The figures; needed for every kind but "findings".
        check: The findings; needed for "findings".

    Raises:
        ValueError: A kind is asked for without what it shows.
    """
    book = new_book()
    for kind in (kind for kind in TITLES if kind in names):
        if kind == "findings" and check is not None:
            findings.findings_tab(book, names[kind], check, places)
        elif kind in _WRITERS and summary is not None:
            _WRITERS[kind](book, names[kind], summary, places)
        else:
            raise ValueError(f"nothing to fill the tab {kind!r} with")
    return book.finish()
