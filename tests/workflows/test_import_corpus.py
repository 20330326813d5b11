"""Real and realistic lead sheets imported into new books, and the figures that come out."""

import re
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sheetcrm.kit.load import load_kit
from sheetcrm.kit.model import Pipeline, Stage
from sheetcrm.metrics.dataset import dataset
from sheetcrm.metrics.summary import summarise
from sheetcrm.workflows.check import check
from sheetcrm.workflows.new import NewOptions, new
from sheetcrm.workflows.undo import undo
from tests.metrics.corpus import folder as zh_folder
from tests.workflows.imports import counts, new_book, run, typed

TODAY = date(2026, 6, 30)
STAGES = (
    Stage(name="Lead", labels=("Lead", "Contacted"), kind="open", phase="lead"),
    Stage(name="Qualified", labels=("Qualified",), kind="open", phase="qualified"),
    Stage(name="Site Visit", labels=("Site Visit",), kind="open", phase="proposal"),
    Stage(name="Negotiation", labels=("Negotiation",), kind="open", phase="negotiation"),
    Stage(name="Booking", labels=("Booking",), kind="open", phase="negotiation"),
    Stage(name="Sold", labels=("Sold",), kind="won", phase="won"),
    Stage(name="Lost", labels=("Lost",), kind="lost", phase="lost"),
)


def corpus_file(name: str) -> Path:
    """Return a file of the corpus; skip where there is none."""
    return zh_folder().parents[1] / name


def corpus_copy(folder: Path, name: str) -> Path:
    """Copy a corpus file to where a decision workbook may be written beside it."""
    source = corpus_file(name)
    path = folder / source.name
    path.write_bytes(source.read_bytes())
    return path


@pytest.fixture(scope="module")
def chinese(tmp_path_factory):
    """The GBK leads and the UTF-8 follow-ups in a new book, and the book as it was."""
    folder = tmp_path_factory.mktemp("zh")
    names = ("线索_gbk.csv", "跟进记录_utf8bom.csv")
    sheets = [corpus_copy(folder, f"sales/zh_synthetic/{name}") for name in names]
    book = new_book(folder)
    before = book.read_bytes()
    return sheets, book, before, run(sheets, book)


def test_chinese__imports_without_a_question(chinese):
    _, book, _, result = chinese
    assert counts(result) == (1615, 0, 0, 0, 0)
    assert not any(sheet.incoming.unmapped for file in result.files for sheet in file.plan.sheets)
    tables = typed(book).tables
    assert {key: len(tables[key].data) for key in ("lead", "follow_up")} == {
        "lead": 400,
        "follow_up": 1215,
    }


def test_chinese__passes_the_check_of_references(chinese):
    _, book, _, _ = chinese
    found = check([str(book)], date(2024, 6, 30))
    families = {f.code[:3] for f in found.findings if f.severity == "error"}
    assert not families & {"REF", "TYP", "FMT", "HDR", "SHT"}


def test_chinese__figures_are_those_of_the_sheet(chinese):
    _, book, _, _ = chinese
    summary = summarise(dataset([typed(book)]), date(2024, 6, 30)).as_json()
    assert summary["population"]["leads"] == 400
    assert summary["population"]["won"] == 68
    assert summary["overall_conversion"] == pytest.approx(0.17)


def test_chinese__again_imports_nothing_and_undo_restores_every_byte(chinese):
    sheets, book, before, result = chinese
    after = book.read_bytes()
    assert counts(run(sheets, book)) == (0, 0, 1615, 0, 0)
    assert book.read_bytes() == after
    undo(book, batch=result.batch)
    assert book.read_bytes() == before


@pytest.fixture(scope="module")
def estate(tmp_path_factory):
    """Leads with their sales; customer = Customer_ID; four stage dates go to the history."""
    folder = tmp_path_factory.mktemp("estate")
    leads = pd.read_csv(corpus_file("sales/realestate_funnel/Leads.csv"))
    sales = pd.read_csv(corpus_file("sales/realestate_funnel/Sales.csv"))
    customers = pd.read_csv(corpus_file("sales/realestate_funnel/Customers.csv"))
    columns = ["Lead_ID", "Sale_Date", "Sale_Value_AED"]
    joined = leads.merge(sales[columns], on="Lead_ID", how="left")
    joined = joined.merge(customers[["Customer_ID", "Budget_AED"]], on="Customer_ID", how="left")
    sheet = folder / "leads.csv"
    joined.to_csv(sheet, index=False)
    kit = load_kit().with_tables(("lead", "stage_progress"))
    pipeline = Pipeline(key="estate", name="房产", stages=STAGES)
    kit = kit.model_copy(update={"pipeline": pipeline})
    book = new(folder / "房产.xlsx", kit, NewOptions(rows=20), TODAY).path
    maps = (
        "Customer_ID=客户名称",
        "Agent_ID=负责人",
        "Qualification_Date=阶段:Qualified",
        "Site_Visit_Date=阶段:Site Visit",
        "Negotiation_Date=阶段:Negotiation",
        "Booking_Date=阶段:Booking",
        "Sale_Date=成交时间",
        "Sale_Value_AED=实际成交金额",
        "Budget_AED=预算范围",
    )
    result = run(sheet, book, *maps)
    return joined, result, summarise(dataset([typed(book)]), TODAY)


def test_estate__every_row_is_a_lead_and_every_stage_date_a_stage_row(estate):
    joined, result, _ = estate
    assert counts(result) == (5000, 0, 0, 0, 0)
    dates = ("Qualification_Date", "Site_Visit_Date", "Negotiation_Date", "Booking_Date")
    written = result.files[0].plan.sheets[0].decided.new_stages
    assert len(written) == sum(int(joined[name].notna().sum()) for name in dates)


def test_estate__funnel_conversion_and_cycle(estate):
    _, _, summary = estate
    record = summary.as_json()
    reached = [(step["stage"], step["reached"]) for step in record["funnel"]]
    assert reached == [
        ("Lead", 5000),
        ("Qualified", 2278),
        ("Site Visit", 1710),
        ("Negotiation", 1184),
        ("Booking", 923),
        ("Sold", 813),
    ]
    assert record["overall_conversion"] == pytest.approx(0.1626)
    assert (record["population"]["won"], record["median_cycle_days"]) == (813, 61)


def test_estate__by_channel_is_a_plain_count(estate):
    joined, _, summary = estate
    sold = joined["Lead_Status"] == "Sold"
    plain = joined.assign(sold=sold).groupby("Marketing_Channel")["sold"].agg(["size", "sum"])
    counted = sorted((r["leads"], r["won"]) for r in summary.as_json()["by_source"])
    assert counted == sorted((int(n), int(won)) for n, won in plain.itertuples(index=False))


def test_estate__leads_without_owner_are_reported(estate):
    joined, result, _ = estate
    missing = int(joined["Agent_ID"].isna().sum())
    assert missing == 165
    said = [f.message for f in result.findings if f.code == "IMP-14"]
    assert [int(n) for text in said for n in re.findall(r"\d+", text)[:1]] == [missing]


def test_pbpython__won_by_manager(tmp_path):
    sheet = corpus_copy(tmp_path, "sales/pbpython/salesfunnel.xlsx")
    book = new_book(tmp_path, ("lead",))
    values = {"presented": "报价", "pending": "商机", "declined": "流失", "won": "成交"}
    maps = [f"线索状态:{old}={new}" for old, new in values.items()]
    result = run(
        sheet,
        book,
        *("Account=忽略", "Name=客户名称", "Rep=忽略", "Manager=负责人", "Product=产品"),
        *("Quantity=忽略", "Price=实际成交金额", "Status=线索状态"),
        *maps,
    )
    assert counts(result)[0] == 17
    summary = summarise(dataset([typed(book)]), date(2024, 6, 30)).as_json()
    assert {r["name"]: r["won_amount"] for r in summary["by_owner"]} == {
        "Debra Henley": 65_000,
        "Fred Anderson": 172_000,
    }


def test_bank__share_of_yes_with_a_value_map(tmp_path):
    """The list has no names: the test numbers its rows."""
    raw = pd.read_csv(corpus_file("sales/bank_marketing/bank.csv"), sep=";")
    raw.insert(0, "customer", [f"客户{n:04d}" for n in np.arange(len(raw))])
    sheet = tmp_path / "bank.csv"
    raw.to_csv(sheet, sep=";", index=False)
    book = new_book(tmp_path, ("lead",))
    result = run(
        sheet,
        book,
        *("customer=客户名称", "job=所属行业", "y=线索状态", "contact=忽略", "day=忽略"),
        *("线索状态:yes=成交", "线索状态:no=流失"),
    )
    assert counts(result) == (4521, 0, 0, 0, 0)
    summary = summarise(dataset([typed(book)]), date(2024, 6, 30)).as_json()
    assert summary["overall_conversion"] == pytest.approx(0.11524, abs=5e-6)
