"""字段: one row a column of a table, to rows and back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sheetcrm.kit.blocks import (
    Block,
    FoundBlock,
    Line,
    Report,
    cell_number,
    join_words,
)
from sheetcrm.kit.field_aliases import with_aliases
from sheetcrm.kit.headings import read_heading
from sheetcrm.kit.id_format import mask_of, pattern_of
from sheetcrm.kit.mistakes import HELP_LIMIT
from sheetcrm.kit.model import (
    STAGE_LIST,
    ChoiceList,
    Column,
    ColumnType,
    Kit,
    Phase,
    Pipeline,
    TableSpec,
)
from sheetcrm.kit.requirement import (
    ConditionError,
    Requirement,
    columns_named,
    parse,
    parse_chinese,
    render,
    render_chinese,
)
from sheetcrm.kit.words import FLAG_NAMES, FLAGS, TYPE_NAMES, TYPES, listed
from sheetcrm.table import Cell

FIELDS_ANCHOR = "表"
STAGE_LIST_NAME = "阶段"
_HEADERS = (
    FIELDS_ANCHOR,
    "字段",
    "类型",
    "必填",
    "下拉列表",
    "限选",
    "唯一",
    "引用",
    "单位",
    "格式",
    "说明",
    "示例",
    "别名",
    "列宽",
    "字段代码",
)
_NEEDED = (FIELDS_ANCHOR, "字段", "类型", "必填", "下拉列表")
_SORTS: tuple[tuple[ColumnType, ...], ...] = (
    ("date", "datetime"),
    ("integer", "number", "amount", "percent"),
)
_FREE: tuple[ColumnType, ...] = ("text", "choice", "link")
_MAIN_TEXTS = ("company", "content")


def fields_block(kit: Kit) -> Block:
    """Describe every column of every table."""
    rows = tuple(_row(column, table, kit) for table in kit.tables for column in table.columns)
    flags = tuple(FLAG_NAMES.values())
    lists = (STAGE_LIST_NAME, *(item.name for item in kit.lists))
    choices = {"类型": tuple(TYPE_NAMES.values()), "限选": flags, "唯一": flags, "下拉列表": lists}
    return Block("fields", "字段", _HEADERS, rows, choices=choices)


def _row(column: Column, table: TableSpec, kit: Kit) -> tuple[Cell, ...]:
    names = {c.key: c.name for c in table.columns}
    return (
        table.name,
        column.name,
        TYPE_NAMES[column.type],
        render_chinese(parse(column.required), names),
        _list_name(column.list, kit),
        FLAG_NAMES[column.strict] if column.list else None,
        FLAG_NAMES[True] if column.unique else None,
        _reference_name(column.references, kit),
        column.unit,
        mask_of(column.pattern) if column.pattern else None,
        column.help,
        column.example,
        join_words(column.aliases),
        column.width or None,
        column.key,
    )


def _list_name(key: str, kit: Kit) -> str:
    if key == STAGE_LIST:
        return STAGE_LIST_NAME
    return kit.list_by_key[key].name if key in kit.list_by_key else key


def _reference_name(reference: str, kit: Kit) -> str:
    table_key, _, column_key = reference.partition(".")
    table = kit.by_key.get(table_key)
    if table is None or column_key not in table.by_key:
        return reference
    return f"{table.name}.{table.by_key[column_key].name}"


@dataclass(frozen=True)
class _Context:
    """What the rows of one table are read against."""

    base: TableSpec | None
    keys: Mapping[str, str]
    lists: Mapping[str, str]
    references: Mapping[str, str]
    stages: Mapping[str, Phase]
    offered: Mapping[str, tuple[str, ...]]
    report: Report


def read_tables(
    found: FoundBlock | None,
    base: Kit,
    lists: Sequence[ChoiceList],
    pipeline: Pipeline,
    report: Report,
) -> tuple[TableSpec, ...]:
    """Read the tables and their columns, in the order of the rows.

    A column is known again by its code, then by its name, then by an alias; anything else is a new
    column whose key is its name.

    Args:
        found: The 字段 block.
        base: The kit the workbook was generated from.
        lists: The lists as the 设置 tab has them now.
        pipeline: The stages as the 设置 tab has them now.
        report: Collects the findings.
    """
    if found is None or not found.columns.keys() >= set(_NEEDED) or not found.lines:
        report.add_sheet("KIT-01", expected="、".join(_NEEDED))
        return base.tables
    groups = _grouped(found, report)
    by_name = {t.name: t for t in base.tables}
    keyed = {name: _keyed(lines, by_name.get(name), report) for name, lines in groups.items()}
    references = _references(base, keyed)
    list_keys = {item.name: item.key for item in lists} | {STAGE_LIST_NAME: STAGE_LIST}
    stages = {text: s.phase for s in pipeline.stages for text in (*s.labels, s.name)}
    tables = []
    for name, lines in keyed.items():
        known = by_name.get(name)
        keys = {line.text("字段"): key for key, line in lines.items()}
        offered = {k: c for k, line in lines.items() if (c := _choices(line, lists, pipeline))}
        context = _Context(known, keys, list_keys, references, stages, offered, report)
        columns = [_column(key, line, context) for key, line in lines.items()]
        tables.append(_table(name, known, with_aliases(columns, lines, known, report)))
    return tuple(tables)


def _choices(line: Line, lists: Sequence[ChoiceList], pipeline: Pipeline) -> tuple[str, ...]:
    """Return what a field's cells can be, if it takes nothing but its list; else ()."""
    if FLAGS.get(line.text("限选").casefold()) is False:
        return ()
    if line.text("下拉列表") == STAGE_LIST_NAME:
        return tuple(label for s in pipeline.stages for label in s.labels)
    found = next((item for item in lists if item.name == line.text("下拉列表")), None)
    return tuple(item.value for item in found.items) if found else ()


def _grouped(found: FoundBlock, report: Report) -> dict[str, list[Line]]:
    groups: dict[str, list[Line]] = {}
    for line in found.lines:
        missing = next((h for h in (FIELDS_ANCHOR, "字段") if not line.text(h)), "")
        if missing:
            report.add("KIT-19", line, missing)
        else:
            groups.setdefault(line.text(FIELDS_ANCHOR), []).append(line)
    return groups


def _keyed(lines: Sequence[Line], base: TableSpec | None, report: Report) -> dict[str, Line]:
    """Find each row's column key; a field named twice is reported and left out."""
    known = base.by_key if base else {}
    named = {c.name: c.key for c in known.values()}
    aliased = {read_heading(a).whole: c.key for c in known.values() for a in c.aliases}
    sure = {line.text("字段代码") or named.get(line.text("字段"), "") for line in lines}
    keyed: dict[str, Line] = {}
    names: set[str] = set()
    for line in lines:
        name = line.text("字段")
        code = line.text("字段代码")
        alias = aliased.get(read_heading(name).whole, "")
        guess = named.get(name) or (alias if alias not in sure else "") or name
        key = code if code and code not in keyed else guess
        if name in names or key in keyed:
            report.add("KIT-02", line, "字段", other="这张表的前面一行")
            continue
        names.add(name)
        keyed[key] = line
    return keyed


def _references(base: Kit, keyed: Mapping[str, Mapping[str, Line]]) -> dict[str, str]:
    """Map `表.字段` to keys: the base kit's names, then the names as they are now."""
    by_name = {t.name: t.key for t in base.tables}
    targets = {f"{t.name}.{c.name}": f"{t.key}.{c.key}" for t in base.tables for c in t.columns}
    for name, lines in keyed.items():
        for key, line in lines.items():
            targets[f"{name}.{line.text('字段')}"] = f"{by_name.get(name, name)}.{key}"
    return targets


def _column(key: str, line: Line, context: _Context) -> Column:
    known = context.base.by_key.get(key) if context.base else None
    list_key = _list(line, _sort(known), context)
    return Column(
        key=key,
        name=line.text("字段"),
        type=_type(line, known, list_key, context.report),
        required=_required(line, known, context),
        list=list_key,
        strict=_flag(line, "限选", context.report) if list_key and line.text("限选") else True,
        references=_reference(line, context),
        unique=_flag(line, "唯一", context.report),
        unit=line.text("单位"),
        pattern=_pattern(line, context.report),
        help=_help(line, context.report),
        example=line.text("示例"),
        width=_width(line, context.report),
    )


def _type(line: Line, known: Column | None, list_key: str, report: Report) -> ColumnType:
    text = line.text("类型")
    usual: ColumnType = "choice" if list_key else "text"
    if known and known.type != "choice" and not list_key:
        usual = known.type
    if not text:
        return usual
    kind = TYPES.get(text)
    if kind is None:
        facts = {"expected": listed(TYPE_NAMES), "default": TYPE_NAMES[usual]}
        report.add("KIT-03", line, "类型", **facts)
        return usual
    if known and kind not in (sort := _sort(known)):
        expected = "、".join(TYPE_NAMES[k] for k in sort)
        report.add("KIT-10", line, "类型", expected=expected, default=TYPE_NAMES[known.type])
        return known.type
    if list_key and kind != "choice":
        report.add("KIT-10", line, "类型", expected="选项（有下拉列表的字段）", default="选项")
        return "choice"
    return "text" if kind == "choice" and not list_key else kind


def _sort(known: Column | None) -> tuple[ColumnType, ...]:
    """Return the types a column may be given: any, for free text and a column of the manager's own.

    Checks and figures count on the days, numbers, ids, contacts and main texts of the others.
    """
    if known is None or (known.type in _FREE and known.key not in _MAIN_TEXTS):
        return tuple(TYPE_NAMES)
    texts = tuple(t for t in TYPE_NAMES if not any(t in sort for sort in _SORTS))
    return next((sort for sort in _SORTS if known.type in sort), texts)


def _list(line: Line, sort: Sequence[ColumnType], context: _Context) -> str:
    text = line.text("下拉列表")
    if "choice" not in sort:
        if text:
            context.report.add("KIT-10", line, "下拉列表", expected="空白", default="空白")
        return ""
    asked = bool(text) or TYPES.get(line.text("类型")) == "choice"
    key = context.lists.get(text, "")
    if asked and not key:
        expected = "、".join(context.lists)
        context.report.add("KIT-04", line, "下拉列表", expected=expected)
    return key


def _required(line: Line, known: Column | None, context: _Context) -> str:
    try:
        requirement = parse_chinese(line.text("必填"), context.keys, context.stages)
        _refuse_values_that_never_are(requirement, context)
    except ConditionError as error:
        kept = parse(known.required) if known else ()
        if any(key not in context.keys.values() for key in columns_named(kept)):
            kept = ()
        names = {key: name for name, key in context.keys.items()}
        default = f"“{render_chinese(kept, names)}”" if kept else "选填"
        context.report.add("KIT-05", line, "必填", reason=error, default=default)
        return render(kept)
    return render(requirement)


def _refuse_values_that_never_are(requirement: Requirement, context: _Context) -> None:
    """Raise where a condition waits for a value that the other column cannot hold."""
    names = {key: name for name, key in context.keys.items()}
    for condition in requirement:
        offered = context.offered.get(condition.column)
        if condition.kind == "when" and offered is not None and condition.value not in offered:
            known = "、".join(offered)
            name = names[condition.column]
            raise ConditionError(f"“{name}”没有“{condition.value}”这个选项，可写{known}")


def _flag(line: Line, header: str, report: Report) -> bool:
    text = line.text(header).casefold()
    if text not in FLAGS:
        report.add("KIT-10", line, header, expected=listed(FLAG_NAMES), default="否")
    return FLAGS.get(text, False)


def _reference(line: Line, context: _Context) -> str:
    text = line.text("引用")
    target = context.references.get(text, "")
    if text and not target:
        context.report.add("KIT-06", line, "引用")
    return target


def _pattern(line: Line, report: Report) -> str:
    try:
        return pattern_of(line.text("格式"))
    except ValueError as error:
        report.add("KIT-15", line, "格式", reason=error)
        return ""


def _help(line: Line, report: Report) -> str:
    text = line.text("说明")
    if len(text) > HELP_LIMIT:
        report.add("KIT-17", line, "说明", count=len(text))
    return text


def _width(line: Line, report: Report) -> int:
    number = cell_number(line.cells.get("列宽")) if line.text("列宽") else 0.0
    if number is not None and 0 <= number <= HELP_LIMIT:
        return int(number)
    report.add("KIT-11", line, "列宽", expected=f"0到{HELP_LIMIT}", default="自动宽度")
    return 0


def _table(name: str, base: TableSpec | None, columns: Sequence[Column]) -> TableSpec:
    """Make the table; parts of the base table that name a column now gone are left out."""
    keys = {c.key for c in columns}
    if base is None:
        unique = next((c.key for c in columns if c.unique), "")
        signature = tuple(c.key for c in columns if c.required)
        return TableSpec(
            key=name, name=name, id_column=unique, signature=signature, columns=tuple(columns)
        )
    kept = {
        part: getattr(base, part) if getattr(base, part) in keys else ""
        for part in ("id_column", "owner_column", "stage_column")
    }
    return base.model_copy(
        update={
            **kept,
            "columns": tuple(columns),
            "signature": tuple(key for key in base.signature if key in keys),
            "date_order": tuple(pair for pair in base.date_order if keys.issuperset(pair)),
        }
    )
