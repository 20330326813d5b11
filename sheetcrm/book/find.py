"""Which files are the workbooks: paths, folders and globs expanded, copies and junk left out."""

import glob
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from sheetcrm.book.owners import is_owner_file
from sheetcrm.book.publish import ASIDE
from sheetcrm.book.remote import RemotePath, listed, located
from sheetcrm.book.state import FOLDER
from sheetcrm.errors import FileProblem, NothingToDo
from sheetcrm.findings import Finding, Place, finding

SUFFIXES = frozenset({".xlsx", ".xlsm", ".xls", ".xlsb", ".ods", ".et"})
# folders of this tool, of Synology and of other network storage
_SKIPPED_FOLDERS = frozenset({FOLDER, "@eadir", "#recycle", "$recycle.bin", ".stversions"})

# How sync services, programs and people name copies; each has the original's stem as group 1.
# Sources: notes of OneDrive, Synology Drive, 坚果云, WPS 网盘, Dropbox, Nextcloud, Seafile,
# Syncthing, Google Drive, iCloud, Windows Explorer, Excel.
_CONFLICT = r"(?:冲突|conflict)"
_HOST = r"[A-Za-z0-9]+(?:['’]s)?(?:[ -][A-Za-z0-9]+)*"
_NUMBERED = r"(?: ?[(（]?\d+[)）]?)?"
_COPIES: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(pattern, re.IGNORECASE))
    for kind, pattern in (
        ("没能写回的结果", rf"(.+){re.escape(ASIDE)}"),
        ("同步冲突", rf"(.+?)[-_ ]?[(（\[].*{_CONFLICT}.*[)）\]]"),
        ("同步冲突", rf"(.+?)[-_. ](?:NS|SF|sync-)?{_CONFLICT}.*"),
        ("同步冲突", r"(.+)_[^_]+_\w{3}-\d{2}-\d{4}-\d{4}_(?:Case)?Conflict(?:_\d+)?"),
        ("同步冲突", r"(.+?)_CaseConflict(?:_\d+)?"),
        ("另一台电脑的同步冲突", r"(.+)-(?:DESKTOP|LAPTOP|PC|WIN)-[A-Z0-9]+(?:-\d+)?"),
        (
            "另一台电脑的同步冲突",
            rf"(.+?)-(?:{_HOST}[ -])?(?:PC|MacBook|iMac|Mac|Laptop|Desktop|Surface|ThinkPad)"
            r"(?:[ -](?:Pro|Air|mini))?(?:[ -][A-Z0-9]+)?(?:[ -]\d+)?",
        ),
        (
            "自动恢复的文件",
            r"(.+?)[-_ ]*[(（\[](?:自动保存|自动恢复|已恢复|已修复|修复的|AutoSaved"
            r"|AutoRecovered|Recovered|Repaired|Last saved.*)[^)）\]]*[)）\]]",
        ),
        ("备份", rf"(.+?)(?:[-_. ]|的)*[(（]?(?:备份|backup|bak)[)）]?[-_ ]?[\d-]*{_NUMBERED}"),
        ("备份", r"(?:备份|backup of|backup)[-_ ]*(.+)"),
        ("手工副本", rf"(.+?)(?: ?[-_] ?| |的)?[(（]?(?:副本|复件|复制|copy)[)）]?{_NUMBERED}"),
        ("手工副本", r"(?:副本|复件|复制|Copy of)[-_ ]*(?:[(（]\d+[)）] *)?(.+)"),
        ("重复下载", r"(.+?) ?[(（\[]\d+[)）\]]"),
    )
)
# Names that are copies only where the content is the same: 线索 2.xlsx may be another list.
_PERHAPS = re.compile(r"(.+?)[ _-]\d{1,2}")
# A workbook saved as a new kind stands for the old one it was made from.
_NEWEST = (".xlsx", ".xlsm", ".xlsb", ".xls", ".et", ".ods")


@dataclass(frozen=True)
class Found:
    """The workbooks to work on, in order, and what was left out."""

    books: tuple[Path, ...]
    findings: tuple[Finding, ...] = ()


def find_books(paths: Sequence[str | Path]) -> Found:
    """Expand files, folders and globs, local ones and URLs, into workbooks.

    A folder means the workbooks directly in it. A copy beside its original is left out with a
    finding (FIL-08), unless it is named itself; alone it counts, which is said too (FIL-09). Owner
    files, temporary files and the state folder never count.

    Raises:
        FileProblem: A named file does not exist, or a URL cannot be listed.
        NothingToDo: Nothing in the given paths is a workbook.
    """
    named: list[Path] = []
    candidates: list[Path] = []
    for path in map(located, paths):
        if isinstance(path, RemotePath):
            files, itself = listed(path)
            (named if itself else candidates).extend(f for f in files if itself or _counts(f))
        elif path.is_dir():
            candidates += _in_folder(path)
        elif path.exists():
            named.append(path)
        elif glob.has_magic(str(path)):
            candidates += _by_pattern(path)
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
    if path.suffix.lower() not in SUFFIXES or junk or skipped:
        return False
    return isinstance(path, RemotePath) or path.is_file()


def _without_copies(
    named: Iterable[Path], candidates: Sequence[Path]
) -> tuple[list[Path], list[Finding]]:
    """Return each file once, in order; what is said of copies among the candidates."""
    books: dict[Path, Path] = {}
    for path in named:
        books.setdefault(path.resolve(), path)
    stems: dict[tuple[Path, str], Path] = {}
    for path in sorted(candidates, key=lambda p: _age(p), reverse=True):
        stems[path.parent, _plain(path.stem)] = path  # the newest kind of file comes last
    said = []
    for path in candidates:
        if path.resolve() in books:
            continue
        kind, original = _copy_of(path, stems)
        if original is None:
            books[path.resolve()] = path
        if original is not None:
            place = Place(file=str(path))
            said.append(finding("FIL-08", place, original=original.name, kind=kind))
        elif kind:
            said.append(finding("FIL-09", Place(file=str(path)), kind=kind))
    return list(books.values()), said


def _copy_of(path: Path, stems: dict[tuple[Path, str], Path]) -> tuple[str, Path | None]:
    """Return what kind of copy a file is by its name, and the file it is a copy of.

    The kind is "" for an ordinary name; the file is None where no original is there.
    """
    newer = stems.get((path.parent, _plain(path.stem)))
    if newer is not None and newer != path and _age(newer) != _age(path):
        return "另存成新格式之前的文件", newer
    stem, first = unicodedata.normalize("NFC", path.stem), ""
    while True:
        kind, stem = _stripped(stem)
        if not kind:
            break
        first = first or kind
        original = stems.get((path.parent, _plain(stem)))
        if original is not None and original != path:
            return first, original
    perhaps = _PERHAPS.fullmatch(unicodedata.normalize("NFC", path.stem))
    original = stems.get((path.parent, _plain(perhaps[1]))) if perhaps else None
    if original is not None and original != path and _same_bytes(original, path):
        return "内容相同", original
    return first, None


def _stripped(stem: str) -> tuple[str, str]:
    """Return what kind of copy a name speaks of, and the name without that; "" if of none."""
    for kind, pattern in _COPIES:
        match = pattern.fullmatch(stem)
        if match is not None and match[1].strip():
            return kind, match[1].strip()
    return "", stem


def _same_bytes(one: Path, other: Path) -> bool:
    try:
        same_size = one.stat().st_size == other.stat().st_size
        return same_size and one.read_bytes() == other.read_bytes()
    except OSError:
        return False


def _age(path: Path) -> int:
    suffix = path.suffix.lower()
    return _NEWEST.index(suffix) if suffix in _NEWEST else len(_NEWEST)


def _plain(stem: str) -> str:
    return unicodedata.normalize("NFC", stem).strip().casefold()


def _natural(path: Path) -> tuple[object, ...]:
    """Sort 2月 before 10月."""
    pieces = re.split(r"(\d+)", str(path).casefold())
    return tuple(int(p) if i % 2 else p for i, p in enumerate(pieces))


def _hint(paths: Sequence[str | Path], copies: Sequence[Finding]) -> str:
    if any(copy.code == "FIL-08" for copy in copies):
        return "里面只有副本，请保留一份原件"
    for path in map(located, paths):
        if isinstance(path, RemotePath):
            continue
        deeper = [p for p in path.glob("*/*") if _counts(p)] if path.is_dir() else []
        if deeper:
            return f"子文件夹里有 {len(deeper)} 个工作簿，请指定子文件夹，或写成“{path}/*/*.xlsx”"
    return "请指定 .xlsx 工作簿，或放着工作簿的文件夹"
