"""The raw ZIP copy: content moves as it is, headers are written anew."""

import io
import struct
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sheetcrm.book import zipraw
from sheetcrm.book.zipraw import DAMAGED, Packing, RawZip, ZipBuilder
from tests.book.fixtures import parts, streamed, user_book, zipped


def copied(data: bytes) -> bytes:
    source, out = RawZip(data), ZipBuilder()
    for entry in source.entries:
        out.copy(source, entry)
    return out.finish()


def raw_streams(data: bytes) -> dict[str, bytes]:
    source = RawZip(data)
    return {entry.orig_filename: source.compressed(entry) for entry in source.entries}


def local_flags(data: bytes) -> list[int]:
    return [
        struct.unpack_from("<H", data, info.header_offset + 6)[0] for info in RawZip(data).entries
    ]


def test_copy__compressed_bytes_are_the_same():
    data = user_book()
    assert raw_streams(copied(data)) == raw_streams(data)
    assert parts(copied(data)) == parts(data)


def test_copy__data_descriptors_become_header_fields():
    data = streamed(user_book())
    assert all(flags & 8 for flags in local_flags(data))
    assert not any(flags & 8 for flags in local_flags(copied(data)))
    assert raw_streams(copied(data)) == raw_streams(data)


def test_copy__names_dates_and_attributes_stay():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        info = zipfile.ZipInfo("图片/甲.png", (2024, 5, 1, 9, 30, 8))
        info.external_attr = 0o644 << 16
        package.writestr(info, b"x" * 50)
    entry = RawZip(copied(out.getvalue())).entries[0]
    assert entry.filename == "图片/甲.png"
    assert entry.date_time == (2024, 5, 1, 9, 30, 8)
    assert entry.external_attr == 0o644 << 16


def test_copy__no_zip64_where_nothing_needs_it():
    assert b"PK\x06\x06" not in copied(user_book())
    assert all(not entry.extra for entry in RawZip(copied(user_book())).entries)


def test_finish__zip64_records_where_values_need_them(monkeypatch):
    data = zipped([(f"{number}.txt", b"x" * 300) for number in range(9)])
    monkeypatch.setattr(zipraw, "_FULL32", 250)
    monkeypatch.setattr(zipraw, "_FULL16", 3)
    large = copied(data)
    assert b"PK\x06\x06" in large
    assert parts(large) == parts(data)


def test_builder__same_input_gives_same_bytes():
    def built() -> bytes:
        out = ZipBuilder()
        out.add("甲.xml", Packing(b"<a/>" * 99).done())
        out.add("b.xml", Packing(b"").done())
        return out.finish()

    assert built() == built()
    assert parts(built()) == {"甲.xml": b"<a/>" * 99, "b.xml": b""}


@given(st.dictionaries(st.text("abc中/.", min_size=1), st.binary(max_size=200), max_size=5))
@settings(max_examples=50, deadline=None)
def test_builder__what_goes_in_comes_out(content):
    content = {name: data for name, data in content.items() if not name.endswith("/")}
    out = ZipBuilder()
    for name, data in content.items():
        out.add(name, Packing(data).done())
    assert parts(out.finish()) == content


def test_holds__the_same_bytes_and_no_more():
    source = RawZip(zipped([("a.txt", b"hello hello hello"), ("b.txt", b"other")]))
    one, other = source.entries
    raw = source.compressed(one)
    assert source.holds(one, raw)
    assert not source.holds(one, raw[:-1])
    assert not source.holds(other, raw)


@pytest.mark.parametrize("damage", ["header", "cut"])
def test_compressed__broken_entry_is_an_error(damage):
    data = bytearray(zipped([("a.txt", b"hello hello hello")]))
    source = RawZip(bytes(data))
    if damage == "header":
        source.data = b"XX" + source.data[2:]
    else:
        source.data = source.data[:40]
    with pytest.raises(DAMAGED):
        source.compressed(source.entries[0])


@pytest.mark.parametrize("size", [0, 999, 1000, 2000, 4100])
def test_packing__large_content_in_pieces_is_one_stream(monkeypatch, size):
    for name, value in (("_LARGE", 1000), ("_PIECE", 500), ("_WINDOW", 90)):
        monkeypatch.setattr(f"sheetcrm.book.zipraw.{name}", value)
    data = (b"<c r='A1'><v>12</v></c>" * 200)[:size]
    packed, out = Packing(data).done(), ZipBuilder()
    assert packed == Packing(data).done()
    assert packed.size == size
    out.add("a.xml", packed)
    assert parts(out.finish()) == {"a.xml": data}
