"""Chinese numerals in dates: 二〇二四年三月一日, 十二月底, 两周内, 廿三日."""

import re

_DIGITS = {c: str(i) for i, c in enumerate("〇一二三四五六七八九")}
_DIGITS.update({"零": "0", "○": "0", "两": "2"})
_TENS = {"廿": "2十", "卅": "3十"}
# A day of the week stands for itself: 周三十点 is 10 o'clock on Wednesday.
_RUN = re.compile(r"(?<=[周期拜])[一二三四五六]|[〇零○一二三四五六七八九两十廿卅]+")
# 十, 十五, 二十, 二十五; a year is read digit by digit.
_NUMBER = re.compile(r"(?P<tens>\d?)十(?P<ones>\d?)")


def with_digits(text: str) -> str:
    """Return a text with its Chinese numerals below a hundred, and years, as Arabic digits."""
    return _RUN.sub(_digits, text)


def _digits(match: re.Match[str]) -> str:
    text = "".join(_TENS.get(c) or _DIGITS.get(c, c) for c in match[0])
    number = _NUMBER.fullmatch(text)
    if number:
        return str(int(number["tens"] or 1) * 10 + int(number["ones"] or 0))
    return text if text.isdigit() else match[0]
