import pytest
from hypothesis import given
from hypothesis import strategies as st

from sheetcrm.values.masking import mask_contact
from sheetcrm.values.phones import parse_contact, parse_email, parse_phone, phone_key

MOBILE = "13800130001"
mobiles = st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True)


@pytest.mark.parametrize(
    "cell", [MOBILE, "010-62345678", "62345678", "4008001234", "021-55551234-801"]
)
def test_parse_phone__healthy(cell):
    assert parse_phone(cell) == (cell, "", "", {})


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("(021)5555 1234", "021-55551234"),
        ("0755-8888 1234", "0755-88881234"),
        ("400-800-1234", "4008001234"),
        ("021-55551234转801", "021-55551234-801"),
        ("021-55551234 ext 801", "021-55551234-801"),
    ],
)
def test_parse_phone__usual_ways_to_write_a_landline_are_healthy(cell, value):
    assert parse_phone(cell) == (value, "", "", {})


@pytest.mark.parametrize(
    ("cell", "note"),
    [
        ("１３８００１３０００１", "FMT-10"),
        ("手机：13800130001", "FMT-10"),
        ("138-0013-0001", "FMT-11"),
        ("138 0013 0001", "FMT-11"),
        ("+86 13800130001", "FMT-11"),
        ("8613800130001", "FMT-11"),
        ("008613800130001", "FMT-11"),
        pytest.param(13800130001.0, "FMT-11", id="number"),
        ("13800130001.0", "FMT-11"),
        ("1.3800130001E10", "FMT-11"),
    ],
)
def test_parse_phone__put_in_order(cell, note):
    result = parse_phone(cell)
    assert (result.value, result.note) == (MOBILE, note)


@pytest.mark.parametrize(
    "cell",
    [
        "138130147", "138001301250", "13800O30383", "1396789", "1.38E+10", "12345678901", "面议",
        "微信同号", 138.0, True, "010-123",
    ],
)  # fmt: skip
def test_parse_phone__wrong_and_why(cell):
    result = parse_phone(cell)
    assert (result.value, result.note) == (None, "FMT-05")
    assert result.facts["reason"]


def test_parse_phone__masked_is_not_wrong():
    assert parse_phone("138****0001") == ("138****0001", "FMT-06", "", {})


@pytest.mark.parametrize(
    ("cell", "count"),
    [
        ("13800130001/13900130002", 2),
        ("13800130001、010-62345678", 2),
        ("13800130001 13900130002", 2),
        ("13800130001；13900130002；13700130003", 3),
    ],
)
def test_parse_phone__of_several_the_first(cell, count):
    result = parse_phone(cell)
    assert (result.value, result.note, result.facts["count"]) == (MOBILE, "FMT-07", count)


def test_parse_phone__foreign_number_keeps_its_country():
    assert parse_phone("+1 650 253 0000").value == "+1 6502530000"


@pytest.mark.parametrize(
    ("cell", "value", "note"),
    [
        ("wxid_abc123", "wxid_abc123", ""),
        ("微信：abc_123456", "abc_123456", ""),
        ("name@example.com", "name@example.com", ""),
        (" name@example.com ", "name@example.com", "FMT-10"),
        ("name@example", None, "FMT-08"),
        (MOBILE, MOBILE, ""),
        ("13800O30383", None, "FMT-05"),
    ],
)
def test_parse_contact__phone_mail_or_wechat(cell, value, note):
    result = parse_contact(cell)
    assert (result.value, result.note) == (value, note)


@pytest.mark.parametrize("cell", ["name", "a@b", "a..b@c.cn", "a b@c.cn", "@c.cn", 5.0])
def test_parse_email__wrong(cell):
    assert parse_email(cell).note == "FMT-08"


@given(mobiles, st.sampled_from(["{}", "+86{}", "86 {}", "{} ", "'{}"]))
def test_parse_phone__one_number_however_written(mobile, shape):
    grouped = f"{mobile[:3]}-{mobile[3:7]}-{mobile[7:]}"
    assert {parse_phone(shape.format(text)).value for text in (mobile, grouped)} == {mobile}
    assert parse_phone(float(mobile)).value == mobile


@given(st.one_of(st.text(), st.floats()))
def test_parse_phone__any_cell_is_read_or_refused(cell):
    result = parse_contact(cell)
    assert (result.value is None) == (result.note in ("FMT-05", "FMT-08"))


@pytest.mark.parametrize(
    ("value", "key"),
    [("138****0001", ""), ("", ""), ("010-62345678", "01062345678"), ("Wx_Name1", "wx_name1")],
)
def test_phone_key__what_duplicates_share(value, key):
    assert phone_key(value) == key


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        (MOBILE, "138****0001"),
        (13800130001.0, "138****0001"),
        ("13800130001/13900130002", "138****0001/139****0002"),
        ("13800130001 13900130002", "138****0001 139****0002"),
        ("name@example.com", "n***@example.com"),
        ("138****0001", "138****0001"),
        ("wxid_abc123", "w*********3"),
        ("010-62345678", "010-****5678"),
    ],
)
def test_mask_contact__first_three_and_last_four(cell, shown):
    assert mask_contact(cell) == shown


@given(mobiles, st.sampled_from(["{}", "+86 {}", "{}（微信同号）", "电话{}", "{}/010-62345678"]))
def test_mask_contact__never_shows_a_whole_number(mobile, shape):
    shown = mask_contact(shape.format(mobile))
    assert mobile not in shown
    assert mobile[2:8] not in shown
