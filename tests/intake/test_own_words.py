"""A foreign book's own words stay: what comes in is written in them."""

from sheetcrm.intake.decide import decide
from sheetcrm.intake.incoming import incoming
from sheetcrm.intake.own_words import with_own_words
from sheetcrm.kit.model import ChoiceItem
from tests.intake.books import OPTIONS
from tests.intake.sheets import KIT, column, one, text_book
from tests.tables import clean_book, sheet

HEAD = "客户名称|联系人|联系方式|线索等级|线索状态|负责人"
OURS = sheet(f"{HEAD}\n苏州甲机械有限公司|张三|13900130001|高|意向|林晓舟", table="lead")
CAME = """
客户名称|联系人|联系方式|意向程度
新安食品有限公司|陈默|13900130009|高
大洋贸易有限公司|孙涛|13900130010|B
瑞通电子有限公司|冯丽|13900130011|
苏州甲机械有限公司|张三|13900130001|高
"""


def book(*grades: str):
    rows = [
        f"苏州{name}机械有限公司|张三|1390013000{n}|{grade}|意向|林晓舟"
        for n, (name, grade) in enumerate(zip("甲乙丙丁", grades, strict=False), 1)
    ]
    return with_own_words(clean_book(sheet("\n".join([HEAD, *rows])), own=False))


def test_words__of_the_book_stay_and_what_is_proposed_is_written_in_them():
    there = book("高", "中", "低")
    (came,) = incoming(text_book(CAME), there.kit)
    assert column(came, "grade") == ["高", "中", None, "高"]
    made = decide(came, there, OPTIONS)
    assert made.new["grade"].tolist() == ["高", "中", "低"]
    assert "grade" not in set(made.kept["key"]) | set(made.changes["key"])


def test_words__nothing_is_proposed_where_the_book_has_no_word_for_it():
    there = book("重点", "普通")
    (came,) = incoming(text_book(CAME), there.kit)
    made = decide(came, there, OPTIONS)
    assert made.new["grade"].fillna("").tolist() == ["高", "B", ""]


def test_words__of_the_kit_are_used_where_the_book_uses_them():
    assert column(one(CAME, book("A", "B").kit), "grade") == ["A", "B", None, "A"]
    assert column(one(CAME, book("", "").kit), "grade") == ["A", "B", None, "A"]


def test_words__of_our_own_list_grade_what_comes_in():
    grades = KIT.list_by_key["grade"].model_copy(
        update={"items": tuple(ChoiceItem(value=word) for word in ("高", "中", "低"))}
    )
    lists = (*(each for each in KIT.lists if each.key != "grade"), grades)
    kit = KIT.model_copy(update={"lists": lists})
    made = decide(one(CAME, kit), clean_book(OURS, own=True, kit=kit), OPTIONS)
    assert made.new["grade"].tolist()[-1] == "低"
