"""The synthetic corpus workbook as a clean book, read with a loader of the test's own."""

import os
from pathlib import Path

import pandas as pd
import pytest
from openpyxl import load_workbook

from sheetcrm.clean import CleanBook
from sheetcrm.kit.model import Pipeline
from sheetcrm.metrics.dataset import NEEDED, TEXT
from tests.metrics.books import book, kit, stage

SIX = Pipeline(
    key="six",
    name="推断",
    stages=(
        stage("线索录入", "lead"),
        stage("需求分析", "needs"),
        stage("方案呈现", "proposal"),
        stage("商务谈判", "negotiation"),
        stage("合同签订", "won", "won"),
        stage("流失", "lost", "lost"),
    ),
)
SHEETS = {
    "线索跟踪表": "lead",
    "跟进记录": "follow_up",
    "阶段进度": "stage_progress",
    "协作需求": "request",
}
HEADINGS = {
    "lead": {
        "线索编号": "lead_id",
        "线索获取时间": "acquired_on",
        "来源渠道": "source",
        "客户名称": "company",
        "所属行业": "industry",
        "意向分级": "grade",
        "责任人": "owner",
        "当前阶段": "status",
        "预计金额（元）": "expected_amount",
        "最近跟进日期": "last_follow_up",
        "下次跟进日期": "next_follow_up",
        "成交日期": "won_on",
        "成交金额（元）": "amount",
        "流失原因": "lost_reason",
    },
    "follow_up": {
        "线索编号": "lead_id",
        "跟进时间": "followed_on",
        "下次跟进日期": "next_follow_up",
    },
    "stage_progress": {
        "线索编号": "lead_id",
        "阶段": "stage",
        "进入日期": "entered_stage_on",
        "离开日期": "left_stage_on",
    },
    "request": {
        "需求编号": "request_id",
        "线索编号": "lead_id",
        "协作部门": "department",
        "提出人": "requester",
        "提出日期": "requested_on",
        "要求完成日期": "due_on",
        "实际完成日期": "done_on",
        "状态": "status",
    },
}


def folder() -> Path:
    root = os.environ.get("SHEETCRM_CORPUS")
    if not root:
        pytest.skip("SHEETCRM_CORPUS names no corpus folder")
    return Path(root) / "sales" / "zh_synthetic"


def clean_book() -> CleanBook:
    path = folder() / "线索跟踪表_干净.xlsx"
    workbook = load_workbook(path, read_only=True, data_only=True)
    tables = {}
    for sheet, kind in SHEETS.items():
        head, *body = workbook[sheet].iter_rows(values_only=True)
        frame = pd.DataFrame(body, columns=[str(h) for h in head])
        frame = frame.rename(columns=HEADINGS[kind])[list(HEADINGS[kind].values())]
        tables[kind] = frame.astype({key: NEEDED[kind].get(str(key), TEXT) for key in frame})
    return book(path.name, kit(SIX), **tables)
