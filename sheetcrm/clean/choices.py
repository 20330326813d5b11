"""Choice columns: the list's own spelling, an alias of it, or a value that is not in it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sheetcrm.clean.note import Cells, Note
from sheetcrm.findings import Severity
from sheetcrm.kit.model import OWNER_LIST, STAGE_LIST, Column, Kit, TableSpec
from sheetcrm.values.parsed import Column as ReadColumn
from sheetcrm.values.text import fold, is_placeholder

# A foreign list is vocabulary. A value is out of it where it is rare in a column that has enough
# cells and otherwise repeats itself.
_ENOUGH_CELLS = 50
_RARE = 2
_REPEATED_SHARE = 0.95
_MOST_VALUES = 30
_SHOWN_VALUES = 15


@dataclass(frozen=True)
class Choices:
    """What a column allows: the right spelling by folded text, and how bad another value is.

    `severity` None: any value will do.
    """

    spelling: Mapping[str, str]
    allowed: tuple[str, ...]
    severity: Severity | None


def own_choices(kit: Kit, column: Column) -> Choices:
    """Return what a workbook with our 设置 tab allows: the kit's list and its aliases."""
    allowed = kit.choices(column)
    # Who may own a lead is a matter of the team list (REF-02), not of spelling.
    if not allowed or column.list == OWNER_LIST:
        return Choices({}, (), None)
    spelling: dict[str, str] = {}
    if column.list == STAGE_LIST:
        for text, stage in kit.pipeline.by_label.items():
            spelling[fold(text)] = stage.labels[0] if stage.labels else stage.name
        listed_open = False
    else:
        choice_list = kit.list_by_key[column.list]
        spelling = {fold(alias): item.value for item in choice_list.items for alias in item.aliases}
        listed_open = choice_list.open
    spelling |= {fold(value): value for value in allowed}
    severity: Severity = "error" if column.strict and not listed_open else "warning"
    return Choices(spelling, allowed, severity)


def guest_choices(
    kit: Kit,
    spec: TableSpec,
    column: Column,
    offered: Sequence[str],
    read: ReadColumn[object],
) -> Choices:
    """Return what a foreign workbook allows: its own drop-down, its stages, or its vocabulary."""
    if column.list == STAGE_LIST:
        texts = tuple(t for s in kit.pipeline.stages for t in dict.fromkeys((*s.labels, s.name)))
        severity: Severity = "error" if column.key == spec.stage_column else "warning"
        if spec.key in ("lead", "stage_progress"):
            return Choices({fold(t): t for t in texts}, texts, severity)
        return _vocabulary(kit, column, read)
    if offered:
        return Choices({fold(v): v for v in offered}, tuple(offered), "error")
    return _vocabulary(kit, column, read)


def _vocabulary(kit: Kit, column: Column, read: ReadColumn[object]) -> Choices:
    known = {fold(value) for value in kit.choices(column)}
    counts: Counter[str] = Counter()
    # in the order they are met, so that of two spellings equally frequent the first one counts
    for value, count in zip(read.distinct, read.counts, strict=True):
        if isinstance(value, str) and count:
            counts[value] += int(count)
    for value in [v for v in counts if is_placeholder(v) and fold(v) not in known]:
        del counts[value]
    spelling: dict[str, str] = {}
    total: Counter[str] = Counter()
    for value, count in counts.most_common():
        spelling.setdefault(fold(value), value)
        total[fold(value)] += count
    cells = sum(total.values())
    repeated = {key: n for key, n in total.items() if n > _RARE or key in known}
    settled = (
        cells >= _ENOUGH_CELLS
        and len(repeated) <= _MOST_VALUES
        and sum(repeated.values()) >= _REPEATED_SHARE * cells
        and column.list != OWNER_LIST
    )
    allowed = tuple(spelling[key] for key in sorted(repeated, key=lambda k: -repeated[k]))
    if not settled:
        return Choices(spelling, allowed, None)
    return Choices({key: spelling[key] for key in repeated}, allowed, "warning")


def choose(
    cells: Cells,
    column: Column,
    read: ReadColumn[object],
    notes: Sequence[Note],
    choices: Choices,
) -> tuple[np.ndarray, list[Note]]:
    """Bring a choice column to its list's spelling, and note what is not in the list.

    A value that is not in the list stays as it is, tidied; a placeholder that no list holds is
    blank, except where a stage is asked for.
    """
    by_row = {note.row: note for note in notes}
    chosen = read.distinct.copy()
    allowed = "、".join(choices.allowed[:_SHOWN_VALUES]) + (
        "等" if len(choices.allowed) > _SHOWN_VALUES else ""
    )
    for code, value in enumerate(read.distinct):
        right = choices.spelling.get(fold(value)) if isinstance(value, str) else value
        if right == value:
            continue
        positions = np.flatnonzero(read.codes == code)
        if right is None and is_placeholder(value) and column.list != STAGE_LIST:
            chosen[code] = None
            required = "REQ-03" if column.required == "always" else ""
            _say(cells, by_row, positions, (required, None, {}))
        elif right is not None:
            chosen[code] = right
            _say(cells, by_row, positions, ("VAL-02", None, {"fixed": right}))
        elif choices.severity:
            _say(cells, by_row, positions, ("VAL-01", choices.severity, {"allowed": allowed}))
    return chosen[read.codes], list(by_row.values())


def _say(
    cells: Cells,
    by_row: dict[int, Note],
    positions: np.ndarray,
    what: tuple[str, Severity | None, Mapping[str, object]],
) -> None:
    code, severity, facts = what
    for position in positions:
        if code:
            note = cells.note(int(position), code, facts, severity)
            by_row[note.row] = note
