"""The report in words: every rate with its population, nothing said twice."""

from sheetcrm.metrics.words import report_text
from tests.tables import raw_book, sheet
from tests.tabs.summaries import documents_example, prepared


def test_report_text__the_documents_example():
    _, summary, _ = prepared(raw_book(documents_example()))
    text = report_text(summary)
    assert "线索 100 → 意向 30（30.0%） → 商机 10（33.3%）" in text
    assert "总体转化率 5.0%（5/100）" in text


def test_report_text__without_leads_no_rate_is_made_up():
    _, summary, _ = prepared(raw_book(sheet("线索编号|客户名称|来源渠道|线索状态|负责人|联系方式")))
    text = report_text(summary)
    assert "线索 0 条" in text
    assert "0.0%" not in text
    assert "没有逾期事项" in text
