"""话术与标签: answers to objections that preceded a step forward, tags, the best one's way."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import pandas as pd

from sheetcrm.kit.blocks import split_words
from sheetcrm.metrics.columns import UNFILLED
from sheetcrm.metrics.dataset import Dataset
from sheetcrm.metrics.mentions import Mentions
from sheetcrm.metrics.rate import Rate
from sheetcrm.metrics.results import Summary

# A step within so many days of a talk counts as one that followed it.
STEP_DAYS = 14
_MOST_ANSWERS = 3
_LEAST_USES = 2
_MOST_TAGS = 15
_MOST_EXAMPLES = 5
_TAGS = "need_tags"


@dataclass(frozen=True)
class Answer:
    """What was agreed after an objection: how often, and how often a step forward followed.

    `example` is a label of Mentions.doubts.
    """

    objection: str
    text: str
    moved: Rate
    base: Rate
    example: int


@dataclass(frozen=True)
class Tag:
    """One 需求标签 of the customer files: how many customers have it, and how their leads ended."""

    name: str
    customers: int
    won: Rate


@dataclass(frozen=True)
class Best:
    """Whose win rate is the best, and how this person follows up, against all the others.

    `examples` has rows of the follow-up log with `lead` and `company` before a step forward, the
    latest first. The name is empty where nobody has closed enough.
    """

    name: str
    sentence: str
    examples: pd.DataFrame = field(repr=False, compare=False)


@dataclass(frozen=True)
class Answers:
    """All three."""

    answers: tuple[Answer, ...]
    tags: tuple[Tag, ...]
    best: Best


def answers(data: Dataset, summary: Summary, said: Mentions) -> Answers:
    """Find what helped."""
    enough = int(data.kit.number("bottleneck_min_n"))
    doubts = said.doubts.assign(moved=_moved(said.doubts, summary))
    return Answers(
        answers=tuple(_answers(doubts, enough)),
        tags=tuple(_tags(data, summary, enough)),
        best=_best(data, summary),
    )


def _moved(talks: pd.DataFrame, summary: Summary) -> "pd.Series[bool]":
    """Say after which talks the lead entered a further stage within STEP_DAYS days."""
    events = summary.events[summary.events["entered_on"].notna() & (summary.events["position"] > 0)]
    steps = pd.DataFrame({"lead": events["lead"], "at": events["entered_on"]})
    steps = steps.astype({"lead": "int64", "at": "datetime64[us]"}).sort_values("at")
    day = talks["day"].dt.floor("D").astype("datetime64[us]")
    rows = pd.DataFrame({"lead": talks["lead"].astype("int64"), "at": day})
    known = rows[day.notna()].sort_values("at", kind="stable")
    found = pd.merge_asof(
        known.reset_index(),
        steps.assign(step=steps["at"]),
        on="at",
        by="lead",
        direction="forward",
        tolerance=pd.Timedelta(days=STEP_DAYS),
        allow_exact_matches=False,
    ).set_index("index")["step"]
    return found.reindex(talks.index).notna()


def _answers(doubts: pd.DataFrame, enough: int) -> Iterator[Answer]:
    """Return for each kind of objection the answers after which leads moved most."""
    text = doubts["next_action"].fillna(doubts["content"])
    rows = doubts.assign(answer=text.str.slice(0, 80)).dropna(subset=["kind", "answer"])
    for kind in rows["kind"].value_counts().index:
        mine = rows[rows["kind"] == kind]
        base = Rate(int(mine["moved"].sum()), len(mine), enough)
        counts = mine.groupby("answer")["moved"].agg(["sum", "size"])
        counts = counts[(counts["size"] >= _LEAST_USES) & (counts["sum"] > 0)]
        found = [
            (str(t), Rate(int(c["sum"]), int(c["size"]), enough)) for t, c in counts.iterrows()
        ]
        found.sort(key=lambda pair: (-_low(pair[1]), pair[0]))
        for answer, moved in found[:_MOST_ANSWERS]:
            helped = mine[(mine["answer"] == answer) & mine["moved"]]
            latest = helped.sort_values("day", ascending=False, kind="stable")
            yield Answer(str(kind), answer, moved, base, int(latest.index[0]))


def _low(rate: Rate) -> float:
    return rate.interval[0] if rate.interval else 0.0


def _tags(data: Dataset, summary: Summary, enough: int) -> Iterator[Tag]:
    accounts = data.frames["account"]
    if _TAGS not in accounts or accounts.empty:
        return
    filled = accounts[accounts[_TAGS].notna()]
    words = filled[_TAGS].map(split_words).explode().dropna()
    known = filled.loc[words.index, ["file", "company"]].assign(tag=words.to_numpy())
    closed = summary.leads[summary.leads["outcome"] != "open"]
    ends = known.merge(closed[["file", "company", "outcome"]], on=["file", "company"])
    won = ends["outcome"] == "won"
    by_tag = won.groupby(ends["tag"]).agg(["sum", "size"]).to_dict("index")
    for tag, size in known["tag"].value_counts().head(_MOST_TAGS).items():
        counts = by_tag.get(tag, {"sum": 0, "size": 0})
        yield Tag(str(tag), int(size), Rate(int(counts["sum"]), int(counts["size"]), enough))


def _best(data: Dataset, summary: Summary) -> Best:
    log = data.frames["follow_up"]
    nobody = Best("", "", log.iloc[:0].assign(company=""))
    sound = [r for r in summary.by_owner if r.name != UNFILLED and not r.win_rate.reason]
    if len(sound) < 2:
        return nobody
    best = max(sound, key=lambda r: _low(r.win_rate))
    whole = summary.totals.rate("win_rate")
    interval = best.win_rate.interval
    clear = interval is not None and whole.value is not None and interval[0] > whole.value
    end = pd.Timestamp(summary.as_of) + pd.Timedelta(days=1)
    done = log[(log["lead"] >= 0) & (log["followed_on"] < end)]
    owner = summary.leads["owner"].reindex(done["lead"]).set_axis(done.index)
    mine, rest = done[owner == best.name], done[owner != best.name]
    text = f"赢单率最高的是{best.name}（{best.win_rate.value or 0:.0%}，"
    text += f"{best.win_rate.numerator}/{best.win_rate.denominator}；全队{whole.value or 0:.0%}）"
    text += "" if clear else "，但领先的幅度在随机波动之内"
    if len(mine) and len(rest):
        text += f"。每条线索跟进{_per_lead(mine):.1f}次，其他人{_per_lead(rest):.1f}次"
        text += f"；{_methods(mine)}，其他人{_methods(rest)}"
    moved = mine[_moved(mine.assign(day=mine["followed_on"]), summary)] if len(mine) else mine
    latest = moved.sort_values("followed_on", ascending=False, kind="stable").head(_MOST_EXAMPLES)
    company = summary.leads["company"].reindex(latest["lead"]).to_numpy()
    return Best(best.name, text + "。", latest.assign(company=company))


def _per_lead(talks: pd.DataFrame) -> float:
    return len(talks) / max(talks["lead"].nunique(), 1)


def _methods(talks: pd.DataFrame) -> str:
    shares = talks["method"].value_counts(normalize=True).head(2)
    return "、".join(f"{method}{share:.0%}" for method, share in shares.items()) or "方式未填"
