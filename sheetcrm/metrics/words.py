"""日报 and 周报: the figures in words, short enough for a group chat, plain text."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from sheetcrm.metrics.analysis import Analysis
from sheetcrm.metrics.columns import UNFILLED
from sheetcrm.metrics.performance import Performance, Result, people_of
from sheetcrm.metrics.rate import Rate, percent
from sheetcrm.metrics.recorded import stage_gap
from sheetcrm.metrics.results import Overdue, Summary
from sheetcrm.metrics.trend import Point, Trend

Period = Literal["day", "week"]
TITLES: dict[Period, str] = {"day": "销售日报", "week": "销售周报"}
MOST_RANKED = {"day": 3, "week": 5}
MOST_TODO = 5
_WEEKDAYS = "一二三四五六日"
# What is told of the people in charge, the most urgent first.
_URGENT = ("next_follow_up_overdue", "never_followed_up", "churn_risk", "silent_manager")
# Lists that only repeat another one, or ask for nothing.
_NOT_TOLD = frozenset({"requests_open", "requests_done_late", "stalled", "low_value"})


@dataclass(frozen=True)
class ReportWords:
    """The daily and the weekly report, each some lines of plain Chinese text."""

    day: str
    week: str

    def of(self, period: Period) -> str:
        """Return one of the two."""
        return self.day if period == "day" else self.week


def report_words(summary: Summary, analysis: Analysis) -> ReportWords:
    """Write both reports."""
    return ReportWords(
        "\n".join(report_lines(summary, analysis, "day")),
        "\n".join(report_lines(summary, analysis, "week")),
    )


def report_lines(summary: Summary, analysis: Analysis, period: Period) -> list[str]:
    """Say what a manager needs to know: sales against target, ranking, what fell, what to do.

    Every rate comes with its numerator and denominator.
    """
    day = summary.as_of
    title = f"【{TITLES[period]}】{day:%Y-%m-%d}（周{_WEEKDAYS[day.weekday()]}）"
    lines = [title, stage_gap(analysis.data)]
    lines += [sales_line(analysis.performance), _ranking(analysis.performance, period)]
    lines += _moves(analysis.trend, period)
    lines.append(_stock(summary))
    if period == "week":
        lines += [_funnel(summary), _reasons(summary)]
    lines += [anomaly_line(analysis.trend), warning_line(summary.overdue), _shared(analysis)]
    todo = todo_lines(summary, analysis)
    if todo:
        lines += ["要做的事：", *(f"{n}. {text}" for n, text in enumerate(todo, 1))]
    return [line for line in lines if line]


def sales_line(found: Performance) -> str:
    """Say the month's sales against its target and against the working days that are over.

    Deals whose month nobody knows are counted beside them.
    """
    total, month = found.total, found.month
    who = "团队" if len(people_of(found)) > 1 else ""
    undated = f"；另有{total.undated}单没有成交时间，没有计入" if total.undated else ""
    text = f"{month.start.month}月{who}销售额{amount(total.sales)}（{total.deals}单{undated}）"
    if total.completion is None or found.behind is None:
        return f"{text}；没有本月销售额目标，不算完成率。"
    points = round(abs(found.behind) * 100)
    pace = (
        f"{'落后' if found.behind > 0 else '领先'}进度{points}个百分点" if points else "与进度持平"
    )
    gap = f"，还差{amount(total.gap)}" if total.gap else ""
    return (
        f"{text}，目标完成率{total.completion:.0%}（目标{amount(total.target)}{gap}），"
        f"工作日已过{month.share:.0%}（{month.worked}/{month.total}），{pace}。"
    )


def amount(value: float | None) -> str:
    """Return an amount in 万元 without needless zeros, small ones in 元; a dash for none."""
    if value is None:
        return "—"
    if abs(value) < 10000:
        return f"{value:,.0f}元"
    return f"{value / 10000:,.1f}".removesuffix(".0") + "万元"


def anomaly_line(found: Trend) -> str:
    """Say what fell in the last full week; what may be chance is named as such."""
    certain = [drop.sentence for drop in found.drops if not drop.chance]
    perhaps = [drop.figure for drop in found.drops if drop.chance]
    if not found.sentence:
        return ""
    if not found.drops:
        return f"异常：上一个整周没有比前一周下降超过{found.threshold:.0%}的指标。"
    also = f"{'、'.join(perhaps)}也降了，但仍在随机波动之内" if perhaps else ""
    if not certain:
        return f"异常：没有；上一个整周{also.replace('也降了', '有下降')}。"
    return f"异常：上一个整周{'；'.join([*certain, also] if also else certain)}。"


def _shared(analysis: Analysis) -> str:
    """Say how many customers several workbooks have; "" for none."""
    if len(analysis.data.files) < 2:
        return ""
    number = analysis.reconciliation.shared
    return f"撞单：{number}个客户同时在几本表里，请商定由谁跟（见“对账”）。" if number else ""


def warning_line(overdue: Overdue) -> str:
    """Say how many leads and requests wait for somebody, list by list."""
    named = [item for item in overdue.lists if item.count and item.key not in _NOT_TOLD]
    said = "，".join(f"{item.name}{item.count}条" for item in named) or "没有逾期事项"
    gaps = dict.fromkeys(item.gap for item in overdue.lists if item.gap)
    return f"预警：{'；'.join([said, *gaps])}。"


def todo_lines(summary: Summary, analysis: Analysis, most: int = MOST_TODO) -> list[str]:
    """Say what to do, the most urgent first: who has what to deal with, then where it is stuck."""
    lines = list(_people_todo(summary.overdue, max(1, most - 2)))
    late = summary.overdue.list("requests_overdue")
    if late.count:
        names = late.rows["department"].fillna(late.rows["responsible"]).fillna("协作部门")
        counts = names.value_counts()
        first = "、".join(f"{name}{count}项" for name, count in list(counts.items())[:3])
        lines.append(f"经理催办逾期的协作需求{late.count}项：{first}。")
    certain = {drop.figure for drop in analysis.trend.drops if not drop.chance}
    if "新增线索" in certain:
        lines.append("新增线索明显减少：检查获客渠道。")
    if "线索转化率" in certain:
        lines.append("线索转化率明显下降：检查线索质量和首次跟进。")
    if summary.bottleneck.stage:
        step = f"“{summary.bottleneck.previous}→{summary.bottleneck.stage}”"
        lines.append(
            f"转化最弱的一步是{step}：看停在“{summary.bottleneck.previous}”的客户卡在哪里。"
        )
    return lines[:most]


def _people_todo(overdue: Overdue, most: int) -> Iterator[str]:
    names = {item.key: item.name for item in overdue.lists}
    listed = [p for p in overdue.people if any(p.counts.get(key) for key in _URGENT)]
    ranked = sorted(listed, key=lambda p: (-sum(p.counts.get(k, 0) for k in _URGENT[:2]), p.owner))
    for person in ranked[:most]:
        parts = [f"{names[key]}{person.counts[key]}" for key in _URGENT if person.counts.get(key)]
        who = "还没有负责人的" if person.owner == UNFILLED else person.owner
        yield f"{who}：{len(person.rows)}条要处理（{'、'.join(parts)}）。"
    if len(ranked) > most:
        yield f"其余{len(ranked) - most}人见“逾期预警”。"


def _ranking(found: Performance, period: Period) -> str:
    people, most = people_of(found), MOST_RANKED[period]
    if len(people) < 2 or not any(p.sales for p in people):
        return ""
    parts = []
    for person in (p for p in people[:most] if p.sales):
        done = "" if person.completion is None else f"，完成{person.completion:.0%}"
        deals = f"{person.deals}单{done}"
        parts.append(f"{person.rank}.{person.name} {amount(person.sales)}（{deals}）")
    doubt = "名次之差在随机波动之内" if "随机波动之内" in found.ranking.sales else ""
    return "排名：" + " ".join(parts) + _unranked(people) + (f"。{doubt}。" if doubt else "。")


def _unranked(people: Sequence[Result]) -> str:
    """Say who has no sales this month: none that is priced, or dated, or none at all."""
    rest = [p for p in people if not p.sales]
    said = (
        ("成交没有金额", [f"{p.name}（{p.deals}单）" for p in rest if p.deals]),
        (
            "成交没有时间，不知道算不算本月",
            [f"{p.name}（{p.undated}单）" for p in rest if p.undated and not p.deals],
        ),
        ("本月还没有成交", [p.name for p in rest if not p.deals and not p.undated]),
    )
    return "".join(
        f"；{what}：{'、'.join(names[:8])}{'等' if len(names) > 8 else ''}"
        for what, names in said
        if names
    )


def _moves(found: Trend, period: Period) -> Iterator[str]:
    if period == "day":
        yield _moved("今天", found.days[-1])
        yield _moved("昨天", found.days[-2])
        return
    for name, week in (("本周", found.weeks[-1]), ("上周", found.weeks[-2])):
        last = f"{week.start:%m-%d}～{week.end:%m-%d}" + ("" if week.complete else "，未满")
        yield _moved(f"{name}（{last}）", week)


def _moved(when: str, point: Point) -> str:
    sold = f"成交{point.won}单" + (f"、{amount(point.sales)}" if point.sales else "")
    return f"{when}：新增线索{point.new}条，{sold}。"


def _stock(summary: Summary) -> str:
    people, totals = summary.population, summary.totals
    return (
        f"线索{people.leads}条：进行中{people.open}（预计{amount(totals.open_amount)}），"
        f"成交{people.won}，流失{people.lost}；赢单率{_rate(totals.rate('win_rate'))}。"
    )


def _funnel(summary: Summary) -> str:
    stages = " → ".join(_stage(row.stage, row.reached, row.step) for row in summary.funnel)
    return f"漏斗：{stages}；总转化率{_rate(summary.totals.rate('overall_conversion'))}。"


def _reasons(summary: Summary) -> str:
    top = "、".join(f"{r.reason}{r.count}条" for r in summary.reasons.top())
    return f"流失原因：{top}。" if top else ""


def _stage(name: str, reached: int, step: Rate | None) -> str:
    return f"{name}{reached}" + (f"（{percent(step.value)}）" if step else "")


def _rate(rate: Rate) -> str:
    return f"{percent(rate.value)}（{rate.numerator}/{rate.denominator}）"
