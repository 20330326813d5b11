"""`sheetcrm adopt`: say what an existing workbook was understood as, and write it into it."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.cells import cell_len

if TYPE_CHECKING:  # they take pandas along, which `--help` need not wait for
    from sheetcrm.intake.adoption import AdoptedColumn, AdoptedStage, AdoptedTable, Adoption
    from sheetcrm.kit.model import StageKind

HELP = """登记一本已有的工作簿：认出它的表、表头、阶段和人员，写成四页设置。

\b
BOOK 里原有的内容一个字节也不动，只在最后加“设置”“字段”“规则”“例外”。
以后检查、汇总都照这四页来，经理可以直接在 Excel 里改。
不想要了就用 undo 撤回。先看看它认成了什么，加 --dry-run。

\b
例：sheetcrm adopt 客户台账.xlsx --dry-run
    sheetcrm adopt 客户台账.xlsx
"""
KINDS: Mapping[str, "StageKind"] = {"进行中": "open", "成交": "won", "流失": "lost"}
_SHOWN_VALUES = 12
_INDENT = "    "


@click.command(help=HELP)
@click.argument("book", metavar="BOOK", type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="只说认成了什么，不写入。")
def adopt(book: Path, dry_run: bool) -> None:
    """Propose, ask where somebody can answer, and write."""
    from sheetcrm.workflows.adopt import adopt as run

    result = run(book, _ask, dry_run=dry_run)
    if result.adoption is None:
        click.echo(f"{book.name} 已经有“设置”页，不用再登记；没有改动。")
    elif dry_run:
        _show(book.name, result.adoption)
        click.echo("这是预演，没有写入。去掉 --dry-run 就写进工作簿。")
    elif result.tabs:
        said = "".join(f"“{name}”" for name in result.tabs)
        click.secho(f"{book.name}：已加上{said}，其余内容没有改动。", bold=True)
        click.echo(
            "  阶段、下拉选项、必填都可以在这几页里改；改完运行：sheetcrm check " + str(book)
        )
    else:
        click.echo("没有写入。")


def _ask(adoption: "Adoption") -> "Mapping[str, StageKind] | None":
    """Show the proposal; on a terminal ask about guesses and whether to write it."""
    _show("", adoption)
    if not _answers():
        return {}
    kinds: dict[str, StageKind] = {}
    for stage in adoption.guessed:
        said = click.prompt(
            f"阶段“{stage.name}”算哪一类",
            type=click.Choice(list(KINDS)),
            default=_kind_name(stage),
        )
        kinds[stage.name] = KINDS[said]
    return kinds if click.confirm("照这样写进工作簿吗", default=True) else None


def _answers() -> bool:
    """Say whether somebody sits there who can answer."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def _show(name: str, adoption: "Adoption") -> None:
    if name:
        click.secho(name, bold=True)
    for table in adoption.tables:
        _show_table(table)
    _show_stages(adoption)
    if adoption.lists:
        click.secho("下拉列表", bold=True)
    for each in adoption.lists:
        values = [f"{value} {count}" for value, count in each.values.items()]
        more = f" 等 {len(values)} 项" if len(values) > _SHOWN_VALUES else ""
        source = "（取自表里的下拉列表）" if each.offered else ""
        click.echo(f"  {each.name}{source}：{'、'.join(values[:_SHOWN_VALUES])}{more}")
        if each.rare:
            rare = "、".join(f"“{value}”" for value in list(each.rare)[:_SHOWN_VALUES])
            click.echo(f"{_INDENT}没有列入（只出现一两次，像是写错）：{rare}")
    if adoption.left:
        click.secho("没有登记的工作表", bold=True)
    for sheet, why in adoption.left.items():
        click.echo(f"  {sheet}：{why}")


def _show_table(table: "AdoptedTable") -> None:
    sheets = "、".join(f"“{sheet}”" for sheet in table.sheets)
    together = "合起来" if len(table.sheets) > 1 else ""
    click.secho(f"{sheets}{together}是{table.name}", bold=True, nl=False)
    click.echo(f"：表头在第 {table.header_row} 行，{table.rows} 行数据")
    same = [c.heading for c in table.columns if c.why == "同名"]
    if same:
        click.echo(f"  同名的列：{'、'.join(map(_plain, same))}")
    others = [c for c in table.columns if c.why != "同名"]
    width = max((cell_len(_plain(c.heading)) for c in others), default=0)
    for column in others:
        gap = " " * (width - cell_len(_plain(column.heading)))
        click.echo(f"  {_plain(column.heading)}{gap} → {column.name}（{column.why}）")
    if table.extra:
        click.echo(f"  自己的列，照原样登记：{'、'.join(map(_plain, table.extra))}")
    for heading, why in table.left.items():
        click.echo(f"  没有登记“{_plain(heading)}”：{why}")
    _show_required(table.columns)


def _show_required(columns: "tuple[AdoptedColumn, ...]") -> None:
    always = [_plain(c.heading) for c in columns if c.required == "是"]
    if always:
        click.echo(f"  必填（现在几乎都填了的）：{'、'.join(always)}")
    rest = [f"{_plain(c.heading)}（{c.required}）" for c in columns if c.required not in ("", "是")]
    if rest:
        click.echo(f"  有条件的必填：{'、'.join(rest)}")


def _show_stages(adoption: "Adoption") -> None:
    click.secho("阶段", bold=True, nl=False)
    click.echo(f"：{adoption.order}" if adoption.order else "：表里没有阶段，用标准销售的阶段")
    width = max((cell_len(stage.name) for stage in adoption.stages), default=0)
    for number, stage in enumerate(adoption.stages, 1):
        gap = " " * (width - cell_len(stage.name))
        kind = _kind_name(stage)
        fill = " " * (6 - cell_len(kind))
        why = stage.why or click.style("看不出来，暂且这样算", fg="yellow")
        click.echo(f"  {number:>2} {stage.name}{gap}  {kind}{fill}  {stage.rows:>5} 条  {why}")


def _kind_name(stage: "AdoptedStage") -> str:
    return next(name for name, kind in KINDS.items() if kind == stage.kind)


def _plain(heading: str) -> str:
    from sheetcrm.findings import plain_heading

    return plain_heading(heading)
