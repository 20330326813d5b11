"""What 设置 says of the summaries holds from the next run on: tabs, dimensions, stages."""

from datetime import date
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from openpyxl import load_workbook

from sheetcrm.book.cells import set_cells
from sheetcrm.book.lint import lint
from sheetcrm.book.read import read_book
from sheetcrm.book.target import open_target
from sheetcrm.kit.blocks import FIRST_ROW
from sheetcrm.kit.describe import settings_blocks
from sheetcrm.kit.load import load_kit
from sheetcrm.table import column_letter
from sheetcrm.workflows.summarise import summarise_books
from sheetcrm.workflows.weekly import TeamResult, weekly
from tests.recalc import assert_recalculates
from tests.tabs.summaries import find, shown
from tests.workflows.workbooks import TODAY, own_book, parts, sheet_names

PERSONAL = ["仪表盘", "漏斗分析", "转化分析", "逾期预警", "攻坚清单", "客户卡片", "校验结果"]


def lead(number: int, **cells: object) -> dict[str, object]:
    return {
        "lead_id": f"线索-2026-0504-{number:03d}",
        "source": "官网",
        "company": f"客户{number}公司",
        "contact": "张一",
        "phone": f"138001310{number:02d}",
        "initial_need": "设备",
        "acquired_on": date(2026, 5, 4),
        "entered_on": date(2026, 5, 4),
        "grade": "B",
        "status": "意向",
        "owner": "王芳",
        **cells,
    }


def write(path: Path, *rows: dict[str, object]) -> Path:
    path.write_bytes(own_book({"lead": rows or (lead(1), lead(2, status="成交"))}))
    return path


def change(path: Path, cells: dict[str, object], sheet: str = "设置") -> None:
    """Change cells as a manager would."""
    made = set_cells(open_target(path), {sheet: cells})  # type: ignore[dict-item]
    assert not made.kept
    path.write_bytes(made.data)


def cell_of(block: str, header: str, text: str = "", row: int = 0) -> str:
    """Return the address of a cell of 设置: beside the row that begins with that text."""
    found = next(b for b in settings_blocks(load_kit().with_tables(["lead"])) if b.key == block)
    row = row or next(n for n, line in enumerate(found.rows) if line[0] == text)
    return f"{column_letter(found.column + found.headers.index(header))}{FIRST_ROW + row}"


def free_row(block: str) -> int:
    return len(
        next(b for b in settings_blocks(load_kit().with_tables(["lead"])) if b.key == block).rows
    )


def run(path: Path) -> TeamResult:
    return summarise_books([str(path)], TODAY)


def summaries(path: Path) -> list[str]:
    return [s.name for s in read_book(path).sheets if s.tab not in ("", "stage_log")][5:]


def test_tabs__a_person_gets_few_and_a_team_all(tmp_path):
    mine = write(tmp_path / "王芳.xlsx")
    team = write(tmp_path / "团队.xlsx", lead(1), lead(2, owner="李雷", status="成交"))
    run(mine)
    run(team)
    assert set(summaries(mine)) <= set(PERSONAL)
    assert {"仪表盘", "逾期预警", "校验结果"} <= set(summaries(mine))
    assert {"业绩", "对账"} <= set(summaries(team))


def test_tabs__one_that_is_switched_off_goes_with_the_next_run(tmp_path):
    path = write(tmp_path / "王芳.xlsx")
    run(path)
    change(path, {cell_of("tabs", "写在哪里", "漏斗分析"): "不生成"})
    change(path, {cell_of("tabs", "写在哪里", "业绩"): "个人和团队"})
    result = run(path)
    assert "漏斗分析" not in sheet_names(path)
    assert "业绩" in sheet_names(path)
    assert not [f for f in result.findings if f.code.startswith(("SUM", "KIT"))]
    assert lint(path.read_bytes()) == lint(write(tmp_path / "新.xlsx").read_bytes())
    assert_recalculates({"left": path.read_bytes()}, only=["仪表盘", "转化分析"])


def test_tabs__a_further_run_changes_nothing(tmp_path):
    path = write(tmp_path / "王芳.xlsx")
    run(path)
    change(path, {cell_of("tabs", "写在哪里", "漏斗分析"): "不生成"})
    run(path)
    first = path.read_bytes()
    run(path)
    assert path.read_bytes() == first


def test_tabs__one_that_a_formula_refers_to_stays_and_is_named(tmp_path):
    path = write(tmp_path / "王芳.xlsx")
    run(path)
    change(path, {cell_of("tabs", "写在哪里", "漏斗分析"): "不生成"})
    reference(path, "漏斗分析")
    found = [f for f in run(path).findings if f.code == "SUM-04"]
    assert [f.sheet for f in found] == ["漏斗分析"]
    assert "漏斗分析" in sheet_names(path)


@pytest.mark.filterwarnings("ignore:.*extension is not supported:UserWarning")
def test_findings__of_a_sheet_that_was_deleted_since_have_no_link(tmp_path):
    path = tmp_path / "王芳.xlsx"
    broken = {"lead_id": "线索-2026-0504-009", "content": "谈过"}
    path.write_bytes(own_book({"lead": [lead(1)], "follow_up": [broken]}))
    assert [f for f in run(path).findings if f.sheet == "跟进记录"]
    book = load_workbook(path)
    del book["跟进记录"]
    book.save(path)
    result = run(path)
    assert not [f for f in result.findings if f.code.startswith("FIL")]
    states = [row[0] for row in shown(path.read_bytes(), "校验结果") if "跟进记录" in row]
    assert states == ["已解决"] * len(states) != []
    cells = [cell for row in load_workbook(path)["校验结果"].iter_rows() for cell in row]
    targets = {str(cell.hyperlink.location) for cell in cells if cell.hyperlink}
    assert [place for place in targets if "线索跟踪" in place]
    assert not [place for place in targets if "跟进记录" in place]


def reference(path: Path, tab: str) -> None:
    """Let a defined name of the user's refer to a tab."""
    name = f"<definedName name=\"我的数\">'{tab}'!$B$9</definedName>"
    repack(path, "<definedNames>", f"<definedNames>{name}")


def repack(path: Path, old: str, new: str) -> None:
    """Save the workbook with a text replaced in every XML part that has it."""
    held = parts(path)
    with ZipFile(path, "w", ZIP_DEFLATED) as package:
        for part, data in held.items():
            xml = part.endswith(".xml")
            package.writestr(part, data.decode().replace(old, new) if xml else data)


def test_tabs__what_was_typed_into_one_that_goes_is_named(tmp_path):
    path = write(tmp_path / "王芳.xlsx")
    run(path)
    change(path, {cell_of("tabs", "写在哪里", "转化分析"): "不生成"})
    repack(path, "<t>从上一阶段走到", "<t>我的标题：从上一阶段走到")
    found = [f for f in run(path).findings if f.code == "SUM-02"]
    assert [(f.sheet, f.cell) for f in found] == [("转化分析", "A2")]


def test_dimensions__a_new_field_is_compared_by_and_live(tmp_path):
    path = write(tmp_path / "王芳.xlsx", lead(1), lead(2, status="成交"), lead(3))
    kit = load_kit().with_tables(["lead"])
    fields = sum(len(table.columns) for table in kit.tables)
    change(
        path, {f"A{FIRST_ROW + fields}": "线索跟踪", f"B{FIRST_ROW + fields}": "客户规模"}, "字段"
    )
    change(path, {cell_of("dimensions", "维度", row=free_row("dimensions")): "客户规模"})
    width = len(kit.by_key["lead"].columns)
    sizes = column_letter(width + 1)
    header = next(
        n
        for n, row in enumerate(read_book(path).sheets[1].rows, 1)
        if row and "线索编号" in str(row[0])
    )
    cells: dict[str, object] = {
        f"{sizes}{header}": "客户规模",
        **{f"{sizes}{header + n}": "大型" for n in (1, 2)},
    }
    change(path, cells, "线索跟踪")
    run(path)
    rows = shown(path.read_bytes(), "转化分析")
    top = find(rows, "按客户规模")
    assert [row[:3] for row in rows[top + 2 : top + 4]] == [["大型", 2, 1], ["（未填）", 1, 0]]
    assert_recalculates({"size": path.read_bytes()}, only=["转化分析"])


def test_dimensions__only_the_largest_are_listed(tmp_path):
    rows = [
        lead(n, source=source) for n, source in enumerate(("官网", "官网", "展会", "转介绍"), 1)
    ]
    path = write(tmp_path / "王芳.xlsx", *rows)
    change(path, {cell_of("dimensions", "最多列出", "来源渠道"): 1})
    run(path)
    shown_rows = shown(path.read_bytes(), "转化分析")
    top = find(shown_rows, "按来源渠道")
    assert [row[:2] for row in shown_rows[top + 2 : top + 5]] == [
        ["官网表单", 2],
        ["其他（2个）", 2],
        ["合计", 4],
    ]


def test_stages__a_new_one_stands_in_the_funnel_and_on_the_dashboard(tmp_path):
    path = write(tmp_path / "王芳.xlsx", lead(1), lead(2, status="试点客户"))
    row = free_row("stages")
    change(
        path,
        {
            cell_of("stages", "状态标签", row=row): "试点客户",
            cell_of("stages", "类型", row=row): "进行中",
            cell_of("stages", "环节", row=row): "报价",
        },
    )
    result = run(path)
    assert result.summary is not None
    assert "试点客户" in [stage.stage for stage in result.summary.funnel]
    assert "试点客户" in {str(line[0]) for line in shown(path.read_bytes(), "漏斗分析")}
    assert "试点客户" in {str(line[0]) for line in shown(path.read_bytes(), "仪表盘")}


@pytest.mark.parametrize("where", ["不生成", "仅团队"])
def test_team__follows_the_first_workbook(tmp_path, where):
    path = write(tmp_path / "王芳.xlsx")
    change(path, {cell_of("tabs", "写在哪里", "对账"): where})
    weekly(tmp_path, TODAY)
    assert ("对账" in sheet_names(tmp_path / "团队汇总.xlsx")) == (where == "仅团队")
