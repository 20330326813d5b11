"""Every lead sheet of the corpus: what it is taken for and how many rows it truly holds."""

import csv
import io
import os
import re
from pathlib import Path

import pytest

from sheetcrm.book.sniff import LeadSheets, read_lead_sheet
from sheetcrm.book.worker import Reader
from sheetcrm.errors import FileProblem
from sheetcrm.kit.load import load_kit
from sheetcrm.kit.recognise import recognise
from tests.book.packages import needs_corpus

# What the index cannot say: what is refused, and tables the kit does not know.
REFUSED = {
    "gen_container/docx_like_named.xlsx",
    "gen_container/lfs_pointer.csv",
    "gen_container/pdf_named.xlsx",
    "gen_container/png_named.xls",
    "gen_container/password_agile.xlsx",
    "gen_container/xls_truncated.xls",
    "gen_container/password_velvetsweatshop.xlsx",
    "gen_container/~$线索跟踪表.xlsx",
    "gen_csv/bom_only.csv",
    "gen_csv/empty.csv",
    "gen_csv/gbk_cut_mid_char.csv",
    "gen_csv/mixed_utf8_then_gbk.csv",
    "gen_csv/unbalanced_quote.csv",
    "gen_csv/utf8_one_bad_byte.csv",
    "gen_csv/wide_20000_columns.csv",
    "gen_bomb/BOMB_shared_strings_60MB.xlsx",
    "gen_bomb/BOMB_whitespace_60MB.xlsx",
    "gen_zip/path_traversal_names.xlsx",
}
NO_TABLE = {"gen_csv/big5.csv", "gen_csv/one_column.csv", "gen_sheet/no_header.xlsx"}
CONTAINERS = {
    "tsv": "gen_csv/delim_tab.csv gen_container/tsv_gbk_named.xls",
    "html": "gen_container/html_gb2312_named.xls gen_container/html_script_named.xls "
    "gen_container/html_utf8_named.xls",
    "mhtml": "gen_container/mhtml_named.xls",
    "spreadsheetml": "gen_container/spreadsheetml2003_named.xls",
    "xls": "gen_container/real_xls.xls gen_container/real_xls_1904.xls "
    "gen_container/xls_named.xlsx",
    "csv": "gen_container/csv_utf8_named.xlsx",
    "xlsx": "gen_container/xlsx_named.csv gen_container/xlsx_named.xls",
}
SALES = {
    "bank_marketing/bank.csv": (4521, "csv"),
    "krayin/leads_sample.csv": (2, "csv"),
    "krayin/persons_sample.csv": (2, "csv"),
    "pbpython/sales_data_types.csv": (5, "csv"),
    "pbpython/salesfunnel.xlsx": (17, "xlsx"),
    "realestate_funnel/Agents.csv": (45, "csv"),
    "realestate_funnel/Customers.csv": (5000, "csv"),
    "realestate_funnel/Leads.csv": (5000, "csv"),
    "realestate_funnel/Properties.csv": (600, "csv"),
    "realestate_funnel/Sales.csv": (813, "csv"),
    "zh_synthetic/线索_gbk.csv": (400, "csv"),
    "zh_synthetic/跟进记录_utf8bom.csv": (1215, "csv"),
}
pytestmark = needs_corpus


def root() -> Path:
    return Path(os.environ["SHEETCRM_CORPUS"])


@pytest.fixture(scope="module")
def reader():
    with Reader() as open_reader:
        yield open_reader


@pytest.fixture(scope="module")
def index() -> dict[str, str]:
    """What every malformed file shows, by its path."""
    text = (root() / "INDEX.tsv").read_text("utf-8")
    lines = csv.reader(io.StringIO(text), delimiter="\t")
    prefix = "malformed/"
    return {line[0].removeprefix(prefix): line[4] for line in lines if line[0].startswith(prefix)}


def read(name: str, reader: Reader) -> LeadSheets | None:
    try:
        return read_lead_sheet(root() / "malformed" / name, reader)
    except FileProblem:
        return None


def test_corpus__every_made_file_has_its_rows(index: dict[str, str], reader: Reader) -> None:
    promised = {
        name: int(said[1].replace(",", ""))
        for name, shows in index.items()
        if name.startswith(("gen_csv/", "gen_container/", "gen_sheet/", "gen_dim/", "gen_bomb/"))
        and (said := re.search(r"(\d+) data rows", shows) or re.search(r"([\d,]+) rows", shows))
    }
    assert len(promised) > 80
    refused, wrong, kit = set(), {}, load_kit()
    for name, rows in promised.items():
        found = read(name, reader)
        if found is None:
            refused.add(name)
            continue
        if name in NO_TABLE:
            read_rows = max(len(sheet.rows) for sheet in found.raw.sheets)
            assert read_rows - rows in (0, 1)
            continue
        lead = recognise(found.raw, kit).tables["lead"]
        if len(lead.raw) != rows:
            wrong[name] = len(lead.raw)
    assert refused == REFUSED & set(promised)
    assert wrong == {}


def test_corpus__refused_with_a_sentence(reader: Reader) -> None:
    assert [name for name in REFUSED if read(name, reader) is not None] == []


def test_corpus__containers(reader: Reader) -> None:
    for container, names in CONTAINERS.items():
        for name in names.split():
            found = read(name, reader)
            assert found is not None, name
            assert found.container == container
            misnamed = not name.endswith((".csv", "real_xls.xls", "real_xls_1904.xls"))
            assert ("内容其实是" in "".join(found.assumptions)) == (
                misnamed or name.endswith("xlsx_named.csv")
            )


def test_corpus__fuzzed_and_real_files_end_in_an_answer(
    index: dict[str, str], reader: Reader
) -> None:
    names = [n for n in index if n.startswith(("real/", "gen_zip/", "gen_xml/"))]
    answers = {name: read(name, reader) is not None for name in names}
    assert len(answers) > 120
    assert 40 < sum(answers.values()) < len(answers)


def test_corpus__sales_sheets(reader: Reader) -> None:
    for name, (rows, container) in SALES.items():
        found = read_lead_sheet(root() / "sales" / name, reader)
        assert found.container == container
        assert len(found.raw.sheets[0].rows) == rows + 1, name
        if container == "csv":
            cells = {type(c) for row in found.raw.sheets[0].rows for c in row}
            assert cells <= {str, type(None)}
