"""`check --json` counts rows of data: no totals, blank rows, examples, notes, repeated heads."""

import os
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from sheetcrm.workflows.check import check
from sheetcrm.workflows.demo import SAMPLES_AS_OF, samples_folder
from tests.workflows.workbooks import LEADS, TODAY, write

CORPUS = os.environ.get("SHEETCRM_CORPUS", "")
MESSY = samples_folder() / "messy" / "线索跟踪-待整理.xlsx"
ODD = ("repeated_header_and_subtotals", "blank_rows_between", "title_rows_above_header")


def counted(path: Path) -> dict[str, int]:
    """Return what `check --json` says: rows by sheet."""
    files: list[dict[str, Any]] = check([str(path)], TODAY).as_json()["files"]
    return {sheet["name"]: sheet["rows"] for sheet in files[0]["sheets"]}


def test_rows__only_data(tmp_path):
    head, *leads = LEADS.strip().splitlines()
    lines = [
        head,
        "示例：X000|2026-05-04|官网|示例公司",
        *leads[:2],
        "|",
        "小计||||||||||17",
        head,
        *leads[2:],
        "合计||||||||||29",
        "备注：本表由销售部维护",
        "|",
    ]
    path = write(tmp_path / "台账.xlsx", "\n".join(lines))
    assert counted(path) == {"客户台账": 4}


def test_rows__headings_only(tmp_path):
    path = write(tmp_path / "空.xlsx", LEADS.strip().splitlines()[0])
    assert counted(path) == {"客户台账": 0}


def test_rows__of_the_messy_sample():
    """Counted again with openpyxl: rows below the row with most texts that are no example."""
    book = openpyxl.load_workbook(MESSY, read_only=True)
    result = check([str(MESSY)], SAMPLES_AS_OF).as_json()["files"][0]["sheets"]
    assert {s["table"] for s in result} >= {"lead", "follow_up", "stage_progress"}
    for sheet in result:
        rows = list(book[sheet["name"]].iter_rows(values_only=True))
        head = max(range(5), key=lambda i: sum(isinstance(c, str) for c in rows[i]))
        data = [r for r in rows[head + 1 :] if any(c not in (None, "") for c in r)]
        real = [r for r in data if not any("示例" in str(c) for c in r)]
        assert sheet["rows"] == len(real), sheet["name"]


@pytest.mark.skipif(not CORPUS, reason="SHEETCRM_CORPUS names no corpus")
@pytest.mark.parametrize("name", ["线索跟踪表_干净.xlsx", "线索跟踪表_带错误.xlsx"])
def test_rows__of_the_corpus(name):
    path = Path(CORPUS) / "sales" / "zh_synthetic" / name
    book = openpyxl.load_workbook(path, read_only=True)
    rows = counted(path)
    assert len(rows) == 4
    for sheet, count in rows.items():
        filled = [r for r in book[sheet].iter_rows(min_row=2, values_only=True) if any(r)]
        assert count == len(filled)


@pytest.mark.skipif(not CORPUS, reason="SHEETCRM_CORPUS names no corpus")
@pytest.mark.parametrize("name", ODD)
def test_rows__of_odd_sheets_in_the_corpus(name):
    path = Path(CORPUS) / "malformed" / "gen_sheet" / f"{name}.xlsx"
    assert list(counted(path).values()) == [30]
