"""客户卡片: everything known of the customers that matter most now, each with its timeline."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from sheetcrm.metrics.attach import lead_of
from sheetcrm.metrics.columns import UNFILLED
from sheetcrm.metrics.dataset import Dataset
from sheetcrm.metrics.numbers import whole_days
from sheetcrm.metrics.results import Summary
from sheetcrm.metrics.segments import RISK, VALUE, Segments

# What a card can show of the lead sheet besides Summary.leads, and under which heading.
DETAILS: Mapping[str, str] = {
    "initial_need": "初步需求",
    "pain_point": "客户痛点",
    "need_priority": "需求优先级",
    "decision_maker": "决策人",
    "budget": "预算范围",
    "expected_purchase_on": "预计采购时间",
    "competitor": "竞争对手",
    "note": "备注",
}
_TIMELINE = ("lead", "day", "what", "who", "text", "file", "sheet", "row")
_TAGS = "need_tags"
# So many entries a card has room for.
MOST_LINES = 20


@dataclass(frozen=True)
class Cards:
    """The customers a card can be shown of.

    `rows` are rows of Summary.leads, the most important first, with `label` (unique), `tier`,
    `tags`, `action`, `reasons` and the keys of DETAILS (text or dates, blank where unknown).
    `timeline` has `label`, `day`, `what`, `who`, `text`, `file`, `sheet`, `row`: what happened, by
    customer in the order of `rows`, the latest MOST_LINES with the last one first. `more` open
    leads have no card.
    """

    rows: pd.DataFrame = field(repr=False, compare=False)
    timeline: pd.DataFrame = field(repr=False, compare=False)
    more: int = 0


def cards(data: Dataset, summary: Summary, tiers: Segments) -> Cards:
    """Make the cards of the first open leads: the valuable, those at risk, then by amount.

    Args:
        data: The rows.
        summary: Their figures.
        tiers: The customers by tier, with what to do.
    """
    most = int(data.kit.number("card_count"))
    at = np.flatnonzero(tiers.rows["outcome"].to_numpy("object") == "open")
    tier = tiers.rows["tier"].to_numpy("object")[at]
    money, reached, row = (tiers.rows[key].to_numpy()[at] for key in ("money", "reached", "row"))
    files, _ = pd.factorize(tiers.rows["file"].to_numpy("object")[at], sort=True)
    rank = np.select([tier == VALUE, tier == RISK], [0, 1], 2)
    order = np.lexsort((row, files, -reached, -np.nan_to_num(money), rank))
    rows = _described(tiers.rows.iloc[at[order[:most]]], data, summary)
    return Cards(rows, _timeline(rows, data, summary), len(at) - len(rows))


def _described(rows: pd.DataFrame, data: Dataset, summary: Summary) -> pd.DataFrame:
    """Add label, the further columns of the lead sheet, the tags and the warnings."""
    source = data.frames["lead"].loc[rows.index]
    blank = pd.Series(np.nan, index=rows.index, dtype="str")
    extra = {key: source.get(key, blank) for key in DETAILS}
    flagged = [p.rows["reasons"] for p in summary.overdue.people if len(p.rows)]
    reasons = pd.concat(flagged).reindex(rows.index) if flagged else blank
    labels = [
        f"{n}｜{_plain(name)}"
        for n, name in enumerate(rows["company"].fillna(rows["lead_id"]).fillna(UNFILLED), 1)
    ]
    return rows.assign(**extra, label=labels, reasons=reasons, tags=_tags(rows, data))


def _plain(name: str) -> str:
    """Return a name without what MATCH takes for wildcards."""
    return name.translate(str.maketrans("*?~", "＊？～"))[:60]


def _tags(rows: pd.DataFrame, data: Dataset) -> pd.Series:
    """Return 需求标签 of the customer files, by file and customer name."""
    accounts = data.frames["account"]
    if _TAGS not in accounts:
        return pd.Series(np.nan, index=rows.index, dtype="str")
    known = accounts.dropna(subset=["company", _TAGS]).drop_duplicates(["file", "company"])
    found = known.set_index(["file", "company"])[_TAGS]
    wanted = pd.MultiIndex.from_frame(rows[["file", "company"]])
    return pd.Series(found.reindex(wanted).to_numpy(), index=rows.index, dtype="str")


def _timeline(rows: pd.DataFrame, data: Dataset, summary: Summary) -> pd.DataFrame:
    """Return what happened up to the day of the report, the latest first."""
    keys = data.frames["lead"]["key"].loc[rows.index]
    parts = [
        _got(rows),
        *(_part(data.frames[kind], kind, keys, rows) for kind in _KINDS),
        _contracts(data.frames["contract"], rows),
    ]
    whole = [part[list(_TIMELINE)] for part in parts if part is not None]
    found = pd.concat(whole, ignore_index=True) if len(whole) > 1 else whole[0]
    day = found["day"].to_numpy("datetime64[us]")
    found = found[whole_days(day) <= np.datetime64(summary.as_of)]
    place = pd.Index(rows.index).get_indexer(pd.Index(found["lead"]))
    sheets, _ = pd.factorize(found["sheet"].to_numpy("object"), sort=True)
    age = -found["day"].to_numpy("datetime64[us]").view("int64")
    order = np.lexsort((found["row"].to_numpy(), sheets, age, place))
    place = place[order]
    order = order[np.arange(len(place)) - np.searchsorted(place, place) < MOST_LINES]
    found = found.iloc[order]
    labels = found["lead"].map(rows["label"])
    told: pd.DataFrame = found.assign(label=labels).reset_index(drop=True)
    return told


# Table kind: its date, what the entry is called, who did it, and the columns that say what.
_KINDS: Mapping[str, tuple[str, str, str, Sequence[str]]] = {
    "follow_up": ("followed_on", "跟进", "owner", ("method", "content", "feedback", "next_action")),
    "stage_progress": ("entered_stage_on", "阶段", "owner", ("stage", "key_action", "risk")),
    "status_change": ("changed_at", "状态", "changed_by", ("from_status", "to_status", "reason")),
    "request": ("requested_on", "协作", "requester", ("department", "content", "status")),
}
_STEPS = {
    "submitted_on": "合同送审",
    "approved_on": "合同批准",
    "signed_on": "合同签订",
    "delivery_started_on": "开始交付",
}


def _part(
    frame: pd.DataFrame, kind: str, keys: pd.Series, rows: pd.DataFrame
) -> pd.DataFrame | None:
    """Return the entries of one table for these leads, None without any."""
    if frame.empty:
        return None
    day, what, who, texts = _KINDS[kind]
    mine = frame[frame["lead"].isin(keys)]
    if kind == "follow_up" and "content" in mine:  # 电话；电话沟通 says it twice
        pairs = zip(mine["method"].fillna(""), mine["content"].fillna(""), strict=True)
        again = np.array([way in text for way, text in pairs], dtype=bool)
        mine = mine.assign(method=mine["method"].mask(again))
    lead_of = pd.Series(keys.index, index=keys.to_numpy())
    lead_of = lead_of[~lead_of.index.duplicated()]
    return pd.DataFrame(
        {
            "lead": mine["lead"].map(lead_of),
            "day": mine[day].astype("datetime64[us]"),
            "what": what,
            "who": mine.get(who, np.nan),
            "text": _joined(mine, texts),
            "file": mine["file"],
            "sheet": mine["sheet"],
            "row": mine["row"],
        }
    )


def _got(rows: pd.DataFrame) -> pd.DataFrame:
    text = "从“" + rows["source"] + "”得到线索"
    days = rows["acquired_on"].astype("datetime64[us]")
    return rows.assign(lead=rows.index, day=days, what="获取", who=rows["owner"], text=text)


def _contracts(frame: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame | None:
    """Return the dated steps of the contracts, found by file and lead id, else customer."""
    if frame.empty:
        return None
    lead = lead_of(frame, rows)
    mine = frame.assign(lead=lead)[lead >= 0]
    parts = [
        mine.assign(
            day=mine[key].astype("datetime64[us]"), what="合同", who=mine["responsible"], text=text
        )
        for key, text in _STEPS.items()
    ]
    return pd.concat(parts)


def _joined(frame: pd.DataFrame, columns: Sequence[str]) -> pd.Series:
    """Join what is filled of some columns, in their order."""
    text = pd.Series("", index=frame.index, dtype="object")
    for key in columns:
        if key in frame:
            more = frame[key].astype("object").where(frame[key].notna(), "").astype("str")
            gap = np.where((text != "") & (more != ""), "；", "")
            text = text + gap + more
    return text.str.replace(r"\s+", " ", regex=True).str.slice(0, 500)
