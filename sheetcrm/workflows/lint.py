"""`sheetcrm lint`: would Excel repair these files, and why."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sheetcrm.book.find import find_books
from sheetcrm.book.guard import inspect, read_bytes
from sheetcrm.book.lint import LintFinding, lint
from sheetcrm.book.lint_remedies import remedy
from sheetcrm.book.remote import fetched
from sheetcrm.errors import FileProblem


@dataclass(frozen=True)
class Linted:
    """One file: the rules it breaks, or why it could not be looked at."""

    path: Path
    faults: tuple[LintFinding, ...] = ()
    problem: FileProblem | None = None

    def as_json(self) -> dict[str, Any]:
        """Return one object of `lint --json`."""
        problem = self.problem
        return {
            "file": str(self.path),
            "faults": [
                {
                    "rule": fault.rule,
                    "level": fault.level,
                    "part": fault.part,
                    "sheet": fault.sheet,
                    "cell": fault.cell,
                    "message": fault.text,
                    "remedy": remedy(fault.rule),
                }
                for fault in self.faults
            ],
            "problem": None
            if problem is None
            else {"code": problem.code, "message": problem.reason, "remedy": problem.remedy},
        }


def lint_files(paths: Sequence[str | Path]) -> list[Linted]:
    """Lint the workbooks that the paths name, copies too.

    Raises:
        FileProblem: A named file does not exist.
        NothingToDo: Nothing in the given paths is a workbook.
    """
    found = find_books(paths)
    copies = (Path(each.file) for each in found.findings if each.code == "FIL-08")
    return [lint_file(path) for path in _once((*found.books, *copies))]


def lint_file(path: Path) -> Linted:
    """Lint one workbook."""
    try:
        with fetched(path) as copy:
            data = read_bytes(copy or path, str(path))
        inspected = inspect(data, str(path))
        if inspected.form != "xlsx":
            raise FileProblem(
                str(path),
                f"这是 .{inspected.form} 格式，只检查 .xlsx 和 .xlsm",
                "需要检查时请另存为 .xlsx",
                "FIL-02",
            )
    except FileProblem as problem:
        return Linted(path, problem=problem)
    return Linted(path, tuple(lint(data)))


def _once(paths: Iterable[Path]) -> list[Path]:
    return list({path.resolve(): path for path in paths}.values())
