"""攻坚清单: the leads worth an effort this month: close to a deal, or stuck for long."""

from collections import Counter
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from sheetcrm.kit.model import Phase
from sheetcrm.metrics.columns import UNFILLED
from sheetcrm.metrics.dataset import Dataset
from sheetcrm.metrics.numbers import total
from sheetcrm.metrics.results import Summary
from sheetcrm.metrics.segments import best_grade

BOTH, HIGH, STUCK = "高意向且久未推进", "高意向", "久未推进"
KINDS = (BOTH, HIGH, STUCK)
# From here on a customer has an offer and talks about it.
_HIGH_PHASES: tuple[Phase, ...] = ("proposal", "negotiation")


@dataclass(frozen=True)
class FocusPerson:
    """One person's open leads: by stage (in the order of Focus.stages), by kind, and the money."""

    name: str
    open: int
    stages: tuple[int, ...]
    kinds: tuple[int, ...]
    amount: float

    @property
    def listed(self) -> int:
        """How many of them are on the list."""
        return sum(self.kinds)


@dataclass(frozen=True)
class Focus:
    """The list and its counts.

    `rows` are rows of Summary.leads with `kind` (of KINDS), `planned` (the next step agreed last),
    `talks` (follow-ups this month), `progress` and `action`; by person as in `people`, what to do
    first on top. `open` are all open leads, by person and stage.
    """

    stages: tuple[str, ...]
    people: tuple[FocusPerson, ...]
    total: FocusPerson
    definition: str
    sentence: str
    open: pd.DataFrame = field(repr=False, compare=False)
    rows: pd.DataFrame = field(repr=False, compare=False)


def focus(data: Dataset, summary: Summary) -> Focus:
    """Pick the leads to concentrate on."""
    kit, leads = data.kit, summary.leads
    limit, best = kit.number("focus_dwell_days"), best_grade(kit)
    near = [s.name for s in kit.pipeline.stages if s.phase in _HIGH_PHASES and s.kind == "open"]
    open_ = leads[leads["outcome"] == "open"]
    high = open_["stage"].isin(near) | ((open_["grade"] == best) if best else False)
    stuck = open_["dwell_days"] > limit
    kind = np.select([high & stuck, high, stuck], [BOTH, HIGH, STUCK], "")
    rows = open_.assign(kind=pd.Series(kind, index=open_.index, dtype="str"))
    rows = rows.assign(near=rows["stage"].isin(near))
    rows = _told(rows[rows["kind"] != ""], data, summary)
    stages = tuple(s.name for s in kit.pipeline.funnel if s.kind == "open")
    people = tuple(_people(open_, rows, stages))
    everybody = _person("合计", open_, rows, stages)
    said = [f"处在{'、'.join(f'“{name}”' for name in near)}"] if near else []
    said += [f"等级为{best}"] if best else []
    definition = f"高意向＝{'或'.join(said)}；久未推进＝在当前阶段停留超过{limit:g}天"
    return Focus(
        stages=stages,
        people=people,
        total=everybody,
        definition=definition,
        sentence=_sentence(everybody, rows, summary),
        open=open_,
        rows=_ranked(rows, people),
    )


def _told(rows: pd.DataFrame, data: Dataset, summary: Summary) -> pd.DataFrame:
    """Add what was agreed last, what happened this month, and what to do."""
    log, leads = data.frames["follow_up"], data.frames["lead"]
    end = np.datetime64(summary.as_of) + np.timedelta64(1, "D")
    start = np.datetime64(summary.as_of.replace(day=1))
    lead, day = log["lead"].to_numpy(), log["followed_on"].to_numpy()
    done = (lead >= 0) & (day < end)
    key = leads["key"].to_numpy()[leads.index.get_indexer(rows.index)]
    planned = pd.Series(np.nan, index=rows.index, dtype="str")
    if "next_action" in log and done.any():
        last = log[done].sort_values("followed_on", kind="stable")
        last = last.drop_duplicates("lead", keep="last")
        planned = last.set_index("lead")["next_action"].reindex(key).set_axis(rows.index)
    talks = np.bincount(lead[done & (day >= start)], minlength=len(leads))[key]
    entered = rows["entered_stage_on"].to_numpy()
    progress = [
        (f"跟进{count}次" if count else "还没有跟进")
        + (f"，{since:%m-%d}进入“{stage}”" if moved else "")
        for count, since, stage, moved in zip(
            talks.tolist(),
            rows["entered_stage_on"].tolist(),
            rows["stage"].tolist(),
            ((entered >= start) & (entered < end)).tolist(),
            strict=True,
        )
    ]
    told = pd.Series(progress, index=rows.index, dtype="str")
    rows = rows.assign(planned=planned, talks=talks.astype("int64"), progress=told)
    return rows.assign(action=_actions(rows, data.kit.number("silent_days_manager")))


def _actions(rows: pd.DataFrame, silence: float) -> pd.Series:
    dwelt, silent = (
        np.nan_to_num(rows[key].to_numpy("float64")) for key in ("dwell_days", "silent_days")
    )
    numbers = (dwelt.astype("int64").tolist(), silent.tolist())
    texts = []
    for kind, stage, near, days, quiet in zip(
        *(rows[key].tolist() for key in ("kind", "stage", "near")), *numbers, strict=True
    ):
        text = f"在“{stage}”已{days}天：找出卡点，约决策人，定下成与不成的日期"
        if kind == BOTH:
            text = f"已在“{stage}”{days}天：经理一起上门，把价格、条款一次谈清"
        elif kind == HIGH:
            text = "问清需求、预算和决策人，尽快拿出方案"
            if near:
                text = "约定签约前的最后几步和日期，需要的协作本周提出"
        touch = f"先恢复联系（已{int(quiet)}天没有联系）；" if quiet > silence else ""
        texts.append(touch + text)
    return pd.Series(texts, index=rows.index, dtype="str")


def _people(open_: pd.DataFrame, rows: pd.DataFrame, stages: tuple[str, ...]) -> list[FocusPerson]:
    owner, listed = (frame["owner"].to_numpy("object") for frame in (open_, rows))
    made = [
        _person(str(name), open_[owner == name], rows[listed == name], stages)
        for name in dict.fromkeys(owner)
    ]
    return sorted(made, key=lambda p: (p.name == UNFILLED, -p.listed, -p.open, p.name))


def _person(
    name: str, open_: pd.DataFrame, rows: pd.DataFrame, stages: tuple[str, ...]
) -> FocusPerson:
    at, kinds = Counter(open_["stage"].tolist()), Counter(rows["kind"].tolist())
    return FocusPerson(
        name=name,
        open=len(open_),
        stages=tuple(at[stage] for stage in stages),
        kinds=tuple(kinds[kind] for kind in KINDS),
        amount=total(rows["expected_amount"].to_numpy("float64")),
    )


def _ranked(rows: pd.DataFrame, people: tuple[FocusPerson, ...]) -> pd.DataFrame:
    """Sort by person; both first, then by amount what is near, by days what is stuck."""
    place = {p.name: n for n, p in enumerate(people)}
    person = np.array([place[owner] for owner in rows["owner"].tolist()], dtype="int64")
    kind = np.array([KINDS.index(name) for name in rows["kind"].tolist()], dtype="int64")
    amount, days = (rows[key].to_numpy("float64") for key in ("expected_amount", "dwell_days"))
    size = np.where(kind < len(KINDS) - 1, np.nan_to_num(amount), days)
    return rows.iloc[np.lexsort((-size, kind, person))]


def _sentence(total: FocusPerson, rows: pd.DataFrame, summary: Summary) -> str:
    month = f"{summary.as_of.month}月"
    if not total.listed:
        return f"{month}没有要攻坚的客户：没有高意向的，也没有久未推进的。"
    both, high, stuck = total.kinds
    idle = int((rows["talks"] == 0).sum())
    text = f"{month}攻坚{total.listed}条：高意向{both + high}条、久未推进{both + stuck}条"
    text += f"（{both}条两样都占，最先攻）" if both else ""
    return text + (f"；本月还没有跟进的{idle}条。" if idle else "，本月都跟进过。")
