"""When a cell must be filled: two spellings of one language, evaluated on columns."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sheetcrm.kit.model import PHASES, Phase
from sheetcrm.kit.requirement import (
    Condition,
    ConditionError,
    columns_named,
    parse,
    parse_chinese,
    render,
    render_chinese,
    required_mask,
)

KEYS = {"状态": "status", "客户编号": "account_id"}
NAMES = {key: name for name, key in KEYS.items()}

SPELLINGS = [
    ("", ""),
    ("always", "是"),
    ("after:needs", "需求分析之后"),
    ("from:proposal", "从报价起"),
    ("on:won", "成交时"),
    ("on:lost", "流失时"),
    ("while:open", "未结束时"),
    ("when:status=已完成", "状态=已完成时"),
    ("without:account_id", "客户编号为空时"),
    ("after:needs; when:status=已完成", "需求分析之后；状态=已完成时"),
]


@pytest.mark.parametrize(("toml", "chinese"), SPELLINGS)
def test_spelling__both_ways(toml, chinese):
    requirement = parse(toml)
    assert render(requirement) == toml
    assert render_chinese(requirement, NAMES) == chinese
    assert parse_chinese(chinese, KEYS) == requirement


@pytest.mark.parametrize(
    ("written", "toml"),
    [
        ("必填", "always"),
        (" √ ", "always"),
        ("否", ""),
        ("选填", ""),
        ("需求分析阶段后", "after:needs"),
        ("从方案开始", "from:proposal"),
        ("自商务谈判起", "from:negotiation"),
        ("丢单时", "on:lost"),
        ("签约时", "on:won"),
        ("进行中时", "while:open"),
        ("状态＝已完成 时", "when:status=已完成"),
        ("状态 = 已完成", "when:status=已完成"),
        ("客户编号没填时", "without:account_id"),
        ("成交时; 流失时", "on:won; on:lost"),
        ("成交时或流失时", "on:won; on:lost"),
    ],
)
def test_chinese__as_people_write_it(written, toml):
    assert render(parse_chinese(written, KEYS)) == toml


def test_chinese__own_stage_names():
    stages: dict[str, Phase] = {"试点客户": "qualified"}
    assert render(parse_chinese("从试点客户起", KEYS, stages)) == "from:qualified"


@pytest.mark.parametrize("text", ["有时", "从流失起", "从天上起", "等级=A时", "某天之后", "意向时"])
def test_chinese__not_understood(text):
    with pytest.raises(ConditionError):
        parse_chinese(text, KEYS)


@pytest.mark.parametrize(
    "text", ["sometimes", "after:lost", "from:", "on:needs", "when:status", "while:won", "without:"]
)
def test_toml__not_understood(text):
    with pytest.raises(ConditionError):
        parse(text)


def test_mask__by_stage():
    frame = pd.DataFrame({"status": ["a"] * 6}, index=[2, 3, 5, 6, 7, 9])
    stages = ["lead", "needs", "proposal", "won", "lost", None]
    phases = pd.Series(stages, index=frame.index, dtype="str")
    kinds = pd.Series(["open", "open", "open", "won", "lost", None], frame.index, dtype="str")
    expected = {
        "": [],
        "always": [2, 3, 5, 6, 7, 9],
        "after:needs": [5, 6],
        "from:needs": [3, 5, 6],
        "from:delivery": [],
        "on:won": [6],
        "on:lost": [7],
        "while:open": [2, 3, 5],
        "on:lost; from:won": [6, 7],
    }
    for text, rows in expected.items():
        mask = required_mask(parse(text), phases, kinds, frame)
        assert mask.dtype == bool
        assert list(mask.index[mask]) == rows, text


def test_mask__by_another_column():
    frame = pd.DataFrame(
        {"status": ["已完成", "处理中", None], "account_id": ["CL2024001", None, None]},
        index=[4, 5, 6],
        dtype="str",
    )
    nothing = pd.Series([None] * 3, frame.index, dtype="str")
    expected = {
        "when:status=已完成": [4],
        "without:account_id": [5, 6],
        "when:grade=A": [],
        "without:lead_id": [4, 5, 6],
    }
    for text, rows in expected.items():
        mask = required_mask(parse(text), nothing, nothing, frame)
        assert list(mask.index[mask]) == rows, text


def test_columns_named__only_other_columns():
    assert columns_named(parse("always; when:status=x; without:account_id")) == [
        "status",
        "account_id",
    ]


conditions = st.one_of(
    st.sampled_from([Condition("always"), Condition("while")]),
    st.builds(
        Condition,
        st.sampled_from(["after", "from"]),
        phase=st.sampled_from([p for p in PHASES if p != "lost"]),
    ),
    st.builds(Condition, st.just("on"), phase=st.sampled_from(["won", "lost"])),
    st.builds(
        Condition,
        st.just("when"),
        column=st.sampled_from(list(NAMES)),
        value=st.text("已完成处理驳回AB12", min_size=1),
    ),
    st.builds(Condition, st.just("without"), column=st.sampled_from(list(NAMES))),
)


@given(st.lists(conditions, max_size=4).map(tuple))
def test_language__round_trip(requirement):
    assert parse(render(requirement)) == requirement
    assert parse_chinese(render_chinese(requirement, NAMES), KEYS) == requirement
