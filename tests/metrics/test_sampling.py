"""抽检: the draw repeats, keeps what was filled in, changes with the week."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pandas as pd

from sheetcrm.metrics.dataset import Dataset, dataset
from sheetcrm.metrics.kept import Checked
from sheetcrm.metrics.results import Summary
from sheetcrm.metrics.sampling import FOLLOW_UP, LEAD, RESULTS, Sampling, iso_week, sampling
from sheetcrm.metrics.summary import summarise
from tests.tables import clean_book, sheet

MONDAY = date(2024, 6, 24)
HEAD = "线索编号|客户名称|线索状态|负责人|线索获取时间"
LOG_HEAD = "跟进记录ID|线索编号|跟进时间|跟进人|跟进方式|跟进内容"
OWNERS = ("王芳", "李强", "")


def rows(count: int = 30) -> list[str]:
    return [f"L{n}|客户{n}|意向|{OWNERS[n % 3]}|2024-06-01" for n in range(count)]


def log(day: str = "2024-06-20") -> list[str]:
    return [f"GZ{n:07d}|L{n}|{day} 10:00|{OWNERS[n % 3]}|电话|谈{n}" for n in range(30)]


def figures(
    leads: Sequence[str],
    talks: Sequence[str] = (),
    as_of: date = MONDAY,
    file: str = "甲/周报.xlsx",
) -> tuple[Dataset, Summary]:
    sheets = [sheet("\n".join([HEAD, *leads]))]
    if talks:
        sheets.append(sheet("\n".join([LOG_HEAD, *talks]), "跟进记录"))
    data = dataset([clean_book(*sheets, file=file)])
    return data, summarise(data, as_of)


def marks(found: Sampling) -> set[str]:
    return set(found.rows["mark"])


def checked(found: Sampling, **changes: str) -> list[Checked]:
    keys = ("week", "owner", "table", "company", "facts", "mark", "result", "note")
    kept = [Checked(**{k: row[k] for k in keys}) for row in found.rows.to_dict("records")]
    return [replace(kept[0], **changes), *kept[1:]] if changes else kept


def test_sampling__so_many_rows_of_each_person_and_none_of_nobody():
    found = sampling(*figures(rows(), log()))
    assert found.rows.groupby("owner").size().to_dict() == {"王芳": 5, "李强": 5}
    assert Counter(found.rows["table"]) == {LEAD: 6, FOLLOW_UP: 4}
    assert [(p.name, p.drawn, p.checked) for p in found.people] == [("李强", 5, 0), ("王芳", 5, 0)]


def test_sampling__what_one_table_lacks_the_other_gives():
    few = sampling(*figures(rows(6), log()))
    assert Counter(few.rows["table"]) == {LEAD: 4, FOLLOW_UP: 6}
    old = sampling(*figures(rows(), log("2024-05-20")))
    assert Counter(old.rows["table"]) == {LEAD: 10}


def test_sampling__repeats_whatever_the_order_of_the_rows_and_the_folder():
    first = sampling(*figures(rows(), log()))
    again = sampling(*figures(rows()[::-1], log()[::-1], date(2024, 6, 30), "乙/周报.xlsx"))
    assert marks(first) == marks(again)
    other = sampling(*figures(rows(), log(), date(2024, 7, 1)))
    assert marks(other) != marks(first)
    assert (first.week, other.week) == ("2024-W26", "2024-W27")


def test_sampling__keeps_the_week_s_rows_and_answers_when_rows_are_added():
    first = sampling(*figures(rows(), log()))
    kept = checked(first, result="有误", note="电话是空号")
    more = [*rows(), *(f"M{n}|新客户{n}|意向|{OWNERS[n % 3]}|2024-06-20" for n in range(300))]
    again = sampling(*figures(more, log()), kept)
    assert marks(again) == marks(first)
    found = again.rows.set_index("mark").loc[kept[0].mark]
    assert (found["result"], found["note"]) == ("有误", "电话是空号")
    assert {p.name: p.results["有误"] for p in again.people}[kept[0].owner] == 1


def test_sampling__a_row_that_is_gone_is_replaced():
    first = sampling(*figures(rows()))
    gone = str(first.rows["mark"].iloc[0]).rsplit("|", 1)[1]
    left = [row for row in rows() if not row.startswith(f"{gone}|")]
    again = sampling(*figures(left), checked(first))
    assert len(again.rows) == len(first.rows)
    assert len(marks(again) & marks(first)) == len(first.rows) - 1


def test_sampling__earlier_weeks_stay_as_history_when_verified():
    first = sampling(*figures(rows()))
    kept = [replace(each, result="属实") for each in checked(first)[:3]]
    kept += [replace(checked(first)[3], result="有误"), checked(first)[4]]
    later = sampling(*figures(rows(), as_of=date(2024, 7, 8)), kept)
    assert {e.mark for e in later.earlier} == {e.mark for e in kept[:4]}
    before = {p.name: p.before for p in later.people}
    assert sum(r.denominator for r in before.values()) == 4
    assert sum(r.numerator for r in before.values()) == 3
    half_a_year = sampling(*figures(rows(), as_of=date(2025, 2, 3)), kept)
    assert half_a_year.earlier == ()


def test_sampling__a_note_without_a_result_outlives_the_week():
    kept = checked(sampling(*figures(rows())), note="客户出差，下周再核")
    later = sampling(*figures(rows(), as_of=date(2024, 7, 8)), kept)
    assert [(e.mark, e.note) for e in later.earlier] == [(kept[0].mark, "客户出差，下周再核")]
    assert sum(person.before.denominator for person in later.people) == 0


def test_sampling__answers_outlive_the_row():
    first = sampling(*figures(rows()))
    kept = checked(first, result="有误", note="空号")
    gone = kept[0].mark.rsplit("|", 1)[1]
    again = sampling(*figures([row for row in rows() if not row.startswith(f"{gone}|")]), kept)
    assert [(e.mark, e.result, e.note) for e in again.earlier] == [(kept[0].mark, "有误", "空号")]
    assert sum(person.before.denominator for person in again.people) == 0
    back = sampling(*figures(rows()), (*checked(again), *again.earlier))
    assert back.earlier == ()
    assert back.rows.set_index("mark").loc[kept[0].mark, "note"] == "空号"


def test_sampling__answers_outlive_a_run_for_a_day_gone_by():
    kept = checked(sampling(*figures(rows())), result="属实")
    past = sampling(*figures(rows(), as_of=date(2024, 6, 10)), kept)
    assert [e.mark for e in past.earlier] == [kept[0].mark]
    assert sum(person.before.denominator for person in past.people) == 0
    today = sampling(*figures(rows()), (*checked(past), *past.earlier))
    assert today.rows.set_index("mark").loc[kept[0].mark, "result"] == "属实"


def test_sampling__facts_and_week():
    found = sampling(*figures(rows()))
    assert set(found.rows["facts"]) == {"状态意向"}
    assert iso_week(date(2024, 12, 30)) == "2025-W01"
    assert list(RESULTS) == ["属实", "有误", "查不到"]
    assert isinstance(found.rows, pd.DataFrame)


def test_sampling__of_no_rows():
    found = sampling(*figures([]))
    assert len(found.rows) == 0
    assert found.people == ()
