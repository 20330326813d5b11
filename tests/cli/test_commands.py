"""The command line: exit codes, what is printed, and no traceback whatever is typed."""

import json

import pytest

from sheetcrm.cli.main import COMMANDS
from tests.command import run_command
from tests.workflows.workbooks import LEADS, write

BAD = LEADS.replace("|甲|线索|", "||线索|")


@pytest.mark.parametrize("name", COMMANDS)
def test_help__every_command_has_one_in_chinese(name):
    result = run_command(name, "--help")
    assert result.exit_code == 0
    assert "例：" in result.output


@pytest.mark.parametrize(("text", "code"), [(LEADS, 0), (BAD, 1)])
def test_check__exit_code_says_whether_there_are_errors(tmp_path, text, code):
    path = write(tmp_path / "台账.xlsx", text)
    assert run_command("check", str(path), "--as-of", "2026-06-30").exit_code == code


def test_check__fail_on_warning(tmp_path):
    path = write(tmp_path / "台账.xlsx")
    assert (
        run_command("check", str(path), "--as-of", "2026-06-30", "--fail-on", "warning").exit_code
        == 1
    )


@pytest.mark.parametrize("command", ["check", "summarise", "weekly"])
def test_nothing_to_work_on__one_sentence_and_code_2(tmp_path, command):
    for target in (tmp_path / "没有这个", tmp_path):
        result = run_command(command, str(target))
        assert result.exit_code == 2
        assert result.stdout == ""
        assert 1 <= len(result.stderr.strip().splitlines()) <= 2


def test_check__json_to_the_terminal_is_json_only(tmp_path):
    path = write(tmp_path / "台账.xlsx", BAD)
    result = run_command("check", str(path), "--as-of", "2026年6月30日", "--json", "-")
    assert json.loads(result.stdout)["counts"]["error"] == 1


def test_summarise__json_file_and_text(tmp_path):
    path = write(tmp_path / "台账.xlsx")
    target = tmp_path / "out.json"
    result = run_command(
        "summarise", str(path), "--as-of", "20260630", "--text", "--json", str(target)
    )
    assert result.exit_code == 0
    assert json.loads(target.read_text(encoding="utf-8"))["population"]["leads"] == 4
    assert "线索4条" in result.output


def test_summarise__json_to_the_terminal_of_no_workbook_says_why(tmp_path):
    path = tmp_path / "台账.xlsx"
    path.write_bytes(b"%PDF-1.7")
    result = run_command("summarise", str(path), "--json", "-")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "台账.xlsx" in result.stderr


def test_summarise__says_why_a_workbook_was_no_use(tmp_path):
    path = write(tmp_path / "水果.xlsx", "水果 | 单价 | 数量\n苹果 | 3 | 4")
    result = run_command("summarise", str(path), "--as-of", "2026-06-30", "--text")
    assert (result.exit_code, "HDR-01" in result.output) == (2, True)


def test_summarise__says_that_there_are_no_leads(tmp_path):
    log = "客户名称 | 跟进时间 | 跟进人 | 跟进内容\n明禾机械 | 2026-06-01 | 张三 | 谈了价格"
    path = write(tmp_path / "日志.xlsx", log)
    result = run_command("summarise", str(path), "--as-of", "2026-06-30", "--text")
    assert (result.exit_code, "没有认出线索表" in result.output) == (0, True)


def test_weekly__prints_where_the_team_workbook_is(tmp_path):
    write(tmp_path / "甲.xlsx")
    result = run_command("weekly", str(tmp_path), "--as-of", "2026-06-30")
    assert result.exit_code == 0
    assert "团队汇总.xlsx" in result.output


def test_as_of__nonsense_is_a_usage_error(tmp_path):
    path = write(tmp_path / "台账.xlsx")
    result = run_command("check", str(path), "--as-of", "昨天吧")
    assert result.exit_code == 2
    assert "2026-06-30" in result.output + result.stderr
