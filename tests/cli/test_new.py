"""`sheetcrm new` on the command line."""

from click.testing import Result

from tests.command import run_command


def run(*arguments: str) -> Result:
    return run_command("new", *arguments)


def test_new__says_what_it_made(tmp_path):
    target = tmp_path / "线索.xlsx"
    done = run("线索跟踪", "-o", str(target), "--rows", "5", "--owners", "林晓舟、陈佳，林晓舟")
    assert done.exit_code == 0
    assert target.is_file()
    assert "负责人：林晓舟、陈佳\n" in done.output


def test_new__an_existing_file_is_exit_code_2(tmp_path):
    target = tmp_path / "线索.xlsx"
    target.write_bytes(b"mine")
    done = run("-o", str(target))
    assert (done.exit_code, target.read_bytes()) == (2, b"mine")
    assert "已经存在" in done.stderr


def test_new__unknown_names_are_exit_code_2(tmp_path):
    target = str(tmp_path / "线索.xlsx")
    table, kit = run("客情", "-o", target), run("-o", target, "--kit", "大客户")
    assert (table.exit_code, kit.exit_code) == (2, 2)
    assert "线索跟踪、客户档案" in table.stderr
    assert "standard" in kit.stderr
    assert list(tmp_path.iterdir()) == []
