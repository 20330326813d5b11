"""The catalogue: every code with its severity, its Chinese sentence and its remedy.

Codes are never reused. Sentences name no sheet or cell (the place does); placeholders in braces are
filled by `finding(...)`. Families and numbers: the finding catalogue in docs/findings.md.
"""

from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning", "info"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "info")


@dataclass(frozen=True)
class Entry:
    """One code: what it is called, how bad it is, what it says and what to do about it."""

    code: str
    severity: Severity
    title: str
    message: str
    remedy: str


_ENTRIES = (
    Entry("FIL-01", "error", "文件打不开", "{reason}", "{remedy}"),
    Entry("REQ-01", "error", "必填项为空", "“{column}”是必填项，现在是空的", "请填写{column}"),
)

CATALOGUE: dict[str, Entry] = {e.code: e for e in _ENTRIES}
