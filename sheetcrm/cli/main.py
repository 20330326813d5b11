"""The `sheetcrm` command: its subcommands are imported only when they are called."""

import os
import signal
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from importlib import import_module

import click

from sheetcrm import __version__
from sheetcrm.cli.record import Record, typed
from sheetcrm.cli.words import in_chinese, usage_sentence
from sheetcrm.errors import FileProblem, SheetcrmError

HELP = """销售团队的表格助手：生成带校验的跟踪表，每周检查和汇总，写回原来的工作簿。

\b
最常用：sheetcrm weekly 销售部/
先看看：sheetcrm demo
"""
UNEXPECTED = "出了意外（{kind}），这次没有做完；工作簿要么是原来的，要么已经完整写好。"
LOGGED = "详细情况记在 {log}（不含客户资料），请把它发给维护人员；加上 --debug 再运行可以看到全部。"
# Nobody reads the output any more, as after `| head`: what a shell calls it, 128 + SIGPIPE.
PIPE_CLOSED = 141
STOPPED = "已停止。写好的工作簿是完整的，其余的没有改动。"

COMMANDS = {
    "new": "sheetcrm.cli.new:new",
    "adopt": "sheetcrm.cli.adopt:adopt",
    "import": "sheetcrm.cli.import_:import_",
    "check": "sheetcrm.cli.check:check",
    "summarise": "sheetcrm.cli.summarise:summarise",
    "weekly": "sheetcrm.cli.weekly:weekly",
    "undo": "sheetcrm.cli.undo:undo",
    "log": "sheetcrm.cli.log:log",
    "lint": "sheetcrm.cli.lint:lint",
    "doctor": "sheetcrm.cli.doctor:doctor",
    "demo": "sheetcrm.cli.demo:demo",
}
# The first sentence of each command's help: the list of commands must not import them all.
ABOUT = {
    "new": "生成一本带下拉列表、填写提示和校验的空白工作簿。",
    "adopt": ("登记一本已有的工作簿：认出它的表、表头、阶段和人员，写成四页设置。"),
    "import": "把别处来的线索表导入工作簿：先预演，核对后再写入。",
    "check": "检查工作簿：必填、格式、选项、重复、关联、日期先后、线索等级。",
    "summarise": "生成漏斗分析、转化分析、逾期预警、业绩、趋势等汇总页和校验结果，写回工作簿。",
    "weekly": "每周任务：检查并汇总一个文件夹里的所有工作簿。",
    "undo": "撤销对工作簿的最后一次改动，或 --batch 指定的那一次。",
    "log": "列出对工作簿做过的每一次改动，最近的在最后。",
    "lint": "检查文件本身：Excel 打开它时会不会提示修复，会不会丢内容。",
    "doctor": "检查运行环境和一个文件夹：谁开着什么、没写完的改动、残留、副本、坏文件。",
    "demo": "复制示例工作簿到 DIR，并对它们运行每周任务。",
}


class Commands(click.Group):
    """Subcommands imported on demand; whatever stops a run becomes one Chinese sentence."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order of use."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return one command."""
        return _load(cmd_name) if cmd_name in COMMANDS else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands."""
        with formatter.section("Commands"):
            formatter.write_dl(list(ABOUT.items()))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; a slip of the pen is answered with the name that was meant."""
        try:
            return super().resolve_command(ctx, args)
        except click.NoSuchCommand as error:
            name = error.command_name
            raise click.NoSuchCommand(name, possibilities=COMMANDS, ctx=ctx) from None

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: click.Context | None = None,
        **extra: object,
    ) -> click.Context:
        """Parse what stands before the command."""
        try:
            return super().make_context(info_name, args, parent, **extra)
        except click.UsageError as error:
            raise _stopped(usage_sentence(error, info_name or "")) from error

    def invoke(self, ctx: click.Context) -> object:
        """Run the command; exit with the code of the error that stopped it."""
        record = ctx.find_object(Record) or Record()
        try:
            return super().invoke(ctx)
        except SheetcrmError as problem:
            code = problem.code if isinstance(problem, FileProblem) else ""
            record.problem = f"{type(problem).__name__} {code}".strip()
            raise _stopped(str(problem), problem.exit_code) from problem
        except click.UsageError as error:
            command = f"{ctx.command_path} {ctx.invoked_subcommand or ''}"
            raise _stopped(usage_sentence(error, command.strip())) from error
        except OSError as error:
            from sheetcrm.book.publish import cannot_write

            record.problem = type(error).__name__
            if isinstance(error, BrokenPipeError) and error.filename is None:
                _discard_output()
                raise click.exceptions.Exit(PIPE_CLOSED) from error
            raise _stopped(str(cannot_write(str(error.filename or "文件"), error))) from error
        except KeyboardInterrupt:
            record.problem = "KeyboardInterrupt"
            raise _stopped(STOPPED) from None


def _discard_output() -> None:
    """Send what is still to be printed nowhere: flushing at the end would fail again."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    with suppress(OSError, ValueError):  # it is no file where a program calls us
        os.dup2(nowhere, sys.stdout.fileno())


@cache
def _load(name: str) -> click.Command:
    module, _, function = COMMANDS[name].partition(":")
    command = getattr(import_module(module), function)
    if not isinstance(command, click.Command):
        raise TypeError(f"{COMMANDS[name]} is no command")
    return in_chinese(command)


def _stopped(sentence: str, code: int = 2) -> click.exceptions.Exit:
    """Say why the run stops, and return what ends it with an exit code."""
    click.echo(sentence, err=True)
    return click.exceptions.Exit(code)


@click.group(
    "sheetcrm",
    cls=Commands,
    help=HELP,
    invoke_without_command=True,
    subcommand_metavar="命令 [参数]…",
)
@click.version_option(__version__, message="sheetcrm %(version)s", help="显示版本号。")
@click.option("--debug", is_flag=True, help="出意外时显示全部错误信息（可能带有表里的内容）。")
@click.pass_context
def main(ctx: click.Context, debug: bool) -> None:
    """Say what there is when no command is given."""
    record = ctx.ensure_object(Record)
    record.debug, record.command = debug, ctx.invoked_subcommand or ""
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())


in_chinese(main)


def run(args: list[str] | None = None) -> None:
    """Run the program: log the run; what nobody expected becomes one sentence and code 2.

    Tests call `main`, which lets such an error through.
    """
    record, started = Record(), time.monotonic()
    error: Exception | None = None
    try:
        with _stopped_by_kill():
            main(args, obj=record)
        code = 0
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else 2
    except Exception as unexpected:
        error, code, record.problem = unexpected, 2, type(unexpected).__name__
    if record.command or error is not None:
        _log(
            record,
            error,
            (code, time.monotonic() - started, sys.argv[1:] if args is None else args),
        )
    raise SystemExit(code)


@contextmanager
def _stopped_by_kill() -> Iterator[None]:
    """Let `kill` and a shutdown stop the run as Ctrl-C does; a second one ends it at once."""

    def stop(number: int, _frame: object) -> None:
        signal.signal(number, signal.SIG_DFL)
        raise KeyboardInterrupt

    usual = signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    if not usual or threading.current_thread() is not threading.main_thread():
        yield
        return
    signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _log(record: Record, error: Exception | None, facts: tuple[int, float, Sequence[str]]) -> None:
    """Log a run, and say what is to be said of an error that nobody expected."""
    import traceback
    from datetime import datetime

    from sheetcrm.workflows.run_log import Line, log_run

    code, seconds, args = facts
    line = Line(record.command, code, seconds, [*typed(args)], record.counts, record.problem)
    log = log_run(line, datetime.now().astimezone(), error)
    if error is None:
        return
    if record.debug:
        traceback.print_exception(error)
    click.echo(UNEXPECTED.format(kind=record.problem), err=True)
    if log is not None:
        click.echo(LOGGED.format(log=log), err=True)
