import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sheetcrm.values.masking import mask_contact
from sheetcrm.values.phones import parse_phone, phone_key

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


@pytest.mark.parametrize("cell", ["1385678", "1396789", "138-5678", 1385678.0])
def test_parse_phone__seven_digits_may_have_lost_their_asterisks(cell):
    result = parse_phone(cell)
    assert (result.value, result.note) == (None, "FMT-05")
    assert "星号" in str(result.facts["reason"])


@pytest.mark.parametrize("cell", ["138567", "138001301", "2385678"])
def test_parse_phone__other_short_numbers_have_not(cell):
    assert "星号" not in str(parse_phone(cell).facts.get("reason", ""))


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("张经理13800130001", MOBILE),
        ("13800130001 张经理", MOBILE),
        ("张经理：138-0013-0001", MOBILE),
        ("13800130001（微信同号）", MOBILE),
        ("Tom 13800130001", MOBILE),
        ("王总 010-62345678转801", "010-62345678-801"),
    ],
)
def test_parse_phone__a_name_beside_the_number(cell, value):
    result = parse_phone(cell)
    assert (result.value, result.note, result.facts["fixed"]) == (value, "FMT-11", value)


def test_parse_phone__several_with_names():
    result = parse_phone("张经理13800130001/李工13900130002")
    assert (result.value, result.note, result.facts["count"]) == (MOBILE, "FMT-07", 2)


def test_parse_phone__a_number_said_to_be_dead_is_none():
    result = parse_phone("13800130001停机")
    assert (result.value, result.note) == (None, "FMT-05")
    assert "停机" in str(result.facts["reason"])


@pytest.mark.parametrize(
    ("cell", "value", "note"),
    [
        ("+852 9123 4567", "+852 91234567", ""),
        ("+1 650 253 0000", "+1 6502530000", ""),
        ("+44 20 7946 0958", "+44 2079460958", ""),
        ("00852-91234567", "+852 91234567", "FMT-11"),
        ("+86 010-62345678", "010-62345678", "FMT-11"),
        ("+1 555 123", None, "FMT-05"),
    ],
)
def test_parse_phone__foreign_numbers_by_their_country_code(cell, value, note):
    result = parse_phone(cell)
    assert (result.value, result.note) == (value, note)


@given(mobiles, st.sampled_from(["{}", "+86{}", "86 {}", "{} ", "'{}"]))
def test_parse_phone__one_number_however_written(mobile, shape):
    grouped = f"{mobile[:3]}-{mobile[3:7]}-{mobile[7:]}"
    assert {parse_phone(shape.format(text)).value for text in (mobile, grouped)} == {mobile}
    assert parse_phone(float(mobile)).value == mobile


numbers = st.text("0123456789+-() 转/", max_size=24)


@given(st.one_of(st.text(), st.floats(), numbers))
def test_parse_phone__any_cell_is_read_or_refused(cell):
    result = parse_phone(cell)
    assert (result.value is None) == (result.note == "FMT-05")


@given(
    st.one_of(
        numbers,
        mobiles,
        st.from_regex(r"\+?(86|1|852|44|81) ?[0-9]{7,11}", fullmatch=True),
        st.from_regex(
            r"0(10|2[1-9]|[3-9][1-9]{2})[- ]?[2-8][0-9]{6,7}(转[0-9]{1,4})?", fullmatch=True
        ),
    )
)
@settings(max_examples=200)
def test_parse_phone__what_was_put_in_order_stays_as_it_is(cell):
    value = parse_phone(cell).value
    if value is not None and "*" not in value:
        assert parse_phone(value) == (value, "", "", {})


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
