"""Workbooks of any size, the same for the same seed: leads as a sales team has them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np
import xlsxwriter

AS_OF = date(2026, 6, 30)
LEAD_HEADINGS = (
    *("线索编号", "来源渠道", "客户名称", "联系人", "联系方式", "初步需求", "线索获取时间"),
    *("录入时间", "线索等级", "线索状态", "负责人", "实际成交金额", "成交时间", "流失原因"),
    *("流失阶段", "预计成交金额", "所属行业", "区域", "最后跟进时间", "下次跟进时间"),
)
FOLLOW_UP_HEADINGS = (
    *("跟进记录ID", "线索编号", "客户名称", "跟进时间", "跟进人", "跟进方式", "跟进内容"),
    *("客户反馈", "下一步行动", "当前状态", "下次跟进时间", "记录时间"),
)
# The columns of a long narrow sheet, so that a million rows stay within what one sheet may hold.
NARROW = ("客户名称", "联系方式", "线索获取时间", "负责人", "预计成交金额")
SOURCES = ("官网", "展会", "转介绍", "抖音", "百度推广")
OWNERS = ("张伟", "李娜", "王芳", "刘强", "陈静", "赵磊")
INDUSTRIES = ("制造业", "医疗", "教育", "金融", "零售")
REGIONS = ("华东", "华南", "华北", "西南")
OPEN_STAGES = ("线索", "意向", "商机", "报价")
# One lead in ten is open; of 200 rows one lacks its company, one has half a phone number, one an
# amount in words.
_OPEN, _WON, _FAULT = 0.1, 0.4, 0.005

Row = list[object]


@dataclass(frozen=True)
class Sheet:
    """One sheet to write."""

    name: str
    headings: Sequence[str]
    rows: Iterable[Sequence[object]]


def leads(count: int, seed: int = 7, first: int = 0, people: Sequence[str] = OWNERS) -> list[Row]:
    """Return rows under LEAD_HEADINGS; `first` keeps the customers of two calls apart."""
    random = np.random.default_rng(seed)
    kinds, ages, luck = random.random(count), random.integers(0, 1500, count), random.random(count)
    today, numbers = datetime.combine(AS_OF, datetime.min.time()), dict[str, int]()
    rows = []
    for i in range(count):
        is_open = kinds[i] <= _OPEN
        day = today - timedelta(int(ages[i]) % 3 if is_open else int(ages[i]) + 60)
        stem = f"{day:%Y-%m%d}"
        numbers[stem] = numbers.get(stem, 0) + 1
        won = not is_open and kinds[i] < _WON
        stage = OPEN_STAGES[i % 4] if is_open else "成交" if won else "流失"
        company = f"第{first + i}号机械设备有限公司"
        phone = str(13_800_000_000 + first + i)
        amount: object = float(10_000 + i % 100_000)
        rows.append(
            [
                *(f"线索-{stem}-{seed:02d}{numbers[stem]:03d}", SOURCES[i % 5]),
                "" if luck[i] < _FAULT else company,
                *(f"王{i % 997}", "138" if _FAULT <= luck[i] < 2 * _FAULT else phone),
                *("需要一套检测设备", day, day, "C", stage, people[i % len(people)]),
                *(amount if won else None, day + timedelta(30) if won else None),
                *(None if is_open or won else text for text in ("预算不足", "线索")),
                "面议" if 2 * _FAULT <= luck[i] < 3 * _FAULT else amount,
                *(INDUSTRIES[i % 5], REGIONS[i % 4], day),
                today + timedelta(2) if is_open else None,
            ]
        )
    return rows


def follow_ups(of: Sequence[Row], count: int) -> list[Row]:
    """Return rows under FOLLOW_UP_HEADINGS, dealt out over the leads in turn."""
    place = {name: at for at, name in enumerate(LEAD_HEADINGS)}
    rows = []
    for j in range(count):
        lead = of[j % len(of)]
        acquired = lead[place["线索获取时间"]]
        assert isinstance(acquired, datetime)
        day = acquired + timedelta(j // len(of))
        rows.append(
            [
                *(f"GJ2024{j:06d}", lead[0], lead[place["客户名称"]], day),
                *(lead[place["负责人"]], ("电话", "微信", "拜访")[j % 3]),
                *(f"沟通了需求和预算第{j % 50}次", "客户有兴趣", "发送方案"),
                *(lead[place["线索状态"]], day + timedelta(3), day),
            ]
        )
    return rows


def narrow(rows: Iterable[Row]) -> Iterable[Sequence[object]]:
    """Yield the columns of NARROW."""
    places = [LEAD_HEADINGS.index(name) for name in NARROW]
    return ([row[at] for at in places] for row in rows)


def write(path: Path, *sheets: Sheet) -> Path:
    """Write a workbook with bare XlsxWriter."""
    options = {"constant_memory": True, "default_date_format": "yyyy-mm-dd"}
    book = xlsxwriter.Workbook(path, options)
    for sheet in sheets:
        made = book.add_worksheet(sheet.name)
        made.write_row(0, 0, sheet.headings)
        for number, row in enumerate(sheet.rows, 1):
            for column, value in enumerate(row):
                if isinstance(value, str):
                    made.write_string(number, column, value)
                elif isinstance(value, datetime):
                    made.write_datetime(number, column, value)
                elif value is not None:
                    made.write_number(number, column, value)
    book.close()
    return path


def lead_book(path: Path, count: int, seed: int = 7, first: int = 0) -> Path:
    """Write a workbook with a lead sheet."""
    return write(path, Sheet("线索跟踪", LEAD_HEADINGS, leads(count, seed, first)))


def full_book(path: Path, count: int, records: int) -> Path:
    """Write a workbook with leads and their follow-ups."""
    rows = leads(count)
    return write(
        path,
        Sheet("线索跟踪", LEAD_HEADINGS, rows),
        Sheet("跟进记录", FOLLOW_UP_HEADINGS, follow_ups(rows, records)),
    )


def narrow_book(path: Path, count: int) -> Path:
    """Write a workbook with a long narrow lead sheet."""
    return write(path, Sheet("线索跟踪", NARROW, narrow(leads(count))))


def team_folder(folder: Path, books: int, rows: int) -> Path:
    """Write a folder of workbooks, one a salesperson, that share no customer."""
    folder.mkdir(parents=True)
    for number in range(books):
        mine = leads(rows, number + 1, number * rows, [OWNERS[number % len(OWNERS)]])
        write(folder / f"销售{number + 1:03d}.xlsx", Sheet("线索跟踪", LEAD_HEADINGS, mine))
    return folder
