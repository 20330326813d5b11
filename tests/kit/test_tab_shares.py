"""分配规则 and 导入分配办法: who gets imported leads, to rows and back."""

from sheetcrm.kit.blocks import FIRST_ROW, HEADER_ROW
from sheetcrm.kit.describe import kit_from_tabs, settings_blocks, settings_rows
from sheetcrm.kit.load import load_kit, load_kit_file
from sheetcrm.kit.model import Kit, Share
from sheetcrm.table import Cell

KIT = load_kit()
RULE = "assign_rule"


def filled(*lines: tuple[Cell, ...], kit: Kit = KIT) -> list[list[Cell]]:
    """Return the 设置 tab with these rows in 分配规则."""
    rows = settings_rows(kit)
    block = next(b for b in settings_blocks(kit) if b.key == "shares")
    left = block.column - 1
    while len(rows) < FIRST_ROW - 1 + len(lines):
        rows.append([])
    for at, line in enumerate(lines, start=FIRST_ROW - 1):
        rows[at] += [None] * (left + 4 - len(rows[at]))
        rows[at][left : left + 4] = line
    return rows


def read(rows: list[list[Cell]], base: Kit = KIT) -> tuple[Kit, list[tuple[str, str]]]:
    kit, findings = kit_from_tabs(rows, [], [], base)
    return kit, [(f.code, f.cell) for f in findings]


def test_shares__round_trip():
    shares = (
        Share(owner="林晓舟", regions=("华东", "上海"), quota=20),
        Share(owner="周明", industries=("制造业",)),
        Share(owner="许宁"),
    )
    kit = KIT.model_copy(update={"shares": shares})
    assert read(settings_rows(kit), KIT) == (kit, [])


def test_shares__as_people_write_them():
    kit, findings = read(
        filled(("林晓舟", "华东，上海", None, "20"), ("周明", None, "制造业", 5.0))
    )
    assert findings == []
    assert kit.shares == (
        Share(owner="林晓舟", regions=("华东", "上海"), quota=20),
        Share(owner="周明", industries=("制造业",), quota=5),
    )


def test_shares__a_workbook_without_the_block_keeps_those_of_its_kit():
    kit = KIT.model_copy(update={"shares": (Share(owner="许宁"),)})
    rows = settings_rows(KIT)
    column = next(b for b in settings_blocks(KIT) if b.key == "shares").column
    rows[HEADER_ROW - 1][column - 1 : column + 3] = [None] * 4
    assert read(rows, kit)[0].shares == kit.shares


def test_shares__mistakes_are_told_at_their_cell():
    kit, findings = read(
        filled(("周明", None, None, -1), ("周明", None, None, None), (None, "华东", None, None))
    )
    assert kit.shares == (Share(owner="周明"),)
    assert [code for code, _ in findings] == ["KIT-11", "KIT-02", "KIT-19"]


def test_assign_rule__is_one_of_its_words():
    rows = settings_rows(KIT)
    at = next(i for i, row in enumerate(rows) if row[4] == RULE)
    rows[at][1] = "轮流"
    kit, findings = read(rows)
    assert next(s.value for s in kit.settings if s.key == RULE) == "轮流"
    assert findings == []
    rows[at][1] = "抓阄"
    kit, findings = read(rows)
    assert next(s.value for s in kit.settings if s.key == RULE) == "不分配"
    assert findings == [("KIT-10", f"B{at + 1}")]


def test_shares__in_a_kit_file(tmp_path):
    path = tmp_path / "自己.toml"
    path.write_text(
        'pipeline = "lead_to_deal"\ntables = ["lead"]\n[settings]\nassign_rule = "按区域"\n'
        '[[shares]]\nowner = "林晓舟"\nregions = ["华东"]\nquota = 3\n',
        encoding="utf-8",
    )
    kit = load_kit_file(path)
    assert kit.shares == (Share(owner="林晓舟", regions=("华东",), quota=3),)
    assert next(s.value for s in kit.settings if s.key == RULE) == "按区域"
