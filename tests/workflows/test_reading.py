"""The next workbook is read while this one is worked on; what is read is what is there."""

import pytest

from sheetcrm.errors import FileProblem
from sheetcrm.workflows import reading
from sheetcrm.workflows.reading import reading_ahead
from tests.workflows.workbooks import LEADS, write

SHORT = "\n".join(LEADS.strip().splitlines()[:2])


@pytest.fixture
def books(tmp_path):
    return [write(tmp_path / f"{name}.xlsx") for name in "甲乙丙"]


def count(read) -> int:
    return len(read.raw.sheets[0].rows)


def test_reading__one_after_another(books):
    with reading_ahead(books, None) as read:
        found = [read(path) for path in books]
    assert [each.raw.path for each in found] == list(map(str, books))
    assert list(map(count, found)) == [5, 5, 5]


def test_reading__changed_since_it_was_read_ahead(books):
    with reading_ahead(books, None) as read:
        read(books[0])
        read(books[1])  # 丙 is begun
        assert isinstance(read, reading._Ahead)
        read._begun[books[2]].result()
        write(books[2], SHORT)
        assert count(read(books[2])) == 2


def test_reading__large_one_not_ahead(books, monkeypatch):
    monkeypatch.setattr(reading, "MOST_AHEAD", 10)
    with reading_ahead(books, None) as read:
        read(books[0])
        assert isinstance(read, reading._Ahead)
        assert not read._begun
        assert count(read(books[1])) == 5


def test_reading__damaged_one_among_them(books):
    books[1].write_bytes(b"PK nothing")
    with reading_ahead(books, None) as read:
        read(books[0])
        with pytest.raises(FileProblem):
            read(books[1])
        assert count(read(books[2])) == 5
