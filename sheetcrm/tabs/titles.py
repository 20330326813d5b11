"""The tabs that a run may write: their kinds, as in the journal and in state, and their names."""

from collections.abc import Mapping

# By kind, in the order the tabs stand in a workbook.
TITLES: Mapping[str, str] = {
    "dashboard": "仪表盘",
    "funnel": "漏斗分析",
    "conversion": "转化分析",
    "overdue": "逾期预警",
    "performance": "业绩",
    "trend": "趋势",
    "segments": "客户分层",
    "review": "复盘",
    "goals": "目标对比",
    "collaboration": "协作瓶颈",
    "focus": "攻坚清单",
    "sampling": "抽检",
    "cards": "客户卡片",
    "reconciliation": "对账",
    "team": "团队明细",
    "findings": "校验结果",
}
STAGE_LOG = "stage_log"
# 阶段日志 is appended to, the others are made anew.
ALL_TITLES: Mapping[str, str] = {**TITLES, STAGE_LOG: "阶段日志"}
TEAM_KINDS = tuple(kind for kind in TITLES if kind != "findings")
SUMMARY_KINDS = tuple(kind for kind in TEAM_KINDS if kind != "team")
