"""`sheetcrm weekly`: the manager's one command."""

from datetime import date
from pathlib import Path

import click

from sheetcrm.cli.options import as_of_option, cluster_option, jobs_option, json_option, write_json

HELP = """每周任务：检查并汇总一个文件夹里的所有工作簿。

每个工作簿得到自己的校验结果和汇总表；团队的写到“团队汇总.xlsx”。

\b
例：sheetcrm weekly 销售部/
    sheetcrm weekly 销售部/ --as-of 2026-06-30 --mark
"""


@click.command(help=HELP)
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@as_of_option
@click.option(
    "--into", type=click.Path(path_type=Path), metavar="FILE", help="团队汇总写到这个文件。"
)
@click.option("--mark", is_flag=True, help="在有问题的单元格上标色（check --unmark 可去掉）。")
@json_option
@jobs_option
@cluster_option
@click.pass_context
def weekly(
    ctx: click.Context,
    folder: Path,
    as_of: date,
    into: Path | None,
    mark: bool,
    json_path: str | None,
    jobs: int | None,
    cluster: str | None,
) -> None:
    """Run the weekly job on a folder."""
    from sheetcrm.book.remote import is_remote
    from sheetcrm.cli.crew import crew
    from sheetcrm.cli.progress import file_progress
    from sheetcrm.cli.record import tell
    from sheetcrm.cli.show import show_week
    from sheetcrm.findings import at_least, counts
    from sheetcrm.workflows.weekly import weekly as run

    with crew(jobs, cluster) as workers, file_progress("正在检查和汇总") as progress:
        result = run(folder, as_of, into, workers, mark=mark, progress=progress)
    tell(ctx, files=len(result.files), **counts(result.findings))
    remote = sum(is_remote(done.path) for done in result.files)
    if json_path:
        write_json(json_path, result.as_json())
    if json_path != "-":
        show_week(result)
        if remote:
            click.echo(f"网上的 {remote} 本工作簿只读，它们里面没有写结果页；汇总在团队汇总里。")
        if result.words:
            click.echo("\n" + result.words.week)
    if not result.done:
        ctx.exit(2)
    ctx.exit(1 if at_least(result.findings, "error") else 0)
