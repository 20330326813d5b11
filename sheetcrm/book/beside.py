"""Which files that a workbook names are there, beside the workbook."""

from collections.abc import Iterable
from pathlib import Path


def absent(folder: Path, names: Iterable[str]) -> frozenset[str]:
    r"""Return the names of files and folders that do not exist.

    Args:
        folder: Where the workbook is.
        names: Relative paths as people write them, with / or \.
    """
    return frozenset(name for name in names if not _exists(folder / name.replace("\\", "/")))


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):  # a name no file system takes: too long, a null character
        return False
