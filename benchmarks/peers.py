"""What people take instead: the same job with the libraries that come to mind first."""

import re
from collections import defaultdict
from collections.abc import Callable
from datetime import datetime, timedelta
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


JOBS: dict[str, Callable[..., Job]] = {
    job.__name__: job for job in (frictionless, pandera, openpyxl_loop, openpyxl_save)
}
