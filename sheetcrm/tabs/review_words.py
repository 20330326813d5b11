"""复盘, the words: needs, objections, answers that helped, tags, how the best one follows up."""

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import pandas as pd

from sheetcrm.book.area import Area
from sheetcrm.metrics.answers import STEP_DAYS, Answers
from sheetcrm.metrics.mentions import Mentions
from sheetcrm.metrics.rate import rate_text
from sheetcrm.metrics.terms import Term, Terms
from sheetcrm.tabs.detail import jump
from sheetcrm.tabs.frame import Canvas, at, figure, headings, ratio, section
from sheetcrm.tabs.source import Places

# The example's text runs over columns 6 to 9, the link to its row stands in column 10.
_EXAMPLE = (6, 9)
LINK_COLUMN = 10
_MOST_TEXT = 120


def needs_table(canvas: Canvas, top: int, found: Mentions, places: Places) -> None:
    """Write the frequent needs."""
    line = "从初步需求、客户痛点、客户需求/痛点，以及跟进内容和反馈里提要求的句子中找出的词。"
    section(canvas, top, "常见需求", line)
    _terms(canvas, top + 1, found.needs, found.asks, places)


def doubts_table(canvas: Canvas, top: int, found: Mentions, places: Places) -> None:
    """Write the frequent words of the objections."""
    section(canvas, top, "异议里的词", "跟进内容和客户反馈中表示顾虑的句子里的词。")
    _terms(canvas, top + 1, found.doubt_terms, found.doubts, places)


def _terms(canvas: Canvas, top: int, terms: Terms, rows: pd.DataFrame, places: Places) -> None:
    headings(
        canvas, top, ["词", "提到的\n线索数", "占比", "", "", "最近的一例", "", "", "", "原表位置"]
    )
    canvas.sheet.merge(Area(top, 3, top, 5), "占比（÷有这类文字的线索）", "heading")
    _merged_heading(canvas, top, "最近的一例")
    last = top + len(terms.items) + 1
    for row, item in enumerate(terms.items, top + 1):
        canvas.sheet.text(row, 1, item.text, "label")
        canvas.sheet.number(row, 2, item.leads, "cell+integer+center")
        canvas.sheet.merge(Area(row, 3, row, 5), "", "cell+percent+center")
        ratio(canvas, (row, 3), (at(row, 2), f"$B${last}"), item.leads / terms.leads)
        _example(canvas, row, rows, item.example, places)
    canvas.sheet.text(last, 1, "有这类文字的线索", "label")
    canvas.sheet.number(last, 2, terms.leads, "cell+integer+center+bold")


def terms_rows(terms: Terms) -> int:
    """Return how many rows such a table takes, without its title."""
    return len(terms.items) + 2


def objections_table(canvas: Canvas, top: int, found: Mentions, places: Places) -> None:
    """Write the kinds of objections."""
    line = "填了异议类型的，或反馈里表示顾虑的句子提到它的；一条线索一类只算一次。"
    section(canvas, top, "常见异议", line)
    texts = ["异议", "线索数", "占比", "其中填了\n异议类型", "赢单率"]
    headings(canvas, top + 1, [*texts, "最近的一例", "", "", "", "原表位置"])
    _merged_heading(canvas, top + 1, "最近的一例")
    last = top + 2 + len(found.objections)
    for row, item in enumerate(found.objections, top + 2):
        canvas.sheet.text(row, 1, item.name, "label")
        canvas.sheet.number(row, 2, item.leads, "cell+integer+center")
        ratio(canvas, (row, 3), (at(row, 2), f"$B${last}"), item.leads / found.population)
        canvas.sheet.number(row, 4, item.declared, "cell+integer+center")
        canvas.sheet.text(row, 5, rate_text(item.won), "cell+center")
        _example(canvas, row, found.doubts, item.example, places)
    canvas.sheet.text(last, 1, "有文字的线索", "label")
    canvas.sheet.number(last, 2, found.population, "cell+integer+center+bold")


def answers_table(canvas: Canvas, top: int, found: Answers, said: Mentions, places: Places) -> None:
    """Write what was agreed after an objection before the lead moved on."""
    line = (
        f"提出异议的那次定下的下一步，{STEP_DAYS}天内推进了的才列；先后不等于因果，供改话术参考。"
    )
    section(canvas, top, "话术：异议之后怎么推进的", line)
    texts = ["异议", "用过(次)", "推进(次)", "推进率", "该异议平均", "下一步行动", "", "", "", "例"]
    headings(canvas, top + 1, texts)
    _merged_heading(canvas, top + 1, "下一步行动（没写的取跟进内容）")
    for row, item in enumerate(found.answers, top + 2):
        canvas.sheet.text(row, 1, item.objection, "label")
        canvas.sheet.number(row, 2, item.moved.denominator, "cell+integer+center")
        canvas.sheet.number(row, 3, item.moved.numerator, "cell+integer+center")
        ratio(canvas, (row, 4), (at(row, 3), at(row, 2)), item.moved.value)
        figure(canvas, (row, 5), item.base.value, "cell+percent+center")
        canvas.sheet.merge(_over(row), item.text, "cell+wrapped")
        _link(canvas, row, _record(said.doubts, item.example), places)
    if not found.answers:
        canvas.sheet.text(top + 2, 1, "还没有异议之后又推进的记录。", "plain")


def tags_table(canvas: Canvas, top: int, found: Answers) -> None:
    """Write the tags of the customer files."""
    section(canvas, top, "在用的标签", "客户档案的“需求标签”；每季度合并写法不同的，停用没人用的。")
    headings(canvas, top + 1, ["标签", "客户数", "已结束线索", "成交", "赢单率"])
    for row, tag in enumerate(found.tags, top + 2):
        canvas.sheet.text(row, 1, tag.name, "label")
        canvas.sheet.number(row, 2, tag.customers, "cell+integer+center")
        canvas.sheet.number(row, 3, tag.won.denominator, "cell+integer+center")
        canvas.sheet.number(row, 4, tag.won.numerator, "cell+integer+center")
        ratio(canvas, (row, 5), (at(row, 4), at(row, 3)), tag.won.value)
    if not found.tags:
        canvas.sheet.text(top + 2, 1, "客户档案里没有需求标签。", "plain")


def best_table(canvas: Canvas, top: int, found: Answers, places: Places) -> None:
    """Write how the one with the best win rate follows up, with examples."""
    section(canvas, top, "赢单率最高的人怎么跟进")
    sentence = found.best.sentence or "结束的线索还太少，不比较各人。"
    canvas.sheet.merge(Area(top + 1, 1, top + 1, LINK_COLUMN), sentence, "cell+wrapped")
    canvas.sheet.height(top + 1, 36)
    texts = [
        "跟进时间",
        "方式",
        "客户",
        "",
        "",
        "跟进内容（之后推进了一步）",
        "",
        "",
        "",
        "原表位置",
    ]
    headings(canvas, top + 2, texts)
    canvas.sheet.merge(Area(top + 2, 3, top + 2, 5), "客户", "heading")
    _merged_heading(canvas, top + 2, texts[5])
    rows = found.best.examples
    for row, talk in enumerate(rows.to_dict("records"), top + 3):
        canvas.sheet.date(row, 1, talk["followed_on"].to_pydatetime().date(), "cell")
        canvas.sheet.put(row, 2, talk["method"], "cell+center")
        canvas.sheet.merge(Area(row, 3, row, 5), _text(talk["company"]), "cell")
        canvas.sheet.merge(_over(row), _text(talk.get("content")), "cell+wrapped")
        _link(canvas, row, talk, places)


def term_areas(top: int, terms: Sequence[Term]) -> tuple[Area, Area]:
    """Return the names and the numbers of a table of terms whose title is in that row."""
    last = top + 1 + len(terms)
    return Area(top + 2, 1, last, 1), Area(top + 2, 2, last, 2)


def _example(canvas: Canvas, row: int, rows: pd.DataFrame, label: int, places: Places) -> None:
    if label < 0:
        canvas.sheet.merge(_over(row), "", "cell")
        canvas.sheet.blank(row, LINK_COLUMN, "cell")
        return
    found = _record(rows, label)
    canvas.sheet.merge(_over(row), _text(found["text"]), "cell+wrapped")
    _link(canvas, row, found, places)


def _record(rows: pd.DataFrame, label: int) -> Mapping[Hashable, Any]:
    return rows.loc[[label]].to_dict("records")[0]


def _link(canvas: Canvas, row: int, found: Mapping[Hashable, Any], places: Places) -> None:
    place = {key: found[key] for key in ("file", "sheet", "row")}
    text = f"{place['sheet']} 第{place['row']}行"
    jump(canvas.sheet, (row, LINK_COLUMN), places.row(place), text)


def _over(row: int) -> Area:
    return Area(row, _EXAMPLE[0], row, _EXAMPLE[1])


def _merged_heading(canvas: Canvas, row: int, text: str) -> None:
    canvas.sheet.merge(_over(row), text, "heading")


def _text(value: object) -> str:
    if not isinstance(value, str):
        return ""
    return value if len(value) <= _MOST_TEXT else value[:_MOST_TEXT] + "……"
