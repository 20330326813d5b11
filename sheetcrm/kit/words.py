"""The Chinese words our tabs use for the closed vocabularies of the models."""

from collections.abc import Mapping
from typing import TypeVar

from sheetcrm.findings import Severity
from sheetcrm.kit.model import ColumnType, Phase, StageKind
from sheetcrm.kit.requirement import PHASE_NAMES

TYPE_NAMES: dict[ColumnType, str] = {
    "text": "文本",
    "id": "编号",
    "date": "日期",
    "datetime": "日期时间",
    "integer": "整数",
    "number": "数字",
    "amount": "金额",
    "percent": "百分比",
    "phone": "电话",
    "email": "邮箱",
    "contact": "联系方式",
    "choice": "选项",
    "link": "链接",
}
KIND_NAMES: dict[StageKind, str] = {"open": "进行中", "won": "成交", "lost": "流失"}
SEVERITY_NAMES: dict[Severity, str] = {"error": "错误", "warning": "警告", "info": "提示"}
FLAG_NAMES: dict[bool, str] = {True: "是", False: "否"}
DAY_NAMES: dict[bool, str] = {True: "上班", False: "休息"}

TYPES: dict[str, ColumnType] = {name: key for key, name in TYPE_NAMES.items()} | {
    "文字": "text",
    "长日期": "date",
    "时间": "datetime",
    "小数": "number",
    "数值": "number",
    "手机": "phone",
    "邮件": "email",
    "下拉": "choice",
    "选择": "choice",
    "附件": "link",
}
KINDS: dict[str, StageKind] = {name: key for key, name in KIND_NAMES.items()} | {
    "未结束": "open",
    "赢单": "won",
    "已成交": "won",
    "输单": "lost",
    "丢单": "lost",
}
PHASE_WORDS: dict[str, Phase] = {name: key for key, name in PHASE_NAMES.items()}
SEVERITIES = {name: key for key, name in SEVERITY_NAMES.items()}
FLAGS = {"是": True, "√": True, "y": True, "启用": True, "否": False, "×": False, "n": False}
FLAGS |= {"停用": False, "": False}
DAYS = {"上班": True, "调休上班": True, "工作": True, "休息": False, "放假": False, "休": False}

T = TypeVar("T")


def listed(names: Mapping[T, str]) -> str:
    """Write the words one may use, for a message."""
    return "、".join(names.values())
