"""Findings as people read them: one sentence each, alike ones together, long lists cut short."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace

from sheetcrm.findings.finding import Finding, file_name, plain_heading

_CELL = re.compile(r"([A-Z]+)([0-9]+)")


@dataclass(frozen=True)
class Group:
    """Findings that say the same of several cells: same code, column, value and sentence.

    `cells` are ranges ("D5:D9,D14"), `count` how many findings they are, `first` speaks for all.
    `more` counts the findings of the same code and sheet that the cap left out after this group.
    """

    first: Finding
    cells: str
    count: int
    more: int = 0


def sentence(finding: Finding, *, cells: str = "", with_file: bool = False) -> str:
    """Say a finding in one line: place, what is wrong, what to do, code.

    Args:
        finding: What to say.
        cells: Ranges to name instead of the finding's own cell.
        with_file: Name the file too, where several are reported together.
    """
    cell = cells or finding.cell
    name = file_name(finding.file)
    address = "!".join(part for part in (finding.sheet, cell) if part)
    place = " ".join(part for part in (address, plain_heading(finding.column)) if part)
    if with_file or not place:
        place = f"{name} {place}".strip()
    parts = (_ended(text) for text in (finding.message, finding.suggestion) if text)
    return f"【{place}】{''.join(parts)}[{finding.code}]"


def group(findings: Iterable[Finding], cap: int = 0) -> list[Group]:
    """Put findings that say the same of several cells together, in order of first appearance.

    Args:
        findings: In the order of the report.
        cap: Most groups shown of one code in one sheet; 0 shows all.
    """
    alike: dict[tuple[str, ...], list[Finding]] = {}
    for f in findings:
        key = (f.file, f.sheet, f.code, f.severity, f.column, f.value, f.owner)
        alike.setdefault((*key, f.message, f.suggestion), []).append(f)
    groups = [
        Group(first=found[0], cells=cell_ranges(f.cell for f in found), count=len(found))
        for found in alike.values()
    ]
    return _capped(groups, cap) if cap else groups


def line(group: Group, *, with_file: bool = False) -> str:
    """Say a group in one line, with the number of cells and of what is not shown."""
    text = sentence(group.first, cells=group.cells, with_file=with_file)
    if group.count > 1:
        text += f"（共{group.count}处）"
    if group.more:
        text += f"（同类还有 {group.more} 条）"
    return text


def cell_ranges(cells: Iterable[str]) -> str:
    """Write cells of a sheet as ranges down their columns: D5,D6,D7,D14 becomes D5:D7,D14."""
    columns: dict[str, set[int]] = {}
    for cell in cells:
        match = _CELL.fullmatch(cell)
        if match:
            columns.setdefault(match[1], set()).add(int(match[2]))
    return ",".join(
        f"{letters}{first}" if first == last else f"{letters}{first}:{letters}{last}"
        for letters, rows in columns.items()
        for first, last in _runs(sorted(rows))
    )


def _runs(rows: list[int]) -> list[tuple[int, int]]:
    runs: list[tuple[int, int]] = []
    for row in rows:
        if runs and runs[-1][1] == row - 1:
            runs[-1] = (runs[-1][0], row)
        else:
            runs.append((row, row))
    return runs


def _capped(groups: list[Group], cap: int) -> list[Group]:
    total: Counter[tuple[str, str, str]] = Counter()
    hidden: Counter[tuple[str, str, str]] = Counter()
    last: dict[tuple[str, str, str], int] = {}
    shown: list[Group] = []
    for g in groups:
        kind = (g.first.file, g.first.sheet, g.first.code)
        total[kind] += 1
        if total[kind] > cap:
            hidden[kind] += g.count
        else:
            last[kind] = len(shown)
            shown.append(g)
    for code, count in hidden.items():
        shown[last[code]] = replace(shown[last[code]], more=count)
    return shown


def _ended(text: str) -> str:
    return text if text.endswith(("。", "！", "？")) else f"{text}。"
