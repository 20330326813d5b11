"""One workbook's own report: its figures, its findings, its tabs."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial

from sheetcrm.book.changes import Change
from sheetcrm.book.target import Workbook
from sheetcrm.book.write_rows import Built
from sheetcrm.findings import Finding
from sheetcrm.kit.model import Kit
from sheetcrm.metrics.analysis import analyse
from sheetcrm.metrics.columns import UNFILLED
from sheetcrm.metrics.dataset import Dataset, dataset
from sheetcrm.metrics.results import Summary
from sheetcrm.metrics.summary import summarise
from sheetcrm.metrics.words import ReportWords, report_words
from sheetcrm.tabs.build import needs_analysis, summary_tabs, wanted
from sheetcrm.tabs.findings_record import CheckReport, Record, previous_findings
from sheetcrm.tabs.kept import read_kept
from sheetcrm.tabs.source import Places, files_places, workbook_places
from sheetcrm.tabs.titles import SUMMARY_KINDS
from sheetcrm.workflows.cycles import without_cycle_search
from sheetcrm.workflows.examine import Examined
from sheetcrm.workflows.write_back import Marks, Origin, Written, write_into

ALL_KINDS = (*SUMMARY_KINDS, "findings")
FINDINGS_ONLY = ("findings",)


@dataclass(frozen=True)
class Reported:
    """One workbook with its figures; `findings` add what was noticed while writing.

    `words` are None where no more was asked for than the findings.
    """

    examined: Examined
    summary: Summary | None
    written: Written | None
    findings: tuple[Finding, ...]
    words: ReportWords | None = None


def figures(examined: Examined, as_of: date) -> Summary | None:
    """Return the figures of one workbook, None where it has no lead table."""
    data = _data(examined)
    return summarise(data, as_of) if data else None


def _data(examined: Examined) -> Dataset | None:
    return dataset([examined.book]) if "lead" in examined.book.tables else None


@without_cycle_search()
def report(
    examined: Examined,
    as_of: date,
    kinds: tuple[str, ...] = ALL_KINDS,
    *,
    change: Change,
    mark: bool = False,
    base: Workbook | None = None,
) -> Reported:
    """Compute a workbook's figures and write the tabs of `kinds` into it.

    Args:
        examined: The workbook.
        as_of: The day of the report.
        kinds: Tabs to write; only the findings where there is no lead table.
        change: The run, and the cells it corrected.
        mark: Also colour the cells with errors and warnings.
        base: The workbook with its corrected cells, to be written in the same go.

    Raises:
        FileProblem: It is open or cannot be written.
        FileChanged: It changed after it was read.
    """
    data = _data(examined)
    summary = summarise(data, as_of) if data else None
    kinds = kinds if summary or not kinds else FINDINGS_ONLY
    unwanted = unwanted_tabs(examined.book.kit, summary) if summary else frozenset[str]()
    analysis = None
    if data and summary and needs_analysis(kinds):
        analysis = analyse(data, summary, read_kept(examined.raw.tab))
    previous = _previous(examined)
    unchecked = {examined.path.name: examined.unchecked}
    log = examined.log if "funnel" in kinds else None

    def build(places: Places, names: Mapping[str, str], replaced: Sequence[Finding]) -> Built:
        check = CheckReport(
            as_of, (*examined.findings, *replaced), previous, unchecked, examined.suppressed
        )
        return summary_tabs(names, places, summary, check, analysis, log).finish_apart()

    beside = files_places({examined.book.file: examined.path.name})
    tabs = wanted(kinds, summary, analysis, unwanted)
    both = (partial(build, _places(examined, tabs.dropped)), partial(build, beside))
    marks = _marks(examined) if mark else None
    origin = Origin(examined.path, examined.raw.sha256, change, base, log)
    written = write_into(origin, tabs, both, marks)
    words = report_words(summary, analysis) if summary and analysis else None
    return Reported(examined, summary, written, (*examined.findings, *written.findings), words)


def unwanted_tabs(kit: Kit, summary: Summary) -> frozenset[str]:
    """Return the tabs a workbook goes without; leads of several people make it a team's."""
    people = [row for row in summary.by_owner if row.name != UNFILLED]
    return kit.unwanted_tabs(team=len(people) > 1)


def _marks(examined: Examined) -> Marks:
    """Return the cells to colour: by sheet and severity, errors and warnings of this workbook."""
    cells: dict[str, dict[str, list[str]]] = {}
    for f in examined.findings:
        if f.sheet and f.cell and f.severity != "info":
            cells.setdefault(f.sheet, {}).setdefault(f.severity, []).append(f.cell)
    tabs = {sheet.name for sheet in examined.raw.sheets if sheet.tab}
    return {sheet: by for sheet, by in cells.items() if sheet not in tabs}


def _previous(examined: Examined) -> list[Record]:
    tab = examined.raw.tab("findings")
    return previous_findings(tab.rows) if tab else []


def _places(examined: Examined, dropped: Collection[str]) -> Places:
    sheets = [sheet for sheet in examined.raw.sheets if sheet.tab not in dropped]
    return workbook_places(sheets, examined.book.tables.get("lead"), examined.book.kit.pipeline)
