"""Lead sheets and books on disk, and imports of them."""

from collections.abc import Sequence
from datetime import date, datetime
from functools import cache
from pathlib import Path

from sheetcrm.book.read import read_book
from sheetcrm.clean import CleanBook, clean
from sheetcrm.kit.load import load_kit
from sheetcrm.kit.recognise import recognise
from sheetcrm.workflows.import_leads import ImportOptions, ImportResult, import_leads
from tests.workflows.workbooks import own_book

AS_OF = date(2024, 6, 30)
NOW = datetime(2024, 6, 30, 9, 30)  # noqa: DTZ001 - cells hold local time


def new_book(folder: Path, tables: Sequence[str] = ("lead", "follow_up")) -> Path:
    """Write an empty book of our own."""
    path = folder / "销售线索.xlsx"
    path.write_bytes(_book(tuple(tables)))
    return path


@cache
def _book(tables: tuple[str, ...]) -> bytes:
    return own_book(dict.fromkeys(tables, ()))


def lead_sheet(folder: Path, text: str, name: str = "展会线索.csv", encoding: str = "gbk") -> Path:
    """Write a lead sheet as CSV; columns are separated by `|` in the test."""
    lines = [line.strip() for line in text.strip().splitlines()]
    cells = [[part.strip() for part in line.split("|")] for line in lines]
    path = folder / name
    path.write_text(
        "".join(",".join(_quoted(c) for c in row) + "\r\n" for row in cells), encoding=encoding
    )
    return path


def _quoted(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"' if set(cell) & set(',"') else cell


def run(
    paths: Path | Sequence[Path],
    book: Path,
    *maps: str,
    apply: bool = True,
    source: str = "",
    decisions: Path | None = None,
) -> ImportResult:
    """Import, and write unless told otherwise."""
    sheets = [paths] if isinstance(paths, Path) else list(paths)
    options = ImportOptions(AS_OF, NOW, maps, source, None, decisions, apply)
    return import_leads([str(path) for path in sheets], str(book), options)


def counts(result: ImportResult) -> tuple[int, ...]:
    """Return created, updated, duplicates, rejected and blank, which add up to what was read."""
    record = result.as_json()
    parts = tuple(record[key] for key in ("created", "updated", "duplicates", "rejected", "blank"))
    assert record["read"] == sum(parts)
    return parts


def typed(book: Path) -> CleanBook:
    """Read a book as `check` does."""
    return clean(recognise(read_book(book), load_kit()))


def rows(book: Path, table: str, *keys: str) -> list[tuple[object, ...]]:
    """Return columns of a table, None for blanks and days as text."""
    data = typed(book).tables[table].data[list(keys)].astype(object)
    return [tuple(_shown(value) for value in row) for row in data.itertuples(index=False)]


def _shown(value: object) -> object:
    if value is None or value != value:
        return None
    return f"{value:%Y-%m-%d}" if isinstance(value, datetime) else value
