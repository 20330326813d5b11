"""Small workbooks on disk, as a team has them: plain sheets under their own headings."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from zipfile import ZipFile

import xlsxwriter

from sheetcrm.book.markers import Role, add_markers
from sheetcrm.kit.load import load_kit
from sheetcrm.tabs.titles import SUMMARY_KINDS, TITLES
from sheetcrm.tabs.workbook import build_workbook
from tests.tables import rows

LEADS = """
编号|登记日期|获客渠道|公司名称|联系人|手机|意向等级|销售|阶段|预计金额（万元）|签约日期|签约金额（万元）|丢单原因
X001|2026-05-04|官网|明禾机械公司|张一|'13800131001'|B|甲|线索|5
X002|2026-05-05|展会|东方物流公司|李二|'13800131002'|B|甲|意向|12
X003|2026-05-06|官网|北辰教育公司|王三|'13800131003'|A|乙|成交|8|2026-06-01|7.5
X004|2026-05-07|展会|南山医疗公司|赵四|'13800131004'|C|乙|流失|3|||价格过高
"""
TODAY = date(2026, 6, 30)
# Tabs that these leads alone give nothing to show for.
NOT_SHOWN = ("goals", "collaboration")
SUMMARIES = [TITLES[kind] for kind in SUMMARY_KINDS if kind not in NOT_SHOWN]


def write(path: Path, text: str = LEADS, sheet: str = "客户台账", note: str = "自己的备注") -> Path:
    """Write a workbook with one table and one sheet of the user's own."""
    book = xlsxwriter.Workbook(path)
    book.set_properties({"created": datetime(2026, 6, 1, tzinfo=UTC)})  # the same bytes at any time
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    leads = book.add_worksheet(sheet)
    for r, line in enumerate(rows(text)):
        for c, value in enumerate(line):
            if isinstance(value, date):
                leads.write_datetime(r, c, value, day)
            elif isinstance(value, str):
                leads.write_string(r, c, value)
            elif value is not None:
                leads.write_number(r, c, value)
    own = book.add_worksheet("我的")
    own.write_string(0, 0, note)
    own.write_formula(1, 0, f"=COUNTA('{sheet}'!A:A)-1", None, 4)
    book.close()
    return path


def parts(path: Path) -> dict[str, bytes]:
    """Return the inflated parts of a workbook."""
    with ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def sheet_names(path: Path) -> list[str]:
    """Return the sheets in tab order."""
    import python_calamine

    return python_calamine.CalamineWorkbook.from_path(path).sheet_names


def own_book(records: Mapping[str, Sequence[Mapping[str, object]]]) -> bytes:
    """Return a workbook of our own kit with rows in it, by table and column key."""
    made = build_workbook(load_kit().with_tables(list(records)), 12, TODAY, records)
    return add_markers(made.data, {name: Role(*role) for name, role in made.roles.items()})
