from dataclasses import replace

import pandas as pd

from sheetcrm.kit.infer import StageUse, infer_pipeline, stage_use
from sheetcrm.kit.load import load_pipelines
from sheetcrm.kit.model import Pipeline
from tests.tables import recognised, sheet

SHIPPED = load_pipelines()


def inferred(use: StageUse) -> Pipeline:
    pipeline = infer_pipeline(use, SHIPPED)
    assert pipeline is not None
    return pipeline


def history(*paths: str) -> pd.DataFrame:
    """Stage rows of one lead a path, a week apart, newest lead first."""
    rows = [
        (f"L{n}", label, pd.Timestamp(2024, 1, 1) + pd.Timedelta(days=7 * step))
        for n, path in enumerate(paths)
        for step, label in enumerate(path.split())
    ]
    return pd.DataFrame(rows[::-1], columns=["lead", "stage", "entered"])


def kinds(pipeline: Pipeline) -> list[tuple[str, str, str]]:
    return [(s.name, s.kind, s.phase) for s in pipeline.stages]


def test_infer__kinds_from_synonyms_and_order_from_transitions():
    rows = history(
        *["线索录入 需求分析 方案呈现 商务谈判 合同签订"] * 5, *["线索录入 需求分析 流失"] * 5
    )
    use = stage_use(["合同签订"] * 5 + ["流失"] * 5, rows)
    assert kinds(inferred(use)) == [
        ("线索录入", "open", "lead"),
        ("需求分析", "open", "needs"),
        ("方案呈现", "open", "proposal"),
        ("商务谈判", "open", "negotiation"),
        ("合同签订", "won", "won"),
        ("流失", "lost", "lost"),
    ]


def test_infer__the_workbooks_order_beats_the_usual_one():
    rows = history(*["线索录入 方案呈现 需求分析 合同签订"] * 5)
    names = [s.name for s in inferred(stage_use(["需求分析"] * 5, rows)).stages]
    assert names == ["线索录入", "方案呈现", "需求分析", "合同签订"]


def test_infer__a_few_steps_back_change_no_order():
    rows = history(*["线索录入 需求分析 方案呈现"] * 9, "方案呈现 需求分析 线索录入")
    names = [s.name for s in inferred(stage_use([], rows)).stages]
    assert names == ["线索录入", "需求分析", "方案呈现"]


def test_infer__rare_labels_outside_the_history_are_slips():
    rows = history(*["线索录入 需求分析 流失"] * 40)
    use = stage_use(["流失"] * 36 + ["跟进中"] * 2 + ["待定", "意向"], rows)
    assert [s.name for s in inferred(use).stages] == ["线索录入", "需求分析", "流失"]


def test_infer__a_label_used_regularly_is_a_stage():
    rows = history(*["线索录入 需求分析 流失"] * 40)
    use = stage_use(["流失"] * 30 + ["样品测试"] * 10, rows)
    pipeline = inferred(use)
    assert pipeline.by_label["样品测试"].kind == "open"


def test_infer__without_history_by_phase():
    use = stage_use(["流失", "合同签订", "商务谈判", "线索录入", "方案呈现"] * 3, None)
    names = [s.name for s in inferred(use).stages]
    assert names == ["线索录入", "方案呈现", "商务谈判", "合同签订", "流失"]


def test_infer__a_list_of_losses_has_the_usual_way_before_them():
    pipeline = inferred(stage_use(["战败"] * 9 + ["关闭"] * 3, None))
    assert [s.name for s in pipeline.stages if s.kind == "lost"] == ["战败", "关闭"]
    assert pipeline.funnel[-1].kind == "won"
    assert len(pipeline.funnel) > 2
    assert "预置流程" in pipeline.inferred


def test_infer__a_language_of_its_own():
    use = stage_use(["金矿", "银矿", "铜矿", "金矿"], None)
    assert {s.name for s in inferred(use).stages} == {"金矿", "银矿", "铜矿"}


def test_infer__drop_down_gives_labels_and_order():
    use = stage_use(["初谈", "复谈"], None, ["复谈", "初谈", "签约成功", "丢单"])
    assert [(s.name, s.kind) for s in inferred(use).stages] == [
        ("复谈", "open"),
        ("初谈", "open"),
        ("签约成功", "won"),
        ("丢单", "lost"),
    ]


def test_infer__labels_of_a_shipped_pipeline_bring_its_limits():
    shipped = SHIPPED[0]
    labels = [label for s in shipped.stages for label in s.labels]
    pipeline = inferred(stage_use(labels, None))
    assert pipeline.stages == shipped.stages
    assert shipped.name in pipeline.inferred


def test_infer__no_stage_at_all():
    assert infer_pipeline(stage_use([None, "-", ""], None), SHIPPED) is None


def test_infer__waiting_to_sign_is_not_won():
    use = stage_use(["待签约", "已签约", "未成交"] * 3, None)
    found = {s.name: s.kind for s in inferred(use).stages}
    assert found["待签约"] == "open"
    assert found["已签约"] == "won"
    assert found["未成交"] != "won"


def test_infer__said_as_a_finding_at_the_stage_heading():
    leads = sheet("线索编号 | 客户名称 | 来源渠道 | 当前阶段\nL1 | 明禾机械 | 展会 | 线索录入")
    found = recognised(leads)
    notes = [f for f in found.findings if f.code == "STG-10"]
    assert [(f.cell, f.severity) for f in notes] == [("D1", "info")]
    assert notes[0].message == found.kit.pipeline.inferred


def test_infer__a_small_book_keeps_its_won_and_lost_words():
    use = stage_use(["跟进中", "跟进中", "跟进中", "已签", "黄了", "暂缓"], None)
    found = {s.name: s.kind for s in inferred(use).stages}
    assert found == {"跟进中": "open", "暂缓": "open", "已签": "won", "黄了": "lost"}


def test_infer__a_denied_result_is_not_that_result():
    labels = ["中标", "未中标", "无意向", "未签约", "没成交", "停止跟进", "暂无需求"]
    found = {s.name: s.kind for s in inferred(stage_use(labels * 3, None)).stages}
    assert [found[label] for label in labels] == [
        *("won", "lost", "lost", "open", "lost", "lost", "open"),
    ]


def test_infer__traditional_characters():
    use = stage_use(["跟進中", "報價", "已簽約", "失敗"] * 3, None)
    found = [(s.name, s.kind) for s in inferred(use).stages]
    assert found == [("跟進中", "open"), ("報價", "open"), ("已簽約", "won"), ("失敗", "lost")]


def test_infer__shares_of_a_hundred_are_stages_and_the_whole_is_won():
    pipeline = inferred(stage_use(["100%", "60%", "10%", "30 %", "0%", "丢单"] * 3, None))
    assert [(s.name, s.kind) for s in pipeline.stages] == [
        *((f"{share}%", "open") for share in ("0", "10", "30 ", "60")),
        ("100%", "won"),
        ("丢单", "lost"),
    ]


def test_infer__a_stage_leads_were_in_before_stays_one():
    """Nobody is at 商机 now: those who were lost behind it have been there all the same."""
    now = stage_use(["线索"] * 4 + ["流失"] * 2)
    assert [s.name for s in inferred(now).stages] == ["线索", "流失"]
    more = inferred(replace(now, named={"商机": 1, "线索": 2, "意象": 1}))
    assert [s.name for s in more.stages] == ["线索", "商机", "流失"]


def test_infer__own_words_nobody_uses_now_stay_stages():
    use = replace(stage_use(["初访", "试样", "拿下"] * 2), named={"打样确认中": 1})
    assert "打样确认中" in [s.name for s in inferred(use).stages]
