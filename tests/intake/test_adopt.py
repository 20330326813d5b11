"""A workbook's own kit: its headings, stages, lists and people, and nothing else changed."""

from datetime import date

import pytest

from sheetcrm.clean import clean
from sheetcrm.intake.adopt import propose, understood
from sheetcrm.intake.adoption import Adoption
from sheetcrm.kit.load import load_kit
from sheetcrm.kit.recognise import recognise
from sheetcrm.metrics.dataset import dataset
from sheetcrm.metrics.summary import summarise
from sheetcrm.table import Cell, ListValidation, RawBook, RawSheet
from tests.tables import rows

TODAY = date(2026, 6, 30)
HEAD = (
    "序号|编号|登记日期|获客渠道|公司名称|手机|销售|阶段|"
    "预计金额（万元）|备用|公众号|签约日期|方案报价日期"
)
STAGES = ("初步接触", "方案报价", "已签约", "搁置")


def _line(n: int) -> str:
    stage, owner = STAGES[n % 4], "甲乙"[n % 2]
    won = "2026-06-01|2026-05-20" if stage == "已签约" else "|"
    return (
        f"{n}|KH-{n:04}|2026-05-04|{('官网', '展会')[n % 2]}|公司{n}号|'{13800131000 + n}'|{owner}"
        f"|{stage}|{n}|x||{won}"
    )


LEADS = "\n".join(["2026年客户台账", HEAD, *map(_line, range(16)), "16|", "17|"])


def book(text: str = LEADS, validations: tuple[ListValidation, ...] = ()) -> RawBook:
    lines: list[list[Cell]] = rows(text)
    sheets = (
        RawSheet("客户台账", lines, validations=validations),
        RawSheet("我的", [["自己的备注"]]),
    )
    return RawBook("客户.xlsx", "", sheets)


def proposed(raw: RawBook, **kinds: str) -> Adoption:
    return propose(raw, recognise(raw, load_kit()), kinds)  # type: ignore[arg-type]


def test_propose__headings_become_columns() -> None:
    adoption = proposed(book())
    (table,) = adoption.tables
    assert (table.key, table.sheets, table.header_row, table.rows) == ("lead", ("客户台账",), 2, 16)
    assert {c.heading: (c.key, c.why) for c in table.columns} == {
        "编号": ("lead_id", "同义词"),
        "登记日期": ("acquired_on", "同义词"),
        "获客渠道": ("source", "同义词"),
        "公司名称": ("company", "同义词"),
        "手机": ("phone", "同义词"),
        "销售": ("owner", "同义词"),
        "阶段": ("status", "同义词"),
        "预计金额（万元）": ("expected_amount", "同义词"),
        "签约日期": ("won_on", "同义词"),
    }
    assert table.extra == ("备用", "公众号")
    assert table.left == {
        "序号": "没有数据的行里也填着它",
        "方案报价日期": "当作进入“方案报价”的日期",
    }
    spec = adoption.kit.by_key["lead"]
    assert [t.key for t in adoption.kit.tables] == ["lead"]
    assert [c.name for c in spec.columns][:3] == ["编号", "登记日期", "获客渠道"]
    assert spec.by_key["lead_id"].pattern == r"KH-\d{4,}"
    assert "线索编号" in spec.by_key["lead_id"].aliases
    assert adoption.left == {"我的": "没有认出表格"}


def test_propose__totals_and_notes_are_no_reason_to_leave_a_column() -> None:
    lines = LEADS.splitlines()[:-2]
    total, note = "||||合计|||||136|3|x", "备注：以上金额不含税|||||||||||"
    text = "\n".join([*lines, total, "|", note])
    (table,) = proposed(book(text)).tables
    assert table.extra == ("序号", "备用", "公众号")
    raw = book(text)
    adoption = propose(raw, recognise(raw, load_kit()), {})
    then = understood(raw, adoption.kit, adoption.tables).tables["lead"].raw
    assert then.index.tolist() == list(range(3, 19))


def test_propose__only_what_is_kept_to_is_required() -> None:
    without_phone = LEADS.replace("'13800131004'", "")  # one of sixteen
    required = {c.heading: c.required for c in proposed(book(without_phone)).tables[0].columns}
    assert required["手机"] == ""
    assert required["公司名称"] == "是"
    assert required["签约日期"] == "成交时"


def test_propose__stages_with_their_reasons() -> None:
    adoption = proposed(book())
    assert [(s.name, s.kind, s.rows, bool(s.why)) for s in adoption.stages] == [
        ("初步接触", "open", 4, True),
        ("搁置", "open", 4, False),
        ("方案报价", "open", 4, True),
        ("已签约", "won", 4, True),
    ]
    assert [s.name for s in adoption.guessed] == ["搁置"]
    chances = [s.probability for s in adoption.kit.pipeline.stages]
    assert chances == sorted(chances)
    assert 0 < chances[0] < chances[-1] == 1


def test_propose__a_kind_that_was_said() -> None:
    adoption = proposed(book(), 搁置="lost")
    assert [(s.name, s.kind) for s in adoption.stages][-1] == ("搁置", "lost")
    assert adoption.guessed == ()
    then = understood(book(), adoption.kit, adoption.tables).kit
    assert {s.name: s.kind for s in then.pipeline.stages} == {
        "初步接触": "open",
        "方案报价": "open",
        "已签约": "won",
        "搁置": "lost",
    }


def test_propose__lists_as_used() -> None:
    adoption = proposed(book())
    lists = {each.key: each for each in adoption.lists}
    assert lists["owner"].values == {"甲": 8, "乙": 8}
    assert lists["source"].values == {"官网": 8, "展会": 8}
    assert not lists["source"].offered
    kit_list = adoption.kit.list_by_key["source"]
    assert kit_list.open
    assert all(a not in ("官网", "展会") for item in kit_list.items for a in item.aliases)


def test_propose__a_list_of_the_sheet_itself() -> None:
    own = ListValidation("D3:D90", ("官网", "展会", "转介绍"))
    adoption = proposed(book(validations=(own,)))
    (source,) = [each for each in adoption.lists if each.key == "source"]
    assert (list(source.values), source.offered) == (["官网", "展会", "转介绍"], True)
    assert not adoption.kit.list_by_key["source"].open


def test_propose__slips_are_left_out_and_told() -> None:
    lines = [HEAD]
    for n in range(60):
        source, owner = ("展会", "甲") if n else ("展慧", "钾")
        lines.append(f"|KH-{n:04}|2026-05-04|{source}|公司{n}号||{owner}|已签约|5")
    lists = {each.key: each for each in proposed(book("\n".join(lines))).lists}
    assert (lists["source"].values, lists["source"].rare) == ({"展会": 59}, {"展慧": 1})
    assert (lists["owner"].values, lists["owner"].rare) == ({"甲": 59}, {"钾": 1})


def test_propose__the_order_survives_the_settings_tab() -> None:
    """Stages that move against their usual phases stay in the order they were found in."""
    history = ["编号|公司名称|所属阶段|阶段进入时间|销售代表"]
    for n in range(5):
        for day, stage in enumerate(("方案", "沟通", "谈判", "成交"), 1):
            history.append(f"KH-{n}|公司{n}号|{stage}|2026-05-0{day}|甲")
    raw = RawBook("客户.xlsx", "", (RawSheet("阶段进度", rows("\n".join(history))),))
    adoption = proposed(raw)
    then = understood(raw, adoption.kit, adoption.tables)
    assert [s.name for s in then.kit.pipeline.stages] == ["方案", "沟通", "谈判", "成交"]


MIXED = """
线索编号|客户名称|金额（元）|金额|联系人|备注|状态|负责人|来源|线索状态
A1|甲公司|100|5|张三|无|进行中|李四|官网|新线索
A2|乙公司|200|6|王五|急|进行中|李四|官网|成交
"""


@pytest.mark.parametrize("text", [LEADS, MIXED])
def test_propose__means_the_same_afterwards(text: str) -> None:
    raw = book(text)
    recognised = recognise(raw, load_kit())
    adoption = propose(raw, recognised, {})
    before = clean(recognised)
    after = clean(understood(raw, adoption.kit, adoption.tables))
    wrong = [f for f in after.findings if f.code.startswith(("KIT", "RUL")) and f.code != "KIT-12"]
    assert wrong == []
    for key, table in before.tables.items():
        assert list(table.data) == list(after.tables[key].data)
        assert list(table.data.index) == list(after.tables[key].data.index)
    figures = [summarise(dataset([each]), TODAY).as_json() for each in (before, after)]
    assert figures[0] == figures[1]


ONE_PERSON = """
客户名称|联系电话|来源|金额（万元）||状态
|||预计|实际|
甲公司|13800131001|官网|5||跟进中
乙公司|13800131002|官网|6|6|已签
丙公司|13800131003|官网|7||黄了
|
拜访记录
客户名称|日期|跟进人|跟进内容
甲公司|2026-05-01|张三|谈了价格
"""


def test_propose__one_persons_book_means_the_same_afterwards() -> None:
    raw = RawBook("张三.xlsx", "", (RawSheet("Sheet1", rows(ONE_PERSON), merged=("A2:A3",)),))
    recognised = recognise(raw, load_kit())
    adoption = propose(raw, recognised, {})
    before = clean(recognised)
    after = clean(understood(raw, adoption.kit, adoption.tables))
    assert list(after.tables["lead"].data["owner"]) == ["张三"] * 3
    figures = [summarise(dataset([each]), TODAY).as_json() for each in (before, after)]
    said = [figure.pop("notes", None) for figure in figures]
    assert figures[0] == figures[1], said
    assert any("“张三”" in line for line in dataset([after]).assumptions)
