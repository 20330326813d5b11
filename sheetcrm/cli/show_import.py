"""What the terminal says about an import."""

from collections.abc import Iterator
from pathlib import Path

import click

from sheetcrm.findings.report import group, line, sentence
from sheetcrm.intake.answering import LOST_ANSWER, STRANGE_ANSWER
from sheetcrm.tabs.decision_overview import equation, reasons
from sheetcrm.tabs.decision_plan import Plan, SheetPlan
from sheetcrm.workflows.import_leads import FileResult, ImportResult

# The rest is in the decision workbook.
_MOST_LINES = 6


def show_import(result: ImportResult) -> None:
    """Print what became of every file, the equation of all, and what to do next."""
    for each in result.files:
        _file(each)
    if len(result.files) > 1:
        click.echo(f"合计：{equation(result.counts)}。")
    for note in result.notes[:_MOST_LINES]:
        click.echo(f"  {note}")
    if result.batch:
        click.secho(f"已写入 {result.book}（批次 {result.batch}）。", bold=True)
        click.echo(f"  要撤回：sheetcrm undo {_typed(result.book)}")
    elif result.applied:
        click.echo(f"没有要写入的，{result.book.name} 没有改动。")
    else:
        click.echo(f"这是预演，{result.book.name} 没有改动。")
    _next(result)


def _file(each: FileResult) -> None:
    plan = each.plan
    click.secho(f"{plan.origin.file}：{equation(plan.counts)}。", bold=True)
    for sheet in plan.sheets:
        for text in _about(plan, sheet):
            click.echo(f"  {text}")
    assumed = [*plan.assumptions, *(t for s in plan.sheets for t in s.incoming.assumptions)]
    _some("认定", assumed)
    _some("导入时", [*plan.notes, *(t for s in plan.sheets for t in s.decided.notes)])
    _some("注意", [sentence(f) for s in plan.sheets for f in s.about_sheet()])
    for text in _unclear(plan):
        click.echo(f"  {click.style('决定没有照办', fg='yellow')} {text}")
    for name, number in reasons(plan):
        click.echo(f"  {click.style('待修正', fg='red')} {number:,} 行：{name}")
    if each.decision is not None:
        click.echo(f"  逐行的结果：{each.decision}")


def _unclear(plan: Plan) -> list[str]:
    """Return where a decision could not be carried out, and what to do about it."""
    found = [each for sheet in plan.sheets for each in sheet.decided.findings]
    wrong = [each for each in found if each.code in (LOST_ANSWER, STRANGE_ANSWER)]
    said = [line(each) for each in group(wrong)]
    more = f"还有 {len(said) - _MOST_LINES} 处，见“假设”页" if len(said) > _MOST_LINES else ""
    return [*said[:_MOST_LINES], *([more] if more else [])]


def _about(plan: Plan, sheet: SheetPlan) -> Iterator[str]:
    incoming, name = sheet.incoming, plan.spec(sheet).name
    used = sum(match.how not in ("asked", "ignored") for match in incoming.headings)
    said = f"“{incoming.sheet}”导入到 {name}：{len(incoming.headings)} 列里用上 {used} 列"
    left = [match.text for match in incoming.headings if match.how == "ignored"]
    if left:
        more = "等" if len(left) > _MOST_LINES else ""
        said += f"，不导入 {'、'.join(left[:_MOST_LINES])}{more}"
    yield f"{said}。"
    asked = [match.text for match in incoming.unmapped]
    if asked:
        mark = click.style("没认出来", fg="yellow")
        yield f"{mark} {'、'.join(asked)}：在“列映射”里选，或加 --map 表头=字段。"
    unknown = [value for value in incoming.values if value.how == "kept"]
    if unknown:
        said = "、".join(f"{v.text}（{v.count}）" for v in unknown[:_MOST_LINES])
        more = f"等 {len(unknown)} 种" if len(unknown) > _MOST_LINES else ""
        yield f"列表里没有的写法原样写入：{said}{more}；要换成别的，在“值映射”里选。"


def _some(title: str, texts: list[str]) -> None:
    for text in list(dict.fromkeys(texts))[:_MOST_LINES]:
        click.echo(f"  {title}：{text}")
    if len(set(texts)) > _MOST_LINES:
        click.echo(f"  {title}：其余 {len(set(texts)) - _MOST_LINES} 条见“假设”页。")


def _next(result: ImportResult) -> None:
    decisions = [each.decision for each in result.files if each.decision is not None]
    if not decisions or (result.applied and not result.counts.rejected):
        return
    todo = "在“待修正”里改好" if result.applied else "打开核对，改好、选好"
    names = " ".join(_typed(path) for path in decisions)
    click.echo(f"下一步：{todo}，保存关闭，再运行")
    click.echo(f"  sheetcrm import {names} --into {_typed(result.book)} --apply")


def _typed(path: Path) -> str:
    """Return a path as it is typed: quoted where it has spaces."""
    text = str(path)
    return f'"{text}"' if set(text) & set(" ()&;'") else text
