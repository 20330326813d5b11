"""What becomes of every row of an incoming sheet: 新建, 更新, 合并, 跳过 or 待修正.

A row that is certainly one row of the book updates it where it brings anything, and is skipped
where it does not. A row that repeats an earlier one of the sheet is merged into it. The others are
created, or left out with a question where an id or a number says that the customer is there.
"""

import numpy as np
import pandas as pd

from sheetcrm.clean import CleanBook, CleanTable, home
from sheetcrm.intake.answering import (
    answered,
    asked_for,
    asked_to_create,
    chosen,
    imported,
    mended_before,
    split_off,
    unclear,
    with_merged,
    without_imported,
)
from sheetcrm.intake.case import Case, case_of
from sheetcrm.intake.contacts import contacts_kept, not_noted, noted, of_heads, other_contacts
from sheetcrm.intake.cross import account_phones
from sheetcrm.intake.group import Batch, group
from sheetcrm.intake.match import ON_NAMES
from sheetcrm.intake.meet import matches, one_row_a_target
from sheetcrm.intake.merge import KEPT_COLUMNS, Sides, changes, combined, no_cells
from sheetcrm.intake.model import DECISION_COLUMNS, Decided, Incoming
from sheetcrm.intake.new_rows import new_rows
from sheetcrm.intake.new_stages import new_stages
from sheetcrm.intake.options import Answer, Options

__all__ = ["Answer", "Options", "decide", "open_rows"]

# Logs number what was said: rows that share a number by mistake still say different things.
_LOGS = ("follow_up", "status_change")
_IMPORTED = "已导入过"
_MENDED = "改好后已导入过"
_NOTHING_NEW = "表中已有，没有新内容"
_DIFFERS = "表中已有；有不同的地方，按规则保留表中的"


def decide(incoming: Incoming, book: CleanBook, options: Options) -> Decided:
    """Decide about every row of a sheet; the book is not touched.

    Args:
        incoming: The sheet, mapped and typed.
        book: What it goes into. Of several sheets each must meet the book with the rows of those
            before it (`sheetcrm.intake.after.after`).
        options: The day, what was imported before, and what a person has decided.
    """
    case = case_of(incoming, book, options)
    decisions = _frame(case)
    live = decisions.index[decisions["action"] == ""]
    grouped = without_imported(split_off(_grouped(case, live), case), imported(case))
    # What rows are known by does not depend on which of them comes first.
    ordered = case.rows.prints[live].sort_values(kind="stable").index
    data, _ = combined(case.rows.data.loc[ordered], grouped["head"])
    found = matches(case, data, grouped["head"])
    grouped["head"] = one_row_a_target(grouped, found)
    data, merged = combined(case.rows.data.loc[live], grouped["head"])
    decisions = _put_together(case, decisions, grouped, found)
    decisions = _skip_imported(decisions, imported(case))
    said = chosen(case, decisions)
    decisions, lost = answered(case, decisions)
    lost += unclear(case, decisions)
    data, replaced = with_merged(case, decisions, data)
    others = of_heads(other_contacts(case.incoming), grouped["head"], merged)
    changed, kept = _changed(case, decisions, data, others)
    decisions = _nothing_new(case, decisions, changed, kept)
    created = decisions.index[decisions["action"] == "create"]
    fresh, unwritten = data.loc[created], no_cells()
    if case.table is None or home(case.table).has("note"):
        fresh = noted(fresh, others)
    else:
        unwritten = not_noted(fresh, others)
    new = new_rows(case, fresh)
    told = (*case.rows.findings, *lost, *account_phones(case, created), *new.findings)
    return Decided(
        decisions=decisions[list(DECISION_COLUMNS)],
        changes=changed,
        kept=pd.concat(
            [part for part in (kept, merged, replaced, unwritten) if len(part)] or [kept]
        ).reset_index(drop=True),
        new=new.data,
        new_stages=new_stages(case, decisions, new.data),
        findings=told,
        notes=(*case.rows.notes, *new.notes),
        filled=new.filled,
        chosen=said,
    )


def open_rows(decided: Decided) -> pd.Index:
    """Return the rows that wait for a person: rejected ones, questions, and what goes into them."""
    decisions = decided.decisions
    action, sure = decisions["action"], decisions["certain"].astype(bool)
    asked = (action == "reject") | ((action == "skip") & ~sure)
    waiting = decisions["first"].isin(decisions.index[asked]) & (action == "merge")
    return decisions.index[asked | waiting]


def _frame(case: Case) -> pd.DataFrame:
    """Return the decisions so far: rejected rows and those imported before."""
    index = case.rows.data.index
    rejected = case.rows.rejected
    decisions = pd.DataFrame(
        {
            "action": pd.Series("", index=index, dtype="str"),
            "target": pd.Series(pd.NA, index=index, dtype="Int64"),
            "first": pd.Series(pd.NA, index=index, dtype="Int64"),
            "certain": pd.Series(data=True, index=index),
            "matched": pd.Series("", index=index, dtype="str"),
            "reason": rejected["reason"].reindex(index).fillna("").astype("str"),
            "code": rejected["code"].reindex(index).fillna("").astype("str"),
            "fingerprint": case.rows.prints,
        }
    )
    decisions.loc[rejected.index, "action"] = "reject"
    settled = mended_before(case, rejected)
    decisions.loc[settled, ["action", "reason", "code"]] = ["skip", _MENDED, ""]
    wanted = asked_to_create(case, rejected)
    decisions.loc[wanted, ["action", "reason", "code"]] = ""
    return decisions


def _skip_imported(decisions: pd.DataFrame, rows: pd.Index) -> pd.DataFrame:
    here = decisions.index.isin(rows) & (decisions["action"] != "reject")
    decisions.loc[here, "action"] = "skip"
    decisions.loc[here, "certain"] = True
    decisions.loc[here, "reason"] = _IMPORTED
    return decisions


def _grouped(case: Case, live: pd.Index) -> pd.DataFrame:
    batch = Batch(
        case.keys.loc[live],
        case.rows.prints[live],
        case.ended.loc[live],
        case.customers,
        ids=case.incoming.kind not in _LOGS,
    )
    return group(batch, case.names)


def _put_together(
    case: Case, decisions: pd.DataFrame, grouped: pd.DataFrame, found: pd.DataFrame
) -> pd.DataFrame:
    """Give every live row its default decision."""
    decisions = decisions.copy()
    head = grouped["head"]
    heads = head.index[head == head.index]
    found = found.reindex(heads)
    sure = found["certain"].eq(other=True)
    beside, doubtful = _beside(grouped.loc[heads], sure, found["default"] == "skip")
    # A number that another row of the sheet has says more than a company in the book.
    nearer = (doubtful == "skip") & (found["default"] != "skip")
    there = found["target"].notna() & ~nearer
    skip = (found["default"] == "skip") | (doubtful == "skip")
    action = pd.Series("create", index=heads, dtype="str").mask(skip, "skip").mask(sure, "update")
    told = pd.Series([ON_NAMES.get(str(on), "") for on in found["on"]], index=heads, dtype="str")
    here = grouped["on"].loc[heads]
    why = pd.Series(
        [
            text.format(on=on) or "号码相同，公司却不同"
            for text, on in zip(grouped["reason"].loc[heads], here, strict=True)
        ],
        index=heads,
        dtype="str",
    )
    why = "与第" + beside.astype("str").fillna("") + "行：" + why
    reason = found["reason"].fillna("").astype("str").where(there, why.where(beside.notna(), ""))
    decisions.loc[heads, "action"] = action
    decisions.loc[heads, "target"] = found["target"].astype("Int64").where(there)
    decisions.loc[heads, "first"] = beside
    decisions.loc[heads, "certain"] = sure | ~(there | beside.notna())
    decisions.loc[heads, "matched"] = told.where(there, here.where(beside.notna(), ""))
    decisions.loc[heads, "reason"] = reason
    return _merged(case, decisions, grouped)


def _beside(
    heads: pd.DataFrame, sure: pd.Series, claimed: pd.Series
) -> tuple[pd.Series, pd.Series]:
    """Return which other head each is like, and what that makes of it by default.

    Of heads with one number and several companies one is created: the first that the book does
    not claim; none where one of them is in the book for certain.
    """
    index = pd.Series(heads.index, index=heads.index, dtype="Int64")
    asked = heads["default"] == "skip"
    root = heads["beside"].where(asked, index)
    among = root.isin(root[asked])
    known = index[sure].groupby(root[sure]).min()
    free = ~sure & ~claimed
    first = root.map(known).fillna(root.map(index[free].groupby(root[free]).min()))
    other = first.astype("Int64").where(among & free & (first != index))
    beside = heads["beside"].where(free & ~among).fillna(other)
    default = heads["default"].where(~among, "").mask(other.notna(), "skip")
    return beside, default.where(beside.notna(), "")


def _merged(case: Case, decisions: pd.DataFrame, grouped: pd.DataFrame) -> pd.DataFrame:
    """Give the rows that are merged into another one their decision."""
    head = grouped["head"][grouped["head"] != grouped["head"].index]
    origin = case.rows.origin
    other = origin[head.index].notna().to_numpy() & (
        origin[head.index].to_numpy() != origin[head].to_numpy()
    )
    on = grouped["on"].loc[head.index]
    decisions.loc[head.index, "action"] = "merge"
    decisions.loc[head.index, "first"] = head.astype("Int64")
    decisions.loc[head.index, "target"] = decisions["target"].loc[head].to_numpy()
    decisions.loc[head.index, "certain"] = ~other
    decisions.loc[head.index, "matched"] = on
    decisions.loc[head.index, "reason"] = [
        f"与第{first}行{what or '同一个客户'}相同" + ("，编号却不同" if strange else "")
        for first, what, strange in zip(head, on, other, strict=True)
    ]
    return decisions


def _changed(
    case: Case, decisions: pd.DataFrame, data: pd.DataFrame, others: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return what the updates change, and what of them stays."""
    rows = decisions[decisions["action"] == "update"]
    table = case.table
    if table is None or rows.empty:
        nothing = pd.DataFrame({key: pd.Series(dtype="object") for key in KEPT_COLUMNS})
        return nothing.drop(columns="reason"), nothing
    sides = Sides(
        rows.index.to_numpy(dtype="int64"),
        rows["target"].to_numpy(dtype="int64"),
        data,
        table,
        case.book,
        asked_for(case, rows.index),
    )
    return contacts_kept(sides, *changes(sides, case.options), others)


def _nothing_new(
    case: Case, decisions: pd.DataFrame, changed: pd.DataFrame, kept: pd.DataFrame
) -> pd.DataFrame:
    """Skip the updates that change nothing; say why every other row is what it is."""
    decisions = decisions.copy()
    updates = decisions["action"] == "update"
    idle = updates & ~decisions.index.isin(changed["row"])
    differs = decisions.index.isin(kept["row"])
    decisions.loc[idle, "action"] = "skip"
    decisions.loc[idle, "reason"] = np.where(differs[idle], _DIFFERS, _NOTHING_NEW)
    count = changed.groupby("row").size()
    told = decisions["reason"] == ""
    for row in decisions.index[told & (decisions["action"] == "update")]:
        facts, n = decisions.loc[row], count.get(row, 0)
        where = _row_name(case.table, int(facts["target"]))
        decisions.at[row, "reason"] = f"与{where}{facts['matched']}相同，更新{n}格"
    decisions.loc[told & (decisions["action"] == "create"), "reason"] = "表中没有，新建"
    return decisions


def _row_name(table: CleanTable | None, target: int) -> str:
    """Name a row of the book, with its sheet where the table has several."""
    if table is None or not table.source.parts:
        return f"表中第{target}行"
    spot = table.source.spot(target, "")
    return f"“{spot.sheet}”第{spot.row}行"
