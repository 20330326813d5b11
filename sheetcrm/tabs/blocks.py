"""The small tables of 设置, 字段 and 规则 as sheets: what may be changed is cream and unlocked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sheetcrm.book.area import Area
from sheetcrm.book.write_sheet import Sheet
from sheetcrm.book.write_validation import Hint, Level, Validation
from sheetcrm.kit.blocks import FIRST_ROW, HEADER_ROW, TITLE_ROW, Block
from sheetcrm.tabs.layout import row_height
from sheetcrm.tabs.names import word_list_name

DEFAULT_WIDTH = 14
WIDTHS: Mapping[str, int] = {
    "参数": 22, "值": 10, "单位": 9, "说明": 46, "参数代码": 24,
    "状态标签": 20, "所属阶段": 16, "类型": 11, "环节": 12, "成交概率": 10, "预期停留天数": 13,
    "跟进间隔天数": 13, "责任角色": 22, "里程碑": 34, "交付物": 28, "别名": 30,
    "行编号": 24, "原因": 50, "有效期至": 14,
    "例外日期": 13, "安排": 9, "选项（限选）": 18, "选项（可另填）": 18,
    "完成率下限": 13, "提成比例": 11,
    "分配给": 12, "负责区域": 20, "负责行业": 20, "每批上限": 10,
    "汇总页": 13, "写在哪里": 14, "维度": 16, "最多列出": 10,
    "表": 13, "字段": 18, "必填": 20, "下拉列表": 14, "限选": 8, "唯一": 8, "引用": 20, "格式": 20,
    "示例": 30, "列宽": 8, "字段代码": 22,
    "代码": 11, "级别": 9, "公式": 44, "提示": 40, "处理建议": 46, "启用": 8,
}  # fmt: skip
# Headers whose cells are numbers or dates; all others are text, so that `1-2月` stays what it is
# and a rule's formula is not calculated here.
_STYLES: Mapping[str, str] = {
    "值": "center",
    "成交概率": "percent+center",
    "完成率下限": "percent+center",
    "提成比例": "percent+center",
    "预期停留天数": "integer+center",
    "跟进间隔天数": "integer+center",
    "每批上限": "integer+center",
    "最多列出": "integer+center",
    "例外日期": "date",
    "有效期至": "date",
    "列宽": "integer+center",
}
# Long lists of words that only the tool reads: as much of them as the row shows is enough, so they
# are wrapped, lest they run over the next block, and do not make the row higher.
_CUT = frozenset({"别名"})


@dataclass(frozen=True)
class Access:
    """What people may change in a block.

    `filled` are the headers whose filled cells are unlocked, None for all of them; `spare` says
    that there are unlocked rows below; `wrapped` that long texts take several lines.
    """

    filled: frozenset[str] | None = None
    spare: bool = True
    wrapped: bool = True
    asks_only: frozenset[str] = field(default_factory=frozenset)


def write_block(sheet: Sheet, block: Block, access: Access) -> None:
    """Write one block where its columns say, with its drop-downs and its spare rows."""
    sheet.text(TITLE_ROW, block.column, block.title, "subtitle")
    sheet.row(HEADER_ROW, block.headers, "heading", block.column)
    sheet.widths(block_widths(block), block.column)
    last = block.last_row if access.spare else FIRST_ROW + len(block.rows) - 1
    for at, header in enumerate(block.headers):
        for row in range(FIRST_ROW, last + 1):
            filled = row < FIRST_ROW + len(block.rows)
            value = block.rows[row - FIRST_ROW][at] if filled else None
            sheet.put(row, block.column + at, value, _style(header, access, filled=filled))
        if header in block.choices and last >= FIRST_ROW:
            area = Area(FIRST_ROW, block.column + at, last, block.column + at)
            sheet.validate(area, _validation(block, header, access))


def block_widths(block: Block) -> list[int]:
    """Return the widths of a block's columns."""
    return [WIDTHS.get(header, DEFAULT_WIDTH) for header in block.headers]


def fit_rows(sheet: Sheet, blocks: Sequence[Block]) -> None:
    """Make the filled rows as high as the longest text of these blocks needs."""
    for at in range(max(len(b.rows) for b in blocks)):
        heights = [_height(block, at) for block in blocks if at < len(block.rows)]
        sheet.height(FIRST_ROW + at, max(heights))


def _height(block: Block, at: int) -> float:
    shown = [v for h, v in zip(block.headers, block.rows[at], strict=True) if h not in _CUT]
    return row_height(shown, [WIDTHS.get(h, DEFAULT_WIDTH) for h in block.headers if h not in _CUT])


def _style(header: str, access: Access, *, filled: bool) -> str:
    open_to_change = not filled or access.filled is None or header in access.filled
    base = "input" if open_to_change else "fixed"
    kind = _STYLES.get(header, "text")
    if header in _CUT:
        return f"{base}+{kind}+wrap"
    return f"{base}+{kind}+wrapped" if access.wrapped else f"{base}+{kind}"


def _validation(block: Block, header: str, access: Access) -> Validation:
    level: Level = "warning" if header in access.asks_only else "stop"
    hint = Hint("", "", f"{header}不在列表里", "请从下拉列表里选。", level)
    return Validation("list", hint, formula=word_list_name(block.title, header))
