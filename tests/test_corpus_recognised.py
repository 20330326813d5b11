"""What every workbook of the corpus is taken for, frozen as a text a person can read.

Most of them have nothing to do with sales and must be left alone, whatever chance headings they
have. After a change on purpose: `python -m tests.test_corpus_recognised`, then read the diff.
"""

import os
from pathlib import Path

import pytest

from sheetcrm.book.worker import Reader
from sheetcrm.errors import FileProblem
from sheetcrm.kit.load import load_kit
from sheetcrm.kit.recognise import recognise
from sheetcrm.table import RawBook, Table

CORPUS = os.environ.get("SHEETCRM_CORPUS", "")
GOLDEN = Path(__file__).parent / "golden" / "recognised.txt"
SUFFIXES = (".xlsx", ".xlsm", ".xltx", ".xltm", ".xls", ".xlsb", ".ods", ".et")
# Zip bombs and a sheet that reaches the last cell take their time; others test them.
LEFT_OUT = ("malformed/gen_bomb/", "malformed/gen_dim/one_cell_at_XFD1048576")

needs_corpus = pytest.mark.skipif(not CORPUS, reason="SHEETCRM_CORPUS names no corpus")


@pytest.fixture(scope="module")
def found() -> list[str]:
    return lines(Path(CORPUS))


@needs_corpus
def test_recognised__as_the_golden_file_says(found):
    assert found == GOLDEN.read_text("utf-8").splitlines()


@needs_corpus
def test_recognised__nothing_in_workbooks_that_are_not_about_sales(found):
    others = [line for line in found if line.startswith("workbooks/")]
    assert len(others) > 70
    assert [line for line in others if not line.endswith(("没有表", "打不开"))] == []


@needs_corpus
def test_recognised__every_sales_sheet_of_the_malformed_ones_that_can_be_read(found):
    """They all hold the same 30 leads of 12 columns, behind some oddity."""
    odd = [line for line in found if line.startswith(("malformed/gen_sheet/", "malformed/gen_dim"))]
    tables = [line.partition("  ")[2] for line in odd if "header_only" not in line]
    nothing = [line for line in odd if line.endswith("没有表")]
    assert len(tables) > 40
    assert [t for t in tables if t.startswith("lead ") and "30行" not in t] == []
    assert [line.partition("  ")[0].rpartition("/")[2] for line in nothing] == [
        "empty_sheet.xlsx",
        "no_header.xlsx",
    ]


def lines(corpus: Path) -> list[str]:
    """Say of every workbook in one line what it is taken for."""
    paths = sorted(
        path
        for folder in ("sales", "workbooks", "malformed")
        for path in (corpus / folder).rglob("*")
        if path.suffix.lower() in SUFFIXES
    )
    with Reader() as reader:
        return [
            f"{name}  {outcome(path, reader)}"
            for path in paths
            if not (name := path.relative_to(corpus).as_posix()).startswith(LEFT_OUT)
        ]


def outcome(path: Path, reader: Reader) -> str:
    try:
        raw: RawBook = reader.read(path)
    except FileProblem:
        return "打不开"
    tables = recognise(raw, load_kit()).tables
    return "；".join(told(kind, table) for kind, table in tables.items()) or "没有表"


def told(kind: str, table: Table) -> str:
    known = sum(h.known for h in table.headings)
    return (
        f"{kind} 表头第{table.header_row}行 {len(table.raw)}行"
        f" {len(table.headings)}列中认识{known}列"
    )


if __name__ == "__main__":
    GOLDEN.write_text("\n".join(lines(Path(CORPUS))) + "\n", encoding="utf-8")
