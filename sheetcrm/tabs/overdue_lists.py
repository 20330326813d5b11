"""The lists of 逾期预警: every open lead with its three clocks, the requests, the late promises."""

from datetime import date

import numpy as np
import pandas as pd

from sheetcrm.book.write_formula import serial
from sheetcrm.metrics.results import Summary
from sheetcrm.tabs.detail import LEAD_FIELDS, ORIGIN, Block, Shown, lead_frame, write_block
from sheetcrm.tabs.frame import Canvas, height, section
from sheetcrm.tabs.source import Places

NO_PLAN, NEVER, LOW_VALUE = "未计划", "从未跟进", "低优先级"
OPEN_REQUEST = "未完成"
_STATES = {"open": OPEN_REQUEST, "done": "已完成", "rejected": "已驳回"}
# So many days are formulas that follow the 截止日期 cell; in longer lists they are values.
MOST_LIVE_ROWS = 20_000

_CLOCKS = ("silent_days", "dwell_days", "age_days")
_LEAD_FIELDS = (
    LEAD_FIELDS["owner"],
    LEAD_FIELDS["company"],
    LEAD_FIELDS["status"],
    Shown("silent_days", "静默(天)", "cell+integer+center"),
    Shown("dwell_days", "停留(天)", "cell+integer+center"),
    Shown("age_days", "账龄(天)", "cell+integer+center"),
    Shown("next", "下次跟进", "cell+center"),
    LEAD_FIELDS["expected_amount"],
    Shown("value", "优先级提示", "cell+center"),
    Shown("escalate", "提醒谁", "cell+center"),
    Shown("reasons", "提醒", "cell+wrap+middle"),
    Shown("action", "先做什么", "cell+wrap+middle"),
    ORIGIN,
    Shown("last", "最后跟进", "cell+center"),
    Shown("entered_stage_on", "进入阶段", "cell"),
    Shown("acquired_on", "获取时间", "cell"),
    LEAD_FIELDS["lead_id"],
    LEAD_FIELDS["grade"],
)
_REQUEST_FIELDS = (
    Shown("responsible", "责任人"),
    Shown("company", "关联客户"),
    Shown("status", "状态"),
    Shown("priority", "优先级", "cell+center"),
    Shown("department", "协作部门", "cell+wrap+middle"),
    Shown("late", "逾期(天)", "cell+integer+center"),
    Shown("due_on", "要求完成", "cell"),
    Shown("requester", "提出人"),
    Shown("request_id", "需求编号"),
    Shown("escalate", "提醒谁", "cell+center"),
    Shown("content", "需求内容", "cell+wrap+middle"),
    Shown("action", "先做什么", "cell+wrap+middle"),
    ORIGIN,
    Shown("requested_on", "提出时间", "cell"),
    Shown("done_on", "完成时间", "cell"),
    Shown("state", "是否完成", "cell+center"),
)
_SERVICE_FIELDS = (
    Shown("owner", "责任人"),
    Shown("company", "客户名称"),
    Shown("level", "时限", "cell+center"),
    Shown("days", "工作日", "cell+integer+center"),
    Shown("limit", "时限(天)", "cell+integer+center"),
    Shown("over", "超过(天)", "cell+integer+center"),
    Shown("since", "从哪天起", "cell"),
    Shown("lead_id", "线索编号"),
    Shown("blank", ""),
    Shown("escalate", "提醒谁", "cell+center"),
    Shown("file_name", "来源文件"),
    Shown("action", "先做什么", "cell+wrap+middle"),
    ORIGIN,
)
OWNER, MANAGER = "本人", "本人、经理"
# A request or a promise that is late for more than so many days is the manager's as well.
MANAGER_AFTER = 3


def lead_list(canvas: Canvas, top: int, summary: Summary, places: Places) -> Block:
    """Write every open lead: by person, what to do first on top, those without a warning last."""
    section(canvas, top, "进行中线索名单", "每人先做的排在前面；没有提醒的排在最后。可以筛选。")
    frame = _lead_rows(summary)
    block = write_block(canvas, top + 1, _LEAD_FIELDS, frame, places.of_leads)
    for row, texts in enumerate(zip(frame["reasons"], frame["action"], strict=True), block.first):
        canvas.sheet.height(row, height(zip(texts, (24, 44), strict=True)))
    if len(frame) <= MOST_LIVE_ROWS:
        _clocks(canvas, block, frame)
    return block


def request_list(canvas: Canvas, top: int, summary: Summary, places: Places) -> Block:
    """Write the requests that are open or were done late, the latest first."""
    section(canvas, top, "协作需求名单", "未完成的（逾期最久的在前），以及超期才完成的。")
    frame = _request_rows(summary)
    block = write_block(canvas, top + 1, _REQUEST_FIELDS, frame, places.of_rows)
    for row, texts in enumerate(zip(frame["content"], frame["action"], strict=True), block.first):
        canvas.sheet.height(row, height(zip(texts, (24, 44), strict=True)))
    waiting = frame["state"].eq(OPEN_REQUEST) & frame["due_on"].notna()
    for row, live in enumerate(waiting, block.first):
        if live and len(frame) <= MOST_LIVE_ROWS:
            days = float(frame["late"].iloc[row - block.first])
            formula = f"MAX(0,{canvas.as_of_cell}-$G{row})"
            canvas.sheet.formula(row, 6, formula, days, "cell+integer+center")
    if not len(frame):
        canvas.sheet.text(top + 2, 1, "没有未完成或超期完成的协作需求。", "plain")
        return Block(block.first, block.first, block.width, {})
    return block


def service_list(canvas: Canvas, top: int, summary: Summary, places: Places) -> Block:
    """Write the promises that are late, what the customer waits for first."""
    section(canvas, top, "服务时限名单", "按工作日算，已扣除节假日；还没做的从今天算。")
    frame = summary.overdue.services.reset_index(drop=True)
    over = frame["days"] - frame["limit"]
    frame = frame.assign(
        position=range(len(frame)),
        over=over,
        blank=None,
        escalate=_told(over > MANAGER_AFTER, over > 0),
        file_name=frame["file"].str.replace(r"^.*[\\/]", "", regex=True),
    )
    block = write_block(canvas, top + 1, _SERVICE_FIELDS, frame, places.of_rows)
    for row, text in enumerate(frame["action"], block.first):
        canvas.sheet.height(row, height([(text, 44)]))
    if not len(frame):
        canvas.sheet.text(top + 2, 1, "没有超过服务时限的事项。", "plain")
        return Block(block.first, block.first, block.width, {})
    return block


def _lead_rows(summary: Summary) -> pd.DataFrame:
    frame = lead_frame(summary.leads)
    frame = frame[frame["outcome"] == "open"]
    listed = [person.rows for person in summary.overdue.people if len(person.rows)]
    marked = pd.concat(listed) if listed else summary.leads.iloc[:0].assign(reasons="", action="")
    positions = summary.leads.index.get_indexer(marked.index)
    marked = marked[["reasons", "action"]].set_axis(positions)
    rest = frame.loc[~frame["position"].isin(positions), "position"]
    order = [*positions, *rest]
    frame = frame.join(marked).loc[order]
    return frame.assign(
        next=frame["next_follow_up"].astype(object).where(frame["next_follow_up"].notna(), NO_PLAN),
        last=frame["last_follow_up"].astype(object).where(~frame["never_followed_up"], NEVER),
        value=frame["low_value"].map({True: LOW_VALUE, False: None}),
        escalate=_escalation(frame),
    )


def _escalation(leads: pd.DataFrame) -> pd.Series:
    """Say who is told of each lead: its owner of any warning, the manager of the long silent."""
    told = leads["reasons"].notna() & (leads["reasons"] != "")
    return _told(leads["silent_manager"].astype(bool), told)


def _told(manager: pd.Series, owner: pd.Series) -> pd.Series:
    words = np.full(len(owner), None, dtype=object)
    words[owner.to_numpy(bool)] = OWNER
    words[manager.to_numpy(bool)] = MANAGER
    return pd.Series(words, index=owner.index, dtype=object)


def _request_rows(summary: Summary) -> pd.DataFrame:
    frame = summary.requests.reset_index(drop=True)
    frame = frame.assign(position=range(len(frame)))
    late = frame["days_late"].fillna(0)
    keep = (frame["state"] == "open") | ((frame["state"] == "done") & (late > 0))
    waits = (frame["state"] == "open") & (late > 0)
    told = _told(waits & (late > MANAGER_AFTER), waits)
    frame = frame.assign(late=late, escalate=told, state=frame["state"].map(_STATES))[keep]
    ranks = frame.assign(closed=frame["state"] != OPEN_REQUEST)
    keys = ["closed", "late", "due_on", "position"]
    return ranks.sort_values(keys, ascending=[True, False, True, True], kind="stable")


def _clocks(canvas: Canvas, block: Block, frame: pd.DataFrame) -> None:
    """Turn the days into formulas over the dates beside them, where these are real dates."""
    today = serial(canvas.as_of)
    records = frame[["last", "acquired_on", "entered_stage_on", *_CLOCKS]].to_dict("records")
    for row, lead in enumerate(records, block.first):
        since = lead["last"] if _is_day(lead["last"]) else lead["acquired_on"]
        starts = (
            (4, f"IF(ISNUMBER($N{row}),$N{row},$P{row})", since),
            (5, f"$O{row}", lead["entered_stage_on"]),
            (6, f"$P{row}", lead["acquired_on"]),
        )
        for (column, cell, day), key in zip(starts, _CLOCKS, strict=True):
            days = lead[key]
            if _is_day(day) and days == max(0.0, today - serial(day)):
                formula = f"MAX(0,{canvas.as_of_cell}-{cell})"
                canvas.sheet.formula(row, column, formula, float(days), "cell+integer+center")


def _is_day(value: object) -> bool:
    # Earlier days are written as text: Excel and LibreOffice number them differently.
    return isinstance(value, date) and value == value and value.year > 1900
