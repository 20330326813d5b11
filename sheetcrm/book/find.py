"""Which files are the workbooks: paths, folders and globs expanded, copies and junk left out."""

import glob
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from sheetcrm.book.owners import is_owner_file
from sheetcrm.book.publish import ASIDE
from sheetcrm.book.state import FOLDER
from sheetcrm.errors import FileProblem, NothingToDo
from sheetcrm.findings import Finding, Place, finding

SUFFIXES = frozenset({".xlsx", ".xlsm", ".xls", ".xlsb", ".ods", ".et"})
# folders of this tool, of Synology and of other network storage
_SKIPPED_FOLDERS = frozenset({FOLDER, "@eadir", "#recycle", "$recycle.bin", ".stversions"})

# How sync services and people name copies; each has the original's stem as group 1.
# Sources: notes of OneDrive, Synology Drive, 坚果云, WPS 网盘, Dropbox, Windows Explorer.
_COPIES: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("没能写回的结果", re.compile(rf"(.+){re.escape(ASIDE)}")),
    ("同步冲突", re.compile(r"(.+)[-_ ]?\(.*(?:冲突|conflicted copy).*\)", re.I)),
    ("同步冲突", re.compile(r"(.+?)[-_. ](?:冲突|NSConflict|sync-conflict).*", re.I)),
    (
        "同步冲突",
        re.compile(r"(.+)_[^_]+_\w{3}-\d{2}-\d{4}-\d{4}_(?:Case)?Conflict(?:_\d+)?", re.I),
    ),
    ("同步冲突", re.compile(r"(.+?)_(?:Case)?Conflict(?:_\d+)?", re.I)),
    ("另一台电脑的同步冲突", re.compile(r"(.+)-(?:DESKTOP|LAPTOP|PC|WIN)-[A-Z0-9]+(?:-\d+)?")),
    ("手工副本", re.compile(r"(.+?)(?: ?- ?| )?(?:副本|复件|copy)(?: ?[(（]\d+[)）])?", re.I)),
    ("手工副本", re.compile(r"(?:副本|复件|Copy of)[ -]*(?:[(（]\d+[)）] *)?(.+)", re.I)),
    ("重复下载", re.compile(r"(.+?) ?[(（]\d+[)）]")),
)


@dataclass(frozen=True)
class Found:
    """The workbooks to work on, in order, and what was left out."""

    books: tuple[Path, ...]
    findings: tuple[Finding, ...] = ()


def find_books(paths: Sequence[str | Path]) -> Found:
    """Expand files, folders and globs into workbooks.

    A folder means the workbooks directly in it. A copy beside its original is left out with a
    finding, unless it is named itself; alone it counts. Owner files, temporary files and the state
    folder never count.

    Raises:
        FileProblem: A named file does not exist.
        NothingToDo: Nothing in the given paths is a workbook.
    """
    named: list[Path] = []
    candidates: list[Path] = []
    for path in paths:
        if Path(path).is_dir():
            candidates += _in_folder(Path(path))
        elif Path(path).exists():
            named.append(Path(path))
        elif glob.has_magic(str(path)):
            candidates += _by_pattern(Path(path))
        else:
            raise FileProblem(str(path), "找不到这个文件或文件夹", "请检查路径和文件名")
    books, copies = _without_copies(named, sorted(candidates, key=_natural))
    if not books:
        raise NothingToDo("、".join(map(str, paths)), _hint(paths, copies))
    return Found(tuple(books), tuple(copies))


def _by_pattern(pattern: Path) -> list[Path]:
    anchor = Path(pattern.anchor)
    return [p for p in anchor.glob(str(pattern.relative_to(anchor))) if _counts(p)]


def _in_folder(folder: Path) -> Iterator[Path]:
    try:
        yield from (p for p in folder.iterdir() if _counts(p))
    except OSError as error:
        raise FileProblem(str(folder), "没有权限打开这个文件夹", "请检查文件夹权限") from error


def _counts(path: Path) -> bool:
    junk = is_owner_file(path.name) or path.name.startswith(".")
    skipped = any(part.casefold() in _SKIPPED_FOLDERS for part in path.parts)
    return path.suffix.lower() in SUFFIXES and not junk and not skipped and path.is_file()


def _without_copies(
    named: Iterable[Path], candidates: Sequence[Path]
) -> tuple[list[Path], list[Finding]]:
    """Return each file once, in order; copies among the candidates become findings."""
    books: dict[Path, Path] = {path.resolve(): path for path in named}
    stems = {(p.parent, _plain(p.stem)): p for p in candidates}
    copies = []
    for path in candidates:
        found = _copy_of(path, stems)
        if found is None or path.resolve() in books:
            books.setdefault(path.resolve(), path)
        else:
            kind, original = found
            place = Place(file=str(path))
            copies.append(finding("FIL-08", place, original=original.name, kind=kind))
    return list(books.values()), copies


def _copy_of(path: Path, stems: dict[tuple[Path, str], Path]) -> tuple[str, Path] | None:
    for kind, pattern in _COPIES:
        match = pattern.fullmatch(unicodedata.normalize("NFC", path.stem))
        original = stems.get((path.parent, _plain(match[1]))) if match else None
        if original is not None and original != path:
            return kind, original
    return None


def _plain(stem: str) -> str:
    return unicodedata.normalize("NFC", stem).strip().casefold()


def _natural(path: Path) -> tuple[object, ...]:
    """Sort 2月 before 10月."""
    pieces = re.split(r"(\d+)", str(path).casefold())
    return tuple(int(p) if i % 2 else p for i, p in enumerate(pieces))


def _hint(paths: Sequence[str | Path], copies: Sequence[Finding]) -> str:
    if copies:
        return "里面只有副本，请保留一份原件"
    for path in map(Path, paths):
        deeper = [p for p in path.glob("*/*") if _counts(p)] if path.is_dir() else []
        if deeper:
            return f"子文件夹里有 {len(deeper)} 个工作簿，请指定子文件夹，或写成“{path}/*/*.xlsx”"
    return "请指定 .xlsx 工作簿，或放着工作簿的文件夹"
