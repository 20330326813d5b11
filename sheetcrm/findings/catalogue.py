"""The catalogue: every code with its severity, its Chinese sentence and its remedy.

Codes are never reused. Sentences name no sheet or cell (the place does), except the other cell that
a value collides with. What each code means to a user: docs/findings.md, generated from here.
"""

import re

from sheetcrm.findings import (
    entries_cell,
    entries_exception,
    entries_file,
    entries_kit,
    entries_row,
    entries_rule,
    entries_service,
)
from sheetcrm.findings.entry import SEVERITIES, Entry, Severity

__all__ = ["CATALOGUE", "FAMILIES", "SEVERITIES", "Entry", "Severity", "facts_in_words"]

FAMILIES: dict[str, str] = {
    "FIL": "文件",
    "SHT": "工作表",
    "HDR": "表头",
    "ROW": "整行",
    "KIT": "设置",
    "RUL": "自己的规则",
    "EXC": "例外",
    "SUM": "汇总表",
    "REQ": "必填",
    "TYP": "类型",
    "FMT": "格式",
    "VAL": "选项",
    "AMT": "金额",
    "SEC": "安全",
    "DAT": "时间先后",
    "DUP": "重复",
    "REF": "引用",
    "STG": "阶段",
    "GRD": "等级",
    "SLA": "时限",
    "FUP": "跟进",
    "QLT": "记录质量",
}

CATALOGUE: dict[str, Entry] = {
    e.code: e
    for e in (
        *entries_file.ENTRIES,
        *entries_kit.ENTRIES,
        *entries_rule.ENTRIES,
        *entries_exception.ENTRIES,
        *entries_cell.ENTRIES,
        *entries_row.ENTRIES,
        *entries_service.ENTRIES,
    )
}

_FACTS = {
    "value": "值",
    "column": "列",
    "reason": "原因",
    "remedy": "办法",
    "other": "另一格",
    "expected": "应有的",
    "fixed": "处理后的值",
    "allowed": "选项",
    "count": "数",
    "total": "总数",
    "table": "表",
    "list": "名单",
    "label": "另一列",
    "days": "天数",
    "as_of": "检查日",
    "rule": "代码",
    "open_stage": "成交前的阶段",
    "doubt": "哪里不明确",
    "missing": "所缺的",
    "default": "默认值",
}


def facts_in_words(sentence: str) -> str:
    """Return a sentence of the catalogue with its placeholders as words, for documentation."""
    return re.sub(r"\{(\w+)[^}]*\}", lambda fact: f"〈{_FACTS.get(fact[1], '…')}〉", sentence)
