"""The table of ratios, and which of them break a limit."""

from collections.abc import Iterable, Iterator

from benchmarks.rows import Measured

# A ratio may be worse by a quarter before it counts as broken: runs differ by that much.
GRACE = 0.25


def heading(*, cpu: bool) -> str:
    """Return what stands above the lines."""
    by = "处理器时间" if cpu else "时钟"
    return f"比值按{by}算（中位数）。每行：比什么，比值，限度，我们的时钟、处理器、内存 | 对方的。"


def lines(measured: Iterable[Measured], *, cpu: bool) -> Iterator[str]:
    """Yield one line a ratio: what was compared, the ratio, its limit, both times and memories."""
    for each in measured:
        ratio = each.ratio(cpu=cpu)
        sign = {"most": "≤", "least": "≥", "": ""}[each.kind]
        limit = f"{sign} {each.limit:g}" if each.limit else "-"
        verdict = "" if each.within(ratio) else "  ✗"
        yield (
            f"{each.what:<58} {ratio:>8.2f}  {limit:>7}{verdict:3}"
            f"  {each.ours.wall:8.3f} s {each.ours.cpu:8.3f} cpu {each.ours.memory:6.0f} MB"
            f" | {each.other.wall:8.3f} s {each.other.cpu:8.3f} cpu {each.other.memory:6.0f} MB"
        )


def broken(measured: Iterable[Measured], *, cpu: bool) -> list[str]:
    """Return the ratios that break their limit by more than a quarter."""
    return [
        f"{each.what}：{ratio:.2f}（限度 {each.limit:g}）"
        for each in measured
        if not each.within(ratio := each.ratio(cpu=cpu), GRACE)
    ]
