"""Broken copies of workbooks and of texts: each is one number, so that each can be made again.

`raw` kinds change bytes of the file, where the checksums of a package must notice. `zip` kinds
change which parts there are. `xml` kinds change what a part says; its checksum is right again, so
some of them are simply another workbook.
"""

import io
import random
import re
import struct
import warnings
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from lxml import etree

from tests.soak.biff import compound

Parts = dict[str, bytes]

_ATTRIBUTE = re.compile(rb'(?<=\s)[\w:]+="[^"<>]*"')
_TAG = re.compile(rb"<[^>]*>")
_TEXT = re.compile(rb">[^<]+<")
_IMPORTANT = re.compile(r"sheet\d|sharedStrings|workbook\.xml|styles|Content_Types")
# what is put in place of an attribute's value or of a text
TOKENS = (
    *(b"", b"-1", b"0", b"1", b"99999999999", b"NaN", b"1e999", b"true", b"A0", b"$A$1", b"AAAA1"),
    *(b"A1:XFD1048576", b"XFD1048576", b"B2:A1", b"1048577", b"16385", b"s", b"e", b"d", b"b"),
    *(
        b"str",
        b"inlineStr",
        b"#REF!",
        b"rId1",
        b"rId99",
        b"\xe5\xae\xa2",
        b"../../x",
        b"veryHidden",
    ),
)
TEXTS = (
    *(b"", b"-1", b"99999999999999999999", b"abc", b"NaN", b"1e999", b"&#0;", b"&x;", b"\xff\xfe"),
    *(b"]]>", b"2", b"0", b"&amp;", b" ", b"_x0041_", b"2024-05-01", b"#N/A", b"TRUE", b"\xe5\xae"),
)


@dataclass(frozen=True)
class Mutant:
    """One broken copy: `kind` says how it was broken."""

    kind: str
    data: bytes


def mutant(base: bytes, number: int, kinds: Sequence[str] = ()) -> Mutant:
    """Return the broken copy of a workbook with this number."""
    rng = random.Random(number)
    kind = rng.choice(list(kinds or XLSX))
    return Mutant(kind, XLSX[kind](rng, base))


def mutant_of_xls(stream: bytes, number: int) -> Mutant:
    """Return the broken copy of an .xls, by its Workbook stream, with this number."""
    rng = random.Random(number)
    kind = rng.choice(list(XLS))
    if kind.startswith("raw"):
        return Mutant(kind, XLS[kind](rng, compound(stream)))
    return Mutant(kind, compound(XLS[kind](rng, stream)))


def mutant_of_bytes(base: bytes, number: int) -> Mutant:
    """Return the broken copy of any file with this number."""
    rng = random.Random(number)
    kind = rng.choice(list(RAW))
    return Mutant(kind, RAW[kind](rng, base))


def _flip_bit(rng: random.Random, data: bytes) -> bytes:
    changed = bytearray(data)
    for _ in range(rng.choice((1, 1, 1, 2, 8))):
        changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
    return bytes(changed)


def _put_bytes(rng: random.Random, data: bytes) -> bytes:
    changed = bytearray(data)
    for _ in range(rng.choice((1, 1, 2, 8, 64))):
        changed[rng.randrange(len(changed))] = rng.choice((0, 255, rng.randrange(256)))
    return bytes(changed)


def _truncate(rng: random.Random, data: bytes) -> bytes:
    return data[: rng.choice((rng.randrange(len(data)), len(data) - rng.randint(1, 64)))]


def _span(rng: random.Random, data: bytes) -> tuple[int, int]:
    start = rng.randrange(len(data))
    return start, min(len(data), start + rng.choice((1, 2, 4, 16, 512, 2048)))


def _delete(rng: random.Random, data: bytes) -> bytes:
    start, end = _span(rng, data)
    return data[:start] + data[end:]


def _insert(rng: random.Random, data: bytes) -> bytes:
    start, end = _span(rng, data)
    return data[:start] + rng.randbytes(end - start) + data[start:]


def _double(rng: random.Random, data: bytes) -> bytes:
    start, end = _span(rng, data)
    return data[:end] + data[start:]


def _blank(rng: random.Random, data: bytes) -> bytes:
    start, end = _span(rng, data)
    return data[:start] + bytes(end - start) + data[end:]


def _move(rng: random.Random, data: bytes) -> bytes:
    start, end = _span(rng, data)
    to = rng.randrange(len(data))
    rest = data[:start] + data[end:]
    return rest[:to] + data[start:end] + rest[to:]


RAW: Mapping[str, Callable[[random.Random, bytes], bytes]] = {
    "raw flip": _flip_bit,
    "raw put": _put_bytes,
    "raw truncate": _truncate,
    "raw delete": _delete,
    "raw insert": _insert,
    "raw double": _double,
    "raw blank": _blank,
    "raw move": _move,
}


def unpacked(data: bytes) -> Parts:
    """Return the parts of a package."""
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        return {info.filename: package.read(info) for info in package.infolist()}


def packed(parts: Sequence[tuple[str, bytes]], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return a package of these parts, whatever their names."""
    out = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # two parts of one name are what is wanted
        with zipfile.ZipFile(out, "w", method, compresslevel=1) as package:
            for name, data in parts:
                package.writestr(name, data)
    return out.getvalue()


def _pick(rng: random.Random, parts: Parts) -> str:
    names = [name for name in parts if name.endswith((".xml", ".rels"))]
    important = [name for name in names if _IMPORTANT.search(name)]
    return rng.choice(important if important and rng.random() < 0.75 else names)


def _in_part(
    change: Callable[[random.Random, bytes], bytes],
) -> Callable[[random.Random, bytes], bytes]:
    def changed(rng: random.Random, data: bytes) -> bytes:
        parts = unpacked(data)
        name = _pick(rng, parts)
        parts[name] = change(rng, parts[name])
        return packed(list(parts.items()))

    return changed


def _replace(rng: random.Random, data: bytes, pattern: re.Pattern[bytes], new: bytes) -> bytes:
    found = list(pattern.finditer(data))
    if not found:
        return data
    match = rng.choice(found)
    return data[: match.start()] + new + data[match.end() :]


def _attribute_value(rng: random.Random, data: bytes) -> bytes:
    for _ in range(rng.choice((1, 1, 2))):
        found = list(_ATTRIBUTE.finditer(data))
        if found:
            match = rng.choice(found)
            new = match[0].split(b"=")[0] + b'="' + rng.choice(TOKENS) + b'"'
            data = data[: match.start()] + new + data[match.end() :]
    return data


def _attribute_gone(rng: random.Random, data: bytes) -> bytes:
    return _replace(rng, data, _ATTRIBUTE, b"")


def _tag_gone(rng: random.Random, data: bytes) -> bytes:
    return _replace(rng, data, _TAG, b"")


def _tag_twice(rng: random.Random, data: bytes) -> bytes:
    found = list(_TAG.finditer(data))
    match = rng.choice(found)
    return data[: match.end()] + data[match.start() :]


def _text(rng: random.Random, data: bytes) -> bytes:
    return _replace(rng, data, _TEXT, b">" + rng.choice(TEXTS) + b"<")


def _cut(rng: random.Random, data: bytes) -> bytes:
    start = rng.randrange(max(1, len(data)))
    return data[:start] + data[start + rng.randint(1, 200) :]


def _element(rng: random.Random, data: bytes) -> bytes:
    """Remove, double or move one whole element: the part stays well-formed."""
    root = etree.fromstring(data)
    inside = [e for e in root.iter() if e is not root]
    if not inside:
        return data
    chosen = rng.choice(inside)
    parent = chosen.getparent()
    assert parent is not None
    what = rng.choice(("gone", "gone", "twice", "moved"))
    if what == "twice":
        parent.insert(parent.index(chosen), etree.fromstring(etree.tostring(chosen)))
    elif what == "moved":
        parent.append(chosen)
    else:
        parent.remove(chosen)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)


def _zip_drop(rng: random.Random, data: bytes) -> bytes:
    parts = unpacked(data)
    parts.pop(rng.choice(list(parts)))
    return packed(list(parts.items()))


def _zip_twice(rng: random.Random, data: bytes) -> bytes:
    parts = list(unpacked(data).items())
    name, content = rng.choice(parts)
    content = rng.choice((content, content[: len(content) // 2], b""))
    return packed([*parts, (rng.choice((name, name.upper(), name.replace("/", "\\"))), content)])


def _zip_rename(rng: random.Random, data: bytes) -> bytes:
    parts = list(unpacked(data).items())
    at = rng.randrange(len(parts))
    name = parts[at][0]
    new = rng.choice((name.upper(), name.replace("/", "\\"), name + "x", "../" + name, "/" + name))
    parts[at] = (new, parts[at][1])
    return packed(parts)


def _zip_swap(rng: random.Random, data: bytes) -> bytes:
    parts = unpacked(data)
    one, other = rng.sample(list(parts), 2)
    parts[one], parts[other] = parts[other], parts[one]
    return packed(list(parts.items()))


def _zip_empty(rng: random.Random, data: bytes) -> bytes:
    parts = unpacked(data)
    name = rng.choice(list(parts))
    parts[name] = rng.choice((b"", b" ", b"<a/>", b'<?xml version="1.0"?>', parts[name][:-9]))
    return packed(list(parts.items()))


def _zip_order(rng: random.Random, data: bytes) -> bytes:
    parts = list(unpacked(data).items())
    rng.shuffle(parts)
    return packed(parts, rng.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)))


def _stored_flip(rng: random.Random, data: bytes) -> bytes:
    """Flip bits of a package without compression: most of them are then text, not structure."""
    return _flip_bit(rng, packed(list(unpacked(data).items()), zipfile.ZIP_STORED))


XLSX: Mapping[str, Callable[[random.Random, bytes], bytes]] = {
    **RAW,
    "raw flip stored": _stored_flip,
    "zip drop": _zip_drop,
    "zip twice": _zip_twice,
    "zip rename": _zip_rename,
    "zip swap": _zip_swap,
    "zip empty": _zip_empty,
    "zip order": _zip_order,
    "xml attribute": _in_part(_attribute_value),
    "xml attribute 2": _in_part(_attribute_value),
    "xml attribute gone": _in_part(_attribute_gone),
    "xml tag gone": _in_part(_tag_gone),
    "xml tag twice": _in_part(_tag_twice),
    "xml text": _in_part(_text),
    "xml cut": _in_part(_cut),
    "xml element": _in_part(_element),
    "xml element 2": _in_part(_element),
}


def _records(stream: bytes) -> list[bytes]:
    found, at = [], 0
    while at + 4 <= len(stream):
        (length,) = struct.unpack_from("<H", stream, at + 2)
        found.append(stream[at : at + 4 + length])
        at += 4 + length
    return found


def _record_gone(rng: random.Random, stream: bytes) -> bytes:
    records = _records(stream)
    records.pop(rng.randrange(len(records)))
    return b"".join(records)


def _record_twice(rng: random.Random, stream: bytes) -> bytes:
    records = _records(stream)
    records.insert(rng.randrange(len(records)), rng.choice(records))
    return b"".join(records)


def _record_length(rng: random.Random, stream: bytes) -> bytes:
    records = _records(stream)
    at = rng.randrange(len(records))
    length = rng.choice((0, 1, 2, 7, 65535, len(records[at]) - 5, len(records[at])))
    records[at] = records[at][:2] + struct.pack("<H", max(0, length)) + records[at][4:]
    return b"".join(records)


def _record_bytes(rng: random.Random, stream: bytes) -> bytes:
    records = _records(stream)
    at = rng.randrange(len(records))
    records[at] = records[at][:4] + (_put_bytes(rng, records[at][4:]) if records[at][4:] else b"")
    return b"".join(records)


XLS: Mapping[str, Callable[[random.Random, bytes], bytes]] = {
    **RAW,
    "record gone": _record_gone,
    "record twice": _record_twice,
    "record length": _record_length,
    "record bytes": _record_bytes,
    "stream flip": _flip_bit,
    "stream truncate": _truncate,
    "stream delete": _delete,
}
