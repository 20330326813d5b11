"""Several books as one: lead identity, other books' stages, logs kept apart."""

import pytest

from sheetcrm.kit.model import Pipeline
from sheetcrm.metrics.dataset import dataset
from tests.metrics.books import FIVE, book, kit, stage, summary
from tests.tables import clean_book, sheet

OTHER = Pipeline(
    key="other",
    name="别的",
    stages=(
        stage("线索获取", "lead"),
        stage("初步沟通", "contact"),
        stage("意向", "needs"),
        stage("商务谈判", "negotiation"),
        stage("合同签订", "won", "won"),
        stage("售后跟进", "delivery", "won"),
        stage("流失客户", "lost", "lost"),
    ),
)


def test_dataset__no_books():
    with pytest.raises(ValueError, match="at least one"):
        dataset([])


def test_dataset__rows_know_file_sheet_and_excel_row():
    data = dataset(
        [
            book("甲.xlsx", lead="lead_id status\nL1 线索"),
            book("乙.xlsx", lead="lead_id status\nL1 意向\nL2 线索"),
        ]
    )
    rows = data.frames["lead"]

    assert rows[["file", "sheet", "row"]].to_numpy().tolist() == [
        ["甲.xlsx", "lead", 2],
        ["乙.xlsx", "lead", 2],
        ["乙.xlsx", "lead", 3],
    ]
    assert data.files == ("甲.xlsx", "乙.xlsx")


def test_dataset__same_id_in_two_files_is_two_leads_and_said():
    first = book(
        "甲.xlsx",
        lead="lead_id status\nL1 商机",
        stage_progress="lead_id stage entered_stage_on\nL1 商机 2024-06-01",
    )
    second = book("乙.xlsx", lead="lead_id status\nL1 流失")

    result = summary(first, second)

    assert result.leads["reached_stage"].tolist() == ["商机", "线索"]
    assert any("1个线索编号出现在不止一个文件中" in text for text in result.assumptions)


def test_dataset__repeated_id_in_one_file_counts_by_row_with_one_history():
    result = summary(
        book(
            lead="lead_id status\nL1 线索\nL1 线索",
            stage_progress="lead_id stage entered_stage_on\nL1 商机 2024-06-01",
        )
    )

    assert result.population.leads == 2
    assert result.leads["reached_stage"].tolist() == ["商机", "商机"]
    assert any("1行线索与同一文件中前面的行重复" in text for text in result.assumptions)


def test_dataset__without_ids_the_company_is_the_lead():
    result = summary(
        book(
            lead="company status\n明禾 线索\n星河 线索",
            stage_progress="company stage entered_stage_on\n星河 意向 2024-06-01",
            follow_up="company followed_on\n明禾 2024-06-29\n无此 2024-06-29",
        )
    )

    assert result.leads["reached_stage"].tolist() == ["线索", "意向"]
    assert result.leads["never_followed_up"].tolist() == [False, True]
    assert any("1行跟进记录找不到对应的线索" in text for text in result.assumptions)


def test_dataset__customer_number_leads_to_the_company():
    result = summary(
        book(
            lead="lead_id company status\nL1 明禾 线索\nL2 星河 线索",
            account="account_id company\nC1 星河\nC2 明禾",
            follow_up="account_id followed_on\nC1 2024-06-29",
        )
    )

    assert result.leads["never_followed_up"].tolist() == [True, False]


def test_dataset__log_kept_in_a_file_of_its_own():
    leads = book("线索.xlsx", lead="lead_id company status\nL1 明禾 线索\nL2 星河 线索")
    log = book("跟进.xlsx", follow_up="lead_id followed_on\nL2 2024-06-29\nL9 2024-06-29")

    result = summary(leads, log)

    assert result.leads["never_followed_up"].tolist() == [True, False]


def test_dataset__unknown_id_is_not_another_files_lead():
    first = book("甲.xlsx", lead="lead_id status last_follow_up\nL1 线索 -")
    second = book(
        "乙.xlsx",
        lead="lead_id status\nL2 线索",
        follow_up="lead_id followed_on\nL1 2024-06-29",
    )

    assert summary(first, second).leads["never_followed_up"].tolist() == [True, True]


def test_dataset__other_pipeline_is_mapped_by_name_else_by_phase():
    result = summary(
        book("甲.xlsx", lead="lead_id status\nA 线索"),
        book(
            "乙.xlsx",
            its_kit=kit(OTHER),
            lead="""
                lead_id status
                L1      线索获取
                L2      初步沟通
                L3      意向
                L4      商务谈判
                L5      合同签订
                L6      售后跟进
                L7      流失客户
            """,
        ),
    )

    assert result.leads["stage"].tolist() == [
        "线索",
        "线索",
        "线索",
        "意向",
        "商机",
        "成交",
        "成交",
        "流失",
    ]
    assert result.leads["status"].tolist()[1:3] == ["线索获取", "初步沟通"]
    assert any("“商务谈判”按“商机”计" in text for text in result.assumptions)
    assert any("“合同签订”按“成交”计" in text for text in result.assumptions)
    assert not any("“意向”按" in text for text in result.assumptions)


def test_dataset__a_stage_known_by_another_name_is_said():
    """The funnel knows 方案报价 as a label of 商机; the other workbook's stage is called so."""
    labelled = stage("商机", "qualified", "open", "商机", "方案报价")
    stages = tuple(labelled if s.name == "商机" else s for s in FIVE.stages)
    theirs = tuple(stage("方案报价", "proposal") if s.name == "商机" else s for s in FIVE.stages)
    result = summary(
        book(
            "甲.xlsx",
            its_kit=kit(FIVE.model_copy(update={"stages": stages})),
            lead="lead_id status\nA 方案报价",
        ),
        book(
            "乙.xlsx",
            its_kit=kit(FIVE.model_copy(update={"stages": theirs})),
            lead="lead_id status\nB 方案报价",
        ),
    )

    assert result.leads["stage"].tolist() == ["商机", "商机"]
    said = [text for text in result.assumptions if "阶段名称" in text]
    assert said == ["【乙.xlsx】的阶段名称与汇总所用的不同：“方案报价”按“商机”计。"]


def test_dataset__progress_sheet_alone_gives_the_leads():
    result = summary(
        book(
            stage_progress="""
                owner responsible company stage entered_stage_on
                林    吴          明禾    线索  2024-06-01
                林    吴          明禾    商机  2024-06-11
                -     周          星河    流失  2024-06-05
                -     周          星河    意向  2024-06-03
            """
        )
    )

    assert result.leads[["company", "owner", "stage", "reached_stage"]].to_numpy().tolist() == [
        ["明禾", "林", "商机", "商机"],
        ["星河", "周", "流失", "意向"],
    ]
    assert result.leads["acquired_on"].dt.strftime("%m-%d").tolist() == ["06-01", "06-03"]


def test_dataset__differing_settings_are_said():
    result = summary(
        book("甲.xlsx", lead="lead_id status\nA 线索"),
        book("乙.xlsx", its_kit=kit(dwell_days=9), lead="lead_id status\nB 线索"),
    )

    assert any("统一按【甲.xlsx】的设置" in text for text in result.assumptions)


def test_dataset__a_part_that_does_not_count_is_said():
    text = """
    线索编号 | 客户名称 | 来源渠道 | 当前阶段 | 负责人
    L1      | 明禾机械 | 展会    | 线索    | 张伟
    """
    other = text.replace("L1", "L2").replace("明禾机械", "启明建材")
    typed = clean_book(sheet(text, "5月"), sheet(other, "6月"))

    assert any("“5月”" in said and "1行" in said for said in dataset([typed]).assumptions)


def test_dataset__a_row_a_product_of_a_customer_is_a_lead_of_its_own():
    text = """
    客户名称 | 业务员 | 来源 | 产品 | 意向日期 | 阶段
    隆和批发部 | 马超 | 展会 | 纯牛奶 | 2024-03-01 | 意向
    隆和批发部 | 马超 | 展会 | 酸奶 | 2024-03-09 | 意向
    顺达商贸 | 黄忠 | 展会 | 酸奶 | | 报价
    顺达商贸 | 黄忠 | 展会 | 奶酪棒 | | 成交
    """
    data = dataset([clean_book(sheet(text, "台账"))])
    assert list(data.frames["lead"]["key"]) == [0, 1, 2, 3]
    assert list(data.frames["stage_date"]["lead"]) == [0, 1]
    assert any("2个客户4行" in said for said in data.assumptions)
    assert not any("重复" in said for said in data.assumptions)
    numbered = [f"{n} | {line}" for n, line in zip(
        ("客户编号", "KH1", "KH1", "KH2", "KH2"), text.strip().splitlines(), strict=True
    )]  # fmt: skip
    by_number = dataset([clean_book(sheet("\n".join(numbered), "台账"))])
    assert list(by_number.frames["lead"]["key"]) == [0, 1, 2, 3]
    twice = dataset([clean_book(sheet(text.replace("奶酪棒", "酸奶"), "台账"))])
    assert list(twice.frames["lead"]["key"]) == [0, 0, 2, 2]
