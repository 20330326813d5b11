"""click in Chinese: the headings of a help page, and what is said about bad usage."""

import re
from collections.abc import Iterable, Sequence

import click

USAGE = "用法："
HEADINGS = {"Options": "选项", "Commands": "命令"}
# The notes that click puts in brackets behind an option's help, and what they say here.
_NOTES = (
    (re.compile(r"\bdefault: "), "默认 "),
    (re.compile(r"\brequired\b"), "必填"),
    (re.compile(r"(\d+)<=x<=(\d+)"), r"\1 到 \2"),
    (re.compile(r"\bx>=(\d+)"), r"至少 \1"),
)
_BRACKETS = re.compile(r" *\[([^\[\]]*)\]$")
# What a line is broken between: English words and single characters, each with what may not
# begin a line.
_PIECE = re.compile(r"(?:[!-~]+|.)[，。；：、？！）”…]*")
_EXTRA = re.compile(r"unexpected extra arguments? \((.*)\)", re.DOTALL)


class Formatter(click.HelpFormatter):
    """A help page in Chinese, in columns of Chinese width."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """Write the usage line."""
        super().write_usage(prog, args, prefix or USAGE)

    def write_heading(self, heading: str) -> None:
        """Write the heading of a section."""
        self.write(f"{'':>{self.current_indent}}{HEADINGS.get(heading, heading)}：\n")

    def write_dl(
        self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2
    ) -> None:
        """Write two columns; a Chinese character is two wide and a line may break behind any."""
        from rich.cells import cell_len  # `--version` writes no columns

        listed = list(rows)
        widest = max(cell_len(first) for first, _ in listed)
        indent = self.current_indent + min(widest, col_max) + col_spacing
        for first, second in listed:
            head = f"{'':>{self.current_indent}}{first}"
            room = indent - cell_len(head)
            lines = _wrapped(_with_notes(second), max(self.width - indent, 20))
            self.write(head + (" " * room if room > 0 else "\n" + " " * indent))
            self.write(("\n" + " " * indent).join(lines) + "\n")


class Context(click.Context):
    """A command's context, with Chinese help pages."""

    formatter_class = Formatter


def _with_notes(text: str) -> str:
    found = _BRACKETS.search(text)
    if not found:
        return text
    notes = found[1].replace("; ", "，")
    for pattern, said in _NOTES:
        notes = pattern.sub(said, notes)
    return f"{text[: found.start()]}（{notes}）"


def _wrapped(text: str, width: int) -> list[str]:
    from rich.cells import cell_len

    lines = [""]
    for piece in _PIECE.findall(text):
        if lines[-1] and cell_len(lines[-1] + piece) > width:
            lines.append("")
        lines[-1] += piece
    return lines


def in_chinese(command: click.Command) -> click.Command:
    """Give a command Chinese help pages and a `--help` that says in Chinese what it does."""
    command.context_class = Context
    command.options_metavar = "[选项]"
    return click.help_option("--help", help="显示这段说明。")(command)


def usage_sentence(error: click.UsageError, command: str) -> str:
    """Say in one Chinese sentence what is wrong with what was typed after `command`."""
    where = error.ctx.command_path if error.ctx else command
    return f"{_wrong(error)}。写法见 {where} --help。"


def _wrong(error: click.UsageError) -> str:
    match error:
        case click.NoSuchOption():
            return f"没有 {error.option_name} 这个选项{_meant(error.possibilities)}"
        case click.NoSuchCommand():
            return f"没有 {error.command_name} 这个命令{_meant(error.possibilities)}"
        case click.MissingParameter(param=click.Parameter() as param):
            return f"还没有写 {_name(param)}"
        case click.BadParameter(param=click.Parameter() as param):
            return f"{_name(param)} {_allowed(param.type) or error.message}"
        case click.BadOptionUsage():
            # click says by its sentence alone which of the two it is
            unwanted = "does not take" in error.message
            return f"{error.option_name} 后面{'不用' if unwanted else '要'}写值"
        case _:
            extra = _EXTRA.search(error.message)
            return f"多写了“{extra[1]}”" if extra else error.message


def _meant(possibilities: Sequence[str] | None) -> str:
    return f"，是不是想写 {' 或 '.join(possibilities)}" if possibilities else ""


def _name(param: click.Parameter) -> str:
    if isinstance(param, click.Option):
        return max(param.opts, key=len)
    return (param.metavar or param.human_readable_name).strip("[]…")


def _allowed(kind: object) -> str:
    """Say which values an option takes, "" where its type says so itself."""
    match kind:
        case click.Choice():
            return f"只能是 {'、'.join(map(str, kind.choices))} 之一"
        case click.IntRange(min=low, max=None):
            return f"要写一个不小于 {low} 的整数"
        case click.IntRange(min=low, max=high):
            return f"要写 {low} 到 {high} 的整数"
        case _:
            return ""
