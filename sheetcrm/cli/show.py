"""What the terminal says about results: findings grouped, counts, where the tabs are."""

from collections import Counter
from collections.abc import Iterable, Sequence

import click

from sheetcrm.checks.fixes import Fix
from sheetcrm.findings import Finding, Severity, counts, plain_heading
from sheetcrm.findings.report import group, line
from sheetcrm.tabs.findings_record import PersonCount
from sheetcrm.workflows.folder import FileDone
from sheetcrm.workflows.weekly import TeamResult
from sheetcrm.workflows.write_back import Written

NAMES: dict[Severity, str] = {"error": "错误", "warning": "警告", "info": "提示"}
COLOURS: dict[Severity, str] = {"error": "red", "warning": "yellow", "info": "blue"}
# Groups of one code and sheet before the rest is left to the 校验结果 tab.
CAP = 5


def show_findings(findings: Sequence[Finding], *, several_files: bool) -> None:
    """Print errors and warnings, grouped and capped; notes are only counted."""
    for level in ("error", "warning"):
        chosen = [f for f in findings if f.severity == level]
        for each in group(chosen, cap=CAP):
            mark = click.style(NAMES[level], fg=COLOURS[level])
            click.echo(f"{mark} {line(each, with_file=several_files)}")


def show_counts(findings: Iterable[Finding]) -> None:
    """Print how many errors, warnings and notes there are."""
    total = counts(findings)
    click.echo("共 " + "，".join(f"{NAMES[level]} {total[level]}" for level in total) + "。")


def show_tables(files: Iterable[FileDone]) -> None:
    """Print what each workbook was understood as: sheets, tables, rows, and assumed stages."""
    for done in files:
        if done.book is None:
            continue
        tables = [
            (part.sheet if part.sheet == t.spec.name else f"{part.sheet}（{t.spec.name}）")
            + f" {len(part.raw)} 行"
            for t in done.book.tables.values()
            for part in t.source.sheets
        ]
        click.echo(f"{done.path.name}：{'，'.join(tables)}。")
        if done.book.kit.pipeline.inferred:
            click.echo(f"  {done.book.kit.pipeline.inferred}")


def show_fixes(files: Iterable[FileDone]) -> None:
    """Print every correction that was made, old and new, and those that could not be made."""
    for done in files:
        for fix in done.fixes if done.written else ():
            mark = click.style("已改正", fg="green")
            click.echo(f"{mark} {_change(done, fix)}")
        for left in done.left:
            mark = click.style("没有改", fg="yellow")
            click.echo(f"{mark} {_change(done, left.fix)}：{left.reason}")
        if done.fixes and done.written:
            click.echo(f"{done.path.name}：改正 {len(done.fixes)} 处。")


def _change(done: FileDone, fix: Fix) -> str:
    place = f"{done.path.name} {fix.sheet}!{fix.cell} {plain_heading(fix.column)}"
    old = f"“{fix.shown_old}”" if fix.shown_old else "（空）"
    return f"【{place}】{old} → “{fix.shown_new}”[{fix.code}]"


def show_unchecked(files: Iterable[FileDone]) -> None:
    """Print the rules that a workbook has no columns or settings for."""
    for done in files:
        if done.unchecked:
            codes = "、".join(dict.fromkeys(code for code, _ in done.unchecked))
            click.echo(
                f"{done.path.name}：缺少相应的列或设置，未检查 {codes}（原因见“校验结果”）。"
            )


def show_written(name: str, written: Written | None) -> None:
    """Print where the tabs of one workbook went."""
    if written is None:
        return
    if written.refused:
        click.echo(f"{name}：{written.refused}，汇总写到了旁边的 {written.path.name}。")
    else:
        click.echo(f"{name}：{'已写入' if written.changed else '没有变化'}。")


def show_suppressed(files: Iterable[FileDone]) -> None:
    """Print how many findings the 例外 tabs silence, by code."""
    for done in files:
        if done.suppressed:
            codes = Counter(each.finding.code for each in done.suppressed)
            said = "、".join(f"{code} {count}" for code, count in sorted(codes.items()))
            click.echo(
                f"{done.path.name}：按“例外”表不再列出 {len(done.suppressed)} 条（{said}）。"
            )


def show_failures(files: Sequence[FileDone]) -> None:
    """Print which of several workbooks could not be used or written, and why."""
    failed = [(done, why) for done in files if (why := done.failure)]
    if failed and len(files) > 1:
        click.secho(
            f"{len(files)} 个工作簿中，{len(files) - len(failed)} 个已完成，"
            f"{len(failed)} 个没有处理好：",
            fg="red",
        )
        for done, why in failed:
            click.echo(f"  {done.path.name}：{why.message}。{why.suggestion}。")


def show_people(people: Iterable[PersonCount]) -> None:
    """Print how many findings of each person are new, still open and fixed."""
    for each in people:
        click.echo(f"  {each.owner}：新增 {each.new}，未解决 {each.open}，已解决 {each.fixed}")


def show_week(result: TeamResult, *, details: bool = True) -> None:
    """Print a weekly run: findings, what was written where, the team workbook."""
    if details:
        show_tables(result.files)
        show_fixes(result.files)
        show_findings(result.findings, several_files=True)
        show_unchecked(result.files)
        show_suppressed(result.files)
    for done in result.files:
        show_written(done.path.name, done.written)
    show_counts(result.findings)
    show_failures(result.files)
    if details:
        show_people(result.people)
    if result.team is not None:
        state = "已写入" if result.team.changed else "没有变化"
        click.secho(f"团队汇总：{result.team.path}（{state}）", bold=True)
