"""`sheetcrm demo`: see the weekly job at work on invented workbooks."""

from pathlib import Path

import click

HELP = """复制示例工作簿到 DIR，并对它们运行每周任务。

\b
例：sheetcrm demo 试用
"""


@click.command(help=HELP)
@click.argument("folder", default="sheetcrm-demo", metavar="[DIR]", type=click.Path(path_type=Path))
def demo(folder: Path) -> None:
    """Copy the samples and run the weekly job on each story."""
    from sheetcrm.cli.show import show_week
    from sheetcrm.workflows.demo import demo as run

    for story in run(folder):
        click.secho(f"\n■ {story.title}（{story.folder}）", bold=True)
        show_week(story.result, details=False)
    click.echo(f"\n用 Excel 或 WPS 打开 {folder.resolve()} 里的工作簿看看。")
