"""Stage history: which lead was in which stage from when to when, and how we know.

In order of trust: 阶段进度 rows, and columns like 意向日期, are declared; 状态变更 rows, and what
people typed into 阶段日志, are logged; what one run saw changed since the last, the current status
and 流失阶段 are observed; stages skipped on the way count as passed (inferred).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from sheetcrm.metrics.columns import EVENT_COLUMNS, Provenance
from sheetcrm.metrics.dataset import Dataset
from sheetcrm.metrics.results import HistoryNote
from sheetcrm.metrics.stages import LOST

PROVENANCE: tuple[Provenance, ...] = ("declared", "logged", "observed", "inferred")
PROVENANCE_NAMES: Mapping[Provenance, str] = {
    "declared": "阶段进度填报",
    "logged": "状态变更记录",
    "observed": "由阶段日志、当前状态或流失阶段得知",
    "inferred": "跳过的阶段按已经过推定",
}
# Sources in order of trust, and what an entry from each is called.
PROGRESS, CHANGED, COLUMN, TYPED, SEEN, CURRENT, PASSED, ABSENT = range(8)
_KINDS: tuple[Provenance, ...] = (
    *("declared", "logged", "declared", "logged"),
    *("observed", "observed", "inferred"),
)


@dataclass(frozen=True)
class Grid:
    """Leads × funnel stages: first entry, last entry, last leave, days stayed, provenance.

    `stay` is NaN unless every stay in the stage is completed; `source` is PROGRESS and so on,
    ABSENT where the lead never came.
    """

    first: np.ndarray
    last: np.ndarray
    left: np.ndarray
    stay: np.ndarray
    source: np.ndarray


@dataclass(frozen=True)
class History:
    """The history of every lead, aligned with the rows of the dataset's lead frame.

    `events` has EVENT_COLUMNS. `reached` is the position of the furthest stage, `current` that of
    the stage of open and won leads (-1 for lost ones and where nothing says it), `outcome`
    "open"/"won"/"lost". `entered` is leads × stages, first entry days.
    """

    events: pd.DataFrame = field(repr=False)
    entered: np.ndarray = field(repr=False)
    reached: np.ndarray = field(repr=False)
    current: np.ndarray = field(repr=False)
    outcome: np.ndarray = field(repr=False)
    entered_current_on: np.ndarray = field(repr=False)
    lost_on: np.ndarray = field(repr=False)
    lost_stage_unknown: np.ndarray = field(repr=False)
    note: HistoryNote


def history(data: Dataset) -> History:
    """Work out every lead's stage history from whatever the workbooks have."""
    leads = data.frames["lead"]
    funnel = data.kit.pipeline.funnel
    stages = tuple(stage.name for stage in funnel)
    won = len(stages) - 1 if funnel[-1].kind == "won" else len(stages)
    rows = _stage_rows(data)
    key = leads["key"].to_numpy()
    grid = _grid(rows, (len(leads), len(stages)))
    grid = Grid(*(part[key] for part in (grid.first, grid.last, grid.left, grid.stay, grid.source)))
    latest, lost_on = _latest(rows, len(leads))
    outcome, current = _now(leads, latest[key], won)
    reached, unknown = _reached(leads, grid, (outcome, current), won)
    _fill(grid, leads, (reached, current), won)
    events = _events(grid, stages)
    at = np.maximum(current, 0)[:, None]
    entered = np.take_along_axis(grid.last, at, axis=1)[:, 0]
    return History(
        events=events,
        entered=grid.first,
        reached=reached,
        current=current,
        outcome=outcome,
        entered_current_on=np.where(current >= 0, entered, np.datetime64("NaT", "us")),
        lost_on=lost_on[key],
        lost_stage_unknown=unknown,
        note=_note(events, int(unknown.sum()), _moved_back(rows)),
    )


def _stage_rows(data: Dataset) -> pd.DataFrame:
    """Return all dated stage rows: lead, position, entered, left, source; in order of time."""
    progress, changes = data.frames["stage_progress"], data.frames["status_change"]
    dated, log = data.frames["stage_date"], data.frames["stage_log"]
    typed = pd.Series(np.where(log["typed"], TYPED, SEEN), index=log.index, dtype="int64")
    parts: list[pd.DataFrame] = [
        _entries(progress, PROGRESS, progress["entered_stage_on"], progress["left_stage_on"]),
        _entries(changes, CHANGED, changes["changed_at"]),
        _left_stages(changes, CHANGED, changes["changed_at"]),
        _entries(dated, COLUMN, dated["entered_on"]),
        _entries(log, typed, log["entered_on"]),
        _left_stages(log, typed, log["entered_on"]),
    ]
    rows = pd.concat(parts, ignore_index=True)
    rows = rows[(rows["lead"] >= 0) & rows["position"].notna()]
    rows = rows.astype({"position": "int64", "source": "int64"})
    rows["entered"], rows["left"] = rows["entered"].dt.floor("D"), rows["left"].dt.floor("D")
    step = rows["position"].where(rows["position"] > LOST, np.inf)
    order = np.lexsort((step, rows["entered"], rows["lead"], rows["source"]))
    rows = rows.iloc[order].reset_index(drop=True)
    # Where nobody wrote when a stage was left, it was left when the next one was entered.
    following = rows.groupby(["lead", "source"], sort=False)["entered"].shift(-1)
    return rows.assign(left=rows["left"].fillna(following))


def _entries(
    rows: pd.DataFrame,
    source: "int | pd.Series[int]",
    entered: pd.Series | None = None,
    left: pd.Series | None = None,
) -> pd.DataFrame:
    """Return the stages of rows with the days they were entered and left, as far as known."""
    blank = pd.Series(index=rows.index, dtype="datetime64[us]")
    return pd.DataFrame(
        {
            "lead": rows["lead"],
            "position": rows["position"],
            "entered": blank if entered is None else entered,
            "left": blank if left is None else left,
            "source": source,
        }
    )


def _left_stages(
    changes: pd.DataFrame, source: "int | pd.Series[int]", day: pd.Series
) -> pd.DataFrame:
    """Return the stages that changes moved away from: reached, entered nobody knows when."""
    return _entries(changes.assign(position=changes["old_position"]), source, left=day)


def _grid(rows: pd.DataFrame, shape: tuple[int, int]) -> Grid:
    """Put the stage rows into leads × stages, the more trusted source over the other."""
    nothing = np.full(shape, np.datetime64("NaT", "us"))
    grid = Grid(
        nothing,
        nothing.copy(),
        nothing.copy(),
        np.full(shape, np.nan),
        np.full(shape, ABSENT, dtype="int8"),
    )
    inside = rows[rows["position"] > LOST]
    stay = (inside["left"] - inside["entered"]).dt.days
    inside = inside.assign(
        cell=inside["lead"] * shape[1] + inside["position"], stay=stay.where(stay >= 0)
    )
    for source in (SEEN, TYPED, COLUMN, CHANGED, PROGRESS):
        mine = inside[inside["source"] == source].groupby("cell")
        found = mine.agg(
            first=("entered", "min"),
            last=("entered", "max"),
            left=("left", "max"),
            stay=("stay", "sum"),
            known=("stay", "count"),
            entered=("entered", "count"),
            size=("stay", "size"),
        )
        cells = found.index.to_numpy("int64")
        for part, name in ((grid.first, "first"), (grid.last, "last"), (grid.left, "left")):
            days = found[name].to_numpy("datetime64[us]")
            part.flat[cells] = np.where(np.isnat(days), part.flat[cells], days)
        grid.stay.flat[cells] = found["stay"].where(_complete(found, source))
        grid.source.flat[cells] = source
    return grid


def _complete(found: pd.DataFrame, source: int) -> "pd.Series[bool]":
    """Say where all the stays of a lead in a stage have both their days.

    A change tells twice of a stay, when it begins and when it ends; a stage row tells once.
    """
    undated = found["size"] - found["entered"]
    matched = undated <= (0 if source in (PROGRESS, COLUMN) else found["entered"])
    return (found["known"] == found["entered"]) & (found["entered"] > 0) & matched


def _latest(rows: pd.DataFrame, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Return each lead's latest stage position (NaN where no row) and the day it was lost."""
    latest = np.full(count, np.nan)
    dated = rows.dropna(subset="entered").sort_values("entered", kind="stable")
    last = dated.drop_duplicates("lead", keep="last")
    latest[last["lead"]] = last["position"]
    lost_on = np.full(count, np.datetime64("NaT", "us"))
    gone = dated[dated["position"] == LOST].sort_values("source", ascending=False, kind="stable")
    gone = gone.drop_duplicates("lead", keep="last")
    lost_on[gone["lead"]] = gone["entered"].to_numpy("datetime64[us]")
    return latest, lost_on


def _now(leads: pd.DataFrame, latest: np.ndarray, won: int) -> tuple[np.ndarray, np.ndarray]:
    """Return outcome and current position (-1 lost or unknown).

    Where the status is blank or unknown, the latest stage row says both.
    """
    position = leads["position"].to_numpy("float64")
    told = np.isnan(position) & ~np.isnan(latest)
    position = np.where(told, latest, position)
    outcome = leads["outcome"].astype("object").to_numpy(copy=True)
    outcome[told & (latest == LOST)] = "lost"
    outcome[told & (latest == won)] = "won"
    outcome[pd.isna(outcome)] = "open"
    return outcome.astype(str), np.nan_to_num(position, nan=LOST).astype("int64")


def _reached(
    leads: pd.DataFrame, grid: Grid, now: tuple[np.ndarray, np.ndarray], won: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return the furthest position, and which lost leads leave it unknown (they count as first).

    Only won leads reach the won stage: one won and lost again is counted as lost from the last
    open stage.
    """
    outcome, current = now
    there = grid.source < ABSENT
    stages = there.shape[1]
    dated = np.where(there.any(axis=1), stages - 1 - there[:, ::-1].argmax(axis=1), -1)
    lost_stage = leads["lost_position"].fillna(LOST).to_numpy("int64")
    furthest = np.maximum(dated, np.where(outcome == "lost", lost_stage, current))
    unknown = (outcome == "lost") & (furthest < 0)
    top = np.where(outcome == "won", stages - 1, max(won - 1, 0))
    return np.clip(furthest, 0, top), unknown


def _fill(grid: Grid, leads: pd.DataFrame, at: tuple[np.ndarray, np.ndarray], won: int) -> None:
    """Fill what the rows leave out: the stage seen now, skipped stages, dates of lead and win."""
    reached, current = at
    stages = np.arange(grid.source.shape[1])
    beyond = stages > reached[:, None]
    grid.source[beyond] = ABSENT
    missing = (grid.source == ABSENT) & ~beyond
    seen = (stages == current[:, None]) | (stages == leads["lost_position"].to_numpy()[:, None])
    grid.source[missing] = np.where(seen[missing], CURRENT, PASSED)
    entered_on = leads["entered_stage_on"].to_numpy("datetime64[us]")
    _enter(grid, (stages == current[:, None]) & ~beyond, entered_on)
    won_on = leads["won_on"].to_numpy("datetime64[us]")
    _enter(grid, (stages == won) & ~beyond, won_on)
    _enter(grid, np.broadcast_to(stages == 0, beyond.shape), leads["acquired_on"].to_numpy())
    for part in (grid.first, grid.last, grid.left):
        part[beyond] = np.datetime64("NaT", "us")
    grid.stay[beyond] = np.nan


def _enter(grid: Grid, cells: np.ndarray, day: np.ndarray) -> None:
    """Set the entry day of the cells (leads × stages) that have none."""
    days = np.broadcast_to(day.astype("datetime64[us]")[:, None], cells.shape)
    for part in (grid.first, grid.last):
        empty = cells & np.isnat(part)
        part[empty] = days[empty]


def _events(grid: Grid, stages: tuple[str, ...]) -> pd.DataFrame:
    """Return one row a lead and stage reached, EVENT_COLUMNS."""
    lead, position = np.nonzero(grid.source < ABSENT)
    cells = (lead, position)
    columns = {
        "lead": lead,
        "position": position,
        "stage": pd.Series(np.array(stages, dtype="object")[position], dtype="str"),
        "entered_on": grid.first[cells],
        "left_on": grid.left[cells],
        "provenance": pd.Series(np.array(_KINDS, dtype="object")[grid.source[cells]], dtype="str"),
        "stay_days": grid.stay[cells],
    }
    return pd.DataFrame(columns)[list(EVENT_COLUMNS)]


def _moved_back(rows: pd.DataFrame) -> int:
    """Count the steps back to an earlier stage; each lead by the source that knows most of them."""
    inside = rows[(rows["position"] > LOST) & rows["entered"].notna()]
    before = inside.groupby(["lead", "source"], sort=False)["position"].shift()
    steps = (inside["position"] < before).groupby([inside["lead"], inside["source"]]).sum()
    return int(steps.groupby(level="lead").max().sum())


def _note(events: pd.DataFrame, unknown: int, moved_back: int) -> HistoryNote:
    counts = events["provenance"].value_counts()
    total = max(len(events), 1)
    shares: dict[Provenance, float] = {p: float(counts.get(p, 0)) / total for p in PROVENANCE}
    said = "、".join(f"{PROVENANCE_NAMES[p]}{share:.1%}" for p, share in shares.items() if share)
    sentence = f"阶段到达记录{len(events)}条" + (f"：{said}。" if said else "。")
    if unknown:
        sentence += f"有{unknown}条流失线索没有流失阶段，只计为到达第一阶段。"
    if moved_back:
        sentence += f"阶段回退{moved_back}次，到达数仍按最远阶段计。"
    return HistoryNote(len(events), shares, unknown, moved_back, sentence)
