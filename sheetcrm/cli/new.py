"""`sheetcrm new`: generate a validated workbook."""

import click

from sheetcrm.cli.options import today

HELP = """生成一本带下拉列表、填写提示和校验的空白工作簿。

TABLE 写表名，如 线索跟踪 跟进记录；不写则生成全部的表。

\b
例：sheetcrm new 线索跟踪 跟进记录 -o 销售线索.xlsx --owners 林晓舟,陈佳
"""
ROWS = click.IntRange(1, 20_000)


@click.command(help=HELP)
@click.argument("tables", nargs=-1, metavar="[TABLE]…")
@click.option("-o", "--output", required=True, metavar="FILE", help="新工作簿的文件名（.xlsx）。")
@click.option("--kit", default="standard", show_default=True, metavar="NAME", help="用哪一套配置。")
@click.option(
    "--rows",
    type=ROWS,
    default=1000,
    show_default=True,
    metavar="N",
    help="每张表预留多少行带校验的空行。",
)
@click.option("--owners", default="", metavar="A,B", help="负责人名单，用逗号或顿号隔开。")
def new(tables: tuple[str, ...], output: str, kit: str, rows: int, owners: str) -> None:
    """Make a new workbook and say what is in it."""
    from sheetcrm.kit.load import load_kit
    from sheetcrm.workflows.new import NewOptions
    from sheetcrm.workflows.new import new as run

    options = NewOptions(tables, rows, _names(owners))
    result = run(output, load_kit(kit), options, today())
    click.echo(f"已生成 {result.path}")
    click.echo(f"  填写的表：{'、'.join(result.sheets)}（各预留{result.rows}行）")
    if result.owners:
        click.echo(f"  负责人：{'、'.join(result.owners)}")
    else:
        click.echo("  负责人名单还是空的：请在“设置”页的“负责人”下面逐行写上姓名。")
    click.echo("  先看第一页“填写说明”；填好后运行：sheetcrm check " + str(result.path))


def _names(text: str) -> tuple[str, ...]:
    for separator in "，、;；":
        text = text.replace(separator, ",")
    return tuple(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))
