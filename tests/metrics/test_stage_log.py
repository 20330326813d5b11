"""What a run appends to the log, and what the log then tells of the stages."""

from dataclasses import replace
from datetime import date

import pandas as pd

from sheetcrm.clean import CleanBook
from sheetcrm.clean.stage_log import LOG_HEADINGS, read_log
from sheetcrm.kit.model import Pipeline
from sheetcrm.metrics.stage_log import changes
from sheetcrm.table import Cell
from tests.metrics.books import book, kit, stage, summary
from tests.tables import rows

START = """
lead_id company status owner grade expected_amount
L1      甲公司  线索   张三  A     1000
L2      乙公司  意向   张三  B     -
-       丙公司  线索   -     -     3000
"""


def run(before: CleanBook, leads: str, day: str) -> CleanBook:
    """Return the workbook with other leads after a run on that day."""
    now = replace(book(lead=leads), log=before.log)
    more = changes(now, date.fromisoformat(day))
    return replace(now, log=pd.concat([now.log, more], ignore_index=True))


def lines(log: pd.DataFrame, after: int = 0) -> list[str]:
    """Return the log's lines in words, `-` for blank cells."""
    keys = ("day", "lead_id", "company", "item", "old", "new", "owner", "origin")
    shown = log.assign(day=log["day"].dt.strftime("%m-%d"))[list(keys)].fillna("-")
    return [" ".join(row) for row in shown.itertuples(index=False)][after:]


def first_run() -> CleanBook:
    return run(book(lead=START), START, "2024-06-01")


def test_changes__the_first_run_records_every_lead_once():
    log = first_run().log
    assert lines(log) == [
        "06-01 L1 甲公司 新增 - 线索 张三 首次记录",
        "06-01 L2 乙公司 新增 - 意向 张三 首次记录",
        "06-01 - 丙公司 新增 - 线索 - 首次记录",
    ]
    assert log["amount"].fillna(-1).tolist() == [1000, -1, 3000]
    assert log["number"].tolist() == [1, 2, 3]


def test_changes__nothing_changed_appends_nothing():
    before = first_run()
    assert changes(before, date(2024, 6, 1)).empty
    assert changes(before, date(2024, 6, 8)).empty


def test_changes__stage_owner_grade_amount_vanished_and_new_rows():
    after = """
        lead_id company status owner grade expected_amount
        L1      甲公司  商机   李四  C     1200
        -       丙公司  线索   张三  -     3000
        L4      丁公司  意向   李四  A     500
    """
    done = run(first_run(), after, "2024-06-08")
    assert lines(done.log, after=3) == [
        "06-08 L1 甲公司 阶段 线索 商机 李四 与上次对比",
        "06-08 L1 甲公司 负责人 张三 李四 李四 与上次对比",
        "06-08 L1 甲公司 等级 A C 李四 与上次对比",
        "06-08 L1 甲公司 金额 1000 1200 李四 与上次对比",
        "06-08 - 丙公司 负责人 - 张三 张三 与上次对比",
        "06-08 L4 丁公司 新增 - 意向 李四 与上次对比",
        "06-08 L2 乙公司 删除 意向 - 张三 与上次对比",
    ]
    assert done.log["number"].tolist() == list(range(1, 11))
    assert changes(done, date(2024, 6, 9)).empty


def test_changes__a_row_that_comes_back_and_cleared_cells():
    gone = run(first_run(), "lead_id company status owner\nL1 甲公司 线索 -", "2024-06-08")
    back = run(gone, START, "2024-06-15")
    assert [line.split()[3] for line in lines(gone.log, 3)] == ["负责人", "删除", "删除"]
    assert [line.split()[3] for line in lines(back.log, 6)] == ["负责人", "新增", "新增"]
    assert changes(back, date(2024, 6, 16)).empty


def test_changes__a_lead_that_got_its_id_stays_the_same_lead():
    numbered = START.replace("-       丙公司  线索", "L3      丙公司  意向")
    done = run(first_run(), numbered, "2024-06-08")
    assert lines(done.log, after=3) == [
        "06-08 L3 丙公司 编号 - L3 - 与上次对比",
        "06-08 L3 丙公司 阶段 线索 意向 - 与上次对比",
    ]
    assert changes(done, date(2024, 6, 9)).empty


def test_changes__the_log_may_be_sorted_and_typed_into():
    after = START.replace("甲公司  线索", "甲公司  商机")
    done = run(first_run(), START.replace("甲公司  线索", "甲公司  意向"), "2024-06-08")
    done = run(done, after, "2024-06-08")
    typed = pd.DataFrame(
        {"day": ["2024-06-08"], "lead_id": ["L2"], "item": ["阶段"], "new": ["商机"]}
    )
    mixed = pd.concat([typed.astype({"day": "datetime64[us]"}), done.log.sort_values("new")])
    other = replace(book(lead=after.replace("乙公司  意向", "乙公司  商机")), log=mixed)
    assert changes(other, date(2024, 6, 9)).empty


def test_changes__a_day_before_the_last_run_records_nothing():
    before = replace(first_run(), tables=book(lead="lead_id status\nL1 成交").tables)
    assert changes(before, date(2024, 5, 31)).empty
    assert not changes(before, date(2024, 6, 1)).empty


def test_changes__columns_that_the_sheet_lacks_are_not_compared():
    other = replace(first_run(), tables=book(lead=START.replace("owner", "note")).tables)
    assert "负责人" not in set(changes(other, date(2024, 6, 8))["item"])


def test_history__from_the_log():
    """Seen between runs: dated by the run; the first record says where, not since when."""
    done = run(first_run(), START.replace("甲公司  线索", "甲公司  商机"), "2024-06-08")
    done = run(done, START.replace("甲公司  线索", "甲公司  流失"), "2024-06-15")
    result = summary(done)
    events = result.events[result.events["lead"] == 0]
    found = list(
        zip(
            events["stage"],
            events["entered_on"].dt.day.fillna(0),
            events["provenance"],
            strict=True,
        )
    )
    assert found == [("线索", 0, "observed"), ("意向", 0, "inferred"), ("商机", 8, "observed")]
    assert result.leads["lost_on"].dt.day.fillna(0).tolist() == [15, 0, 0]
    assert events["stay_days"].fillna(-1).tolist() == [-1, -1, 7]
    assert "阶段日志" in result.history.sentence


def test_history__a_stage_seen_to_have_gone_back_since_the_first_record():
    start = START.replace("甲公司  线索", "甲公司  商机")
    first = run(book(lead=start), start, "2024-06-01")
    done = run(first, start.replace("甲公司  商机", "甲公司  意向"), "2024-06-08")
    assert summary(done).history.moved_back == 1


def test_history__a_new_lead_is_in_its_first_stage_since_it_was_got():
    """A run sees a lead days after it came: its clock starts where the sheet says."""
    leads = "lead_id company status acquired_on won_on\n{}L2 乙公司 线索 2024-06-10 -"
    before = run(book(lead=leads.format("")), leads.format(""), "2024-06-12")
    now = leads.format("L1 甲公司 线索 2024-06-02 -\n")
    done = run(before, now, "2024-06-15")
    found = summary(done).leads
    assert found["dwell_days"].tolist() == [28, 20]

    moved = run(done, now.replace("甲公司 线索", "甲公司 意向"), "2024-06-20")
    result = summary(moved)
    assert result.leads["entered_stage_on"].dt.strftime("%m-%d").tolist() == ["06-20", "06-10"]
    assert result.funnel[0].median_dwell_days == 18
    back = run(moved, now, "2024-06-25")
    assert summary(back).leads["dwell_days"].tolist() == [5, 20]
    assert summary(back).events["entered_on"].dt.strftime("%m-%d").tolist()[0] == "06-02"


def test_history__a_deal_is_won_on_its_own_day_not_when_a_run_saw_it():
    leads = "lead_id company status acquired_on won_on\nL1 甲公司 {} 2024-05-02 {}"
    before = run(book(lead=leads.format("商机", "-")), leads.format("商机", "-"), "2024-05-25")
    done = run(before, leads.format("成交", "2024-05-29"), "2024-06-01")
    result = summary(done, as_of="2024-06-28")
    won = result.events[result.events["stage"] == "成交"]
    assert won["entered_on"].dt.strftime("%m-%d").tolist() == ["05-29"]
    assert result.funnel[-1].change.current == 0


def test_history__a_blank_stage_is_the_last_one_a_run_saw():
    leads = "lead_id company status acquired_on\nL1 甲公司 {} 2024-05-02"
    before = run(book(lead=leads.format("商机")), leads.format("商机"), "2024-06-01")
    done = run(before, leads.format("-"), "2024-06-08")
    assert summary(done).leads["stage"].tolist() == ["商机"]


def test_history__typed_lines_are_logged_and_vanished_leads_are_counted():
    before = first_run()
    typed = pd.DataFrame(
        {"day": ["2024-05-20"], "lead_id": ["L2"], "item": ["阶段"], "new": ["意向"]}
    )
    log = pd.concat([before.log, typed.astype({"day": "datetime64[us]"})], ignore_index=True)
    result = summary(replace(book(lead="lead_id status\nL2 意向"), log=log))
    assert result.events[["stage", "provenance"]].to_numpy().tolist() == [
        ["线索", "inferred"],
        ["意向", "logged"],
    ]
    assert result.events["entered_on"].dt.day.fillna(0).tolist() == [0, 20]
    assert any("2条线索已不在表中" in line for line in result.assumptions)


def test_read_log__by_its_headings_in_any_order():
    sheet: list[list[Cell]] = [
        ["阶段日志"],
        [],
        *rows("""
        项目 | 新值 | 日期         | 线索编号 | 备注 | 金额(元)
        阶段 | 意向 | 2024-06-01   | L1       | 随手 |
        金额 | 1200 | '2024/6/2'   | L1       |      |
             | 孤行 | 2024-06-01   | L1       |      |
        新增 | 线索 | 没有日期     | L1       |      | 5
    """),
    ]
    log = read_log(sheet)
    assert log[["item", "new"]].to_numpy().tolist() == [["阶段", "意向"], ["金额", "1200"]]
    assert log["day"].dt.day.tolist() == [1, 2]
    assert set(log) == set(LOG_HEADINGS.values())
    assert read_log([["随便"]]).empty


RENAMED = Pipeline(
    key="renamed",
    name="改了名",
    stages=(
        stage("线索", "lead"),
        stage("意向", "needs", "open", "意向-待谈", "意向-已谈"),
        stage("打样", "qualified").model_copy(update={"aliases": ("商机",)}),
        stage("成交", "won", "won"),
        stage("流失", "lost", "lost"),
    ),
)


def test_changes__a_stage_with_a_new_name_is_no_change():
    """商机 is called 打样 now, its old name an alias: nobody has moved, no clock starts anew."""
    leads = "lead_id company status acquired_on\nL1 甲公司 {} 2024-05-02"
    before = run(book(lead=leads.format("线索")), leads.format("线索"), "2024-05-20")
    before = run(before, leads.format("商机"), "2024-06-01")
    now = book(its_kit=kit(RENAMED), lead=leads.format("打样"))
    now = replace(now, log=before.log)
    assert changes(now, date(2024, 6, 8)).empty
    assert summary(now).leads["dwell_days"].tolist() == [29]


def test_history__another_label_of_the_same_stage_is_no_entry():
    leads = "lead_id company status acquired_on\nL1 甲公司 {} 2024-05-02"
    done = replace(book(its_kit=kit(RENAMED), lead=leads.format("线索")), log=first_run().log[:0])
    for status, day in (("线索", "05-20"), ("意向-待谈", "06-01"), ("意向-已谈", "06-08")):
        now = book(its_kit=kit(RENAMED), lead=leads.format(status))
        more = changes(replace(now, log=done.log), date.fromisoformat(f"2024-{day}"))
        done = replace(now, log=pd.concat([done.log, more], ignore_index=True))
    assert lines(done.log)[-1] == "06-08 L1 甲公司 阶段 意向-待谈 意向-已谈 - 与上次对比"
    assert summary(done).leads["dwell_days"].tolist() == [29]


def test_history__a_lead_handed_over_goes_on_where_it_was():
    """Cut from one workbook and pasted into the other: for the team it has not moved."""
    leads = "lead_id company status acquired_on\n{}"
    one, other = "L1 甲公司 {} 2024-05-02\nL2 乙公司 线索 2024-05-02", "L1 丙公司 线索 2024-05-02"
    giver = run(book(lead=leads.format(one)), leads.format(one.format("线索")), "2024-05-20")
    giver = run(giver, leads.format(one.format("意向")), "2024-05-27")
    giver = run(giver, leads.format("L2 乙公司 线索 2024-05-02"), "2024-06-24")
    start = book("乙.xlsx", lead=leads.format("L9 丁公司 线索 2024-05-02"))
    taker = replace(start, log=changes(start, date(2024, 5, 20)))
    now = book("乙.xlsx", lead=leads.format("L9 丁公司 线索 2024-05-02\nL1 甲公司 意向 2024-05-02"))
    more = changes(replace(now, log=taker.log), date(2024, 6, 24))
    taker = replace(now, log=pd.concat([taker.log, more], ignore_index=True))

    team = summary(giver, taker)
    assert team.leads["dwell_days"].tolist() == [59, 59, 34]
    assert not any("已不在表中" in line for line in team.assumptions)
    assert summary(taker).leads["dwell_days"].tolist() == [59, 6]
    # another lead under the same id is not the same lead
    stranger = book("乙.xlsx", lead=leads.format(other))
    assert any("1条线索已不在表中" in line for line in summary(giver, stranger).assumptions)
