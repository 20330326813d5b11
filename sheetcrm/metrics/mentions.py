"""What customers ask for and what they object to, out of the texts people write down."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from sheetcrm.kit.model import Kit
from sheetcrm.metrics.columns import GROUPS
from sheetcrm.metrics.dataset import Dataset
from sheetcrm.metrics.rate import Rate
from sheetcrm.metrics.results import Summary
from sheetcrm.metrics.terms import Terms, clauses, frequent

SHOWN = 12
# The texts of so many follow-ups are read, the latest; 异议类型 counts in all of them.
MOST_TALKS = 30_000
# Clauses that ask for something, and clauses that doubt something.
_ASKS = r"需要|希望|想|要求|关注|能否|能不能|是否支持|最好|对接|关心|打算"
_DOUBTS = (
    r"[太偏]|过高|贵|担心|顾虑|犹豫|存疑|怀疑|不够|不足|不支持|不满|不确定|没有预算|待审批|再商量|再考虑"
    r"|再看|再谈|搁置|暂缓|推迟|对比|竞品|压价|降价|优惠|折扣|便宜|来不及|异议|嫌|拖"
)
_NEED_TEXTS = ("initial_need", "pain_point")
_OTHER = ("其他", "其它")
# How customers put it, beside the names of the list and their aliases.
_HINTS: Mapping[str, tuple[str, ...]] = {
    "价格": ("贵", "报价", "折扣", "优惠", "便宜", "降价", "压价", "成本"),
    "功能": ("不支持", "接口", "对接", "定制"),
    "服务": ("培训", "响应慢", "没人管"),
    "交期": ("周期", "工期", "来不及", "上线时间"),
    "合同条款": ("付款", "违约", "条款"),
    "竞品对比": ("别家", "另一家", "对手"),
    "内部决策": ("审批", "预算", "领导", "汇报", "老板", "搁置"),
}
UNSORTED = "（没有归类）"


@dataclass(frozen=True)
class Objection:
    """One kind of objection: leads that raised it, in how many somebody said so in 异议类型.

    `won` is over the closed ones among them. `example` is a label of Mentions.doubts, -1 where
    there is no text.
    """

    name: str
    leads: int
    declared: int
    won: Rate
    example: int


@dataclass(frozen=True)
class Mentions:
    """Needs and objections.

    `asks` and `doubts` hold the texts they come from: `lead`, `text`, `day`, `file`, `sheet`, `row`
    and, of doubts, `kind` (a value of the objection list, NaN) and `declared`. `population` leads
    have any text at all; the texts of `unread` follow-ups are older than what is read.
    """

    population: int
    unread: int
    needs: Terms
    doubt_terms: Terms
    objections: tuple[Objection, ...]
    asks: pd.DataFrame = field(repr=False, compare=False)
    doubts: pd.DataFrame = field(repr=False, compare=False)


def mentions(data: Dataset, summary: Summary) -> Mentions:
    """Count needs and objections by lead, up to the day of the report."""
    log = _log(data, summary)
    read = log.iloc[:MOST_TALKS]
    asks = pd.concat(list(_asked(data, summary, read)), ignore_index=True)
    doubts = _doubted(log, data.kit)
    words, names = own_words(data.kit, summary), _names(summary)
    told = pd.concat([asks.loc[asks["text"].notna(), "lead"], log["lead"]])
    return Mentions(
        population=int(told[told >= 0].nunique()),
        unread=len(log) - len(read),
        needs=frequent(asks, words, names, SHOWN),
        doubt_terms=frequent(doubts, words, names, SHOWN),
        objections=tuple(_objections(doubts, summary, int(data.kit.number("bottleneck_min_n")))),
        asks=asks,
        doubts=doubts,
    )


def _log(data: Dataset, summary: Summary) -> pd.DataFrame:
    """Return the follow-ups up to the day of the report, the latest first."""
    log = data.frames["follow_up"]
    end = pd.Timestamp(summary.as_of) + pd.Timedelta(days=1)
    log = log[(log["lead"] >= 0) & ~(log["followed_on"] >= end)]
    blank = pd.Series(np.nan, index=log.index, dtype="str")
    keys = ("content", "feedback", "need", "objection", "next_action")
    told = log.assign(**{key: log.get(key, blank) for key in keys}, day=log["followed_on"])
    return told.sort_values("day", ascending=False, kind="stable", na_position="last")


_PLACE = ["lead", "day", "file", "sheet", "row"]


def _asked(data: Dataset, summary: Summary, log: pd.DataFrame) -> Iterator[pd.DataFrame]:
    source = data.frames["lead"]
    for key in _NEED_TEXTS:
        if key in source:
            leads = summary.leads.assign(lead=source["key"], day=summary.leads["acquired_on"])
            yield leads[_PLACE].assign(text=source[key])
    yield log[_PLACE].assign(text=log["need"])
    for key in ("content", "feedback"):
        yield log[_PLACE].assign(text=clauses(log[key], _ASKS))


def _doubted(log: pd.DataFrame, kit: Kit) -> pd.DataFrame:
    """Return the rows that object to something: 异议类型 says so, or a clause of the texts does."""
    read = log.iloc[:MOST_TALKS]
    said = clauses(read["feedback"], _DOUBTS)
    said = said.fillna(clauses(read.loc[said.isna(), "content"], _DOUBTS)).reindex(log.index)
    declared = log["objection"].notna()
    kind = log["objection"].fillna(_kinds(said, kit))
    rows = log.assign(text=said, kind=kind, declared=declared)
    return rows[said.notna() | declared].reset_index(drop=True)


def _kinds(texts: pd.Series, kit: Kit) -> pd.Series:
    """Return the first kind of objection whose name or alias stands in each text."""
    codes, unique = pd.factorize(texts)
    words = _words_by_kind(kit)
    kinds = [
        next((kind for kind, them in words.items() if any(w in text for w in them)), None)
        for text in unique
    ]
    found = np.array([*kinds, None], dtype="object")[codes]
    return pd.Series(found, index=texts.index, dtype="str")


def _words_by_kind(kit: Kit) -> Mapping[str, tuple[str, ...]]:
    found = kit.list_by_key.get("objection")
    return {
        item.value: (
            item.value,
            *(a for a in item.aliases if not a.isascii()),
            *_HINTS.get(item.value, ()),
        )
        for item in (found.items if found else ())
        if item.value not in _OTHER
    }


def _objections(doubts: pd.DataFrame, summary: Summary, enough: int) -> Iterator[Objection]:
    known = doubts.assign(kind=doubts["kind"].fillna(UNSORTED))
    outcome = summary.leads["outcome"]
    ranked = known.groupby("kind")["lead"].nunique()
    order = sorted(ranked.items(), key=lambda p: (p[0] == UNSORTED, -int(p[1]), str(p[0])))
    for name, leads in order:
        mine = known[known["kind"] == name]
        ends = outcome.reindex(mine["lead"].unique())
        won = int((ends == "won").sum())
        texts = mine[mine["text"].notna()].sort_values("day", ascending=False, kind="stable")
        yield Objection(
            name=str(name),
            leads=int(leads),
            declared=int(mine.loc[mine["declared"], "lead"].nunique()),
            won=Rate(won, won + int((ends == "lost").sum()), enough),
            example=int(texts.index[0]) if len(texts) else -1,
        )


def own_words(kit: Kit, summary: Summary) -> set[str]:
    """Return the words of the kit's lists and the products, that are never cut apart."""
    items = (item for each in kit.lists if each.key != "owner" for item in each.items)
    words = {word for item in items for word in (item.value, *item.aliases)}
    return words | {str(p) for p in summary.leads["product"].unique()}


def _names(summary: Summary) -> set[str]:
    """Return the names of people and groups, which say nothing of a need."""
    leads = summary.leads
    people = {str(name) for key in ("contact", "owner") for name in leads[key].dropna().unique()}
    groups = {str(v) for key in GROUPS if key != "product" for v in leads[key].unique()}
    return people | groups | {str(stage) for stage in leads["stage"].unique()}
