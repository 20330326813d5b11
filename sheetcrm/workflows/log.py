"""`sheetcrm log`: what was done to a book, or to the books of a folder, and what can be undone."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias

from sheetcrm.book.journal import Entry, Journal, open_journal
from sheetcrm.book.remote import local
from sheetcrm.book.state import backup_of, digest
from sheetcrm.errors import FileProblem
from sheetcrm.tabs.titles import ALL_TITLES

Standing: TypeAlias = Literal["whole", "cells", "no", "undone", "aborted", "unknown"]
STANDINGS: dict[Standing, str] = {
    "whole": "可撤销",
    "cells": "可逐格撤销",
    "no": "不能撤销",
    "undone": "已撤销",
    "aborted": "没有写成",
    "unknown": "结果不明",
}
# More tabs than these are counted, not named.
_NAMED_TABS = 2


@dataclass(frozen=True)
class LogLine:
    """One book that a run changed.

    `standing` says what `sheetcrm undo --batch` would do: bring the old file back "whole", take
    back what was not edited since ("cells"), or "no": nothing. "aborted" runs wrote nothing;
    "unknown" ones were killed, and somebody changed the book before anybody could look. `undoes`
    is the batch that this one took back.
    """

    entry: Entry
    standing: Standing
    undoes: str = ""

    @property
    def said(self) -> str:
        """What was done, in Chinese."""
        entry = self.entry
        tabs = [ALL_TITLES.get(kind, kind) for kind in entry.tabs]
        named = "、".join(tabs) if len(tabs) <= _NAMED_TABS else f"{tabs[0]}等 {len(tabs)} 页"
        parts = [
            (self.undoes, f"撤销 {self.undoes}"),
            (entry.before is None, "新建文件"),
            (entry.after is None, "去掉文件"),
            (entry.created, f"新增 {entry.created} 行"),
            (entry.emptied, f"清空 {entry.emptied} 行"),
            (entry.cells, f"改 {entry.cells} 格"),
            (tabs, f"写 {named}"),
            (entry.marking == "on", "标色"),
            (entry.marking == "off", "去掉标色"),
            (entry.source, f"来自 {entry.source}"),
        ]
        return "，".join(said for there, said in parts if there) or "重写整个文件"

    def as_json(self) -> dict[str, Any]:
        """Return one object of `log --json`."""
        entry = self.entry
        return {
            "batch": entry.batch,
            "time": entry.time,
            "command": entry.command,
            "book": entry.book,
            "created": entry.created,
            "emptied": entry.emptied,
            "cells": entry.cells,
            "tabs": list(entry.tabs),
            "marking": entry.marking,
            "ids": {stem: list(given) for stem, given in entry.ids.items()},
            "source": entry.source,
            "undoes": self.undoes,
            "before": entry.before,
            "after": entry.after,
            "backup": entry.backup,
            "undo": self.standing,
        }


def log(path: Path) -> tuple[LogLine, ...]:
    """Return what was done to a book, or to the books of a folder, oldest first.

    Raises:
        FileProblem: There is no such file or folder, and none was ever written there.
    """
    path = local(path)
    journal = open_journal(path)
    if not path.exists() and not journal.entries():
        raise FileProblem(str(path), "找不到这个文件或文件夹", "请检查路径和文件名")
    journal.settle()
    entries, undone = journal.entries(), journal.undone()
    now = {entry.book: digest(journal.folder / entry.book) for entry in entries}
    batches = {entry.key: entry.batch for entry in entries}
    return tuple(
        LogLine(
            entry,
            "undone" if entry.key in undone else _standing(journal, entry, now[entry.book]),
            batches.get(entry.undoes, ""),
        )
        for entry in entries
    )


def _standing(journal: Journal, entry: Entry, now: str | None) -> Standing:
    if entry.state != "committed":
        return "aborted" if entry.state == "aborted" else "unknown"
    if now == entry.after:
        book = journal.folder / entry.book
        if entry.before is None or backup_of(book, entry.before) is not None:
            return "whole"
    piecewise = (
        entry.created or entry.emptied or entry.cells or entry.added or entry.marking == "on"
    )
    return "cells" if piecewise and now and entry.before and entry.after else "no"
