"""`sheetcrm lint`: say whether Excel would repair a file."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

import click

from sheetcrm.cli.options import json_option, paths_argument, write_json
from sheetcrm.cli.record import tell

if TYPE_CHECKING:
    from sheetcrm.book.lint import LintFinding
    from sheetcrm.workflows.lint import Linted

HELP = """检查文件本身：Excel 打开它时会不会提示修复，会不会丢内容。

PATH 可以是文件、文件夹或通配符。只看不写；表里的数据对不对，用 check 检查。

\b
例：sheetcrm lint 线索跟踪.xlsx
    sheetcrm lint 销售部/ --json 结果.json
"""
# Cells of one fault, and faults of one file, that are listed; all are in the JSON.
MOST_CELLS, MOST_FAULTS = 3, 30


@click.command(help=HELP)
@paths_argument
@json_option
@click.pass_context
def lint(ctx: click.Context, paths: tuple[str, ...], json_path: str | None) -> None:
    """Lint the workbooks that the paths name."""
    from sheetcrm.workflows.lint import lint_files

    files = lint_files(paths)
    levels = [fault.level for each in files for fault in each.faults]
    counts = {level: levels.count(level) for level in ("error", "warning")}
    tell(ctx, files=len(files), **counts)
    if json_path:
        write_json(json_path, {"files": [each.as_json() for each in files], "counts": counts})
    if json_path != "-":
        for each in files:
            _show(each)
    unread = [each for each in files if each.problem is not None]
    if len(unread) == len(files):
        ctx.exit(2)
    ctx.exit(1 if levels or unread else 0)


def _show(each: "Linted") -> None:
    if each.problem is not None:
        mark = click.style("没有检查", fg="yellow")
        click.echo(f"{mark} 【{each.path.name}】{each.problem.reason}。{each.problem.remedy}。")
        return
    if not each.faults:
        click.echo(f"{each.path.name}：Excel 可以直接打开，没有发现问题。")
        return
    from sheetcrm.book.lint_remedies import remedy

    groups = _grouped(each.faults)
    for faults in groups[:MOST_FAULTS]:
        first = faults[0]
        is_error = first.level == "error"
        mark = click.style("错误" if is_error else "警告", fg="red" if is_error else "yellow")
        place = f"【{each.path.name} {_place(first)}】"
        cells = "、".join(dict.fromkeys(f.cell for f in faults[1 : MOST_CELLS + 1] if f.cell))
        more = f"（共 {len(faults)} 处，还有 {cells} 等）" if cells else ""
        said = f"{mark} {place}{first.text}{more}。{remedy(first.rule)}。[{first.rule}]"
        click.echo(said)
    if len(groups) > MOST_FAULTS:
        click.echo(f"……共 {len(groups)} 种问题；全部的用 --json 导出。")


def _grouped(faults: "Iterable[LintFinding]") -> "list[list[LintFinding]]":
    found: dict[tuple[str, ...], list[LintFinding]] = {}
    for fault in sorted(faults, key=lambda fault: fault.level):
        found.setdefault((fault.rule, fault.part, fault.text), []).append(fault)
    return list(found.values())


def _place(fault: "LintFinding") -> str:
    if fault.sheet:
        return f"{fault.sheet}!{fault.cell}" if fault.cell else fault.sheet
    return f"{fault.part} {fault.cell}".strip()
