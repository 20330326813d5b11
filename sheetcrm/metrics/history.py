"""Stage history: which lead was in which stage from when to when, and how we know.

In order of trust: 阶段进度 rows, and columns like 意向日期, are declared; 状态变更 rows, and what
people typed into 阶段日志, are logged; what one run saw changed since the last, the current status
and 流失阶段 are observed; stages skipped on the way count as passed (inferred).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from sheetcrm.metrics.columns import EVENT_COLUMNS, Provenance
from sheetcrm.metrics.dataset import Dataset
from sheetcrm.metrics.dated import log_entries
from sheetcrm.metrics.numbers import days_between, whole_days
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
_NAT = np.iinfo("int64").min


@dataclass(frozen=True)
class Grid:
    """Leads × funnel stages: first entry, last entry, last leave, days stayed, provenance.

    `stay` is NaN unless every stay in the stage is completed; `source` is PROGRESS and so on,
    ABSENT where the lead never came; `dated` is the source of the entry days, ABSENT without any.
    """

    first: np.ndarray
    last: np.ndarray
    left: np.ndarray
    stay: np.ndarray
    source: np.ndarray
    dated: np.ndarray

    def of(self, leads: np.ndarray) -> "Grid":
        """Return the rows of these leads."""
        parts = (self.first, self.last, self.left, self.stay, self.source, self.dated)
        return Grid(*(part[leads] for part in parts))


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
    grid = _grid(rows, (len(leads), len(stages))).of(key)
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


@dataclass(frozen=True)
class _Steps:
    """Stage rows of all sources, one value a row; in order of source, lead, time and stage.

    `before` is the stage that the row itself says was left, NaN where it does not; `seen` is the
    day the lead was in the stage, though nobody may know since when. `stays` says that the lead
    was there already: another label of the stage, or a second row on it.
    """

    lead: np.ndarray
    position: np.ndarray
    entered: np.ndarray
    left: np.ndarray
    source: np.ndarray
    before: np.ndarray
    seen: np.ndarray
    stays: np.ndarray

    def __getitem__(self, rows: np.ndarray) -> "_Steps":
        times = (self.entered, self.left, self.source, self.before, self.seen, self.stays)
        return _Steps(*(part[rows] for part in (self.lead, self.position, *times)))

    def goes_on(self) -> np.ndarray:
        """Say of every row but the last whether the next one is the same lead's, of that source."""
        same = (self.lead[1:] == self.lead[:-1]) & (self.source[1:] == self.source[:-1])
        return np.asarray(same)


def _stage_rows(data: Dataset) -> _Steps:
    """Return all dated stage rows, in order of time."""
    progress, changes = data.frames["stage_progress"], data.frames["status_change"]
    dated, log = data.frames["stage_date"], data.frames["stage_log"]
    log = log.assign(entered_on=log_entries(log, data.frames["lead"]))
    typed = np.where(log["typed"].to_numpy(dtype=bool), TYPED, SEEN)
    moved, seen = ("changed_at", ""), ("entered_on", "")
    parts = [
        _entries(progress, PROGRESS, ("entered_stage_on", "left_stage_on")),
        _entries(changes, CHANGED, moved, before="old_position"),
        _left_stages(changes, CHANGED, "changed_at"),
        _entries(dated, COLUMN, seen),
        _entries(log, typed, seen, before="old_position", known="day"),
        _left_stages(log, typed, "day"),
    ]
    lead, position, *days, source, before = map(np.concatenate, zip(*parts, strict=True))
    entered, left, there = map(whole_days, days)
    stays = np.zeros(len(lead), dtype=bool)
    rows = _Steps(lead, position, entered, left, source, before, there, stays)
    rows = rows[(rows.lead >= 0) & ~np.isnan(rows.position)]
    step = np.where(rows.position > LOST, rows.position, np.inf)
    rows = rows[np.lexsort((step, rows.entered, rows.lead, rows.source))]
    # Where nobody wrote when a stage was left, it was left when the next one was entered.
    following = np.full(len(rows.lead), np.datetime64("NaT", "us"))
    following[:-1] = np.where(rows.goes_on(), rows.entered[1:], following[:-1])
    left = np.where(np.isnat(rows.left), following, rows.left)
    same = rows.goes_on() & (rows.position[1:] == rows.position[:-1])
    rows.stays[1:] = same & (left[:-1] >= rows.entered[1:])
    return replace(rows, position=rows.position.astype("int64"), left=left)


def _entries(
    rows: pd.DataFrame,
    source: int | np.ndarray,
    days: tuple[str, str],
    stage: str = "position",
    before: str = "",
    known: str = "",
) -> tuple[np.ndarray, ...]:
    """Return lead, position, entered, left, seen, source and before of rows.

    `days` are the columns of the first two days, `before` that of the stage left, `known` that of
    the day the lead was seen where it is not the one of its entry; "" for none.
    """
    blank = np.full(len(rows), np.datetime64("NaT", "us"))
    columns = (*days, known or days[0])
    entered, left, seen = (rows[k].to_numpy("datetime64[us]") if k else blank for k in columns)
    sources = np.broadcast_to(np.asarray(source, dtype="int64"), len(rows))
    lead, position = rows["lead"].to_numpy("int64"), rows[stage].to_numpy("float64")
    old = rows[before].to_numpy("float64") if before else np.full(len(rows), np.nan)
    return lead, position, entered, left, seen, sources, old


def _left_stages(
    changes: pd.DataFrame, source: int | np.ndarray, day: str
) -> tuple[np.ndarray, ...]:
    """Return the stages that changes moved away from: reached, entered nobody knows when."""
    return _entries(changes, source, ("", day), "old_position")


def _grid(rows: _Steps, shape: tuple[int, int]) -> Grid:
    """Put the stage rows into leads × stages, the more trusted source over the other."""
    nothing = np.full(shape, np.datetime64("NaT", "us"))
    grid = Grid(
        nothing,
        nothing.copy(),
        nothing.copy(),
        np.full(shape, np.nan),
        np.full(shape, ABSENT, dtype="int8"),
        np.full(shape, ABSENT, dtype="int8"),
    )
    inside = rows[rows.position > LOST]
    for source in (SEEN, TYPED, COLUMN, CHANGED, PROGRESS):
        mine = inside[inside.source == source]
        if len(mine.lead):
            _put(grid, mine, source)
    return grid


def _put(grid: Grid, rows: _Steps, source: int) -> None:
    """Put the stage rows of one source, one at least, into the grid."""
    cell = rows.lead * grid.source.shape[1] + rows.position
    order = np.argsort(cell, kind="stable")
    rows, cell = rows[order], cell[order]
    starts = np.flatnonzero(np.diff(cell, prepend=-1))
    cells = cell[starts]
    entered, left = rows.entered.view("int64"), rows.left.view("int64")
    dated = ~np.isnat(rows.entered)
    # NaT is the least of all numbers
    first = np.minimum.reduceat(np.where(dated, entered, np.iinfo("int64").max), starts)
    last = np.maximum.reduceat(np.where(rows.stays, _NAT, entered), starts)
    first = np.where(last == _NAT, _NAT, first)
    for part, found in (
        (grid.first, first),
        (grid.last, last),
        (grid.left, np.maximum.reduceat(left, starts)),
    ):
        part.flat[cells] = np.where(found == _NAT, part.flat[cells], found.view("datetime64[us]"))
    stay = days_between(rows.entered, rows.left)
    stay[~(stay >= 0)] = np.nan
    known = ~np.isnan(stay)
    done, begun = (np.add.reduceat(each.astype("int64"), starts) for each in (known, dated))
    complete = _complete(done, begun, np.diff(starts, append=len(cell)), source)
    stays = np.add.reduceat(np.where(known, stay, 0.0), starts)
    grid.stay.flat[cells] = np.where(complete, stays, np.nan)
    grid.source.flat[cells] = source
    grid.dated.flat[cells[last != _NAT]] = source


def _complete(known: np.ndarray, entered: np.ndarray, size: np.ndarray, source: int) -> np.ndarray:
    """Say where all the stays of a lead in a stage have both their days.

    A change tells twice of a stay, when it begins and when it ends; a stage row tells once.
    """
    undated = size - entered
    matched = undated <= (0 if source in (PROGRESS, COLUMN) else entered)
    return np.asarray((known == entered) & (entered > 0) & matched)


def _latest(rows: _Steps, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Return each lead's latest stage position (NaN where no row) and the day it was lost."""
    latest = np.full(count, np.nan)
    told = rows[~np.isnat(rows.seen)]
    told = told[np.lexsort((-told.source, told.seen))]
    latest[told.lead] = told.position  # the last of several stays
    lost_on = np.full(count, np.datetime64("NaT", "us"))
    gone = rows[(rows.position == LOST) & ~np.isnat(rows.entered)]
    gone = gone[np.lexsort((gone.entered, -gone.source))]
    lost_on[gone.lead] = gone.entered
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
    acquired, entered_on, won_on = (
        np.broadcast_to(whole_days(leads[key].to_numpy("datetime64[us]"))[:, None], beyond.shape)
        for key in ("acquired_on", "entered_stage_on", "won_on")
    )
    here = (stages == current[:, None]) & ~beyond
    _declare(grid, here, entered_on, first=np.fmin(grid.first, entered_on))
    _declare(grid, here & (stages == won), won_on, first=won_on)
    # A lead stands in the first stage since it was got, unless a stage row says otherwise.
    at_first = (stages == 0) & ~np.isin(grid.dated, (PROGRESS, COLUMN)) & ~np.isnat(acquired)
    grid.first[at_first] = np.fmin(grid.first, acquired)[at_first]
    at_first &= np.isnat(grid.last)
    grid.last[at_first] = acquired[at_first]
    for part in (grid.first, grid.last, grid.left):
        part[beyond] = np.datetime64("NaT", "us")
    grid.stay[beyond] = np.nan


def _declare(grid: Grid, cells: np.ndarray, day: np.ndarray, first: np.ndarray) -> None:
    """Set the entry days of cells to what the lead's own row says, unless a stage row says more.

    What a run saw it saw some days later.
    """
    cells = cells & (grid.dated >= SEEN) & ~np.isnat(day)
    grid.first[cells] = first[cells]
    grid.last[cells] = day[cells]


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


def _moved_back(rows: _Steps) -> int:
    """Count the steps back to an earlier stage; each lead by the source that knows most of them.

    A row is one where it says itself that it left a later stage, or where the row before stood at
    one.
    """
    inside = rows[(rows.position > LOST) & ~np.isnat(rows.entered)]
    back = inside.before > inside.position
    back[1:] |= inside.goes_on() & (inside.position[1:] < inside.position[:-1])
    pairs, counts = np.unique(inside.lead[back] * ABSENT + inside.source[back], return_counts=True)
    most: dict[int, int] = {}
    for pair, count in zip(pairs.tolist(), counts.tolist(), strict=True):
        most[pair // ABSENT] = max(count, most.get(pair // ABSENT, 0))
    return sum(most.values())


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
