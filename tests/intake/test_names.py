"""Company names of a sheet and of a book: only the alike ones are paired, none is missed."""

from hypothesis import given
from hypothesis import strategies as st

from sheetcrm.intake.names import Names
from sheetcrm.values.company import compare, parse_company

# 字号 that start alike, are part of one another, or stand at the end of another one.
CORES = ["星辰", "星辰海", "星辰天海", "天海", "海星", "第1号", "第12号", "第123号"]
NAMES = st.builds(
    "".join,
    st.tuples(
        st.sampled_from(["", "上海", "深圳市"]),
        st.sampled_from(CORES),
        st.sampled_from(["", "机械设备", "科技"]),
        st.sampled_from(["", "有限公司", "股份有限公司"]),
    ),
)


@given(st.lists(NAMES, max_size=12), st.lists(NAMES, max_size=30, unique=True))
def test_links__as_every_name_beside_every_other(mine: list[str], theirs: list[str]) -> None:
    parsed = {name: parse_company(name) for name in {*mine, *theirs}}
    alike = {
        (name, other, likeness)
        for name in mine
        for other in theirs
        if (likeness := compare(parsed[name], parsed[other])) != "none"
    }
    links = Names().links(mine, theirs)
    assert set(links.itertuples(index=False, name=None)) == alike


def test_links__names_that_only_hold_a_longer_name_are_no_pair() -> None:
    links = Names().links(["第1号机械有限公司"], ["第12号机械有限公司", "大第1号机械有限公司"])
    assert links.empty
