"""What a ranking of few deals can and cannot say."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Protocol

from sheetcrm.metrics.rate import Z95, Rate

# One-sided 95 % quantile of the normal distribution, for the chi-square test.
Z_ONE_SIDED = 1.6448536269514722
# The usual rule for the chi-square test (Cochran 1954).
LEAST_EXPECTED = 5.0


class Ranked(Protocol):
    """What is compared: a person's sales with their standard error, and the win rate."""

    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def sales(self) -> float: ...  # noqa: D102
    @property
    def error(self) -> float: ...  # noqa: D102
    @property
    def win_rate(self) -> Rate: ...  # noqa: D102


@dataclass(frozen=True)
class Ranking:
    """Two Chinese sentences: on the first places by sales, and on the win rates."""

    sales: str
    win_rates: str


def ranking(people: Sequence[Ranked], everybody: Rate) -> Ranking:
    """Say what the order of the people, best first, is worth."""
    return Ranking(_first_places(people), _win_rates(people, everybody))


def clearly_apart(first: Ranked, second: Ranked) -> bool:
    """Say whether the difference of two sales is more than chance (95 %)."""
    error = sqrt(first.error**2 + second.error**2)
    return error > 0 and abs(first.sales - second.sales) > Z95 * error


def _first_places(people: Sequence[Ranked]) -> str:
    if len(people) < 2 or people[0].sales <= 0:
        return ""
    best = people[0]
    near = [p.name for p in people[1:] if not clearly_apart(best, p)]
    if near:
        return (
            f"销售额最高的是{best.name}；{'、'.join(near[:5])}{'等' if len(near) > 5 else ''}"
            "与其差距在随机波动之内，名次不宜当真。"
        )
    return f"销售额最高的是{best.name}，领先其他人的幅度超出随机波动。"


def _win_rates(people: Sequence[Ranked], everybody: Rate) -> str:
    """Test the people's win rates for a difference (Pearson's chi-square, 5 %)."""
    value = everybody.value
    tested = [p.win_rate for p in people if p.win_rate.denominator]
    if len(tested) < 2 or value is None:
        return ""
    if any(r.denominator * min(value, 1 - value) < LEAST_EXPECTED for r in tested):
        return "有人结束的线索太少，赢单率的高低不作比较。"
    total = sum(
        (r.numerator - r.denominator * value) ** 2 / (r.denominator * value * (1 - value))
        for r in tested
    )
    if total <= critical(len(tested) - 1):
        return "各人赢单率的差别在随机波动之内（卡方检验，5%水平）。"
    return "各人赢单率的差别超出随机波动（卡方检验，5%水平）。"


def critical(degrees: int) -> float:
    """Return the 95 % quantile of chi-square, after Wilson and Hilferty (1931), within 3 %."""
    spread = 2 / (9 * degrees)
    return float(degrees * (1 - spread + Z_ONE_SIDED * sqrt(spread)) ** 3)
