"""奖金阶梯: from which share of the target on which part of the sales is paid, to rows and back."""

from collections.abc import Sequence

from sheetcrm.kit.blocks import Block, FoundBlock, Line, Report, cell_number
from sheetcrm.kit.model import BonusTier

BONUS_ANCHOR = "完成率下限"
_RATE = "提成比例"
_NOT_USED = "空白（这一行没有采用）"


def bonus_block(tiers: Sequence[BonusTier]) -> Block:
    """Describe the steps of the bonus, the lowest first."""
    rows = tuple((tier.floor, tier.rate) for tier in tiers)
    return Block("bonus", "奖金阶梯", (BONUS_ANCHOR, _RATE), rows)


def read_bonus(
    found: FoundBlock | None, base: Sequence[BonusTier], report: Report
) -> tuple[BonusTier, ...]:
    """Read the steps of the bonus, in the order of their floors; without the block `base` stays.

    An empty block is no bonus. A row with a mistake is not used.
    """
    if found is None:
        return tuple(base)
    tiers: dict[float, BonusTier] = {}
    for line in found.lines:
        floor = _share(line, BONUS_ANCHOR, ("不小于0的比例，如80%", None), report)
        rate = _share(line, _RATE, ("0%到100%的比例，如2%", 1.0), report)
        if floor is None or rate is None:
            continue
        if floor in tiers:
            report.add("KIT-02", line, BONUS_ANCHOR, other="前面的行")
        else:
            tiers[floor] = BonusTier(floor=floor, rate=rate)
    return tuple(tiers[floor] for floor in sorted(tiers))


def _share(
    line: Line, header: str, accepted: tuple[str, float | None], report: Report
) -> float | None:
    expected, most = accepted
    number = cell_number(line.cells.get(header))
    if number is None or number < 0 or (most is not None and number > most):
        report.add("KIT-11", line, header, expected=expected, default=_NOT_USED)
        return None
    return number
