"""攻坚清单: the leads worth an effort this month: close to a deal, or stuck for long."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from sheetcrm.kit.model import Phase
from sheetcrm.metrics.columns import UNFILLED
from sheetcrm.metrics.dataset import Dataset
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
    total = _person("合计", open_, rows, stages)
    said = [f"处在{'、'.join(f'“{name}”' for name in near)}"] if near else []
    said += [f"等级为{best}"] if best else []
    definition = f"高意向＝{'或'.join(said)}；久未推进＝在当前阶段停留超过{limit:g}天"
    return Focus(
        stages=stages,
        people=people,
        total=total,
        definition=definition,
        sentence=_sentence(total, rows, summary),
        open=open_,
        rows=_ranked(rows, people),
    )


def _told(rows: pd.DataFrame, data: Dataset, summary: Summary) -> pd.DataFrame:
    """Add what was agreed last, what happened this month, and what to do."""
    log, leads = data.frames["follow_up"], data.frames["lead"]
    end = pd.Timestamp(summary.as_of) + pd.Timedelta(days=1)
    start = pd.Timestamp(summary.as_of.replace(day=1))
    done = log[(log["lead"] >= 0) & (log["followed_on"] < end)]
    key = leads["key"].reindex(rows.index)
    planned = pd.Series(np.nan, index=rows.index, dtype="str")
    if "next_action" in done:
        last = done.sort_values("followed_on", kind="stable").drop_duplicates("lead", keep="last")
        found = last.set_index("lead")["next_action"].reindex(key)
        planned = found.set_axis(rows.index)
    month = done[done["followed_on"] >= start]
    talks = month.groupby("lead").size().reindex(key, fill_value=0).set_axis(rows.index)
    moved = rows["entered_stage_on"] >= start
    text = "跟进" + talks.astype("str") + "次"
    text = text.where(talks > 0, "还没有跟进")
    entered = "，" + rows["entered_stage_on"].dt.strftime("%m-%d") + "进入“" + rows["stage"] + "”"
    progress = (text + entered.where(moved, "")).astype("str")
    rows = rows.assign(planned=planned, talks=talks.astype("int64"), progress=progress)
    return rows.assign(action=_actions(rows, data.kit.number("silent_days_manager")))


def _actions(rows: pd.DataFrame, silence: float) -> pd.Series:
    days = rows["dwell_days"].fillna(0).astype("int64").astype("str")
    stuck = "在“" + rows["stage"] + "”已" + days + "天：找出卡点，约决策人，定下成与不成的日期"
    high = pd.Series("问清需求、预算和决策人，尽快拿出方案", index=rows.index)
    high = high.mask(rows["near"], "约定签约前的最后几步和日期，需要的协作本周提出")
    both = "已在“" + rows["stage"] + "”" + days + "天：经理一起上门，把价格、条款一次谈清"
    text = stuck.mask(rows["kind"] == HIGH, high).mask(rows["kind"] == BOTH, both)
    silent = rows["silent_days"].fillna(0)
    lost_touch = "先恢复联系（已" + silent.astype("int64").astype("str") + "天没有联系）；"
    return (lost_touch.where(silent > silence, "") + text).astype("str")


def _people(open_: pd.DataFrame, rows: pd.DataFrame, stages: tuple[str, ...]) -> list[FocusPerson]:
    listed = {str(name): part for name, part in rows.groupby("owner", sort=False)}
    made = [
        _person(str(name), part, listed.get(str(name), rows[:0]), stages)
        for name, part in open_.groupby("owner", sort=False)
    ]
    return sorted(made, key=lambda p: (p.name == UNFILLED, -p.listed, -p.open, p.name))


def _person(
    name: str, open_: pd.DataFrame, rows: pd.DataFrame, stages: tuple[str, ...]
) -> FocusPerson:
    at, kinds = open_["stage"].value_counts(), rows["kind"].value_counts()
    return FocusPerson(
        name=name,
        open=len(open_),
        stages=tuple(int(at.get(stage, 0)) for stage in stages),
        kinds=tuple(int(kinds.get(kind, 0)) for kind in KINDS),
        amount=float(rows["expected_amount"].sum()),
    )


def _ranked(rows: pd.DataFrame, people: tuple[FocusPerson, ...]) -> pd.DataFrame:
    """Sort by person; both first, then by amount what is near, by days what is stuck."""
    kind = rows["kind"].map({name: n for n, name in enumerate(KINDS)})
    size = rows["expected_amount"].fillna(0).where(kind < len(KINDS) - 1, rows["dwell_days"])
    keys = rows.assign(
        _person=rows["owner"].map({p.name: n for n, p in enumerate(people)}),
        _kind=kind,
        _size=-size,
    )
    return rows.loc[keys.sort_values(["_person", "_kind", "_size"], kind="stable").index]


def _sentence(total: FocusPerson, rows: pd.DataFrame, summary: Summary) -> str:
    month = f"{summary.as_of.month}月"
    if not total.listed:
        return f"{month}没有要攻坚的客户：没有高意向的，也没有久未推进的。"
    both, high, stuck = total.kinds
    idle = int((rows["talks"] == 0).sum())
    text = f"{month}攻坚{total.listed}条：高意向{both + high}条、久未推进{both + stuck}条"
    text += f"（{both}条两样都占，最先攻）" if both else ""
    return text + (f"；本月还没有跟进的{idle}条。" if idle else "，本月都跟进过。")
