"""Data validation of input cells, within the lengths Excel allows."""

from dataclasses import dataclass
from typing import Literal

from sheetcrm.book.limits import ERROR_LIMIT, PROMPT_LIMIT, RULE_FORMULA_LIMIT, TITLE_LIMIT
from sheetcrm.book.write_formula import checked_formula
from sheetcrm.book.write_text import clip, plain_text

Kind = Literal["any", "list", "date", "whole", "decimal", "text_length", "custom"]
Level = Literal["stop", "warning", "information"]


@dataclass(frozen=True)
class Hint:
    """What a validated cell says: on selecting it (prompt), on a wrong entry (error).

    Texts that are too long for Excel are cut with `…`. `level` "stop" refuses the entry,
    "warning" asks, "information" only tells.
    """

    prompt_title: str = ""
    prompt: str = ""
    error_title: str = ""
    error: str = ""
    level: Level = "stop"

    def options(self) -> dict[str, object]:
        """Return the texts as XlsxWriter names them."""
        texts = {
            "input_title": clip(plain_text(self.prompt_title), TITLE_LIMIT),
            "input_message": clip(plain_text(self.prompt), PROMPT_LIMIT),
            "error_title": clip(plain_text(self.error_title), TITLE_LIMIT),
            "error_message": clip(plain_text(self.error), ERROR_LIMIT),
        }
        return {**{k: v for k, v in texts.items() if v}, "error_type": self.level}


@dataclass(frozen=True)
class Validation:
    """One data-validation rule; blank cells always pass.

    `low` and `high` bound dates, numbers and text lengths (either may be None); `formula` is the
    condition of "custom" (relative to the area's first cell) and the source of "list" (a defined
    name or a range of this workbook; never literals).
    """

    kind: Kind
    hint: Hint = Hint()
    formula: str = ""
    low: float | str | None = None
    high: float | str | None = None

    def options(self) -> dict[str, object]:
        """Return the rule as XlsxWriter takes it.

        Raises:
            ValueError: A formula is not allowed in data validation or is too long.
        """
        return {"validate": self.kind, "ignore_blank": True, **self._test(), **self.hint.options()}

    def _test(self) -> dict[str, object]:
        if self.kind == "any":
            return {}
        if self.kind in ("list", "custom"):
            formula = checked_formula(self.formula, RULE_FORMULA_LIMIT)
            return {"source" if self.kind == "list" else "value": formula}
        if self.low is not None and self.high is not None:
            return {
                "criteria": "between",
                "minimum": _bound(self.low),
                "maximum": _bound(self.high),
            }
        if self.high is not None:
            return {"criteria": "<=", "value": _bound(self.high)}
        if self.low is None:
            raise ValueError(f"a {self.kind} validation needs a bound")
        return {"criteria": ">=", "value": _bound(self.low)}


def _bound(bound: float | str) -> float | str:
    return checked_formula(bound, RULE_FORMULA_LIMIT) if isinstance(bound, str) else bound
