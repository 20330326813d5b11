"""The lines of 校验结果 on rules that had nothing to work on."""

from collections.abc import Iterable, Mapping, Sequence

MOST_LINES = 30
_MOST_FILES = 6

Unchecked = Mapping[str, Sequence[tuple[str, str]]]


def unchecked_lines(unchecked: Unchecked, *, several: bool) -> list[str]:
    """Say which rules were not checked: with the reasons of one file, or briefly for several.

    Args:
        unchecked: (code, reason) of the rules by file.
        several: Whether to name the files instead of the reasons.
    """
    lines = _by_file(unchecked) if several else _by_reason(unchecked)
    if not lines:
        return []
    more = len(lines) - MOST_LINES
    codes = len({code for pairs in unchecked.values() for code, _ in pairs})
    where = "，原因见各文件的“校验结果”" if several else ""
    listed = [f"　· {line}" for line in lines[:MOST_LINES]]
    rest = [f"　· 其余 {more} 行没有列出"] if more > 0 else []
    return [f"未检查的规则（{codes} 种{where}）：", *listed, *rest]


def _by_reason(unchecked: Unchecked) -> list[str]:
    pairs = [(reason, code) for pairs in unchecked.values() for code, reason in pairs]
    return [f"{'、'.join(codes)}：{reason}" for reason, codes in _together(pairs).items()]


def _by_file(unchecked: Unchecked) -> list[str]:
    """Name the files with the same rules in one line."""
    pairs = [
        ("、".join(dict.fromkeys(code for code, _ in pairs)), file)
        for file, pairs in unchecked.items()
        if pairs
    ]
    return [f"{_named(files)}：{codes}" for codes, files in _together(pairs).items()]


def _named(files: Sequence[str]) -> str:
    if len(files) <= _MOST_FILES:
        return "、".join(files)
    return f"{'、'.join(files[:_MOST_FILES])} 等 {len(files)} 个文件"


def _together(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """Collect the second items by the first, each once, in order."""
    found: dict[str, dict[str, None]] = {}
    for key, item in pairs:
        found.setdefault(key, {})[item] = None
    return {key: list(items) for key, items in found.items()}
