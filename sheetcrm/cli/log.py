"""`sheetcrm log`: what was done, newest last."""

from contextlib import suppress
from datetime import datetime
from pathlib import Path

import click

from sheetcrm.cli.options import json_option, write_json

HELP = """列出对工作簿做过的每一次改动，最近的在最后。

BOOK 可以是一个工作簿，也可以是文件夹。只看不写。

\b
例：sheetcrm log 线索跟踪.xlsx
    sheetcrm log 销售部/
"""


@click.command(help=HELP)
@click.argument("book", type=click.Path(path_type=Path), metavar="BOOK")
@json_option
def log(book: Path, json_path: str | None) -> None:
    """List what was done."""
    from rich.cells import cell_len

    from sheetcrm.workflows.log import STANDINGS
    from sheetcrm.workflows.log import log as run

    lines = run(book)
    if json_path:
        write_json(json_path, {"entries": [line.as_json() for line in lines]})
    if json_path == "-":
        return
    if not lines:
        click.echo("还没有改动过。")
        return
    rows = [
        [
            _moment(line.entry.time),
            line.entry.batch,
            line.entry.command,
            STANDINGS[line.standing],
            *([line.entry.book] if book.is_dir() else []),
            line.said,
        ]
        for line in lines
    ]
    widths = [max(map(cell_len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (t + " " * (w - cell_len(t)) for t, w in zip(row, widths, strict=True))
        click.echo("  ".join(cells).rstrip())
    if any(line.standing in ("whole", "cells") for line in lines):
        click.echo("撤销其中一次：sheetcrm undo 工作簿 --batch 批次（不写 --batch 是最后一次）。")
    if any(line.standing == "unknown" for line in lines):
        click.echo("“结果不明”：写到一半时被中断，之后文件又被别的程序改过；请对照备份核对。")


def _moment(text: str) -> str:
    """Return when something was done; what the journal has where that is no time."""
    with suppress(ValueError):
        return f"{datetime.fromisoformat(text):%Y-%m-%d %H:%M}"
    return text
