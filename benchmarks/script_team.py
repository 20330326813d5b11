"""The figures of the pandas and openpyxl script that only the team's workbook has."""

from itertools import pairwise
from math import sqrt
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.data import AS_OF
from benchmarks.script_book import Block, Chart, Row, Tab
from benchmarks.script_figures import (
    DIMENSIONS,
    FLAGS,
    FUNNEL,
    MONTHS,
    TODAY,
    WARNINGS,
    WEEKS,
    counted,
    interval,
    listed,
    place,
)

MONTH = TODAY.replace(day=1)
TIERS = ("高价值潜客", "稳定客户", "流失风险客户")
REQUIRED = ("线索编号", "来源渠道", "客户名称", "联系方式", "线索获取时间", "线索状态", "负责人")


def team_tabs(leads: pd.DataFrame) -> list[Tab]:
    """Return the tabs that a person's own workbook does without."""
    tabs = (performance, trend, tiers, review, samples, reconciliation, rows)
    return [tab(leads) for tab in tabs]


def performance(leads: pd.DataFrame) -> Tab:
    """Return the month's sales, the projection, and how well records are kept, by person."""
    won = leads[leads["结果"] == "成交"]
    deals = won[won["成交时间"].between(MONTH, TODAY)]
    closed = leads[leads["结果"] != "进行中"].groupby("负责人")["结果"]
    rates = closed.agg(成交=lambda kind: (kind == "成交").sum(), 结束="size")
    mine = deals.groupby("负责人").agg(
        销售额=("实际成交金额", "sum"), 单数=("实际成交金额", "size"), 周期=("周期", "mean")
    )
    squares = (deals["实际成交金额"] ** 2).groupby(deals["负责人"]).sum()
    table = rates.join(mine).fillna({"销售额": 0.0, "单数": 0})
    table = table.sort_values("销售额", ascending=False)
    table["名次"] = table["销售额"].rank(method="min", ascending=False).astype(int)
    results: list[Row] = []
    for name, r in table.iterrows():
        error = 1.96 * sqrt(squares.get(name, 0.0))
        span = f"{max(0, r['销售额'] - error):,.0f}～{r['销售额'] + error:,.0f}" if error else "—"
        results.append(
            [
                *(name, r["名次"], r["销售额"], span, "—", "—", "—", r["单数"]),
                *(r["销售额"] / r["单数"] if r["单数"] else None, "—", r["成交"] / r["结束"]),
                *(interval(r["成交"], r["结束"]), r["周期"], f"已结束{r['结束']:.0f}条"),
            ]
        )
    months = won.groupby(["负责人", won["成交时间"].dt.to_period("M")])["实际成交金额"].sum()
    past = months.unstack(fill_value=0.0).reindex(columns=MONTHS[-7:-1], fill_value=0.0)
    projected = [
        [
            *(name, 6, row["销售额"] + past.loc[name].median()),
            *(row["销售额"] + past.loc[name].min(), row["销售额"] + past.loc[name].max()),
            *("—", "—", "—", "—", "按前六个月推算"),
        ]
        for name, row in table.iterrows()
        if name in past.index
    ]
    filled = leads[list(REQUIRED)].notna().groupby(leads["负责人"]).sum().sum(axis=1)
    in_time = (~leads["录入超时"]).groupby(leads["负责人"]).sum()
    size = leads.groupby("负责人").size()
    kept = [
        [
            *(name, 0, 0, "—", filled[name] / (size[name] * len(REQUIRED))),
            *(in_time[name] / size[name], "—", "—"),
        ]
        for name in table.index
    ]
    lost = leads[(leads["结果"] == "流失") & (leads["静默"] > 7)]
    names = (
        "负责人",
        "名次",
        "销售额",
        "销售额95%区间",
        "本月目标",
        "目标完成率",
        "缺口",
        "成交单数",
    )
    names += ("客单价", "回款率", "赢单率", "赢单率95%区间", "平均成交周期", "备注")
    charts = (Chart("销售额", 0, (2,)), Chart("赢单率", 0, (10,)))
    process = ("负责人", "每周跟进次数", "每周拜访次数", "方案及时率", "必填完整率", "录入及时率")
    return Tab(
        "业绩",
        (f"{AS_OF.month}月团队销售额{deals['实际成交金额'].sum():,.0f}元（{len(deals)}单）",),
        (
            Block("本月", names, results, shares=(10,), charts=charts),
            Block("月末预测", ("负责人", "月数", "预计月末", "最少", "最多"), projected),
            Block("过程指标", (*process, "跟进记录及时率", "有效跟进率"), kept, shares=(4, 5)),
            Block("负面清单", ("负责人", "客户名称"), listed(lost, ["负责人", "客户名称"])),
        ),
    )


def trend(leads: pd.DataFrame) -> Tab:
    """Return what came and was won by week, month and day, and the leads that moved."""
    days = pd.date_range(MONTH, TODAY, freq="D")
    won = leads[leads["结果"] == "成交"]
    new, deals = leads["线索获取时间"].value_counts(), won["成交时间"].value_counts()
    sales = won.groupby("成交时间")["实际成交金额"].sum()
    daily = [
        [
            *(f"{day:%m/%d}", day.to_pydatetime(), int(new.get(day, 0)), int(deals.get(day, 0))),
            float(sales.get(day, 0.0)),
        ]
        for day in days
    ]
    names = ("期间", "起", "新增线索", "成交", "销售额")
    dates = leads[["线索获取时间", "成交时间"]]
    recent = leads[(dates >= MONTHS[0].start_time).any(axis=1)]
    recent = recent.sort_values("线索获取时间").assign(位置=place(recent), 意向=recent["成交时间"])
    columns = ["负责人", "来源渠道", "线索等级", "客户名称", "线索编号", "线索获取时间", "意向"]
    columns += ["成交时间", "实际成交金额", "位置"]
    charts = (Chart("新增与成交", 0, (2, 3), line=True),)
    return Tab(
        "趋势",
        _drops(leads),
        (
            Block("按周", names, counted(leads, WEEKS), charts=charts),
            Block(
                "按月", names, counted(leads, MONTHS), charts=(Chart("销售额", 0, (4,)), *charts)
            ),
            Block("按日", names, daily, charts=charts),
            Block("明细", tuple(columns), listed(recent, columns), link=9),
        ),
    )


def _drops(leads: pd.DataFrame) -> tuple[str, ...]:
    """Say what fell by more than 15 % in the last full week."""
    before, now = counted(leads, WEEKS)[-3:-1]
    fell = [
        f"{name}由{before[at]:g}降到{now[at]:g}"
        for at, name in ((2, "新增线索"), (3, "成交"), (4, "销售额"))
        if before[at] and (before[at] - now[at]) / before[at] > 0.15
    ]
    return ("；".join(fell) or "上一个整周没有下降超过15%的指标",)


def tiers(leads: pd.DataFrame) -> Tab:
    """Return the customers by tier, the tiers by dimension, and everyone with what to do."""
    mean = leads.loc[leads["结果"] == "成交", "实际成交金额"].mean()
    rows = leads[leads["结果"] != "流失"]
    is_open = rows["结果"] == "进行中"
    large = is_open & ((rows["预计成交金额"] >= 1.5 * mean) | (rows["线索等级"] == "A"))
    tier = np.select([rows["流失风险"], large], [TIERS[2], TIERS[0]], TIERS[1])
    last = rows[["最后跟进时间", "成交时间"]].max(axis=1)
    due = (last + pd.to_timedelta(np.where(is_open, 7, 30), unit="D")).where(
        ~is_open | rows["下次跟进时间"].isna(), rows["下次跟进时间"]
    )
    late = (TODAY - due).dt.days.clip(lower=0).fillna(0)
    ahead = rows["线索状态"].map(dict(pairwise(FUNNEL))).fillna("下一步")
    what = np.where(late > 0, "已过" + late.astype(int).astype(str) + "天：今天", "按时")
    rows = rows.assign(
        层级=tier,
        应联系日期=due,
        已过=late,
        金额=rows["实际成交金额"].fillna(rows["预计成交金额"]),
        先做什么=np.where(is_open, what + "联系，推进到“" + ahead + "”", what + "回访"),
        位置=place(rows),
    ).sort_values(["层级", "已过", "金额"], ascending=[True, False, False])
    by = rows.groupby("层级").agg(客户数=("层级", "size"), 到期=("已过", lambda d: (d > 0).sum()))
    money = rows.groupby("层级")["金额"].sum()
    whole = [
        [t, int(by["客户数"].get(t, 0)), int(by["到期"].get(t, 0)), float(money.get(t, 0.0))]
        for t in TIERS
    ]
    names = ("层级", "客户数", "已到期该联系", "金额")
    columns = ["层级", "负责人", "线索等级", "静默", "应联系日期", "已过", "金额", "线索状态"]
    columns += ["客户名称", "先做什么", "位置", "所属行业", "区域", "来源渠道", "线索编号", "结果"]
    charts = (Chart("各层客户", 0, (1,)), Chart("各层金额", 0, (3,)))
    risk = rows[rows["层级"] == TIERS[2]].groupby("负责人")["金额"].agg(["size", "sum"])
    return Tab(
        "客户分层",
        (f"截至 {AS_OF}",),
        (
            Block("各层", names, whole, bars=(1,), charts=charts),
            Block("挽回任务", ("负责人", "任务数", "金额"), risk.reset_index().to_numpy().tolist()),
            *(_spread(rows, name) for name in DIMENSIONS if name != "负责人"),
            Block("客户名单", tuple(columns), listed(rows, columns), link=columns.index("位置")),
        ),
    )


def _spread(rows: pd.DataFrame, name: str) -> Block:
    table = pd.crosstab(rows[name], rows["层级"]).reindex(columns=list(TIERS), fill_value=0)
    is_open = (rows["结果"] == "进行中").groupby(rows[name]).sum()
    made = [
        [
            *(group, sum(row), int(is_open[group]), row[0], row[0] / max(is_open[group], 1)),
            *(row[1], row[2], row[2] / max(is_open[group], 1), interval(row[0], is_open[group])),
        ]
        for group, row in zip(table.index, table.to_numpy().tolist(), strict=True)
    ]
    names = (name, "客户数", "进行中", "高价值潜客", "高价值占比", "稳定客户", "流失风险客户")
    return Block(f"按{name}", (*names, "流失风险占比", "95%区间"), made, shares=(4, 7))


def review(leads: pd.DataFrame) -> Tab:
    """Return the words of the needs, the lost reasons, what won deals had, and all closed leads."""
    words = leads["初步需求"].dropna().str.findall(r"[\u4e00-\u9fff]{2,4}").explode().value_counts()
    lost, won = (leads[leads["结果"] == kind] for kind in ("流失", "成交"))
    why = lost["流失原因"].value_counts()
    closed = pd.concat([won, lost])
    traits: list[Row] = []
    for name in DIMENSIONS:
        if name == "负责人":
            continue
        for value, kinds in closed.groupby(name)["结果"]:
            good, size = int((kinds == "成交").sum()), len(kinds)
            rest, others = len(won) - good, len(closed) - size
            pooled = len(won) / len(closed)
            error = sqrt(pooled * (1 - pooled) * (1 / size + 1 / max(others, 1)))
            z = (good / size - rest / max(others, 1)) / error if error else 0.0
            traits.append(
                [
                    *(f"{name}：{value}", good, size - good, good / size, rest / max(others, 1)),
                    *(interval(good, size), "差别明显" if abs(z) > 3 else "在随机波动之内"),
                ]
            )
    closed = closed.assign(跟进次数=None, 首次响应=None, 产品="（未填）", 位置=place(closed))
    columns = [
        "客户名称",
        "结果",
        "跟进次数",
        "首次响应",
        "周期",
        "流失原因",
        "来源渠道",
        "所属行业",
    ]
    columns += ["位置", "区域", "产品", "线索等级", "负责人", "线索编号"]
    names = ("比什么", "成交", "流失", "赢单率", "其余的赢单率", "95%区间", "结论")
    return Tab(
        "复盘",
        (f"成交{len(won)}条与流失{len(lost)}条相比",),
        (
            Block("常见需求", ("词", "线索数"), [[w, int(n)] for w, n in words[:20].items()]),
            Block(
                "流失原因",
                ("流失原因", "线索数", "占比"),
                [[name, int(n), n / why.sum()] for name, n in why.items()],
                shares=(2,),
                charts=(Chart("流失原因", 0, (1,)),),
            ),
            Block("成交与流失", names, traits, shares=(3, 4), charts=(Chart("赢单率", 0, (3,)),)),
            Block("已结束的线索", tuple(columns), listed(closed, columns), link=8),
        ),
    )


def samples(leads: pd.DataFrame) -> Tab:
    """Return five leads a person to be checked against the customer."""
    drawn = leads.groupby("负责人").sample(5, random_state=AS_OF.isocalendar().week)
    drawn = drawn.assign(
        内容="联系人"
        + drawn["联系人"]
        + "；来源"
        + drawn["来源渠道"]
        + "；状态"
        + drawn["线索状态"],
        位置=place(drawn),
        核对结果=None,
        备注=None,
    )
    columns = ["负责人", "核对结果", "客户名称", "内容", "备注", "位置", "线索编号"]
    block = Block("本周抽检", tuple(columns), listed(drawn, columns), link=5)
    return Tab("抽检", (f"{AS_OF:%G-W%V}周：每人抽5行",), (block,))


def reconciliation(leads: pd.DataFrame) -> Tab:
    """Return totals worked out in two ways, and the sums by person."""
    is_open, won = leads["结果"] == "进行中", leads["结果"] == "成交"
    pairs: list[tuple[str, float, float]] = [
        ("进行中＋成交＋流失", float(leads["结果"].value_counts().sum()), float(len(leads))),
        ("各阶段在库", float(leads.loc[is_open, "线索状态"].value_counts().sum()), is_open.sum()),
    ]
    for name in DIMENSIONS:
        by = leads.groupby(leads[name].fillna(""))
        pairs.append((f"各{name}线索之和", float(by.size().sum()), float(len(leads))))
        deals = float(won.groupby(leads[name].fillna("")).sum().sum())
        pairs.append((f"各{name}成交之和", deals, float(won.sum())))
        money = float(by["实际成交金额"].sum().sum())
        pairs.append((f"各{name}成交金额之和", money, float(leads["实际成交金额"].sum())))
    for flag, name, *_ in WARNINGS:
        by_person = leads.groupby("负责人")[flag].sum().sum()
        pairs.append((f"“{name}”的数量", float(leads[flag].sum()), float(by_person)))
    checks = [[n, a, b, a - b, "一致" if abs(a - b) < 0.005 else "不一致"] for n, a, b in pairs]
    people = leads.assign(进行=is_open, 成交了=won).groupby("负责人")
    sums: Any = people[["进行", "成交了", "实际成交金额", *FLAGS[:2]]].sum().reset_index()
    return Tab(
        "对账",
        (f"{len(checks)}项核对",),
        (
            Block("核对", ("核对", "这样算", "那样算", "相差", "结果"), checks, red=(3,)),
            Block("按负责人", tuple(sums.columns), listed(sums, list(sums.columns))),
        ),
    )


def rows(leads: pd.DataFrame) -> Tab:
    """Return all rows of all workbooks."""
    told = leads.assign(位置=place(leads), 产品="（未填）", 当前阶段=leads["线索状态"])
    columns = ["文件", "位置", "线索编号", "客户名称", "负责人", "来源渠道", "线索等级", "线索状态"]
    columns += ["当前阶段", "结果", "预计成交金额", "实际成交金额", "最后跟进时间", "下次跟进时间"]
    columns += [
        "联系人",
        "所属行业",
        "区域",
        "产品",
        "最远阶段",
        "流失原因",
        "线索获取时间",
        "成交时间",
    ]
    return Tab("团队明细", (), (Block("明细", tuple(columns), listed(told, columns), link=1),))
