"""Columns as rules look at them, and findings at the rows that a rule hit."""

import re
from collections.abc import Sequence
from datetime import date, datetime

import pandas as pd

from sheetcrm.clean import CleanTable, has_cell
from sheetcrm.findings import Finding, Place, Severity, finding, plain_heading
from sheetcrm.kit.load import load_kit
from sheetcrm.kit.model import CONTACT_TYPES, Column, TableSpec
from sheetcrm.kit.person import OWNER
from sheetcrm.table import Cell, Table, sheets_and_rows
from sheetcrm.values.masking import mask_contact
from sheetcrm.values.text import are_folded, as_text, fold, is_blank

DATE_TYPES = frozenset({"date", "datetime"})
_FOLDED = re.compile(r"[0-9a-z\u4e00-\u9fff-]*").fullmatch


def column(table: CleanTable, key: str) -> pd.Series:
    """Return a typed column, all missing if the sheet has none; the index is Excel's row number."""
    if key in table.data:
        return table.data[key]
    dtype = "datetime64[us]" if _is_date(table, key) else "str"
    return pd.Series(index=table.data.index, dtype=dtype, name=key)


def values(table: CleanTable, key: str) -> pd.Series:
    """Return a column without the cells that already have an error."""
    typed = column(table, key)
    rows = [row for row, name in table.faulty if name == key]
    return typed.mask(typed.index.isin(rows)) if rows else typed


def missing(table: CleanTable, key: str) -> pd.Series:
    """Say for every row whether the cell holds nothing: blank or a placeholder, no faulty value."""
    empty = table.data[key].isna()
    if table.source.parts:  # a sheet without the column has no cell to be filled
        empty &= has_cell(table, key, empty.index.to_numpy())
    rows = [row for row, name in table.faulty if name == key]
    return empty & ~empty.index.isin(rows) if rows else empty


def shown(table: CleanTable, key: str, rows: pd.Index) -> list[str]:
    """Return what the cells show, contact data masked, dates as 2024-03-01."""
    spec = table.spec.by_key.get(key)
    raw: Sequence[Cell] = list(table.source.raw.loc[rows, key])
    if spec is not None and spec.type in CONTACT_TYPES:
        return [mask_contact(cell) if _holds(cell) else "" for cell in raw]
    if _is_date(table, key):
        read = days_text(table.data.loc[rows, key])
        return [day or _cell_text(cell) for day, cell in zip(read, raw, strict=True)]
    return [_cell_text(cell) for cell in raw]


def days_text(days: pd.Series) -> list[str]:
    """Return dates as 2024-03-01, "" for missing ones."""
    if days.empty:
        return []
    return [str(text) for text in days.dt.strftime("%Y-%m-%d").fillna("")]


def report(
    table: CleanTable,
    code: str,
    key: str,
    hits: pd.DataFrame | pd.Index,
    severity: Severity | None = None,
) -> list[Finding]:
    """Make one finding for every hit row, at the row's cell in column `key`.

    Args:
        table: Where.
        code: A code of the catalogue.
        key: The column that the findings stand at.
        hits: Indexed by row; its columns are the facts of the catalogue's sentences. A column
            `suggestion` overrides the remedy, unless it is empty.
        severity: Overrides the catalogue's.
    """
    facts = hits if isinstance(hits, pd.DataFrame) else pd.DataFrame(index=hits)
    rows = facts.index
    if not len(rows):
        return []  # the usual case; texts looked up for no row cost as much as for ten
    if not table.source.has(key):  # what was read from other columns stands at the row itself
        named = (name for name in ("company", "contact") if table.source.has(name))
        key = next(named, table.source.headings[0].key)
    headings = {s.sheet: s.by_key[key].text if s.has(key) else "" for s in table.source.sheets}
    result = []
    for spot, value, row_key, owner, known in zip(
        table.source.spots(rows.tolist(), key),
        shown(table, key, rows),
        row_keys(table, rows),
        owners(table, rows),
        facts.to_dict("records"),
        strict=True,
    ):
        place = Place(table.source.file, *spot, headings[spot.sheet], row_key, owner)
        said = {str(name): fact for name, fact in known.items()}
        advice = str(said.pop("suggestion", ""))
        result.append(finding(code, place, value, advice, severity, **said))
    return result


def place_of(table: Table, row: int, key: str, row_key: str = "", owner: str = "") -> Place:
    """Return where a cell of a row of `raw` stands; the heading for row 0."""
    spot, heading = table.spot(row, key), table.sheet_of(row).by_key.get(key)
    text = heading.text if heading else ""
    return Place(table.file, spot.sheet, spot.cell, spot.row, text, row_key, owner)


def cells_of(table: CleanTable, key: str, rows: pd.Series) -> list[str]:
    """Return cells as they are named on another row, the index of `rows`: B7, or 3月!B7."""
    source = table.source
    spots = source.spots(rows.tolist(), key)
    if not source.parts:
        return [spot.cell for spot in spots]
    same = sheets_and_rows(rows.to_numpy())[0] == sheets_and_rows(rows.index.to_numpy())[0]
    return [spot.cell if near else spot.text for spot, near in zip(spots, same, strict=True)]


def row_keys(table: CleanTable, rows: pd.Index) -> list[str]:
    """Return what the rows are known by: their id, else the lead or customer they belong to.

    In a table without any such column it is the customer's name, a person's where there are no
    companies.
    """
    ids = [key for key in (table.spec.id_column, "lead_id", "account_id") if key in table.data]
    known = [""] * len(rows)
    for key in ids or [key for key in ("company", "contact") if key in table.data][:1]:
        known = [a or b for a, b in zip(known, _texts(table, key, rows), strict=True)]
    return known


def owners(table: CleanTable, rows: pd.Index) -> list[str]:
    """Return who answers for each row."""
    return _texts(table, table.spec.owner_column or OWNER, rows)


def folded(texts: pd.Series) -> pd.Series:
    """Return `fold` of every text; each distinct one is folded once, and only where needed."""
    if are_folded(texts.dropna().to_numpy(dtype=object).tolist()):  # as ids and numbers are
        return texts.astype("str")
    keys = {text: text if _FOLDED(text) else fold(text) for text in distinct(texts)}
    return texts.map(keys).astype("str")


def distinct(texts: pd.Series) -> list[str]:
    """Return the distinct texts of a column as plain ones, in the order they first appear."""
    found: list[str] = pd.unique(texts.dropna().to_numpy(dtype=object)).tolist()
    return found


def says(texts: pd.Series, pattern: str) -> pd.Series:
    """Say for every row whether its text contains the pattern; each distinct text is read once."""
    search = re.compile(pattern).search
    return texts.isin([text for text in distinct(texts) if search(text)])


def name_of(table: CleanTable, key: str) -> str:
    """Return the heading of a column without our marks, else the kit's name for it."""
    if table.source.has(key):
        return plain_heading(table.source.by_key[key].text)
    spec = table.spec.by_key.get(key)
    return spec.name if spec else key


def _texts(table: CleanTable, key: str, rows: pd.Index) -> list[str]:
    if not key or key not in table.data:
        return [""] * len(rows)
    return [str(text) for text in table.data.loc[rows, key].fillna("")]


def _is_date(table: CleanTable, key: str) -> bool:
    spec = described(table.spec, key)
    return spec is not None and spec.type in DATE_TYPES


def described(spec: TableSpec, key: str) -> Column | None:
    """Return what is known of a column; a 字段 tab may have lost the row of one of ours."""
    if key in spec.by_key:
        return spec.by_key[key]
    usual = load_kit().by_key.get(spec.key)
    return usual.by_key.get(key) if usual else None


def _holds(cell: Cell) -> bool:
    return not (isinstance(cell, float) and cell != cell) and not is_blank(cell)


def _cell_text(cell: Cell) -> str:
    if isinstance(cell, datetime):
        return cell.strftime("%Y-%m-%d %H:%M").removesuffix(" 00:00")
    if isinstance(cell, date):
        return cell.isoformat()
    return as_text(cell) if _holds(cell) else ""
