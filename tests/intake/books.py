"""Incoming sheets and books written as small Chinese tables."""

from datetime import date, datetime
from typing import Any

import pandas as pd

from sheetcrm.clean import CleanBook
from sheetcrm.intake.decide import open_rows
from sheetcrm.intake.model import Decided, Incoming
from sheetcrm.intake.options import Options
from sheetcrm.kit.model import Kit
from tests.tables import clean_book, sheet

DAY = date(2026, 6, 30)
OPTIONS = Options(as_of=DAY, now=datetime(2026, 6, 30, 9, 30))  # noqa: DTZ001
LEADS = (
    "线索编号|来源渠道|客户名称|联系人|联系方式|初步需求|线索获取时间|录入时间|线索等级|线索状态|负责人|"
    "预计成交金额|最后跟进时间|回款金额|区域|备注"
)
LOG = (
    "跟进记录ID|线索编号|客户名称|跟进时间|跟进人|跟进方式|跟进内容|客户反馈|下一步行动|"
    "当前状态|下次跟进时间|记录时间"
)
NAMES = {
    "lead": "线索跟踪",
    "follow_up": "跟进记录",
    "account": "客户档案",
    "stage_progress": "阶段进度",
    "request": "协作需求",
    "contract": "合同",
}


def book(*lines: str, kit: Kit | None = None, own: bool = True, **tables: str) -> CleanBook:
    """Return a book with these leads, and other tables by key: heading line and rows."""
    text = "\n".join([LEADS, *lines])
    sheets = [sheet(text, table="lead")]
    sheets += [sheet(t, NAMES[key], table=key) for key, t in tables.items()]
    return clean_book(*sheets, own=own, kit=kit)


def incoming(
    text: str, kind: str = "lead", stages: dict[int, dict[str, str]] | None = None
) -> Incoming:
    """Return a sheet that came in, mapped and typed; `stages` by row: stage name to day."""
    cleaned = clean_book(sheet(text, NAMES[kind], table=kind), own=True, file="来的.xlsx")
    table = cleaned.tables[kind]
    days = pd.DataFrame(stages or {}).T.reindex(table.data.index)
    dated = days.apply(pd.to_datetime).astype("datetime64[us]") if len(days.columns) else days
    return Incoming(
        file="来的.xlsx",
        sheet=table.source.sheet,
        kind=kind,
        source="",
        headings=(),
        values=(),
        table=table.source,
        data=table.data,
        stages=dated,
        findings=cleaned.findings,
    )


def actions(decided: Decided) -> list[str]:
    """Return `action target first`, a question with a ?, one a row."""
    result = []
    for each in decided.decisions.to_dict("records"):
        parts: list[Any] = [each["action"] + ("" if each["certain"] else "?")]
        parts += [] if pd.isna(each["target"]) else [f"={each['target']}"]
        parts += [] if pd.isna(each["first"]) else [f"<{each['first']}"]
        result.append(" ".join(parts))
    return result


def cells(frame: pd.DataFrame) -> list[tuple[Any, ...]]:
    """Return row, key, old and new of changed or kept cells."""
    return [
        (row, key, _shown(old), _shown(new))
        for row, key, old, new in zip(
            frame["row"], frame["key"], frame["old"], frame["new"], strict=True
        )
    ]


def _shown(value: Any) -> Any:
    if pd.isna(value):
        return ""
    return str(value.date()) if isinstance(value, datetime) else value


def settled_prints(decided: Decided) -> tuple[str, ...]:
    """Return the fingerprints that an import remembers: those of the rows it has settled."""
    prints = decided.decisions["fingerprint"].drop(open_rows(decided))
    return tuple(dict.fromkeys(prints))
