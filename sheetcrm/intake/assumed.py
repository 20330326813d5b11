"""What was assumed of an incoming sheet, in Chinese sentences."""

from collections.abc import Iterator, Sequence

from sheetcrm.intake.model import HeadingMatch, Incoming
from sheetcrm.intake.sheets import Headed
from sheetcrm.kit.model import TableSpec
from sheetcrm.kit.rows import DataRows

_UNITS = {1e3: "千元", 1e4: "万元", 1e6: "百万元", 1e8: "亿元"}
_MOST_SHOWN = 12


def assumptions(
    sheet: Incoming, spec: TableSpec, headed: Headed, rows: DataRows
) -> tuple[str, ...]:
    """Say what was read into a sheet: where its table is, its headings, its units, its values."""
    return (
        *_table(sheet, spec, headed),
        *_headings(sheet.headings, spec),
        *_values(sheet, spec),
        *_rows(rows),
        *_apart(rows),
    )


def _apart(rows: DataRows) -> Iterator[str]:
    if rows.apart:
        told = f"从{rows.apart.cell}起是另一张表（{rows.apart.headings}），{rows.apart.rows}行"
        yield f"{told}没有导入；要导入请移到另一张工作表"


def passed_over(sentences: Sequence[str]) -> tuple[str, ...]:
    """Name the sheets that were left alone, the first ones where they are many."""
    shown = tuple(sentences[:_MOST_SHOWN])
    more = len(sentences) - len(shown)
    return (*shown, f"另有{more}张工作表跳过") if more else shown


def _table(sheet: Incoming, spec: TableSpec, headed: Headed) -> Iterator[str]:
    yield f"工作表“{sheet.sheet}”按“{spec.name}”导入，表头在第{headed.header_row}行"
    if headed.plain_list:
        yield f"“{sheet.sheet}”是一张联系名单，当作新线索"


def _headings(matches: Sequence[HeadingMatch], spec: TableSpec) -> Iterator[str]:
    names = {column.key: column.name for column in spec.columns}
    alike = [m for m in matches if m.how in ("alias", "content")]
    if alike:
        pairs = "、".join(f"“{m.text}”→{names[m.key]}" for m in alike)
        yield f"按同义词对应：{pairs}"
    saved = [m for m in matches if m.how == "saved"]
    if saved:
        pairs = "、".join(f"“{m.text}”→{names.get(m.key) or f'阶段:{m.stage}'}" for m in saved)
        yield f"沿用上次对这个来源的选择：{pairs}"
    days = [m for m in matches if m.how == "stage"]
    if days:
        yield "读作进入阶段的日期：" + "、".join(f"“{m.text}”→{m.stage}" for m in days)
    for match in matches:
        if match.factor != 1.0:
            unit = _UNITS.get(match.factor, f"{match.factor:,.0f}元")
            yield f"“{match.text}”里的数字按{unit}换算成元"
    nowhere = [m for m in matches if m.how == "ignored"]
    if nowhere:
        yield "没有导入的列：" + "、".join(f"“{m.text}”（{m.reason}）" for m in nowhere)


def _values(sheet: Incoming, spec: TableSpec) -> Iterator[str]:
    for key in dict.fromkeys(v.key for v in sheet.values):
        of_column = [v for v in sheet.values if v.key == key]
        name = spec.by_key[key].name
        alike = [f"{v.text}→{v.value}" for v in of_column if v.how in ("alias", "saved")]
        if alike:
            yield f"“{name}”按同义词归并：{_some(alike)}"
        kept = [f"{v.text}（{v.count}行）" for v in of_column if v.how == "kept"]
        if kept:
            yield f"“{name}”里有名单以外的值，照原样保留：{_some(kept)}"


def _rows(rows: DataRows) -> Iterator[str]:
    for found, what in ((rows.totals, "合计行"), (rows.notes, "说明行")):
        if found:
            where = _some([str(row) for row, _ in found])
            yield f"第{where}行是{what}，没有导入"
    if rows.examples:
        yield f"第{_some([str(row) for row in rows.examples])}行是示例，没有导入"
    if rows.merged:
        yield f"合并单元格（{_some(list(rows.merged))}）的值填到了它盖住的每一行"


def _some(texts: Sequence[str]) -> str:
    more = "等" if len(texts) > _MOST_SHOWN else ""
    return "、".join(texts[:_MOST_SHOWN]) + more
