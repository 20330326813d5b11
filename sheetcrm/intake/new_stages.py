"""Stage rows from the columns that say when a lead entered each stage."""

import pandas as pd

from sheetcrm.intake.case import Case
from sheetcrm.intake.keys import text_column

TABLE = "stage_progress"
COLUMNS = ("lead_id", "owner", "company", "stage", "entered_stage_on", "left_stage_on")


def new_stages(case: Case, decisions: pd.DataFrame, new: pd.DataFrame) -> pd.DataFrame:
    """Return a row a stage that a created or matched lead has entered, indexed by incoming row.

    Stages that the book has for the lead already are left out; a stage is left when the next one
    with a date is entered.
    """
    leads = pd.concat([_created(new), _updated(case, decisions)])
    dates = case.incoming.stages
    nothing = pd.DataFrame({key: pd.Series(dtype="object") for key in COLUMNS})
    if leads.empty or dates.empty or not len(dates.columns):
        return nothing
    stages = [s for s in case.book.kit.pipeline.stages if s.name in dates]
    parts = []
    later = pd.Series(index=leads.index, dtype="datetime64[us]")
    for stage in reversed(stages):
        entered = dates[stage.name].reindex(leads.index)
        label = stage.labels[0] if stage.labels else stage.name
        left = later.where(later >= entered)
        part = leads.assign(stage=label, entered_stage_on=entered, left_stage_on=left)
        parts.append(part[entered.notna()])
        later = entered.fillna(later)
    rows = pd.concat(list(reversed(parts)))
    rows = rows[~_there(case, rows)].sort_index(kind="stable")
    spec = case.book.kit.by_key.get(TABLE)
    table = case.book.tables.get(TABLE)
    known = set(table.data) if table else set(spec.by_key if spec else ())
    return rows[[key for key in COLUMNS if key in known]]


def _created(new: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({key: text_column(new, key) for key in COLUMNS[:3]}, index=new.index)


def _updated(case: Case, decisions: pd.DataFrame) -> pd.DataFrame:
    matched = decisions[
        decisions["target"].notna()
        & (decisions["action"].isin(["update", "skip"]) & decisions["certain"])
    ]
    table = case.table
    if table is None or matched.empty:
        return _created(pd.DataFrame(index=matched.index[:0]))
    there = table.data.loc[matched["target"].astype("int64")]
    return _created(there.set_index(matched.index))


def _there(case: Case, rows: pd.DataFrame) -> pd.Series:
    """Say which stages the book has already."""
    table = case.book.tables.get(TABLE)
    if table is None:
        return pd.Series(data=False, index=rows.index)
    names = {text: s.name for text, s in case.book.kit.pipeline.by_label.items()}

    def key(data: pd.DataFrame, lead: str) -> pd.Series:
        return text_column(data, lead) + "\x1f" + text_column(data, "stage").map(names)

    ids = key(table.data, "lead_id").fillna(key(table.data, "company"))
    return key(rows, "lead_id").fillna(key(rows, "company")).isin(ids.dropna())
