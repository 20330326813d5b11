"""`sheetcrm undo`: take back the last change, or that of a batch."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from sheetcrm.cli.options import json_option, write_json

if TYPE_CHECKING:
    from sheetcrm.workflows.undo import UndoResult

HELP = """撤销对工作簿的最后一次改动，或 --batch 指定的那一次。

\b
之后没有人改过，就原样换回；改过的，只撤销没动过的格子，
改过的留着并列出来。再撤销一次，就恢复回来。

\b
例：sheetcrm undo 线索跟踪.xlsx
    sheetcrm undo 线索跟踪.xlsx --dry-run
"""
# Cells that stay are listed up to this many.
CAP = 20


@click.command(help=HELP)
@click.argument("book", type=click.Path(path_type=Path), metavar="BOOK")
@click.option("--batch", metavar="ID", help="撤销这一批（见 sheetcrm log），默认最后一次。")
@click.option("--dry-run", is_flag=True, help="只看会撤销什么，不写。")
@json_option
@click.pass_context
def undo(
    ctx: click.Context, book: Path, batch: str | None, dry_run: bool, json_path: str | None
) -> None:
    """Take a change back and say what stays."""
    from sheetcrm.workflows.undo import undo as run

    result = run(book, batch, dry_run=dry_run)
    if json_path:
        write_json(json_path, result.as_json())
    if json_path != "-":
        _show(result)
    if result.way == "nothing":
        ctx.exit(2)
    ctx.exit(1 if result.kept or result.notes else 0)


def _show(result: "UndoResult") -> None:
    name, undone = result.path.name, result.undone
    what = f"{undone.batch}（{undone.command}）"
    if result.way == "nothing":
        click.echo(f"{name}：没有撤销 {what}，那一次写的内容后来都改过，或已经不在。")
    else:
        verb = "可以撤销" if result.dry_run else "已撤销"
        click.echo(f"{name}：{verb} {what}，{_how(result)}。")
    for each in result.kept[:CAP]:
        mark = click.style("没有撤销", fg="yellow")
        place = f"【{each.sheet}!{each.cell}】"
        click.echo(
            f"{mark} {place}{each.reason}：当时写的{_quoted(each.then)}，现在{_quoted(each.now)}"
        )
    if len(result.kept) > CAP:
        click.echo(f"……共 {len(result.kept)} 格没有撤销；全部的用 --json 导出。")
    for note in result.notes:
        click.echo(note)
    if result.batch:
        click.echo(f"要恢复，再运行一次 sheetcrm undo {name}；更早的改动见 sheetcrm log {name}。")


def _how(result: "UndoResult") -> str:
    if result.way == "restored":
        return "和改动之前一个字节不差"
    if result.way == "removed":
        return "这个文件是那一次新建的，移到了备份里" if result.batch else "会移走这个新建的文件"
    parts = [
        (result.rows, f"清空新增的 {result.rows} 行"),
        (result.refilled, f"重新填上 {result.refilled} 行"),
        (result.cells, f"改回 {result.cells} 格"),
        (result.tabs, f"去掉 {'、'.join(result.tabs)}"),
        (result.unmarked, "去掉标色"),
    ]
    return "，".join(said for there, said in parts if there)


def _quoted(text: str) -> str:
    return f"“{text}”" if text else "（空）"
