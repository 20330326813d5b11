import pytest

from sheetcrm.errors import BadMapping, UnknownName
from sheetcrm.intake.given import given_map
from sheetcrm.intake.incoming import incoming
from sheetcrm.intake.prompts import heading_prompts, understood
from sheetcrm.kit.load import load_kit
from tests.tables import raw_book, sheet

KIT = load_kit()


@pytest.mark.parametrize(
    ("text", "heading", "answer"),
    [
        ("渠道商=来源渠道", "渠道商", "来源渠道"),
        ("A = source", "A", "source"),
        ("A＝电话", "A", "电话"),
        ("a=b=客户名称", "a=b", "客户名称"),
        ("拜访日=阶段:商机", "拜访日", "阶段:商机"),
        ("拜访日=阶段：报价", "拜访日", "阶段：报价"),
        ("微信昵称=忽略", "微信昵称", ""),
        ("跟进描述=跟进内容", "跟进描述", "跟进内容"),
    ],
)
def test_given_map__a_heading_and_its_field(text, heading, answer):
    assert given_map([text], [], KIT).headings == {heading: answer}


@pytest.mark.parametrize("text", ["客户名称", "=客户名称", "客户=", "", "="])
def test_given_map__no_mapping(text):
    with pytest.raises(BadMapping):
        given_map([text], [], KIT)


@pytest.mark.parametrize("text", ["A=职业生涯", "A=阶段:没有这一步", "A=阶段:"])
def test_given_map__no_such_field(text):
    with pytest.raises(UnknownName):
        given_map([text], [], KIT)


def test_given_map__values():
    made = given_map([], ["来源渠道:抖音=线上推广", "线索状态：已到店=意向"], KIT)
    assert made.values["source", "抖音"] == "线上推广"
    assert made.values["status", "已到店"] == "意向"


@pytest.mark.parametrize("text", ["抖音=线上推广", "来源渠道:=线上推广", "来源渠道:抖音"])
def test_given_map__no_value_mapping(text):
    with pytest.raises(BadMapping):
        given_map([], [text], KIT)


def test_given_map__no_list_column():
    with pytest.raises(UnknownName):
        given_map([], ["客户名称:甲=乙"], KIT)


def test_prompts__what_is_asked_comes_first_with_likely_answers():
    text = """
        客户名称 | 客户手机 | 来源 | 首次跟进时间 | 性别 | 谈判日期 | 意向日期
        明禾机械 | 13800130001 | 展会 | '2024-05-01' | 女 | 2024-05-02 | 2024-05-02
        星辰科技 | 13800130002 | 抖音 | '2024-05-02' | 男 | 2024-05-03 | 2024-05-02
    """
    (made,) = incoming(raw_book(sheet(text)), KIT)
    prompts = heading_prompts(made, KIT)
    assert [(p.cell, p.text, p.how, p.choices[0]) for p in prompts] == [
        ("D1", "首次跟进时间", "asked", "最后跟进时间"),
        ("F1", "谈判日期", "asked", "进入阶段：报价"),
        ("A1", "客户名称", "name", "线索编号"),
        ("B1", "客户手机", "alias", "线索编号"),
        ("C1", "来源", "alias", "线索编号"),
        ("E1", "性别", "ignored", "线索编号"),
        ("G1", "意向日期", "stage", "线索编号"),
    ]
    assert prompts[3].samples == ("138****0001", "138****0002")
    for prompt in prompts:
        for choice in prompt.choices:
            given_map([f"{prompt.text}={choice}"], [], KIT)
            assert understood(prompt, choice)
    assert all(understood(prompts[0], said) for said in ("阶段:商机", "进入阶段：商机", "忽略", ""))
    assert not any(understood(prompts[0], said) for said in ("阶段:没有", "没有"))
    assert f"进入阶段：{KIT.pipeline.stages[0].name}" in prompts[0].choices
