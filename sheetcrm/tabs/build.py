"""The tabs of a summary as one small workbook, ready to be grafted."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace

from sheetcrm.book.write import Book
from sheetcrm.metrics.analysis import Analysis
from sheetcrm.metrics.results import Summary
from sheetcrm.tabs import (
    cards,
    collaboration,
    conversion,
    dashboard,
    findings,
    focus,
    funnel,
    goals,
    overdue,
    performance,
    reconciliation,
    review,
    sampling,
    segments,
    stage_log,
    team,
    trend,
)
from sheetcrm.tabs.findings_record import CheckReport
from sheetcrm.tabs.reconciliation import HAND_EDITED
from sheetcrm.tabs.source import Places
from sheetcrm.tabs.stage_log import LogLines
from sheetcrm.tabs.style import new_book
from sheetcrm.tabs.titles import STAGE_LOG, TITLES

SummaryTab = Callable[[Book, str, Summary, Places], None]
AnalysisTab = Callable[[Book, str, Summary, Analysis, Places], None]
NothingToShow = Callable[[Summary, Analysis], bool]

_OF_SUMMARY: Mapping[str, SummaryTab] = {
    "funnel": funnel.funnel_tab,
    "conversion": conversion.conversion_tab,
    "overdue": overdue.overdue_tab,
    "team": team.team_tab,
}
_OF_ANALYSIS: Mapping[str, AnalysisTab] = {
    "dashboard": dashboard.dashboard_tab,
    "performance": performance.performance_tab,
    "trend": trend.trend_tab,
    "segments": segments.segments_tab,
    "review": review.review_tab,
    "goals": goals.goals_tab,
    "collaboration": collaboration.collaboration_tab,
    "focus": focus.focus_tab,
    "sampling": sampling.sampling_tab,
    "cards": cards.cards_tab,
    "reconciliation": reconciliation.reconciliation_tab,
}
# Tabs that some teams have no use for: what says that one would be empty.
_EMPTY: Mapping[str, NothingToShow] = {
    "trend": trend.nothing_to_show,
    "segments": segments.nothing_to_show,
    "review": review.nothing_to_show,
    "goals": goals.nothing_to_show,
    "collaboration": collaboration.nothing_to_show,
    "focus": focus.nothing_to_show,
    "sampling": sampling.nothing_to_show,
    "cards": cards.nothing_to_show,
}


@dataclass(frozen=True)
class Wanted:
    """The tabs to write: those of `kinds`, but `empty` ones only where the workbook has them.

    `dropped` are those a workbook that has them is to lose: 设置 does not want them any more.
    """

    kinds: tuple[str, ...]
    empty: frozenset[str] = frozenset()
    dropped: frozenset[str] = frozenset()

    def among(self, present: Collection[str]) -> tuple[str, ...]:
        """Return the kinds to write into a workbook that has those of `present`."""
        return tuple(k for k in self.kinds if k not in self.empty or k in present)


def wanted(
    kinds: tuple[str, ...],
    summary: Summary | None = None,
    analysis: Analysis | None = None,
    unwanted: frozenset[str] = frozenset(),
) -> Wanted:
    """Say which tabs to write: one with nothing to show is only brought up to date.

    Args:
        kinds: The tabs asked for.
        summary: The figures.
        analysis: The further figures.
        unwanted: Those of them that the workbook's 设置 does without.
    """
    dropped = unwanted.intersection(kinds)
    kinds = tuple(kind for kind in kinds if kind not in dropped)
    if summary is None or analysis is None:
        return Wanted(kinds, dropped=dropped)
    empty = frozenset(k for k in kinds if k in _EMPTY and _EMPTY[k](summary, analysis))
    return Wanted(kinds, empty, dropped)


def needs_analysis(kinds: Collection[str]) -> bool:
    """Say whether a tab among these shows more than the summary."""
    return any(kind in _OF_ANALYSIS for kind in kinds)


def summary_tabs(
    names: Mapping[str, str],
    places: Places,
    summary: Summary | None = None,
    check: CheckReport | None = None,
    analysis: Analysis | None = None,
    log: LogLines | None = None,
) -> Book:
    """Build the tabs asked for, all but finished; equal input gives equal bytes.

    Args:
        names: The sheet name of each kind of `titles` to build, planned by the graft:
            formulas and links contain them.
        places: Where the data stand: `workbook_places`, `team_places` or `files_places`.
        summary: The figures; needed for every kind but "findings".
        check: The findings; needed for "findings".
        analysis: The further figures, for the kinds that `needs_analysis` names.
        log: The first lines of 阶段日志, where it is among the kinds.

    Raises:
        ValueError: A kind is asked for without what it shows.
    """
    book = new_book()
    edited = tuple(f for f in check.findings if f.code == HAND_EDITED) if check else ()
    tabs = {kind: name for kind, name in names.items() if kind in TITLES}
    places = replace(places, tabs=tabs, edited=edited)
    for kind in (kind for kind in TITLES if kind in names):
        if kind == "findings" and check is not None:
            findings.findings_tab(book, names[kind], check, places)
        elif kind in _OF_SUMMARY and summary is not None:
            _OF_SUMMARY[kind](book, names[kind], summary, places)
        elif kind in _OF_ANALYSIS and summary is not None and analysis is not None:
            _OF_ANALYSIS[kind](book, names[kind], summary, analysis, places)
        else:
            raise ValueError(f"nothing to fill the tab {kind!r} with")
    if STAGE_LOG in names and log is not None:
        # Last, so that the others are numbered as in the next run, which only appends to it.
        stage_log.stage_log_tab(book, names[STAGE_LOG], log)
    return book
