"""What an update changes: blanks are filled, little is replaced, everything else is kept and told.

A blank in the sheet never overwrites. Of values that differ, the sheet's counts only where time
shows which is newer: a stage further on (never back), a later follow-up or a later plan, a larger
sum received; and in the columns a person names. Where a person chose 更新 for a row the sheet's
counts, where he chose 合并 only blanks are filled. Ids and 录入时间 never change, the owner only
where that is asked for.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sheetcrm.checks.leads import kinds, order
from sheetcrm.clean import CleanBook, CleanTable, has_cell
from sheetcrm.intake.fingerprint import canonical
from sheetcrm.intake.model import Action
from sheetcrm.intake.options import Options
from sheetcrm.kit.model import CONTACT_TYPES, OWNER_LIST, STAGE_LIST
from sheetcrm.table import Cell
from sheetcrm.values.text import says_nothing

CHANGE_COLUMNS = ("row", "target", "key", "old", "new")
KEPT_COLUMNS = (*CHANGE_COLUMNS, "reason")
# The larger (later) value is the newer one.
GROWING = frozenset({"last_follow_up", "next_follow_up", "paid_amount"})
_BACK = "导入不把阶段往回改"
_STRANGE_STAGE = "不知道哪个阶段在前，没有改"
_OWNER = "导入不改负责人"
_OLDER = "表中的更新"
CONTACT = "联系方式不同，保留表中的"
_MERGED = "你选了合并，只补空格"
_ENTERED = "录入的时间保留原来的"
_UNREAD = "表中的内容读不出来，没有覆盖"
_NO_COLUMN = "这一行所在的工作表没有这一列"
_OTHER = "与表中的不同，保留表中的"
# When a row was written down does not change with what it says.
_ENTRY = frozenset({"entered_on", "recorded_at"})


@dataclass(frozen=True)
class Sides:
    """Incoming rows beside the book's rows they meet, position by position.

    `said` is what a person chose for each: "update", "merge" or "" for nothing.
    """

    row: np.ndarray
    target: np.ndarray
    data: pd.DataFrame
    table: CleanTable
    book: CleanBook
    said: np.ndarray | None = None

    def chosen(self, action: Action) -> np.ndarray:
        """Say which rows a person chose that for."""
        if self.said is None:
            return np.zeros(len(self.row), dtype=bool)
        return np.asarray(self.said == action, dtype=bool)

    def shared(self) -> Iterable[str]:
        """Return the columns that both have and the sheet fills; the id is none of them."""
        own = self.table.spec.id_column
        both = [str(k) for k in self.data if k in self.table.data and k != own]
        return [key for key in both if self.data[key].notna().any()]

    def texts(self, key: str) -> tuple[np.ndarray, np.ndarray]:
        """Return what both say in a column, as texts that are equal where they mean the same."""
        mine, theirs = self.data[key].loc[self.row], self.table.data[key].loc[self.target]
        column = self.table.spec.by_key.get(key)
        if column is not None and column.list == STAGE_LIST:
            stages = {t: s.name for t, s in self.book.kit.pipeline.by_label.items()}
            mine, theirs = (side.map(stages).fillna(side) for side in (mine, theirs))
        return canonical(mine).to_numpy(dtype=object), canonical(theirs).to_numpy(dtype=object)


def agreement(sides: Sides) -> tuple[np.ndarray, np.ndarray]:
    """Say of every pair whether the sheet adds anything, and whether anything differs."""
    fills, differs = (np.zeros(len(sides.row), dtype=bool) for _ in range(2))
    for key in sides.shared():
        mine, theirs = sides.texts(key)
        given, there = ~pd.isna(mine), ~pd.isna(theirs)
        fills |= given & ~there
        differs |= given & there & ~_equal(key, mine, theirs)
    return fills, differs


def _equal(key: str, mine: np.ndarray, theirs: np.ndarray) -> np.ndarray:
    if key != "note":
        return np.asarray(mine == theirs, dtype=bool)
    # A remark may have been added to.
    both = zip(mine, theirs, strict=True)
    said = [isinstance(a, str) and isinstance(b, str) and a in b for a, b in both]
    return np.array(said, dtype=bool)


def changes(sides: Sides, options: Options) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the cells an update changes, and those that stay though the sheet says otherwise."""
    changed, kept = [], []
    for key in sides.shared():
        mine, theirs = sides.texts(key)
        given, there = ~pd.isna(mine), ~pd.isna(theirs)
        blank = given & ~there
        held = blank & _holds(sides, key, blank)
        differs = given & there & ~_equal(key, mine, theirs)
        wins, why = _chosen(sides, key, *_wins(sides, key, options, differs))
        nowhere = blank & ~has_cell(sides.table, key, sides.target)
        held |= nowhere
        new, stay = (blank & ~held) | (differs & wins), (differs & ~wins) | held
        if new.any():
            cells = _cells(sides, key, new)
            changed.append(_remarked(cells) if key == "note" else cells)
        if stay.any():
            held_by = np.where(nowhere, _NO_COLUMN, _UNREAD)
            reasons = np.where(held, held_by, why)[stay].tolist()
            kept.append(_cells(sides, key, stay).assign(reason=reasons))
    return _table(changed, CHANGE_COLUMNS), _table(kept, KEPT_COLUMNS)


def combined(data: pd.DataFrame, head: pd.Series) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Merge rows into their heads: the first value given counts.

    Returns:
        The heads' rows, and the values of other rows that lost (KEPT_COLUMNS, `target` missing).
    """
    heads = pd.Index(head[head == head.index].index)
    merged = head[head != head.index]
    result = data.loc[heads]
    if merged.empty:
        return result, _table([], KEPT_COLUMNS)
    rows = data.loc[data.index.isin(merged.index) | data.index.isin(merged)]
    filled = rows.groupby(head[rows.index].rename(None), sort=True).first()
    result = pd.concat([result.drop(index=filled.index), filled.astype(data.dtypes.to_dict())])
    result = result.sort_index()
    kept = []
    for key in map(str, data):
        mine, there = canonical(data[key].loc[merged.index]), canonical(result[key].loc[merged])
        lost = mine.notna().to_numpy() & (mine.to_numpy() != there.to_numpy())
        if not lost.any():
            continue
        at = merged.index[lost]
        kept.append(
            pd.DataFrame(
                {
                    "row": at,
                    "target": pd.NA,
                    "key": key,
                    "old": result[key].loc[merged[at]].to_numpy(dtype=object),
                    "new": data[key].loc[at].to_numpy(dtype=object),
                    "reason": [f"与第{first}行重复，以那一行为准" for first in merged[at]],
                }
            )
        )
    return result, _table(kept, KEPT_COLUMNS)


def no_cells() -> pd.DataFrame:
    """Return a table of kept cells that has none."""
    return _table([], KEPT_COLUMNS)


def _wins(
    sides: Sides, key: str, options: Options, differs: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Say where the sheet's value replaces the book's, and why not where it does not."""
    column, spec = sides.table.spec.by_key.get(key), sides.table.spec
    no, yes = np.zeros(len(differs), dtype=bool), np.ones(len(differs), dtype=bool)
    why = np.full(len(differs), _OTHER, dtype=object)
    if column is None or not differs.any():
        return (yes if key in options.overwrite else no), why
    if column.list == STAGE_LIST and key == spec.stage_column:
        return _forward(sides, key)
    if column.list == OWNER_LIST and key == spec.owner_column and not options.change_owner:
        return no, np.full(len(differs), _OWNER, dtype=object)
    if key in options.overwrite or (key == spec.owner_column and options.change_owner):
        return yes, why
    if key in GROWING:
        mine, theirs = sides.data[key].loc[sides.row], sides.table.data[key].loc[sides.target]
        newer = np.asarray(mine.to_numpy() > theirs.to_numpy(), dtype=bool)
        return newer, np.full(len(differs), _OLDER, dtype=object)
    if column.type in CONTACT_TYPES:
        why[:] = CONTACT
    return no, why


def _chosen(
    sides: Sides, key: str, wins: np.ndarray, why: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Let a person's choice for a row count: 更新 replaces, 合并 leaves what is there.

    A stage moves as ever, the owner stays, and so does the time of entry.
    """
    spec, merged = sides.table.spec, sides.chosen("merge")
    if key in _ENTRY:
        return np.zeros(len(wins), dtype=bool), np.full(len(wins), _ENTERED, dtype=object)
    if key not in (spec.stage_column, spec.owner_column):
        wins = wins | sides.chosen("update")
    return wins & ~merged, np.where(merged, _MERGED, why).astype(object)


def _forward(sides: Sides, key: str) -> tuple[np.ndarray, np.ndarray]:
    """A stage moves on, or to its end; never back, and never out of 成交 or 流失."""
    mine, theirs = sides.data[key].loc[sides.row], sides.table.data[key].loc[sides.target]
    new, old = kinds(sides.book, mine).to_numpy(), kinds(sides.book, theirs).to_numpy()
    later = order(sides.book, mine).to_numpy() > order(sides.book, theirs).to_numpy()
    was_open = old == "open"
    wins = was_open & (((new == "open") & later) | (new == "won") | (new == "lost"))
    strange = pd.isna(new) | pd.isna(old)
    return wins, np.where(strange, _STRANGE_STAGE, _BACK).astype(object)


def _holds(sides: Sides, key: str, blank: np.ndarray) -> np.ndarray:
    """Say which of the book's cells only seem blank: what they hold could not be read."""
    held = np.zeros(len(blank), dtype=bool)
    raw = sides.table.source.raw.get(key)
    if raw is None or not blank.any():
        return held
    cells = raw.reindex(sides.target[blank]).to_numpy(dtype=object)
    held[blank] = [_holds_text(cell) for cell in cells]
    return held


def _holds_text(cell: Cell) -> bool:
    nothing = cell is None or (isinstance(cell, float) and np.isnan(cell))
    return not (nothing or says_nothing(cell))


def _cells(sides: Sides, key: str, hit: np.ndarray) -> pd.DataFrame:
    row, target = sides.row[hit], sides.target[hit]
    return pd.DataFrame(
        {
            "row": row,
            "target": target,
            "key": key,
            "old": sides.table.data[key].loc[target].to_numpy(dtype=object),
            "new": sides.data[key].loc[row].to_numpy(dtype=object),
        }
    )


def _remarked(cells: pd.DataFrame) -> pd.DataFrame:
    """Add to remarks instead of replacing them."""
    told = cells["old"].notna()
    both = cells["old"].astype("str") + "；" + cells["new"].astype("str")
    return cells.assign(new=cells["new"].where(~told, both.astype(object)))


def _table(parts: list[pd.DataFrame], columns: tuple[str, ...]) -> pd.DataFrame:
    types: Mapping[str, str] = {"row": "int64", "target": "Int64", "key": "str", "reason": "str"}
    filled = [
        part.astype({"old": "object", "new": "object", "target": "Int64"})
        for part in parts
        if len(part)
    ]
    result = pd.concat(filled) if filled else pd.DataFrame(columns=list(columns), dtype="object")
    result = result.astype({c: types[c] for c in columns if c in types})
    return result[list(columns)].sort_values("row", kind="stable").reset_index(drop=True)
