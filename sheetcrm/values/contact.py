"""What stands under 联系方式: phone numbers, e-mail addresses, WeChat ids, QQ numbers."""

import re
import unicodedata

from sheetcrm.table import Cell
from sheetcrm.values.email import parse_email
from sheetcrm.values.parsed import Parsed
from sheetcrm.values.phones import first_of, parse_phone, split_several

# WeChat's own rule: 6-20 letters, digits, _ or -, a letter first.
_WECHAT = re.compile(r"[A-Za-z][A-Za-z0-9_-]{5,19}")
_WECHAT_LABEL = re.compile(
    r"^(?:微信号?|wechat|weixin|vx|wx|v信)[ .:]+|^(?:微信号?)", re.IGNORECASE
)
_PHONE_LABEL = re.compile(r"(?:tel|mobile|phone)[ .:]*\d", re.IGNORECASE)
# QQ numbers have 5 to 11 digits; without the word they cannot be told from a phone number.
_QQ = re.compile(r"(?:qq|扣扣|企鹅)(?:号码|号)?[ .:]*([1-9]\d{4,10})", re.IGNORECASE)
SEVERAL = "FMT-07"
_BETWEEN_EMAILS = re.compile(r"[\s/、,;|]+")


def parse_contact(cell: Cell) -> Parsed[str]:
    """Read a cell under 联系方式: a phone number, an e-mail address, a WeChat id or a QQ number.

    Returns:
        The phone number as `parse_phone` has it, the address, the id without its label, or QQ and
        the number. Notes: those of `parse_phone` and `parse_email`; FMT-07 several, of any kind.
    """
    if not isinstance(cell, str):
        return parse_phone(cell)
    text = unicodedata.normalize("NFKC", cell).strip()
    whole = _one(cell, text)
    if whole.value is not None:
        return whole
    parts = _BETWEEN_EMAILS.split(text) if "@" in text else split_several(text)
    read = [_one(part, part) for part in parts if part]
    if len(read) > 1 and all(part.value is not None for part in read):
        return first_of(read)
    return whole


def every_contact(cell: Cell) -> tuple[str, ...]:
    """Return all that a cell under 联系方式 holds; a part that cannot be read as it is written."""
    text = unicodedata.normalize("NFKC", str(cell)).strip()
    read = parse_contact(cell)
    if read.note != SEVERAL or not isinstance(cell, str):
        return (read.value or text,) if text else ()
    parts = _BETWEEN_EMAILS.split(text) if "@" in text else split_several(text)
    return tuple(_one(part, part).value or part for part in parts if part)


def _one(cell: str, text: str) -> Parsed[str]:
    if "@" in text:
        return parse_email(cell)
    if match := _QQ.fullmatch(text):
        return Parsed(f"QQ{match[1]}")
    bare = _WECHAT_LABEL.sub("", text).strip()
    if _WECHAT.fullmatch(bare) and not _PHONE_LABEL.match(bare):
        return Parsed(bare)
    return parse_phone(cell if bare == text else bare)
