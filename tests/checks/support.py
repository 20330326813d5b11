"""What the tests of the rules share."""

from collections.abc import Iterable
from datetime import date

from sheetcrm.findings import Finding
from sheetcrm.kit.load import load_kit
from sheetcrm.kit.model import OWNER_LIST, Kit
from sheetcrm.table import RawSheet
from tests.tables import sheet

AS_OF = date(2024, 6, 30)


def told(findings: Iterable[Finding]) -> list[str]:
    """Return `sheet!cell code`, with the severity where it is not an error."""
    marks = {"error": "", "warning": " W", "info": " I"}
    return [f"{f.sheet}!{f.cell} {f.code}{marks[f.severity]}" for f in findings]


def leads(text: str) -> RawSheet:
    return sheet(text, "线索跟踪", table="lead")


def accounts(text: str) -> RawSheet:
    return sheet(text, "客户档案", table="account")


def follow_ups(text: str) -> RawSheet:
    return sheet(text, "跟进记录", table="follow_up")


def progress(text: str) -> RawSheet:
    return sheet(text, "阶段进度", table="stage_progress")


def requests(text: str) -> RawSheet:
    return sheet(text, "协作需求", table="request")


def changes(text: str) -> RawSheet:
    return sheet(text, "状态变更", table="status_change")


def kit_with_team(*names: str) -> Kit:
    return load_kit().with_items(OWNER_LIST, names)


def contracts(text: str) -> RawSheet:
    return sheet(text, "合同", table="contract")


def prices(text: str) -> RawSheet:
    return sheet(text, "产品报价", table="price")
