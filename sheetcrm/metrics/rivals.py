"""竞品对比: how often each competitor was met, and who won; what is known of it."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from sheetcrm.kit.blocks import split_words
from sheetcrm.metrics.attach import lead_of
from sheetcrm.metrics.dataset import Dataset
from sheetcrm.metrics.rate import Rate
from sheetcrm.metrics.results import Summary

_NONE_WORDS = frozenset(("无", "没有", "暂无", "不详", "未知", "-", "—", "/"))
# From this share on a competitor seems to be written down only after the deal was lost to it.
_ONLY_LOST = 0.8
_TEXTS = ("competitor", "company", "lead_id", "event", "features", "response")


@dataclass(frozen=True)
class Rival:
    """One competitor: leads in which it was met, and how these ended.

    `events` counts its entries in 竞争情报 by kind, in words; `features` and `response` are the
    latest that somebody wrote down.
    """

    name: str
    met: int
    open: int
    won: int
    lost: int
    lost_to: int
    rate: Rate
    events: str
    features: str
    response: str


@dataclass(frozen=True)
class Rivals:
    """The competitors, most often met first.

    `alone` is the win rate of leads without a competitor on record. `rows` has one row a lead and
    competitor: `rival` and the columns of Summary.leads, in the order of `items`.
    """

    items: tuple[Rival, ...]
    alone: Rate
    sentence: str
    rows: pd.DataFrame = field(repr=False, compare=False)


def rivals(data: Dataset, summary: Summary) -> Rivals:
    """Count competitors by lead: 竞争对手 of the lead, and the leads that 竞争情报 speaks of."""
    leads, enough = summary.leads, int(data.kit.number("bottleneck_min_n"))
    log = _log(data, summary)
    named = data.frames["lead"].get("competitor", pd.Series(np.nan, index=leads.index))
    own = _exploded(pd.Series(named.to_numpy(), index=leads.index, dtype="str"))
    told = pd.Series(log["competitor"].to_numpy(), index=log["lead"], dtype="str")
    pairs = pd.concat([own, _exploded(told[told.index >= 0])])
    met = pd.DataFrame({"lead": pairs.index, "rival": pairs.to_numpy()}).drop_duplicates()
    rows = leads.loc[met["lead"]].assign(rival=met["rival"].to_numpy())
    items = sorted(_items(rows, log, enough), key=lambda r: (-r.met, r.name))
    place = {item.name: n for n, item in enumerate(items)}
    rows = rows.assign(_place=rows["rival"].map(place), _at=rows.index)
    rows = rows.sort_values(["_place", "_at"], kind="stable").drop(columns=["_place", "_at"])
    closed = leads[(leads["outcome"] != "open") & ~leads.index.isin(rows.index)]
    alone = Rate(int((closed["outcome"] == "won").sum()), len(closed), enough)
    return Rivals(tuple(items), alone, _sentence(items, alone), rows)


def _log(data: Dataset, summary: Summary) -> pd.DataFrame:
    """Return 竞争情报 up to the day of the report, with `lead`, the latest first."""
    log = data.frames.get("competitor", pd.DataFrame())
    if log.empty:
        return pd.DataFrame(columns=[*_TEXTS, "lead", "happened_on"])
    blank = pd.Series(np.nan, index=log.index, dtype="str")
    day = log.get("happened_on", pd.Series(pd.NaT, index=log.index))
    log = log.assign(**{key: log.get(key, blank) for key in _TEXTS}, happened_on=day)
    log = log[~(log["happened_on"] > pd.Timestamp(summary.as_of)) & log["competitor"].notna()]
    log = log.sort_values("happened_on", ascending=False, kind="stable", na_position="last")
    return log.assign(lead=lead_of(log, summary.leads))


def _exploded(texts: "pd.Series[str]") -> "pd.Series[str]":
    """Return one entry a competitor named, by the index of the text."""
    filled = texts.dropna()
    codes, unique = pd.factorize(filled)
    words = [[w for w in split_words(str(t)) if w not in _NONE_WORDS] for t in unique]
    lists = pd.Series([words[code] for code in codes], index=filled.index, dtype="object")
    return lists.explode().dropna().astype("str")


def _items(rows: pd.DataFrame, log: pd.DataFrame, enough: int) -> Iterator[Rival]:
    names = dict.fromkeys([*rows["rival"], *_exploded(log["competitor"].astype("str"))])
    for name in names:
        mine, told = rows[rows["rival"] == name], log[log["competitor"] == name]
        ends = mine["outcome"].value_counts()
        won, lost = int(ends.get("won", 0)), int(ends.get("lost", 0))
        to_rival = (mine["outcome"] == "lost") & mine["lost_reason"].str.contains("竞品", na=False)
        kinds = told["event"].dropna().value_counts()
        yield Rival(
            name=str(name),
            met=len(mine),
            open=int(ends.get("open", 0)),
            won=won,
            lost=lost,
            lost_to=int(to_rival.sum()),
            rate=Rate(won, won + lost, enough),
            events="，".join(f"{kind}{count}次" for kind, count in kinds.items()),
            features=_latest(told["features"]),
            response=_latest(told["response"]),
        )


def _latest(texts: pd.Series) -> str:
    filled = texts.dropna()
    return str(filled.iloc[0]) if len(filled) else ""


def _sentence(items: list[Rival], alone: Rate) -> str:
    met = [r for r in items if r.met]
    if not met:
        return "线索表和竞争情报里没有写竞争对手。"
    most = met[0]
    text = f"遇到最多的是{most.name}（{most.met}条：成交{most.won}、流失{most.lost}）"
    closed = sum(r.won + r.lost for r in met)
    if closed and sum(r.lost_to for r in met) >= _ONLY_LOST * closed:
        return (
            f"{text}。竞争对手几乎只写在丢给竞品的线索上，赢单率不能用来比较：请一遇到竞品就写上。"
        )
    sound = [r for r in met if not r.rate.reason]
    if not sound:
        return text + "；各家结束的都太少，不比高低。"
    worst = min(sound, key=lambda r: r.rate.value or 0.0)
    interval, base = worst.rate.interval, alone.value
    if interval is not None and base is not None and interval[1] < base:
        text += f"；对{worst.name}的赢单率{worst.rate.value or 0:.0%}，"
        return text + f"明显低于没有竞争的{base:.0%}。"
    return text + "；对各家的赢单率与没有竞争时的差别在随机波动之内。"
