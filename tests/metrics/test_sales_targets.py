"""The month's targets of people and teams, from the rows of 业绩目标."""

from datetime import date

import pandas as pd

from sheetcrm.metrics.sales_targets import NONE, sales_targets


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
