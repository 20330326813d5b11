"""Contact values as messages may show them."""

import re
import unicodedata

from sheetcrm.table import Cell
from sheetcrm.values.text import as_text

# Mobile numbers, land lines with their area code, e-mail addresses, wherever they stand.
_CONTACT = re.compile(
    r"(?<!\d)(?:\+?86[- ]?)?1[3-9]\d(?:[- ]?\d{4}){2}(?!\d)"
    r"|(?<!\d)0\d{2,3}[- ]?\d{7,8}(?!\d)"
    r"|[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
)


def mask_contact(cell: Cell) -> str:
    """Hide the middle of a contact value: the first 3 and last 4 digits stay, 138****8000.

    A short value keeps less, an e-mail address its first letter and its domain; every number in a
    cell that holds several is masked.
    """
    text = unicodedata.normalize("NFKC", as_text(cell)).strip()
    if "@" in text:
        return re.sub(r"([^\s@/、,;])[^\s@/、,;]*@", r"\1***@", text)
    if "**" in text:
        return text
    if re.match(r"[A-Za-z]", text) or not re.search(r"\d{3,}", text):
        return _mask_word(text)
    return re.sub(r"\d(?:[ ()-]?[\dA-Za-z])+", _mask_number, text)


def mask_within(text: str) -> str:
    """Mask the phone numbers and e-mail addresses in a text of any kind, and nothing else."""
    return _CONTACT.sub(lambda match: mask_contact(match[0]), text)


def mask_message(text: str) -> str:
    """Mask the message of an error, which may quote any cell: quoted text, Chinese, long numbers.

    What stays are the words of the program that raised it.
    """
    text = re.sub(r"(['\"“‘「`]).*?(['\"”’」`]|$)", r"\1***\2", mask_within(text))
    text = re.sub("[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff]+", "***", text)
    return re.sub(r"\S*@\S*|[\d.,-]*\d{5,}[\d.,-]*", "***", text)


def _mask_number(match: re.Match[str]) -> str:
    text = match[0]
    if len(re.sub(r"\D", "", text)) > 16 and " " in text:
        return " ".join(re.sub(r"\S+", _mask_number, part) for part in text.split(" "))
    places = [i for i, c in enumerate(text) if c.isalnum()]
    head, tail = (3, 4) if len(places) >= 11 else (2, 2) if len(places) >= 7 else (1, 1)
    hidden = set(places[head:-tail])
    return "".join("*" if i in hidden else c for i, c in enumerate(text))


def _mask_word(text: str) -> str:
    return text[:1] + "*" * max(3, len(text) - 2) + (text[-1:] if len(text) > 4 else "")
