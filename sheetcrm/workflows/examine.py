"""Read, recognise, clean and check workbooks: the first half of every job."""

from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import pandas as pd

from sheetcrm import checks
from sheetcrm.book.beside import absent
from sheetcrm.book.guard import read_bytes
from sheetcrm.book.publish import sha256
from sheetcrm.checks.exceptions import Suppressed
from sheetcrm.clean import CleanBook, clean, with_told
from sheetcrm.errors import FileChanged, FileProblem
from sheetcrm.findings import Finding, Place, finding
from sheetcrm.kit.load import load_kit
from sheetcrm.kit.recognise import recognise
from sheetcrm.metrics.stage_log import changes
from sheetcrm.table import RawBook
from sheetcrm.tabs.stage_log import LogLines
from sheetcrm.tabs.titles import STAGE_LOG
from sheetcrm.workflows.cycles import without_cycle_search


@dataclass(frozen=True)
class Examined:
    """One workbook with everything known of it.

    `unchecked` are (code, reason) of the rules that had no column to work on; `suppressed` are the
    findings that its 例外 tab silences. `log` is what has changed since the last run; the book's
    own log has these lines already. `absent` are the attachments it names that are not there.
    `stored` is where its bytes lie, if not at `path`.
    """

    path: Path
    raw: RawBook
    book: CleanBook
    findings: tuple[Finding, ...]
    unchecked: tuple[tuple[str, str], ...]
    suppressed: tuple[Suppressed, ...] = ()
    log: LogLines | None = None
    absent: frozenset[str] = frozenset()
    stored: Path | None = None

    def data(self) -> bytes:
        """Return the bytes that all this is said of.

        Raises:
            FileProblem: They cannot be read.
            FileChanged: They are others by now.
        """
        data = read_bytes(self.stored or self.path, str(self.path))
        if sha256(data) != self.raw.sha256:
            raise FileChanged(str(self.path))
        return data


@without_cycle_search()
def examine(path: Path, raw: RawBook, as_of: date) -> Examined:
    """Recognise, clean and check one workbook that was read.

    Args:
        path: The workbook.
        raw: What was read from it.
        as_of: The day that "overdue" and "future" are measured from.

    Raises:
        FileProblem: It holds no table that is known.
    """
    recognised = recognise(raw, load_kit())
    if not recognised.tables:
        raise FileProblem(
            str(path),
            "没有找到认识的表格（例如线索跟踪、跟进记录）",
            "请确认表头里有客户名称、负责人、阶段等常见列名；也可以用 sheetcrm new 生成新表",
            code="HDR-01",
        )
    book = with_told(clean(recognised), as_of)
    logged = changes(book, as_of)
    book = replace(book, log=pd.concat([book.log, logged], ignore_index=True))
    lost = absent(path.parent, checks.attachments.named(book))
    judged, missing = checks.judge(book, as_of, lost), tuple(checks.unchecked(book))
    log = LogLines(logged, raw.tab(STAGE_LOG))
    return Examined(path, raw, book, judged.findings, missing, judged.suppressed, log, lost)


def problem_finding(problem: FileProblem) -> Finding:
    """Turn a file that could not be used into the finding that a run over several reports."""
    return finding(
        problem.code, Place(file=problem.path), reason=problem.reason, remedy=problem.remedy
    )
