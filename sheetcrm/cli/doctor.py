"""`sheetcrm doctor`: is everything in order here."""

from datetime import datetime
from pathlib import Path

import click

from sheetcrm.cli.options import json_option, write_json
from sheetcrm.cli.record import tell

HELP = """检查运行环境和一个文件夹：谁开着什么、没写完的改动、残留、副本、坏文件。

不写 DIR 就看当前文件夹。工作簿一个字节也不动；有要处理的事，退出码是 1。

\b
例：sheetcrm doctor 销售部/
    sheetcrm doctor 销售部/ --clean
"""
MARKS = {"ok": ("正常", "green"), "note": ("说明", "blue"), "attention": ("注意", "yellow")}


@click.command(help=HELP)
@click.argument("folder", default=".", metavar="[DIR]", type=click.Path(path_type=Path))
@click.option("--clean", is_flag=True, help="清理中断的运行留下的临时文件，核对没写完的改动。")
@json_option
@click.pass_context
def doctor(ctx: click.Context, folder: Path, clean: bool, json_path: str | None) -> None:
    """Look at the program and at a folder."""
    from sheetcrm.workflows.doctor import diagnose

    diagnosis = diagnose(folder, datetime.now().astimezone(), clean=clean)
    attention = [point for point in diagnosis.points if point.level == "attention"]
    tell(ctx, attention=len(attention))
    if json_path:
        write_json(json_path, diagnosis.as_json())
    if json_path != "-":
        for point in diagnosis.points:
            name, colour = MARKS[point.level]
            remedy = f"。{point.remedy}" if point.remedy else ""
            click.echo(f"{click.style(name, fg=colour)} {point.title}：{point.said}{remedy}")
        click.echo(f"共 {len(attention)} 件事要处理。" if attention else "一切正常。")
    ctx.exit(0 if diagnosis.healthy else 1)
