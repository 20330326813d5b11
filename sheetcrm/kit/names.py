"""The names that rules, drop-downs and formats use for what stands in the 设置 tab."""

import re

# TODAY() on input sheets; rules evaluated in Python give it the run's date.
TODAY = "今天"
# Every working day of the years around, the company's exceptions included.
WORKING_DAYS = "工作日"
# One line a status label, side by side in the 设置 tab.
STAGE_LABELS = "阶段_状态"
STAGE_PHASES = "阶段_节点"
STAGE_KINDS = "阶段_类型"
_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9_\u4e00-\u9fff]")


def list_name(name: str) -> str:
    """Return the defined name of the list shown under that name in the 设置 tab."""
    return f"名单_{_plain(name)}"


def setting_name(name: str) -> str:
    """Return the defined name of the value of a threshold in the 设置 tab."""
    return f"参数_{_plain(name)}"


def _plain(text: str) -> str:
    return _NOT_IN_NAMES.sub("_", text).lstrip("_")
