"""Further ways to reach a customer: what the one cell for it cannot take goes into 备注."""

import re
from typing import Any

import pandas as pd

from sheetcrm.intake.keys import text_column
from sheetcrm.intake.merge import CHANGE_COLUMNS, CONTACT, KEPT_COLUMNS, Sides
from sheetcrm.intake.model import Incoming
from sheetcrm.values.contact import every_contact
from sheetcrm.values.text import is_error_value, says_nothing

OTHER = "另有联系方式："
_KEY, _NOTE = "phone", "note"
_WRITTEN = "联系方式不同，表中的不变，来的写进备注"
_THERE = "联系方式不同，备注里已经有"
_MASKED = "来的号码打了星号，和表中的是同一个"
_NOWHERE = "表里没有备注列，这个联系方式没有写进去，只在来的文件里"
_SEVERAL = re.compile(r"[/、,，;；|\s]")


def other_contacts(incoming: Incoming) -> pd.DataFrame:
    """Return what rows say beside their contact: columns `row` and `text`.

    That is the second number of a cell, and the columns that lost the field to another one.
    """
    own = text_column(incoming.data, _KEY)
    found: dict[tuple[int, str], None] = {}
    for cells, alone in _cells(incoming):
        said = [not (says_nothing(c) or is_error_value(c)) for c in cells]
        filled = cells[said]
        if not alone:
            filled = filled[[bool(_SEVERAL.search(str(cell))) for cell in filled]]
        for row, cell in zip(filled.index.tolist(), filled.tolist(), strict=True):
            there = own.get(row)
            if isinstance(there, str):  # what could not be read is kept as it is
                found |= {(row, text): None for text in every_contact(cell) if text != there}
    return pd.DataFrame(list(found), columns=["row", "text"])


def _cells(incoming: Incoming) -> list[tuple[pd.Series, bool]]:
    """Return the columns of contacts, and whether all of one is beside the field."""
    raw, index = incoming.table.raw, incoming.data.index
    own = [(raw[_KEY].reindex(index), False)] if _KEY in raw and _KEY in incoming.data else []
    spare = {match.column for match in incoming.headings if match.spare == _KEY}
    beside = [h.key for h in incoming.table.headings if h.column in spare and h.key in raw]
    return [*own, *((raw[key].reindex(index), True) for key in beside)]


def of_heads(others: pd.DataFrame, head: pd.Series, merged: pd.DataFrame) -> pd.DataFrame:
    """Return further contacts by the row that is written, with those of rows merged into it."""
    lost = merged[merged["key"] == _KEY]
    all_ = pd.concat([others, pd.DataFrame({"row": lost["row"], "text": lost["new"]})])
    rows = all_["row"].map(head.to_dict())
    return all_.assign(row=rows).dropna(subset=["row"]).astype({"row": "int64"}).drop_duplicates()


def noted(data: pd.DataFrame, others: pd.DataFrame) -> pd.DataFrame:
    """Write further contacts of new rows into their 备注."""
    said = others[others["row"].isin(data.index)]
    if said.empty:
        return data
    notes = text_column(data, _NOTE).astype(object)
    for row, texts in said.groupby("row", sort=False)["text"].agg(list).items():
        notes.at[row] = _with(notes.at[row], texts)
    return data.assign(note=notes.astype("str"))


def not_noted(data: pd.DataFrame, others: pd.DataFrame) -> pd.DataFrame:
    """Tell the further contacts of new rows where the book has no 备注: KEPT_COLUMNS."""
    said = others[others["row"].isin(data.index)]
    own = text_column(data, _KEY)
    columns = {
        "row": said["row"],
        "target": pd.array([pd.NA] * len(said), dtype="Int64"),
        "key": _KEY,
        "old": own.reindex(said["row"]).to_numpy(dtype=object),
        "new": said["text"].astype(object),
        "reason": _NOWHERE,
    }
    return pd.DataFrame(columns)[list(KEPT_COLUMNS)]


def contacts_kept(
    sides: Sides, changed: pd.DataFrame, kept: pd.DataFrame, others: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Let updates add the contacts that the book's cell has no room for to its 备注."""
    target = dict(zip(sides.row.tolist(), sides.target.tolist(), strict=True))
    more = others[others["row"].isin(sides.row)]
    theirs = text_column(sides.table.data, _KEY)
    extra = not_noted(sides.data, more).assign(
        target=pd.array([target[row] for row in more["row"]], dtype="Int64"),
        old=theirs.reindex([target[row] for row in more["row"]]).to_numpy(dtype=object),
    )
    is_contact = (kept["key"] == _KEY) & (kept["reason"] == CONTACT)
    told = pd.concat([part for part in (kept[is_contact], extra) if len(part)] or [extra])
    if told.empty:
        return changed, kept
    notes, lines = _Notes(sides, changed), []
    found: Any = told.to_dict("records")
    for line in found:
        lines.append({**line, "reason": notes.add(line)})
    listed = pd.DataFrame(lines).astype({"target": "Int64", "old": "object", "new": "object"})
    rest = kept[~is_contact]
    kept = pd.concat([rest, listed[list(KEPT_COLUMNS)]]) if len(rest) else listed
    return notes.changes(), kept.sort_values("row", kind="stable").reset_index(drop=True)


class _Notes:
    """The 备注 of the rows that are updated, as contacts are added to them."""

    def __init__(self, sides: Sides, changed: pd.DataFrame) -> None:
        self.changed = changed
        self.able = sides.table.source.has(_NOTE)
        self.there = text_column(sides.table.data, _NOTE)
        mine = changed[changed["key"] == _NOTE]
        self.old = dict(zip(mine["row"], mine["old"], strict=True))
        self.new: dict[int, object] = dict(zip(mine["row"], mine["new"], strict=True))
        self.target: dict[int, int] = {}

    def add(self, line: dict[str, Any]) -> str:
        """Add a contact; return what became of it."""
        row, target, text = int(str(line["row"])), int(str(line["target"])), str(line["new"])
        if _hides(text, str(line["old"])):
            return _MASKED
        before = self.there.get(target)
        note = self.new.get(row, before)
        if isinstance(note, str) and text in note:
            return _THERE
        if not self.able:
            return _NOWHERE
        self.old.setdefault(row, before)
        self.new[row], self.target[row] = _with(note, [text]), target
        return _WRITTEN

    def changes(self) -> pd.DataFrame:
        """Return the changes with those of 备注."""
        if not self.target:
            return self.changed
        rows = list(self.target)
        made = pd.DataFrame(
            {
                "row": rows,
                "target": pd.array([self.target[row] for row in rows], dtype="Int64"),
                "key": _NOTE,
                "old": pd.Series([self.old[row] for row in rows], dtype=object),
                "new": pd.Series([self.new[row] for row in rows], dtype=object),
            }
        )
        again = (self.changed["key"] == _NOTE) & self.changed["row"].isin(rows)
        rest = self.changed[~again]
        result = pd.concat([rest, made[list(CHANGE_COLUMNS)]]) if len(rest) else made
        return result.sort_values("row", kind="stable").reset_index(drop=True)


def _with(note: object, texts: list[str]) -> str:
    said = note if isinstance(note, str) else ""
    new = [text for text in texts if text not in said]
    return "；".join(part for part in (said, OTHER + "、".join(new) if new else "") if part)


def _hides(masked: str, number: str) -> bool:
    """Say whether a masked number is that number."""
    if "*" not in masked and "＊" not in masked:
        return False
    pattern = re.sub(r"[*＊]+", lambda hidden: rf".{{{len(hidden[0])}}}", masked)
    return bool(re.fullmatch(pattern, number))
