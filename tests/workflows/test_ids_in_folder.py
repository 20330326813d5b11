"""New ids in a folder: no two books ever get the same, whatever became of the first."""

from datetime import date

from sheetcrm.book.journal import open_journal
from sheetcrm.workflows.check import check
from sheetcrm.workflows.weekly import weekly
from tests.book.kill import lead_ids
from tests.workflows.workbooks import TODAY, own_book

DAY = date(2026, 5, 1)
ROW = {"source": "展会推荐", "contact": "张一", "acquired_on": DAY, "status": "线索", "owner": "甲"}
STEM = "线索-2026-0501-"


def book(name: str) -> bytes:
    return own_book({"lead": [ROW | {"company": f"{name}{n}机械"} for n in range(2)]})


def test_weekly__books_of_one_folder_and_a_book_that_is_gone(tmp_path):
    (tmp_path / "甲.xlsx").write_bytes(book("东"))
    (tmp_path / "乙.xlsx").write_bytes(book("西"))
    weekly(tmp_path, TODAY)
    assert sorted(lead_ids(tmp_path)) == [f"{STEM}{n:03d}" for n in range(1, 5)]
    (tmp_path / "甲.xlsx").write_bytes(book("南"))
    check([str(tmp_path / "甲.xlsx")], TODAY, fix=True)
    assert {f"{STEM}005", f"{STEM}006"} < {*lead_ids(tmp_path)}
    assert open_journal(tmp_path / "乙.xlsx").high_water() == {STEM: 6}
    (entry,) = open_journal(tmp_path / "乙.xlsx").entries()
    assert (entry.command, entry.cells) == ("weekly", 2)
    assert list(entry.ids) == [STEM]


def test_fix__a_book_somebody_has_open_uses_up_no_numbers(tmp_path):
    (tmp_path / "甲.xlsx").write_bytes(book("东"))
    (tmp_path / "~$甲.xlsx").write_bytes(b"")
    check([str(tmp_path / "甲.xlsx")], TODAY, fix=True)
    assert open_journal(tmp_path / "甲.xlsx").high_water() == {}
