"""Campaigns of broken files: what becomes of each, and whether anything went wrong.

An accepted file is `same` where it reads as the sound one does, cell by cell. It may read otherwise
only where it says otherwise by the letter (`told`): an XML edit behind a right checksum may simply
have made another workbook. Everything else is silent corruption, and is kept for a test.
"""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TypeVar

from sheetcrm.book.cfb import workbook_stream
from sheetcrm.book.parse import UNREAD_TABS, parse
from sheetcrm.book.read import Reader, read_book
from sheetcrm.book.sniff import LeadSheets, parse_lead_sheet, read_lead_sheet
from sheetcrm.errors import FileProblem
from sheetcrm.table import RawBook
from tests.soak.bases import xls_stream
from tests.soak.biff import compound
from tests.soak.mutate import Mutant, mutant, mutant_of_bytes, mutant_of_xls
from tests.soak.reference import Cells, Meaningless, cells, plain, second_reading

HANG = 10.0  # seconds


@dataclass
class Tally:
    """How a campaign ended: how often each thing happened, and the numbers that went wrong."""

    seen: Counter[str] = field(default_factory=Counter)
    wrong: list[tuple[str, int, str]] = field(default_factory=list)
    slowest: float = 0.0

    def note(self, what: str, number: int, kind: str) -> None:
        """Count one; what begins with an exclamation mark went wrong."""
        self.seen[what] += 1
        if what.startswith("!"):
            self.wrong.append((what, number, kind))

    def __str__(self) -> str:
        counted = "，".join(f"{name} {n}" for name, n in sorted(self.seen.items()))
        wrong = "".join(f"；{what} 第 {number} 个 {kind}" for what, number, kind in self.wrong)
        return f"{counted}；最慢 {self.slowest:.2f} 秒{wrong}"


def read_xlsx(
    bases: Sequence[bytes], numbers: Sequence[int], folder: Path, keep: Path | None = None
) -> Tally:
    """Read broken copies of workbooks, one after another, with one reader."""
    sound = [parse(base, "坏.xlsx") for base in bases]

    def broken(number: int) -> Mutant:
        return mutant(bases[number % len(bases)], number)

    def verdict(each: Mutant, number: int, read: RawBook) -> str:
        return judged(each, read, sound[number % len(bases)])

    return _campaign(numbers, folder / "坏.xlsx", broken, verdict, keep)


def read_xls(numbers: Sequence[int], folder: Path, keep: Path | None = None) -> Tally:
    """Read broken copies of an .xls; xlrd reads those again that read otherwise."""
    base = xls_stream()
    sound = plain(parse(compound(base), "坏.xls"))

    def verdict(each: Mutant, _number: int, read: RawBook) -> str:
        return judged_xls(each, plain(read), sound)

    return _campaign(
        numbers, folder / "坏.xls", lambda number: mutant_of_xls(base, number), verdict, keep
    )


def read_csv(bases: Sequence[bytes], numbers: Sequence[int], folder: Path) -> Tally:
    """Read broken copies of texts as lead sheets."""
    sound = [parse_lead_sheet(base, "坏.csv") for base in bases]
    path, tally = folder / "坏.csv", Tally()
    with Reader() as reader:
        for number in numbers:
            at = number % len(bases)
            each = mutant_of_bytes(bases[at], number)
            path.write_bytes(each.data)
            read = _read(partial(read_lead_sheet, path, reader), tally, number)
            if isinstance(read, LeadSheets):
                tally.note(judged_csv(each, read, sound[at]), number, each.kind)
            else:
                tally.note(read, number, each.kind)
    return tally


def _campaign(
    numbers: Sequence[int],
    path: Path,
    broken: Callable[[int], Mutant],
    verdict: Callable[[Mutant, int, RawBook], str],
    keep: Path | None,
) -> Tally:
    tally = Tally()
    with Reader() as reader:
        for number in numbers:
            each = broken(number)
            path.write_bytes(each.data)
            read = _read(partial(read_book, path, reader), tally, number)
            what = verdict(each, number, read) if isinstance(read, RawBook) else read
            tally.note(what, number, each.kind)
            if keep and what.startswith("!"):
                (keep / f"{number}{path.suffix}").write_bytes(each.data)
    return tally


T = TypeVar("T")


def _read(read: Callable[[], T], tally: Tally, number: int) -> T | str:
    found, took = _timed(read)
    if took > HANG:  # a busy machine keeps anything waiting, but not twice
        tally.note("read again", number, "")
        found, took = _timed(read)
    tally.slowest = max(tally.slowest, took)
    if took > HANG:
        tally.note("!hang", number, f"{took:.0f} 秒")
    return found


def _timed(read: Callable[[], T]) -> tuple[T | str, float]:
    started, found = time.monotonic(), ""
    try:
        return read(), time.monotonic() - started
    except FileProblem as problem:
        broke = "中断" in problem.reason or "已放弃" in problem.reason
        found = "child died" if broke else "refused"
    except BaseException as error:
        found = f"!traceback {type(error).__name__}"
    return found, time.monotonic() - started


def judged(broken: Mutant, read: RawBook, sound: RawBook) -> str:
    """Say what an accepted .xlsx is."""
    found = plain(read)
    if found == plain(sound):
        return "same"
    if broken.kind.startswith("raw"):
        return "!silent (raw)"
    try:
        told = cells(broken.data)
    except Meaningless as error:
        return f"!silent ({error})"
    unread = {sheet.name for sheet in read.sheets if sheet.tab in UNREAD_TABS}
    told = {place: cell for place, cell in told.items() if place[0] not in unread}
    return "told" if told == found else "!silent (other cells)"


def judged_xls(broken: Mutant, found: Cells, sound: Cells) -> str:
    """Say what an accepted .xls is.

    Without checksums a changed letter or figure is simply another one (`value`: every cell is where
    it was); a cell may only be gone, or somewhere else, where xlrd says so too.
    """
    if found == sound:
        return "same"
    # xlrd stops at faults of the container that do not matter: it gets the records in a sound one
    records = compound(workbook_stream(broken.data).rstrip(b"\0"))
    told = second_reading(broken.data) or second_reading(records)
    if told == found or all(found.get(place) == cell for place, cell in sound.items()):
        return "told"
    if found.keys() == sound.keys():
        return "value"
    return "!silent" if told is not None else "!silent (xlrd refuses)"


def judged_csv(broken: Mutant, found: LeadSheets, sound: LeadSheets) -> str:
    """Say what an accepted text is.

    It must hold each letter of the file, decoded as the assumption says, that is neither separator
    nor quote nor space, in their order.
    """
    if plain(found.raw) == plain(sound.raw):
        return "same"
    name = found.assumptions[-1] if found.assumptions else ""
    said = next((a for a in found.assumptions if a.startswith("按 ")), name)
    encoding = said.removeprefix("按 ").partition(" 编码")[0]
    try:
        text = broken.data.decode(CODECS.get(encoding, encoding))
    except (LookupError, UnicodeDecodeError):
        return f"!undecodable as {encoding}"
    held = "".join(
        str(cell) for row in found.raw.sheets[0].rows for cell in row if cell is not None
    )
    return "told" if _letters(text) == _letters(held) else "!silent"


def _letters(text: str) -> str:
    return "".join(c for c in text if c.isalnum())


CODECS = {"UTF-8": "utf-8-sig", "UTF-16": "utf-16", "GBK": "gb18030", "GB18030": "gb18030"}
