"""A workbook as teams really have it: own headings, 万元, text dates, charts, a picture."""

import struct
import zlib
from datetime import date, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import xlsxwriter

from .simulate import Flow, Person, Record, Story, simulate

PEOPLE = (Person("何敏", 1.1, 1.2), Person("唐磊", 0.9, 0.8), Person("罗婷", 1.0, 1.0))
FLOW = Flow(
    (("初步接触", 0.6, 9), ("需求沟通", 0.62, 9), ("方案报价", 0.6, 10), ("合同谈判", 0.7, 8)),
    won="已签约",
    lost="丢单",
    needs=1,
    proposal=2,
)
# heading -> record key; the sheet counts in 万元
LEADS = {
    "序号": "",
    "编号": "lead_id",
    "登记日期": "acquired_on",
    "获客渠道": "source",
    "公司名称": "company",
    "联系人": "contact",
    "手机": "phone",
    "行业": "industry",
    "城市": "city",
    "客户需求": "initial_need",
    "意向等级": "grade",
    "销售": "owner",
    "阶段": "status",
    "预计金额（万元）": "expected_amount",
    "最近跟进": "last_follow_up",
    "下次联系时间": "next_follow_up",
    "签约日期": "won_on",
    "签约金额（万元）": "amount",
    "丢单原因": "lost_reason",
}
FOLLOW_UPS = {
    "编号": "lead_id",
    "公司名称": "company",
    "跟进日期": "followed_on",
    "沟通方式": "method",
    "沟通内容": "content",
    "客户反馈": "feedback",
    "下一步": "next_action",
    "下次联系时间": "next_follow_up",
    "跟进人": "owner",
}
STAGES = {
    "编号": "lead_id",
    "公司名称": "company",
    "所处阶段": "stage",
    "进入日期": "entered_stage_on",
    "离开日期": "left_stage_on",
    "销售": "owner",
}
MONEY = ("expected_amount", "amount")


def write(path: Path, until: date) -> None:
    """Write the foreign workbook; it knows nothing of sheetcrm."""
    story = simulate(PEOPLE, FLOW, leads=160, until=until, seed=11)
    book = xlsxwriter.Workbook(path)
    book.set_properties({"title": "华东区客户台账", "created": _midnight(until)})
    leads = book.add_worksheet("客户台账")
    _sheet(book, leads, LEADS, _as_people_type(story), "华东区客户台账（2026 上半年）")
    _sheet(book, book.add_worksheet("沟通记录"), FOLLOW_UPS, story.tables["follow_up"], "")
    _sheet(book, book.add_worksheet("阶段变化"), STAGES, story.tables["stage_progress"], "")
    _charts(book, story)
    leads.insert_image(
        0, 16, "logo.png", {"image_data": BytesIO(_logo()), "x_scale": 0.5, "y_scale": 0.5}
    )
    book.close()


def _as_people_type(story: Story) -> list[Record]:
    """Put in what people type: text dates, `-` for nothing, a trailing space."""
    rows = [dict(r) for r in story.tables["lead"]]
    for n, row in enumerate(rows):
        if n % 23 == 5:
            row["acquired_on"] = f"{row['acquired_on']:%Y.%-m.%-d}"
        if n % 31 == 7 and "next_follow_up" not in row:
            row["next_follow_up"] = "-"
        if n % 41 == 9:
            row["owner"] += " "
    return rows


def _sheet(book: Any, sheet: Any, columns: dict[str, str], rows: list[Record], title: str) -> None:
    head = book.add_format({"bold": True, "bg_color": "#DDEBF7", "border": 1, "align": "center"})
    top = 2 if title else 0
    if title:
        sheet.merge_range(0, 0, 0, 9, title, book.add_format({"bold": True, "font_size": 16}))
    sheet.write_row(top, 0, list(columns), head)
    day = book.add_format({"num_format": "yyyy-m-d"})
    for r, row in enumerate(rows, start=top + 1):
        for c, key in enumerate(columns.values()):
            value = row.get(key) if key else r - top
            if key in MONEY and value is not None:
                value = value / 10000
            if isinstance(value, date):
                sheet.write_datetime(r, c, value, day)
            elif isinstance(value, str):
                sheet.write_string(r, c, value)
            elif value is not None:
                sheet.write_number(r, c, value)
    last = top + len(rows)
    sheet.autofilter(top, 0, last, len(columns) - 1)
    sheet.freeze_panes(top + 1, 0)
    sheet.set_column(0, len(columns) - 1, 13)
    if title:
        sheet.write_string(last + 1, 0, "合计", head)
        money = list(columns).index("预计金额（万元）")
        letter = chr(65 + money)
        total = sum(r.get("expected_amount", 0) for r in rows) / 10000
        sheet.write_formula(
            last + 1, money, f"=SUM({letter}{top + 2}:{letter}{last + 1})", head, total
        )


def _charts(book: Any, story: Story) -> None:
    """Add the team's own chart sheet, with formulas of their own over the lead sheet."""
    sheet = book.add_worksheet("我的图表")
    sheet.write_row(0, 0, ["销售", "客户数"])
    for r, person in enumerate(PEOPLE, start=1):
        count = sum(row["owner"] == person.name for row in story.tables["lead"])
        sheet.write_string(r, 0, person.name)
        sheet.write_formula(r, 1, f'=COUNTIF(客户台账!$L$4:$L$400,A{r + 1}&"*")', None, count)
    chart = book.add_chart({"type": "column"})
    chart.add_series(
        {"categories": "=我的图表!$A$2:$A$4", "values": "=我的图表!$B$2:$B$4", "name": "客户数"}
    )
    chart.set_title({"name": "各销售客户数"})
    sheet.insert_chart("D2", chart)


def _logo() -> bytes:
    """Draw a 120 x 40 PNG: two coloured bars."""
    rows = b"".join(b"\0" + b"\x1f\x4e\x78" * 60 + b"\xf4\xb1\x83" * 60 for _ in range(40))

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    header = struct.pack(">IIBBBBB", 120, 40, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day)  # noqa: DTZ001 - XlsxWriter wants a naive time
