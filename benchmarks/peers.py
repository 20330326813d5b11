"""What people take instead: the same job with the libraries that come to mind first."""

import re
import shutil
from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks.data import AS_OF, INDUSTRIES, OPEN_STAGES, OWNERS, REGIONS, SOURCES

Job = Callable[[], object]

STAGES = (*OPEN_STAGES, "成交", "流失")
GRADES = ("A", "B", "C", "D")
PHONE = r"1[3-9]\d{9}"
REQUIRED = ("线索编号", "来源渠道", "客户名称", "联系方式", "线索获取时间", "线索状态", "负责人")
LISTS = {
    **{"来源渠道": SOURCES, "线索等级": GRADES, "线索状态": STAGES, "负责人": OWNERS},
    **{"所属行业": INDUSTRIES, "区域": REGIONS},
}
DATES = ("线索获取时间", "录入时间", "成交时间", "最后跟进时间", "下次跟进时间")
AMOUNTS = ("实际成交金额", "预计成交金额")
TODAY = datetime.combine(AS_OF, datetime.min.time())


def frictionless(path: str) -> Job:
    """Return frictionless' validation with a schema of types, lists, a pattern and a key."""
    from frictionless import Resource, Schema, formats, system, validate

    from benchmarks.data import LEAD_HEADINGS

    def field(name: str) -> dict[str, Any]:
        kind = "datetime" if name in DATES else "number" if name in AMOUNTS else "string"
        limits: dict[str, Any] = {"required": True} if name in REQUIRED else {}
        if name in LISTS:
            limits["enum"] = list(LISTS[name])
        if name == "联系方式":
            limits["pattern"] = PHONE
        if name in ("线索编号", "联系方式"):
            limits["unique"] = True
        return {"name": name, "type": kind, "constraints": limits}

    schema = Schema.from_descriptor({"fields": [field(name) for name in LEAD_HEADINGS]})
    control = formats.ExcelControl(sheet="线索跟踪")

    def job() -> object:
        with system.use_context(trusted=True):  # it takes no absolute path otherwise
            return validate(
                Resource(path=path, schema=schema, control=control), limit_errors=1_000_000
            )

    return job


def pandera(path: str) -> Job:
    """Return pandas' read (by calamine, its fastest) and pandera's validation of the frame."""
    import pandas as pd
    import pandera.pandas as pa

    columns: dict[str, Any] = {}
    for name in {*REQUIRED, *LISTS, *DATES, *AMOUNTS}:
        checks = [pa.Check.isin(LISTS[name])] if name in LISTS else []
        if name == "联系方式":
            checks.append(pa.Check.str_matches(f"^{PHONE}$"))
        unique = name in ("线索编号", "联系方式")
        kind = "datetime64[ns]" if name in DATES else float if name in AMOUNTS else str
        columns[name] = pa.Column(
            kind, checks, nullable=name not in REQUIRED, unique=unique, coerce=True
        )
    schema = pa.DataFrameSchema(columns)

    def job() -> object:
        frame = pd.read_excel(path, engine="calamine", dtype={"联系方式": str})
        try:
            return schema.validate(frame, lazy=True)
        except pa.errors.SchemaErrors as errors:
            return errors.failure_cases

    return job


def openpyxl_loop(path: str) -> Job:
    """Return a loop over openpyxl's rows that makes the same checks as the schemas."""
    import openpyxl

    def job() -> object:
        sheet = openpyxl.load_workbook(path, read_only=True, data_only=True).active
        rows = sheet.iter_rows(values_only=True)
        headings = next(rows)
        seen: dict[str, dict[Any, int]] = defaultdict(dict)
        return [
            found
            for number, row in enumerate(rows, 2)
            for found in _problems(number, dict(zip(headings, row, strict=True)), seen)
        ]

    return job


def _problems(
    number: int, row: dict[str, Any], seen: dict[str, dict[Any, int]]
) -> list[tuple[Any, ...]]:
    """Return what is wrong with a row: number, column, value, what, who."""
    found = []
    for name in REQUIRED:
        if row[name] in (None, ""):
            found.append((number, name, "", "必填项没有填写", row["负责人"]))
    for name, allowed in LISTS.items():
        if row[name] not in (None, "") and row[name] not in allowed:
            found.append((number, name, row[name], "不在可选范围内", row["负责人"]))
    for name in DATES:
        if row[name] is not None and not isinstance(row[name], datetime):
            found.append((number, name, row[name], "不是日期", row["负责人"]))
    for name in AMOUNTS:
        if row[name] is not None and not isinstance(row[name], int | float):
            found.append((number, name, row[name], "不是数字", row["负责人"]))
    phone = str(row["联系方式"] or "")
    if phone and not re.fullmatch(PHONE, phone):
        found.append((number, "联系方式", phone, "手机号位数不对", row["负责人"]))
    for name in ("线索编号", "联系方式", "客户名称"):
        value = row[name]
        if value and seen[name].setdefault(value, number) != number:
            text = f"与第{seen[name][value]}行重复"
            found.append((number, name, value, text, row["负责人"]))
    won, acquired = row["线索状态"] == "成交", row["线索获取时间"]
    if won and not (row["实际成交金额"] and row["成交时间"]):
        found.append((number, "实际成交金额", "", "成交必须有金额和时间", row["负责人"]))
    if row["线索状态"] == "流失" and not row["流失原因"]:
        found.append((number, "流失原因", "", "流失必须写原因", row["负责人"]))
    if row["成交时间"] and acquired and row["成交时间"] < acquired:
        found.append((number, "成交时间", row["成交时间"], "早于获取时间", row["负责人"]))
    if acquired and acquired > TODAY:
        found.append((number, "线索获取时间", acquired, "晚于今天", row["负责人"]))
    if row["线索状态"] in OPEN_STAGES:
        planned, last = row["下次跟进时间"], row["最后跟进时间"]
        if planned is None or planned < TODAY:
            found.append((number, "下次跟进时间", planned, "没有跟进计划", row["负责人"]))
        if last is None or TODAY - last > timedelta(3):
            found.append((number, "最后跟进时间", last, "三天没有跟进", row["负责人"]))
    return found


def openpyxl_save(path: str, target: str) -> Job:
    """Return openpyxl's load and save with three more sheets of figures."""
    import openpyxl

    def job() -> None:
        book = openpyxl.load_workbook(path)
        for title in ("漏斗分析", "转化分析", "逾期预警"):
            sheet = book.create_sheet(title)
            for number in range(500):
                sheet.append([f"第{number}行", number, number / 3, "张伟"])
        book.save(target)

    return job


def weekly_script(source: str, folder: str) -> Job:
    """Return a straight pandas and openpyxl script over a folder and its team workbook."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(source, folder)
    import pandas as pd

    def job() -> None:
        frames, all_found = [], []
        for path in sorted(Path(folder).glob("*.xlsx")):
            frame = pd.read_excel(path, engine="openpyxl", dtype={"联系方式": str})
            found = _check_frame(frame)
            _write_tabs(path, frame, found)
            frames.append(frame.assign(文件=path.name))
            all_found += found
        _write_tabs(Path(folder) / "团队汇总.xlsx", pd.concat(frames), all_found, new=True)

    return job


def _check_frame(frame: Any) -> list[tuple[Any, ...]]:
    seen: dict[str, dict[Any, int]] = defaultdict(dict)
    found = []
    for number, (_, row) in enumerate(frame.iterrows(), 2):
        cells = {name: None if value != value else value for name, value in row.items()}
        found += _problems(number, cells, seen)
    return found


def _write_tabs(path: Path, frame: Any, found: list[tuple[Any, ...]], *, new: bool = False) -> None:
    """Write the figures, the lists behind them and the findings, as our tabs have them."""
    import openpyxl

    book = openpyxl.Workbook() if new else openpyxl.load_workbook(path)
    for title, (headings, rows) in _tables(frame, found).items():
        if title in book.sheetnames:
            del book[title]
        _write_sheet(book.create_sheet(title), headings, rows)
    book.save(path)


def _write_sheet(sheet: Any, headings: tuple[str, ...], rows: list[tuple[Any, ...]]) -> None:
    from openpyxl.styles import Alignment, Border, Font, PatternFill, Side

    bold, fill = Font(bold=True, color="FFFFFF"), PatternFill("solid", fgColor="305496")
    line = Side(style="thin", color="BFBFBF")
    border, middle = Border(line, line, line, line), Alignment(vertical="center")
    sheet.append(headings)
    for cell in sheet[1]:
        cell.font, cell.fill = bold, fill
    for row in rows:
        sheet.append([None if value != value else value for value in row])
    for cells in sheet.iter_rows(min_row=2):
        for cell in cells:
            cell.border, cell.alignment = border, middle
            if isinstance(cell.value, datetime):
                cell.number_format = "yyyy-mm-dd"
            elif isinstance(cell.value, float):
                cell.number_format = "#,##0.00"


def _tables(
    frame: Any, found: list[tuple[Any, ...]]
) -> dict[str, tuple[tuple[str, ...], list[tuple[Any, ...]]]]:
    """Return headings and rows of each tab."""
    import pandas as pd

    status, won = frame["线索状态"], frame["线索状态"] == "成交"
    is_open = status.isin(OPEN_STAGES)
    amount = pd.to_numeric(frame["实际成交金额"], errors="coerce").fillna(0)
    today = pd.Timestamp(TODAY)
    silent = (today - frame["最后跟进时间"]).dt.days
    age = (today - frame["线索获取时间"]).dt.days
    month = frame["线索获取时间"].dt.strftime("%Y-%m")
    counts = status.value_counts()
    groups = []
    for column in ("来源渠道", "负责人", "所属行业", "区域", "线索等级"):
        for name, part in frame.groupby(column):
            here = won[part.index]
            groups.append(
                (
                    *(column, name, len(part), int(here.sum()), int(is_open[part.index].sum())),
                    *(float(here.mean()), float(amount[part.index].sum())),
                )
            )
    trend = [
        (name, len(part), int(won[part.index].sum()), float(amount[part.index].sum()))
        for name, part in frame.groupby(month)
    ]
    people = Counter(row[4] for row in found)
    keys = ["线索编号", "客户名称", "负责人", "来源渠道", "线索状态", "线索等级", "线索获取时间"]
    lead_rows = list(
        frame[[*keys, "成交时间", "最后跟进时间"]]
        .assign(天数=age, 静默=silent, 金额=amount)
        .itertuples(index=False, name=None)
    )
    late = frame[is_open & (silent > 3)].assign(静默=silent)
    headings = (*keys, "成交时间", "最后跟进时间", "天数", "静默", "金额")
    return {
        "漏斗分析": (
            ("阶段", "数量", "占比"),
            [(s, int(counts.get(s, 0)), counts.get(s, 0) / len(frame)) for s in STAGES],
        ),
        "漏斗明细": (headings, lead_rows),
        "转化分析": (("维度", "名称", "线索", "成交", "进行中", "成交率", "金额"), groups),
        "转化明细": (headings, lead_rows),
        "趋势": (("月份", "线索", "成交", "金额"), trend),
        "逾期预警": (
            (*keys, "静默"),
            list(late[[*keys, "静默"]].itertuples(index=False, name=None)),
        ),
        "业绩": (("负责人", "问题"), sorted(people.items(), key=str)),
        "校验结果": (("行", "列", "值", "问题", "负责人"), found),
    }


JOBS: dict[str, Callable[..., Job]] = {
    job.__name__: job
    for job in (frictionless, pandera, openpyxl_loop, openpyxl_save, weekly_script)
}
