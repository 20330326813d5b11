import pytest

from sheetcrm.kit.load import load_pipelines
from sheetcrm.kit.stage_headings import dated_stage

PIPELINES = {pipeline.key: pipeline for pipeline in load_pipelines()}


@pytest.mark.parametrize(
    ("heading", "stage"),
    [
        ("意向日期", "意向"),
        ("进入意向时间", "意向"),
        ("意向阶段进入日期", "意向"),
        ("转入商机日", "商机"),
        ("报价（日期）", "报价"),
        ("*报价 时间", "报价"),
        ("赢单日期", "成交"),
        ("已流失时间", "流失"),
        ("报价完成日期", ""),
        ("商机确认日期", "商机"),
        ("预计成交时间", ""),
        ("离开报价时间", ""),
        ("报价有效日期", ""),
        ("报价", ""),
        ("日期", ""),
        ("最后跟进时间", ""),
        ("意向金额", ""),
    ],
)
def test_dated_stage__names_the_stage_that_was_entered(heading, stage):
    found = dated_stage(heading, PIPELINES["lead_to_deal"])
    assert (found.name if found else "") == stage


def test_dated_stage__every_label_of_every_pipeline():
    for pipeline in PIPELINES.values():
        for label, stage in pipeline.by_label.items():
            assert dated_stage(f"{label}日期", pipeline) == stage, label
