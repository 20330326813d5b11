"""The thresholds of the figures, from a kit's settings."""

from dataclasses import dataclass

from sheetcrm.kit.model import Kit


@dataclass(frozen=True)
class Thresholds:
    """Days after which (strictly more) an open lead is listed; a ratio; sizes.

    `win_window` are the days of 30天成单率, `enough` the sample from which a rate is sound,
    `top_reasons` how many lost reasons are named, `change_days` the days of 环比 and of the exits.
    """

    silent_owner: float
    silent_manager: float
    churn: float
    dwell: float
    stalled: float
    low_value_ratio: float
    win_window: int
    enough: int
    top_reasons: int
    change_days: int


def thresholds(kit: Kit) -> Thresholds:
    """Read the thresholds from the kit.

    Raises:
        KeyError: The kit lacks one of the settings.
    """
    return Thresholds(
        silent_owner=kit.number("silent_days_owner"),
        silent_manager=kit.number("silent_days_manager"),
        churn=kit.number("churn_days"),
        dwell=kit.number("dwell_days"),
        stalled=kit.number("stalled_days"),
        low_value_ratio=kit.number("low_value_ratio"),
        win_window=int(kit.number("win_window_days")),
        top_reasons=int(kit.number("top_reasons")),
        change_days=max(1, int(kit.number("change_days"))),
        enough=int(kit.number("bottleneck_min_n")),
    )
