"""Stage entries that stand elsewhere than in rows of their own: date columns, the 阶段日志 tab."""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from sheetcrm.clean import CleanBook
from sheetcrm.clean.stage_log import BASELINE, COMPARED, NEW, STAGE
from sheetcrm.kit.stage_headings import dated_stage
from sheetcrm.metrics.numbers import Moments, whole_days
from sheetcrm.metrics.stages import Placement
from sheetcrm.table import rows_on

_ENTERED = "entered_on"


def stage_dates(
    books: Sequence[CleanBook], leads: pd.DataFrame, placements: Mapping[str, Placement]
) -> pd.DataFrame:
    """Return one row a filled cell under a heading that dates a stage: lead, position, entered_on.

    Args:
        books: The workbooks; 意向日期 and the like are columns of their lead tables.
        leads: The lead frame, with `key`.
        placements: By file, where its stages stand in the report's funnel.
    """
    parts = [_of_book(b, leads, placements[b.file]) for b in books if "lead" in b.tables]
    found = pd.concat([_nothing(), *parts], ignore_index=True)
    return found.astype({"lead": "int64", "position": "float64", _ENTERED: "datetime64[us]"})


def _of_book(book: CleanBook, leads: pd.DataFrame, placement: Placement) -> pd.DataFrame:
    table = book.tables["lead"]
    first_rows = {part.sheet: rows_on(at, 0) for at, part in enumerate(table.source.sheets)}
    mine = leads[(leads["file"] == book.file) & leads["sheet"].isin(first_rows)]
    numbers = mine["sheet"].map(first_rows).astype("int64") + mine["row"]
    keys = pd.Series(mine["key"].to_numpy(), index=numbers)
    parts = [_nothing()]
    for heading in table.source.headings:
        stage = None if heading.known else dated_stage(heading.text, book.kit.pipeline)
        if stage is None:
            continue
        days = table.data[heading.key].dropna()
        position = placement.positions[stage.name]
        lead = keys.reindex(days.index).to_numpy()
        parts.append(pd.DataFrame({"lead": lead, "position": position, _ENTERED: days.to_numpy()}))
    return pd.concat(parts, ignore_index=True)


def _nothing() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "lead": pd.Series(dtype="int64"),
            "position": pd.Series(dtype="float64"),
            _ENTERED: pd.Series(dtype="datetime64[us]"),
        }
    )


def handed_over(log: pd.DataFrame, leads: pd.DataFrame) -> pd.DataFrame:
    """Return the log with the lines of leads that stand in another file now under that file.

    A row that was cut from one workbook and pasted into another goes on there. It is known by its
    id and its customer; one that stands in several files is nobody's.

    Args:
        log: The stage lines (logged_stages), placed.
        leads: The lead frame.
    """
    here = leads[["file", "lead_id", "company"]].dropna()
    known = pd.MultiIndex.from_frame(here)
    gone = log["lead_id"].notna() & log["company"].notna()
    gone &= ~pd.MultiIndex.from_frame(log[["file", "lead_id"]]).isin(known.droplevel("company"))
    if not gone.any():
        return log
    once = here[~here.duplicated(["lead_id", "company"], keep=False)]
    files = once.set_index(["lead_id", "company"])["file"]
    new = files.reindex(pd.MultiIndex.from_frame(log.loc[gone, ["lead_id", "company"]]))
    new = pd.Series(new.to_numpy("object"), index=log.index[gone]).dropna()
    return log.assign(file=new.reindex(log.index).fillna(log["file"]).astype("str"))


def log_entries(log: pd.DataFrame, leads: pd.DataFrame) -> Moments:
    """Return the day on which each line's stage was entered, NaT where nobody knows.

    That is the day of the run that saw it first. Of a lead that was new in the first stage it is
    the day it was got: a run sees it days later, and what is typed in is older still. One that was
    gone, or in another file, and is back in the same stage has not entered it.

    Args:
        log: The stage lines (logged_stages), tied to their leads and placed.
        leads: The lead frame.
    """
    got = np.append(leads["acquired_on"].to_numpy("datetime64[us]"), np.datetime64("NaT", "us"))
    acquired = whole_days(got[log["lead"].to_numpy("int64")])
    first = ((log["item"] == NEW) & (log["position"] == 0)).to_numpy(dtype=bool)
    seen = log["day"].to_numpy("datetime64[us]")
    days = np.where(first & (acquired <= seen), acquired, log[_ENTERED].to_numpy("datetime64[us]"))
    days[_back(log)] = np.datetime64("NaT", "us")
    return days


def _back(log: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Say which lines find a lead new in the stage where its line before left it."""
    order = np.lexsort((log["number"].fillna(np.inf), log["item"] == NEW, log["day"], log["lead"]))
    rows = log[["lead", "position", "item"]].iloc[order]
    before = rows.shift()
    same = (rows["lead"] == before["lead"]) & (rows["position"] == before["position"])
    found = np.zeros(len(log), dtype=bool)
    found[order] = (same & (rows["item"] == NEW) & (rows["lead"] >= 0)).to_numpy()
    return found


def logged_stages(books: Sequence[CleanBook]) -> pd.DataFrame:
    """Return the stage lines of all 阶段日志 tabs: file, lead_id, company, old, new and two more.

    `entered_on` is the day of the run that saw the new stage first; blank for the first record of
    a lead, which may have been there for long. `typed` says that people wrote the line.
    """
    logs = [book.log.assign(file=book.file) for book in books]
    log = pd.concat(logs, ignore_index=True)
    log = log[log["item"].isin((STAGE, NEW))].reset_index(drop=True)
    day = log["day"].where(log["origin"].fillna("") != BASELINE)
    return log.assign(
        entered_on=day.astype("datetime64[us]"),
        typed=~log["origin"].fillna("").isin((BASELINE, COMPARED)),
        file=log["file"].astype("str"),
        account_id=np.nan,
    )
