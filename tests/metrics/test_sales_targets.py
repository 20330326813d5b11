"""The month's targets of people and teams, from the rows of 业绩目标."""

from datetime import date

import pandas as pd

from sheetcrm.metrics.sales_targets import NONE, SalesTargets, sales_targets


def test_sales_targets__of_people_who_have_none_this_month():
    """Somebody with a target in May and none in June still belongs to a team."""
    table = pd.DataFrame(
        {
            "month": pd.to_datetime(["2026-05-01", "2026-06-01"]),
            "owner": ["甲", "乙"],
            "team": ["一队", "一队"],
            "sales_target": [10.0, 20.0],
            "paid_target": [None, None],
        }
    ).astype({"paid_target": "float"})
    goals = sales_targets(table, date(2026, 6, 1))
    assert goals.team("一队") == (20.0, None)
    assert goals.person("甲") == NONE
    assert sales_targets(table, date(2026, 7, 1)).team("一队") == NONE


def goals_of(*rows: tuple[str | None, str | None, float | None, float | None]) -> SalesTargets:
    """Return June's goals of rows of person, team, 销售额目标 and 回款目标."""
    table = pd.DataFrame(rows, columns=["owner", "team", "sales_target", "paid_target"])
    table = table.astype({"sales_target": "float", "paid_target": "float"})
    return sales_targets(table.assign(month=pd.Timestamp("2026-06-01")), date(2026, 6, 1))


def test_sales_targets__a_person_with_a_stage_goal_only_has_no_sales_target():
    for team in ("一队", None):
        goals = goals_of((None, "一队", 200.0, None), ("甲", team, None, None))
        assert goals.total == (200.0, None)
    assert goals_of((None, "一队", 200.0, None), ("甲", "一队", None, None)).team("一队")[0] == 200


def test_sales_targets__of_each_kind_from_whoever_has_one():
    """A team whose people have sales targets only keeps its own 回款目标."""
    goals = goals_of(
        (None, "一队", 200.0, 150.0), (None, "二队", 70.0, None), ("甲", "一队", 120.0, None)
    )
    assert goals.total == (190.0, 150.0)
    assert goals.team("一队") == (120.0, 150.0)
