"""E-mail addresses: tidied where only the width or the spaces are odd, else refused with a hint."""

import re
import unicodedata

from sheetcrm.table import Cell
from sheetcrm.values.parsed import Parsed
from sheetcrm.values.text import as_text

EMAIL = re.compile(
    r"[A-Za-z0-9][\w.+%'-]*@(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z]{2,}"
)
# No such top-level domain exists (IANA root zone database): a slip of the finger for the other.
_SLIPS = {
    "con": "com", "cmo": "com", "ocm": "com", "vom": "com", "xom": "com", "comm": "com",
    "coom": "com", "cpm": "com", "nte": "net", "ner": "net", "cnn": "cn", "ogr": "org",
}  # fmt: skip
_NO_DOT = re.compile(r"([a-z0-9-]+)(com|cn|net)", re.IGNORECASE)


def parse_email(cell: Cell) -> Parsed[str]:
    """Read an e-mail address.

    Notes: FMT-08 where it is none, with the reason; FMT-10 where it was tidied (full-width ＠,
    spaces around it, 。 for a dot).
    """
    text = unicodedata.normalize("NFKC", as_text(cell)).strip().rstrip(",;").strip()
    text = re.sub(r"^(?:mailto|邮箱|e-?mail)[: ]*", "", text, flags=re.IGNORECASE)
    text = text.replace("。", ".")
    reason = _fault(text)
    if reason:
        return Parsed(note="FMT-08", facts={"reason": reason})
    return Parsed(text) if text == cell else Parsed(text, "FMT-10", text, {"fixed": text})


def _fault(text: str) -> str:
    _, sign, domain = text.rpartition("@")
    ending = domain.rpartition(".")[2].lower()
    if right := _SLIPS.get(ending):
        return f"以“.{ending}”结尾，可能是“.{right}”"
    if EMAIL.fullmatch(text) and ".." not in text:
        return ""
    if not sign:
        return "里没有“@”，不是邮箱"
    if (match := _NO_DOT.fullmatch(domain)) and "." not in domain:
        return f"的“@”后面少了一个点，可能是“{match[1]}.{match[2]}”"
    return "不是有效的邮箱"
