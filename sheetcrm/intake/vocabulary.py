"""What an import knows a table's columns by: the book's words, the shipped, those given."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sheetcrm.intake.model import SavedMap
from sheetcrm.kit.headings import Vocabulary, read_heading, vocabulary
from sheetcrm.kit.load import load_kit
from sheetcrm.kit.model import Column, Kit, Pipeline, Stage, TableSpec
from sheetcrm.kit.stage_headings import dated_stage
from sheetcrm.values.text import fold

IGNORE_WORDS = frozenset(("", "忽略", "不导入", "(不导入)", "跳过", "ignore", "skip", "-"))
STAGE_KEY = "stage:"
_STAGE_PREFIXES = (STAGE_KEY, "阶段:", "阶段：", "进入阶段:", "进入阶段：")


@dataclass(frozen=True)
class Target:
    """What a person says a heading stands for: a column, a stage's entry day, or nothing."""

    column: Column | None = None
    stage: str = ""


@dataclass(frozen=True)
class Words:
    """One table as an import sees it.

    `spec` has the book's columns, those its sheet has beyond the kit, and all aliases; `pipeline`
    is the book's.
    """

    spec: TableSpec
    vocabulary: Vocabulary
    pipeline: Pipeline

    def target(self, text: str) -> Target | None:
        """Return what a given or saved answer means for this table; None if nothing of it."""
        if is_ignore(text):
            return Target()
        if is_stage(text):
            stage = find_stage(self.pipeline, re.split("[:：]", text, maxsplit=1)[1])
            return Target(stage=stage.name) if stage and self.spec.key == "lead" else None
        if column := self.spec.by_key.get(text):
            return Target(column)
        found = self.vocabulary.find(text)
        return Target(found[0]) if found else None


def is_ignore(answer: str) -> bool:
    """Say whether an answer means that the column is not wanted."""
    return fold(answer) in IGNORE_WORDS


def is_stage(answer: str) -> bool:
    """Say whether an answer names a stage: `阶段:商机`, or `stage:商机` as it is saved."""
    return answer.casefold().startswith(_STAGE_PREFIXES)


def find_stage(pipeline: Pipeline, text: str) -> Stage | None:
    """Return the stage of that name, label or alias, whatever its case and spaces."""
    wanted = fold(text)
    return next((s for label, s in pipeline.by_label.items() if fold(label) == wanted), None)


def words_of(kit: Kit, extras: Mapping[str, Sequence[str]]) -> tuple[Words, ...]:
    """Return the words of every table of a book, its lead table first.

    Args:
        kit: The book's kit.
        extras: Headings of the book's own sheets that its kit does not know, by table key.
    """
    shipped = load_kit().by_key
    tables = sorted(kit.tables, key=lambda spec: spec.key != "lead")
    made = (
        _widened(spec, shipped.get(spec.key), extras.get(spec.key, ()), kit.pipeline)
        for spec in tables
    )
    return tuple(Words(spec, vocabulary(spec), kit.pipeline) for spec in made)


def with_answers(words: Words, *answers: SavedMap) -> Vocabulary:
    """Return a table's vocabulary with the headings people have answered for."""
    names = dict(words.vocabulary.names)
    for answered in answers:
        for text, answer in answered.headings.items():
            target = words.target(answer)
            if target and target.column:
                names.setdefault(read_heading(text).whole, (target.column, "alias"))
    return Vocabulary(words.spec, names)


def _widened(
    spec: TableSpec, shipped: TableSpec | None, extras: Sequence[str], pipeline: Pipeline
) -> TableSpec:
    """Add the shipped aliases that mean nothing else in the book, and the book's own headings."""
    taken = {read_heading(text).whole: c.key for c in spec.columns for text in (c.name, *c.aliases)}
    columns = []
    for column in spec.columns:
        like = shipped.by_key.get(column.key) if shipped else None
        offered = (like.name, *like.aliases) if like else ()
        more = tuple(
            text for text in offered if taken.setdefault(read_heading(text).whole, column.key)
            == column.key and text not in (column.name, *column.aliases)
        )  # fmt: skip
        aliases = (*column.aliases, *more)
        columns.append(column.model_copy(update={"aliases": aliases}) if more else column)
    keys = {c.key for c in columns}
    own = [_own(text, pipeline) for text in dict.fromkeys(extras) if text not in keys]
    own = [c for c in own if read_heading(c.name).whole not in taken]
    return spec.model_copy(update={"columns": (*columns, *own)})


def _own(text: str, pipeline: Pipeline) -> Column:
    """Describe a column that only the book's sheet has: the day of a stage, or any text."""
    day = dated_stage(text, pipeline)
    return Column(key=text, name=text, type="date" if day else "text")
