"""A 字段 tab that has lost a row: the column is not checked, and nothing else suffers."""

from datetime import date

import pytest

from sheetcrm import checks
from sheetcrm.clean import clean
from sheetcrm.kit.load import load_kit
from sheetcrm.kit.recognise import recognise_with
from sheetcrm.table import RawBook, RawSheet
from tests.tables import rows

TODAY = date(2026, 6, 30)
LEADS = """
线索编号|来源渠道|客户名称|联系人|联系方式|线索获取时间|录入时间|线索等级|线索状态|负责人|成交时间|下次跟进时间
线索-2026-0501-001|官网表单|甲公司|张三|13800131001|2026-05-01|2026-05-02|A|成交|李四|2026-06-01|
"""
FOLLOW_UPS = """
跟进记录ID|线索编号|跟进时间|跟进人|跟进方式|跟进内容|下次跟进时间|记录时间
1|线索-2026-0501-001|2026-05-03|李四|电话|聊了需求|2026-05-05|2026-05-03
"""
KIT = load_kit()
BOOK = RawBook(
    "线索.xlsx",
    "",
    (RawSheet("线索跟踪", rows(LEADS)), RawSheet("跟进记录", rows(FOLLOW_UPS))),
)


@pytest.mark.parametrize("table", ["lead", "follow_up"])
def test_check__every_column_may_be_missing_from_the_fields(table: str) -> None:
    spec = KIT.by_key[table]
    for part in range(4):
        gone = {c.name for c in spec.columns[part::4]}
        kept = tuple(c for c in spec.columns if c.name not in gone)
        fewer = spec.model_copy(update={"columns": kept})
        tables = tuple(fewer if t.key == table else t for t in KIT.tables)
        book = clean(recognise_with(BOOK, KIT.model_copy(update={"tables": tables}), own=True))
        found = checks.judge(book, TODAY).findings
        assert not gone & {f.column for f in found if f.sheet == spec.name}
        assert all(code and reason for code, reason in checks.unchecked(book))
