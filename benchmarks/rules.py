"""How long 30 formula rules take on 100,000 rows, beside reading the workbook they stand in.

    python benchmarks/rules.py [rows]

Prints the seconds of reading (guard, worker, cells), of evaluating all rules, and their ratio,
which is to stay below 2. Both are wall-clock times of this machine, the best of three runs.
"""

import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import xlsxwriter

from sheetcrm.book.read import read_book
from sheetcrm.rules import Scope, parse
from sheetcrm.rules.evaluate import holds
from sheetcrm.rules.vector import from_series, from_values, serial

AS_OF = date(2024, 6, 30)
FIRST = date(2023, 1, 1)
RULES = """
AND([@线索等级]="A",[@预算范围]="")
AND([@线索等级]="A",OR([@预算范围]="",[@决策人]="",[@预计采购时间]=""))
AND([@线索状态]="成交",[@实际成交金额]="")
COUNTIFS(工作日,">"&[@线索获取时间],工作日,"<="&[@录入时间])>1
AND([@客户名称]<>"",COUNTIFS([客户名称],[@客户名称],[联系方式],[@联系方式])>1)
COUNTIFS([线索编号],[@线索编号])>1
COUNTIFS([联系方式],[@联系方式]&"*",[联系方式],[@联系方式])>1
SUMIFS([预计成交金额],[负责人],[@负责人])>1000000000
COUNTIFS([客户名称],[@客户名称],[线索获取时间],"<"&[@线索获取时间])>0
AVERAGEIFS([预计成交金额],[客户名称],[@客户名称])<[@预计成交金额]/2
COUNTIFS([客户名称],[@客户名称],[负责人],"<>"&[@负责人])>0
AND([@录入时间]<>"",[@录入时间]-[@线索获取时间]>7)
AND([@最后跟进时间]<>"",今天-[@最后跟进时间]>30)
LEN([@联系方式])<>11
LEFT([@线索编号],2)<>"线索"
ISNUMBER(SEARCH("测试",[@客户名称]))
YEAR([@线索获取时间])<2024
WEEKDAY([@录入时间],2)>5
AND([@线索等级]="C",[@预计成交金额]>500000)
TEXT([@线索获取时间],"yyyy-mm")="2024-03"
IF([@线索等级]="A",[@预计成交金额]<10000,FALSE)
OR([@线索等级]="",[@负责人]="")
ISERROR(MATCH([@负责人],名单,0))
[@预计成交金额]>10*AVERAGE([预计成交金额])
IFERROR([@实际成交金额]/[@预计成交金额],1)<0.5
EDATE([@线索获取时间],1)<[@录入时间]
MID([@联系方式],1,3)="170"
DATEDIF([@线索获取时间],今天,"d")>365
ROUND([@预计成交金额],0)<>[@预计成交金额]
[@客户名称]&[@联系方式]=""
""".strip().splitlines()


def leads(rows: int) -> pd.DataFrame:
    """Return typed lead rows: every id distinct, two phones in three, one company in forty."""
    random = np.random.default_rng(7)
    start = pd.Timestamp(FIRST)

    def pick(values: list[str | None]) -> pd.Series:
        chosen = np.array(values, dtype=object)[random.integers(0, len(values), rows)]
        return pd.Series(chosen, dtype="str")

    def days() -> pd.Series:
        return start + pd.Series(pd.to_timedelta(random.integers(0, 540, rows), "D"))

    acquired = days()
    phones = 13_800_000_000 + random.integers(0, rows, rows)
    return pd.DataFrame(
        {
            "线索编号": [f"线索-2024-0501-{i:06d}" for i in range(rows)],
            "客户名称": pick([f"第{i}机械设备有限公司" for i in range(max(1, rows // 40))]),
            "联系方式": phones.astype(str),
            "线索等级": pick(["A", "B", "C", None]),
            "线索状态": pick(["初步接触", "需求确认", "方案报价", "成交", "流失"]),
            "负责人": pick(["张伟", "李娜", "王芳", None]),
            "预算范围": pick(["10-30万", "50万以内", None]),
            "决策人": pick(["总经理", None]),
            "预计采购时间": days().mask(random.random(rows) < 0.3),
            "线索获取时间": acquired,
            "录入时间": acquired + pd.Series(pd.to_timedelta(random.integers(0, 6, rows), "D")),
            "最后跟进时间": days(),
            "预计成交金额": random.integers(1, 10**6, rows).astype(float),
            "实际成交金额": pd.Series(random.integers(1, 10**6, rows) * 1.0).mask(
                random.random(rows) < 0.7
            ),
        }
    )


def write(frame: pd.DataFrame, path: Path) -> None:
    """Write the rows as a workbook of one sheet."""
    book = xlsxwriter.Workbook(path, {"constant_memory": True, "default_date_format": "yyyy-mm-dd"})
    sheet = book.add_worksheet("线索跟踪")
    sheet.write_row(0, 0, frame.columns)
    for at, row in enumerate(frame.astype(object).where(frame.notna(), None).to_numpy(), start=1):
        sheet.write_row(at, 0, row)
    book.close()


def evaluate(frame: pd.DataFrame) -> None:
    """Evaluate all rules on columns typed anew."""
    weekdays = [FIRST + timedelta(days=n) for n in range(730)]
    names = {
        "工作日": from_values([serial(d) for d in weekdays if d.weekday() < 5], "list"),
        "名单": from_values(["张伟", "李娜", "王芳"], "list"),
    }
    scope = Scope({name: from_series(frame[name]) for name in frame}, AS_OF, names)
    for rule in RULES:
        holds(parse(rule), scope)


def best(job: Callable[[], object]) -> float:
    """Return the shortest of three runs in seconds."""
    taken = []
    for _ in range(3):
        start = time.perf_counter()
        job()
        taken.append(time.perf_counter() - start)
    return min(taken)


def main() -> None:
    """Measure and print."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    frame = leads(rows)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "线索.xlsx"
        write(frame, path)
        reading = best(lambda: read_book(path))
    evaluating = best(lambda: evaluate(frame))
    size = f"{rows:,} rows x {len(frame.columns)} columns"
    print(f"{size}: read {reading:.2f} s, {len(RULES)} rules {evaluating:.2f} s")  # noqa: T201
    print(f"rules / read = {evaluating / reading:.2f}")  # noqa: T201


if __name__ == "__main__":
    main()
