"""分配规则: who gets the leads that come in without an owner, to rows and back."""

from collections.abc import Sequence

from sheetcrm.kit.blocks import (
    Block,
    FoundBlock,
    Line,
    Report,
    cell_number,
    join_words,
    split_words,
)
from sheetcrm.kit.model import Share

SHARES_ANCHOR = "分配给"
REGIONS, INDUSTRIES, QUOTA = "负责区域", "负责行业", "每批上限"


def shares_block(shares: Sequence[Share]) -> Block:
    """Describe who gets what."""
    rows = tuple(
        (s.owner, join_words(s.regions), join_words(s.industries), s.quota or None) for s in shares
    )
    return Block("shares", "分配规则", (SHARES_ANCHOR, REGIONS, INDUSTRIES, QUOTA), rows)


def read_shares(
    found: FoundBlock | None, base: Sequence[Share], report: Report
) -> tuple[Share, ...]:
    """Read who gets what, in the order written; without the block `base` stays."""
    if found is None:
        return tuple(base)
    shares: dict[str, Share] = {}
    for line in found.lines:
        owner = line.text(SHARES_ANCHOR)
        if not owner:
            report.add("KIT-19", line, SHARES_ANCHOR)
        elif owner in shares:
            report.add("KIT-02", line, SHARES_ANCHOR, other="前面的行")
        else:
            shares[owner] = Share(
                owner=owner,
                regions=split_words(line.text(REGIONS)),
                industries=split_words(line.text(INDUSTRIES)),
                quota=_quota(line, report),
            )
    return tuple(shares.values())


def _quota(line: Line, report: Report) -> int:
    if not line.text(QUOTA):
        return 0
    number = cell_number(line.cells.get(QUOTA))
    if number is None or number < 0 or not float(number).is_integer():
        report.add("KIT-11", line, QUOTA, expected="不小于0的整数，空着是不限", default="不限")
        return 0
    return int(number)
