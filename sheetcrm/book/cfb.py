"""The container of an .xls, followed sector by sector ([MS-CFB])."""

import struct
from collections.abc import Sequence
from dataclasses import dataclass

_SECTOR_END = 0xFFFFFFFE
_NO_SECTOR = _SECTOR_END - 3  # and those above it
_STREAMS = ("workbook", "book")
_SMALL = 64  # bytes of a sector of the small streams


class Broken(ValueError):
    """The compound file or its records do not hold together."""


@dataclass(frozen=True)
class Place:
    """Where a stream lies in its file: where its sectors begin, and how long each and it are."""

    sectors: tuple[int, ...]
    size: int
    length: int

    def read(self, data: bytes) -> bytes:
        """Return the stream."""
        return _joined(data, self.sectors, self.size)[: self.length]

    def write(self, data: bytes, stream: bytes) -> bytes:
        """Return the file with a stream of the same length in place of this one."""
        changed = bytearray(data)
        for number, at in enumerate(self.sectors):
            piece = stream[number * self.size : (number + 1) * self.size]
            changed[at : at + len(piece)] = piece
        return bytes(changed)


def workbook_stream(data: bytes) -> bytes:
    """Return the stream a compound file keeps the workbook in.

    Raises:
        Broken: There is none, or a chain of sectors is broken.
    """
    return workbook_place(data).read(data)


def workbook_place(data: bytes) -> Place:
    """Return where a compound file keeps the workbook.

    Raises:
        Broken: Nowhere, or a chain of sectors is broken.
    """
    try:
        return _workbook_place(data)
    except (struct.error, IndexError) as error:
        raise Broken from error


def _workbook_place(data: bytes) -> Place:
    shift, mini_shift = struct.unpack_from("<HH", data, 30)
    if shift not in (9, 12) or mini_shift != 6:
        raise Broken
    size = 1 << shift
    table = _sector_table(data, size)
    (folder_start,) = struct.unpack_from("<I", data, 48)
    folder = _joined(data, _chain(data, size, table, folder_start), size)
    entries = [folder[at : at + 128] for at in range(0, len(folder) - 127, 128)]
    names = [_name(entry) for entry in entries]
    for wanted in _STREAMS:
        for name, entry in zip(names, entries, strict=True):
            if name.casefold() == wanted and entry[66] == 2:
                return _place(data, size, table, entries[0], entry)
    raise Broken


def _name(entry: bytes) -> str:
    (length,) = struct.unpack_from("<H", entry, 64)
    return entry[: max(0, min(length, 64) - 2)].decode("utf-16-le", "replace")


def _place(data: bytes, size: int, table: list[int], root: bytes, entry: bytes) -> Place:
    start, length = struct.unpack_from("<II", entry, 116)
    (cutoff,) = struct.unpack_from("<I", data, 56)
    if length >= cutoff:
        place = Place(_chain(data, size, table, start), size, length)
    else:
        place = Place(_small_chain(data, size, table, root, start), _SMALL, length)
    if len(place.read(data)) < length:
        raise Broken
    return place


def _small_chain(
    data: bytes, size: int, table: list[int], root: bytes, start: int
) -> tuple[int, ...]:
    """Return where the sectors of a small stream begin: they share those of the root."""
    (first,) = struct.unpack_from("<I", root, 116)
    shared = _chain(data, size, table, first)
    (listed_at,) = struct.unpack_from("<I", data, 60)
    listed = _joined(data, _chain(data, size, table, listed_at), size)
    small = struct.unpack(f"<{len(listed) // 4}I", listed)
    held = -(-len(_joined(data, shared, size)) // _SMALL)
    each = size // _SMALL
    return tuple(
        shared[number // each] + number % each * _SMALL for number in _numbers(small, start, held)
    )


def _sector_table(data: bytes, size: int) -> list[int]:
    """Return which sector follows each one."""
    (count,) = struct.unpack_from("<I", data, 44)
    listed = list(struct.unpack_from("<109I", data, 76))
    (more,) = struct.unpack_from("<I", data, 68)
    seen = set()
    while more < _NO_SECTOR:
        if more in seen:
            raise Broken
        seen.add(more)
        *found, more = struct.unpack_from(f"<{size // 4}I", data, size * (more + 1))
        listed += found
    table: list[int] = []
    for sector in listed[:count]:
        if sector >= _NO_SECTOR:
            break
        table += struct.unpack_from(f"<{size // 4}I", data, size * (sector + 1))
    return table


def _chain(data: bytes, size: int, table: Sequence[int], start: int) -> tuple[int, ...]:
    """Return where the sectors of a chain begin; the last one of a file may be cut short."""
    held = -(-len(data) // size) - 1
    return tuple(size * (number + 1) for number in _numbers(table, start, held))


def _numbers(table: Sequence[int], start: int, held: int) -> list[int]:
    """Return the sectors of a chain, of which there are so many."""
    found: list[int] = []
    sector = start
    while sector < _NO_SECTOR:
        if sector >= min(held, len(table)) or len(found) >= len(table):
            raise Broken
        found.append(sector)
        sector = table[sector]
    return found


def _joined(data: bytes, sectors: Sequence[int], size: int) -> bytes:
    return b"".join([data[at : at + size] for at in sectors])
