import pytest

from sheetcrm.clean import CleanBook
from sheetcrm.kit.load import load_kit
from tests.tables import clean_book, codes, sheet

STANDARD = load_kit()
STAGES = [s.labels[0] for s in STANDARD.pipeline.stages]


def grades(*typed: str, own: bool = False, lists: dict[str, list[str]] | None = None) -> CleanBook:
    lines = [f"L{i} | 甲{i} | 官网表单 | {grade}" for i, grade in enumerate(typed)]
    text = "\n".join(("线索编号 | 客户名称 | 来源渠道 | 线索等级", *lines))
    return clean_book(sheet(text, lists=lists), own=own)


def found(book: CleanBook) -> list[str]:
    return [
        f"{f.cell} {f.code} {f.severity}"
        for f in book.findings
        if f.code.startswith(("VAL", "FMT", "REQ"))
    ]


def column(book: CleanBook, key: str = "grade") -> list[str]:
    return list(book.tables["lead"].data[key])


def test_choices__own_book_against_its_list():
    book = grades("A", "b", "Ｃ", "S", own=True)
    codes_of_ids = {f"A{row} FMT-09 error" for row in range(2, 6)}
    assert set(found(book)) - codes_of_ids == {
        "D3 VAL-02 info",
        "D4 FMT-10 info",
        "D5 VAL-01 error",
    }
    assert column(book) == ["A", "B", "C", "S"]
    assert (5, "grade") in book.tables["lead"].faulty


def test_choices__aliases_count_only_in_our_own_books():
    choice_list = STANDARD.list_by_key["source"]
    item = next(i for i in choice_list.items if i.aliases)
    text = f"线索编号 | 客户名称 | 来源渠道 | 线索状态\nL1 | 甲 | {item.aliases[0]} | {STAGES[0]}"
    assert column(clean_book(text, own=True), "source") == [item.value]
    assert column(clean_book(text), "source") == [item.aliases[0]]


def test_choices__a_stage_name_becomes_its_label():
    stage = next((s for s in STANDARD.pipeline.stages if s.aliases), STANDARD.pipeline.stages[0])
    typed = (*stage.aliases, stage.name)[0]
    text = f"线索编号 | 客户名称 | 来源渠道 | 线索状态\nL1 | 甲 | 官网表单 | {typed}"
    assert column(clean_book(text, own=True), "status") == [stage.labels[0]]


def test_choices__an_unknown_stage_stays_and_is_an_error():
    text = f"""
    线索编号 | 客户名称 | 来源渠道 | 线索状态
    L1 | 甲 | 官网表单 | {STAGES[0]}
    L2 | 乙 | 官网表单 | 待定
    """
    book = clean_book(text, own=True)
    assert column(book, "status") == [STAGES[0], "待定"]
    assert "D3 VAL-01 error" in found(book)


def test_choices__foreign_values_are_vocabulary():
    book = grades(*["重点"] * 30, *["一般"] * 30, "重 点", "普通", "普通", "待定")
    assert found(book) == [
        "D62 VAL-02 info",
        "D63 VAL-01 warning",
        "D64 VAL-01 warning",
        "D65 REQ-03 warning",
    ]
    assert column(book)[60] == "重点"


def test_choices__few_cells_make_no_vocabulary():
    assert found(grades("重点", "一般", "普通")) == []


def test_choices__many_values_make_no_vocabulary():
    assert found(grades(*(f"值{i}" for i in range(80)))) == []


def test_choices__a_foreign_book_against_its_own_drop_down():
    book = grades("重点", "一般", "b", "S", lists={"D2:D500": ["重点", "一般", "B"]})
    assert found(book) == ["D4 VAL-02 info", "D5 VAL-01 error"]


@pytest.mark.parametrize("own", [True, False])
def test_choices__owners_are_a_matter_of_the_team_list(own):
    lines = "\n".join(f"L{i} | 甲{i} | 官网表单 | 张伟" for i in range(60))
    book = clean_book(
        f"线索编号 | 客户名称 | 来源渠道 | 负责人\n{lines}\nL99 | 乙 | 官网表单 | 新人", own=own
    )
    assert [f.code for f in book.findings if f.column == "负责人"] == []


def test_choices__a_placeholder_is_blank_unless_the_list_has_it():
    book = grades("无", lists={"D2:D9": ["无", "有"]})
    assert column(book) == ["无"]
    book = grades(*["重点"] * 3, "无")
    assert codes(book.findings) == ["D5 REQ-03"]
