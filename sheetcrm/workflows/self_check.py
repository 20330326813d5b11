"""The self-check that every workbook passes before it is published."""

from collections.abc import Callable, Iterable
from pathlib import Path

from sheetcrm.book.lint import new_faults
from sheetcrm.book.target import Workbook
from sheetcrm.errors import FileProblem


def sound(
    path: Path, sheets: Iterable[str], before: Workbook | None = None
) -> Callable[[bytes], None]:
    """Return the self-check of publishing: nothing new that Excel would repair.

    What the user's workbook had wrong before is the user's and stays. Parts with the bytes they
    had are not looked at, and of the user's sheets only the rows that were written: the cost is
    that of the change, whatever the size of the workbook.

    Args:
        path: The workbook, for messages.
        sheets: Names of the sheets that are ours as a whole.
        before: The user's workbook; None where all of it is ours.
    """
    ours = list(sheets)

    def check(data: bytes) -> None:
        found = new_faults(data, None if before is None else before.package.to_bytes(), ours)
        # Numbers of people are text on our tabs; so many digits there are the total of amounts.
        faults = [f for f in found if f.rule != "V-digits" or f.sheet not in ours]
        if faults:
            where = f"{faults[0].sheet}!{faults[0].cell}".strip("!") or faults[0].part
            raise FileProblem(
                str(path),
                f"要写入的内容没有通过自检（{faults[0].rule} {where}），没有写入",
                "原文件没有改动；请把这句话发给维护人员",
            )

    return check
