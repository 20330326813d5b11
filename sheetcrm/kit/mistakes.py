"""What is wrong with a kit file, one plain Chinese sentence a mistake."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from sheetcrm.kit.headings import read_heading
from sheetcrm.kit.model import (
    PHASES,
    STAGE_LIST,
    ChoiceList,
    Column,
    Kit,
    Pipeline,
    TableSpec,
)
from sheetcrm.kit.requirement import ConditionError, columns_named, parse

# Excel's limits: the input message of a validation, a defined name, a sheet name.
HELP_LIMIT = 255
_NAME = re.compile(r"[^\W\d][\w.]*")
_NAME_LIMIT = 200
_SHEET_LIMIT = 31
_SHEET_FORBIDDEN = frozenset("[]:*?/\\'")


@dataclass
class Sources:
    """Which file each part of a kit came from."""

    kit: str
    tables: dict[str, str] = field(default_factory=dict)
    pipeline: str = ""

    def table(self, key: str) -> str:
        """Return the file of a table."""
        return self.tables.get(key, self.kit)


def shape_mistakes(error: ValidationError, raw: Mapping[str, Any], sources: Sources) -> list[str]:
    """Translate pydantic's errors: where in words, then what is wrong.

    Args:
        error: What `Kit.model_validate(raw)` raised.
        raw: The data it was given.
        sources: The files the parts came from.
    """
    sentences = []
    for problem in error.errors():
        where, rest = _where(list(problem["loc"]), raw, sources)
        sentences.append(f"{where}：{_what(problem['type'], rest, problem)}")
    return list(dict.fromkeys(sentences))


_PARTS = {"columns": "列", "stages": "阶段", "lists": "列表", "settings": "参数", "rules": "规则"}


def _where(
    loc: list[int | str], raw: Mapping[str, Any], sources: Sources
) -> tuple[str, list[int | str]]:
    """Name the part an error's path leads to; return what is left of the path."""
    if loc[:1] == ["stages"]:
        loc = ["pipeline", *loc]
    node: Any = raw
    source, words = sources.kit, []
    while len(loc) > 1 and loc[0] in {*_PARTS, "tables", "pipeline"}:
        part = str(loc.pop(0))
        node = node.get(part, {})
        if part == "pipeline":
            source = sources.pipeline or source
            continue
        index = loc.pop(0)
        node = node[index]
        name = node.get("name") or node.get("code") or node.get("key") or f"第{int(index) + 1}个"
        if part == "tables":
            source = sources.table(str(node.get("key")))
            words.append(f"“{name}”表")
        else:
            words.append(f"{_PARTS[part]}“{name}”")
    return " ".join([source, *words]), loc


def _what(kind: str, rest: Sequence[int | str], problem: Mapping[str, Any]) -> str:
    item = ".".join(str(part) for part in rest)
    value = problem.get("input")
    if kind == "missing":
        return f"缺少“{item}”"
    if kind == "extra_forbidden":
        return f"不认识的项“{item}”"
    if kind == "literal_error":
        return f"“{item}”不能是“{value}”，可写{problem['ctx']['expected'].replace(' or ', ', ')}"
    if kind.startswith(("greater_than", "less_than")):
        limits = problem["ctx"]
        bound = limits.get("ge", limits.get("le"))
        return f"“{item}”不能{'小于' if 'ge' in limits else '大于'}{bound:g}，现在是{value}"
    wanted = {"string": "文字", "int": "整数", "float": "数字", "bool": "true或false"}
    wanted |= {"tuple": "列表", "date": "日期", "model": "一组项目"}
    name = next((word for key, word in wanted.items() if kind.startswith(key)), "别的写法")
    return f"“{item}”应为{name}，现在是“{value}”"


def semantic_mistakes(kit: Kit, sources: Sources) -> list[str]:
    """Check what the models cannot: that names meet, nothing is double, Excel can hold it."""
    sentences = list(_pipeline_mistakes(kit.pipeline, sources.pipeline or sources.kit))
    sentences += [f"{sources.kit}：{text}" for text in _kit_mistakes(kit)]
    for table in kit.tables:
        source = f"{sources.table(table.key)} “{table.name}”表"
        sentences += [f"{source}：{text}" for text in _table_mistakes(table)]
        for column in table.columns:
            sentences += [
                f"{source} 列“{column.name}”：{text}"
                for text in _column_mistakes(column, table, kit)
            ]
    return sentences


def _kit_mistakes(kit: Kit) -> Iterator[str]:
    yield from _doubles("表的key", (t.key for t in kit.tables))
    yield from _doubles("表名", (t.name for t in kit.tables))
    yield from _doubles("列表的key", (item.key for item in kit.lists))
    yield from _doubles("列表名", (item.name for item in kit.lists))
    yield from _doubles("参数的key", (s.key for s in kit.settings))
    yield from _doubles("参数名", (s.name for s in kit.settings))
    yield from _doubles("规则代码", (r.code for r in kit.rules))
    yield from _doubles("奖金阶梯的floor", (f"{t.floor:g}" for t in kit.bonus))
    if [t.floor for t in kit.bonus] != sorted(t.floor for t in kit.bonus):
        yield "奖金阶梯要按floor从小到大排列"
    yield from _doubles("分配规则的owner", (s.owner for s in kit.shares))
    yield from _doubles("分析维度的column", (d.column for d in kit.dimensions))
    for setting in kit.settings:
        if setting.choices and setting.value not in setting.choices:
            known = "、".join(setting.choices)
            yield f"参数“{setting.name}”不能是“{setting.value}”，可写{known}"
    if not kit.tables:
        yield "没有任何表"
    for item in kit.lists:
        yield from _list_mistakes(item)


def _list_mistakes(item: ChoiceList) -> Iterator[str]:
    where = f"列表“{item.name}”"
    if item.key == STAGE_LIST:
        yield f"{where}的key不能是“{STAGE_LIST}”，它留给流程的状态标签"
    if not _NAME.fullmatch(item.name) or len(item.name) > _NAME_LIMIT:
        yield f"{where}的名称不能用作Excel名称：只能有文字、数字、下划线和点，且不以数字开头"
    owners = Counter(text for i in item.items for text in {i.value, *i.aliases})
    yield from (f"{where}里“{text}”出现了{n}次" for text, n in owners.items() if n > 1)


def _doubles(what: str, texts: Iterable[str]) -> Iterator[str]:
    yield from (f"{what}“{text}”重复" for text, n in Counter(texts).items() if n > 1)


def _pipeline_mistakes(pipeline: Pipeline, source: str) -> Iterator[str]:
    where = f"{source} 流程“{pipeline.name}”"
    for kind, name in (("open", "进行中"), ("won", "成交"), ("lost", "流失")):
        if not any(s.kind == kind for s in pipeline.stages):
            yield f'{where}：没有“{name}”（kind = "{kind}"）的阶段'
    owners = Counter(text for s in pipeline.stages for text in {s.name, *s.labels, *s.aliases})
    yield from (f"{where}：“{text}”属于{n}个阶段" for text, n in owners.items() if n > 1)
    order = [PHASES.index(s.phase) for s in pipeline.stages]
    if order != sorted(order):
        yield f"{where}：阶段要按phase的先后排列（{'、'.join(PHASES)}）"
    for stage in pipeline.stages:
        if (stage.phase == "lost") != (stage.kind == "lost"):
            yield f"{where} 阶段“{stage.name}”：kind和phase要么都是lost，要么都不是"
        if not stage.labels:
            yield f"{where} 阶段“{stage.name}”：没有状态标签"


def _table_mistakes(table: TableSpec) -> Iterator[str]:
    yield from _doubles("列的key", (c.key for c in table.columns))
    if len(table.name) > _SHEET_LIMIT or _SHEET_FORBIDDEN & set(table.name):
        yield f"表名不能用作工作表名：不超过{_SHEET_LIMIT}个字，且没有 [ ] : * ? / \\ '"
    for text, first, second in heading_clashes(table.columns):
        yield f"“{text}”同时是列“{first.name}”和列“{second.name}”的名称或别名"
    named = [("id_column", table.id_column), ("owner_column", table.owner_column)]
    named += [("stage_column", table.stage_column)]
    named += [("signature", key) for key in table.signature]
    named += [("date_order", key) for pair in table.date_order for key in pair]
    for what, key in named:
        if key and key not in table.by_key:
            yield f"{what}里的“{key}”不是这张表的列"
    for key in {key for pair in table.date_order for key in pair} & table.by_key.keys():
        if table.by_key[key].type not in ("date", "datetime"):
            yield f"date_order里的“{key}”不是日期列"


def heading_clashes(columns: Sequence[Column]) -> Iterator[tuple[str, Column, Column]]:
    """Find names and aliases, marks and units aside, that two columns share."""
    owner: dict[str, Column] = {}
    for column in columns:
        for text in (column.name, *column.aliases):
            heading = read_heading(text)
            for key in {heading.whole, heading.bare}:
                other = owner.setdefault(key, column)
                if other is not column:
                    yield text, other, column


def _column_mistakes(column: Column, table: TableSpec, kit: Kit) -> Iterator[str]:
    if column.list and column.list != STAGE_LIST and column.list not in kit.list_by_key:
        yield f"没有列表“{column.list}”"
    if column.type == "choice" and not column.list:
        yield "选项列要写list"
    if column.list and column.type != "choice":
        yield f"有list的列，type要写choice，现在是{column.type}"
    if column.references:
        yield from _reference_mistakes(column.references, kit)
    if problem := pattern_problem(column.pattern):
        yield problem
    if len(column.help) > HELP_LIMIT:
        yield f"help有{len(column.help)}个字，Excel的输入提示最多{HELP_LIMIT}个"
    try:
        named = columns_named(parse(column.required))
    except ConditionError as error:
        yield f"required：{error}"
    else:
        yield from (f"required：这张表没有列“{key}”" for key in named if key not in table.by_key)


def _reference_mistakes(reference: str, kit: Kit) -> Iterator[str]:
    table_key, dot, column_key = reference.partition(".")
    if not dot:
        yield f"references要写成“表.列”，现在是“{reference}”"
    elif table_key not in kit.by_key:
        yield f"references：没有表“{table_key}”"
    elif column_key not in kit.by_key[table_key].by_key:
        yield f"references：“{kit.by_key[table_key].name}”表没有列“{column_key}”"


def pattern_problem(pattern: str) -> str:
    """Say in Chinese what is wrong with a regular expression; "" if nothing is."""
    try:
        re.compile(pattern)
    except re.error as error:
        return f"pattern“{pattern}”不是正确的正则表达式（第{(error.pos or 0) + 1}个字符处）"
    return ""
