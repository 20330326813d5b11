"""`sheetcrm new`: a validated workbook, ready to be filled in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sheetcrm.book.changes import Change, Run
from sheetcrm.book.markers import Role, add_markers
from sheetcrm.book.publish import publish
from sheetcrm.book.remote import local
from sheetcrm.errors import FileProblem, UnknownName
from sheetcrm.kit.model import OWNER_LIST, Kit
from sheetcrm.tabs.workbook import build_workbook

SUFFIX = ".xlsx"
# A name that ends so asks for a kind of file we do not make; other dots are part of the name.
OTHER_SUFFIXES = frozenset({".xls", ".xlsm", ".xlsb", ".xltx", ".xltm", ".ods", ".et", ".csv"})
DEFAULT_ROWS = 1000


@dataclass(frozen=True)
class NewResult:
    """The workbook that was made: where it is and the names of its input sheets."""

    path: Path
    sheets: tuple[str, ...]
    rows: int
    owners: tuple[str, ...]


@dataclass(frozen=True)
class NewOptions:
    """What a new workbook is to hold.

    `tables` are names, aliases or keys, all tables of the kit where empty; `rows` is how many rows
    of each sheet are validated; `owners` fills the list of people.
    """

    tables: tuple[str, ...] = ()
    rows: int = DEFAULT_ROWS
    owners: tuple[str, ...] = ()


def new(path: str | Path, kit: Kit, options: NewOptions, today: date) -> NewResult:
    """Make a workbook at a path where there is no file yet.

    Raises:
        UnknownName: The kit has no table of that name.
        FileProblem: The file exists, cannot be written or is not to be an .xlsx file.
    """
    target = _target(local(path))
    chosen = kit.with_tables(table_keys(kit, options.tables))
    if options.owners:
        chosen = chosen.with_items(OWNER_LIST, options.owners)
    made = build_workbook(chosen, options.rows, today)
    marked = add_markers(made.data, {name: Role(*role) for name, role in made.roles.items()})
    publish(target, marked, None, change=Change(Run("new")))
    sheets = tuple(table.name for table in chosen.tables)
    return NewResult(target, sheets, options.rows, options.owners)


def table_keys(kit: Kit, names: Sequence[str]) -> tuple[str, ...]:
    """Return the keys of the named tables in the kit's order; all of them for no name.

    Raises:
        UnknownName: A name is no table's key, name or alias.
    """
    if not names:
        return tuple(table.key for table in kit.tables)
    known = {
        word.casefold(): table.key
        for table in reversed(kit.tables)
        for word in (*table.aliases, table.name, table.key)
    }
    unknown = next((name for name in names if name.strip().casefold() not in known), None)
    if unknown is not None:
        raise UnknownName("表", unknown, [table.name for table in kit.tables])
    wanted = {known[name.strip().casefold()] for name in names}
    return tuple(table.key for table in kit.tables if table.key in wanted)


def _target(path: Path) -> Path:
    suffix = path.suffix.lower()
    if suffix in OTHER_SUFFIXES:
        raise FileProblem(str(path), f"不能生成{path.suffix}文件", f"请把文件名改成以{SUFFIX}结尾")
    if suffix != SUFFIX:
        path = path.with_name(path.name + SUFFIX)
    if path.exists():
        raise FileProblem(
            str(path), "这个文件已经存在，没有覆盖它", "请换一个文件名，或先移走原来的文件"
        )
    return path
