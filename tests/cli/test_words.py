"""What is said about the command line itself: help pages and slips, in Chinese."""

import re
import subprocess
import sys

import click
import pytest
from rich.cells import cell_len

from sheetcrm import __version__
from sheetcrm.cli.main import ABOUT, COMMANDS, STOPPED, main
from tests.command import run_command

# Names that stay English: the program, its commands, its options, and what stands for a value.
_ENGLISH = re.compile(r"(?<![-\w])[A-Za-z]{3,}(?![\w/.])")
_KNOWN = {
    *("sheetcrm", "JSON", "Excel", "WPS", "standard", "error", "warning", "info"),
    *("FILE", "PATH", "DIR", "DATE", "NAME", "TABLE", "LEVEL", "xlsx", *COMMANDS),
    *("BOOK", "SHEET", "ADDR", "PERIOD", "CSV", "GBK", "Dask", "csv", "day", "week", "json", "tcp"),
}


@pytest.mark.parametrize("command", [(), *((name,) for name in COMMANDS)])
def test_help__is_chinese_and_fits_a_terminal(command):
    done = run_command(*command, "--help")
    assert done.exit_code == 0
    text = re.sub(r"--?[a-z-]+", "", done.output)
    assert set(_ENGLISH.findall(text)) <= _KNOWN
    assert max(cell_len(line) for line in done.output.splitlines()) <= 80


def test_list_of_commands__says_what_each_says_of_itself():
    context = click.Context(main)
    commands = {name: main.get_command(context, name) for name in main.list_commands(context)}
    said = {n: (c.help or "").split("\n")[0] for n, c in commands.items() if c}
    assert said == ABOUT


def test_list_of_commands__imports_none_of_them():
    code = "import sys; from sheetcrm.cli.main import main; main(['--help'], standalone_mode=False)"
    code += "; print({m.rpartition('.')[2] for m in sys.modules if m.startswith('sheetcrm.cli.')}"
    code += " & {*__import__('sheetcrm.cli.main').cli.main.COMMANDS, 'import_', 'options'})"
    done = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, encoding="utf-8"
    )
    assert done.stdout.splitlines()[-1] == "set()"


def test_no_arguments__the_help():
    done = run_command()
    assert done.exit_code == 0
    assert done.stdout == run_command("--help").stdout
    assert "用法：" in done.stdout


def test_version():
    done = run_command("--version")
    assert (done.exit_code, done.stdout) == (0, f"sheetcrm {__version__}\n")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("chek a", "没有 chek 这个命令，是不是想写 check。写法见 sheetcrm --help。"),
        ("--foo", "没有 --foo 这个选项。写法见 sheetcrm --help。"),
        ("check", "还没有写 PATH。写法见 sheetcrm check --help。"),
        ("new 线索跟踪", "还没有写 --output。写法见 sheetcrm new --help。"),
        (
            "check a --wrte",
            "没有 --wrte 这个选项，是不是想写 --write。写法见 sheetcrm check --help。",
        ),
        (
            "check a --fail-on bad",
            "--fail-on 只能是 error、warning、info 之一。写法见 sheetcrm check --help。",
        ),
        ("new -o a --rows 0", "--rows 要写 1 到 20000 的整数。写法见 sheetcrm new --help。"),
        ("new -o a --rows 多", "--rows 要写 1 到 20000 的整数。写法见 sheetcrm new --help。"),
        ("weekly . --jobs 0", "--jobs 要写一个不小于 1 的整数。写法见 sheetcrm weekly --help。"),
        ("weekly 甲 乙", "多写了“乙”。写法见 sheetcrm weekly --help。"),
        ("weekly . --into", "--into 后面要写值。写法见 sheetcrm weekly --help。"),
        ("check a --write=3", "--write 后面不用写值。写法见 sheetcrm check --help。"),
        (
            "check a --as-of 昨天",
            "--as-of 看不懂日期“昨天”，请写成 2026-06-30 这样。写法见 sheetcrm check --help。",
        ),
    ],
)
def test_bad_usage__one_sentence_and_code_2(typed, said):
    done = run_command(*typed.split())
    assert (done.exit_code, done.stdout, done.stderr) == (2, "", said + "\n")


def test_json__a_place_that_cannot_be_written(tmp_path):
    from tests.workflows.workbooks import write

    book, target = write(tmp_path / "台账.xlsx"), tmp_path / "没有" / "out.json"
    done = run_command("check", str(book), "--as-of", "2026-06-30", "--json", str(target))
    assert done.exit_code == 2
    assert done.stderr.startswith(f"【{target}】")


def test_interrupted__one_sentence_and_code_2(tmp_path, monkeypatch):
    def stopped(_folder):
        raise KeyboardInterrupt

    monkeypatch.setattr("sheetcrm.workflows.demo.demo", stopped)
    done = run_command("demo", str(tmp_path))
    assert (done.exit_code, done.stderr) == (2, STOPPED + "\n")
