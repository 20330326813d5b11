"""`sheetcrm check`: say what is wrong, cell by cell."""

from datetime import date

import click

from sheetcrm.cli.options import (
    as_of_option,
    cluster_option,
    fail_on_option,
    jobs_option,
    json_option,
    paths_argument,
    severity,
    write_json,
)
from sheetcrm.cli.record import tell

HELP = """检查工作簿：必填、格式、选项、重复、关联、日期先后、线索等级。

PATH 可以是文件、文件夹或通配符。默认只看不写。

\b
例：sheetcrm check 线索跟踪.xlsx
    sheetcrm check 销售部/ --write
    sheetcrm check 线索跟踪.xlsx --fix
"""


@click.command(help=HELP)
@paths_argument
@as_of_option
@click.option("--write", is_flag=True, help="把“校验结果”表写进每个工作簿。")
@click.option("--mark", is_flag=True, help="除了写“校验结果”，还在单元格上标色。")
@click.option("--unmark", is_flag=True, help="去掉单元格上的标色。")
@click.option("--fix", is_flag=True, help="改正有把握的写法，并补上空着的线索编号；先备份。")
@json_option
@fail_on_option
@jobs_option
@cluster_option
@click.pass_context
def check(
    ctx: click.Context,
    paths: tuple[str, ...],
    as_of: date,
    write: bool,
    mark: bool,
    unmark: bool,
    fix: bool,
    json_path: str | None,
    fail_on: str,
    jobs: int | None,
    cluster: str | None,
) -> None:
    """Check the workbooks that the paths name."""
    from sheetcrm.cli.crew import crew
    from sheetcrm.cli.progress import file_progress
    from sheetcrm.cli.show import (
        show_counts,
        show_failures,
        show_findings,
        show_fixes,
        show_suppressed,
        show_tables,
        show_unchecked,
        show_written,
    )
    from sheetcrm.findings import at_least, counts
    from sheetcrm.workflows.check import check_files, check_job, remove_marks

    if unmark and (mark or write or fix):
        raise click.UsageError("--unmark 只去掉标色，不能和 --mark、--write、--fix 一起用")
    if unmark:
        for path, changed in remove_marks(paths):
            click.echo(f"{path.name}：{'已去掉标色' if changed else '没有标色'}。")
        return
    job = check_job(as_of, write=write, mark=mark, fix=fix)
    with crew(jobs, cluster) as workers, file_progress("正在检查") as progress:
        result = check_files(paths, job, workers, progress)
    tell(ctx, files=len(result.files), **counts(result.findings))
    if json_path:
        write_json(json_path, result.as_json())
    if json_path != "-":
        show_tables(result.files)
        show_fixes(result.files)
        show_findings(result.findings, several_files=len(result.files) > 1)
        show_unchecked(result.files)
        show_suppressed(result.files)
        for done in result.files:
            show_written(done.path.name, done.written)
        show_counts(result.findings)
        show_failures(result.files)
        if not (write or mark) and result.findings:
            click.echo("加上 --write，全部问题会写进工作簿的“校验结果”页，点一下就到那一格。")
    unwritten = [done.written is None for done in result.files if done.book is not None]
    if result.nothing_usable or ((write or mark) and all(unwritten)):
        ctx.exit(2)
    ctx.exit(1 if at_least(result.findings, severity(fail_on)) else 0)
