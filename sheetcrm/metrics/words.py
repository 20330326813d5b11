"""The summary in words, short enough for a group chat."""

from sheetcrm.metrics.rate import Rate
from sheetcrm.metrics.results import Overdue, Summary


def report_text(summary: Summary) -> str:
    """Say the main figures in a dozen Chinese lines; every rate shows its population."""
    people = summary.population
    total = summary.totals
    lines = [
        f"【销售周报】截至 {summary.as_of:%Y-%m-%d}",
        f"线索 {people.leads} 条：进行中 {people.open}，成交 {people.won}，流失 {people.lost}。",
        "漏斗：" + " → ".join(_stage(r.stage, r.reached, r.step) for r in summary.funnel),
        f"总体转化率 {_rate(total.rate('overall_conversion'))}，"
        f"赢单率 {_rate(total.rate('win_rate'))}，"
        f"成交周期中位数 {_days(total.median_cycle_days)}。",
        f"成交金额 {_money(total.won_amount)}，进行中预计金额 {_money(total.open_amount)}。",
    ]
    if summary.reasons.items:
        top = "、".join(f"{r.reason}{r.count}条" for r in summary.reasons.top())
        lines.append(f"流失原因前三：{top}。")
    if summary.bottleneck.sentence:
        lines.append(summary.bottleneck.sentence)
    return "\n".join([*lines, *_overdue_lines(summary.overdue)])


def _overdue_lines(overdue: Overdue) -> list[str]:
    named = [item for item in overdue.lists if item.count and item.key != "requests_open"]
    if not named:
        return ["没有逾期事项。"]
    lines = ["需要处理：" + "，".join(f"{item.name} {item.count} 条" for item in named) + "。"]
    people = sorted(overdue.people, key=lambda p: -len(p.rows))[:5]
    todo = "，".join(f"{p.owner} {len(p.rows)} 条" for p in people if len(p.rows))
    return [*lines, f"待办最多：{todo}。"] if todo else lines


def _stage(name: str, reached: int, step: Rate | None) -> str:
    return f"{name} {reached}" + (f"（{_percent(step.value)}）" if step else "")


def _rate(rate: Rate) -> str:
    return f"{_percent(rate.value)}（{rate.numerator}/{rate.denominator}）"


def _percent(value: float | None) -> str:
    return "—" if value is None else f"{value:.1%}"


def _days(value: float | None) -> str:
    return "—" if value is None else f"{value:g} 天"


def _money(value: float) -> str:
    return f"{value / 10000:,.2f} 万元" if abs(value) >= 10000 else f"{value:,.0f} 元"
