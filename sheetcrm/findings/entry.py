"""The shape of one entry of the catalogue."""

from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning", "info"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "info")


@dataclass(frozen=True)
class Entry:
    """One code: what it is called, how bad it is, what it says and what to do about it.

    `message` and `remedy` are Chinese sentences without a final full stop. Placeholders in braces
    are the facts that `finding(...)` gets; `{value}` and `{column}` are always there.
    """

    code: str
    severity: Severity
    title: str
    message: str
    remedy: str

    @property
    def family(self) -> str:
        """The letters before the dash."""
        return self.code[:3]
