"""协作需求: open, overdue, done late."""

from datetime import date

import numpy as np
import pandas as pd

from sheetcrm.kit.readings import REQUEST_DONE, REQUEST_REJECTED
from sheetcrm.metrics.columns import REQUEST_COLUMNS
from sheetcrm.metrics.dataset import Dataset
from sheetcrm.metrics.results import Worklist

_NONE = pd.DataFrame({key: pd.Series(dtype="str") for key in REQUEST_COLUMNS}).astype(
    {
        "row": "int64",
        **dict.fromkeys(("requested_on", "due_on", "done_on"), "datetime64[us]"),
        "days_late": "float64",
    }
)
REQUEST_LISTS = ("requests_open", "requests_overdue", "requests_done_late")


def request_table(data: Dataset, as_of: date) -> pd.DataFrame:
    """Return REQUEST_COLUMNS, one row a request, in the order of the sheets.

    Without a status a request is done when it has an 实际完成时间. Due today is not late.
    """
    rows = data.frames["request"].copy()
    if rows.empty:
        return _NONE
    for key in ("requested_on", "due_on", "done_on"):
        rows[key] = rows[key].dt.floor("D")
    status = rows["status"]
    done = status.isin(REQUEST_DONE) | (status.isna() & rows["done_on"].notna())
    rejected = status.isin(REQUEST_REJECTED)
    state = np.select([done, rejected], ["done", "rejected"], "open")
    end = rows["done_on"].where(done, pd.Timestamp(as_of)).where(~rejected)
    late = (end - rows["due_on"]).dt.days.astype("float64")
    rows = rows.assign(state=pd.Series(state, index=rows.index, dtype="str"))
    rows["days_late"] = late.where(late > 0)
    rows["action"] = _actions(rows)
    return rows[list(REQUEST_COLUMNS)]


def request_lists(requests: pd.DataFrame) -> tuple[Worklist, ...]:
    """Return the three lists, the latest first."""
    waiting = requests["state"] == "open"
    late = requests["days_late"] > 0
    chosen = (
        ("未完成的协作需求", "状态不是已完成或已驳回", waiting),
        ("逾期的协作需求", "未完成，要求完成时间早于截止日期（当天到期不算逾期）", waiting & late),
        ("超期完成的协作需求", "已完成，实际完成时间晚于要求完成时间", ~waiting & late),
    )
    return tuple(
        Worklist(key, name, definition, None, _ranked(requests[rows]))
        for key, (name, definition, rows) in zip(REQUEST_LISTS, chosen, strict=True)
    )


def requests_open(requests: pd.DataFrame) -> pd.DataFrame:
    """Return the open requests, the latest first."""
    return _ranked(requests[requests["state"] == "open"])


def _ranked(rows: pd.DataFrame) -> pd.DataFrame:
    keys = ["days_late", "due_on", "file", "row"]
    if len(rows) > 1:
        rows = rows.sort_values(keys, ascending=[False, True, True, True], kind="stable")
    return rows.assign(days=rows["days_late"])


def _actions(rows: pd.DataFrame) -> pd.Series:
    """Say what to do about each open request; nothing where it is closed."""
    days = rows["days_late"].fillna(0).astype("int64").astype("str")
    who = rows["responsible"].fillna(rows["department"]).fillna("协作部门")
    late = "已超期" + days + "天：今天找" + who + "确认完成时间，必要时请经理协调。"
    soon = "按时跟进" + who + "的进度。"
    dated = soon.where(rows["due_on"].notna(), "没有要求完成时间：与" + who + "约定并填写。")
    text = late.where(rows["days_late"] > 0, dated)
    return text.where(rows["state"] == "open", "")
