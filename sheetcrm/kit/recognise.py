"""Raw sheets -> tables: which sheet is which table, which column is which, what its stages are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import pandas as pd

from sheetcrm.findings import Finding, Place, finding
from sheetcrm.kit.cut_lists import cut_lists
from sheetcrm.kit.describe import TAB_NAMES, kit_from_tabs, kit_key
from sheetcrm.kit.hazards import hazard_findings
from sheetcrm.kit.headings import vocabulary
from sheetcrm.kit.infer import infer_pipeline, stage_use
from sheetcrm.kit.load import kit_names, load_kit, load_pipelines
from sheetcrm.kit.locate import Located, locate
from sheetcrm.kit.model import Kit, Pipeline
from sheetcrm.kit.offered import offered
from sheetcrm.kit.percent import with_shares
from sheetcrm.kit.person import OWNER, Person, person_of
from sheetcrm.kit.records import without_records
from sheetcrm.kit.references import with_references
from sheetcrm.kit.rows import data_rows
from sheetcrm.kit.same_table import choose, left_out
from sheetcrm.kit.several import gather, numbered_apart, one_table, read_alike
from sheetcrm.kit.sheet_findings import (
    heading_findings,
    once,
    place_at,
    row_findings,
    several_sheets,
)
from sheetcrm.kit.stage_column import lead_by_its_stages, with_stage_column, with_won_day
from sheetcrm.kit.stage_headings import dated_stage
from sheetcrm.kit.stage_memory import named_stages
from sheetcrm.kit.tab_exceptions import Exemption, exceptions_sheet, read_exemptions
from sheetcrm.kit.ticks import Ticked, said_of_ticks, ticked_stages, without_ticked
from sheetcrm.kit.under import Talks
from sheetcrm.table import Cell, RawBook, RawSheet, Table
from sheetcrm.values.text import tidy

# What a workbook loses with one of its own tabs.
_LOSES = {
    "settings": "“字段”“规则”里写的也没有采用，按没有登记过的表处理",
    "fields": "各列暂按生成时的配置检查",
    "rules": "自己的规则都没有检查，内置的检查按生成时的办",
}


@dataclass(frozen=True)
class Recognised:
    """One workbook, understood but not yet typed.

    `kit` is the workbook's own where it has our 设置 tab (`own`), else the given one with the
    pipeline inferred. `offered` has the values of the drop-downs the sheets themselves carry, by
    (table key, column key); `exemptions` are the lines of its 例外 tab, `log` the raw rows of its
    阶段日志 tab. `people` says whose rows a sheet has, by its name, where no column does; `talks`
    are rows of a lead sheet, by its name, that only tell of a further talk; `ticked` is what the
    leads' stages are where no column names them.
    """

    file: str
    kit: Kit
    own: bool
    tables: Mapping[str, Table]
    findings: tuple[Finding, ...] = ()
    offered: Mapping[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)
    exemptions: tuple[Exemption, ...] = ()
    log: Sequence[Sequence[Cell]] = field(default=(), repr=False)
    people: Mapping[str, Person] = field(default_factory=dict)
    talks: Mapping[str, Talks] = field(default_factory=dict)
    ticked: Ticked | None = None


def recognise(raw: RawBook, kit: Kit) -> Recognised:
    """Find the tables of a workbook by headings and content.

    A workbook without any known table gives no tables; that is for the caller to report.
    """
    own_kit, findings = _own_kit(raw, kit)
    found = recognise_with(raw, own_kit or kit, own=own_kit is not None)
    missing = _missing_tables(raw.path, own_kit, found.tables) if own_kit else []
    missing += cut_lists(raw, own_kit, found.offered) if own_kit else []
    return replace(found, findings=(*_tabs_gone(raw), *findings, *missing, *found.findings))


def recognise_with(raw: RawBook, kit: Kit, *, own: bool) -> Recognised:
    """Find the tables of a workbook whose kit is known; a guest's stages are inferred."""
    located, findings = _tables(raw, kit, own=own)
    tables: dict[str, Table] = {}
    lists: dict[tuple[str, str], tuple[str, ...]] = {}
    ticked: Ticked | None = None
    assigned = own, "lead" in located and OWNER in located["lead"][0].keys
    read = {
        key: [_read(raw.path, found, kit, assigned) for found in sheets]
        for key, sheets in located.items()
    }
    for key, sheets in read.items():
        table = one_table([sheet.table for sheet in sheets])
        told = [f for sheet in sheets for f in sheet.findings]
        if key == "lead" and not (own and kit.by_key[key].stage_column):
            ticked = ticked_stages(table, load_pipelines())
            told = without_ticked(told, table, ticked)
        tables[key] = table
        findings += [*several_sheets(table, kit), *once(told)]
        for sheet in sheets:
            for column, values in sheet.offered.items():
                known = lists.get((key, column), ())
                lists[key, column] = tuple(dict.fromkeys((*known, *values)))
    log = raw.tab("stage_log")
    lines = log.rows if log else ()
    if not own and tables:
        named = {} if ticked else named_stages(tables, lines)
        kit, assumed = _with_own_stages(kit, tables, lists, ticked, named)
        findings += assumed
    if ticked:
        findings += said_of_ticks(tables["lead"], ticked)
    excepted, wrong = _exemptions(raw, kit)
    findings = [*_without_stage_dates(findings, tables.get("lead"), kit.pipeline), *wrong]
    findings += hazard_findings(raw)
    every = {sheet.table.sheet: sheet for sheets in read.values() for sheet in sheets}
    people = {name: sheet.person for name, sheet in every.items() if sheet.person}
    talks = {name: sheet.talks for name, sheet in every.items() if sheet.talks}
    return Recognised(
        raw.path, kit, own, tables, tuple(findings), lists, excepted, lines, people, talks, ticked
    )


@dataclass(frozen=True)
class _Sheet:
    """One sheet of a table, read: what is said of it, whose it is, what its drop-downs offer."""

    table: Table
    findings: list[Finding]
    offered: Mapping[str, tuple[str, ...]]
    person: Person | None = None
    talks: Talks | None = None


def _read(file: str, found: Located, kit: Kit, known: tuple[bool, bool]) -> _Sheet:
    """Read a sheet; `known` says whether the workbook is our own, and its leads have an owner."""
    (own, assigned), key, headings = known, found.spec.key, found.headings()
    rows = data_rows(found.sheet, found.header_row, headings, key)
    table = Table(
        file,
        found.sheet.name,
        key,
        found.header_row,
        headings,
        rows.frame,
        rows.coded,
    )
    if key == "lead":
        table = with_shares(table, "status")
    person = None if assigned else person_of(file, found.sheet, table, kit, own=own)
    told = heading_findings(table, found, person, own=own)
    told += row_findings(table, found.sheet, rows)
    return _Sheet(table, told, offered(found.sheet, table), person, rows.talks)


def _without_stage_dates(
    findings: Sequence[Finding], lead: Table | None, pipeline: Pipeline
) -> list[Finding]:
    """Leave out that a heading of the lead sheet is unknown where it dates a stage."""
    return [
        f
        for f in findings
        if lead is None
        or f.code != "HDR-04"
        or lead.row_at(f.sheet, f.row) < 0
        or not dated_stage(f.column, pipeline)
    ]


def _exemptions(raw: RawBook, kit: Kit) -> tuple[tuple[Exemption, ...], list[Finding]]:
    sheet = exceptions_sheet(raw)
    if sheet is None:
        return (), []
    return read_exemptions(sheet, {rule.code for rule in kit.rules}, raw.path)


def _own_kit(raw: RawBook, base: Kit) -> tuple[Kit | None, list[Finding]]:
    settings = raw.tab("settings")
    if settings is None:
        return None, []
    fields, rules = raw.tab("fields"), raw.tab("rules")
    made_from = kit_key(settings.rows)
    names = tuple(
        sheet.name if sheet else name
        for sheet, name in zip((settings, fields, rules), TAB_NAMES, strict=True)
    )
    return kit_from_tabs(
        settings.rows,
        fields.rows if fields else [],
        rules.rows if rules else [],
        load_kit(made_from) if made_from in kit_names() else base,
        raw.path,
        names,
    )


def _tabs_gone(raw: RawBook) -> list[Finding]:
    """Report which of the three tabs a workbook has lost, if it has one of them."""
    gone = [kind for kind in _LOSES if raw.tab(kind) is None]
    if len(gone) == len(_LOSES):
        return []
    names = dict(zip(_LOSES, TAB_NAMES, strict=True))
    return [
        finding("KIT-23", Place(raw.path), missing=names[kind], effect=_LOSES[kind])
        for kind in gone
    ]


def _tables(
    raw: RawBook, kit: Kit, *, own: bool
) -> tuple[dict[str, tuple[Located, ...]], list[Finding]]:
    """Give each kind of table its sheets; one left out or not understood is a finding."""
    words = [vocabulary(spec) for spec in kit.tables]
    excepted = exceptions_sheet(raw)
    sheets = [s for s in raw.sheets if not s.tab and s is not excepted]
    located = [f for s in sheets if (f := locate(s, words))]
    candidates, records = without_records(raw.path, located, words, kit)
    chosen = choose(candidates)
    if "lead" not in chosen and not own:
        taken = {f.sheet.name: len(f.keys) for f in chosen.values()}
        apart = {f.sheet for f in records}
        free = [s for s in sheets if s.name not in apart]
        more = [f for s in free if (f := lead_by_its_stages(s, kit))]
        more = [f for f in more if len(f.keys) > taken.get(f.sheet.name, 0)]
        candidates = [*(f for f in candidates if f.sheet not in [m.sheet for m in more]), *more]
        chosen = choose(candidates)
    seen = {f.sheet.name for f in (*located, *candidates)}
    unseen = [s for s in sheets if s.name not in seen]
    findings = [*records, *(_unknown(raw.path, s) for s in unseen if _is_to_be_read(s, kit))]
    gathered = gather(candidates, chosen)
    findings += [
        left_out(raw.path, f, chosen[f.spec.key], own=own)
        for f in candidates
        if not any(f is part for part in gathered[f.spec.key])
    ]
    if not own:
        read = with_won_day(with_stage_column(with_references(chosen, gathered, kit), kit))
        for key, parts in gathered.items():
            alike = [read[key] if p is chosen[key] else read_alike(p, read[key]) for p in parts]
            gathered[key] = numbered_apart(alike)
    return gathered, findings


def _is_to_be_read(sheet: RawSheet, kit: Kit) -> bool:
    """Say whether a sheet without known headings has rows, and the name of a table."""
    named = bool(sheet.table) or tidy(sheet.name) in {spec.name for spec in kit.tables}
    return named and sum(any(cell is not None for cell in row) for row in sheet.rows[:9]) > 1


def _unknown(file: str, sheet: RawSheet) -> Finding:
    return finding("HDR-01", Place(file, sheet.name, "A1", 1), severity="warning")


def _missing_tables(file: str, kit: Kit, tables: Mapping[str, Table]) -> list[Finding]:
    """Report what the 字段 tab describes and no sheet holds.

    A team may do without a tab it never uses, but not without its leads.
    """
    return [
        finding(
            "SHT-01",
            Place(file),
            severity="error" if spec.key == "lead" else "warning",
            expected=spec.name,
        )
        for spec in kit.tables
        if spec.key not in tables
    ]


def _with_own_stages(
    kit: Kit,
    tables: Mapping[str, Table],
    lists: Mapping[tuple[str, str], tuple[str, ...]],
    ticked: Ticked | None,
    named: Mapping[str, int],
) -> tuple[Kit, list[Finding]]:
    """Replace the kit's pipeline by the workbook's own, and say what was assumed."""
    lead = tables.get("lead")
    stage_key = kit.by_key["lead"].stage_column if "lead" in kit.by_key else ""
    current = list(lead.raw[stage_key]) if lead and lead.has(stage_key) else []
    listed = lists.get(("lead", stage_key), ())
    if ticked:
        current, listed = list(ticked.labels), ticked.stages
    use = replace(stage_use(current, _history(tables.get("stage_progress")), listed), named=named)
    shipped = (kit.pipeline, *(p for p in load_pipelines() if p.key != kit.pipeline.key))
    pipeline: Pipeline | None = infer_pipeline(use, shipped)
    if pipeline is None:
        return kit, []
    if ticked:  # said_of_ticks says it
        told = pipeline.inferred.replace("下拉列表", "日期列" if ticked.dated else "打勾的列")
        pipeline = pipeline.model_copy(update={"inferred": told})
        return kit.model_copy(update={"pipeline": pipeline}), []
    table = lead if lead and lead.has(stage_key) else tables["stage_progress"]
    column = stage_key if table is lead else "stage"
    cell = table.cell(0, column)
    place = place_at(table, cell, table.by_key[column].text)
    note = finding("STG-10", place, assumption=pipeline.inferred)
    return kit.model_copy(update={"pipeline": pipeline}), [note]


def _history(table: Table | None) -> pd.DataFrame | None:
    """Return lead, stage and entry date of the stage rows, read leniently."""
    if table is None or not table.has("stage"):
        return None
    empty = pd.Series([None] * len(table.raw), index=table.raw.index, dtype=object)
    lead = table.raw["lead_id"] if table.has("lead_id") else table.raw.get("company", empty)
    entered = table.raw.get("entered_stage_on", empty)
    dates = pd.to_datetime(entered.astype(str).str[:10], format="%Y-%m-%d", errors="coerce")
    return pd.DataFrame({"lead": lead, "stage": table.raw["stage"], "entered": dates})
