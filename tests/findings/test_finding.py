"""A finding: sentences from the catalogue, JSON, fingerprint."""

import pytest

from sheetcrm.findings import Finding, Place, at_least, counts, finding, plain_heading

PLACE = Place("表/线索.xlsx", "线索跟踪", "C5", 5, "客户名称 *", "L7", "林晓舟")


def made(code: str = "REQ-01", place: Place = PLACE) -> Finding:
    return finding(code, place)


def test_finding__sentences_name_the_plain_heading():
    found = made()
    assert found.message == "“客户名称”是必填项，现在是空的"
    assert found.suggestion == "请填写客户名称"
    assert found.column == "客户名称 *"


def test_finding__overrides():
    found = finding("REQ-01", PLACE, "x", suggestion="请改为甲", severity="info")
    assert (found.value, found.suggestion, found.severity) == ("x", "请改为甲", "info")


def test_finding__braces_in_a_value_are_text():
    assert "{甲}" in finding("TYP-01", PLACE, "{甲}", example="5").message


def test_finding__unknown_code():
    with pytest.raises(KeyError):
        made("XYZ-99")


def test_as_json__keys_of_the_contract():
    assert list(made().as_json()) == [
        "code",
        "severity",
        "file",
        "sheet",
        "cell",
        "row",
        "column",
        "key",
        "owner",
        "value",
        "message",
        "suggestion",
    ]


@pytest.mark.parametrize(
    ("other", "same"),
    [
        ({"cell": "C9", "row": 9}, True),
        ({"file": "C:\\别处\\线索.xlsx"}, True),
        ({"owner": "周启航"}, True),
        ({"key": "L8"}, False),
        ({"column": "联系人"}, False),
        ({"sheet": "客户档案"}, False),
        ({"file": "表/别的.xlsx"}, False),
    ],
)
def test_fingerprint__row_id_not_position(other, same):
    moved = made(place=Place(**{**PLACE.__dict__, **other}))
    assert (moved.fingerprint == made().fingerprint) is same


def test_fingerprint__cell_where_the_row_has_no_id():
    first, second = (
        made(place=Place("a.xlsx", "表", cell, 5, "客户名称")) for cell in ("C5", "C6")
    )
    assert first.fingerprint != second.fingerprint


def test_counts_and_at_least():
    found = [made(), made("REQ-05"), made("REQ-05")]
    assert counts(found) == {"error": 1, "warning": 2, "info": 0}
    assert at_least(found, "error")
    assert not at_least(found[1:], "error")
    assert at_least(found[1:], "info")
    assert not at_least([], "info")


def test_plain_heading():
    assert plain_heading("预计成交金额（元） △") == "预计成交金额（元）"
    assert plain_heading("*客户名称") == "客户名称"
