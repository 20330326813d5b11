"""业绩目标 in copies of one workbook: a goal that several files tell is one goal."""

import numpy as np
import pandas as pd

from sheetcrm.metrics.columns import UNFILLED

# The goals of a row; only the first is a stage's.
FIGURES = (
    *("stage_target", "sales_target", "paid_target", "conversion_baseline", "conversion_target"),
    *("response_baseline", "response_target", "approval_baseline", "approval_target"),
)


def told_once(table: pd.DataFrame, leads: pd.DataFrame) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Return the targets, each goal from one file only, and sentences about it in Chinese.

    A goal is one figure of a person (without one: of a team) for a month, 阶段目标数 also for a
    stage; rows of one file add up. Where files disagree, the one with most of the person's leads
    counts, else the one with the greatest figure.

    Args:
        table: The rows of 业绩目标 of all files, with `position`.
        leads: The leads, by file and owner.
    """
    if table["file"].nunique() < 2:
        return table, ()
    cells = _cells(table)
    by_file = cells.groupby(["goal", "file"], sort=False)["value"].sum().reset_index()
    by_file["owner"] = cells.groupby("goal")["owner"].first().reindex(by_file["goal"]).to_numpy()
    mine = leads.groupby(["owner", "file"]).size()
    of_whom = pd.MultiIndex.from_frame(by_file[["owner", "file"]])
    by_file["leads"] = mine.reindex(of_whom, fill_value=0).to_numpy()
    ranked = by_file.sort_values(["leads", "value"], ascending=False, kind="stable")
    best = ranked.drop_duplicates("goal").set_index("goal")["file"]
    other = cells[cells["file"].to_numpy() != best.reindex(cells["goal"]).to_numpy()]
    if other.empty:
        return table, ()
    left = table[list(FIGURES)].to_numpy("float64", copy=True)
    left[other["at"], other["figure"]] = np.nan
    values = by_file.groupby("goal")["value"].agg(["nunique", "size"])
    differing = cells[cells["goal"].isin(values.index[values["nunique"] > 1])]
    once = table.assign(**dict(zip(FIGURES, left.T, strict=True)))
    return once, (_sentence(int((values["size"] > 1).sum()), differing),)


def _cells(table: pd.DataFrame) -> pd.DataFrame:
    """Return one row a figure above 0: `at` and `figure` are its place, `goal` numbers its goal."""
    numbers = table[list(FIGURES)].to_numpy("float64")
    dated = table["month"].notna().to_numpy()
    at, figure = np.nonzero((numbers > 0) & dated[:, None])
    rows = table[["file", "owner", "team", "month", "position"]].iloc[at].reset_index(drop=True)
    rows = rows.assign(
        at=at,
        figure=figure,
        value=numbers[at, figure],
        team=rows["team"].where(rows["owner"].isna()),
        month=rows["month"].dt.to_period("M").dt.to_timestamp(),
        position=rows["position"].where(figure == 0),
    )
    keys = ["owner", "team", "month", "position", "figure"]
    return rows.assign(goal=rows.groupby(keys, dropna=False, sort=False).ngroup())


def _sentence(repeated: int, differing: pd.DataFrame) -> str:
    text = f"有{repeated}个业绩目标在不止一个文件中都有，每个只计一次"
    if differing.empty:
        return text + "。"
    first = differing.iloc[0]
    who = next((x for x in (first["owner"], first["team"]) if isinstance(x, str)), UNFILLED)
    return (
        f"{text}；其中{differing['goal'].nunique()}个各文件写得不同（如{first['month']:%Y年%m月}“{who}”的），"
        "个人的以本人线索最多的文件为准，其余取最大的。请改成一致。"
    )
