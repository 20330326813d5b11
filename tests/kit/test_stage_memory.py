from sheetcrm.kit.stage_memory import named_stages
from sheetcrm.table import Cell
from tests.tables import recognised, sheet

LEADS = """
编号 | 公司名称 | 阶段 | 流失阶段 | 负责人
L1   | 甲公司   | 线索 |          | 张三
L2   | 乙公司   | 流失 | 报价     | 张三
"""


def test_named_stages__of_the_log_and_the_losses():
    found = recognised(sheet(LEADS))
    log: list[list[Cell]] = [
        ["阶段日志"],
        ["新值", "日期", "项目", "原值"],
        ["意向", None, "新增", None],
        ["商机 ", None, "阶段", "意向"],
        ["李四", None, "负责人", "张三"],
        [None, None, "阶段", "商机"],
        ["短"],
    ]
    assert named_stages(found.tables, log) == {"意向": 1, "商机": 1, "报价": 1}
    assert named_stages({}, [["随便"]]) == {}


def test_recognise__a_stage_only_the_losses_name_is_a_stage():
    names = [stage.name for stage in recognised(sheet(LEADS)).kit.pipeline.stages]
    assert names == ["线索", "报价", "流失"]
