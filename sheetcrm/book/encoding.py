"""Bytes of a text file to text.

Decided by rules, because guessing by statistics fails on short Chinese texts (charset-normalizer
takes 30 lines of GBK for Big5): byte order mark, NUL bytes of UTF-16, strict UTF-8, strict GB18030
or Big5 by which of the two gives everyday characters, Windows-1252 where high bytes stand alone.
"""

import codecs
import re
from dataclasses import dataclass
from functools import cache
from itertools import islice

from sheetcrm.book.container import FETCH_AGAIN
from sheetcrm.errors import FileProblem, UnknownName

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16: its mark begins the same
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_NAMES = {
    "utf-8": "UTF-8",
    "gbk": "GBK",
    "gb18030": "GB18030",
    "cp950": "Big5",
    "cp1252": "Windows-1252",
    "utf-16-le": "UTF-16",
    "utf-16-be": "UTF-16",
    "utf-32-le": "UTF-32",
    "utf-32-be": "UTF-32",
}
# what people type, and Python's name for it
_GIVEN = {"gb2312": "gb18030", "gbk": "gb18030", "cp936": "gb18030", "big5": "cp950"}
_OFFERED = ("utf-8", "gbk", "gb18030", "big5", "utf-16", "windows-1252")

_SAMPLE = 20_000  # characters or runs looked at to judge an encoding
_SURE_UTF8 = 4  # Han characters of valid UTF-8 before the first bad byte that are no accident
_PLAUSIBLE = 0.6  # share of everyday characters below which text is in another encoding
_LONE = 0.8  # share of high bytes without a neighbour from which they are accented letters
_SEPARATORS = (b",", b"\t", b";", b"\r", b"\n")
_WIDE_SEPARATORS = {
    "utf-16-le": tuple(mark + b"\x00" for mark in _SEPARATORS),
    "utf-16-be": tuple(b"\x00" + mark for mark in _SEPARATORS),
}
_HIGH_RUN = re.compile(rb"[\x80-\xff]+")
_FOREIGN = re.compile(r"[^\x00-\x7f]")
_HAN = re.compile(r"[\u4e00-\u9fff]")


@dataclass(frozen=True)
class Decoded:
    """A text and the encoding it was in, as users call it."""

    text: str
    name: str


def decode(data: bytes, path: str, given: str | None = None) -> Decoded:
    """Decode a text file.

    Args:
        data: The whole file.
        path: The file as the user named it, for messages.
        given: The encoding the user names; found out without one.

    Raises:
        FileProblem: Bytes that make no character, with the line they are in.
        UnknownName: There is no encoding of the given name.
    """
    codec, start = codec_named(given) if given else "", 0
    for mark, marked in _BOMS:
        if data.startswith(mark):
            fits = not codec or marked.startswith(codec)
            codec, start = (marked, len(mark)) if fits else (codec, 0)
            break
    codec = codec or wide(data) or _by_characters(data, path)
    return Decoded(_strict(data[start:], codec, path), _shown(data[start:], codec))


def codec_named(given: str) -> str:
    """Return Python's name of an encoding.

    Raises:
        UnknownName: There is none of that name, or it is no encoding of text.
    """
    name = given.strip().casefold().replace("_", "-")
    try:
        codec = codecs.lookup(_GIVEN.get(name, name))
        "".encode(codec.name)  # hex, rot13 and the like are codecs too
    except (LookupError, ValueError) as error:
        raise UnknownName("编码", given, _OFFERED) from error
    return "utf-8" if codec.name == "utf-8-sig" else codec.name


def wide(data: bytes) -> str:
    """Return the UTF-16 of a text without a byte order mark, "" for a text in another encoding.

    Separators and line ends are ASCII in every table: in UTF-16 each of them has its NUL byte.
    """
    head = data[: 1 << 16]
    marks = sum(head.count(mark) for mark in _SEPARATORS)
    for codec, pairs in _WIDE_SEPARATORS.items():
        if len(data) % 2 == 0 and 2 * sum(head.count(pair) for pair in pairs) > marks:
            return codec
    return ""


def _by_characters(data: bytes, path: str) -> str:
    try:
        data.decode()
    except UnicodeDecodeError as error:
        if len(_HAN.findall(data[: error.start].decode())) >= _SURE_UTF8:
            raise _broken_utf8(data, error.start, path) from error
    else:
        return "utf-8"
    if _lone_bytes(data):
        return "cp1252"
    likely = {codec: _everyday(data, codec) for codec in ("gb18030", "cp950")}
    best = "cp950" if likely["cp950"] > likely["gb18030"] + 0.1 else "gb18030"
    if likely[best] < _PLAUSIBLE and _mostly_utf8(data):
        return "utf-8"
    return best


def _lone_bytes(data: bytes) -> bool:
    """Say whether the high bytes stand alone, as accented letters do and Chinese never."""
    runs = [len(run[0]) for run in islice(_HIGH_RUN.finditer(data), _SAMPLE)]
    return sum(n == 1 for n in runs) >= _LONE * len(runs)


def _everyday(data: bytes, codec: str) -> float:
    """Return the share of everyday ones among the characters beyond ASCII; -1 where it fails."""
    try:
        text = data.decode(codec)
    except UnicodeDecodeError as error:
        if codec == "cp950" or error.start < len(data) - 3:
            return -1.0
        text = data[: error.start].decode(codec)  # cut off: `_strict` will say so
    common = _common(codec)
    seen = [m[0] in common for m in islice(_FOREIGN.finditer(text), _SAMPLE)]
    return sum(seen) / len(seen) if seen else 1.0


@cache
def _common(codec: str) -> frozenset[str]:
    """Return what a standard puts first: level 1 of GB 2312-80 or of Big5, and the signs."""
    if codec == "gb18030":
        rows = (*range(0xA1, 0xA4), *range(0xB0, 0xD8))
        trails: tuple[int, ...] = tuple(range(0xA1, 0xFF))
    else:
        rows = tuple(range(0xA1, 0xC7))
        trails = (*range(0x40, 0x7F), *range(0xA1, 0xFF))
    pairs = (bytes((row, trail)) for row in rows for trail in trails)
    return frozenset("".join(pair.decode(codec, "ignore") for pair in pairs))


def _mostly_utf8(data: bytes) -> bool:
    text = data.decode(errors="replace")
    return len(_HAN.findall(text)) > text.count("\ufffd")


def _strict(data: bytes, codec: str, path: str) -> str:
    try:
        return data.decode(codec)
    except UnicodeDecodeError as error:
        if codec == "utf-8":
            raise _broken_utf8(data, error.start, path) from error
        line = _line(data[: error.start].decode(codec, "replace"))
        if error.start >= len(data) - 3 and codec != "cp1252":
            reason = f"文件在第{line}行断在半个字上，像是没有传完"
            raise FileProblem(path, reason, FETCH_AGAIN) from error
        raise _undecodable(path, line, _NAMES.get(codec, codec)) from error


def _broken_utf8(data: bytes, start: int, path: str) -> FileProblem:
    line = _line(data[:start].decode(errors="replace"))
    if start >= len(data) - 3:
        return FileProblem(path, f"文件在第{line}行断在半个字上，像是没有传完", FETCH_AGAIN)
    before = data[:start].decode(errors="ignore")
    if _HAN.search(before) and _everyday(data[start:], "gb18030") >= _PLAUSIBLE:
        reason = f"从第{line}行起换了编码：前面是 UTF-8，后面像是 GBK"
        remedy = "它像是由两个文件拼成的，请拆开分别导入，或用记事本统一另存为 UTF-8 再试"
        return FileProblem(path, reason, remedy)
    return _undecodable(path, line, "UTF-8")


def _undecodable(path: str, line: int, name: str) -> FileProblem:
    return FileProblem(
        path,
        f"第{line}行有按 {name} 编码读不出的字",
        "请用 --encoding 指定编码（如 gbk、utf-8、big5）再试，或用记事本改好这一行",
    )


def _line(before: str) -> int:
    return before.count("\n") + before.count("\r") - before.count("\r\n") + 1


def _shown(data: bytes, codec: str) -> str:
    if codec == "gb18030":
        try:
            data.decode("gbk")
        except UnicodeDecodeError:
            return _NAMES["gb18030"]
        return _NAMES["gbk"]
    return _NAMES.get(codec, codec)
