"""A stage column of numbers is one of shares where all of them are."""

import pytest

from tests.tables import clean_book


def stages(cells: tuple[str, ...], heading: str = "跟进状态") -> list[str]:
    rows = "\n".join(f"客户{n} | 展会 | 张伟 | {cell}" for n, cell in enumerate(cells))
    data = clean_book(f"客户名称 | 来源 | 负责人 | {heading}\n{rows}").tables["lead"].data
    return list(data["status"]) if "status" in data else []


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        pytest.param(("#0.1", "#1", "#0.35"), ["10%", "100%", "35%"], id="shares of one"),
        pytest.param(("#10", "#100", "#60"), ["10%", "100%", "60%"], id="shares of a hundred"),
        pytest.param(("#1", "#2", "#3"), ["1", "2", "3"], id="numbers of stages"),
        pytest.param(("#0", "#1", "#1"), ["0", "1", "1"], id="yes and no"),
        pytest.param(("#0.1", "意向", "#1"), ["0.1", "意向", "1"], id="words too"),
        pytest.param(("#10", "#90", "#60"), ["10", "90", "60"], id="no hundred"),
    ],
)
def test_shares__of_a_stage_column(cells, expected):
    assert stages(cells) == expected


def test_shares__under_a_heading_nobody_knows_are_no_stages():
    assert stages(("100%", "90%", "100%", "90%"), "折扣") == []
