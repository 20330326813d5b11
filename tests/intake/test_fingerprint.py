"""The same content gives the same mark, from any container and in any order."""

from sheetcrm.intake.fingerprint import fingerprints
from tests.intake.books import incoming

HEAD = "客户名称|联系人|联系方式|线索获取时间|预计成交金额"
TYPED = f"{HEAD}\n新安食品|陈默|13900130009|2026-06-10|50000"


def marks(text: str) -> list[str]:
    return fingerprints(incoming(text)).tolist()


def test_fingerprints__of_texts_and_typed_cells_agree():
    texts = f"{HEAD}\n新安食品|陈默|'139 0013 0009'|'2026/6/10'|'50,000'"
    assert marks(texts) == marks(TYPED)


def test_fingerprints__do_not_depend_on_columns_or_rows():
    moved = (
        "预计成交金额|联系方式|线索获取时间|联系人|客户名称|备注\n"
        "80000|13900130010|2026-06-11|冯丽|瑞通|\n50000|13900130009|2026-06-10|陈默|新安食品|"
    )
    assert marks(moved)[1:] == marks(TYPED)


def test_fingerprints__differ_in_any_value_also_one_that_cannot_be_read():
    other = TYPED.replace("50000", "50001")
    unread = TYPED.replace("2026-06-10", "去年底")
    later = TYPED.replace("2026-06-10", "前年底")
    assert len({*marks(TYPED), *marks(other), *marks(unread), *marks(later)}) == 4


def test_fingerprints__a_value_counts_under_its_own_heading():
    swapped = TYPED.replace("新安食品|陈默", "陈默|新安食品")
    assert marks(swapped) != marks(TYPED)
