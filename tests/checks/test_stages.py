"""STG-02: moved back without a reason."""

from sheetcrm.checks.stages import moved_back
from tests.checks.support import AS_OF, changes, leads, progress, told
from tests.tables import clean_book

PROGRESS = progress("""
线索编号 | 客户名称 | 所属阶段 | 阶段进入时间
L1      | 明禾机械 | 商机    | 2024-03-09
L1      | 明禾机械 | 线索    | 2024-03-01
L1      | 明禾机械 | 意向    | 2024-03-20
L2      | 长风物流 | 意向    | 2024-03-01
L2      | 长风物流 | 线索    | 2024-03-01
L3      | 云岭食品 | 意向    | 2024-03-01
L3      | 云岭食品 | 流失    | 2024-03-05
""")
CHANGES = """
线索编号 | 变更时间    | 原状态 | 新状态 | 变更原因 | 变更人
L1      | 2024-03-20 | 商机  | 意向  | {reason} | 林晓舟
"""


def test_moved_back__without_reason():
    unsaid = changes(CHANGES.format(reason=""))
    found = moved_back(clean_book(PROGRESS, unsaid, own=True), AS_OF)
    assert told(found) == ["阶段进度!C4 STG-02"]
    assert "商机" in found[0].message


def test_moved_back__with_reason():
    """With or without a lead table: the rows find one another by id or by company."""
    said = changes(CHANGES.format(reason="预算被砍，重新立项"))
    table = leads("线索编号 | 客户名称 | 来源渠道 | 线索状态\nL1 | 明禾机械 | 展会 | 意向")
    assert moved_back(clean_book(table, PROGRESS, said, own=True), AS_OF) == []


def test_moved_back__nowhere_to_give_a_reason():
    found = moved_back(clean_book(PROGRESS, own=True), AS_OF)
    assert told(found) == ["阶段进度!C4 STG-02 W"]
