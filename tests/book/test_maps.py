"""What is kept for a source of lead sheets."""

import pytest

from sheetcrm.book.maps import KeptMap, load_map, save_map


def test_map__adds_up_and_what_was_said_last_counts(tmp_path):
    book = tmp_path / "线索.xlsx"
    save_map(book, "春季/展会", KeptMap({"备用1": "note", "渠道": "source"}, {}))
    save_map(book, "春季/展会", KeptMap({"备用1": ""}, {("source", "朋友圈"): "线上推广"}))
    assert load_map(book, "春季/展会") == KeptMap(
        {"备用1": "", "渠道": "source"}, {("source", "朋友圈"): "线上推广"}
    )
    assert load_map(book, "别的") == load_map(book, "") == KeptMap({}, {})


@pytest.mark.parametrize("text", ["", "{}", "[1]", '{"headings": 1, "values": []}'])
def test_map__a_spoilt_file_says_nothing(tmp_path, text):
    book = tmp_path / "线索.xlsx"
    save_map(book, "展会", KeptMap({"备用1": "note"}, {}))
    (tmp_path / ".sheetcrm" / "maps" / "展会.json").write_text(text, encoding="utf-8")
    assert load_map(book, "展会") == KeptMap({}, {})
