"""业绩 in words: how far the team is, who leads and who is behind, what the month may end at."""

from sheetcrm.metrics.columns import UNFILLED
from sheetcrm.metrics.performance import Performance, Result


def performance_lines(found: Performance) -> list[str]:
    """Say the month in a few Chinese sentences, the most important first."""
    lines = [_team(found), _people(found), _ending(found)]
    return [line for line in lines if line]


def wan(value: float | None) -> str:
    """Return an amount in 万元, small ones in 元; a dash for none."""
    if value is None:
        return "—"
    return f"{value / 10000:,.1f}万元" if abs(value) >= 10000 else f"{value:,.0f}元"


def _team(found: Performance) -> str:
    total, month = found.total, found.month
    text = f"{month.start.month}月团队销售额{wan(total.sales)}（{total.deals}单）"
    if total.completion is None or found.behind is None:
        return f"{text}；没有本月销售额目标，不算完成率。"
    points = abs(found.behind) * 100
    pace = f"落后{points:.0f}个百分点" if found.behind > 0 else f"领先{points:.0f}个百分点"
    return (
        f"{text}，目标完成率{total.completion:.0%}（目标{wan(total.target)}），"
        f"时间进度{month.share:.0%}，{pace}。"
    )


def _people(found: Performance) -> str:
    people = [p for p in found.people if p.name != UNFILLED]
    if len(people) < 2:
        return ""
    parts = []
    if people[0].sales:
        parts.append(f"{people[0].name}销售额最高（{wan(people[0].sales)}）")
    aimed = [p for p in people if p.completion is not None]
    if aimed:
        last = min(aimed, key=_completion)
        parts.append(f"{last.name}目标完成率最低（{last.completion:.0%}）")
    return "，".join(parts) + "。" if parts else ""


def _completion(result: Result) -> float:
    return result.completion or 0.0


def _ending(found: Performance) -> str:
    end, target = found.total.projection, found.total.target
    if end.likely is None or end.low is None or end.high is None:
        return f"月末预测：{end.reason}。"
    text = f"月末预计{wan(end.likely)}（{wan(end.low)}～{wan(end.high)}）"
    if target is None:
        return f"{text}。"
    missing = target - end.likely
    return f"{text}，预计差{wan(missing)}。" if missing > 0 else f"{text}，预计可完成目标。"
