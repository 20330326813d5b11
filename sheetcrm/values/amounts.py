"""Amounts and numbers as people write them: 5万, 1.2亿, ￥50,000, 10-30万, 五万八."""

import math
import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

from sheetcrm.table import Cell
from sheetcrm.values.parsed import Parsed

Certainty = Literal["exact", "about", "at most", "at least", "range"]

_UNITS = {
    "十": 10.0, "百": 100.0, "千": 1e3, "k": 1e3, "万": 1e4, "w": 1e4, "十万": 1e5, "百万": 1e6,
    "千万": 1e7, "m": 1e6, "亿": 1e8, "kw": 1e7, "万亿": 1e12,
}  # fmt: skip
_DIGITS = {c: i % 10 for i, c in enumerate("零一二三四五六七八九〇壹贰叁肆伍陆柒捌玖")}
_DIGITS.update({"两": 2, "俩": 2})
_STEPS = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
_BIG = {"万": 10_000, "萬": 10_000, "亿": 100_000_000, "億": 100_000_000}
_WAN = 10_000
_CHINESE = "零一二三四五六七八九〇壹贰叁肆伍陆柒捌玖两俩十拾百佰千仟万萬亿億"

_CURRENCY = re.compile(r"人民币|rmb|cny|¥|￥", re.IGNORECASE)
_FOREIGN = (
    ("港元", re.compile(r"港币|港元|港纸|hkd|hk\$")),
    ("新台币", re.compile(r"新台币|台币|twd|nt\$")),
    ("新加坡元", re.compile(r"新加坡元|新加坡币|新币|sgd|s\$(?<!us\$)")),
    ("澳元", re.compile(r"澳元|澳币|aud|a\$")),
    ("加元", re.compile(r"加元|加币|cad|c\$")),
    ("美元", re.compile(r"美元|美金|usd|us\$|\$")),
    ("欧元", re.compile(r"欧元|eur|€")),
    ("英镑", re.compile(r"英镑|gbp|£")),
    ("日元", re.compile(r"日元|日圆|日币|jpy")),
    ("韩元", re.compile(r"韩元|韩币|krw|₩")),
    ("卢布", re.compile(r"卢布|rub|₽")),
)
_UNIT = r"(?P<{0}>十万|百万|千万|万亿|kw|[十百千万亿kwm])?"
_NUMBER = r"(?P<{0}>[+-]?(?:\d{{1,3}}(?:[, ]\d{{3}})+|\d+)(?:\.\d+)?|[+-]?\.\d+)"
_MONEY = r" *(?:块钱|块|元整|元|圆整|圆)?"
_ONE = re.compile(
    rf"{_NUMBER.format('number')} *{_UNIT.format('unit')}(?P<fraction>[1-9])?{_MONEY}"
)
_RANGE = re.compile(
    rf"{_NUMBER.format('low')} *{_UNIT.format('low_unit')}{_MONEY} *(?:-|~|至|到) *"
    rf"{_NUMBER.format('high')} *{_UNIT.format('high_unit')}{_MONEY}"
)
# 十几万 is 11 to 19 万; 三五万 and 七八万 are ranges too.
_SOME = re.compile(r"(?P<tens>[一二三四五六七八九]?十)几(?P<unit>[万亿]?)")
_EITHER = re.compile(
    r"(?P<low>[一二两三四五六七八])(?P<high>[二三四五六七八九])(?P<unit>百万|千万|[百千万亿])"
)
_TO = re.compile(r"-|~|至|到")
_SAYS = re.compile(r"^(?:预算|报价|合计|总计|总价|共)[: ]*|\((?:不?含税)\)$|(?:不?含税)$")
_ABOUT = re.compile(r"^(?:大约|大概|约|近|估计|预计)|(?:左右|上下|多|余)$")
_AT_MOST = re.compile(r"^(?:不超过|不高于|最多|小于|低于|<=|≤|<)|(?:以内|之内|以下|封顶|内)$")
_AT_LEAST = re.compile(r"^(?:不少于|不低于|至少|大于|高于|超过|>=|≥|>)|(?:以上|起|\+)$")


@dataclass(frozen=True)
class Amount:
    """An amount as read: `value` in yuan, or in the heading's unit; `low` and `high` its range.

    Of 8000元内 the range is 0 to 8,000, of 5万以上 50,000 to infinity; the value is the limit,
    which is what people plan with. How far 约5万 may be off nobody knows: its range is itself.
    10-30万 is read as its midpoint.

    `scaled` says that the text named its own unit (万, 元, ￥), so that a heading's unit must not
    be applied on top.
    """

    value: float
    low: float
    high: float
    certainty: Certainty = "exact"
    scaled: bool = False


def parse_amount(cell: Cell) -> Parsed[Amount]:
    """Read an amount.

    Notes: TYP-01 not a number (面议 is none); AMT-02 a range, read as its midpoint; AMT-07 in a
    foreign currency, and so no amount in yuan; FMT-13 written in words, with a unit, sign or
    separator, and plainly readable.
    """
    if isinstance(cell, bool) or not isinstance(cell, str | int | float):
        return Parsed(note="TYP-01")
    if not isinstance(cell, str):
        number = float(cell)
        return Parsed(_exact(number)) if math.isfinite(number) else Parsed(note="TYP-01")
    text = _normal(cell)
    foreign = _foreign(text)
    amount = _read(foreign[1] if foreign else text)
    if amount is None or not math.isfinite(amount.value):
        return Parsed(note="TYP-01")
    if foreign:
        return Parsed(note="AMT-07", facts={"reason": f"以{foreign[0]}计价"})
    shown = f"{amount.value:,.2f}".removesuffix(".00")
    if amount.certainty == "range":
        facts: dict[str, object] = {"low": amount.low, "high": amount.high, "fixed": shown}
        return Parsed(amount, "AMT-02", shown, facts)
    return Parsed(amount, "FMT-13", shown, {"fixed": shown})


def parse_number(cell: Cell) -> Parsed[float]:
    """Read a plain number that may carry a unit behind it (3天, 120人); notes as `parse_amount`."""
    if isinstance(cell, str):
        cell = re.sub(
            r"(?<=\d)\s*(?:天|日|人|个|家|次|台|套|件|月|年|小时|工作日|名)+$", "", cell.strip()
        )
    result = parse_amount(cell)
    return Parsed(
        result.value.value if result.value else None, result.note, result.assumed, result.facts
    )


def parse_percent(cell: Cell) -> Parsed[float]:
    """Read a share as a fraction: "15%" and 0.15 are 0.15; a bare number above 5 is in percent."""
    if isinstance(cell, str):
        text = unicodedata.normalize("NFKC", cell).strip()
        scale = 100.0 if text.endswith("%") else 10.0 if text.endswith("折") else 1.0
        found = re.fullmatch(r"([+-]?\d+(?:\.\d+)?) *[%折]?", text)
        if not found:
            return Parsed(note="TYP-01")
        value = float(found[1]) / scale
    elif isinstance(cell, bool) or not isinstance(cell, int | float) or not math.isfinite(cell):
        return Parsed(note="TYP-01")
    else:
        value, scale = float(cell), 1.0
    if scale == 1.0 and abs(value) > 5:
        value /= 100
        return Parsed(value, "FMT-13", f"{value:.4g}", {"fixed": f"{value * 100:.4g}%"})
    if isinstance(cell, str):
        return Parsed(value, "FMT-13", f"{value:.4g}", {"fixed": f"{value * 100:.4g}%"})
    return Parsed(value)


def _exact(number: float) -> Amount:
    return Amount(number, number, number)


def _normal(cell: str) -> str:
    text = unicodedata.normalize("NFKC", cell).strip().lower()
    return re.sub(r"[‐-―−–—～〜]", "-", text).replace("，", ",")


def _foreign(text: str) -> tuple[str, str] | None:
    """Return the foreign currency a text names, and the text without it."""
    for name, pattern in _FOREIGN:
        bare, found = pattern.subn("", text)
        if found:
            return name, bare.strip()
    return None


def _read(text: str) -> Amount | None:
    bare = _SAYS.sub("", _CURRENCY.sub("", text).strip()).strip()
    scaled = bool(_CURRENCY.search(text)) or "元" in text or "块" in text
    certainty: Certainty = "exact"
    if re.search(r"[多余来](?=[十百千万亿])", bare):
        bare, certainty = re.sub(r"[多余来](?=[十百千万亿])", "", bare), "about"
    kinds: tuple[tuple[re.Pattern[str], Certainty], ...] = (
        (_AT_MOST, "at most"), (_AT_LEAST, "at least"), (_ABOUT, "about"),
    )  # fmt: skip
    for pattern, kind in kinds:
        shorter = pattern.sub("", bare).strip()
        if shorter != bare:
            bare, certainty = shorter, kind
    if match := _RANGE.fullmatch(bare):
        return _range(match, scaled=scaled)
    if match := _ONE.fullmatch(bare):
        number = float(match["number"].replace(",", "").replace(" ", ""))
        unit = _UNITS.get(match["unit"] or "", 1.0)
        if match["fraction"]:
            if unit == 1.0:
                return None
            number += math.copysign(int(match["fraction"]) / 10, number)
        return _one(number * unit, certainty, scaled=scaled or unit != 1.0)
    if words := _words_range(bare):
        return Amount(sum(words) / 2, *words, "range", scaled=True)
    value_in_words = chinese_number(re.sub(r"(?:块钱|块|元整|元|圆整|圆|整)$", "", bare))
    if value_in_words is None:
        return None
    return _one(value_in_words, certainty, scaled=True)


def _one(value: float, certainty: Certainty, *, scaled: bool) -> Amount:
    low = min(0.0, value) if certainty == "at most" else value
    high = math.inf if certainty == "at least" else value
    return Amount(value, low, high, certainty, scaled)


def _words_range(text: str) -> tuple[float, float] | None:
    """Read a range in Chinese words: 十万至二十万, 五到八万, 十几万, 三五万."""
    text = re.sub(r"(?:块钱|块|元)$", "", text)
    if match := _SOME.fullmatch(text):
        tens, unit = chinese_number(match["tens"]) or 0.0, _UNITS.get(match["unit"], 1.0)
        return (tens + 1) * unit, (tens + 9) * unit
    if match := _EITHER.fullmatch(text):
        least, most = (_DIGITS[match[side]] * _UNITS[match["unit"]] for side in ("low", "high"))
        return (least, most) if least < most else None
    first, sign, second = (part.strip() for part in _TO.sub("|", text, count=1).partition("|"))
    high = chinese_number(second) if sign else None
    if high is None:
        return None
    digit = _DIGITS.get(first)
    low = chinese_number(first) if digit is None else digit * _unit_behind(second)
    return (low, high) if low is not None and low < high else None


def _unit_behind(second: str) -> float:
    """Return the unit of 五到八万, 五到八百万, 五到八万亿, which counts for both numbers."""
    unit = re.search(r"万亿$|(?<=^.)[百千]万$|.$", second)
    return _UNITS.get(unit[0], 1.0) if unit else 1.0


def _range(match: re.Match[str], *, scaled: bool) -> Amount | None:
    low, high = (float(match[side].replace(",", "").replace(" ", "")) for side in ("low", "high"))
    high_unit = _UNITS.get(match["high_unit"] or "", 1.0)
    # In 10-30万 the unit behind the second number counts for both.
    low_unit = _UNITS[match["low_unit"]] if match["low_unit"] else high_unit
    low, high = low * low_unit, high * high_unit
    if low > high:
        return None
    return Amount((low + high) / 2, low, high, "range", scaled or bool(match["high_unit"]))


def chinese_number(text: str) -> float | None:
    """Read a number in Chinese words; None where it is none.

    A digit behind the last unit counts tenths of that unit, as it is spoken: 五万八 is 58,000.
    """
    if (
        not text
        or any(c not in _CHINESE for c in text)
        or not any(c in _STEPS | _BIG for c in text)
    ):
        return None
    high = total = section = digit = 0
    last = 1
    for at, c in enumerate(text):
        if c in _DIGITS:
            if digit:
                return None
            digit = _DIGITS[c]
            last = last if digit else 1
        elif c in _STEPS:
            section += (digit or 1) * _STEPS[c]
            digit, last = 0, _STEPS[c]
        elif _BIG[c] == _WAN:
            if total or not section + digit:
                return None
            total, section, digit, last = (section + digit) * _WAN, 0, 0, _WAN
        else:
            # 亿 counts all that stands before it: 一万二千亿 is 12,000 of them.
            counted = total + section + digit
            if high or not counted:
                return None
            last = _BIG[c] * (_WAN if text[at - 1] in "万萬" else 1)
            high, total, section, digit = counted * _BIG[c], 0, 0, 0
    return float(high + total + section + digit * (last // 10 or 1))
