"""The functions rules may use: those that Excel 2010+, WPS and LibreOffice all calculate alike."""

from difflib import get_close_matches
from types import MappingProxyType

# Least and most arguments; 255 is Excel's limit.
MANY = 255
FUNCTIONS = MappingProxyType(
    {
        **dict.fromkeys(
            ("AND", "OR", "SUM", "MIN", "MAX", "AVERAGE", "COUNT", "COUNTA"), (1, MANY)
        ),
        **dict.fromkeys(("CONCATENATE", "SUMPRODUCT"), (1, MANY)),
        **dict.fromkeys(("NOT", "ISBLANK", "ISNUMBER", "ISTEXT", "ISERROR"), (1, 1)),
        **dict.fromkeys(("ISNA", "N", "LEN", "TRIM", "UPPER", "LOWER", "VALUE"), (1, 1)),
        **dict.fromkeys(("YEAR", "MONTH", "DAY", "INT", "ABS", "COUNTBLANK", "ROWS"), (1, 1)),
        **dict.fromkeys(("TRUE", "FALSE", "NA", "TODAY"), (0, 0)),
        **dict.fromkeys(("LEFT", "RIGHT", "WEEKDAY"), (1, 2)),
        **dict.fromkeys(("IFERROR", "EXACT", "REPT", "TEXT", "COUNTIF", "EDATE"), (2, 2)),
        **dict.fromkeys(("EOMONTH", "MOD", "ROUND", "ROUNDUP", "ROUNDDOWN", "INDEX"), (2, 2)),
        **dict.fromkeys(("SEARCH", "FIND", "SUMIF", "AVERAGEIF"), (2, 3)),
        **dict.fromkeys(("WORKDAY", "NETWORKDAYS"), (2, 3)),
        **dict.fromkeys(("MID", "DATE", "DATEDIF", "MATCH"), (3, 3)),
        "IF": (2, 3),
        "SUBSTITUTE": (3, 4),
        "CHOOSE": (2, MANY),
        "COUNTIFS": (2, MANY),
        "SUMIFS": (3, MANY),
        "AVERAGEIFS": (3, MANY),
    }
)
# Arguments that come in twos, after so many others.
PAIRED = MappingProxyType({"COUNTIFS": 0, "SUMIFS": 1, "AVERAGEIFS": 1})

# What people reach for, and what does the same in every Excel, WPS and LibreOffice.
INSTEAD = MappingProxyType(
    {
        "IFNA": "IFERROR",
        "IFS": "嵌套的IF",
        "SWITCH": "嵌套的IF",
        "XLOOKUP": "INDEX和MATCH",
        "VLOOKUP": "INDEX和MATCH",
        "HLOOKUP": "INDEX和MATCH",
        "LOOKUP": "INDEX和MATCH",
        "XMATCH": "MATCH",
        "TEXTJOIN": "&",
        "CONCAT": "&",
        "MAXIFS": "COUNTIFS",
        "MINIFS": "COUNTIFS",
        "XOR": "<>",
        "NOW": "今天",
        "UNIQUE": "COUNTIFS",
        "FILTER": "COUNTIFS",
        "DATEVALUE": "DATE",
        "WORKDAY.INTL": "COUNTIFS(工作日,…)",
        "NETWORKDAYS.INTL": "COUNTIFS(工作日,…)",
    }
)


def instead_of(name: str) -> str:
    """Return advice about a function that rules do not know; "" where there is none."""
    if name in INSTEAD:
        return f"请改用{INSTEAD[name]}"
    close = get_close_matches(name, FUNCTIONS, n=1, cutoff=0.7)
    return f"是不是{close[0]}" if close else ""


def arity_problem(name: str, count: int) -> str:
    """Say in Chinese what is wrong with a number of arguments; "" if nothing is."""
    least, most = FUNCTIONS[name]
    if count < least:
        return f"{name}至少要有{least}个参数，现在有{count}个"
    if count > most:
        return f"{name}最多有{most}个参数，现在有{count}个"
    if name in PAIRED and (count - PAIRED[name]) % 2:
        return f"{name}的区域和条件要成对，现在有{count}个参数"
    return ""
