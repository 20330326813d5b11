"""The samples: what the script makes, what was planted is found, every formula recalculates."""

import json
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path

import openpyxl
import pytest

from sheetcrm.metrics.dataset import dataset
from sheetcrm.metrics.summary import summarise
from sheetcrm.tabs.titles import TITLES
from sheetcrm.workflows.check import CheckResult, check
from sheetcrm.workflows.demo import SAMPLES_AS_OF, samples_folder
from sheetcrm.workflows.summarise import summarise_books
from sheetcrm.workflows.weekly import TEAM_BOOK, weekly
from tests.recalc import assert_recalculates, need_libreoffice

SAMPLES = samples_folder()
MESSY = SAMPLES / "messy" / "线索跟踪-待整理.xlsx"
FOREIGN = SAMPLES / "foreign" / "华东区客户台账.xlsx"


def checked(path: Path) -> CheckResult:
    return check([str(path)], SAMPLES_AS_OF)


def errors(result: CheckResult) -> list[tuple[str, str, str]]:
    return [(f.sheet, f.cell, f.code) for f in result.findings if f.severity == "error"]


def test_samples__the_script_makes_what_is_shipped(tmp_path):
    copy = tmp_path / "samples"
    shutil.copytree(SAMPLES, copy, ignore=shutil.ignore_patterns("*.xlsx", "__pycache__"))
    subprocess.run([sys.executable, str(copy / "make.py")], check=True)
    shipped = {p.relative_to(SAMPLES): p.read_bytes() for p in SAMPLES.rglob("*.xlsx")}
    made = {p.relative_to(copy): p.read_bytes() for p in copy.rglob("*.xlsx")}
    assert set(made) == set(shipped)
    assert [str(p) for p in made if made[p] != shipped[p]] == []


@pytest.fixture(scope="module")
def team() -> CheckResult:
    return checked(SAMPLES / "team")


def test_team__healthy_means_no_error(team):
    assert errors(team) == []


def test_messy__every_planted_defect_at_its_cell():
    result = checked(MESSY)
    assert result.files[0].book is not None
    tables = result.files[0].book.tables
    found: dict[tuple[str, str], set[str]] = {}
    for f in result.findings:
        found.setdefault((f.sheet, f.cell), set()).add(f.code)
    missed = []
    for defect in json.loads((SAMPLES / "messy" / "planted.json").read_text(encoding="utf-8")):
        source = tables[defect["table"]].source
        row = source.header_row + 1 + defect["index"]
        cell = source.cell(row, defect["column"])
        if defect["code"] not in found.get((source.sheet, cell), set()):
            missed.append((defect, cell, found.get((source.sheet, cell))))
    assert missed == []


def test_foreign__its_own_words_kept_and_no_error():
    result = checked(FOREIGN)
    assert errors(result) == []
    book = result.files[0].book
    assert book is not None
    assert set(book.tables) == {"lead", "follow_up", "stage_progress"}
    stages = [s.name for s in book.kit.pipeline.stages]
    assert stages == ["初步接触", "需求沟通", "方案报价", "合同谈判", "已签约", "丢单"]
    # 万元 in the heading, 元 in the figures
    amounts = book.tables["lead"].data["expected_amount"].dropna()
    assert amounts.between(30_000, 300_000).all()


def test_foreign__rows_are_tied_to_their_leads_by_a_column_called_only_id():
    book = checked(FOREIGN).files[0].book
    assert book is not None
    data = dataset([book])
    assert (data.frames["follow_up"]["lead"] >= 0).all()
    assert (data.frames["stage_progress"]["lead"] >= 0).all()
    assert summarise(data, SAMPLES_AS_OF).history.shares["declared"] == 1


def test_team__summary_equals_a_plain_count_of_the_sheets(team):
    """Count with openpyxl and nothing of ours: a second way to the same figures."""
    statuses: list[str] = []
    won_amount = 0.0
    for path in sorted((SAMPLES / "team").glob("*.xlsx")):
        book = openpyxl.load_workbook(path, read_only=True)
        table = list(book["线索跟踪"].iter_rows(min_row=3, values_only=True))
        book.close()
        head = [str(h or "").rstrip("*△ ") for h in table[0]]
        status = next(i for i, h in enumerate(head) if h.startswith("线索状态"))
        amount = next(i for i, h in enumerate(head) if h.startswith("实际成交金额"))
        for row in table[1:]:
            if row[status]:
                statuses.append(str(row[status]))
                won_amount += float(row[amount] or 0)  # type: ignore[arg-type]
    books = [done.book for done in team.files if done.book]
    summary = summarise(dataset(books), SAMPLES_AS_OF)
    population = summary.population
    assert population.leads == len(statuses) == 600
    assert population.won == statuses.count("成交")
    assert population.lost == statuses.count("流失")
    assert summary.totals.won_amount == pytest.approx(won_amount)


@pytest.fixture(scope="module")
def summed_up(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("samples")
    team = folder / "team"
    shutil.copytree(SAMPLES / "team", team)
    weekly(team, SAMPLES_AS_OF)
    foreign, messy = folder / FOREIGN.name, folder / MESSY.name
    for source, copy in ((FOREIGN, foreign), (MESSY, messy)):
        shutil.copyfile(source, copy)
        summarise_books([str(copy)], SAMPLES_AS_OF)
    one = min(team.glob("[!团]*.xlsx"), key=lambda p: p.stat().st_size)
    files = {"team": team / TEAM_BOOK, "one": one, "foreign": foreign, "messy": messy}
    return {name: path.read_bytes() for name, path in files.items()}


# 填写说明 has the next free id of today; its own test sets the day
def test_samples__every_formula_of_the_tabs_recalculates(summed_up):
    assert_recalculates(summed_up, only=list(TITLES.values()))


def test_samples__and_in_libreoffice(summed_up, tmp_path):
    need_libreoffice()
    assert_recalculates(summed_up, tmp_path, only=list(TITLES.values()))


def test_as_of__the_stories_end_on_the_day_the_demo_uses():
    assert date(2026, 6, 30) == SAMPLES_AS_OF
