"""Stage history from stage rows, status changes and the current stage."""

import pytest

from sheetcrm.kit.load import load_kit
from sheetcrm.metrics.results import Summary
from tests.metrics.books import FIVE, book, kit, summary
from tests.tables import clean_book, sheet


def reached(result: Summary) -> dict[str, str]:
    return dict(zip(result.leads["lead_id"], result.leads["reached_stage"], strict=True))


def events(result: Summary, lead_id: str) -> list[tuple[str, str, str]]:
    rows = result.events[result.leads["lead_id"].to_numpy()[result.events["lead"]] == lead_id]
    return [
        (row.stage, f"{row.entered_on:%m-%d}" if row.entered_on == row.entered_on else "", row[6])
        for row in rows.itertuples()
    ]


def test_history__skipped_stage_counts_as_passed():
    result = summary(
        book(
            lead="lead_id status acquired_on\nL1 商机 2024-06-01",
            stage_progress="""
                lead_id stage entered_stage_on
                L1      线索  2024-06-01
                L1      商机  2024-06-09
            """,
        )
    )

    assert events(result, "L1") == [
        ("线索", "06-01", "declared"),
        ("意向", "", "inferred"),
        ("商机", "06-09", "declared"),
    ]
    assert result.history.shares["inferred"] == pytest.approx(1 / 3)


def test_history__moved_back_keeps_the_furthest_stage():
    result = summary(
        book(
            lead="lead_id status acquired_on\nL1 意向 2024-06-01",
            stage_progress="""
                lead_id stage entered_stage_on
                L1      线索  2024-06-01
                L1      意向  2024-06-03
                L1      商机  2024-06-05
                L1      意向  2024-06-08
            """,
        )
    )

    assert reached(result) == {"L1": "商机"}
    assert result.history.moved_back == 1
    assert [row.current for row in result.funnel] == [0, 1, 0, 0]
    assert result.leads["dwell_days"].tolist() == [22]
    # 意向 is not over: its first stay is not a completed stay of the stage.
    assert result.events["stay_days"].fillna(-1).tolist() == [2, -1, 3]


@pytest.mark.parametrize(
    ("moves", "count"),
    [
        ("2024-06-10 商机 意向", 1),
        ("2024-06-04 意向 商机\n2024-06-10 商机 意向", 1),
        # Nobody logged how it came down from 商机; or that it did, and how far.
        ("2024-06-04 线索 商机\n2024-06-10 线索 意向", 1),
        ("2024-06-10 商机 意向\n2024-06-10 意向 线索", 2),
        ("2024-06-04 线索 意向\n2024-06-10 意向 商机\n2024-06-10 商机 意向", 1),
        ("2024-06-10 成交 意向", 1),
        ("2024-06-10 流失 意向", 0),
        ("2024-06-10 商机 流失", 0),
        ("2024-06-10 意向 商机", 0),
        ("2024-06-10 别的 意向", 0),
    ],
)
def test_history__a_change_says_itself_that_it_goes_back(moves, count):
    rows = "\n".join(f"L1 {move}" for move in moves.split("\n"))
    result = summary(
        book(
            lead="lead_id status acquired_on\nL1 意向 2024-06-01",
            status_change=f"lead_id changed_at from_status to_status\n{rows}",
        )
    )
    assert result.history.moved_back == count
    assert ("阶段回退" in result.history.sentence) == bool(count)


def test_history__lost_lead_keeps_the_furthest_stage_before():
    result = summary(
        book(
            lead="lead_id status acquired_on\nL1 流失 2024-06-01",
            stage_progress="""
                lead_id stage entered_stage_on
                L1      线索  2024-06-01
                L1      意向  2024-06-03
                L1      流失  2024-06-03
            """,
        )
    )

    assert reached(result) == {"L1": "意向"}
    assert [row.lost_here for row in result.funnel] == [0, 1, 0, 0]
    assert result.leads["lost_on"].dt.strftime("%m-%d").tolist() == ["06-03"]
    assert result.events["stay_days"].tolist() == [2, 0]


def test_history__lost_without_stage_counts_as_first_and_is_said():
    result = summary(
        book(
            lead="""
                lead_id status lost_stage acquired_on
                L1      流失   -          2024-06-01
                L2      流失   商机       2024-06-01
                L3      流失   别的       2024-06-01
            """
        )
    )

    assert reached(result) == {"L1": "线索", "L2": "商机", "L3": "线索"}
    assert result.leads["lost_stage_unknown"].tolist() == [True, False, True]
    assert result.history.lost_stage_unknown == 2
    assert "2条流失线索没有流失阶段" in result.history.sentence
    assert result.events["provenance"].tolist() == ["inferred"] * 3 + ["observed", "inferred"]


def test_history__status_changes_are_logged_and_stage_rows_win():
    result = summary(
        book(
            lead="lead_id status acquired_on\nL1 商机 2024-06-01",
            status_change="""
                lead_id from_status to_status changed_at
                L1      线索        意向      2024-06-04
                L1      意向        商机      2024-06-10
            """,
            stage_progress="lead_id stage entered_stage_on\nL1 商机 2024-06-11",
        )
    )

    assert events(result, "L1") == [
        ("线索", "06-01", "logged"),
        ("意向", "06-04", "logged"),
        ("商机", "06-11", "declared"),
    ]
    assert result.leads["dwell_days"].tolist() == [19]


def test_history__won_then_lost_is_lost_from_the_last_open_stage():
    result = summary(
        book(
            lead="lead_id status acquired_on\nL1 流失 2024-06-01",
            stage_progress="""
                lead_id stage entered_stage_on
                L1      线索  2024-06-01
                L1      成交  2024-06-03
                L1      流失  2024-06-05
            """,
        )
    )

    assert [row.reached for row in result.funnel] == [1, 1, 1, 0]
    assert result.funnel[-1].reached == result.population.won == 0


def test_history__blank_status_is_read_from_the_latest_stage_row():
    result = summary(
        book(
            lead="""
                lead_id status acquired_on
                L1      -      2024-06-01
                L2      -      2024-06-01
                L3      -      2024-06-01
                L4      不明   2024-06-01
            """,
            stage_progress="""
                lead_id stage entered_stage_on
                L1      商机  2024-06-05
                L1      意向  2024-06-03
                L2      流失  2024-06-04
                L2      意向  2024-06-03
                L3      成交  2024-06-04
            """,
        )
    )

    assert result.leads["stage"].tolist() == ["商机", "流失", "成交", "（未填）"]
    assert result.leads["outcome"].tolist() == ["open", "lost", "won", "open"]
    assert any("“不明”不在阶段清单中" in sentence for sentence in result.assumptions)


def test_history__only_current_stage_gives_reached_but_no_dwell():
    result = summary(
        book(
            lead="""
                lead_id status acquired_on won_on
                L1      线索   2024-06-01  -
                L2      商机   2024-06-01  -
                L3      成交   2024-06-01  2024-06-21
            """
        )
    )

    assert [row.reached for row in result.funnel] == [3, 2, 2, 1]
    assert [row.median_dwell_days for row in result.funnel] == [None] * 4
    assert result.leads["dwell_days"].fillna(-1).tolist() == [29, -1, -1]
    assert result.totals.median_cycle_days == 20
    assert any("1条进行中线索不知何时进入当前阶段" in text for text in result.assumptions)


def test_history__pipeline_without_won_stage():
    open_only = FIVE.model_copy(update={"stages": FIVE.stages[:3] + FIVE.stages[4:]})
    result = summary(
        book(
            its_kit=kit(open_only),
            lead="lead_id status acquired_on\nL1 商机 2024-06-01\nL2 线索 2024-06-01",
        )
    )

    assert [row.reached for row in result.funnel] == [2, 1, 1]
    assert result.population.won == 0


def test_history__changes_typed_in_the_workbook_are_logged():
    """From the sheet itself, so that the kit's column keys are those the figures read."""
    typed = clean_book(
        sheet(
            """
            线索编号 | 客户名称 | 线索状态 | 线索获取时间
            L1      | 明禾机械 | 商机    | 2024-06-01
            """,
            table="lead",
        ),
        sheet(
            """
            线索编号 | 变更时间         | 原状态 | 新状态 | 变更原因 | 变更人
            L1      | 2024-06-04 10:00 | 线索   | 意向   | 预算明确 | 林晓舟
            L1      | 2024-06-10 15:30 | 意向   | 商机   | 约谈方案 | 林晓舟
            """,
            "状态变更",
            table="status_change",
        ),
        own=True,
    )

    result = summary(typed)

    assert events(result, "L1") == [
        ("线索", "06-01", "logged"),
        ("意向", "06-04", "logged"),
        ("商机", "06-10", "logged"),
    ]
    assert result.history.shares["logged"] == 1


DATED = """
线索编号 | 客户名称 | 线索状态 | 线索获取时间 | 意向日期   | 进入商机时间 | 流失日期   | 意向备注
L1       | 甲公司   | 商机     | 2024-06-01   | 2024-06-03 | '2024/6/9'   |            | 好
L2       | 乙公司   | 流失     | 2024-06-01   | 2024-06-05 |              | 2024-06-20 |
L3       | 丙公司   | 意向     | 2024-06-01   | '没谈'     |              |            |
"""


def test_history__date_columns_of_the_lead_sheet_are_declared():
    result = summary(clean_book(sheet(DATED), own=True, kit=load_kit("standard")))

    assert events(result, "L1") == [
        ("线索", "06-01", "inferred"),
        ("意向", "06-03", "declared"),
        ("商机", "06-09", "declared"),
    ]
    assert reached(result) == {"L1": "商机", "L2": "意向", "L3": "意向"}
    assert result.leads["lost_on"].dt.strftime("%m-%d").fillna("").tolist() == ["", "06-20", ""]


def test_history__stage_rows_are_trusted_over_date_columns():
    rows = "线索编号 | 客户名称 | 所属阶段 | 阶段进入时间\nL1 | 甲公司 | 意向 | 2024-06-02"
    sheets = sheet(DATED), sheet(rows, "阶段进度")
    result = summary(clean_book(*sheets, own=True, kit=load_kit("standard")))

    assert events(result, "L1")[1] == ("意向", "06-02", "declared")


def test_date_column__is_no_unknown_heading_and_its_cells_are_checked():
    book = clean_book(sheet(DATED))

    assert [f.column for f in book.findings if f.code == "HDR-04"] == ["意向备注"]
    assert [f.cell for f in book.findings if f.code == "TYP-02"] == ["E4"]
