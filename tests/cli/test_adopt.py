"""What `sheetcrm adopt` says, and when it asks."""

from pathlib import Path

import pytest
from click.testing import Result

from sheetcrm.cli import adopt as command
from tests.command import run_command
from tests.workflows.workbooks import LEADS, sheet_names, write

PARKED = LEADS.replace("|乙|成交|", "|乙|搁置|")


def run(*arguments: str, typed: str | None = None) -> Result:
    return run_command("adopt", *arguments, answers=typed)


@pytest.fixture
def book(tmp_path: Path) -> Path:
    rows = PARKED.strip().splitlines()
    more = [row.replace("X00", f"X{n}") for n in range(1, 4) for row in rows[1:]]
    return write(tmp_path / "台账.xlsx", "\n".join([*rows, *more]))


def test_adopt__proposal_on_a_dry_run(book: Path) -> None:
    said = run(str(book), "--dry-run").output
    for words in (
        "“客户台账”是线索跟踪",
        "公司名称",
        "→ 客户名称（同义词）",
        "必填",
        "负责人：乙 8、甲 8",
    ):
        assert words in said
    assert "搁置" in said
    assert "没有写入" in said
    assert len(sheet_names(book)) == 2


def test_adopt__without_a_terminal_the_proposal_is_taken(book: Path) -> None:
    first = run(str(book))
    assert first.exit_code == 0
    assert "已加上“设置”“字段”“规则”“例外”" in first.output
    assert len(sheet_names(book)) == 6
    second = run(str(book))
    assert second.exit_code == 0
    assert "没有改动" in second.output


@pytest.mark.parametrize(
    ("typed", "sheets"),
    [("流失\ny\n", 6), ("\n\n", 6), ("\nn\n", 2)],
)
def test_adopt__asks_on_a_terminal(
    book: Path, typed: str, sheets: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "_answers", lambda: True)
    result = run(str(book), typed=typed)
    assert "阶段“搁置”算哪一类" in result.output
    assert len(sheet_names(book)) == sheets
    assert ("没有写入" in result.output) == (sheets == 2)


def test_adopt__refused(tmp_path: Path) -> None:
    result = run(str(tmp_path / "没有.xlsx"))
    assert result.exit_code == 2
    assert "找不到" in result.output
