"""The three views of the funnel side by side: mature cohort, exits of the window, stock on hand."""

from sheetcrm.book.area import Area
from sheetcrm.metrics.rate import Rate
from sheetcrm.metrics.results import FunnelRow, Summary
from sheetcrm.metrics.views import Step, Views
from sheetcrm.tabs.frame import Canvas, at, headings, ratio, section

_HEADINGS = (
    "进入的阶段",
    "队列转化率\n进入上一阶段已满期的",
    "95%区间",
    "转化数\n/满期数",
    "满期天数\n（未满期）",
    "满期天数内转化率",
    "退出转化率",
    "推进数\n/离开数",
    "静默超过{silent:g}天的也算流失",
    "占在库数量",
    "占在库金额",
)
_STOCK = (10, 11)


def views_table(canvas: Canvas, top: int, summary: Summary, rows: tuple[int, int]) -> int:
    """Write the table; `rows` are those of the stages in the table above. Return the row below."""
    views = summary.views
    section(
        canvas,
        top,
        "三个视角，各答一个问题",
        "比例没有足够的线索或日期支持时，写明原因，不给数字。",
    )
    titles = (
        (2, 6, "① 成熟队列：进入上一阶段已满期的线索，有多少走到了本阶段"),
        (7, 9, f"② 近{views.days}天离开上一阶段的线索，有多少是往前走的"),
        (10, 11, "③ 当前在库（不是转化率）"),
    )
    canvas.sheet.blank(top + 1, 1, "heading")
    for first, last, text in titles:
        canvas.sheet.merge(Area(top + 1, first, top + 1, last), text, "heading")
    canvas.sheet.height(top + 1, 36)
    headings(canvas, top + 2, [text.format(silent=views.silent_days) for text in _HEADINGS])
    for number, stage in enumerate(summary.funnel):
        row = top + 3 + number
        canvas.sheet.text(row, 1, stage.stage, "label")
        _rates(canvas, row, views.into(stage.position))
        _stock(canvas, (row, rows[0] + number), stage, summary)
        canvas.sheet.height(row, 34)
    return top + 4 + len(summary.funnel)


def _rates(canvas: Canvas, row: int, step: Step | None) -> None:
    sheet = canvas.sheet
    if step is None:
        sheet.row(row, ["—"] * 8, "cell+center", 2)
        return
    cohort, exits = step.cohort, step.exits
    _value(canvas, (row, 2), cohort.value, cohort.reason)
    sheet.text(row, 3, _interval(cohort.rate) if cohort.value is not None else "—", "cell+center")
    sheet.text(row, 4, _counts(cohort.rate), "cell+center")
    young = f"\n（{cohort.immature}条）" if cohort.immature else ""
    sheet.text(row, 5, f"{cohort.horizon}天{young}", "cell+center+wrap+middle")
    in_time = None if cohort.value is None else cohort.in_time.value
    _value(canvas, (row, 6), in_time, "—")
    _value(canvas, (row, 7), exits.value, exits.reason)
    sheet.text(row, 8, _counts(exits.rate), "cell+center")
    strict = exits.strict.value if exits.known and not exits.strict.reason else None
    text = "—" if strict is None else f"{strict:.1%}（{_counts(exits.strict)}）"
    sheet.text(row, 9, text, "cell+center")


def _stock(canvas: Canvas, places: tuple[int, int], stage: FunnelRow, summary: Summary) -> None:
    """Write which part of the open leads stands here, over the numbers of the table above."""
    row, source = places
    opens = sum(each.kind == "open" for each in summary.funnel)
    first = source - stage.position
    for column in _STOCK:
        if stage.kind == "won":
            canvas.sheet.text(row, column, "—", "cell+center")
            continue
        area = Area(first, column, first + opens - 1, column).absolute
        values = [
            each.current if column == _STOCK[0] else each.current_amount
            for each in summary.funnel[:opens]
        ]
        share = values[stage.position] / sum(values) if sum(values) else None
        ratio(canvas, (row, column), (at(source, column), f"SUM({area})"), share)


def _value(canvas: Canvas, place: tuple[int, int], value: float | None, reason: str) -> None:
    if value is None:
        told = reason.replace("（", "\n（") or "—"
        canvas.sheet.text(*place, told, "cell+center+wrap+middle+muted")
    else:
        canvas.sheet.number(*place, value, "cell+percent+center")


def _counts(rate: Rate) -> str:
    return f"{rate.numerator}/{rate.denominator}"


def _interval(rate: Rate) -> str:
    low, high = rate.interval or (0.0, 1.0)
    return f"{low:.1%}～{high:.1%}"


def view_lines(views: Views) -> list[str]:
    """Say what the populations of the views are, and which leads they leave out."""
    if not views.steps:
        return []
    lines = [
        "① 满期天数取这一步用时的上四分位，不少于30天；总体是满期那天以前一年内进入上一阶段的线索。"
        f"② 离开指近{views.days}天推进到后面的阶段，或流失。"
        "③ 在库数量之比受停留长短影响，不是转化率。"
    ]
    undated = [
        f"{step.previous}→{step.stage} {step.cohort.undated}条"
        for step in views.steps
        if step.cohort.undated
    ]
    if undated:
        lines.append(f"不知道哪天进入或推进、未计入①的线索：{'、'.join(undated)}。")
    return lines
