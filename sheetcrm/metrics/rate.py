"""One rate with its population: numerator, denominator, Wilson interval, enough data or not."""

from dataclasses import dataclass
from math import sqrt

# Two-sided 95 % quantile of the normal distribution.
Z95 = 1.959963984540054


@dataclass(frozen=True)
class Rate:
    """numerator / denominator of leads.

    `enough` is the denominator from which the rate is worth ranking (the setting
    bottleneck_min_n); below it the value stays, flagged by `reason` 样本不足. With no denominator
    the value is None.
    """

    numerator: int
    denominator: int
    enough: int = 0

    @property
    def value(self) -> float | None:
        """The fraction, or None without a denominator."""
        return self.numerator / self.denominator if self.denominator else None

    @property
    def reason(self) -> str:
        """Why the value is missing or weak, in Chinese; empty when it is sound."""
        if not self.denominator:
            return "没有样本"
        return f"样本不足（n={self.denominator}）" if self.denominator < self.enough else ""

    @property
    def interval(self) -> tuple[float, float] | None:
        """Wilson 95 % score interval (Wilson 1927), None without a denominator."""
        n = self.denominator
        if not n:
            return None
        p, z2 = self.numerator / n, Z95 * Z95
        centre = p + z2 / (2 * n)
        spread = Z95 * sqrt(p * (1 - p) / n + z2 / (4 * n * n))
        scale = 1 + z2 / n
        return max(0.0, (centre - spread) / scale), min(1.0, (centre + spread) / scale)


def percent(value: float | None) -> str:
    """Return a fraction in per cent, a dash for none."""
    return "—" if value is None else f"{value:.1%}"


def rate_text(rate: Rate) -> str:
    """Return a rate in whole per cent with its counts, a dash where there is none."""
    if rate.value is None:
        return "—"
    return f"{rate.value:.0%}（{rate.numerator}/{rate.denominator}）"
