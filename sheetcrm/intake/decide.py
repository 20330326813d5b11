"""What becomes of every row of an incoming sheet: 新建, 更新, 合并, 跳过 or 待修正."""

from sheetcrm.clean import CleanBook
from sheetcrm.intake.model import Decided, Incoming
from sheetcrm.intake.options import Answer, Options

__all__ = ["Answer", "Options", "decide"]


def decide(incoming: Incoming, book: CleanBook, options: Options) -> Decided:
    """Decide about every row of a sheet; the book is not touched.

    Args:
        incoming: The sheet, mapped and typed.
        book: What it goes into.
        options: The day, what was imported before, and what a person has decided.
    """
    raise NotImplementedError
