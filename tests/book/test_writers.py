"""Two processes writing one book: nothing is lost, no id is given twice; more in tests/soak."""

from sheetcrm.book.journal import open_journal
from sheetcrm.book.parse import parse
from tests.book.writers import STEM, together
from tests.workflows.workbooks import write


def test_together__nothing_lost_and_no_id_twice(tmp_path):
    book = write(tmp_path / "台账.xlsx")
    together(book, 2, 10)
    rows = parse(book.read_bytes(), book.name).sheets[0].rows
    given = [str(row[0]) for row in rows if str(row[0]).startswith(STEM)]
    assert sorted(given) == [f"{STEM}{n:03d}" for n in range(1, 21)]
    entries = open_journal(book).entries()
    done = [entry for entry in entries if entry.state == "committed"]
    assert len(done) == len({entry.batch for entry in done}) == 20
    assert open_journal(book).high_water() == {STEM: 20}
