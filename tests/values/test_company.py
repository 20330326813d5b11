"""Company names by their structure: which are one company, which are not."""

from collections import Counter
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sheetcrm.values.company import alike, compare, parse_company, plain_cores, with_shared_core

CITIES = st.sampled_from(["北京", "苏州", "广州", "呼和浩特"])
CORES = st.text("明禾星辰博雅长风云岭", min_size=2, max_size=4)
TRADES = st.sampled_from(["科技", "物流", "机械", "网络科技"])
FORMS = st.sampled_from(["有限公司", "股份有限公司", "有限责任公司", "集团有限公司", ""])


@pytest.mark.parametrize(
    ("name", "core", "trade", "city", "branch"),
    [
        ("上海星辰科技有限公司", "星辰", "科技", "上海", ""),
        ("星辰科技（上海）有限公司", "星辰", "科技", "上海", ""),
        ("江苏省苏州市明禾机械有限公司", "明禾", "机械", "苏州", ""),
        ("广州市天河区星河网络股份有限公司", "星河", "网络", "广州", ""),
        ("招商银行股份有限公司深圳分行", "招商银行", "", "", "深圳分行"),
        ("杭州中弘智能制造有限责任公司", "中弘", "智能制造", "杭州", ""),
        ("明禾机械", "明禾", "机械", "", ""),
        ("许文清", "许文清", "", "", ""),
    ],
)
def test_parse(name, core, trade, city, branch):
    company = parse_company(name)
    assert (company.core, company.trade, company.city) == (core, trade, city)
    assert company.branch == branch


@pytest.mark.parametrize(
    ("one", "other", "likeness"),
    [
        ("上海星辰科技有限公司", "星辰科技（上海）有限公司", "strong"),
        ("上海星辰科技有限公司", "星辰科技", "strong"),
        ("上海星辰科技有限公司", "上海星辰科技股份有限公司", "strong"),
        ("臺灣長風物流有限公司", "台湾长风物流", "strong"),
        ("苏州明禾机械有限公司", "江苏省苏州市明禾机械", "strong"),
        ("许文清", "许文清", "strong"),
        ("北京大学", "北京大学", "strong"),
        ("上海星辰科技有限公司", "上海星辰", "similar"),
        ("上海星辰科技有限公司", "上海星辰信息科技有限公司", "similar"),
        ("江苏明禾机械有限公司", "苏州明禾机械有限公司", "similar"),
        ("上海星辰科技有限公司", "北京星辰科技有限公司", "none"),
        ("上海星辰科技有限公司", "上海星辰食品有限公司", "none"),
        ("上海星辰科技有限公司", "上海星光科技有限公司", "none"),
        ("浙江明禾机械有限公司", "苏州明禾机械有限公司", "none"),
        ("招商银行股份有限公司深圳分行", "招商银行股份有限公司上海分行", "none"),
        ("科技有限公司", "科技公司", "none"),
        ("上海XX公司", "上海XX公司", "none"),
        ("某某物流", "某某物流", "none"),
        ("张先生", "张先生", "none"),
    ],
)
def test_compare(one, other, likeness):
    assert compare(parse_company(one), parse_company(other)) == likeness


@given(st.text(max_size=30))
def test_parse__any_text(text):
    company = parse_company(text)
    assert company.known or compare(company, company) == "none"
    assert compare(company, parse_company(f" {text}。")) == compare(company, company)


@given(CITIES, CORES, TRADES, FORMS, FORMS)
def test_compare__form_and_place_of_the_city_change_nothing(city, core, trade, form, other):
    one = parse_company(f"{city}{core}{trade}{form}")
    moved = parse_company(f"{core}{trade}（{city}）{other}")
    assert compare(one, moved) == "strong"


@given(CORES, TRADES, FORMS)
def test_compare__another_city_is_another_company(core, trade, form):
    one, other = (parse_company(f"{city}{core}{trade}{form}") for city in ("北京", "苏州"))
    assert compare(one, other) == "none"


@given(st.lists(st.tuples(CITIES, CORES, TRADES, FORMS).map("".join), max_size=25))
def test_alike__finds_the_pairs_that_comparing_all_would(names):
    distinct = list(dict.fromkeys(names))
    everything = {
        (a, b, likeness)
        for a, b in combinations(distinct, 2)
        if (likeness := compare(parse_company(a), parse_company(b))) != "none"
    }
    assert set(alike({name: parse_company(name) for name in names})) == everything


@given(st.tuples(CITIES, CORES, TRADES, FORMS).map("".join), st.text(max_size=12))
def test_compare__is_symmetric(name, other):
    one, two = parse_company(name), parse_company(other)
    assert compare(one, two) == compare(two, one)


PIECES = st.sampled_from(
    [
        *(
            "星辰",
            "云海",
            "第7号",
            "abc",
            "X",
            "國",
            "某",
            "先生",
            "客户",
            "大学",
            " ",
            "\n",
            "（",
            "）",
        ),
        *(
            "上海",
            "北京市",
            "浦东新区",
            "科技",
            "机械",
            "机械设备",
            "网络科技",
            "管理咨询",
            "厂",
            "总公司",
        ),
        *("有限公司", "股份有限公司", "集团", "公司", "分公司", "支行", "银行", "办事处"),
    ]
)


@given(st.lists(st.lists(PIECES, min_size=1, max_size=4).map("".join), unique=True, max_size=30))
def test_shared_core__as_parsing_every_name_finds_it(names):
    counts = Counter(parse_company(name).core for name in names)
    expected = [name for name in names if counts[parse_company(name).core] > 1]
    assert with_shared_core(names) == expected


@given(st.lists(st.lists(PIECES, min_size=1, max_size=4).map("".join), unique=True, max_size=30))
def test_plain_cores__as_parsing_finds_them(names):
    found = plain_cores(names)
    assert found == {name: parse_company(name).core for name in found}
    assert list(found) == [name for name in names if name in found]


def test_shared_core__names_of_their_own_are_left_out():
    names = ["明禾科技有限公司", "明禾网络科技（苏州）", "第1号机械有限公司", "第2号机械有限公司"]
    assert with_shared_core(names) == names[:2]
