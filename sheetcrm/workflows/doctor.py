"""`sheetcrm doctor`: is everything in order, of the program and of a folder of workbooks."""

import platform
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, TypeAlias

from sheetcrm import __version__
from sheetcrm.book import health
from sheetcrm.book.find import Found, find_books
from sheetcrm.book.journal import open_journal
from sheetcrm.book.remote import local
from sheetcrm.errors import FileProblem, NothingToDo
from sheetcrm.workflows.lint import lint_file
from sheetcrm.workflows.program import LIBRARIES, version_of
from sheetcrm.workflows.run_log import log_file

Level: TypeAlias = Literal["ok", "note", "attention"]

# Bigger books are not linted in passing.
LARGEST_LINTED = 30 << 20
LEAST_FREE = 200 << 20
CLOCK_SLACK = 300.0
_NAMED = 5
_LINTED = frozenset((".xlsx", ".xlsm"))


@dataclass(frozen=True)
class Point:
    """One thing that was looked at: `topic` names it for programs, `title` for people.

    "attention": somebody should do what `remedy` says. "note": worth knowing.
    """

    topic: str
    title: str
    level: Level
    said: str
    remedy: str = ""

    def as_json(self) -> dict[str, str]:
        """Return one object of `doctor --json`."""
        return asdict(self)


@dataclass(frozen=True)
class Diagnosis:
    """All that was looked at."""

    folder: Path
    points: tuple[Point, ...]

    @property
    def healthy(self) -> bool:
        """Whether nothing needs attention."""
        return all(point.level != "attention" for point in self.points)

    def as_json(self) -> dict[str, Any]:
        """Return what `doctor --json` writes."""
        points = [point.as_json() for point in self.points]
        return {"folder": str(self.folder), "healthy": self.healthy, "points": points}


@dataclass(frozen=True)
class _Scene:
    """What is looked at: the folder, its workbooks and the copies among them."""

    folder: Path
    found: Found
    now: datetime
    clean: bool


def diagnose(folder: Path, now: datetime, *, clean: bool = False) -> Diagnosis:
    """Look at the program and at a folder.

    Args:
        folder: The folder of the workbooks; of a file, the folder it is in.
        now: This computer's time.
        clean: Remove what killed runs left, and settle what they left open.

    Raises:
        FileProblem: There is no such folder.
    """
    folder = local(folder)
    place = folder.parent if folder.is_file() else folder
    if not place.is_dir():
        raise FileProblem(str(folder), "找不到这个文件夹", "请检查路径")
    try:
        found = find_books([place])
    except NothingToDo:
        found = Found(())
    scene = _Scene(place, found, now, clean)
    return Diagnosis(place, tuple(point for look in _LOOKS for point in look(scene)))


def _versions(scene: _Scene) -> Iterator[Point]:
    system = f"{platform.system()} {platform.release()}"
    said = f"sheetcrm {__version__}，Python {sys.version.split()[0]}，{system}"
    yield Point("program", "程序", "ok", said)
    missing, there = [], []
    for name in LIBRARIES:
        if found := version_of(name):
            there.append(f"{name} {found}")
        else:
            missing.append(name)
    yield Point("libraries", "依赖", "ok", "，".join(there))
    if missing:
        remedy = "请重新安装：pip install --force-reinstall sheetcrm"
        yield Point("libraries", "依赖", "attention", f"没有安装 {'、'.join(missing)}", remedy)


def _access(scene: _Scene) -> Iterator[Point]:
    error = health.writable(scene.folder)
    if error is not None:
        said = f"不能在里面建文件（{error.strerror}），写不回结果"
        remedy = "请检查文件夹权限，或换一个能写的文件夹"
        yield Point("access", "写权限", "attention", said, remedy)
    else:
        yield Point("access", "写权限", "ok", "可以写")
    free = shutil.disk_usage(scene.folder).free
    largest = max((book.stat().st_size for book in scene.found.books), default=0)
    if free < max(LEAST_FREE, 4 * largest):
        said = f"只剩 {_size(free)}，写回和备份可能放不下"
        yield Point("disk", "磁盘空间", "attention", said, "请清出空间后再写")
    else:
        yield Point("disk", "磁盘空间", "ok", f"剩余 {_size(free)}")


def _locks(scene: _Scene) -> Iterator[Point]:
    holder = health.lock_holder(scene.folder)
    if holder is None:
        yield Point("lock", "写入锁", "ok", "没有别的 sheetcrm 在写")
    else:
        who = f"（进程 {holder}）" if holder else ""
        said = f"另一个 sheetcrm 正在写这个文件夹{who}"
        yield Point("lock", "写入锁", "attention", said, "请等它结束；它已不在时，重启电脑即可解除")


def _owners(scene: _Scene) -> Iterator[Point]:
    held = health.open_books([*scene.found.books])
    for book, owner in held:
        said = f"“{book.name}”正被打开：{owner}"
        yield Point("open", "打开着的", "attention", said, "要写回结果，请先关闭它")
    stale = health.stale_owner_files(scene.folder)
    if stale:
        said = f"有 {len(stale)} 个一周以前的占用标记：{_names(stale)}"
        remedy = "确认没有人打开后可以删除；它们不妨碍写入"
        yield Point("owner-files", "占用标记", "note", said, remedy)
    if not held:
        yield Point("open", "打开着的", "ok", "没有工作簿正被打开")


def _leftovers(scene: _Scene) -> Iterator[Point]:
    swept = health.sweep(scene.folder) if scene.clean else []
    left = health.temporary_files(scene.folder)
    if swept:
        yield Point("temporary", "临时文件", "note", f"清理了 {len(swept)} 个残留的临时文件")
    if left:
        said = f"有 {len(left)} 个中断的运行留下的临时文件：{_names(left)}"
        remedy = "没能删除，请检查权限" if scene.clean else "加上 --clean 再运行会清理它们"
        yield Point("temporary", "临时文件", "attention", said, remedy)
    if not (swept or left):
        yield Point("temporary", "临时文件", "ok", "没有残留")
    for path in health.left_aside(scene.folder):
        said = f"“{path.name}”是当时写不进原文件的结果"
        remedy = "请核对后用它替换原文件，或删掉它再运行一次"
        yield Point("aside", "没能写回的结果", "attention", said, remedy)


def _journal(scene: _Scene) -> Iterator[Point]:
    journal = open_journal(scene.folder)
    if scene.clean:
        journal.settle()
    entries = journal.entries()
    bad = False
    for state, said, remedy in (
        (
            "prepared",
            "写到一半被中断，还没有核对",
            "下一次写入时会自动核对；现在就核对，加上 --clean",
        ),
        (
            "unknown",
            "写到一半被中断，之后又被别的程序改过，结果不明",
            "请对照 .sheetcrm/backup 里的备份核对",
        ),
    ):
        books = sorted({entry.book for entry in entries if entry.state == state})
        if books:
            bad = True
            yield Point("journal", "改动记录", "attention", f"{'、'.join(books)}：{said}", remedy)
    if not bad:
        done = sum(entry.state == "committed" for entry in entries)
        yield Point(
            "journal", "改动记录", "ok", f"{done} 次改动，都写完整了" if done else "还没有改动过"
        )


def _backups(scene: _Scene) -> Iterator[Point]:
    kept = health.stored_backups(scene.folder)
    said = f"{kept.count} 份，共 {_size(kept.size)}" if kept.count else "还没有备份"
    yield Point("backups", "备份", "ok", said)
    if kept.orphans:
        names = "、".join(kept.orphans[:_NAMED])
        said = f"{names} 等 {len(kept.orphans)} 本" if len(kept.orphans) > _NAMED else names
        remedy = "不再需要时，可以删除 .sheetcrm/backup 里它们的文件夹"
        yield Point("backups", "备份", "note", f"工作簿已不在而备份还在：{said}", remedy)


def _books(scene: _Scene) -> Iterator[Point]:
    bad, skipped = 0, []
    books = [book for book in scene.found.books if book.suffix.lower() in _LINTED]
    for book in books:
        if book.stat().st_size > LARGEST_LINTED:
            skipped.append(book)
            continue
        linted = lint_file(book)
        errors = [fault for fault in linted.faults if fault.level == "error"]
        if linted.problem is not None:
            bad += 1
            said = f"“{book.name}”：{linted.problem.reason}"
            yield Point("repair", "工作簿", "attention", said, linted.problem.remedy)
        elif errors:
            bad += 1
            said = f"“{book.name}”有 {len(errors)} 处会让 Excel 提示修复"
            yield Point("repair", "工作簿", "attention", said, f"详情见 sheetcrm lint {book.name}")
    if skipped:
        said = f"太大，没有逐格检查：{_names(skipped)}"
        yield Point("repair", "工作簿", "note", said, "需要时用 sheetcrm lint 单独检查")
    if not bad and books:
        yield Point("repair", "工作簿", "ok", f"{len(books) - len(skipped)} 本都能直接打开")
    elif not books:
        yield Point("repair", "工作簿", "note", "这个文件夹里没有 .xlsx 工作簿")


def _copies(scene: _Scene) -> Iterator[Point]:
    for each in scene.found.findings:
        level: Level = "note" if each.severity == "info" else "attention"
        said = f"“{Path(each.file).name}”：{each.message}"
        yield Point("copies", "副本", level, said, each.suggestion)
    if not scene.found.findings:
        yield Point("copies", "副本", "ok", "没有冲突副本")


def _clock(scene: _Scene) -> Iterator[Point]:
    late = health.from_the_future(scene.folder, CLOCK_SLACK)
    program = datetime.fromtimestamp(Path(__file__).stat().st_mtime).astimezone()
    here = f"{scene.now:%Y-%m-%d %H:%M}"
    if late:
        said = f"这台电脑现在是 {here}，而 {_names(late)} 的修改时间还在后面"
        remedy = "请核对这台电脑的日期和时间；逾期、沉默天数都按它算"
        yield Point("clock", "时钟", "attention", said, remedy)
    elif scene.now < program:
        said = f"这台电脑现在是 {here}，早于程序安装的时间"
        yield Point("clock", "时钟", "attention", said, "请核对这台电脑的日期和时间")
    else:
        yield Point("clock", "时钟", "ok", here)


def _log(scene: _Scene) -> Iterator[Point]:
    file = log_file()
    said = "没有开" if file is None else str(file)
    yield Point("log", "运行日志", "ok", said)


_LOOKS: tuple[Callable[[_Scene], Iterator[Point]], ...] = (
    _versions,
    _access,
    _clock,
    _locks,
    _owners,
    _journal,
    _leftovers,
    _backups,
    _copies,
    _books,
    _log,
)


def _names(paths: Iterable[Path]) -> str:
    names = [path.name for path in paths]
    more = f" 等 {len(names)} 个" if len(names) > _NAMED else ""
    return "、".join(names[:_NAMED]) + more


def _size(count: float) -> str:
    for unit in ("B", "KB", "MB", "GB"):
        if count < 1024:
            return f"{count:.0f} {unit}" if unit in ("B", "KB") else f"{count:.1f} {unit}"
        count /= 1024
    return f"{count:.1f} TB"
