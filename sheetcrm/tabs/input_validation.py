"""What the cells of an input column accept, and the hint and the refusal people read."""

from datetime import date

from sheetcrm.book.write_formula import serial
from sheetcrm.book.write_validation import Hint, Kind, Level, Validation
from sheetcrm.kit.model import Column, Kit
from sheetcrm.tabs.names import choices_name

# The three shapes of Chinese numbers, on digits without spaces and hyphens: a mobile number has 11
# digits and starts with 1 (86 before it is fine); a landline starts with 0 and its area code; a
# service number is 400- or 800-.
_PHONE = (
    'ISNUMBER(FIND("|"&INT(SUBSTITUTE(SUBSTITUTE({c},"-","")," ","")/10^10)&"|","|1|861|")),'
    'COUNTIF({c},"0?????????*"),COUNTIF({c},"?00*-*")'
)
_EMAIL = 'COUNTIF({c},"?*@?*.?*")'
# WeChat's own rule: 6 to 20 characters, a letter first.
_WECHAT = "AND(LEN({c})>5,LEN({c})<21,NOT(EXACT(LOWER(LEFT({c})),UPPER(LEFT({c})))))"

_FORMULAS = {
    "phone": f"OR({_PHONE})",
    "email": f"{_EMAIL}=1",
    "contact": f"OR({_PHONE},{_EMAIL},{_WECHAT})",
}
_ERRORS = {
    "phone": (
        "这不像电话号码：手机11位；座机写区号，如 0571-88886666；400电话写 400-…。"
        "确实无误请选“是”。"
    ),
    "email": "这不像邮箱地址，应当如 name@company.com。确实无误请选“是”。",
    "contact": (
        "这不像电话、微信或邮箱：手机11位；座机写区号，如 0571-88886666；"
        "微信号6-20位、字母开头；邮箱要有@。确实无误请选“是”。"
    ),
    "date": "请填日期，如 2024-05-01（用“-”或“/”隔开，不要写“5月1号”或“2024.5.1”）。",
    "datetime": "请填日期和时间，如 2024-05-01 09:30（中间一个空格）。",
    "integer": "请填不小于0的整数，不要带单位和文字。",
    "number": "请填不小于0的数字，不要带单位和文字。",
    "amount": "请填不小于0的数字，单位见表头；不要写“万”“元”“约”等字。",
    "percent": "请填百分比，如 15%。",
}
# The days `values.dates` takes a bare number for.
FIRST_DAY = serial(date(1990, 1, 1))
LAST_DAY = serial(date(2099, 12, 31))
PERCENT_LIMIT = 100
_BOUNDS: dict[str, tuple[Kind, float, float | None]] = {
    "date": ("date", FIRST_DAY, LAST_DAY),
    "datetime": ("date", FIRST_DAY, LAST_DAY),
    "integer": ("whole", 0, None),
    "number": ("decimal", 0, None),
    "amount": ("decimal", 0, None),
    "percent": ("decimal", 0, PERCENT_LIMIT),
}


def column_validation(column: Column, kit: Kit, cell: str, hint: str) -> Validation:
    """Return the rule of a column.

    Args:
        column: The column.
        kit: Its kit, for the lists.
        cell: A1 name of the column's first data cell.
        hint: The sentence shown when a cell is selected.
    """
    if source := choices_name(kit, column):
        return _choice(column, kit, source, hint)
    if column.type in _FORMULAS:
        said = _hint(column, hint, "warning")
        return Validation("custom", said, formula=_FORMULAS[column.type].format(c=cell))
    said = _hint(column, hint)
    if column.type not in _BOUNDS:
        return Validation("any", said)
    kind, low, high = _BOUNDS[column.type]
    return Validation(kind, said, low=low, high=high)


def _choice(column: Column, kit: Kit, source: str, hint: str) -> Validation:
    listed = kit.list_by_key.get(column.list)
    refuses = column.strict and not (listed and listed.open)
    level: Level = "stop" if refuses else "warning"
    ending = "请从下拉列表里选；列表里没有的，请经理在“设置”页里加一行。"
    if not refuses:
        ending = "列表里没有这一项。确实要用请选“是”，并请经理把它加进“设置”页。"
    said = Hint(column.name, hint, f"{column.name}不在列表里", ending, level)
    return Validation("list", said, formula=source)


def _hint(column: Column, hint: str, level: Level = "stop") -> Hint:
    error = _ERRORS.get(column.type, "")
    return Hint(column.name, hint, f"{column.name}填写有误" if error else "", error, level)
