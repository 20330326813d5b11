import pytest
from hypothesis import given
from hypothesis import strategies as st

from sheetcrm.values.contact import parse_contact
from sheetcrm.values.email import parse_email
from sheetcrm.values.phones import phone_key

MOBILE = "13800130001"


@pytest.mark.parametrize(
    ("cell", "value", "note"),
    [
        ("wxid_abc123", "wxid_abc123", ""),
        ("微信：abc_123456", "abc_123456", ""),
        ("微信13800130001", MOBILE, ""),
        ("13800130001 微信同号", MOBILE, "FMT-11"),
        ("QQ：12345678", "QQ12345678", ""),
        ("qq 12345678", "QQ12345678", ""),
        ("name@example.com", "name@example.com", ""),
        (" name@example.com ", "name@example.com", "FMT-10"),
        ("name＠example.com", "name@example.com", "FMT-10"),
        ("name@example", None, "FMT-08"),
        ("tel13800130001", MOBILE, "FMT-10"),
        (MOBILE, MOBILE, ""),
        (13800130001.0, MOBILE, "FMT-11"),
        ("138****0001", "138****0001", "FMT-06"),
        ("13800O30383", None, "FMT-05"),
        ("微信同号", None, "FMT-05"),
    ],
)
def test_parse_contact__phone_mail_wechat_or_qq(cell, value, note):
    result = parse_contact(cell)
    assert (result.value, result.note) == (value, note)


@pytest.mark.parametrize(
    ("cell", "value", "count"),
    [
        ("a@b.com; c@d.cn", "a@b.com", 2),
        ("a@b.com c@d.cn，e@f.cn", "a@b.com", 3),
        ("13800130001/name@example.com", MOBILE, 2),
        ("13800130001 QQ12345678", MOBILE, 2),
        ("微信：abc_123456 电话13800130001", "abc_123456", 2),
        ("张经理13800130001、李工13900130002", MOBILE, 2),
    ],
)
def test_parse_contact__of_several_the_first(cell, value, count):
    result = parse_contact(cell)
    assert (result.value, result.note, result.facts["count"]) == (value, "FMT-07", count)


@pytest.mark.parametrize("cell", ["name", "a@b", "a..b@c.cn", "a b@c.cn", "@c.cn", 5.0])
def test_parse_email__wrong(cell):
    assert parse_email(cell).note == "FMT-08"


@pytest.mark.parametrize(
    ("cell", "hint"),
    [
        ("name@163.con", ".com"),
        ("name@example.cmo", ".com"),
        ("name@qqcom", "qq.com"),
        ("name.example.com", "没有“@”"),
    ],
)
def test_parse_email__says_what_may_be_meant(cell, hint):
    result = parse_email(cell)
    assert (result.value, result.note) == (None, "FMT-08")
    assert hint in str(result.facts["reason"])


@pytest.mark.parametrize(
    "cell",
    ["name＠example．com", "name@example.com  ", "name@example。com", "邮箱：name@example.com"],
)
def test_parse_email__tidied(cell):
    result = parse_email(cell)
    assert (result.value, result.note) == ("name@example.com", "FMT-10")


@given(
    st.one_of(
        st.text(),
        st.floats(),
        st.text("abcq微信Q@.。:：/; 0123456789*", max_size=24),
        st.emails(),
    )
)
def test_parse_contact__any_cell_is_read_or_refused_and_stays(cell):
    result = parse_contact(cell)
    assert (result.value is None) == (result.note in ("FMT-05", "FMT-08"))
    if result.value is not None and result.note != "FMT-06":
        assert parse_contact(result.value) == (result.value, "", "", {})


@pytest.mark.parametrize(("one", "other"), [("QQ13800130001", MOBILE), ("a1234567", "b1234567")])
def test_phone_key__letters_tell_an_id_from_a_number(one, other):
    assert phone_key(one) != phone_key(other)
