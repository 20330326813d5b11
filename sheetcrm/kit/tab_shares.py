"""分配规则: who gets the leads that come in without an owner, to rows and back."""

from collections.abc import Sequence

from sheetcrm.kit.blocks import (
    Block,
    FoundBlock,
    Report,
    join_words,
    limit_of,
    named_lines,
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
    for owner, line in named_lines(found.lines, SHARES_ANCHOR, report):
        shares[owner] = Share(
            owner=owner,
            regions=split_words(line.text(REGIONS)),
            industries=split_words(line.text(INDUSTRIES)),
            quota=limit_of(line, QUOTA, "不限", report),
        )
    return tuple(shares.values())
