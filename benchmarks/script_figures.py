"""The figures of the pandas and openpyxl script: what every workbook's summary tabs show."""

from math import sqrt
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.data import AS_OF, OPEN_STAGES
from benchmarks.script_book import Block, Chart, Tab

TODAY = pd.Timestamp(AS_OF)
FUNNEL = (*OPEN_STAGES, "成交")
DIMENSIONS = ("来源渠道", "负责人", "所属行业", "区域", "线索等级")
MONTHS = pd.period_range(end=TODAY.to_period("M"), periods=12, freq="M")
WEEKS = pd.date_range(end=TODAY - pd.Timedelta(days=TODAY.weekday()), periods=12, freq="7D")
# Flag, its name in the list, days it is over, what to say and to do.
WARNINGS = (
    ("计划逾期", "下次跟进逾期", None, "下次跟进已逾期：今天联系，并填写新的下次跟进时间。"),
    ("从未跟进", "从未跟进", None, "还没有人联系：今天完成首次联系。"),
    ("流失风险", "流失风险", 30, "有流失风险：3个工作日内联系上，无望的转流失。"),
    ("静默7", "未跟进提醒经理", 7, "今天跟进，经理核实原因。"),
    ("静默3", "未跟进提醒负责人", 3, "今天跟进一次。"),
    ("没有计划", "没有跟进计划", None, "与客户约定下次跟进时间并填写。"),
    ("停留超期", "阶段停留超期", 15, "列出卡点，定下推进到下一阶段的动作。"),
    ("停滞", "停滞", 14, "重新评估优先级，推进或放弃。"),
    ("低价值", "低优先级商机", None, "排在其他客户之后，用标准方案跟进。"),
    ("录入超时", "录入超时", 1, "以后当天录入。"),
)
FLAGS = [flag for flag, *_ in WARNINGS]


def prepared(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the leads with outcome, furthest stage, the clocks and the warnings."""
    leads = frame.copy()
    for name in ("实际成交金额", "预计成交金额"):
        leads[name] = pd.to_numeric(leads[name], errors="coerce")
    status = leads["线索状态"]
    leads["结果"] = np.select([status == "成交", status == "流失"], ["成交", "流失"], "进行中")
    stage = status.where(status != "流失", leads["流失阶段"])
    leads["到达"] = stage.map({name: n for n, name in enumerate(FUNNEL)}).fillna(0).astype(int)
    leads["最远阶段"] = leads["到达"].map(dict(enumerate(FUNNEL)))
    is_open, won = leads["结果"] == "进行中", leads["结果"] == "成交"
    leads["周期"] = (leads["成交时间"] - leads["线索获取时间"]).dt.days.where(won)
    for name, since in (("账龄", "线索获取时间"), ("静默", "最后跟进时间")):
        leads[name] = (TODAY - leads[since]).dt.days.where(is_open)
    leads["停留"] = leads["账龄"].where(leads["到达"] == 0)
    leads["计划逾期"] = leads["下次跟进时间"] < TODAY
    leads["从未跟进"] = leads["最后跟进时间"].isna()
    for name, limit in (("流失风险", 30), ("静默7", 7), ("静默3", 3)):
        leads[name] = leads["静默"] > limit
    leads["没有计划"] = leads["下次跟进时间"].isna()
    leads["停留超期"], leads["停滞"] = leads["停留"] > 15, leads["停留"] > 14
    leads["低价值"] = leads["预计成交金额"] < 0.8 * leads.loc[won, "实际成交金额"].mean()
    known = leads["线索获取时间"].notna() & leads["录入时间"].notna()
    days = pd.Series(0, index=leads.index)
    days[known] = np.busday_count(
        leads.loc[known, "线索获取时间"].to_numpy("datetime64[D]"),
        leads.loc[known, "录入时间"].to_numpy("datetime64[D]"),
    )
    leads["录入超时"] = days > 1
    leads[FLAGS] = leads[FLAGS].apply(lambda flag: flag & is_open)
    return leads


def interval(good: float, size: float) -> str:
    """Return Wilson's 95 % interval in words."""
    if not size:
        return "—"
    share, z = good / size, 1.96
    centre, scale = share + z * z / (2 * size), 1 + z * z / size
    spread = z * sqrt(share * (1 - share) / size + z * z / (4 * size * size))
    return f"{max(0, (centre - spread) / scale):.1%}～{min(1, (centre + spread) / scale):.1%}"


def reasons(lost: pd.DataFrame) -> str:
    """Return the three most frequent lost reasons in words."""
    counts = lost["流失原因"].value_counts()
    return "、".join(f"{k} {n}（{n / counts.sum():.0%}）" for k, n in counts[:3].items()) or "—"


def place(leads: pd.DataFrame) -> pd.Series:
    """Say where each lead stands in its sheet."""
    return "线索跟踪 第" + leads["行"].astype(str) + "行"


def listed(leads: pd.DataFrame, columns: list[str]) -> list[Any]:
    """Return the rows of a list, texts and numbers as openpyxl takes them."""
    return leads[columns].astype(object).where(leads[columns].notna(), None).to_numpy().tolist()


def headline(leads: pd.DataFrame) -> Block:
    """Return the figures on top of the funnel and of the conversions."""
    count = leads["结果"].value_counts().reindex(["进行中", "成交", "流失"], fill_value=0)
    is_open, won, lost = count.tolist()
    row = [len(leads), is_open, won, lost, won / max(len(leads), 1), won / max(won + lost, 1)]
    money = leads.loc[leads["结果"] == "进行中", "预计成交金额"].sum()
    row += [leads["周期"].median(), leads["实际成交金额"].sum(), money]
    names = ("线索总数", "进行中", "成交", "流失", "总转化率", "赢单率", "成交周期中位数")
    return Block("总数", (*names, "成交金额", "进行中预计金额"), [row], shares=(4, 5))


def entered(leads: pd.DataFrame) -> pd.DataFrame:
    """Return the day each lead entered each stage, as far as it is known."""
    days = pd.DataFrame(dict.fromkeys(FUNNEL, pd.NaT), index=leads.index)
    return days.astype("datetime64[us]").assign(
        **{FUNNEL[0]: leads["线索获取时间"], "成交": leads["成交时间"]}
    )


def funnel(leads: pd.DataFrame) -> Tab:
    """Return the stages, the mature cohorts and exits of each step, and the leads behind them."""
    days, rows, views = entered(leads), [], []
    money = leads["实际成交金额"].where(leads["结果"] == "成交", leads["预计成交金额"])
    for n, name in enumerate(FUNNEL):
        reached, before = int((leads["到达"] >= n).sum()), int((leads["到达"] >= n - 1).sum())
        here = (leads["线索状态"] == name) & (leads["结果"] != "流失")
        lost = leads[(leads["结果"] == "流失") & (leads["到达"] == n)]
        ago = (TODAY - days[name]).dt.days
        now, then = int(ago.between(0, 29).sum()), int(ago.between(30, 59).sum())
        change = f"{(now - then) / then:.1%}（{now}/{then}）" if then else f"—（{now}/{then}）"
        step = reached / before if n and before else None
        rows.append(
            [
                *(name, reached, change, "—", "—", step, None if step is None else 1 - step),
                *(len(lost), reasons(lost), int(here.sum()), float(money[here].sum())),
            ]
        )
        views.append([name, *(_cohort(leads, days, n) if n else ["—"] * 7), *_stock(leads, here)])
    order = leads.sort_values(["到达", "行"], ascending=[False, True])
    order = order.assign(第几=order["到达"] + 1, 位置=place(order), 产品="（未填）")
    columns = ["客户名称", "线索编号", "负责人", "线索等级", "线索状态", "最远阶段", "第几", "结果"]
    columns += ["流失原因", "预计成交金额", "实际成交金额", "位置"]
    columns += ["来源渠道", "所属行业", "区域", "产品"]
    names = ("阶段", "到达过", "环比变化", "目标", "完成率", "转化率", "流失率", "在本阶段流失")
    view_names = ("进入的阶段", "队列转化率", "95%区间", "转化数/满期数", "满期天数")
    view_names += ("期内转化率", "退出转化率", "推进数/离开数", "占在库数量", "占在库金额")
    charts = (Chart("到达各阶段", 0, (1,)), Chart("转化率", 0, (5,)))
    return Tab(
        "漏斗分析",
        (f"截至 {AS_OF}", f"总数核对：线索 {len(leads)}"),
        (
            headline(leads),
            Block(
                "各阶段",
                (*names, "流失原因TOP3", "当前在库", "在库金额"),
                [*rows, ["合计", *[None] * 6, *(sum(row[k] for row in rows) for k in (7,))]],
                shares=(5, 6),
                bars=(1,),
                charts=charts,
            ),
            Block("三个视角", view_names, views, shares=(1, 5, 6, 8, 9)),
            Block("明细", tuple(columns), listed(order, columns), link=columns.index("位置")),
        ),
    )


def _cohort(leads: pd.DataFrame, days: pd.DataFrame, n: int) -> list[Any]:
    """Return the mature cohort's conversion into a stage, and that of the latest exits."""
    age = (TODAY - days[FUNNEL[n - 1]]).dt.days
    passed = (TODAY - days.iloc[:, n:].min(axis=1)).dt.days
    there, on = leads["到达"] >= n - 1, leads["到达"] >= n
    took = (age - passed)[there & on]
    horizon = max(30, int(np.ceil(took.quantile(0.75)))) if took.notna().any() else 30
    mature = there & age.between(horizon, horizon + 364) & ~(on & passed.isna())
    size, good = int(mature.sum()), int((mature & on).sum())
    in_time = int((mature & on & (age - passed <= horizon)).sum())
    forward = int((on & passed.between(0, 29)).sum())
    left = forward + int(((leads["结果"] == "流失") & (leads["到达"] == n - 1) & (age < 30)).sum())
    return [
        *(good / size if size else None, interval(good, size), f"{good}/{size}", f"{horizon}天"),
        *(in_time / size if size else None, forward / left if left else None, f"{forward}/{left}"),
    ]


def _stock(leads: pd.DataFrame, here: "pd.Series[bool]") -> list[float]:
    is_open = leads["结果"] == "进行中"
    money = leads["预计成交金额"]
    return [
        float((here & is_open).sum() / max(is_open.sum(), 1)),
        float(money[here & is_open].sum() / max(money[is_open].sum(), 1)),
    ]


def conversion(leads: pd.DataFrame) -> Tab:
    """Return the steps with their intervals and times, and the leads by each dimension."""
    days, steps = entered(leads), []
    for n, name in enumerate(FUNNEL):
        reached, before = int((leads["到达"] >= n).sum()), int((leads["到达"] >= n - 1).sum())
        took = (days[name] - days[FUNNEL[n - 1]]).dt.days.dropna() if n else pd.Series(dtype=float)
        lost = leads[(leads["结果"] == "流失") & (leads["到达"] == n - 1)]
        waiting = leads.loc[leads["线索状态"] == name, "停留"].dropna()
        steps.append(
            [
                *(
                    name,
                    reached,
                    reached if n else None,
                    reached / before if n and before else None,
                ),
                *(interval(reached, before) if n else "—", took.mean(), len(took)),
                *(took.median(), len(waiting), waiting.median(), reasons(lost)),
            ]
        )
    names = ("阶段", "进入客户数", "转化数", "转化率", "95%区间", "平均停留", "条数", "停留中位数")
    names += ("仍在的", "仍在的停留中位数", "主要流失原因")
    first = Block("各步", names, steps, shares=(3,), charts=(Chart("各步转化率", 0, (3,)),))
    sentences = (f"截至 {AS_OF}", *_rates(leads))
    groups = [_group(leads, name) for name in DIMENSIONS if leads[name].notna().any()]
    return Tab("转化分析", sentences, (headline(leads), first, *groups))


def _rates(leads: pd.DataFrame) -> list[str]:
    won, closed = (leads["结果"] == "成交").sum(), (leads["结果"] != "进行中").sum()
    parts = (("总转化率", won, len(leads)), ("赢单率", won, closed))
    parts += tuple(
        (f"到达{name}的比例", (leads["到达"] >= n).sum(), len(leads))
        for n, name in enumerate(FUNNEL[:3])
    )
    return [f"{name} {a / max(b, 1):.1%}（{a}/{b}）区间{interval(a, b)}" for name, a, b in parts]


def _group(leads: pd.DataFrame, name: str) -> Block:
    won, is_open = leads["结果"] == "成交", leads["结果"] == "进行中"
    mature = leads["线索获取时间"] <= TODAY - pd.Timedelta(days=30)
    work = leads.assign(
        成交=won,
        流失=leads["结果"] == "流失",
        进行中=is_open,
        满期=mature,
        期内=mature & won & (leads["周期"] <= 30),
        成交金额=leads["实际成交金额"].where(won),
        预计=leads["预计成交金额"].where(is_open),
    )
    sums = work.groupby(work[name].fillna("（未填）")).agg(
        线索=("结果", "size"),
        **{key: (key, "sum") for key in ("成交", "流失", "进行中", "期内", "满期")},
        **{key: (key, "sum") for key in ("成交金额", "预计")},
        周期=("周期", "median"),
    )
    lost = {key: reasons(part) for key, part in work[work["流失"]].groupby(name)}
    rows = [
        [
            *(key, s["线索"], s["成交"], s["流失"], s["进行中"], s["成交"] / s["线索"]),
            *(
                s["成交"] / max(s["成交"] + s["流失"], 1),
                interval(s["成交"], s["成交"] + s["流失"]),
            ),
            f"{s['期内'] / max(s['满期'], 1):.1%}（{s['期内']:.0f}/{s['满期']:.0f}）"
            + interval(s["期内"], s["满期"]),
            *(s["成交金额"], s["预计"], s["周期"], lost.get(key, "—")),
        ]
        for key, s in sums.sort_values("线索", ascending=False).to_dict("index").items()
    ]
    rows.append(["合计", *sums[["线索", "成交", "流失", "进行中"]].sum().tolist()])
    names = (name, "线索数", "成交", "流失", "进行中", "转化率", "赢单率", "赢单率95%区间")
    names += ("30天成单率", "成交金额", "进行中预计金额", "成交周期中位数", "主要流失原因")
    charts = (Chart(f"按{name}的赢单率", 0, (6,)),) if name == "来源渠道" else ()
    return Block(f"按{name}", names, rows, shares=(5, 6), charts=charts)


def overdue(leads: pd.DataFrame) -> Tab:
    """Return the warnings, the same by person, and the open leads, most urgent first."""
    is_open = leads[leads["结果"] == "进行中"]
    counts = is_open[FLAGS].sum()
    rows = [[name, int(counts[flag]), limit, text] for flag, name, limit, text in WARNINGS]
    any_flag = is_open[FLAGS].any(axis=1)
    by = is_open.assign(待处理=any_flag).groupby("负责人")[["待处理", *FLAGS]].sum().reset_index()
    words = [
        [(name, text) for (_, name, _, text), on in zip(WARNINGS, flags, strict=True) if on]
        for flags in is_open[FLAGS].to_numpy().tolist()
    ]
    todo = is_open.assign(
        先后=[len(FLAGS) if not w else FLAGS.index(_flag(w[0][0])) for w in words],
        提醒=["、".join(name for name, _ in w) for w in words],
        要做=[w[0][1] if w else "" for w in words],
        位置=place(is_open),
        优先="",
        提醒谁=np.where(is_open["静默7"], "经理", "负责人"),
    ).sort_values(["负责人", "先后", "静默"], ascending=[True, True, False])
    columns = ["负责人", "客户名称", "线索状态", "静默", "停留", "账龄", "下次跟进时间"]
    columns += ["预计成交金额", "优先", "提醒谁", "提醒", "要做", "位置", "最后跟进时间"]
    columns += ["线索获取时间", "线索编号", "线索等级"]
    people = Block("按负责人", tuple(by.columns), listed(by, list(by.columns)), red=(1, 2, 3, 4, 5))
    return Tab(
        "逾期预警",
        (f"截至 {AS_OF}，进行中线索 {len(is_open)} 条",),
        (
            Block(
                "预警",
                ("预警项目", "数量", "超过(天)", "先做什么"),
                rows,
                red=(1,),
                charts=(Chart("预警", 0, (1,)),),
            ),
            people,
            Block("进行中线索", tuple(columns), listed(todo, columns), link=columns.index("位置")),
        ),
    )


def _flag(name: str) -> str:
    return next(flag for flag, called, *_ in WARNINGS if called == name)


def focus(leads: pd.DataFrame) -> Tab:
    """Return the leads close to a deal or stuck for long, and how many each person has."""
    is_open = leads[leads["结果"] == "进行中"]
    high = (is_open["线索状态"] == "报价") | (is_open["线索等级"] == "A")
    stuck = is_open["停留"] > 30
    kind = np.select([high & stuck, high, stuck], ["高意向且久未推进", "高意向", "久未推进"], "")
    rows = is_open.assign(为什么=kind, 进展="还没有跟进", 下一步="", 位置=place(is_open))
    chosen = rows[rows["为什么"] != ""].sort_values(
        ["负责人", "为什么", "预计成交金额"], ascending=[True, True, False]
    )
    chosen = chosen.assign(动作="约定签约前的最后几步和日期，需要的协作本周提出")
    table = pd.crosstab(chosen["负责人"], chosen["为什么"]).reindex(
        columns=["高意向且久未推进", "高意向", "久未推进"], fill_value=0
    )
    stages = pd.crosstab(is_open["负责人"], is_open["线索状态"])
    money = chosen.groupby("负责人")["预计成交金额"].sum()
    people = [
        [name, sum(row), *row, float(money[name]), str(stages.loc[name].to_dict())]
        for name, row in zip(table.index, table.to_numpy().tolist(), strict=True)
    ]
    columns = ["负责人", "为什么", "线索状态", "停留", "静默", "预计成交金额", "客户名称", "进展"]
    columns += ["下一步", "下次跟进时间", "动作", "位置", "线索编号", "线索等级"]
    names = ("负责人", "攻坚合计", *table.columns, "预计金额", "各阶段的进行中线索")
    return Tab(
        "攻坚清单",
        (f"{AS_OF.month}月攻坚{len(chosen)}条",),
        (
            Block("按负责人", names, people, red=(2,), charts=(Chart("攻坚", 0, (1,)),)),
            Block("清单", tuple(columns), listed(chosen, columns), link=columns.index("位置")),
        ),
    )


def counted(leads: pd.DataFrame, days: pd.DatetimeIndex | pd.PeriodIndex) -> list[list[Any]]:
    """Count by week or month what came and what was won: label, start, new, won, sales."""
    of: Any = _week if isinstance(days, pd.DatetimeIndex) else _month
    won = leads[leads["结果"] == "成交"]
    new = of(leads["线索获取时间"]).value_counts()
    deals, sales = of(won["成交时间"]).value_counts(), won.groupby(of(won["成交时间"]))
    money = sales["实际成交金额"].sum()
    return [
        [
            *(str(day)[:10], pd.Timestamp(str(day)).to_pydatetime(), int(new.get(day, 0))),
            *(int(deals.get(day, 0)), float(money.get(day, 0.0))),
        ]
        for day in days
    ]


def _week(days: pd.Series) -> pd.Series:
    return days.dt.normalize() - pd.to_timedelta(days.dt.weekday, unit="D")


def _month(days: pd.Series) -> pd.Series:
    return days.dt.to_period("M")
