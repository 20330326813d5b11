"""例外: findings that a manager has decided to live with, to rows and back.

The tab is the users' to fill in, and never replaced. A workbook of somebody else's may have one
too: a sheet of that name with these headings.
"""

import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sheetcrm.findings import Finding
from sheetcrm.kit.blocks import Block, FoundBlock, Line, Report, find_blocks
from sheetcrm.kit.model import Kit
from sheetcrm.table import RawBook, RawSheet
from sheetcrm.values.dates import parse_date

TAB_NAME, TAB_KIND = "例外", "exceptions"
TITLE = "不再列出的问题"
EXEMPTIONS_ANCHOR = "行编号"
CODE_HEADER, REASON_HEADER, UNTIL_HEADER = "代码", "原因", "有效期至"
_HEADERS = (EXEMPTIONS_ANCHOR, CODE_HEADER, REASON_HEADER, UNTIL_HEADER)


@dataclass(frozen=True)
class Exemption:
    """One line of the tab that is in order: findings of that code on that row are not reported.

    `key` is the row's id as people wrote it, `until` the last day it holds, None for ever. `sheet`,
    `row`, `key_cell` and `until_cell` are its own place.
    """

    key: str
    code: str
    reason: str
    until: date | None
    sheet: str
    row: int
    key_cell: str
    until_cell: str


def exemptions_block(kit: Kit) -> Block:
    """Describe the tab, empty, with the codes that may be chosen."""
    codes = tuple(f"{rule.code} {rule.message}" for rule in kit.rules)
    return Block("exemptions", TITLE, _HEADERS, (), choices={CODE_HEADER: codes})


def exceptions_sheet(raw: RawBook) -> RawSheet | None:
    """Return the workbook's 例外 tab: ours wherever it is now, else a sheet with its headings."""
    own = raw.tab(TAB_KIND)
    if own is not None:
        return own
    named = (s for s in raw.sheets if s.name.strip() == TAB_NAME and _block(s) is not None)
    return next(named, None)


def read_exemptions(
    sheet: RawSheet, codes: Collection[str], file: str = ""
) -> tuple[tuple[Exemption, ...], list[Finding]]:
    """Read the lines of the tab; one that is not in order is a finding at its own cell.

    Args:
        sheet: The tab.
        codes: Those of the checks that can be switched off: of files and headings there are no
            exceptions.
        file: The workbook, for the findings.
    """
    findings: list[Finding] = []
    report, block = Report(file, sheet.name, findings), _block(sheet)
    if block is None:
        report.add_sheet("KIT-01", expected="、".join(_HEADERS))
        return (), findings
    lines = (_exemption(line, codes, report) for line in block.lines)
    return tuple(line for line in lines if line is not None), findings


def _block(sheet: RawSheet) -> FoundBlock | None:
    found = find_blocks(sheet.rows, (EXEMPTIONS_ANCHOR,))
    wanted = set(_HEADERS[:3])
    return next((block for block in found if wanted <= set(block.columns)), None)


def _exemption(line: Line, codes: Collection[str], report: Report) -> Exemption | None:
    before = len(report.findings)
    code = _code(line.text(CODE_HEADER), codes)
    if not line.text(EXEMPTIONS_ANCHOR):
        report.add("EXC-03", line, EXEMPTIONS_ANCHOR)
    if code is None:
        report.add("EXC-02", line, CODE_HEADER)
    if not line.text(REASON_HEADER):
        report.add("EXC-01", line, REASON_HEADER)
    until = parse_date(line.cells.get(UNTIL_HEADER)).value if line.text(UNTIL_HEADER) else None
    if line.text(UNTIL_HEADER) and not isinstance(until, datetime):
        report.add("EXC-04", line, UNTIL_HEADER)
    if len(report.findings) > before or code is None:
        return None
    return Exemption(
        key=line.text(EXEMPTIONS_ANCHOR),
        code=code,
        reason=line.text(REASON_HEADER),
        until=until.date() if isinstance(until, datetime) else None,
        sheet=report.sheet,
        row=line.row,
        key_cell=line.address(EXEMPTIONS_ANCHOR),
        until_cell=line.address(UNTIL_HEADER),
    )


def _code(text: str, codes: Collection[str]) -> str | None:
    """Return the code a cell names: alone, or with its title behind it as the drop-down has it."""
    plain = unicodedata.normalize("NFKC", text).strip()
    known = {code.casefold(): code for code in codes}
    for candidate in (plain, plain.split()[0] if plain else ""):
        if candidate.casefold() in known:
            return known[candidate.casefold()]
    return None
