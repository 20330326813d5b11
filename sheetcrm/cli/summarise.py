"""`sheetcrm summarise`: the summary tabs, written back."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sheetcrm.cli.options import (
    as_of_option,
    cluster_option,
    jobs_option,
    json_option,
    paths_argument,
    write_json,
)

if TYPE_CHECKING:
    from sheetcrm.metrics.words import Period

HELP = """生成漏斗分析、转化分析、逾期预警、业绩、趋势等汇总页和校验结果，写回工作簿。

一个工作簿就写在它自己里面；多个工作簿要用 --into 指定汇总文件。

\b
例：sheetcrm summarise 线索跟踪.xlsx
    sheetcrm summarise 线索跟踪.xlsx --text --period day
    sheetcrm summarise 销售部/ --into 团队汇总.xlsx
"""

_NO_LEADS = (
    "没有认出线索表，所以没有汇总页，也没有文字周报，只写了“校验结果”。"
    "请确认有一张表的表头里有客户、负责人和阶段；"
    "只有跟进记录的，请和线索放在同一个文件夹里用 weekly 一起算。"
)


@click.command(help=HELP)
@paths_argument
@as_of_option
@click.option("--into", type=click.Path(path_type=Path), metavar="FILE", help="汇总写到这个文件。")
@click.option("--text", is_flag=True, help="再打印一段文字汇总，可以发到群里。")
@click.option(
    "--period",
    type=click.Choice(["day", "week"]),
    default="week",
    show_default=True,
    metavar="PERIOD",
    help="文字汇总是日报（day）还是周报（week）。",
)
@json_option
@jobs_option
@cluster_option
@click.pass_context
def summarise(
    ctx: click.Context,
    paths: tuple[str, ...],
    as_of: date,
    into: Path | None,
    text: bool,
    period: "Period",
    json_path: str | None,
    jobs: int | None,
    cluster: str | None,
) -> None:
    """Summarise the workbooks that the paths name."""
    from sheetcrm.cli.crew import crew
    from sheetcrm.cli.progress import file_progress
    from sheetcrm.cli.record import tell
    from sheetcrm.cli.show import show_findings, show_week
    from sheetcrm.findings import counts
    from sheetcrm.findings.report import sentence
    from sheetcrm.workflows.folder import FAILURES
    from sheetcrm.workflows.summarise import summarise_books

    with crew(jobs, cluster) as workers, file_progress("正在汇总") as progress:
        result = summarise_books(paths, as_of, into, workers, progress)
    tell(ctx, files=len(result.files), **counts(result.findings))
    if json_path and result.summary:
        write_json(json_path, result.summary.as_json())
    if json_path != "-":
        show_week(result, details=False)
        unusable = (f for f in result.findings if f.code.startswith("FIL") or f.code in FAILURES)
        show_findings(list(unusable), several_files=True)
        if text and result.words:
            click.echo("\n" + result.words.of(period))
        if result.done and not result.summary:
            click.echo(_NO_LEADS)
    elif not result.summary:
        for each in result.findings:  # there is no JSON that says it
            click.echo(sentence(each, with_file=True), err=True)
    if not result.done:
        ctx.exit(2)
