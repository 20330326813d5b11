"""A second number, an e-mail address beside a mobile: nothing that came in is lost."""

from sheetcrm.intake.decide import decide
from tests.intake.books import OPTIONS, actions, book, cells
from tests.intake.sheets import one
from tests.tables import clean_book, sheet

ROW = "线索-2026-0601-001||苏州明禾机械有限公司|许文清|13800130001||2026-06-01|||意向|林晓舟|||||"
CAME = """
公司|姓名|手机|邮箱
苏州明禾机械有限公司|许文清|13800130001|xu@minghe.cn
新安食品有限公司|陈默|13900130009/13700009999|
大洋贸易有限公司|孙涛|13900130010|
"""


def test_contacts__go_into_the_remarks():
    made = decide(one(CAME), book(ROW), OPTIONS)
    assert actions(made) == ["update =2", "create", "create"]
    assert cells(made.changes) == [(2, "note", "", "另有联系方式：xu@minghe.cn")]
    assert made.new["note"].fillna("").tolist() == ["另有联系方式：13700009999", ""]


def test_contacts__of_rows_that_are_merged():
    twice = "公司|姓名|手机\n新安食品有限公司|陈默|13900130009\n新安食品有限公司|陈默|13900130019"
    made = decide(one(twice), book(ROW), OPTIONS)
    assert actions(made) == ["create", "merge <2"]
    assert made.new["note"].tolist() == ["另有联系方式：13900130019"]


def test_contacts__are_told_where_the_book_has_no_remarks():
    there = clean_book(
        sheet("客户名称|联系人|联系方式|线索状态\n苏州明禾机械有限公司|许文清|13800130001|意向"),
        own=False,
    )
    made = decide(one(CAME), there, OPTIONS)
    assert actions(made) == ["skip =2", "create", "create"]
    assert [(row, new) for row, _, _, new in cells(made.kept)] == [
        (2, "xu@minghe.cn"),
        (3, "13700009999"),
    ]
    assert all("没有写进去" in reason for reason in made.kept["reason"])


def test_contacts__an_error_value_is_none():
    came = CAME.replace("xu@minghe.cn", "#N/A").replace("13900130010|", "13900130010|#REF!")
    made = decide(one(came), book(ROW), OPTIONS)
    assert actions(made) == ["skip =2", "create", "create"]
    assert made.new["note"].fillna("").tolist() == ["另有联系方式：13700009999", ""]
