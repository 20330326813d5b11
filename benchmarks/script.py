"""A weekly report by a straight pandas and openpyxl script, as a competent analyst would write it.

It works out what `sheetcrm weekly` writes for the same data and puts it into the workbooks: in a
person's own the stage log, dashboard, funnel with its three views, conversions by five dimensions
with intervals, warnings with the open leads, leads to concentrate on, customer cards, findings; in
the team's also the month's performance, trends, tiers, a review of won and lost, samples to be
checked, a reconciliation and all rows. Whole columns are worked on (groupby, masks), cells are
written once, with borders, formats, links to the rows, charts and conditional formats. Most scripts
set borders and formats cell by cell, which is nearly half of the time; with named styles that goes
away. Both are measured.

It spares itself what such a script has no answer to: live formulas, the parts of the workbook that
openpyxl drops when it saves, checks of the file before and after, a backup and a journal, finding
tables under other headings, other tables than the leads, working days by the Chinese calendar,
comparing with the run before.
"""

import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pandas as pd

from benchmarks.data import AS_OF
from benchmarks.peers import AMOUNTS, DATES, LISTS, PHONE, REQUIRED, TODAY
from benchmarks.script_book import Block, Chart, Row, Tab, dressed, named, write_tabs
from benchmarks.script_figures import (
    FLAGS,
    FUNNEL,
    MONTHS,
    WARNINGS,
    WEEKS,
    conversion,
    counted,
    focus,
    funnel,
    listed,
    overdue,
    place,
    prepared,
)
from benchmarks.script_team import team_tabs

CARDS = 60
_CARD = (
    *("线索编号", "负责人", "线索状态", "线索等级", "预计成交金额", "来源渠道", "所属行业", "区域"),
    *("联系人", "线索获取时间", "最后跟进时间", "下次跟进时间", "账龄", "停留", "静默", "初步需求"),
)
# What else a card shows, blank where the sheet has no such column.
_BLANK = (
    "预计采购时间",
    "产品",
    "客户痛点",
    "需求优先级",
    "决策人",
    "预算范围",
    "竞争对手",
    "需求标签",
)


def weekly_script(source: str, folder: str, *, styles: bool = False) -> Callable[[], object]:
    """Return the script's run over a copy of a folder, its team workbook with it.

    Args:
        source: The folder.
        folder: Where the copy is made.
        styles: Give the cells named styles instead of borders and formats one by one.
    """
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(source, folder)
    dress = named if styles else dressed

    def job() -> None:
        frames, all_found = [], []
        for path in sorted(Path(folder).glob("*.xlsx")):
            frame = pd.read_excel(path, engine="openpyxl", dtype={"联系方式": str})
            frame["行"], frame["文件"] = frame.index + 2, path.name
            found, leads = findings(frame), prepared(frame)
            tabs = [stage_log(leads), *report(leads), findings_tab(found)]
            write_tabs(path, tabs, dress)
            frames.append(leads)
            all_found += found
        team = pd.concat(frames, ignore_index=True)
        target = Path(folder) / "团队汇总.xlsx"
        tabs = [*report(team), *team_tabs(team), findings_tab(all_found)]
        write_tabs(target, tabs, dress, new=True)

    return job


def report(leads: pd.DataFrame) -> list[Tab]:
    """Return the tabs that every workbook has."""
    own = (funnel(leads), conversion(leads), overdue(leads), focus(leads), cards(leads))
    return [dashboard(leads), *own]


def findings(frame: pd.DataFrame) -> list[Row]:
    """Return what is wrong: file, sheet, row, column, value, what, who, the lead."""
    found: list[Row] = []

    def add(wrong: "pd.Series[bool]", name: str, text: str) -> None:
        for at in frame.index[wrong]:
            value, row = frame.at[at, name], frame.at[at, "行"]
            facts = (frame.at[at, "负责人"], frame.at[at, "线索编号"], frame.at[at, "文件"])
            found.append(["错误", "线索跟踪", row, name, str(value), text, *facts])

    for name in REQUIRED:
        add(frame[name].isna(), name, "必填项没有填写")
    for name, allowed in LISTS.items():
        add(frame[name].notna() & ~frame[name].isin(allowed), name, "不在可选范围内")
    for name in DATES:
        add(
            frame[name].notna() & pd.to_datetime(frame[name], errors="coerce").isna(),
            name,
            "不是日期",
        )
    for name in AMOUNTS:
        add(
            frame[name].notna() & pd.to_numeric(frame[name], errors="coerce").isna(),
            name,
            "不是数字",
        )
    phone = frame["联系方式"]
    add(phone.notna() & ~phone.str.fullmatch(PHONE, na=False), "联系方式", "手机号位数不对")
    for name in ("线索编号", "联系方式", "客户名称"):
        add(frame[name].notna() & frame[name].duplicated(), name, "与前面的行重复")
    status, acquired = frame["线索状态"], frame["线索获取时间"]
    lacks = frame["实际成交金额"].isna() | frame["成交时间"].isna()
    add((status == "成交") & lacks, "实际成交金额", "成交必须有金额和时间")
    add((status == "流失") & frame["流失原因"].isna(), "流失原因", "流失必须写原因")
    add(frame["成交时间"] < acquired, "成交时间", "早于获取时间")
    add(frame["录入时间"] < acquired, "录入时间", "早于获取时间")
    for name in ("线索获取时间", "录入时间", "成交时间", "最后跟进时间"):
        add(frame[name] > TODAY, name, "晚于今天")
    is_open = status.isin(FUNNEL[:-1])
    planned, last = frame["下次跟进时间"], frame["最后跟进时间"]
    add(is_open & (planned.isna() | (planned < TODAY)), "下次跟进时间", "没有跟进计划")
    add(is_open & ~(TODAY - last <= pd.Timedelta(days=3)), "最后跟进时间", "三天没有跟进")
    return found


def findings_tab(found: list[Row]) -> Tab:
    """Return the findings, and how many each person has."""
    people = Counter(str(row[6]) for row in found)
    names = ("级别", "工作表", "行", "字段", "当前内容", "问题", "负责人", "线索编号", "文件")
    return Tab(
        "校验结果",
        (f"截至 {AS_OF}",),
        (
            Block("按负责人", ("负责人", "问题"), [[k, n] for k, n in people.items()], red=(1,)),
            Block("问题清单", names, sorted(found, key=lambda row: str(row[6]))),
        ),
    )


def stage_log(leads: pd.DataFrame) -> Tab:
    """Return the stage every lead has now, to be compared with next time."""
    told = leads.assign(
        日期=TODAY, 项目="新增", 原值=None, 来源="首次记录", 序号=range(1, len(leads) + 1)
    )
    columns = [
        "日期",
        "线索编号",
        "客户名称",
        "项目",
        "原值",
        "线索状态",
        "负责人",
        "来源",
        "线索等级",
    ]
    columns += ["预计成交金额", "序号"]
    return Tab("阶段日志", (), (Block("记录", tuple(columns), listed(told, columns)),))


def dashboard(leads: pd.DataFrame) -> Tab:
    """Return the month at a glance, the warnings, whom to call first, the daily report, charts."""
    is_open, won = leads["结果"] == "进行中", leads["结果"] == "成交"
    month = MONTHS[-1].start_time
    deals = leads[won & leads["成交时间"].between(month, TODAY)]
    new = int((leads["线索获取时间"] >= month).sum())
    todo = leads[leads[FLAGS].any(axis=1)].sort_values("静默", ascending=False)
    tiles = [
        *(float(deals["实际成交金额"].sum()), "—", len(deals), new, int(is_open.sum()), len(todo)),
    ]
    counts = leads[FLAGS].sum()
    arrived, closed = leads["线索获取时间"], leads["成交时间"].where(won)
    lines = [
        f"{day:%m-%d}：新增{(arrived == day).sum()}条，成交{(closed == day).sum()}单"
        for day in (TODAY, TODAY - pd.Timedelta(days=1))
    ]
    reached = [int((leads["到达"] >= n).sum()) for n in range(len(FUNNEL))]
    stages = [[name, n, (reached[0] - n) / 2] for name, n in zip(FUNNEL, reached, strict=True)]
    called = todo.head(10).assign(位置=place(todo.head(10)))
    names = ("本月销售额", "目标完成率", "本月成交", "本月新增线索", "进行中线索", "待处理线索")
    times = ("期间", "起", "新增线索", "成交", "销售额")
    warnings = [[name, int(counts[flag])] for flag, name, *_ in WARNINGS]
    first = ["客户名称", "负责人", "静默", "位置"]
    return Tab(
        "仪表盘",
        (f"截至 {AS_OF}", *lines),
        (
            Block("本月", names, [tiles]),
            Block("预警", ("预警", "条数"), warnings, red=(1,)),
            Block("先联系的客户", tuple(first), listed(called, first), link=3),
            Block("到达", ("阶段", "到达", "留白"), stages, charts=(Chart("漏斗", 0, (1,)),)),
            Block(
                "周", times, counted(leads, WEEKS), charts=(Chart("新增", 0, (2, 3), line=True),)
            ),
            Block("月", times, counted(leads, MONTHS), charts=(Chart("销售额", 0, (4,)),)),
        ),
    )


def cards(leads: pd.DataFrame) -> Tab:
    """Return everything known of the most important open leads, and what happened with them."""
    is_open = leads[leads["结果"] == "进行中"]
    chosen = is_open.sort_values(
        ["流失风险", "预计成交金额", "到达"], ascending=[False, False, False]
    ).head(CARDS)
    chosen = chosen.assign(
        卡片=[f"{n}｜{name}" for n, name in enumerate(chosen["客户名称"], 1)],
        位置=place(chosen),
        先做什么="按时联系，推进到下一步",
        **dict.fromkeys(_BLANK, "—"),
    )
    columns = ["卡片", "位置", "客户名称", *_CARD, *_BLANK, "先做什么"]
    timeline = chosen.assign(
        日期=chosen["线索获取时间"], 事项="获取", 内容="从“" + chosen["来源渠道"] + "”得到线索"
    )
    told = ["卡片", "日期", "事项", "负责人", "内容", "位置"]
    card = chosen.iloc[0] if len(chosen) else pd.Series(dtype=object)
    shown = [[name, card.get(name)] for name in columns]
    return Tab(
        "客户卡片",
        (f"进行中 {len(is_open)} 条，卡片 {len(chosen)} 张",),
        (
            Block("卡片", ("项目", "内容"), shown),
            Block("时间线", tuple(told), listed(timeline, told), link=5),
            Block("卡片的数据", tuple(columns), listed(chosen, columns), link=1),
        ),
    )
