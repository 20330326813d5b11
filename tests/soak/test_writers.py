"""Eight processes × 50 updates of one book; run with SHEETCRM_SOAK=1."""

import pytest

from sheetcrm.book.parse import parse
from tests.book.writers import STEM, together
from tests.soak.scale import SOAK, times
from tests.workflows.workbooks import write

pytestmark = pytest.mark.skipif(not SOAK, reason="make soak runs it")


def test_together__nothing_lost_and_no_id_twice(tmp_path, figure):
    book, updates = write(tmp_path / "台账.xlsx"), times(50, 2)
    together(book, 8, updates)
    rows = parse(book.read_bytes(), book.name).sheets[0].rows
    given = [str(row[0]) for row in rows if str(row[0]).startswith(STEM)]
    assert sorted(given) == [f"{STEM}{n:03d}" for n in range(1, 8 * updates + 1)]
    figure(f"8 processes × {updates} updates", f"{len(given)} 条都在")
