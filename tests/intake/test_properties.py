"""What holds for any sheet: nothing is lost, nothing comes twice, no stage goes back."""

from dataclasses import replace

import pandas as pd
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sheetcrm.checks.leads import kinds, order
from sheetcrm.clean import CleanBook
from sheetcrm.intake.after import after
from sheetcrm.intake.counts import count
from sheetcrm.intake.decide import decide
from sheetcrm.intake.model import Incoming
from tests.intake.books import LEADS, OPTIONS, book, incoming, settled_prints

NAMES = LEADS.split("|")
POOLS = {
    "线索编号": [
        "",
        "",
        "",
        "线索-2026-0601-001",
        "线索-2026-0602-001",
        "线索-2026-0603-001",
        "CRM-1",
    ],
    "客户名称": [
        "",
        "苏州明禾机械有限公司",
        "明禾机械",
        "深圳明禾机械有限公司",
        "云帆科技",
        "许文清",
    ],
    "联系人": ["", "许文清", "周兰"],
    "联系方式": ["", "13800130001", "138 0013 0001", "13800130002", "138****0001", "1380013"],
    "线索获取时间": ["", "2026-06-01", "2026-06-05", "去年"],
    "线索状态": ["", "线索", "意向", "报价", "成交", "流失", "聊过"],
    "负责人": ["", "林晓舟", "周明"],
    "预计成交金额": ["", "", "500", "800"],
}
LINES = st.tuples(*(st.sampled_from(POOLS.get(name, [""])) for name in NAMES)).map("|".join)
SHEETS = st.lists(LINES, min_size=1, max_size=7)
THERE = st.lists(LINES, max_size=3)
QUICK = settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)
# Any one line makes the sheet known as one of leads.
FIRST = (
    "|官网表单|瑞通电子有限公司|冯丽|13900130010|换软件|2026-06-09|2026-06-09|B|意向|林晓舟|||||"
)


def sheet(lines: list[str]) -> Incoming:
    return incoming("\n".join([LEADS, FIRST, *lines]))


def reordered(made: Incoming, rows: list[int]) -> Incoming:
    """Return the same rows in another order."""
    numbers = made.data.index
    data = made.data.loc[rows].set_axis(numbers)
    raw = made.table.raw.loc[rows].set_axis(numbers)
    table = replace(made.table, raw=raw, coded={})
    return replace(made, data=data, table=table, findings=())


def totals(made: Incoming, there: CleanBook) -> tuple[int, int, int]:
    """Return the rows created, those known already (with or without news), and those rejected."""
    found = count(made, decide(made, there, OPTIONS))
    return found.created, found.updated + found.duplicates, found.rejected


@QUICK
@given(SHEETS, THERE)
def test_every_row_becomes_one_thing(lines, there):
    made = sheet(lines)
    decided = decide(made, book(*there), OPTIONS)
    actions = decided.decisions["action"]
    assert set(actions) <= {"create", "update", "merge", "skip", "reject"}
    assert count(made, decided).read == len(made.data) + len(made.blank)
    assert decided.new.index.tolist() == actions.index[actions == "create"].tolist()
    assert set(decided.changes["row"]) == set(actions.index[actions == "update"])
    assert decided.new["lead_id"].is_unique
    assert decided.new["lead_id"].notna().all()


@QUICK
@given(SHEETS, THERE)
def test_the_same_sheet_again_creates_nothing(lines, there):
    made, first = sheet(lines), book(*there)
    decided = decide(made, first, OPTIONS)
    then = after(first, made, decided)
    known = replace(OPTIONS, imported=set(settled_prints(decided)))
    again = decide(made, then, known)
    assert not (again.decisions["action"] == "create").any()


@QUICK
@given(SHEETS, THERE, st.randoms(use_true_random=False))
def test_totals_do_not_depend_on_the_order_of_rows(lines, there, random):
    made, first = sheet(lines), book(*there)
    rows = made.data.index.tolist()
    random.shuffle(rows)
    assert totals(reordered(made, rows), first) == totals(reordered(made, sorted(rows)), first)


@QUICK
@given(SHEETS, THERE)
def test_no_stage_goes_back_no_owner_changes_no_blank_overwrites(lines, there):
    first = book(*there)
    changes = decide(sheet(lines), first, OPTIONS).changes
    assert changes["new"].notna().all()
    assert changes[changes["key"] == "owner"]["old"].isna().all()
    moved = changes[(changes["key"] == "status") & changes["old"].notna()]
    old, new = (pd.Series(moved[side], dtype="str") for side in ("old", "new"))
    assert (kinds(first, old) == "open").all()
    forward = order(first, new) > order(first, old)
    assert (forward | (kinds(first, new) == "lost")).all()
    assert not (changes["key"] == "lead_id").any()
