"""A kit as the rows of the 设置, 字段 and 规则 tabs, and back."""

import re
from datetime import date, datetime, time
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sheetcrm.findings import CATALOGUE
from sheetcrm.kit.blocks import FIRST_ROW, HEADER_ROW, TITLE_ROW
from sheetcrm.kit.describe import (
    fields_rows,
    kit_from_tabs,
    kit_key,
    rules_rows,
    settings_blocks,
    settings_rows,
)
from sheetcrm.kit.id_format import mask_of, pattern_of
from sheetcrm.kit.load import kit_names, load_kit
from sheetcrm.kit.model import ChoiceItem, Column, DayException, Kit, Rule, Stage
from sheetcrm.metrics.thresholds import thresholds
from sheetcrm.table import Cell, column_letter

Rows = list[list[Cell]]
KIT = load_kit()


class Tabs:
    """The three tabs of a kit, to be changed as a manager would."""

    def __init__(self, kit: Kit) -> None:
        self.base = kit
        self.settings, self.fields, self.rules = (
            settings_rows(kit),
            fields_rows(kit),
            rules_rows(kit),
        )
        self.blocks = {b.key: b for b in settings_blocks(kit)}

    def read(self) -> tuple[Kit, list[tuple[str, str, str]]]:
        kit, findings = kit_from_tabs(
            self.settings, self.fields, self.rules, self.base, file="线索.xlsx"
        )
        return kit, [(f.code, f.sheet, f.cell) for f in findings]

    def put(self, block: str, line: int, **cells: Cell) -> str:
        """Write cells into the n-th row of a block of 设置; return the first one's address."""
        found = self.blocks[block]
        columns = {h.partition("（")[0]: found.column + i for i, h in enumerate(found.headers)}
        return _put(self.settings, FIRST_ROW + line, columns, cells)

    def add(self, block: str, **cells: Cell) -> str:
        """Write into the first spare row of a block of 设置."""
        return self.put(block, len(self.blocks[block].rows), **cells)

    def put_field(self, table: str, name: str, **cells: Cell) -> str:
        """Change cells of a field's row."""
        return _put_where(self.fields, {"表": table, "字段": name}, cells)

    def add_field(self, **cells: Cell) -> str:
        return _add(self.fields, cells)

    def put_rule(self, code: str, **cells: Cell) -> str:
        return _put_where(self.rules, {"代码": code}, cells)

    def add_rule(self, **cells: Cell) -> str:
        return _add(self.rules, cells)


def _columns(rows: Rows) -> dict[str, int]:
    return {str(h): i for i, h in enumerate(rows[HEADER_ROW - 1], start=1)}


def _put(rows: Rows, row: int, columns: dict[str, int], cells: dict[str, Cell]) -> str:
    width = max(map(len, rows))
    while len(rows) < row:
        rows.append([None] * width)
    for header, cell in cells.items():
        rows[row - 1][columns[header] - 1] = cell
    return f"{column_letter(columns[next(iter(cells))])}{row}"


def _put_where(rows: Rows, wanted: dict[str, str], cells: dict[str, Cell]) -> str:
    columns = _columns(rows)
    row = next(
        at
        for at, line in enumerate(rows, start=1)
        if all(line[columns[h] - 1] == text for h, text in wanted.items())
    )
    return _put(rows, row, columns, cells)


def _add(rows: Rows, cells: dict[str, Cell]) -> str:
    return _put(rows, len(rows) + 1, _columns(rows), cells)


# --- there and back ---------------------------------------------------------------------------


@pytest.mark.parametrize("name", kit_names())
def test_round_trip__every_kit(name):
    kit = load_kit(name).with_items("owner", ["林晓舟", "周启航"])
    exceptions = (
        DayException(day=date(2024, 5, 2), working=True, note="盘点"),
        DayException(day=date(2024, 5, 6), working=False),
    )
    kit = kit.model_copy(update={"exceptions": exceptions})
    assert Tabs(kit).read() == (kit, [])
    assert kit_key(settings_rows(kit)) == name


def test_round_trip__the_tabs_alone_say_it():
    """Everything a manager may change comes from the tabs, nothing of it from the base kit."""
    kit = load_kit("six_steps")
    bare = [
        t.model_copy(update={"columns": tuple(Column(key=c.key, name=c.key) for c in t.columns)})
        for t in kit.tables
    ]
    stages = (Stage(name="x", labels=("x",), kind="open", phase="lead"),)
    base = kit.model_copy(
        update={
            "tables": tuple(bare),
            "pipeline": kit.pipeline.model_copy(update={"stages": stages}),
            "settings": tuple(s.model_copy(update={"value": 99}) if not isinstance(s.value, str)
                              else s for s in kit.settings),
            "lists": tuple(item.model_copy(update={"items": (), "open": not item.open})
                           for item in kit.lists),
            "rules": tuple(r.model_copy(update={"enabled": False}) for r in kit.rules),
        }
    )  # fmt: skip
    found, findings = kit_from_tabs(settings_rows(kit), fields_rows(kit), rules_rows(kit), base)
    assert findings == []
    assert found == kit


def test_round_trip__kit_with_few_tables():
    kit = KIT.with_tables(["lead", "follow_up"])
    tabs = Tabs(kit)
    tabs.base = KIT
    assert tabs.read() == (kit, [])


words = st.text("甲乙丙丁戊己庚辛ABC012", min_size=1, max_size=6)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(words, st.lists(words, max_size=2)), max_size=6),
    st.lists(st.dates(date(2020, 1, 1), date(2030, 1, 1)), unique=True, max_size=4),
    st.floats(0, 1000, allow_nan=False).map(lambda x: round(x, 3)),
)
def test_round_trip__any_list_day_and_threshold(items, days, value):
    taken: set[str] = set()
    values = []
    for text, aliases in items:
        fresh = [w for w in dict.fromkeys([text, *aliases]) if w not in taken]
        if fresh and fresh[0] == text:
            values.append(ChoiceItem(value=text, aliases=tuple(fresh[1:])))
            taken.update(fresh)
    lists = tuple(
        item.model_copy(update={"items": tuple(values)}) if item.key == "region" else item
        for item in KIT.lists
    )
    changed = tuple(
        s.model_copy(update={"value": value}) if s.key == "dwell_days" else s for s in KIT.settings
    )
    exceptions = tuple(DayException(day=d, working=d.day % 2 == 0) for d in days)
    kit = KIT.model_copy(update={"lists": lists, "settings": changed, "exceptions": exceptions})
    assert kit_from_tabs(settings_rows(kit), [], [], KIT) == (kit, [])


@pytest.mark.parametrize(
    ("pattern", "mask"),
    [
        (r"线索-\d{4}-\d{4}-\d{3}", "线索-####-####-###"),
        (r"CL\d{7,}", "CL#######+"),
        (r"\d", "#"),
        (r"A\.\d{2}", "A.##"),
        (r"[A-Z]\d+", r"正则:[A-Z]\d+"),
        (r"\d\d", r"正则:\d\d"),
    ],
)
def test_mask__both_ways(pattern, mask):
    assert mask_of(pattern) == mask
    assert pattern_of(mask) == pattern


@given(st.text("CL-线索0.+(#)*", max_size=12))
def test_mask__any_text_is_a_mask(mask):
    assert pattern_of(mask_of(pattern_of(mask))) == pattern_of(mask)


# --- how the tabs look ------------------------------------------------------------------------


def test_layout__blocks_side_by_side_with_room():
    blocks = settings_blocks(KIT)
    rows = settings_rows(KIT)
    assert [b.title for b in blocks[:4]] == ["参数", "阶段", "例外工作日", "来源渠道"]
    for left, right in pairwise(blocks):
        assert right.column == left.column + len(left.headers) + 1
    for block in blocks:
        assert rows[TITLE_ROW - 1][block.column - 1] == block.title
        assert block.capacity >= max(200, len(block.rows) + 20)


def test_layout__stage_rows():
    kit = load_kit("six_steps")
    block = next(b for b in settings_blocks(kit) if b.key == "stages")
    assert [row[:5] for row in block.rows[1:3]] == [
        ("需求分析-待跟进", "需求分析", "进行中", "需求分析", 0.2),
        ("需求分析-已完成", "需求分析", "进行中", "需求分析", 0.2),
    ]


# --- what a manager changes -------------------------------------------------------------------


def test_change__stage_added_at_the_foot_finds_its_place():
    tabs = Tabs(KIT)
    tabs.add(
        "stages", 状态标签="试点客户", 类型="进行中", 环节="商机", 成交概率=0.5, 预期停留天数=20.0
    )
    kit, findings = tabs.read()
    assert findings == []
    assert [s.name for s in kit.pipeline.stages] == [
        "线索",
        "意向",
        "商机",
        "试点客户",
        "报价",
        "成交",
        "流失",
    ]
    stage = kit.pipeline.by_label["试点客户"]
    assert (stage.kind, stage.phase, stage.probability, stage.dwell_days) == (
        "open", "qualified", 0.5, 20,
    )  # fmt: skip
    assert "试点客户" in kit.choices(kit.by_key["lead"].by_key["status"])


def test_change__second_label_of_a_stage():
    tabs = Tabs(KIT)
    tabs.add("stages", 状态标签="报价-待审批", 所属阶段="报价", 类型="进行中")
    kit, findings = tabs.read()
    assert findings == []
    assert kit.pipeline.by_label["报价-待审批"] == kit.pipeline.by_label["报价"]
    assert kit.pipeline.by_label["报价"].labels == ("报价", "报价-待审批")


def test_change__new_stage_that_was_an_alias():
    tabs = Tabs(KIT)
    tabs.add("stages", 状态标签="商务谈判", 类型="进行中", 环节="商务谈判")
    kit, findings = tabs.read()
    assert findings == []
    assert kit.pipeline.by_label["商务谈判"].name == "商务谈判"
    assert "商务谈判" not in kit.pipeline.by_label["报价"].aliases


def test_change__threshold_list_value_and_day():
    tabs = Tabs(KIT)
    tabs.put("settings", 0, 值=5.0)
    at = next(i for i, s in enumerate(KIT.settings) if s.key == "conversion_drop_ratio")
    tabs.put("settings", at, 值="20%")
    at = next(i for i, s in enumerate(KIT.settings) if s.key == "workday_start")
    tabs.put("settings", at, 值=time(8, 30))
    at = next(i for i, s in enumerate(KIT.settings) if s.key == "workday_end")
    tabs.put("settings", at, 值="１７：３０")
    tabs.add("list:region", 选项="港澳", 别名="香港、澳门")
    tabs.add("exceptions", 例外日期=datetime(2024, 5, 2), 安排="上班", 说明="盘点")  # noqa: DTZ001
    kit, findings = tabs.read()
    assert findings == []
    assert kit.number("silent_days_owner") == 5
    assert kit.number("conversion_drop_ratio") == 0.2
    assert {s.key: s.value for s in kit.settings}["workday_start"] == "08:30"
    assert {s.key: s.value for s in kit.settings}["workday_end"] == "17:30"
    assert kit.list_by_key["region"].items[-1] == ChoiceItem(value="港澳", aliases=("香港", "澳门"))
    assert kit.working_days == {date(2024, 5, 2): True}


def test_change__blocks_moved_under_each_other():
    """Cut from its place and pasted below another list, a block is still found by its headings."""
    tabs = Tabs(KIT)
    block, target = tabs.blocks["list:priority"], tabs.blocks["list:grade"]
    height = len(tabs.settings)
    start = FIRST_ROW + len(target.rows) + 1
    cut = [
        [row[c] for c in range(block.column - 1, block.column + 1)]
        for row in tabs.settings[TITLE_ROW - 1 : FIRST_ROW + len(block.rows)]
    ]
    for row in tabs.settings:
        row[block.column - 1 : block.column + 1] = [None, None]
    while len(tabs.settings) < max(height, start + len(cut)):
        tabs.settings.append([None] * len(tabs.settings[0]))
    for at, cells in enumerate(cut):
        tabs.settings[start + at][target.column - 1 : target.column + 1] = cells
    assert tabs.read() == (KIT, [])


def test_change__field_required_renamed_added_removed():
    tabs = Tabs(KIT)
    tabs.put_field("线索跟踪", "预算范围", 必填="是")
    tabs.put_field("线索跟踪", "客户痛点", 字段="核心痛点")
    tabs.add_field(表="线索跟踪", 字段="安装地点", 类型="文本", 必填="从报价起", 说明="装在哪里")
    tabs.add_field(表="线索跟踪", 字段="付款方式", 类型="选项", 下拉列表="跟进方式")
    tabs.put_field("线索跟踪", "竞争对手", 表=None, 字段=None, **dict.fromkeys(
        ("类型", "说明", "示例", "别名", "列宽", "字段代码")))  # fmt: skip
    kit, findings = tabs.read()
    lead = kit.by_key["lead"]
    assert findings == []
    assert lead.by_key["budget"].required == "always"
    assert lead.by_key["pain_point"].name == "核心痛点"
    assert "客户痛点" in lead.by_key["pain_point"].aliases
    assert lead.by_key["安装地点"].required == "from:proposal"
    assert (lead.by_key["付款方式"].type, lead.by_key["付款方式"].list) == ("choice", "method")
    assert "competitor" not in lead.by_key


def test_change__field_type_within_its_sort():
    tabs = Tabs(KIT)
    tabs.put_field("线索跟踪", "线索获取时间", 类型="日期时间")
    tabs.put_field("线索跟踪", "预计成交金额", 类型="整数")
    tabs.put_field("线索跟踪", "联系方式", 类型="电话")
    tabs.put_field("线索跟踪", "预算范围", 类型="金额")
    kit, findings = tabs.read()
    lead = kit.by_key["lead"].by_key
    assert findings == []
    assert [lead[key].type for key in ("acquired_on", "expected_amount", "phone", "budget")] == [
        "datetime", "integer", "phone", "amount",
    ]  # fmt: skip


def test_change__field_renamed_keeps_its_references():
    tabs = Tabs(KIT)
    tabs.put_field("线索跟踪", "线索编号", 字段="商机编号")
    tabs.put_field("协作需求", "状态", 字段="处理状态")
    for table, name in (("跟进记录", "线索编号"), ("协作需求", "关联线索")):
        tabs.put_field(table, name, 引用="线索跟踪.商机编号")
    tabs.put_field("协作需求", "实际完成时间", 必填="处理状态=已完成时")
    kit, findings = tabs.read()
    assert findings == []
    assert kit.by_key["follow_up"].by_key["lead_id"].references == "lead.lead_id"
    assert kit.by_key["request"].by_key["done_on"].required == "when:status=已完成"


def test_change__new_table_and_new_list():
    tabs = Tabs(KIT)
    tabs.settings[TITLE_ROW - 1] += [None, "客户规模"]
    tabs.settings[HEADER_ROW - 1] += [None, "选项", "别名"]
    tabs.settings[FIRST_ROW - 1] += [None, "大型"]
    tabs.add_field(表="样机借用", 字段="借用编号", 类型="编号", 必填="是", 唯一="是", 格式="JY####")
    tabs.add_field(表="样机借用", 字段="规模", 类型="选项", 下拉列表="客户规模")
    kit, findings = tabs.read()
    assert findings == []
    table = kit.by_key["样机借用"]
    assert (table.id_column, table.columns[0].pattern) == ("借用编号", r"JY\d{4}")
    assert kit.choices(table.columns[1]) == ("大型",)


def test_change__rules():
    tabs = Tabs(KIT)
    tabs.put_rule("DUP-01", 级别="警告", 启用="否")
    tabs.add_rule(
        代码="我的-01", 表="线索跟踪", 级别="警告", 公式='=[@预算范围]=""', 提示="没有预算"
    )
    kit, findings = tabs.read()
    rules = {r.code: r for r in kit.rules}
    assert findings == []
    assert (rules["DUP-01"].severity, rules["DUP-01"].enabled) == ("warning", False)
    assert rules["我的-01"] == Rule(
        code="我的-01",
        table="lead",
        severity="warning",
        formula='=[@预算范围]=""',
        message="没有预算",
        place=rules["我的-01"].place,
    )
    assert re.fullmatch(r"规则!D\d+", rules["我的-01"].place)


# --- mistakes: one finding at the cell, the base kit's value stays ------------------------------


def _setting(**cells: Cell):
    return lambda t: t.put("settings", 0, **cells)


def _named_setting(key: str, value: Cell):
    return lambda t: t.put("settings", [s.key for s in KIT.settings].index(key), 值=value)


def _stage(**cells: Cell):
    return lambda t: t.add("stages", **cells)


def _field(**cells: Cell):
    return lambda t: t.put_field("线索跟踪", "备注", **cells)


SETTINGS, FIELDS, RULES = "设置", "字段", "规则"
MISTAKES = [
    ("KIT-07", SETTINGS, _setting(值="三天")),
    ("KIT-07", SETTINGS, _setting(值=None)),
    ("KIT-11", SETTINGS, _setting(值=-1)),
    ("KIT-08", SETTINGS, _setting(参数="不存在", 参数代码=None)),
    ("KIT-08", SETTINGS, lambda t: t.add("settings", 参数="我的参数", 值=1)),
    ("KIT-02", SETTINGS, lambda t: t.add("settings", 参数="停滞天数", 值=1)),
    ("KIT-07", SETTINGS, _setting(值="nan")),
    ("KIT-07", SETTINGS, _setting(值="inf")),
    ("KIT-11", SETTINGS, _setting(值=1e9)),
    ("KIT-11", SETTINGS, _named_setting("win_back_days", 100_000.0)),
    ("KIT-11", SETTINGS, _named_setting("discount_floor", 9.0)),
    ("KIT-11", SETTINGS, _named_setting("sample_rows", 2.5)),
    ("KIT-11", SETTINGS, _named_setting("workday_end", "晚上")),
    ("KIT-11", SETTINGS, _named_setting("workday_end", "08:30")),
    ("KIT-09", SETTINGS, lambda t: _next_cell(t.add("stages", 状态标签="试点"), 2)),
    ("KIT-10", SETTINGS, _stage(类型="也许", 状态标签="试点")),
    ("KIT-10", SETTINGS, _stage(环节="天上", 状态标签="试点", 类型="进行中")),
    ("KIT-11", SETTINGS, _stage(成交概率=3.0, 状态标签="试点", 类型="进行中")),
    ("KIT-11", SETTINGS, _stage(预期停留天数="很久", 状态标签="试点", 类型="进行中")),
    ("KIT-02", SETTINGS, _stage(状态标签="商机", 类型="进行中")),
    ("KIT-13", SETTINGS, _stage(类型="流失", 状态标签="商机-冻结", 所属阶段="商机")),
    ("KIT-19", SETTINGS, _stage(状态标签=None, 类型="进行中")),
    ("KIT-12", SETTINGS, lambda t: t.put("stages", 5, 类型="进行中", 环节="报价")),
    ("KIT-14", SETTINGS, lambda t: t.put("stages", 2, **dict.fromkeys(
        ("状态标签", "所属阶段", "类型", "环节", "成交概率", "预期停留天数", "跟进间隔天数",
         "责任角色", "里程碑", "交付物", "别名")))),
    ("KIT-10", SETTINGS, lambda t: _next_cell(
        _stage(状态标签="交付中", 类型="进行中", 环节="交付")(t), 3)),
    ("KIT-10", SETTINGS, lambda t: _next_cell(
        _stage(状态标签="试点", 类型="成交", 环节="报价")(t), 3)),
    ("KIT-02", SETTINGS, lambda t: t.add("list:region", 选项="华东")),
    ("KIT-19", SETTINGS, lambda t: t.add("list:region", 选项=None, 别名="港澳")),
    ("KIT-02", SETTINGS, lambda t: _next_cell(
        t.add("list:region", 选项="港澳", 别名="香港、境外"), 1)),
    ("KIT-02", SETTINGS, lambda t: _next_cell(
        _stage(状态标签="谈价", 类型="进行中", 环节="商务谈判", 别名="谈判、压价")(t), 10)),
    ("KIT-14", SETTINGS, lambda t: t.put("list:region", 2, 选项=None, 别名=None)),
    ("KIT-16", SETTINGS, lambda t: t.add("exceptions", 例外日期="哪天", 安排="上班")),
    *[
        (code, SETTINGS, lambda t, day=day: t.add("exceptions", 例外日期=day, 安排="休息"))
        for code, day in (
            ("KIT-16", "2024-5"), ("KIT-16", "1/2/2024"), ("KIT-16", "5月1日"), ("KIT-16", 5.1),
            ("KIT-16", -3.0), ("KIT-16", True), ("KIT-16", time(8, 30)),
            ("KIT-11", "2050-01-01"), ("KIT-11", date(1900, 1, 1)), ("KIT-19", None),
        )
    ],
    ("KIT-24", SETTINGS, _named_setting("silent_days_manager", 2.0)),
    ("KIT-24", SETTINGS, _named_setting("churn_days", 6.0)),
    ("KIT-24", SETTINGS, _named_setting("request_days_low", 0.5)),
    ("KIT-24", SETTINGS, _named_setting("value_ratio", 0.7)),
    ("KIT-10", SETTINGS, lambda t: t.add("exceptions", 安排="加班", 例外日期=date(2024, 5, 2))),
    ("KIT-03", FIELDS, _field(类型="图片")),
    ("KIT-10", FIELDS, lambda t: t.put_field("线索跟踪", "线索获取时间", 类型="文本")),
    ("KIT-10", FIELDS, lambda t: t.put_field("线索跟踪", "预计成交金额", 类型="日期")),
    ("KIT-10", FIELDS, lambda t: t.put_field("线索跟踪", "成交时间", 类型="选项")),
    ("KIT-10", FIELDS, lambda t: t.put_field("线索跟踪", "客户名称", 类型="数字")),
    ("KIT-10", FIELDS, lambda t: t.put_field("跟进记录", "跟进时间", 下拉列表="区域")),
    ("KIT-10", FIELDS, lambda t: t.put_field("跟进记录", "跟进内容", 类型="数字")),
    ("KIT-04", FIELDS, _field(下拉列表="颜色")),
    ("KIT-04", FIELDS, lambda t: _next_cell(_field(类型="选项")(t), 2)),
    ("KIT-05", FIELDS, _field(必填="有时候")),
    ("KIT-05", FIELDS, _field(必填="颜色=红时")),
    ("KIT-05", FIELDS, _field(必填="线索等级=甲时")),
    ("KIT-05", FIELDS, _field(必填="线索状态=流失或线索状态=成交时")),
    ("KIT-06", FIELDS, _field(引用="仓库.编号")),
    ("KIT-10", FIELDS, _field(唯一="也许")),
    ("KIT-10", FIELDS, _field(类型="数字", 下拉列表="区域")),
    ("KIT-11", FIELDS, _field(列宽="宽")),
    ("KIT-15", FIELDS, _field(格式="正则:[")),
    ("KIT-17", FIELDS, _field(说明="长" * 256)),
    ("KIT-02", FIELDS, lambda t: _next_cell(t.add_field(表="线索跟踪", 字段="备注"), 1)),
    ("KIT-02", FIELDS, lambda t: t.put_field("线索跟踪", "备注", 别名="说明、客户名称")),
    ("KIT-02", FIELDS, lambda t: _next_cell(
        t.add_field(表="线索跟踪", 字段="安装地点", 别名="工地、备注信息（必填）"), 12)),
    ("KIT-19", FIELDS, lambda t: t.add_field(字段=None, 表="线索跟踪")),
    ("KIT-18", RULES, lambda t: t.add_rule(代码="XXX-99", 级别="错误")),
    ("KIT-10", RULES, lambda t: t.put_rule("REQ-01", 级别="严重")),
    ("KIT-10", RULES, lambda t: t.put_rule("REQ-01", 启用="有时")),
    ("KIT-10", RULES, lambda t: t.put_rule("REQ-01", 表="仓库")),
    ("KIT-02", RULES, lambda t: t.add_rule(代码="REQ-01", 级别="错误")),
    ("RUL-05", RULES, lambda t: t.put_rule("REQ-01", 公式="=TRUE")),
    ("RUL-05", RULES, lambda t: t.put_rule("GRD-04", 公式='=[@线索等级]="A"')),
]  # fmt: skip


def _next_cell(cell: str, steps: int) -> str:
    """Return the cell so many columns to the right (columns A to ZZ)."""
    letters = cell.rstrip("0123456789")
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return f"{column_letter(number + steps)}{cell[len(letters) :]}"


@pytest.mark.parametrize(
    ("code", "sheet", "change"), MISTAKES, ids=[f"{m[0]}-{i}" for i, m in enumerate(MISTAKES)]
)
def test_mistake__finding_at_the_cell(code, sheet, change):
    tabs = Tabs(KIT)
    cell = change(tabs)
    kit, findings = tabs.read()
    assert findings == [(code, sheet, cell)]
    assert code in CATALOGUE
    assert kit.by_key.keys() == KIT.by_key.keys()
    assert kit.number("silent_days_owner") == 3


def test_mistake__a_threshold_that_is_gone_keeps_its_default():
    tabs = Tabs(KIT)
    gone = [i for i, s in enumerate(KIT.settings) if s.key in ("dwell_days", "churn_days")]
    for index in gone:
        tabs.put("settings", index, **dict.fromkeys(("参数", "值", "单位", "说明", "参数代码")))
    kit, findings = tabs.read()
    assert findings == [("KIT-20", SETTINGS, "A4")]
    assert kit.settings == KIT.settings
    assert thresholds(kit) == thresholds(KIT)


def test_mistake__tabs_without_headings():
    rows: Rows = [["随便写写"], [None, 1.0]]
    kit, findings = kit_from_tabs(rows, rows, rows, KIT)
    assert kit == KIT
    assert [(f.code, f.sheet) for f in findings] == [
        ("KIT-01", "设置"), ("KIT-01", "设置"), ("KIT-01", "字段"), ("KIT-01", "规则"),
    ]  # fmt: skip


@pytest.mark.parametrize("heading", ["类型", "环节"])
def test_mistake__stages_without_a_heading_stay_as_they_were(heading):
    tabs = Tabs(KIT)
    block = tabs.blocks["stages"]
    tabs.settings[HEADER_ROW - 1][block.column - 1 + block.headers.index(heading)] = "改了"
    kit, findings = tabs.read()
    assert findings == [("KIT-01", SETTINGS, "")]
    assert kit == KIT


@pytest.mark.parametrize("heading", ["级别", "启用"])
def test_mistake__rules_without_a_heading_stay_as_they_were(heading):
    tabs = Tabs(KIT)
    tabs.rules[HEADER_ROW - 1][_columns(tabs.rules)[heading] - 1] = "改了"
    kit, findings = tabs.read()
    assert findings == [("KIT-01", RULES, "")]
    assert kit == KIT


def test_mistake__stage_of_a_kind_and_a_phase_that_do_not_agree():
    tabs = Tabs(KIT)
    tabs.add("stages", 状态标签="试点", 类型="成交", 环节="报价")
    assert [s.name for s in tabs.read()[0].pipeline.funnel][-1] == "成交"


@pytest.mark.parametrize("heading", ["类型", "必填", "下拉列表"])
def test_mistake__fields_without_a_heading_stay_as_they_were(heading):
    tabs = Tabs(KIT)
    column = _columns(tabs.fields)[heading] - 1
    tabs.fields[HEADER_ROW - 1][column] = None
    kit, findings = tabs.read()
    assert findings == [("KIT-01", FIELDS, "")]
    assert kit == KIT


@settings(max_examples=30, deadline=None)
@given(st.data())
def test_mistake__anything_anywhere_never_stops_the_run(data):
    """Whatever is typed into any cell of the tabs, there is a kit and, at worst, findings."""
    tabs = Tabs(KIT)
    junk = st.sampled_from(
        ["", "啊", "状态标签", "选项", "参数", "正则:(", -3.5, 1e9, True, None, "是", "100"]
    )
    for rows in (tabs.settings, tabs.fields, tabs.rules):
        for _ in range(3):
            row = data.draw(st.integers(TITLE_ROW - 1, len(rows) - 1))
            column = data.draw(st.integers(0, len(rows[0]) - 1))
            rows[row][column] = data.draw(junk)
    kit, findings = tabs.read()
    assert isinstance(kit, Kit)
    assert all(code.startswith(("KIT-", "RUL-")) for code, _, _ in findings)
    settings_rows(kit), fields_rows(kit), rules_rows(kit)
