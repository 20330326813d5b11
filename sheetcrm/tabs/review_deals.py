"""复盘, the deals: lost reasons, won against lost, the steps of the won, competitors."""

from sheetcrm.book.area import Area
from sheetcrm.metrics.deals import Deals, Measure, Trait
from sheetcrm.metrics.rate import rate_text
from sheetcrm.metrics.results import Summary
from sheetcrm.metrics.rivals import Rivals
from sheetcrm.tabs.detail import OUTCOMES, Block
from sheetcrm.tabs.frame import Canvas, at, figure, headings, linked_figure, ratio, section
from sheetcrm.tabs.live import Test, count

_VERDICTS = {
    "more": "明显高于其余",
    "less": "明显低于其余",
    "": "差别在随机波动之内",
    "few": "样本不足，不比",
}
_WON, _LOST = (Test("result", "=", OUTCOMES[kind]) for kind in ("won", "lost"))
_FEATURES_WIDTH = 60


def reasons_table(canvas: Canvas, top: int, summary: Summary, block: Block) -> None:
    """Write the lost reasons, all of them."""
    found = summary.reasons
    given = found.lost - found.missing
    section(canvas, top, "流失原因", "占比的分母是写了原因的流失线索；缺原因的另列。")
    headings(canvas, top + 1, ["流失原因", "线索数", "占比"])
    last = top + 2 + len(found.items)
    for row, item in enumerate(found.items, top + 2):
        canvas.sheet.text(row, 1, item.reason, "label")
        lives = [count(block.columns, [_LOST, Test("lost_reason", "=", item.reason, f"$A${row}")])]
        figure(canvas, (row, 2), item.count, "cell+integer+center", lives)
        cells = at(row, 2), f"SUM($B${top + 2}:$B${last - 1})"
        ratio(canvas, (row, 3), cells, item.count / given)
    canvas.sheet.text(last, 1, "缺原因", "label")
    missing = [count(block.columns, [_LOST, Test("lost_reason", "=", "缺原因")])]
    figure(canvas, (last, 2), found.missing, "cell+integer+center", missing)
    canvas.sheet.text(last, 3, "—", "cell+center")


def traits_table(canvas: Canvas, top: int, found: Deals, block: Block) -> None:
    """Write how won and lost leads differ by source, industry, region, product, grade."""
    line = "赢单率＝成交÷（成交＋流失）；差别超出随机波动才算（5%，按比较的组数收紧）。"
    section(canvas, top, "成交与流失的比较", line)
    texts = ["比什么", "成交", "流失", "赢单率", "其余的\n赢单率", "95%区间", "", "结论", ""]
    headings(canvas, top + 1, texts)
    canvas.sheet.merge(Area(top + 1, 6, top + 1, 7), texts[5], "heading")
    canvas.sheet.merge(Area(top + 1, 8, top + 1, 9), texts[7], "heading")
    for row, trait in enumerate(found.traits, top + 2):
        _trait(canvas, row, trait, block)


def _trait(canvas: Canvas, row: int, trait: Trait, block: Block) -> None:
    canvas.sheet.text(row, 1, f"{trait.dimension}：{trait.value}", "label")
    mine = Test(trait.key, "=", trait.value)
    lost = trait.rate.denominator - trait.rate.numerator
    style = "cell+integer+center"
    figure(canvas, (row, 2), trait.rate.numerator, style, [count(block.columns, [mine, _WON])])
    figure(canvas, (row, 3), lost, style, [count(block.columns, [mine, _LOST])])
    cells = at(row, 2), f"({at(row, 2)}+{at(row, 3)})"
    ratio(canvas, (row, 4), cells, trait.rate.value)
    figure(canvas, (row, 5), trait.rest.value, "cell+percent+center")
    interval = trait.rate.interval
    text = "—" if interval is None else f"{interval[0]:.0%}～{interval[1]:.0%}"
    canvas.sheet.merge(Area(row, 6, row, 7), text, "cell+center")
    bold = "+bold" if trait.verdict in ("more", "less") else "+muted"
    canvas.sheet.merge(Area(row, 8, row, 9), _VERDICTS[trait.verdict], f"cell{bold}")


def measures_table(canvas: Canvas, top: int, found: Deals) -> None:
    """Write follow-ups and first response of won and lost leads."""
    line = "成交的线索走得久，跟进次数自然多；只数有跟进记录的线索。"
    section(canvas, top, "跟得多、跟得快有没有用", line)
    headings(canvas, top + 1, ["中位数", "成交", "样本", "流失", "样本", "结论"])
    canvas.sheet.merge(Area(top + 1, 6, top + 1, 8), "结论", "heading")
    for row, item in enumerate(found.measures, top + 2):
        canvas.sheet.text(row, 1, f"{item.name}（{item.unit}）", "label")
        figure(canvas, (row, 2), item.won, "cell+decimal+center")
        canvas.sheet.number(row, 3, item.won_count, "cell+integer+center")
        figure(canvas, (row, 4), item.lost, "cell+decimal+center")
        canvas.sheet.number(row, 5, item.lost_count, "cell+integer+center")
        canvas.sheet.merge(Area(row, 6, row, 8), _measure_text(item), "cell")


def _measure_text(item: Measure) -> str:
    if item.differs is None:
        return "样本不足，不比"
    return "差别超出随机波动" if item.differs else "差别在随机波动之内"


def nodes_table(canvas: Canvas, top: int, found: Deals) -> None:
    """Write the steps of the won deals."""
    section(
        canvas, top, "成交客户的关键节点", "成交线索从进入一步到进入下一步的天数和其间的跟进次数。"
    )
    texts = ["步骤", "两个日期都\n有的线索", "天数\n中位数", "九成在几天\n以内", "跟进次数\n中位数"]
    headings(canvas, top + 1, texts)
    for row, node in enumerate(found.nodes, top + 2):
        canvas.sheet.text(row, 1, node.name, "label")
        canvas.sheet.number(row, 2, node.count, "cell+integer+center")
        figure(canvas, (row, 3), node.days, "cell+decimal+center")
        figure(canvas, (row, 4), node.slowest, "cell+decimal+center")
        figure(canvas, (row, 5), node.talks, "cell+decimal+center")


def rivals_table(canvas: Canvas, top: int, found: Rivals, block: Block) -> None:
    """Write the competitors."""
    section(canvas, top, "竞品对比", found.sentence)
    texts = ["竞争对手", "遇到\n(线索)", "进行中", "成交", "流失", "其中流失\n给竞品", "赢单率"]
    headings(canvas, top + 1, [*texts, "95%区间", "最近记下的特点；应对", "竞争情报"])
    start = 0
    for row, item in enumerate(found.items, top + 2):
        canvas.sheet.text(row, 1, item.name, "label")
        mine = Test("rival", "=", item.name, f"$A${row}")
        cells = block.cells(start, item.met) if item.met else ""
        behind = cells, [count(block.columns, [mine])]
        linked_figure(canvas, (row, 2), item.met, "cell+integer+center", behind)
        kinds = (("open", item.open), ("won", item.won), ("lost", item.lost))
        for column, (kind, size) in enumerate(kinds, 3):
            lives = [count(block.columns, [mine, Test("result", "=", OUTCOMES[kind])])]
            figure(canvas, (row, column), size, "cell+integer+center", lives)
        canvas.sheet.number(row, 6, item.lost_to, "cell+integer+center")
        cells_of = at(row, 4), f"({at(row, 4)}+{at(row, 5)})"
        ratio(canvas, (row, 7), cells_of, item.rate.value)
        interval = item.rate.interval
        text = "—" if interval is None else f"{interval[0]:.0%}～{interval[1]:.0%}"
        canvas.sheet.text(row, 8, text, "cell+center")
        known = "；应对：".join(part for part in (item.features, item.response) if part)
        canvas.sheet.text(row, 9, known[:_FEATURES_WIDTH] or "—", "cell+wrapped")
        canvas.sheet.text(row, 10, item.events or "—", "cell+wrapped")
        canvas.sheet.height(row, 30 if known else 18)
        start += item.met
    last = top + 2 + len(found.items)
    canvas.sheet.text(last, 1, "没有写竞品的", "label")
    canvas.sheet.text(last, 7, rate_text(found.alone), "plain")
