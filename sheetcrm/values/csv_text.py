"""Text in CSV cells: the escape that keeps it text where a program would make a formula of it.

OWASP ASVS 1.2.10 asks for a single quote before what begins like a formula. Here the quote can be
taken off again: `unescape(escape(text)) == text` for every text.
"""

import re

_FORMULA = re.compile(r"\s*[=+\-@＝＋－＠]|[\t\r\n]")
_NUMBER = re.compile(r"[+-]?[\d,]+(?:\.\d+)?%?|\+\d[\d ]+", re.ASCII)
_QUOTED = re.compile(rf"'(?:'|{_FORMULA.pattern})")

_AS_TEXT = re.compile(r'="((?:[^"]|"")*)"')
_KEPT = re.compile(r"(?:'|\t+)(\d[\d -]*)\t*|(\d[\d -]*)\t+", re.ASCII)


def escape(text: str) -> str:
    """Return a text as a CSV cell that no program takes for a formula; numbers stay as they are."""
    if text[:1] == "'" or (_FORMULA.match(text) and not _NUMBER.fullmatch(text)):
        return "'" + text
    return text


def unescape(text: str) -> str:
    """Return the text that `escape` made a CSV cell of; any other cell as it is."""
    return text[1:] if _QUOTED.match(text) else text


def unwrap(text: str) -> str:
    """Return the text of a CSV cell without what was put around it to keep it a text.

    That is our own escape, `="00123"`, and the quote or tab other programs put beside digits.
    """
    if wrapped := _AS_TEXT.fullmatch(text):
        return wrapped[1].replace('""', '"')
    if kept := _KEPT.fullmatch(text):
        return kept[1] or kept[2]
    return unescape(text)
