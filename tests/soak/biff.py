"""A small .xls by hand ([MS-XLS], [MS-CFB]): nothing that is installed writes them."""

import struct
from collections.abc import Sequence

Cell = str | float | bool | None

_SECTOR = 512
_END, _FREE, _FAT = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD


def _record(kind: int, data: bytes = b"") -> bytes:
    return struct.pack("<HH", kind, len(data)) + data


def _text(text: str, form: str) -> bytes:
    return struct.pack(form, len(text)) + b"\x01" + text.encode("utf-16-le")


def stream(sheets: Sequence[tuple[str, Sequence[Sequence[Cell]]]]) -> bytes:
    """Return the Workbook stream of a book with these sheets (BIFF8)."""
    used = [c for _, rows in sheets for row in rows for c in row if isinstance(c, str)]
    texts = list(dict.fromkeys(used))
    bof = struct.pack("<HHHHII", 0x0600, 0x0005, 0x0DBB, 0x07CC, 0, 6)
    head = _record(0x0809, bof) + _record(0x0042, struct.pack("<H", 1200))
    head += _record(
        0x0031, struct.pack("<HHHHHBBBB", 200, 0, 0x7FFF, 400, 0, 0, 0, 0, 0) + b"\5\0Arial"
    )
    xf = struct.pack("<HHHBBBBIIH", 0, 0, 0, 32, 0, 0, 0, 0, 0, 0x20C0)
    day = struct.pack("<HHHBBBBIIH", 0, 14, 0, 32, 0, 0, 0, 0, 0, 0x20C0)
    head += _record(0x00E0, xf) + _record(0x00E0, day)
    table = struct.pack("<II", len(used), len(texts)) + b"".join(_text(t, "<H") for t in texts)
    tail = _record(0x00FC, table) + _record(0x000A)
    bodies = [_sheet(rows, {t: n for n, t in enumerate(texts)}) for _, rows in sheets]
    names = [_text(name, "<B") for name, _ in sheets]
    at = len(head) + sum(10 + len(name) for name in names) + len(tail)
    listed = b""
    for name, body in zip(names, bodies, strict=True):
        listed += _record(0x0085, struct.pack("<IBB", at, 0, 0) + name)
        at += len(body)
    return head + listed + tail + b"".join(bodies)


def _sheet(rows: Sequence[Sequence[Cell]], index: dict[str, int]) -> bytes:
    found = _record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0010, 0x0DBB, 0x07CC, 0, 6))
    width = max(map(len, rows), default=0)
    found += _record(0x0200, struct.pack("<IIHHH", 0, len(rows), 0, width, 0))
    for r, row in enumerate(rows):
        found += _record(0x0208, struct.pack("<HHHHHHI", r, 0, len(row), 255, 0, 0, 0x0F0100))
    for r, row in enumerate(rows):
        for c, cell in enumerate(row):
            if isinstance(cell, str):
                found += _record(0x00FD, struct.pack("<HHHI", r, c, 0, index[cell]))
            elif isinstance(cell, bool):
                found += _record(0x0205, struct.pack("<HHHBB", r, c, 0, cell, 0))
            elif cell is not None:
                found += _record(0x0203, struct.pack("<HHHd", r, c, 0, cell))
    return found + _record(0x000A)


def compound(data: bytes) -> bytes:
    """Return a compound file with that one stream, Workbook."""
    data += bytes(max(0, 4096 - len(data)))  # smaller streams would lie elsewhere
    count = -(-len(data) // _SECTOR)
    data += bytes(count * _SECTOR - len(data))
    chain = [*range(1, count), _END, _END, _FAT]
    fat = chain + [_FREE] * (128 - len(chain))
    assert len(chain) <= 128, "one sector of chains must do"

    def entry(name: str, kind: int, child: int, start: int, size: int) -> bytes:
        text = (name + "\0").encode("utf-16-le") if name else b""
        head = text.ljust(64, b"\0") + struct.pack(
            "<HBBIII", len(text), kind, 1, _FREE, _FREE, child
        )
        return head + bytes(36) + struct.pack("<IQ", start, size)

    folder = entry("Root Entry", 5, 1, _END, 0) + entry("Workbook", 2, _FREE, 0, count * _SECTOR)
    folder += entry("", 0, _FREE, 0, 0) * 2
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    head += struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    head += struct.pack("<IIIIIIIII", 0, 1, count, 0, 4096, _END, 0, _END, 0)
    head += struct.pack("<109I", count + 1, *[_FREE] * 108)
    return head + data + folder + struct.pack("<128I", *fat)


def xls(sheets: Sequence[tuple[str, Sequence[Sequence[Cell]]]]) -> bytes:
    """Return an .xls file with these sheets."""
    return compound(stream(sheets))
