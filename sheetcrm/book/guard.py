"""Pre-flight of a workbook file before any parser sees it.

Every part is inflated to its end, which checks its CRC: calamine does not, and reads changed cells
without a word. Limits come from measurements on ordinary workbooks (data inflates about 6:1, blank
formatted cells 12:1) with a wide margin. Areas of merges and links are not limited: nothing here
ever expands them.
"""

import codecs
import io
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from xml.parsers import expat

from sheetcrm.book.biff import check_records
from sheetcrm.book.cfb import Broken
from sheetcrm.book.container import FETCH_AGAIN, OLE, RESAVE, container
from sheetcrm.book.contenttypes import part_key
from sheetcrm.book.scan import MAX_TAG, GiantTag, OddValue, SheetScan
from sheetcrm.errors import FileProblem
from sheetcrm.table import LAST_COLUMN, LAST_ROW

Form = Literal["xlsx", "xlsb", "ods", "xls"]

# Far above honest workbooks, as measured: a part of data inflates about 6 times, one of blank
# formatted rows 12 times; five million rows packed 200 times took 1.1 GB to read.
MAX_FILE = 512 << 20
MAX_PARTS = 5_000
MAX_TOTAL = 1 << 30
MAX_PART = 512 << 20
RATIO_GRACE = 1 << 20
MAX_RATIO = 200
MAX_CELLS = 6_000_000
# A sheet whose cells would fill less than a tenth of a big rectangle is read sparsely.
DENSE_AREA = 2_000_000
CHUNK = 1 << 18

_STRIP = "请删去多余的图片、空白格式或旧数据后另存，或把文件拆小再试"
_XML = (".xml", ".rels", ".vml")
_ROOT = re.compile(rb"<(?:\w+:)?(\w+)")
# Cells hang on these: a program that reads past a fault in them loses cells without a word.
_WELL_FORMED = frozenset({"worksheet", "sst", "styleSheet", "workbook"})
# Control characters are no XML, but many exports have them in a remark, and no cell is lost.
_SPACED = bytes(c if c > 31 or c in (9, 10, 13) else 32 for c in range(256))
_SHARED = re.compile(rb"<(?:\w+:)?sst\b[^>]*>")
# `count` says how often the texts are used: of a big workbook more often than it has bytes of them.
_COUNT = re.compile(rb"""\buniqueCount\s*=\s*["'](\d+)["']""")
_DECLARED = re.compile(rb"""(?:\xef\xbb\xbf)?\s*<\?xml[^>]*?\bencoding\s*=\s*["']([\w.:-]+)["']""")
_UTF8 = ("", "utf-8", "ascii")
_FORBIDDEN = (b"<!DOCTYPE", b"<!ENTITY")
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


@dataclass(frozen=True)
class Inspected:
    """A file that passed: its form, its parts by folded name, and what its worksheets hold.

    `foreign` names the XML parts that are not in UTF-8, `roots` the root element of each; `sheets`
    is what the sheets of an .xls hold, in order, as far as its records are followed.
    """

    path: str
    data: bytes = field(repr=False)
    form: Form = "xls"
    parts: Mapping[str, zipfile.ZipInfo] = field(default_factory=dict, repr=False)
    scans: Mapping[str, SheetScan] = field(default_factory=dict, repr=False)
    foreign: frozenset[str] = frozenset()
    roots: Mapping[str, str] = field(default_factory=dict, repr=False)
    sheets: tuple[SheetScan, ...] = ()

    def read(self, name: str) -> bytes | None:
        """Return a part's bytes, None where there is no such part."""
        info = self.parts.get(part_key(name))
        if info is None:
            return None
        with zipfile.ZipFile(io.BytesIO(self.data)) as package:
            return package.read(info)

    def searchable(self, name: str) -> bytes:
        """Return an XML part in an encoding that can be searched ("" where it is missing)."""
        data = self.read(name) or b""
        encoding = _encoding(data) if part_key(name) in self.foreign else ""
        return data.decode(encoding, "replace").encode() if encoding else data

    def scan(self, part: str) -> SheetScan | None:
        """Return what was seen in a worksheet part."""
        return self.scans.get(part_key(part))


def read_bytes(file: str | Path, path: str) -> bytes:
    """Return a file's bytes; messages call it `path`.

    Raises:
        FileProblem: It is missing, a folder, not readable, or larger than 512 MB.
    """
    try:
        if Path(file).stat().st_size > MAX_FILE:
            raise FileProblem(path, "文件超过 512 MB，太大了", _STRIP)
        return Path(file).read_bytes()
    except FileNotFoundError as error:
        raise FileProblem(path, "找不到这个文件", "请检查路径和文件名") from error
    except IsADirectoryError as error:
        raise FileProblem(path, "这是文件夹，不是文件", "请指定其中的工作簿") from error
    except PermissionError as error:
        raise FileProblem(
            path, "没有权限读取，或正被别的程序独占", "请先在 Excel 或 WPS 里关闭它再试", "FIL-07"
        ) from error
    except OSError as error:
        raise FileProblem(path, f"读取失败（{error.strerror}）", "请检查磁盘或网络再试") from error


def inspect(data: bytes, path: str) -> Inspected:
    """Inspect the bytes of a workbook file.

    Args:
        data: The whole file.
        path: The file as the user named it, for messages.

    Raises:
        FileProblem: Not a workbook, encrypted, damaged, or beyond the limits.
    """
    if container(data, path) == "xls":
        try:
            sheets = check_records(data) if data.startswith(OLE) else ()
        except Broken as error:
            raise _damaged(path) from error
        return Inspected(path, data, sheets=sheets)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            parts = _parts(package, path)
            form = _form(parts, path)
            seen = {name: _inflate(package, info, path) for name, info in parts.items()}
    except GiantTag as error:
        raise _too_big(path, "里面有一段异常巨大的内容") from error
    except OddValue as error:
        raise FileProblem(path, f"单元格的内容写坏了（{error}），读不准", RESAVE) from error
    except expat.ExpatError as error:
        raise FileProblem(path, "文件已损坏：内部的 XML 不完整，会漏读单元格", RESAVE) from error
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError) as error:
        raise _damaged(path) from error
    except (RuntimeError, ValueError, LookupError, OverflowError) as error:
        # what zipfile and the codecs raise on hostile headers (names, offsets, encodings)
        raise _damaged(path) from error
    return Inspected(
        path,
        data,
        form,
        parts,
        scans={name: each.scan for name, each in seen.items() if each.scan is not None},
        foreign=frozenset(name for name, each in seen.items() if each.encoding not in _UTF8),
        roots={name: each.root for name, each in seen.items()},
    )


def needs_sparse_read(scan: SheetScan) -> bool:
    """Say whether a dense rectangle from A1 would be mostly empty, and big."""
    area = scan.last_row * scan.last_column
    return area > DENSE_AREA and scan.cells * 10 < area


def _parts(package: zipfile.ZipFile, path: str) -> dict[str, zipfile.ZipInfo]:
    infos = package.infolist()
    if len(infos) > MAX_PARTS:
        raise _too_big(path, f"里面有 {len(infos)} 个部件")
    if sum(info.file_size for info in infos) > MAX_TOTAL:
        raise _too_big(path, "解压后超过 1 GB")
    parts: dict[str, zipfile.ZipInfo] = {}
    for info in infos:
        name = info.filename.replace("\\", "/")
        if ".." in name.split("/") or name.startswith("/") or re.match("[A-Za-z]:", name):
            raise FileProblem(path, "文件内部有指向外面的路径，不安全", RESAVE)
        if info.flag_bits & 1:
            raise FileProblem(path, "文件被压缩软件加了密码", "请用原来的软件解开密码后再试")
        if info.compress_type not in _METHODS:
            raise FileProblem(path, "文件用了 Excel 不认识的压缩方式", RESAVE)
        if name.endswith("/"):
            continue
        if part_key(name) in parts:
            raise FileProblem(path, "文件内部有两个同名的部件，内容无法确定", RESAVE)
        parts[part_key(name)] = info
    return parts


def _form(parts: Mapping[str, zipfile.ZipInfo], path: str) -> Form:
    if "[content_types].xml" in parts and any(n.startswith("word/") for n in parts):
        raise FileProblem(path, "这其实是 Word 文档，不是 Excel 工作簿", RESAVE, "FIL-02")
    if "[content_types].xml" in parts and any(n.startswith("ppt/") for n in parts):
        raise FileProblem(path, "这其实是 PPT 演示文稿，不是 Excel 工作簿", RESAVE, "FIL-02")
    if "content.xml" in parts and "mimetype" in parts:
        return "ods"
    inside = any(n.endswith((".xlsx", ".xls", ".xlsm")) for n in parts)
    if inside and "[content_types].xml" not in parts:  # with it, they are objects on its sheets
        raise FileProblem(
            path, "这其实是压缩包，里面才是工作簿", "请先解压，再处理里面的文件", "FIL-02"
        )
    if "[content_types].xml" not in parts or "_rels/.rels" not in parts:
        if any(n.startswith("xl/") for n in parts):
            raise _damaged(path)
        raise FileProblem(path, "这是压缩包，不是 Excel 工作簿", RESAVE, "FIL-02")
    return "xlsb" if any(n.endswith("workbook.bin") for n in parts) else "xlsx"


@dataclass
class _Part:
    """One part as it is inflated: its encoding, its root element, what a worksheet holds."""

    encoding: str = ""
    root: str = ""
    scan: SheetScan | None = None
    _decoder: codecs.IncrementalDecoder | None = None
    _parser: expat.XMLParserType | None = None
    _edge: bytes = b""
    _open: int = 0

    def begin(self, raw: bytes) -> None:
        """Look at the first bytes."""
        self.encoding = _encoding(raw)
        if self.encoding not in _UTF8:
            self._decoder = codecs.getincrementaldecoder(self.encoding)("replace")
            raw = raw.decode(self.encoding, "replace").encode()
        root = _ROOT.search(raw[:8192])
        self.root = root[1].decode() if root else ""
        if self.root in _WELL_FORMED:
            self._parser = expat.ParserCreate("utf-8")
        self.scan = SheetScan() if self.root == "worksheet" else None

    def feed(self, raw: bytes, path: str) -> bytes:
        """Take the next bytes; return them in UTF-8."""
        chunk = self._decoder.decode(raw).encode() if self._decoder else raw
        rest = chunk if self.scan is None else self.scan.feed(chunk)
        if any(word in self._edge + rest for word in _FORBIDDEN):
            raise _with_entities(path)
        self._edge = (self._edge + rest)[-16:]
        if self.scan is not None:
            _check_scan(self.scan, path)
        if self._parser is not None:
            closed = chunk.rfind(b">")
            self._open = len(chunk) - closed if closed >= 0 else self._open + len(chunk)
            if self._open > MAX_TAG:
                raise GiantTag
            self._parser.Parse(rest.translate(_SPACED), False)  # noqa: FBT003
        return chunk

    def end(self, path: str) -> None:
        """Look at the whole."""
        rest = b"" if self.scan is None else self.scan.close()
        if any(word in self._edge + rest for word in _FORBIDDEN):
            raise _with_entities(path)
        if self._parser is not None:
            self._parser.Parse(rest.translate(_SPACED), True)  # noqa: FBT003
            self._parser = None
        if self.scan is not None:
            if not self.scan.complete or not self.scan.ended:
                raise _damaged(path)
            _check_grid(self.scan, path)


def _inflate(package: zipfile.ZipFile, info: zipfile.ZipInfo, path: str) -> _Part:
    """Inflate one part to its end and look at it where it is XML."""
    part = _Part()
    if not info.filename.lower().endswith(_XML):
        for _ in _chunks(package, info, path):
            pass
        return part
    for number, raw in enumerate(_chunks(package, info, path)):
        if number == 0:
            part.begin(raw)
        chunk = part.feed(raw, path)
        if number == 0:
            _check_count(chunk, info, path)
    part.end(path)
    return part


def _encoding(head: bytes) -> str:
    """Return the encoding of an XML part, by its mark or its declaration ("" for UTF-8).

    Raises:
        LookupError: The declared encoding does not exist.
    """
    if head[:2] in (b"\xff\xfe", b"\xfe\xff") or head[:4] in (b"<\x00?\x00", b"\x00<\x00?"):
        return "utf-16" if head[0] >= 0xFE else "utf-16-le" if head[0] else "utf-16-be"
    declared = _DECLARED.match(head)
    return codecs.lookup(declared[1].decode()).name if declared else ""


def _chunks(package: zipfile.ZipFile, info: zipfile.ZipInfo, path: str) -> Iterator[bytes]:
    limit = max(RATIO_GRACE, MAX_RATIO * max(1, info.compress_size))
    done = 0
    with package.open(info) as part:
        while chunk := part.read(CHUNK):
            done += len(chunk)
            if done > MAX_PART or done > limit:
                raise _too_big(
                    path, f"一个部件从 {info.compress_size} 字节膨胀到 {done >> 20} MB 以上"
                )
            yield chunk


def _check_count(head: bytes, info: zipfile.ZipInfo, path: str) -> None:
    """Refuse a shared-string table that promises more texts than its bytes could hold."""
    root = _SHARED.search(head[:8192])
    for count in _COUNT.findall(root[0] if root else b""):
        if int(count) > 1_000_000 and int(count) * 4 > info.file_size:
            raise FileProblem(path, "文件里的文字总数与实际不符，可能有害", RESAVE)


def _check_scan(scan: SheetScan, path: str) -> None:
    if scan.cells > MAX_CELLS:
        raise _too_big(path, f"一张工作表超过 {MAX_CELLS // 10_000} 万个有内容的单元格")


def _check_grid(scan: SheetScan, path: str) -> None:
    if scan.last_row > LAST_ROW or scan.last_column > LAST_COLUMN:
        raise FileProblem(path, "有单元格在 Excel 的行列范围之外", RESAVE)


def _too_big(path: str, what: str) -> FileProblem:
    return FileProblem(path, f"文件异常庞大：{what}", _STRIP)


def _with_entities(path: str) -> FileProblem:
    return FileProblem(path, "文件里带有 XML 实体定义，正常的工作簿没有，可能有害", RESAVE)


def _damaged(path: str) -> FileProblem:
    return FileProblem(path, "文件已损坏，内容不完整或被改动过", FETCH_AGAIN)
