import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sheetcrm.values.amounts import chinese_number, parse_amount, parse_number, parse_percent


@pytest.mark.parametrize(
    ("cell", "value", "certainty"),
    [
        ("5万", 50_000, "exact"),
        ("1.2亿", 120_000_000, "exact"),
        ("￥50,000", 50_000, "exact"),
        ("¥ 120,000.00", 120_000, "exact"),
        ("50,000元", 50_000, "exact"),
        ("５００００", 50_000, "exact"),
        ("3.5w", 35_000, "exact"),
        ("3万5", 35_000, "exact"),
        ("8000元内", 8_000, "at most"),
        ("30万以内", 300_000, "at most"),
        ("不超过10万", 100_000, "at most"),
        ("5万以上", 50_000, "at least"),
        ("约5万", 50_000, "about"),
        ("12万元左右", 120_000, "about"),
        ("100多万", 1_000_000, "about"),
        ("五万八", 58_000, "exact"),
        ("一千二", 1_200, "exact"),
        ("一万零八十", 10_080, "exact"),
        ("壹拾万元整", 100_000, "exact"),
        ("人民币 5000", 5_000, "exact"),
        ("-3万", -30_000, "exact"),
        ("5万元（含税）", 50_000, "exact"),
        ("预算：5万", 50_000, "exact"),
        ("5万+", 50_000, "at least"),
    ],
)
def test_parse_amount__written_amounts(cell, value, certainty):
    result = parse_amount(cell)
    assert result.value is not None
    assert (result.value.value, result.value.certainty, result.note) == (value, certainty, "FMT-13")


@pytest.mark.parametrize(
    ("cell", "low", "high"),
    [
        ("10-30万", 100_000, 300_000),
        ("10万-30万", 100_000, 300_000),
        ("10万~20万元", 100_000, 200_000),
        ("5000至8000元", 5_000, 8_000),
        ("8千-1万", 8_000, 10_000),
        ("12万-15万", 120_000, 150_000),
        ("￥10,000-￥20,000", 10_000, 20_000),
        ("十万至二十万", 100_000, 200_000),
        ("五到八万元", 50_000, 80_000),
        ("五到八百万", 5_000_000, 8_000_000),
        ("五到二十万", 50_000, 200_000),
        ("五到八万亿", 5 * 10**12, 8 * 10**12),
        ("三五万", 30_000, 50_000),
        ("十几万", 110_000, 190_000),
    ],
)
def test_parse_amount__a_range_is_its_midpoint(cell, low, high):
    result = parse_amount(cell)
    assert result.value is not None
    assert (result.value.low, result.value.high, result.note) == (low, high, "AMT-02")
    assert result.value.certainty == "range"
    assert result.value.value == (low + high) / 2


@pytest.mark.parametrize(
    "cell",
    [
        "面议",
        "待定",
        "1,2",
        "三",
        "20万-10万",
        "",
        "五五万",
        "八五万",
        "几万",
        "五到三万",
        "万",
        "亿元",
        True,
        math.nan,
        math.inf,
    ],
)
def test_parse_amount__not_a_number(cell):
    assert parse_amount(cell).note == "TYP-01"
    assert parse_amount(cell).value is None


@pytest.mark.parametrize(
    ("cell", "low", "high"),
    [
        ("8000元内", 0, 8_000),
        ("不超过10万", 0, 100_000),
        ("5万以上", 50_000, math.inf),
        ("约5万", 50_000, 50_000),
        (5.0, 5, 5),
    ],
)
def test_parse_amount__a_limit_is_a_range_too(cell, low, high):
    amount = parse_amount(cell).value
    assert amount is not None
    assert (amount.low, amount.high) == (low, high)


@pytest.mark.parametrize(
    ("cell", "currency"),
    [
        ("USD 5,000", "美元"),
        ("5万美元", "美元"),
        ("$500", "美元"),
        ("US$1.5k", "美元"),
        ("3万美金左右", "美元"),
        ("€1,000", "欧元"),
        ("HK$ 20万", "港元"),
        ("10-20万日元", "日元"),
        ("五万英镑", "英镑"),
    ],
)
def test_parse_amount__foreign_currency_is_never_yuan(cell, currency):
    result = parse_amount(cell)
    assert (result.value, result.note) == (None, "AMT-07")
    assert currency in str(result.facts["reason"])


def test_parse_amount__a_currency_without_an_amount_is_no_number():
    assert parse_amount("美元").note == "TYP-01"


def test_parse_amount__says_whether_the_text_names_its_unit():
    named = {cell: parse_amount(cell).value for cell in ("5", "5万", "5元", 5.0)}
    assert {c: v.scaled for c, v in named.items() if v} == {
        "5": False,
        "5万": True,
        "5元": True,
        5.0: False,
    }


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_parse_amount__a_number_is_itself(number):
    result = parse_amount(number)
    assert result.value is not None
    assert (result.value.value, result.note) == (number, "")


@given(st.integers(0, 10**9), st.sampled_from(["", "元", "万", "亿"]), st.booleans())
def test_parse_amount__separators_change_nothing(number, unit, currency):
    scale = {"": 1, "元": 1, "万": 10**4, "亿": 10**8}[unit]
    for text in (f"{number}{unit}", f"{number:,}{unit}", f" {number:,} {unit} "):
        result = parse_amount(f"￥{text}" if currency else text)
        assert result.value is not None
        assert result.value.value == number * scale


@given(
    st.integers(0, 10**6), st.sampled_from(["", "元", "万", "万元", "亿"]), st.integers(1, 10**6)
)
def test_parse_amount__ranges_come_back(low, unit, width):
    scale = {"": 1, "元": 1, "万": 10**4, "万元": 10**4, "亿": 10**8}[unit]
    for sign in "-~至到":
        amount = parse_amount(f"{low}{sign}{low + width}{unit}").value
        assert amount is not None
        assert (amount.low, amount.high) == (low * scale, (low + width) * scale)


@given(st.one_of(st.text(), st.text("0123456789.,-一二十百千万亿几元块约内上至到$¥美 ")))
def test_parse_amount__any_text_is_read_or_refused(text):
    result = parse_amount(text)
    assert (result.value is None) == (result.note in ("TYP-01", "AMT-07"))
    if result.value is not None:
        assert result.value.low <= result.value.value <= result.value.high


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("十", 10),
        ("两百", 200),
        ("二十五", 25),
        ("一亿二", 120_000_000),
        ("三千零五", 3005),
        ("零", None),
        ("一万亿", 10**12),
        ("三十万亿", 30 * 10**12),
        ("一万二千亿", 12_000 * 10**8),
        ("一万亿五", 15 * 10**11),
        ("一万二千亿零五万", 12_000 * 10**8 + 50_000),
        ("百万", 1_000_000),
        ("万", None),
        ("亿", None),
        ("万亿", None),
        ("三万五万", None),
    ],
)
def test_chinese_number__as_spoken(text, value):
    assert chinese_number(text) == value


def spelt(number: int) -> str:
    """Write a number out in full, 零 where places are left out; "" for none."""
    for unit, name in ((10**8, "亿"), (10**4, "万"), (1000, "千"), (100, "百"), (10, "十")):
        if number >= unit:
            times, rest = divmod(number, unit)
            gap = "零" if 0 < rest < unit // 10 else ""
            return f"{spelt(times)}{name}{gap}{spelt(rest)}"
    return "零一二三四五六七八九"[number] if number else ""


@given(st.integers(10, 10**15))
def test_chinese_number__every_number_written_out(number):
    assert chinese_number(spelt(number)) == number


@pytest.mark.parametrize(("cell", "value"), [("3天", 3), ("120人", 120), (7.0, 7), ("1,200", 1200)])
def test_parse_number__units_behind_it(cell, value):
    assert parse_number(cell).value == value


@pytest.mark.parametrize(
    ("cell", "value", "note"),
    [
        (0.15, 0.15, ""),
        ("15%", 0.15, "FMT-13"),
        (15.0, 0.15, "FMT-13"),
        ("9折", 0.9, "FMT-13"),
        (1.2, 1.2, ""),
    ],
)
def test_parse_percent__as_a_fraction(cell, value, note):
    result = parse_percent(cell)
    assert result.value == pytest.approx(value)
    assert result.note == note


def test_parse_percent__not_a_number():
    assert parse_percent("很高").note == "TYP-01"
