"""A sheet that came in -> headings mapped, values mapped, cells typed: one Incoming a sheet."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from sheetcrm.clean import CleanTable, clean
from sheetcrm.findings import Finding
from sheetcrm.intake.assumed import assumptions, passed_over
from sheetcrm.intake.content import sample
from sheetcrm.intake.dates import DATE_TYPES, exported_dates
from sheetcrm.intake.mapping import decided, map_headings
from sheetcrm.intake.model import HeadingMatch, Incoming, SavedMap, ValueMatch
from sheetcrm.intake.settle import settled
from sheetcrm.intake.sheets import Headed, headed_sheets
from sheetcrm.intake.values import map_values
from sheetcrm.intake.vocabulary import STAGE_KEY, words_of
from sheetcrm.kit.hazards import hazard_findings
from sheetcrm.kit.model import Column, Kit, TableSpec
from sheetcrm.kit.recognise import Recognised
from sheetcrm.kit.rows import data_rows
from sheetcrm.kit.unread import nameless, uncalculated
from sheetcrm.table import Heading, RawBook, Table
from sheetcrm.values.text import is_blank

_NOTHING = SavedMap()


@dataclass(frozen=True)
class Context:
    """What mapping one sheet needs beside the sheet."""

    file: str
    kit: Kit
    given: SavedMap
    saved: SavedMap
    source: str


def incoming(
    raw: RawBook,
    kit: Kit,
    given: SavedMap = _NOTHING,
    saved: SavedMap = _NOTHING,
    source: str = "",
    extras: Mapping[str, Sequence[str]] | None = None,
) -> tuple[Incoming, ...]:
    """Map and type every sheet of a file that holds a table of the kit; leads come first.

    Args:
        raw: The file.
        kit: The book's own kit.
        given: What the command line or the mended decision workbook says.
        saved: What was decided for this source before.
        source: Name of the source the maps are saved under.
        extras: Headings of the book's own sheets that its kit does not know, by table key.
    """
    tables = words_of(kit, extras or {})
    found, passed = headed_sheets(raw, tables, (given, saved))
    context = Context(raw.path, kit, given, saved, source)
    made = [read_sheet(headed, context) for headed in found]
    if made and raw.hazards:
        made[0] = replace(made[0], findings=(*made[0].findings, *hazard_findings(raw)))
    if made and passed:
        made[0] = replace(made[0], assumptions=(*made[0].assumptions, *passed_over(passed)))
    return tuple(made)


def saved_map(sheets: Sequence[Incoming]) -> SavedMap:
    """Return what people decided about headings and values, for the next file of this source."""
    headings: dict[str, str] = {}
    values: dict[tuple[str, str], str] = {}
    for sheet in sheets:
        for match in sheet.headings:
            if decided(match):
                headings[match.text] = f"{STAGE_KEY}{match.stage}" if match.stage else match.key
        for value in sheet.values:
            if value.how in ("given", "saved"):
                values[value.key, value.text] = value.value
    return SavedMap(headings, values)


def read_sheet(headed: Headed, context: Context) -> Incoming:
    """Map and type one sheet whose heading row is known."""
    below = headed.sheet.rows[headed.header_row :]
    sampled = [(text, at, sample(below, at)) for text, at in headed.headings]
    matches = map_headings(sampled, headed.words, context.given, context.saved)
    headings = _headings(matches)
    rows = data_rows(headed.sheet, headed.header_row, headings)
    table = Table(
        context.file,
        headed.sheet.name,
        headed.words.spec.key,
        headed.header_row,
        headings,
        rows.frame,
    )
    spec = _with_stage_days(headed.words.spec, matches)
    cells, values, notations = _mapped_cells(table, spec, context)
    cells = _with_spares(cells, table, matches)
    typed, findings = _typed(table, cells, spec, context)
    data, borrowed = _with_company(typed.data, spec)
    stages = {m.stage: data[f"{STAGE_KEY}{m.stage}"] for m in matches if m.stage}
    keys = [h.key for h in headings if h.known and not h.key.startswith(STAGE_KEY)]
    made = Incoming(
        context.file,
        headed.sheet.name,
        table.kind,
        context.source,
        matches,
        values,
        table,
        data[[*keys, "company"] if borrowed else keys],
        pd.DataFrame(stages, index=data.index),
        rows.blanks,
        (*nameless(table, headed.sheet, "没有导入"), *uncalculated(table, headed.sheet), *findings),
    )
    said = assumptions(made, spec, headed, rows)
    return replace(made, assumptions=(*said, *notations, *borrowed))


def _headings(matches: Sequence[HeadingMatch]) -> tuple[Heading, ...]:
    """Return the headings of the table: mapped ones under their key, others under their text."""
    taken = {m.key for m in matches if m.key}
    made = []
    for match in matches:
        key = f"{STAGE_KEY}{match.stage}" if match.stage else match.key
        known = bool(key)
        if not known:
            key, number = match.text, 2
            while key in taken:
                key, number = f"{match.text}_{number}", number + 1
        taken.add(key)
        made.append(Heading(key, match.text, match.column, known, match.factor))
    return tuple(made)


def _with_stage_days(spec: TableSpec, matches: Sequence[HeadingMatch]) -> TableSpec:
    days = [
        Column(key=f"{STAGE_KEY}{m.stage}", name=m.text, type="date") for m in matches if m.stage
    ]
    return spec.model_copy(update={"columns": (*spec.columns, *days)})


def _mapped_cells(
    table: Table, spec: TableSpec, context: Context
) -> tuple[pd.DataFrame, tuple[ValueMatch, ...], tuple[str, ...]]:
    """Return the mapped columns with values in the book's words and exported dates as dates."""
    cells: dict[str, pd.Series] = {}
    values: list[ValueMatch] = []
    said: list[str] = []
    for heading in table.headings:
        if not heading.known:
            continue
        column = spec.by_key[heading.key]
        series = table.raw[heading.key]
        if column.type == "choice":
            series, found = map_values(series, column, context.kit, context.given, context.saved)
            values += found
        elif column.type in DATE_TYPES:
            series, assumed = exported_dates(series)
            said += [f"“{heading.text}”列：{sentence}" for sentence in assumed]
        cells[heading.key] = settled(series, column, heading.factor)
    return pd.DataFrame(cells, index=table.raw.index), tuple(values), tuple(said)


def _with_spares(
    cells: pd.DataFrame, table: Table, matches: Sequence[HeadingMatch]
) -> pd.DataFrame:
    """Fill blank contacts from the columns that lost the field to another."""
    for match, heading in zip(matches, table.headings, strict=True):
        if match.spare:
            blank = cells[match.spare].map(is_blank)
            filled = cells[match.spare].where(~blank, table.raw[heading.key])
            cells = cells.assign(**{match.spare: filled})
    return cells


def _typed(
    table: Table, cells: pd.DataFrame, spec: TableSpec, context: Context
) -> tuple[CleanTable, tuple[Finding, ...]]:
    """Type the mapped columns by the book's kit, and keep what is the sender's fault."""
    headings = tuple(h for h in table.headings if h.known)
    source = replace(table, headings=headings, raw=cells)
    others = tuple(t for t in context.kit.tables if t.key != spec.key)
    kit = context.kit.model_copy(update={"tables": (*others, _without_lists(spec))})
    book = clean(Recognised(table.file, kit, True, {table.kind: source}))  # noqa: FBT003
    return book.tables[table.kind], book.findings


def _without_lists(spec: TableSpec) -> TableSpec:
    """Take lists and id patterns off a table: values are told once each, and ids may be foreign."""
    free = {"list": "", "pattern": ""}
    columns = (c.model_copy(update=free) if c.list or c.pattern else c for c in spec.columns)
    return spec.model_copy(update={"columns": tuple(columns)})


def _with_company(data: pd.DataFrame, spec: TableSpec) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Let the person stand for the customer where a sheet of leads names no company at all."""
    if spec.key != "lead" or "company" in data or "contact" not in data:
        return data, ()
    if "company" not in spec.by_key:
        return data, ()
    name, person = spec.by_key["company"].name, spec.by_key["contact"].name
    return data.assign(company=data["contact"]), (f"表里没有“{name}”，用“{person}”代替",)
