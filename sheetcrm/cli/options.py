"""Option types that several commands share."""

import json
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click

from sheetcrm.errors import FileProblem
from sheetcrm.findings import Severity

# A report of another century is a slip of the keyboard.
PLAUSIBLE_YEARS = range(2000, 2101)


class Day(click.ParamType[date]):
    """A calendar day as people type it: 2026-06-30, 2026/6/30, 2026.6.30, 20260630."""

    name = "日期"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """Return the day, or fail with a sentence that says how to write it."""
        if isinstance(value, date):
            return value
        text = str(value).strip().replace("年", "-").replace("月", "-").rstrip("日")
        text = text.replace("/", "-").replace(".", "-")
        try:
            parts = (int(part) for part in text.split("-", 2))
            day = date(*parts) if "-" in text else date.fromisoformat(text)
        except (TypeError, ValueError):
            self.fail(f"看不懂日期“{value}”，请写成 2026-06-30 这样", param, ctx)
        if day.year not in PLAUSIBLE_YEARS:
            self.fail(f"日期“{value}”离今天太远，请核对年份", param, ctx)
        return day


def today() -> date:
    """Return the day on this computer's calendar, the default of `--as-of`."""
    return datetime.now().astimezone().date()


as_of_option = click.option(
    "--as-of",
    type=Day(),
    default=today,
    metavar="DATE",
    help="统计截止日期，如 2026-06-30，默认今天。",
    show_default=False,
)
json_option = click.option(
    "--json", "json_path", metavar="FILE", help="把结果另存为 JSON；写 - 则打印出来。"
)
paths_argument = click.argument("paths", nargs=-1, required=True, metavar="PATH…")
fail_on_option = click.option(
    "--fail-on",
    type=click.Choice(["error", "warning", "info"]),
    default="error",
    show_default=True,
    metavar="LEVEL",
    help="出现这个级别（error、warning、info）及以上的问题时，退出码为 1。",
)

jobs_option = click.option(
    "--jobs",
    type=click.IntRange(min=1),
    metavar="N",
    help="同时用几个进程，默认有几个核就用几个。",
)

cluster_option = click.option(
    "--cluster",
    metavar="ADDR",
    help="交给 Dask 集群去做，如 tcp://主机:8786；各台机器要能用同一路径打开这些文件。",
)


def write_json(target: str, record: dict[str, Any]) -> None:
    """Write a JSON report to a file, or to the terminal for `-`.

    Raises:
        FileProblem: The file cannot be written.
    """
    text = json.dumps(record, ensure_ascii=False, indent=1, allow_nan=False)
    if target == "-":
        click.echo(text)
        return
    try:
        Path(target).write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise FileProblem(
            target, "JSON 写不进这里", "请换一个已有的、能写的文件夹，或换一个文件名"
        ) from error


def severity(level: str) -> Severity:
    """Narrow a validated option to a severity."""
    return "error" if level == "error" else "warning" if level == "warning" else "info"
