"""Id formats as a manager writes them: `CL#######`, where # is a digit.

`###+` is three digits or more. A pattern that has no such form is shown as `正则:` and the regular
expression itself.
"""

import re

from sheetcrm.kit.mistakes import pattern_problem

_REGEX = "正则:"
_SPECIAL = frozenset(r"\.^$*+?{}[]()|")
_DIGITS = re.compile(r"\\d(?:\{(?P<count>\d+)(?P<more>,?)\})?")
_LITERAL = re.compile(r"\\(?P<escaped>[^\w])|(?P<plain>[^\\.^$*+?{}\[\]()|#])")
_MASK = re.compile(r"(?P<digits>#+)(?P<more>\+?)|(?P<literal>.)", re.DOTALL)


def mask_of(pattern: str) -> str:
    """Write a regular expression as a mask; `pattern_of` gives back exactly the pattern."""
    mask = _mask(pattern)
    return mask if mask is not None and pattern_of(mask) == pattern else _REGEX + pattern


def _mask(pattern: str) -> str | None:
    mask, at = "", 0
    while at < len(pattern):
        if digits := _DIGITS.match(pattern, at):
            mask += "#" * int(digits["count"] or 1) + ("+" if digits["more"] else "")
            at = digits.end()
        elif literal := _LITERAL.match(pattern, at):
            mask += literal["escaped"] or literal["plain"]
            at = literal.end()
        else:
            return None
    return mask


def pattern_of(mask: str) -> str:
    """Read a mask as a regular expression for the whole value.

    Raises:
        ValueError: A regular expression was written and does not compile; the text says why.
    """
    mask = mask.strip()
    if mask.startswith((_REGEX, "正则：")):
        pattern = mask[len(_REGEX) :]
        if problem := pattern_problem(pattern):
            raise ValueError(problem)
        return pattern
    return "".join(_piece(token) for token in _MASK.finditer(mask))


def _piece(token: re.Match[str]) -> str:
    if digits := token["digits"]:
        if token["more"]:
            return rf"\d{{{len(digits)},}}"
        return rf"\d{{{len(digits)}}}" if len(digits) > 1 else r"\d"
    literal = token["literal"]
    return f"\\{literal}" if literal in _SPECIAL else literal
