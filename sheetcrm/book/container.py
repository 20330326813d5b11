"""What kind of file this is, by its content: the name of a file proves nothing."""

import re
import struct
from typing import Literal

from sheetcrm.errors import FileProblem

Kind = Literal["zip", "xls"]
TextForm = Literal["text", "html", "mhtml", "spreadsheetml", "xml", ""]

RESAVE = "请用 Excel 或 WPS 打开它，另存为 .xlsx 后再试"
EXPORT_AGAIN = "请从原来的系统重新导出 Excel 工作簿（.xlsx），再试一次"
FETCH_AGAIN = "请重新下载或重新复制这个文件，再试一次"

IMPORT = (
    "要把其中的数据并入工作簿，请用 sheetcrm import；要直接检查，请先用 Excel 或 WPS 另存为 .xlsx"
)

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_BIFF = (b"\x09\x00\x04\x00", b"\x09\x02\x06\x00", b"\x09\x04\x06\x00", b"\x09\x08\x10\x00")
_BIFF8_BOF = b"\x09\x08\x10\x00\x00\x06\x05\x00"
_FILEPASS = 0x002F
_KNOWN: tuple[tuple[tuple[bytes, ...], str, str], ...] = (
    ((b"PK",), "文件是一个空的压缩包，没有工作簿内容", FETCH_AGAIN),
    (
        (b"version https://git-lfs",),
        "这只是大文件的占位指针（Git LFS），不是工作簿本身",
        "请先取回真正的文件，再试一次",
    ),
    ((b"%PDF",), "这其实是 PDF 文件，不是 Excel 工作簿", EXPORT_AGAIN),
    (
        (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF8"),
        "这其实是一张图片，不是 Excel 工作簿",
        EXPORT_AGAIN,
    ),
    (
        (b"Rar!\x1a\x07", b"7z\xbc\xaf\x27\x1c", b"\x1f\x8b"),
        "这其实是压缩包，不是 Excel 工作簿",
        "请先解压，再处理里面的工作簿",
    ),
)
_TEXT_IMPOSTORS: dict[TextForm, tuple[str, str]] = {
    "spreadsheetml": ("这是 Excel 2003 的 XML 表格，不是工作簿文件", IMPORT),
    "mhtml": ("这其实是网页存档（MHTML），不是 Excel 工作簿", IMPORT),
    "html": ("这其实是网页（HTML），只是名字像 Excel 工作簿", IMPORT),
    "xml": ("这其实是 XML 文件，不是 Excel 工作簿", RESAVE),
    "text": ("这其实是纯文本（如 CSV），不是 Excel 工作簿", IMPORT),
    "": ("这不是 Excel 工作簿，或者已经损坏", RESAVE),
}
_BLANK = b"\x00 \t\r\n\xef\xbb\xbf"
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_STRAY = 3  # control characters a short text may hold and still be one
# stream names of an OLE file are UTF-16LE ([MS-CFB] 2.6.1); these two exist only in encrypted books
_ENCRYPTED_STREAMS = ("EncryptedPackage", "EncryptionInfo")
_MARKUP = re.compile(
    rb"^\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(!doctype html|[a-z?!][\w:-]*)", re.I | re.S
)


def container(data: bytes, path: str) -> Kind:
    """Tell a workbook from what merely bears its name.

    Returns:
        "zip" for .xlsx, .xlsm, .xltx, .xlsb and .ods packages, "xls" for the binary format
        of Excel 97-2003.

    Raises:
        FileProblem: The bytes are something else; the sentence says what.
    """
    if data.startswith(b"PK\x03\x04"):
        return "zip"
    if data.startswith(OLE):
        if any(name.encode("utf-16-le") in data for name in _ENCRYPTED_STREAMS):
            raise encrypted(path)
        if _has_file_pass(data):
            raise encrypted(path)
        return "xls"
    if data.startswith(_BIFF):
        return "xls"
    raise _impostor(data, path)


def _has_file_pass(data: bytes) -> bool:
    """Say whether a FILEPASS record follows the beginning of the workbook ([MS-XLS] 2.1.7.20)."""
    at = data.find(_BIFF8_BOF)
    for _ in range(3):
        if at < 0 or at + 4 > len(data):
            return False
        record, length = struct.unpack_from("<HH", data, at)
        if record == _FILEPASS:
            return True
        at += 4 + length
    return False


def encrypted(path: str) -> FileProblem:
    """Return the problem of a workbook that asks for a password to open."""
    return FileProblem(
        path, "文件有打开密码，读不到内容", "请用 Excel 或 WPS 打开后去掉打开密码，另存一份再试"
    )


def text_form(data: bytes) -> TextForm:
    """Say what kind of text a file is by its beginning; "" where it is none, or no table at all.

    UTF-16 has to have its byte order mark here.
    """
    if not data.strip(_BLANK) or _known(data):
        return ""
    head = data[: 1 << 16].removeprefix(b"\xef\xbb\xbf")
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        wide = "utf-32" if head.startswith((b"\xff\xfe\0\0", b"\0\0\xfe\xff")) else "utf-16"
        head = head.decode(wide, "ignore").encode()
    if len(_CONTROL.findall(head)) > max(_STRAY, len(head) // 100):
        return ""
    return _language(head)


def _language(head: bytes) -> TextForm:
    if b"urn:schemas-microsoft-com:office:spreadsheet" in head[:4096]:
        return "spreadsheetml"
    if re.match(rb"(MIME-Version|From|Content-Type|Message-ID):", head, re.I):
        return "mhtml"
    if not head.lstrip().startswith(b"<"):
        return "text"
    if re.search(rb"<(html|table|body|head|meta|style|tr)\b", head, re.I):
        return "html"
    return "xml" if _MARKUP.match(head) else "text"


def _known(data: bytes) -> tuple[str, str] | None:
    """Return (reason, remedy) for a well-known kind of file that is no table."""
    for signatures, reason, remedy in _KNOWN:
        if data.startswith(signatures):
            return reason, remedy
    return None


def _impostor(data: bytes, path: str) -> FileProblem:
    if not data.strip(_BLANK):
        return FileProblem(path, "文件是空的，没有任何内容", FETCH_AGAIN)
    if known := _known(data):
        return _wrong(path, *known)
    if b"PK\x03\x04" in data[:65536]:
        return FileProblem(path, "文件开头多出了无关内容，像是下载时损坏了", FETCH_AGAIN)
    return _wrong(path, *_TEXT_IMPOSTORS[text_form(data)])


def _wrong(path: str, reason: str, remedy: str) -> FileProblem:
    return FileProblem(path, reason, remedy, code="FIL-02")
