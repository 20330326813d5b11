"""What people read: one sentence a finding, alike ones together, long lists cut short."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from sheetcrm.findings import Finding, Place, cell_ranges, finding, group, line, sentence


def blank(cell: str, column: str = "客户名称", file: str = "线索.xlsx") -> Finding:
    place = Place(file, "跟踪表", cell, int(cell.lstrip("ABCDEFG")), column)
    return finding("REQ-01", place)


def test_sentence__place_problem_remedy_code():
    place = Place("线索.xlsx", "跟踪表", "D7", 7, "联系方式 *")
    found = finding("FMT-05", place, "138****567", reason="只有10位")
    assert sentence(found) == "【跟踪表!D7 联系方式】“138****567”只有10位。请核对后重填。[FMT-05]"


def test_sentence__file_and_sheet():
    place = Place("a/b/线索.xlsx")
    found = finding("FIL-01", place, reason="文件已加密", remedy="请先解密")
    assert sentence(found) == "【线索.xlsx】文件已加密。请先解密。[FIL-01]"
    assert sentence(blank("D7"), with_file=True).startswith("【线索.xlsx 跟踪表!D7 客户名称】")
    whole = finding("HDR-01", Place("线索.xlsx", "跟踪表"))
    assert sentence(whole).startswith("【跟踪表】")


def test_group__same_code_column_and_value():
    found = [blank("D5"), blank("D6"), blank("E6", "联系人"), blank("D7"), blank("D14")]
    assert [(g.first.column, g.cells, g.count) for g in group(found)] == [
        ("客户名称", "D5:D7,D14", 4),
        ("联系人", "E6", 1),
    ]
    assert line(group(found)[0]).startswith("【跟踪表!D5:D7,D14 客户名称】")
    assert "共4处" in line(group(found)[0])


def test_group__not_across_files_values_or_people():
    found = [blank("D5"), blank("D6", file="另一.xlsx"), replace(blank("D7"), owner="林晓舟")]
    found.append(replace(blank("D8"), value="x"))
    assert [g.count for g in group(found)] == [1, 1, 1, 1]


def test_group__cap_counts_what_is_left_out():
    found = [replace(blank(f"D{row}"), value=str(row)) for row in range(5, 12)]
    found.append(finding("REQ-05", Place("线索.xlsx", "跟踪表", "K5", 5, "下次跟进时间")))
    shown = group(found, cap=2)
    assert [(g.first.cell, g.more) for g in shown] == [("D5", 0), ("D6", 5), ("K5", 0)]
    assert "同类还有 5 条" in line(shown[1])


def test_cell_ranges():
    assert cell_ranges(["D7", "D5", "D6", "AA9", "D14", "", "AA10"]) == "D5:D7,D14,AA9:AA10"
    assert cell_ranges([]) == ""


@given(st.lists(st.tuples(st.sampled_from("DE"), st.integers(1, 40)), unique=True))
def test_group__keeps_every_cell_and_counts_all(cells):
    found = [blank(f"{letter}{row}", letter) for letter, row in cells]
    groups = group(found)
    assert sum(g.count for g in groups) == len(found)
    named = set()
    for part in ",".join(g.cells for g in groups).split(","):
        first, _, last = part.partition(":")
        if first:
            rows = range(int(first[1:]), int((last or first)[1:]) + 1)
            named |= {f"{first[0]}{row}" for row in rows}
    assert named == {f.cell for f in found}


@given(st.integers(1, 5), st.integers(0, 12))
def test_group__cap_loses_nothing(cap, count):
    found = [replace(blank(f"D{row + 2}"), value=str(row)) for row in range(count)]
    shown = group(found, cap=cap)
    assert len(shown) <= cap
    assert sum(g.count + g.more for g in shown) == count
