"""Which cells an update changes, and which stay."""

from dataclasses import replace
from typing import Any

import pytest

from sheetcrm.intake.decide import Answer, Options, decide
from tests.intake.books import LEADS, OPTIONS, actions, book, cells, incoming

ID = "线索-2026-0601-001"


def lead(**values: str) -> str:
    names = LEADS.split("|")
    base = {
        "线索编号": ID,
        "客户名称": "苏州明禾机械有限公司",
        "线索状态": "意向",
        "负责人": "林晓舟",
    }
    return "|".join({**base, **values}.get(name, "") for name in names)


def changed(
    there: dict[str, str], came: dict[str, str], options: Options = OPTIONS
) -> tuple[str, list[tuple[Any, ...]], list[tuple[Any, ...]]]:
    """Return what becomes of the row, the cells changed, and those kept."""
    blank = {"线索状态": "", "负责人": ""}
    sheet = incoming(f"{LEADS}\n{lead(**{**blank, **came})}")
    made = decide(sheet, book(lead(**there)), options)
    return actions(made)[0], [c[1:] for c in cells(made.changes)], [c[1:] for c in cells(made.kept)]


@pytest.mark.parametrize(
    ("there", "came", "expected"),
    [
        # Blanks are filled; a blank never overwrites.
        ({"联系人": "许文清"}, {}, ("skip =2", [], [])),
        ({}, {"联系人": "许文清"}, ("update =2", [("contact", "", "许文清")], [])),
        ({"备注": "待定"}, {"备注": "下午来电"}, ("update =2", [("note", "", "下午来电")], [])),
        # What could not be read is no blank.
        (
            {"线索获取时间": "去年底"},
            {"线索获取时间": "2026-06-01"},
            ("skip =2", [], [("acquired_on", "", "2026-06-01")]),
        ),
        # Values that differ stay.
        (
            {"联系方式": "13800130001"},
            {"联系方式": "13800130009"},
            (
                "update =2",
                [("note", "", "另有联系方式：13800130009")],
                [("phone", "13800130001", "13800130009")],
            ),
        ),
        # A number that the remarks have, or the same one masked, is not written again.
        (
            {"联系方式": "13800130001", "备注": "另有联系方式：13800130009"},
            {"联系方式": "13800130009"},
            ("skip =2", [], [("phone", "13800130001", "13800130009")]),
        ),
        (
            {"联系方式": "13800130001"},
            {"联系方式": "138****0001"},
            ("skip =2", [], [("phone", "13800130001", "138****0001")]),
        ),
        (
            {"联系方式": "138****0001", "备注": "急"},
            {"联系方式": "13800130001"},
            (
                "update =2",
                [("note", "急", "急；另有联系方式：13800130001")],
                [("phone", "138****0001", "13800130001")],
            ),
        ),
        (
            {"预计成交金额": "50000"},
            {"预计成交金额": "80000"},
            ("skip =2", [], [("expected_amount", 50000.0, 80000.0)]),
        ),
        # A stage moves on, never back.
        ({}, {"线索状态": "报价"}, ("update =2", [("status", "意向", "报价")], [])),
        ({}, {"线索状态": "成交"}, ("update =2", [("status", "意向", "成交")], [])),
        ({}, {"线索状态": "流失"}, ("update =2", [("status", "意向", "流失")], [])),
        ({}, {"线索状态": "线索"}, ("skip =2", [], [("status", "意向", "线索")])),
        ({}, {"线索状态": "聊过"}, ("skip =2", [], [("status", "意向", "聊过")])),
        (
            {"线索状态": "成交"},
            {"线索状态": "流失"},
            ("skip =2", [], [("status", "成交", "流失")]),
        ),
        (
            {"线索状态": "流失"},
            {"线索状态": "报价"},
            ("skip =2", [], [("status", "流失", "报价")]),
        ),
        # The owner stays.
        ({}, {"负责人": "周明"}, ("skip =2", [], [("owner", "林晓舟", "周明")])),
        ({"负责人": ""}, {"负责人": "周明"}, ("update =2", [("owner", "", "周明")], [])),
        # The later contact and the larger receipt are the newer ones.
        (
            {"最后跟进时间": "2026-06-01", "回款金额": "500"},
            {"最后跟进时间": "2026-06-09", "回款金额": "900"},
            (
                "update =2",
                [("last_follow_up", "2026-06-01", "2026-06-09"), ("paid_amount", 500.0, 900.0)],
                [],
            ),
        ),
        (
            {"最后跟进时间": "2026-06-09"},
            {"最后跟进时间": "2026-06-01"},
            ("skip =2", [], [("last_follow_up", "2026-06-09", "2026-06-01")]),
        ),
        # A remark that is part of the one there says nothing new.
        ({"备注": "下午来电；要合同"}, {"备注": "要合同"}, ("skip =2", [], [])),
    ],
)
def test_changes__by_the_rules(there, came, expected):
    assert changed(there, came) == expected


def test_changes__the_owner_and_named_columns_on_request():
    there, came = {"预计成交金额": "50000"}, {"预计成交金额": "80000", "负责人": "周明"}
    options = replace(OPTIONS, change_owner=True, overwrite=frozenset({"expected_amount"}))
    assert sorted(changed(there, came, options)[1]) == [
        ("expected_amount", 50000.0, 80000.0),
        ("owner", "林晓舟", "周明"),
    ]


def test_changes__a_stage_is_not_moved_back_on_request():
    options = replace(OPTIONS, overwrite=frozenset({"status"}))
    assert changed({}, {"线索状态": "线索"}, options)[0] == "skip =2"


def chosen(action: str, there: dict[str, str], came: dict[str, str]) -> Any:
    """Return what changes where a person chose an action for the row."""
    blank = {"线索状态": "", "负责人": ""}
    sheet = incoming(f"{LEADS}\n{lead(**{**blank, **came})}")
    mark = str(decide(sheet, book(lead(**there)), OPTIONS).decisions.at[2, "fingerprint"])
    options = replace(OPTIONS, answers={mark: Answer(action)})  # type: ignore[arg-type]
    return changed(there, came, options)[:2]


def test_chosen__update_replaces_what_is_there():
    there = {"联系人": "许文清", "录入时间": "2026-06-01", "预计成交金额": "50000"}
    came = {"联系人": "孙涛", "录入时间": "2026-06-09", "预计成交金额": "8000", "负责人": "周明"}
    action, cells_ = chosen("update", there, came)
    assert (action, sorted(cells_)) == (
        "update =2",
        [("contact", "许文清", "孙涛"), ("expected_amount", 50000.0, 8000.0)],
    )
    assert chosen("update", {}, {"线索状态": "线索"}) == ("skip =2", [])
    remarks = chosen("update", {"备注": "急"}, {"备注": "要合同"})
    assert remarks == ("update =2", [("note", "急", "急；要合同")])


def test_chosen__merge_only_fills_blanks():
    there, came = {"联系人": "许文清"}, {"联系人": "孙涛", "线索状态": "报价", "区域": "华东"}
    assert chosen("merge", there, came) == ("update =2", [("region", "", "华东")])
    assert chosen("merge", there, {"线索状态": "报价"}) == ("skip =2", [])


@pytest.mark.parametrize(("action", "contact"), [("merge", "许文清"), ("update", "孙涛")])
def test_chosen__a_row_that_goes_into_another_of_the_sheet(action, contact):
    head = "客户名称|联系人|联系方式|初步需求"
    one, two = "新安食品有限公司|许文清|13900130009|", "大洋贸易有限公司|孙涛|13900130009|换软件"
    sheet = incoming(f"{head}\n{one}\n{two}")
    there = book(lead())
    made = decide(sheet, there, OPTIONS)
    assert actions(made) == ["create", "skip? <2"]
    mark = str(made.decisions.at[3, "fingerprint"])
    made = decide(sheet, there, replace(OPTIONS, answers={mark: Answer(action)}))
    assert actions(made) == ["create", "merge <2"]
    assert [made.new.at[2, key] for key in ("contact", "initial_need")] == [contact, "换软件"]
