from datetime import date
from pathlib import Path

import openxml_audit
import pytest

from sheetcrm.book.parse import UNREAD_TABS
from sheetcrm.metrics.analysis import analyse
from sheetcrm.metrics.dataset import dataset
from sheetcrm.tabs.build import summary_tabs
from sheetcrm.tabs.findings_record import CheckReport
from sheetcrm.tabs.kept import FILLED_IN
from sheetcrm.tabs.source import Places
from sheetcrm.tabs.titles import TITLES
from tests.book.opclint import faults
from tests.recalc import assert_recalculates
from tests.tables import raw_book, sheet
from tests.tabs.summaries import AS_OF, prepared, shown, team_book, with_tabs

LEADS = """
线索编号 | 客户名称 | 来源渠道 | 线索状态 | 负责人 | 线索获取时间 | 预计成交金额
L1 | =甲公司 | '=官网' | 意向 | 张三 | 2024-06-01 | 10000
L2 | 乙公司  | 展会   | 成交 | 李四 | 2024-05-01 | 20000
L3 | 丙公司  | 展会   | 流失 |      | 2024-05-01 |
"""
EMPTY = "线索编号 | 客户名称 | 来源渠道 | 线索状态 | 负责人"


@pytest.mark.parametrize("text", [LEADS, EMPTY])
def test_tabs__package_has_no_fault(text, tmp_path: Path):
    for data in (with_tabs(raw_book(sheet(text))).data, team_book(raw_book(sheet(text))).data):
        assert faults(data) == []
        path = tmp_path / "book.xlsx"
        path.write_bytes(data)
        assert list(openxml_audit.OpenXmlValidator().validate(str(path)).errors) == []


def test_tabs__sheet_names_with_quotes_reach_formulas_and_links():
    raw = raw_book(sheet(LEADS, "张三's 线索#1"))
    book, summary, places = prepared(raw)
    analysis = analyse(dataset([book]), summary)
    names = {kind: f"{title}'s (2)" for kind, title in TITLES.items() if kind != "team"}
    data = summary_tabs(names, places, summary, CheckReport(AS_OF, ()), analysis).finish()
    assert [row[0] for row in shown(data, names["funnel"])[:1]] == ["漏斗分析"]
    assert faults(data) == []
    assert_recalculates({"标题": with_tabs(raw).data})


def test_tabs__only_those_asked_for():
    data = summary_tabs(
        {"findings": "校验"}, Places(), check=CheckReport(date(2024, 6, 30), ())
    ).finish()
    assert shown(data, "校验")[0][0] == "校验结果"


def test_tabs__a_kind_without_its_figures_is_refused():
    with pytest.raises(ValueError, match="funnel"):
        summary_tabs({"funnel": "漏斗分析"}, Places())


def test_titles__summaries_are_not_read_back():
    """What the next run wants to know stands in these few; the rest is made anew."""
    assert set(TITLES) - UNREAD_TABS == {"findings", *FILLED_IN}
    assert set(TITLES) >= UNREAD_TABS
