"""What the workbooks write down: nobody neglected what there is no column for."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from sheetcrm.clean import CleanBook
from sheetcrm.findings import file_name
from sheetcrm.metrics.dataset import Dataset

_CONTACT = ("last_follow_up", "followed_on")
_PLAN = ("next_follow_up", "next_follow_up")


@dataclass(frozen=True)
class Recorded:
    """The files whose leads can be judged: by their last contact, by the next one planned.

    `files` are all that have leads.
    """

    files: tuple[str, ...]
    contact: frozenset[str]
    plan: frozenset[str]

    def judged(self, key: str, files: pd.Series) -> npt.NDArray[np.bool_]:
        """Say for every lead whether its file has what a warning list looks at."""
        known = self._known(key)
        if known is None or known >= set(self.files):
            return np.ones(len(files), dtype=bool)
        return files.isin(known).to_numpy()

    def without(self, key: str) -> str:
        """Say in Chinese which files a warning list could not judge, and why; "" for none."""
        known = self._known(key)
        left = [] if known is None else [name for name in self.files if name not in known]
        if not left:
            return ""
        what = "“下次跟进时间”列" if known is self.plan else "“最后跟进时间”列和跟进记录"
        which = "表里" if len(left) == len(self.files) else _names(left)
        return f"{which}没有{what}，没有判断"

    def _known(self, key: str) -> frozenset[str] | None:
        if key == "no_plan":
            return self.plan
        silent = ("never_followed_up", "silent_owner", "silent_manager", "churn_risk")
        return self.contact if key in silent else None


def recorded(data: Dataset) -> Recorded:
    """Find out what the files with leads write down.

    A follow-up log kept apart, in a workbook without leads, is everybody's.
    """
    books, files = data.books, tuple(data.frames["lead"]["file"].unique())
    of = {book.file: book for book in books}
    apart = [book for book in books if book.file not in files]

    def having(columns: tuple[str, str]) -> frozenset[str]:
        if any(_has(book, "follow_up", columns[1]) for book in apart):
            return frozenset(files)
        return frozenset(
            name
            for name in files
            if name not in of
            or _has(of[name], "lead", columns[0])
            or _has(of[name], "follow_up", columns[1])
            or (columns is _CONTACT and of[name].told is not None)
        )

    return Recorded(files, having(_CONTACT), having(_PLAN))


def stage_gap(data: Dataset) -> str:
    """Say in Chinese which files tell no lead's stage, and what that does; "" for none.

    Nor do those tell it where only the deals and the losses are ticked or dated.
    """
    told = ("stage_progress", "status_change")
    books = [book for book in data.books if "lead" in book.tables]
    silent = [
        book
        for book in books
        if not any(kind in book.tables and len(book.tables[kind].data) for kind in told)
    ]
    if left := [book.file for book in silent if not _has(book, "lead", "status")]:
        which = "" if len(left) == len(books) else _names(left)
        return (
            f"{which}没有认出写阶段的列：线索都按进行中、停在第一个阶段计，成交、流失、转化、销售额都不作数。"
            "请把那一列的表头改成“线索状态”，有“字段”页的，那里也要有“线索状态”这一行，再运行一次。"
        )
    if left := [book.file for book in silent if _only_ends(book)]:
        which = "" if len(left) == len(books) else _names(left)
        return (
            f"{which}没有认出写阶段的列，只看得出哪些成交、哪些流失：其余的按进行中计，中间各阶段的数量和转化不作数。"
            "有写阶段的列的，请把它的表头改成“线索状态”，再运行一次。"
        )
    return ""


def _only_ends(book: CleanBook) -> bool:
    """Say whether the stages were read from other columns, and none of them is an open one."""
    lead = book.tables["lead"]
    if lead.source.has("status"):
        return False
    stages = book.kit.pipeline.by_label
    kinds = {stages[text].kind for text in lead.data["status"].dropna().unique() if text in stages}
    return bool(kinds) and "open" not in kinds


def _has(book: CleanBook, kind: str, key: str) -> bool:
    return kind in book.tables and key in book.tables[kind].data


def _names(files: Sequence[str]) -> str:
    shown = "、".join(f"【{file_name(name)}】" for name in files[:3])
    return f"{shown}等{len(files)}个文件" if len(files) > 3 else shown
