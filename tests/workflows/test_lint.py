"""`sheetcrm lint`: files, remedies, exit codes."""

import json
import re
from pathlib import Path

import pytest

from sheetcrm.book.lint_remedies import remedy
from sheetcrm.workflows.lint import lint_files
from tests.book.fixtures import changed, put, user_book
from tests.book.packages import SHEET1
from tests.command import run_command

BOOK = Path(__file__).resolve().parents[2] / "sheetcrm" / "book"
# A rule as the code spells it; of some only the start is fixed.
RULE = re.compile(r'"([A-Z]-[a-z]\w*(?:-[a-z\d]\w*)*)"')


def faulty() -> bytes:
    return changed(user_book(), {SHEET1: put('r="C2"><v>120', 'r="C2"><v>甲')})


def run(*arguments: str):
    return run_command("lint", *arguments)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "好.xlsx").write_bytes(user_book())
    (tmp_path / "坏.xlsx").write_bytes(faulty())
    return tmp_path


def test_lint__names_cell_reason_and_remedy(folder):
    result = run(str(folder))
    assert result.exit_code == 1
    assert "坏.xlsx 线索跟踪!C2" in result.output
    assert "V-number" in result.output
    assert "重新输入" in result.output


def test_lint__sound_files_are_code_0(folder):
    result = run(str(folder / "好.xlsx"))
    assert result.exit_code == 0
    assert "没有发现问题" in result.output


def test_lint__json(folder):
    result = run(str(folder), "--json", "-")
    bad, good = sorted(json.loads(result.stdout)["files"], key=lambda each: -len(each["faults"]))
    assert good["faults"] == []
    (fault,) = bad["faults"]
    assert {key: fault[key] for key in ("rule", "level", "sheet", "cell")} == {
        "rule": "V-number",
        "level": "error",
        "sheet": "线索跟踪",
        "cell": "C2",
    }
    assert fault["remedy"] == remedy("V-number")


def test_lint__what_cannot_be_looked_at_is_said(tmp_path):
    (tmp_path / "旧.xls").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600)
    (tmp_path / "残.xlsx").write_bytes(user_book()[:900])
    result = run(str(tmp_path))
    assert result.exit_code == 2
    assert result.output.count("没有检查") == 2
    (tmp_path / "好.xlsx").write_bytes(user_book())
    assert run(str(tmp_path)).exit_code == 1
    assert run(str(tmp_path / "没有.xlsx")).exit_code == 2


def test_lint__copies_are_looked_at_too(tmp_path):
    for name in ("客户.xlsx", "客户 - 副本.xlsx"):
        (tmp_path / name).write_bytes(user_book())
    assert [each.path.name for each in lint_files([tmp_path])] == ["客户.xlsx", "客户 - 副本.xlsx"]


def test_lint__one_fault_in_many_cells_is_said_once(tmp_path):
    edit = put('<c r="C2"><v>120', '<c r="C2"><v>甲')
    worse = changed(changed(user_book(), {SHEET1: edit}), {SHEET1: put("<v>80<", "<v>甲<")})
    (tmp_path / "坏.xlsx").write_bytes(worse)
    result = run(str(tmp_path))
    assert result.output.count("V-number") == 1
    assert "共 2 处" in result.output


def test_remedies__every_rule_has_one():
    rules = {
        rule for file in BOOK.glob("lint_*.py") for rule in RULE.findall(file.read_text("utf-8"))
    }
    assert len(rules) > 80
    assert all(remedy(rule) for rule in rules)
