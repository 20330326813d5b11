"""撞单: who is a lead in several workbooks, by the same phone or certainly the same company."""

import numpy as np
import pandas as pd
import pytest

from sheetcrm.metrics.shared_customers import shared_customers
from tests.tables import rows as table_rows


def found(text: str, lost: str = "") -> list[str]:
    """Return the names of the leads found, a customer's together."""
    head, *body = table_rows(text)
    leads = pd.DataFrame(body, columns=head).rename(
        columns={"客户名称": "company", "电话": "phone"}
    )
    leads = leads.rename(columns={"文件": "file"})
    shared = shared_customers(leads, np.array([str(n) not in lost for n in leads["号"]]))
    assert len(set(shared.rows)) == len(shared.rows)
    return [str(leads["号"].iloc[row]) for row in shared.rows] + [f"={shared.customers}"]


LEADS = """
号 | 文件 | 客户名称 | 电话
a | 甲 | 明禾机械有限公司 | '13800130001'
b | 甲 | 长风物流有限公司 | '13800130002'
c | 乙 | 云岭食品有限公司 | '13800130003'
d | 乙 | 明禾机械（有限公司） | '13900130009'
e | 丙 | 北辰教育科技公司 | '138 0013 0002'
f | 丙 | 云岭食品有限公司 | '13700130003'
g | 丙 | 东方电气有限公司 | '13800130007'
"""


def test_shared__by_phone_or_company():
    assert found(LEADS) == ["a", "d", "b", "e", "c", "f", "=3"]


def test_shared__what_was_lost_is_nobodys():
    assert found(LEADS, lost="dc") == ["b", "e", "=1"]


def test_shared__a_customer_of_three_is_one():
    chain = LEADS.replace(
        "'13900130009'", "'13800130002'"
    )  # d has the company of a, the phone of b
    assert found(chain) == ["a", "b", "d", "e", "c", "f", "=2"]


@pytest.mark.parametrize(
    ("name", "phone"),
    [
        pytest.param("某客户", "", id="anonymous"),
        pytest.param("", "'138****0001'", id="masked"),
        pytest.param("", "", id="blank"),
    ],
)
def test_shared__what_tells_nothing_matches_nothing(name, phone):
    text = f"号|文件|客户名称|电话\na|甲|{name}|{phone}\nb|乙|{name}|{phone}"
    assert found(text) == ["=0"]


def test_shared__one_file_or_no_lead_has_none():
    assert found(LEADS.replace("| 乙 |", "| 甲 |").replace("| 丙 |", "| 甲 |")) == ["=0"]
    assert found(LEADS, lost="abcdefg") == ["=0"]


def test_shared__without_a_column_of_phones():
    lines = ["|".join(line.split("|")[:3]) for line in LEADS.strip().splitlines()]
    assert found("\n".join(lines)) == ["a", "d", "c", "f", "=2"]
