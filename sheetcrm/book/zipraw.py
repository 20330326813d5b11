"""Copy ZIP entries without touching their compressed bytes.

Read entries with `RawZip`, build a new archive with `ZipBuilder`. A copied entry keeps its
deflate stream bit for bit; only its headers are written anew: sizes in the local header, no data
descriptor (flag bit 3), no extra fields. The comment of the archive goes over as it is. ZIP64
records appear only where a value needs them, because Excel and LibreOffice reject needless ones.
New entries carry the ZIP epoch as their date, so that the same input always gives the same bytes.
"""

import io
import os
import struct
import zipfile
import zlib
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache

_LOCAL = struct.Struct("<4s5H3L2H")
_CENTRAL = struct.Struct("<4s4B4HL2L5H2L")
_END = struct.Struct("<4s4H2LH")
_END64 = struct.Struct("<4sQ2H2L4Q")
_LOCATOR64 = struct.Struct("<4sLQL")

# A sheet of 90 MB is deflated a quarter quicker at level 5, and comes out 1 % larger.
_LEVEL, _LEVEL_OF_LARGE, _LARGE = 6, 5, 8 << 20
_PIECE, _WINDOW = 4 << 20, 32 << 10
_UTF8_NAME, _DESCRIPTOR = 0x800, 0x08
_EPOCH_DATE = 1 << 5 | 1  # 1980-01-01 in MS-DOS form
_MASK32, _MASK16 = 0xFFFFFFFF, 0xFFFF
_FULL32, _FULL16 = 0xFFFFFFFE, 0xFFFE  # largest values that fit without ZIP64

DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    NotImplementedError,
    OSError,
    OverflowError,
    RuntimeError,
    UnicodeError,
    ValueError,
)
"""What a broken archive makes the standard library raise."""


class RawZip:
    """An archive in memory; entries are `zipfile.ZipInfo` in stored order.

    Raises:
        DAMAGED: The bytes are not a readable archive.
    """

    def __init__(self, data: bytes) -> None:
        self.data = data
        self._zip = zipfile.ZipFile(io.BytesIO(data))
        self.entries: tuple[zipfile.ZipInfo, ...] = tuple(self._zip.infolist())
        self.comment = self._zip.comment

    def read(self, entry: zipfile.ZipInfo) -> bytes:
        """Return the inflated content, its checksum verified."""
        return self._zip.read(entry)

    def compressed(self, entry: zipfile.ZipInfo) -> bytes:
        """Return the compressed bytes as they lie in the archive."""
        return bytes(self.view(entry))

    def view(self, entry: zipfile.ZipInfo) -> memoryview:
        """Return the same without a copy."""
        start = self._start(entry)
        raw = memoryview(self.data)[start : start + entry.compress_size]
        if len(raw) != entry.compress_size:
            raise zipfile.BadZipFile(f"truncated entry {entry.filename!r}")
        return raw

    def holds(self, entry: zipfile.ZipInfo, compressed: bytes) -> bool:
        """Say whether these are an entry's compressed bytes."""
        alike = self.data.startswith(compressed, self._start(entry))
        return alike and len(compressed) == entry.compress_size

    def _start(self, entry: zipfile.ZipInfo) -> int:
        header = _LOCAL.unpack_from(self.data, entry.header_offset)
        if header[0] != b"PK\3\4":
            raise zipfile.BadZipFile(f"no local header for {entry.filename!r}")
        return entry.header_offset + _LOCAL.size + int(header[9]) + int(header[10])


@dataclass(frozen=True)
class _Header:
    """The fields that the local and the central header of one entry share."""

    name: bytes
    flags: int
    method: int
    dos_time: int
    dos_date: int
    crc: int
    compressed: int
    size: int
    internal: int = 0
    external: int = 0
    made_by: tuple[int, int] = (20, 0)


@dataclass(frozen=True)
class Packed:
    """Content as an archive holds it; `crc` and `size` are those of the content itself."""

    raw: bytes
    method: int
    crc: int
    size: int


class Packing:
    """New content on its way into an archive.

    Large content is deflated from now on, in pieces and by other threads, which zlib leaves free
    meanwhile. As in pigz, every piece but the last ends on a whole byte, and each knows the window
    before it.
    """

    def __init__(self, data: bytes) -> None:
        self._data = data
        starts = range(0, len(data), _PIECE) if len(data) >= _LARGE else ()
        self._pieces: list[Future[bytes]] = [
            _threads().submit(_piece, data, at, at + _PIECE, _LEVEL_OF_LARGE) for at in starts
        ]

    def done(self) -> Packed:
        """Return the content deflated; what does not shrink is stored."""
        data = self._data
        made = [piece.result() for piece in self._pieces] or [_piece(data, 0, len(data), _LEVEL)]
        raw, method = b"".join(made), zipfile.ZIP_DEFLATED
        if len(raw) >= len(data):
            raw, method = data, zipfile.ZIP_STORED
        return Packed(raw, method, zlib.crc32(data), len(data))


@lru_cache(maxsize=1)
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(os.cpu_count())


def _piece(data: bytes, start: int, end: int, level: int) -> bytes:
    window = data[max(0, start - _WINDOW) : start]
    deflate = zlib.compressobj(level, zlib.DEFLATED, -15, zdict=window)
    last = end >= len(data)
    return deflate.compress(data[start:end]) + deflate.flush(
        zlib.Z_FINISH if last else zlib.Z_SYNC_FLUSH
    )


class ZipBuilder:
    """Collect entries and return the archive's bytes with `finish`."""

    def __init__(self) -> None:
        self._pieces: list[bytes | memoryview] = []
        self._size = 0
        self._written: list[tuple[_Header, int]] = []

    def copy(self, source: RawZip, entry: zipfile.ZipInfo) -> None:
        """Take over an entry with its compressed bytes, name bytes, date and attributes."""
        year, month, day, hour, minute, second = entry.date_time
        encoding = "utf-8" if entry.flag_bits & _UTF8_NAME else "cp437"
        raw = source.view(entry)
        header = _Header(
            name=entry.orig_filename.encode(encoding),
            flags=entry.flag_bits & ~_DESCRIPTOR,
            method=entry.compress_type,
            dos_time=hour << 11 | minute << 5 | second // 2,
            dos_date=(year - 1980) << 9 | month << 5 | day,
            crc=entry.CRC,
            compressed=len(raw),
            size=entry.file_size,
            internal=entry.internal_attr,
            external=entry.external_attr,
            made_by=(entry.create_version, entry.create_system),
        )
        self._append(header, raw)

    def add(self, name: str, content: Packed) -> None:
        """Add new content under a name."""
        header = _Header(
            name=name.encode(),
            flags=0 if name.isascii() else _UTF8_NAME,
            method=content.method,
            dos_time=0,
            dos_date=_EPOCH_DATE,
            crc=content.crc,
            compressed=len(content.raw),
            size=content.size,
        )
        self._append(header, content.raw)

    def finish(self, comment: bytes = b"") -> bytes:
        """Write the central directory and the archive's comment; return the whole archive."""
        start = self._size
        for header, offset in self._written:
            self._write(_central_record(header, offset))
        size, count = self._size - start, len(self._written)
        if count > _FULL16 or start > _FULL32 or size > _FULL32:
            at = self._size
            self._write(
                _END64.pack(b"PK\6\6", 44, 45, 45, 0, 0, count, count, size, start)
                + _LOCATOR64.pack(b"PK\6\7", 0, at, 1)
            )
        few = _MASK16 if count > _FULL16 else count
        self._write(_END.pack(b"PK\5\6", 0, 0, few, few, _fit(size), _fit(start), len(comment)))
        self._write(comment)
        return b"".join(self._pieces)

    def _append(self, header: _Header, raw: bytes | memoryview) -> None:
        offset = self._size
        large = header.size > _FULL32 or header.compressed > _FULL32
        extra = struct.pack("<HHQQ", 1, 16, header.size, header.compressed) if large else b""
        record = _LOCAL.pack(
            b"PK\3\4",
            45 if large else 20,
            header.flags,
            header.method,
            header.dos_time,
            header.dos_date,
            header.crc,
            _MASK32 if large else header.compressed,
            _MASK32 if large else header.size,
            len(header.name),
            len(extra),
        )
        self._write(record + header.name + extra)
        self._write(raw)
        self._written.append((header, offset))

    def _write(self, piece: bytes | memoryview) -> None:
        self._pieces.append(piece)
        self._size += len(piece)


def _fit(value: int) -> int:
    return _MASK32 if value > _FULL32 else value


def _central_record(header: _Header, offset: int) -> bytes:
    # a local header in ZIP64 form has both sizes in its extra field, so the central one has too
    sizes = (header.size, header.compressed)
    large = [*sizes] if max(sizes) > _FULL32 else []
    if offset > _FULL32:
        large.append(offset)
    extra = b"".join(struct.pack("<Q", value) for value in large)
    if extra:
        extra = struct.pack("<HH", 1, len(extra)) + extra
    needed = 45 if extra else 20
    version, system = header.made_by
    both = max(sizes) > _FULL32
    record = _CENTRAL.pack(
        b"PK\1\2",
        max(version, needed),
        system,
        needed,
        0,
        header.flags,
        header.method,
        header.dos_time,
        header.dos_date,
        header.crc,
        _MASK32 if both else header.compressed,
        _MASK32 if both else header.size,
        len(header.name),
        len(extra),
        0,
        0,
        header.internal,
        header.external,
        _fit(offset),
    )
    return record + header.name + extra
