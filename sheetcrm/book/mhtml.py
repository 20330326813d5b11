"""A web page saved as one file (MHTML, RFC 2557): the tables of its pages."""

from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import PurePosixPath

from sheetcrm.book.encoding import Decoded
from sheetcrm.book.html_sheet import html_sheets, page_text, sheet_names
from sheetcrm.errors import FileProblem
from sheetcrm.table import RawSheet

_MAX_PARTS = 500


def mhtml_sheets(
    data: bytes, path: str, name: str, given: str | None
) -> tuple[tuple[RawSheet, ...], str]:
    """Return the tables of all pages in the file, and the encoding they were in.

    Raises:
        FileProblem: There is no table in it.
    """
    pages = list(_pages(data, path, given))
    names: dict[str, str] = {}
    for _, page in pages:
        names |= sheet_names(page.text)
    sheets: list[RawSheet] = []
    empty: FileProblem | None = None
    for where, page in pages:
        try:
            sheets += html_sheets(page.text, path, names.get(where, name))
        except FileProblem as problem:  # frames, tab strips and style sheets have no table
            empty = problem
    if not sheets:
        raise empty or FileProblem(path, "网页存档里没有网页", "请从原来的系统重新导出", "FIL-02")
    return tuple(sheets), next(page.name for _, page in pages)


def _pages(data: bytes, path: str, given: str | None) -> Iterator[tuple[str, Decoded]]:
    message = message_from_bytes(data, policy=policy.default)
    for number, part in enumerate(message.walk()):
        if number >= _MAX_PARTS:
            return
        if not isinstance(part, EmailMessage) or part.get_content_type() != "text/html":
            continue
        body = part.get_payload(decode=True)
        if isinstance(body, bytes) and body.strip():
            where = PurePosixPath(str(part.get("Content-Location", "")).replace("\\", "/")).name
            page = page_text(body, path, given, part.get_content_charset() or "")
            yield where.casefold(), page
