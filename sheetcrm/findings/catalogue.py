"""The catalogue: every code with its severity, its Chinese sentence and its remedy.

Codes are never reused. Sentences name no sheet or cell (the place does), except the other cell that
a value collides with. What each code means to a user: docs/findings.md, generated from here.
"""

from sheetcrm.findings import (
    entries_cell,
    entries_exception,
    entries_file,
    entries_import,
    entries_kit,
    entries_row,
    entries_rule,
    entries_service,
)
from sheetcrm.findings.entry import SEVERITIES, Entry, Severity

__all__ = ["CATALOGUE", "FAMILIES", "SEVERITIES", "Entry", "Severity"]

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
    "IMP": "导入",
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
        *entries_import.ENTRIES,
    )
}
