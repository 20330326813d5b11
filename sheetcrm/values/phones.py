"""Phone numbers as offices write them: mobile, landline with extension, 400, foreign, several."""

import re
import unicodedata
from collections.abc import Iterable, Sequence

from sheetcrm.table import Cell
from sheetcrm.values.parsed import Parsed
from sheetcrm.values.text import as_text, fold

# Mainland mobile numbers: 1, then 3-9, then nine digits (MIIT numbering plan).
# A Chinese mobile number as it should be written.
MOBILE = r"1[3-9]\d{9}"
_MOBILE = re.compile(MOBILE)
# Optional country code, then three groups of a mobile number.
_GROUPED_MOBILE = re.compile(r"(?:\(?(?:\+|00)?86\)?[ -]*)?(1[3-9]\d)[ -]*(\d{4})[ -]*(\d{4})")
_MASKED = re.compile(r"(?:\+?86[ -]?)?\d{0,8}[*＊xX×•●]{2,}[\d*＊xX×•●-]*\d{0,6}")
_HIDDEN = re.compile(r"[*＊]|[xX]{3}").search
_FLOAT = re.compile(r"(\d{5,13})\.0+")
_SCIENTIFIC = re.compile(r"(\d(?:\.\d+)?)[eE]\+?(\d{1,2})")
_EXTENSION = re.compile(r"(?:转|分机|ext\.?|x|#|-)[ :：]*(\d{1,6})$", re.IGNORECASE)
_SEPARATORS = re.compile(r"[/、,;|\n]|或者?|\s{2,}| (?=1[3-9]\d{9}|[电手座微]|qq)", re.IGNORECASE)
_LABEL = re.compile(
    r"^(?:手机号码|手机号|手机|移动电话|联系电话|电话号码|电话|座机|固话|办公室|热线|tel|mobile|phone)"
    r"[ .:]*",
    re.IGNORECASE,
)
# A number with a name before it, or a name or a remark behind it.
_NAME = r"[\u4e00-\u9fff·]{1,10}"
_NAMED = re.compile(
    rf"(?P<before>{_NAME}|[A-Za-z][A-Za-z.]+(?: [A-Za-z.]+)* )?[ :]*"
    r"(?P<number>[+(]?\d[\d\s()+.-]*\d(?:(?:转|分机|ext\.?|x|#)[ :]*\d{1,6})?)"
    rf"[ :]*(?P<behind>{_NAME})?",
    re.IGNORECASE,
)
_DEAD = re.compile(r"停机|空号|错|无效|作废|已换|换号|打不通|停用|离职|注销|不存在")
# The first three and the last four digits of a mobile number, without the asterisks between.
_MASK_LOST = re.compile(r"1[3-9]\d{5}")
_DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−－"), "-")
_SERVICE = re.compile(r"[48]00\d{7}|95\d{3,4}|1\d{4}")


def parse_phone(cell: Cell) -> Parsed[str]:
    """Read a phone number: mobile, landline with extension, 400, or a foreign one with its "+".

    Returns:
        The number as digits; a landline as area-number or area-number-extension, a foreign one as
        +country number, a masked one as it stands. Notes: FMT-05 wrong (with the reason), FMT-06
        masked, FMT-07 several (the first is taken), FMT-10 odd characters, FMT-11 put in order.
    """
    if isinstance(cell, str) and is_mobile(cell):
        return Parsed(cell)
    if isinstance(cell, bool) or not isinstance(cell, str | int | float):
        return _wrong("不是电话号码")
    if not isinstance(cell, str):
        found = _number(as_text(cell))
        return _put_in_order(found.value) if found.value else found
    return _from_text(cell)


def is_mobile(text: str) -> bool:
    """Say whether a text is a Chinese mobile number as it should be written: 11 digits."""
    return _MOBILE.fullmatch(text) is not None


def _from_text(cell: str) -> Parsed[str]:
    text = _undo_excel(cell)
    if text is None:
        return _wrong("是科学计数法，后几位已经丢失")
    if _MASKED.fullmatch(text) and sum(c.isdigit() for c in text) <= 9:
        return Parsed(text, "FMT-06")
    found = _number(text)
    if found.value is not None:
        return _noted(found.value, cell, text)
    several = [_one(part) for part in split_several(text)]
    if len(several) > 1 and all(read.value is not None for read in several):
        return first_of(several)
    named = _one(text)
    return _put_in_order(named.value) if named.value else named


def phone_key(value: str) -> str:
    """Return what two spellings of one number have in common; "" for a masked or unreadable one."""
    if "*" in value or not value:
        return ""
    digits = re.sub(r"\D", "", value.split("转")[0])
    # A letter makes it a WeChat id, a QQ number or an e-mail address: no digits of a phone.
    return digits if len(digits) >= 7 and not re.search(r"[A-Za-z]", value) else fold(value)


def open_keys(texts: Iterable[str]) -> dict[str, str]:
    """Return `phone_key` of distinct texts; a masked number is that of many, and left out."""
    open_ = (text for text in texts if not _HIDDEN(text))
    return {text: text if text.isdigit() else phone_key(text) for text in open_}


def _noted(value: str, cell: str, text: str) -> Parsed[str]:
    if value == cell:
        return Parsed(value)
    if value == text and text != cell and not _FLOAT.search(cell) and not _SCIENTIFIC.search(cell):
        return Parsed(value, "FMT-10", value, {"fixed": value})
    if value.startswith("+") and text.startswith("+"):
        return Parsed(value)
    digits = re.sub(r"\D", "", value)
    # A landline may be written with brackets or spaces: nothing to mend, only to bring in one form.
    plain_landline = digits == re.sub(r"\D", "", cell) and not _MOBILE.fullmatch(digits)
    return Parsed(value) if plain_landline else _put_in_order(value)


def _put_in_order(value: str) -> Parsed[str]:
    return Parsed(value, "FMT-11", value, {"fixed": value})


def _wrong(reason: str) -> Parsed[str]:
    return Parsed(note="FMT-05", facts={"reason": reason})


def _undo_excel(cell: str) -> str | None:
    """Return the digits Excel made a float or 1.38E+10 of; None where digits are lost."""
    text = unicodedata.normalize("NFKC", cell).translate(_DASHES)
    text = (
        re.sub(r"[\u200b-\u200f\u202a-\u202e\u2060\ufeff\x00-\x08]", "", text).strip().lstrip("'")
    )
    text = _LABEL.sub("", text)
    if match := _FLOAT.fullmatch(text):
        return match[1]
    if match := _SCIENTIFIC.fullmatch(text):
        mantissa, power = match[1].replace(".", ""), int(match[2])
        return mantissa if len(mantissa) == power + 1 else None
    return text


def _number(text: str) -> Parsed[str]:
    if match := _GROUPED_MOBILE.fullmatch(text):
        return Parsed("".join(match.groups()))
    digits = re.sub(r"[\s()-]", "", text)
    if _SERVICE.fullmatch(digits):
        return Parsed(digits)
    if digits.startswith("1") and digits.isdigit() and digits[1:2] != "0":
        return _wrong(_mobile_fault(digits))
    if not re.fullmatch(
        r"[\d\s()+.-]+(?:(?:转|分机|ext\.?|x|#)[ :]*\d{1,6})?", text, re.IGNORECASE
    ):
        letters = re.sub(r"[\d\s()+.-]", "", text)
        return _wrong(f"含有不是数字的字符“{letters[:4]}”")
    return _landline(text) or _wrong(_length_fault(digits))


def _mobile_fault(digits: str) -> str:
    if _MASK_LOST.fullmatch(digits):
        return "只有7位，像是脱敏号码的前3位和后4位，中间的星号可能丢了"
    if len(digits) != 11:
        return f"有{len(digits)}位，手机号是11位"
    return "不是有效的手机号段"


def _length_fault(digits: str) -> str:
    return f"有{sum(c.isdigit() for c in digits)}位，不是有效的电话号码"


def _landline(text: str) -> Parsed[str] | None:
    """Read a landline or a foreign number; phonenumbers knows the area and country codes."""
    extension = ""
    if match := _EXTENSION.search(text):
        head = text[: match.start()]
        if len(re.sub(r"\D", "", head)) >= 7 and (match[0][0] != "-" or "-" in head):
            text, extension = head.strip(), f"-{match[1]}"
    if re.fullmatch(r"[2-8]\d{6,7}", re.sub(r"[\s-]", "", text)):
        return Parsed(re.sub(r"[\s-]", "", text) + extension)  # a local number without its area

    import phonenumbers  # 0.1 s that a sheet of mobile numbers never needs

    try:
        number = phonenumbers.parse(re.sub(r"^00", "+", text), "CN")
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    national = str(number.national_number)
    if number.country_code != 86:
        return Parsed(f"+{number.country_code} {national}{extension}")
    if _MOBILE.fullmatch(national):
        return Parsed(national)
    area = phonenumbers.length_of_geographical_area_code(number)
    return Parsed(
        f"0{national[:area]}-{national[area:]}{extension}" if area else national + extension
    )


def split_several(text: str) -> list[str]:
    """Split a cell that holds several ways to reach somebody; one part where it does not."""
    return [part.strip() for part in _SEPARATORS.split(text) if part and part.strip()]


def first_of(read: Sequence[Parsed[str]]) -> Parsed[str]:
    """Return the first of several readings, with the note that there are several."""
    return Parsed(read[0].value, "FMT-07", str(read[0].value), {"count": len(read)})


def _one(text: str) -> Parsed[str]:
    """Read one number that may have a name or a remark beside it: 张经理13800131234."""
    if dead := _DEAD.search(text):
        return _wrong(f"旁边写着“{dead[0]}”")
    bare = _LABEL.sub("", re.sub(r"\([^()]*\)$", "", text)).strip()
    found = _number(bare)
    match = _NAMED.fullmatch(bare)
    if found.value is not None or not match or not (match["before"] or match["behind"]):
        return found
    return _number(match["number"].strip())
