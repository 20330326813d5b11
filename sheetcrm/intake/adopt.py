"""An existing workbook's own kit: its tables, headings, stages, lists and people.

The kit is made so that the workbook means the same with it as without: every heading is known by
its own text, and only what the workbook keeps to is required.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from sheetcrm.clean import CleanBook, clean
from sheetcrm.intake.adopt_lists import adopted_lists
from sheetcrm.intake.adopt_tables import adopted_table
from sheetcrm.intake.adoption import AdoptedStage, AdoptedTable, Adoption
from sheetcrm.kit.describe import fields_rows, kit_from_tabs, rules_rows, settings_rows
from sheetcrm.kit.infer import stage_reason
from sheetcrm.kit.load import load_kit, load_pipelines
from sheetcrm.kit.model import OWNER_LIST, PHASES, Kit, Pipeline, Rule, Stage, StageKind
from sheetcrm.kit.recognise import Recognised, recognise_with
from sheetcrm.table import RawBook, Table
from sheetcrm.values.text import fold

KIT_NAME = "照本表原有的表头和阶段"


def propose(raw: RawBook, recognised: Recognised, kinds: Mapping[str, StageKind]) -> Adoption:
    """Work out the kit of a workbook that has none.

    Args:
        raw: The workbook.
        recognised: What it was recognised as, a guest.
        kinds: Kinds of stages that somebody gave, by stage name.
    """
    book = clean(recognised)
    pipeline = _pipeline(book, kinds)
    lists, told = adopted_lists(book, recognised)
    by_key = {item.key: item for item in lists}
    made = [adopted_table(table, raw, book, by_key) for table in book.tables.values()]
    keys = {spec.key for spec, _ in made}
    used = {column.list for spec, _ in made for column in spec.columns}
    kit = book.kit.model_copy(
        update={
            "name": KIT_NAME,
            "tables": tuple(spec.referring_to(keys) for spec, _ in made),
            "pipeline": pipeline,
            "lists": tuple(i for i in lists if i.key in used or i.key == OWNER_LIST),
            "rules": tuple(_plain(rule) for rule in book.kit.rules),
        }
    )
    tables = tuple(adopted for _, adopted in made)
    taken = {sheet for table in tables for sheet in table.sheets}
    left = {
        s.name: "没有认出表格" for s in raw.sheets if s.name not in taken and not s.tab and s.rows
    }
    adoption = Adoption(
        kit,
        tables,
        _stages(pipeline, book, kinds),
        _order(book.kit.pipeline.inferred),
        tuple(each for each in told if each.key in used),
        left | _rivals(book),
    )
    return _without_mixed_up(raw, recognised, adoption)


def _order(inferred: str) -> str:
    """Shorten what was said of the pipeline: the stages themselves are shown beside it."""
    basis, found, _ = inferred.removeprefix("阶段").partition("推断为：")
    return f"{basis}排的先后" if found else basis


def _rivals(book: CleanBook) -> dict[str, str]:
    """Return the sheets that another one counts instead of."""
    return {f.sheet: f.message for f in book.findings if f.code == "SHT-03"}


def _plain(rule: Rule) -> Rule:
    """Leave the formula of a built-in check out: it is written in the names of the kit."""
    return rule.model_copy(update={"formula": ""}) if rule.builtin else rule


def _pipeline(book: CleanBook, kinds: Mapping[str, StageKind]) -> Pipeline:
    """Return the stages in the order they were found in, told by their phases.

    The 设置 tab sorts stages by phase, so a phase that contradicts the order gives way to it.
    """
    stages = [
        _of_kind(s, kinds[s.name]) if s.name in kinds else s for s in book.kit.pipeline.stages
    ]
    rank: dict[StageKind, int] = {"open": 0, "won": 1, "lost": 2}
    stages.sort(key=lambda s: rank[s.kind])
    used = _labels(book)
    settled = []
    for stage, phase in zip(stages, _rising([PHASES.index(s.phase) for s in stages]), strict=True):
        aliases = tuple(a for a in stage.aliases if fold(a) not in used)
        settled.append(stage.model_copy(update={"phase": PHASES[phase], "aliases": aliases}))
    settled = _with_chances(settled)
    return book.kit.pipeline.model_copy(update={"stages": tuple(settled)})


def _with_chances(stages: Sequence[Stage]) -> list[Stage]:
    """Give open stages without a chance of success the usual one of their phase, never falling."""
    usual = [(PHASES.index(s.phase), s.probability) for s in load_kit().pipeline.funnel]
    least, result = 0.0, []
    for stage in stages:
        if stage.kind == "open":
            here = PHASES.index(stage.phase)
            known = max((p for at, p in usual if at <= here and p < 1), default=0.0)
            least = max(least, stage.probability or known)
            stage = stage.model_copy(update={"probability": least})
        elif stage.kind == "won":
            stage = stage.model_copy(update={"probability": 1.0})
        result.append(stage)
    return result


def _of_kind(stage: Stage, kind: StageKind) -> Stage:
    if stage.kind == kind:
        return stage
    phase = {"open": "contact", "won": "won", "lost": "lost"}[kind]
    return stage.model_copy(update={"kind": kind, "phase": phase})


def _rising(numbers: Sequence[int]) -> list[int]:
    """Keep a longest run that never falls; the others take the number before them."""
    best: list[tuple[int, ...]] = [()]
    for at, number in enumerate(numbers):
        runs = [run for run in best if not run or numbers[run[-1]] <= number]
        best.append((*max(runs, key=len), at))
    kept = max(best, key=len)
    settled, now = [], numbers[kept[0]] if kept else 0
    for at, number in enumerate(numbers):
        now = number if at in kept else now
        settled.append(now)
    return settled


def _labels(book: CleanBook) -> set[str]:
    lead = book.tables.get("lead")
    key = lead.spec.stage_column if lead else ""
    return {fold(str(v)) for v in lead.data[key].dropna()} if lead and key in lead.data else set()


def _stages(
    pipeline: Pipeline, book: CleanBook, kinds: Mapping[str, StageKind]
) -> tuple[AdoptedStage, ...]:
    lead = book.tables.get("lead")
    counts: dict[str, int] = {}
    if lead and lead.spec.stage_column in lead.data:
        said = lead.data[lead.spec.stage_column].dropna()
        for text, count in said.value_counts().items():
            stage = pipeline.by_label.get(str(text))
            if stage:
                counts[stage.name] = counts.get(stage.name, 0) + int(count)
    shipped = load_pipelines()
    return tuple(
        AdoptedStage(
            stage.name,
            stage.kind,
            counts.get(stage.name, 0),
            "你说的" if stage.name in kinds else stage_reason(stage.name, shipped),
        )
        for stage in pipeline.stages
    )


def understood(raw: RawBook, kit: Kit, tables: Sequence[AdoptedTable]) -> Recognised:
    """Recognise a workbook as it will be with the kit's tabs in it."""
    base = load_kit(kit.key)
    read, findings = kit_from_tabs(settings_rows(kit), fields_rows(kit), rules_rows(kit), base)
    roles = {sheet: table.key for table in tables for sheet in table.sheets}
    sheets = tuple(replace(s, table=roles.get(s.name, "")) for s in raw.sheets)
    found = recognise_with(replace(raw, sheets=sheets), read, own=True)
    return replace(found, findings=(*findings, *found.findings))


def _without_mixed_up(raw: RawBook, recognised: Recognised, adoption: Adoption) -> Adoption:
    """Leave out own columns that would be taken for another one, or another one for them."""
    then = understood(raw, adoption.kit, adoption.tables)
    tables = []
    for table in adoption.tables:
        before = dict(_headings(recognised.tables[table.key]))
        after = dict(_headings(then.tables[table.key])) if table.key in then.tables else {}
        wrong = {key for place, key in after.items() if key != before.get(place)}
        wrong |= {before[p] for p, key in after.items() if key in wrong and p in before}
        extra = tuple(name for name in table.extra if name not in wrong)
        left = {name: "容易和另一列混淆" for name in table.extra if name in wrong}
        tables.append(replace(table, extra=extra, left={**table.left, **left}))
    dropped = {
        (t.key, name)
        for t, old in zip(tables, adoption.tables, strict=True)
        for name in set(old.extra) - set(t.extra)
    }
    specs = tuple(
        spec.model_copy(
            update={"columns": tuple(c for c in spec.columns if (spec.key, c.name) not in dropped)}
        )
        for spec in adoption.kit.tables
    )
    kit = adoption.kit.model_copy(update={"tables": specs})
    return replace(adoption, kit=kit, tables=tuple(tables))


def _headings(table: Table) -> Iterator[tuple[tuple[str, int], str]]:
    """Yield every heading's sheet and column, and what it was taken for."""
    for part in table.sheets:
        for heading in part.headings:
            yield (part.sheet, heading.column), heading.key
