"""`sheetcrm import`: lead sheets into the team's workbook."""

import sys
from collections.abc import Callable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sheetcrm.cli.options import as_of_option, json_option, write_json

if TYPE_CHECKING:  # the intake takes pandas along, which `--help` need not wait for
    from sheetcrm.intake.model import Incoming
    from sheetcrm.intake.prompts import HeadingPrompt
    from sheetcrm.kit.model import Kit

HELP = """把别处来的线索表导入工作簿：先预演，核对后再写入。

\b
SHEET 可以是 Excel、CSV、网页导出的表格，一次可以好几个；
也可以是改好的“…-导入决定.xlsx”。
不加 --apply 时什么也不写进工作簿，
只在来的文件旁边生成“…-导入决定.xlsx”，逐行写明会怎么办。

\b
--map 写“表头=字段”，如 --map 意向车型=产品；可以写多次。
阶段的日期写“表头=阶段:商机”，不要的列写“表头=忽略”。
某个写法要换成列表里的，写“字段:来的写法=列表里的”，
如 --map 来源渠道:抖音=线上推广。

\b
例：sheetcrm import 展会线索.csv --into 线索.xlsx
    sheetcrm import 展会线索.csv --into 线索.xlsx --source 春季展会 --apply
    sheetcrm import 展会线索-导入决定.xlsx --into 线索.xlsx --apply
"""
_MOST_SHOWN = 9


@click.command("import", help=HELP)
@click.argument("sheets", nargs=-1, required=True, metavar="SHEET…")
@click.option("--into", required=True, metavar="BOOK", help="导入到哪本工作簿。")
@click.option("--map", "maps", multiple=True, metavar="A=B", help="表头 A 对应字段 B；可以写多次。")
@click.option(
    "--source",
    default="",
    metavar="NAME",
    help="来源的名字；对应关系按来源记住，没写渠道的行用它。",
)
@click.option("--encoding", metavar="E", help="文字编码，如 GBK；不写则自动判断。")
@click.option("--decisions", metavar="FILE", help="用这份改好的“导入决定”。")
@click.option("--apply", is_flag=True, help="写进工作簿；先备份，可以用 undo 撤回。")
@as_of_option
@json_option
@click.pass_context
def import_(
    ctx: click.Context,
    sheets: tuple[str, ...],
    into: str,
    maps: tuple[str, ...],
    source: str,
    encoding: str | None,
    decisions: str | None,
    apply: bool,
    as_of: date,
    json_path: str | None,
) -> None:
    """Import the sheets, or show what importing them would do."""
    from sheetcrm.cli.progress import step_status
    from sheetcrm.cli.record import tell
    from sheetcrm.cli.show_import import show_import
    from sheetcrm.workflows.import_leads import ImportOptions, import_leads

    if decisions and len(sheets) > 1:
        raise click.UsageError("--decisions 是给一个文件的，一次只能导入一个 SHEET")
    options = ImportOptions(
        as_of,
        datetime.now().replace(microsecond=0),  # noqa: DTZ005 - cells hold local time
        maps,
        source,
        encoding,
        Path(decisions) if decisions else None,
        apply,
    )
    with step_status("导入") as say:
        ask = _asking(say.pause) if _may_ask(json_path) else None
        result = import_leads(sheets, into, options, ask, say)
    tell(ctx, **result.counts.as_json())
    if json_path:
        write_json(json_path, result.as_json())
    if json_path != "-":
        show_import(result)
    ctx.exit(1 if result.counts.rejected else 0)


def _may_ask(json_path: str | None) -> bool:
    """Say whether a person sits there: never in scripts, nor where JSON is printed."""
    return json_path != "-" and sys.stdin.isatty() and sys.stdout.isatty()


def _asking(pause: Callable[[], None]) -> Callable[["Incoming", "Kit"], Sequence[str]]:
    """Return what asks a person about headings; answers have the form of `--map`."""

    def ask(sheet: "Incoming", kit: "Kit") -> Sequence[str]:
        from sheetcrm.intake.prompts import heading_prompts

        pause()
        open_ = [prompt for prompt in heading_prompts(sheet, kit) if prompt.how == "asked"]
        click.echo(f"“{sheet.sheet}”里有 {len(open_)} 个表头没认出来（直接回车＝先不导入这一列）：")
        answers = ((prompt.text, _answer(prompt)) for prompt in open_)
        return [f"{text}={answer}" for text, answer in answers if answer]

    return ask


def _answer(prompt: "HeadingPrompt") -> str:
    """Ask about one heading until the answer is one of those it may have."""
    from sheetcrm.intake.prompts import understood

    click.echo(f"  {prompt.cell}「{prompt.text}」如：{'、'.join(prompt.samples)}。{prompt.reason}")
    shown = prompt.choices[:_MOST_SHOWN]
    click.echo("    " + "  ".join(f"{n} {choice}" for n, choice in enumerate(shown, 1)))
    while True:
        said = click.prompt("    写序号或字段名", default="", show_default=False).strip()
        if said.isdigit() and 1 <= int(said) <= len(shown):
            return str(shown[int(said) - 1])
        if understood(prompt, said):
            return str(said)
        click.echo("    没有这个字段，请再写一次。")
