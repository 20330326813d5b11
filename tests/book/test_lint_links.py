"""Plain links are left out of the rules' tree only where they break none."""

import pytest

from sheetcrm.book import lint_links
from sheetcrm.book.lint_links import without_plain_links

NAMES = frozenset(("线索跟踪", "王's 表"))


def link(ref: str, location: str) -> str:
    return f'<hyperlink ref="{ref}" location="{location}"/>'


def sheet(*links: str) -> bytes:
    return f"<worksheet><hyperlinks>{''.join(links)}</hyperlinks></worksheet>".encode()


def test_without_plain_links__only_others_are_left():
    plain = [link("A1", "'线索跟踪'!A2"), link("ZZ999999", "'王''s 表'!B7")]
    other = '<hyperlink ref="B1" r:id="rId1"/>'
    assert without_plain_links(sheet(*plain, other), NAMES) == sheet(other)


@pytest.mark.parametrize(
    "odd",
    [
        pytest.param(link("A1048577", "'线索跟踪'!A2"), id="far away"),
        pytest.param(link("A1:B2", "'线索跟踪'!A2"), id="a range"),
        pytest.param(link("A1", "线索跟踪!A2"), id="no quotes"),
        pytest.param(link("A1", "'线索&amp;跟踪'!A2"), id="escaped"),
        pytest.param(link("A1", "客户"), id="a name"),
        pytest.param('<hyperlink ref="A1" location="\'线索跟踪\'!A2" display="去"/>', id="more"),
    ],
)
def test_without_plain_links__odd_ones_stay(odd):
    assert without_plain_links(sheet(odd, link("C1", "'线索跟踪'!A2")), NAMES) == sheet(odd)


def test_without_plain_links__all_stay_where_a_sheet_is_missing():
    data = sheet(link("A1", "'线索跟踪'!A2"), link("A2", "'没有'!A2"))
    assert without_plain_links(data, NAMES) == data


def test_without_plain_links__all_stay_where_there_are_too_many(monkeypatch):
    data = sheet(link("A1", "'线索跟踪'!A2"), link("A2", "'线索跟踪'!A3"))
    assert without_plain_links(data, NAMES) == sheet()
    monkeypatch.setattr(lint_links, "MAX_LINKS", 1)
    assert without_plain_links(data, NAMES) == data
