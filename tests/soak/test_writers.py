"""Eight processes × 50 updates of one book; run with SHEETCRM_SOAK=1."""

import os

import pytest

from sheetcrm.book.parse import parse
from tests.book.writers import STEM, together
from tests.workflows.workbooks import write

pytestmark = pytest.mark.skipif("SHEETCRM_SOAK" not in os.environ, reason="make soak runs it")


def test_together__nothing_lost_and_no_id_twice(tmp_path):
    book = write(tmp_path / "台账.xlsx")
    together(book, 8, 50)
    rows = parse(book.read_bytes(), book.name).sheets[0].rows
    given = [str(row[0]) for row in rows if str(row[0]).startswith(STEM)]
    assert sorted(given) == [f"{STEM}{n:03d}" for n in range(1, 401)]
