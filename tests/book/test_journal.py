"""The journal: what it keeps, what a killed run leaves in it, ids that are never given twice."""

import json
import os
import shutil
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from sheetcrm.book import journal as module
from sheetcrm.book.changes import Change, ChangedRow, Run, line, records, row_lines
from sheetcrm.book.journal import Journal, open_journal
from sheetcrm.book.publish import publish, sha256, withdraw
from sheetcrm.book.state import FOLDER, backup_of
from sheetcrm.errors import FileChanged, FileProblem

OLD, NEW = b"old", b"new"
STEM = "线索-2026-0501-"
ROWS = (
    ChangedRow(
        "线索", 5, {"A": f"{STEM}001", "B": "甲"}, created=True, id=f"{STEM}001", fingerprint="f1"
    ),
    ChangedRow("线索", 2, {"C": 5}, {"C": None}, id="X001", fingerprint="f2"),
)


@pytest.fixture
def book(tmp_path: Path) -> Path:
    path = tmp_path / "线索.xlsx"
    path.write_bytes(OLD)
    return path


def write(book: Path, data: bytes, run: Run | None = None, **about: object) -> str:
    change = Change(run or Run("import"), **about)  # type: ignore[arg-type]
    return publish(book, data, sha256(book.read_bytes()), change=change).batch


def file_of(book: Path) -> Path:
    return book.parent / FOLDER / "journal.jsonl"


def states(book: Path) -> list[str]:
    return [entry.state for entry in open_journal(book).entries()]


def test_entry__says_what_was_done(book):
    run = Run("import")
    assert open_journal(book).reserve(run, {STEM: (1, 1)}, {})
    batch = write(book, NEW, run, rows=ROWS, tabs=("funnel",), added=("funnel",), source="展会.csv")
    (entry,) = open_journal(book).entries()
    assert (entry.batch, entry.command, entry.book, entry.state) == (
        batch,
        "import",
        "线索.xlsx",
        "committed",
    )
    assert (entry.before, entry.after) == (sha256(OLD), sha256(NEW))
    assert (entry.created, entry.cells, entry.tabs, entry.source) == (1, 1, ("funnel",), "展会.csv")
    assert entry.ids == {STEM: (1, 1)}
    assert backup_of(book, sha256(OLD)) == OLD
    assert (book.parent / FOLDER / "backup" / book.name / entry.backup).read_bytes() == OLD
    assert open_journal(book).changes(entry) == ROWS


def test_batch__readable_sortable_and_one_for_a_run(book, tmp_path):
    other, run = tmp_path / "乙.xlsx", Run("weekly")
    other.write_bytes(OLD)
    first = [write(book, b"1", run), write(other, b"1", run)]
    second = write(book, b"2", Run("weekly"))
    today = f"{datetime.now().astimezone():%Y%m%d}"
    assert (first, second) == ([f"{today}-001"] * 2, f"{today}-002")
    assert [e.book for e in Journal(tmp_path).entries()] == ["线索.xlsx", "乙.xlsx", "线索.xlsx"]
    assert [e.batch for e in open_journal(other).entries()] == [f"{today}-001"]


def test_batch__a_run_that_changes_nothing_opens_none(book):
    assert write(book, OLD) == ""
    assert not open_journal(book).exists


def test_new_and_withdrawn__no_hash_where_there_is_no_file(tmp_path):
    path = tmp_path / "新.xlsx"
    publish(path, NEW, None, change=Change(Run("new")))
    with pytest.raises(FileChanged):
        withdraw(path, sha256(OLD), change=Change(Run("undo")))
    done = withdraw(path, sha256(NEW), change=Change(Run("undo")))
    assert not path.exists()
    assert done.backup is not None
    assert done.backup.read_bytes() == NEW
    entries = open_journal(path).entries()
    assert [(e.before, e.after) for e in entries] == [(None, sha256(NEW)), (sha256(NEW), None)]


def test_withdraw__a_book_somebody_has_open_stays(book):
    (book.parent / f"~${book.name}").write_bytes(b"")
    with pytest.raises(FileProblem):
        withdraw(book, sha256(OLD), change=Change(Run("undo")))
    assert book.read_bytes() == OLD


@pytest.mark.parametrize("length", [1, 20, -3])
def test_torn_line__is_passed_over_and_nothing_behind_it_is_lost(book, length):
    write(book, b"1")
    whole = file_of(book).read_bytes()
    last = line({"state": "prepared", "key": "k", "book": "线"})
    file_of(book).write_bytes(whole + last[:length])
    assert states(book) == ["committed"]
    write(book, b"2")
    assert states(book) == ["committed", "committed"]
    assert b"\n\n" not in file_of(book).read_bytes()


@pytest.mark.parametrize("state", ["prepared", "reserved", "committed", "手写的"])
def test_line_that_is_not_ours__is_passed_over(book, state):
    write(book, NEW)
    with file_of(book).open("ab") as file:
        file.write(line({"state": state, "key": "k", "book": "线索.xlsx"}) + b"[]\n")
    assert states(book) == ["committed"]
    assert open_journal(book).high_water() == {}
    assert write(book, b"2").endswith("-002")


JUNK = st.sampled_from(
    [
        None,
        True,
        7,
        -1,
        2.5,
        10**400,
        "",
        "甲",
        "..",
        "a/b",
        "x\0",
        [],
        ["a"],
        [[1]],
        {},
        {"a": [1]},
    ]
)


def spoiled(draw: st.DrawFn, value: object) -> object:
    """Put something else in place of a value, or of one of those inside it."""
    inside = (
        list(value)
        if isinstance(value, dict)
        else range(len(value))
        if isinstance(value, list)
        else ()
    )
    at = draw(st.sampled_from([None, *inside]))
    if at is None:
        return draw(JUNK)
    if isinstance(value, dict):
        return {**value, at: spoiled(draw, value[at])}
    assert isinstance(value, list)
    return [*value[:at], spoiled(draw, value[at]), *value[at + 1 :]]


@pytest.fixture(scope="module")
def imported(tmp_path_factory):
    """A book with its journal after an import, and the run."""
    path = tmp_path_factory.mktemp("册") / "线索.xlsx"
    path.write_bytes(OLD)
    run = Run("import")
    open_journal(path).reserve(run, {STEM: (1, 1)}, {})
    write(path, NEW, run, rows=ROWS, tabs=("funnel",), marking="on", source="展会.csv")
    return path, run


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_spoiled_line__is_passed_over_or_read_and_never_stops_a_run(
    imported, tmp_path_factory, data
):
    book, run = imported
    folder = tmp_path_factory.mktemp("册")
    shutil.copytree(book.parent, folder, dirs_exist_ok=True)
    path = folder / book.name
    batch = next((path.parent / FOLDER / "batches").iterdir())
    file = data.draw(st.sampled_from([file_of(path), batch]))
    lines = [json.loads(text) for text in file.read_bytes().splitlines()]
    at = data.draw(st.integers(0, len(lines) - 1))
    lines[at] = spoiled(data.draw, lines[at])
    file.write_bytes(b"".join(json.dumps(each).encode() + b"\n" for each in lines))
    journal = open_journal(path)
    journal.settle()
    for entry in (*journal.entries(), *Journal(path.parent).entries()):
        assert all(isinstance(row, ChangedRow) for row in journal.changes(entry))
    journal.fingerprints(), journal.undone(), journal.of_run(run), journal.reserved(run)
    assert journal.reserve(Run("import"), {STEM: (8, 9)}, journal.high_water())
    assert write(path, b"again").endswith(("-001", "-002"))
    assert states(path)[-1] == "committed"


@pytest.mark.parametrize(
    ("other", "expected"),
    [("20200101-007", "001"), ("7", "001"), ("手写", "001"), ("{}-x", "001"), ("{}-041", "042")],
)
def test_batch__counts_on_from_those_of_today(book, other, expected):
    today = f"{datetime.now().astimezone():%Y%m%d}"
    who = {"run": "r", "command": "check", "book": "乙.xlsx", "time": "t"}
    seen = {"state": "prepared", "key": "k", "batch": other.format(today), **who}
    file_of(book).parent.mkdir()
    file_of(book).write_bytes(line({**seen, "before": "b", "after": "a"}))
    assert write(book, NEW) == f"{today}-{expected}"


def test_line_of_a_run__without_its_numbers_is_passed_over(book):
    run, journal = Run("import"), open_journal(book)
    assert journal.reserve(run, {STEM: (1, 3)}, {})
    with file_of(book).open("ab") as file:
        file.write(line({"state": "reserved", "run": run.token, "book": book.name}))
    assert journal.reserved(run) == {STEM: (1, 3)}


def test_entry__counts_nothing_where_no_row_was_changed(book):
    write(book, NEW)
    (entry,) = open_journal(book).entries()
    assert (entry.created, entry.emptied, entry.cells) == (0, 0, 0)
    assert (entry.ids, entry.tabs, entry.marking, entry.source, entry.undoes) == (
        {},
        (),
        "",
        "",
        "",
    )


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such permissions")
def test_journal__is_no_program(book):
    write(book, NEW, rows=ROWS)
    kept = (book.parent / FOLDER).rglob("*.jsonl")
    assert [path.stat().st_mode & 0o111 for path in kept] == [0, 0]


@given(st.binary(max_size=60))
def test_records__whatever_a_crash_or_an_editor_leaves(junk):
    kept = records(b'{"state": "a"}\n' + junk.replace(b"\n", b" ") + b'\n{"state": "b"}\n')
    assert [kept[0], kept[-1]] == [{"state": "a"}, {"state": "b"}]


class Killed(BaseException):
    """The process ends here."""


def killed_at(monkeypatch: pytest.MonkeyPatch, book: Path, moment: str) -> None:
    """Publish NEW and lose power before or behind the call that puts it in place."""
    real = os.replace

    def replace(source: Path, target: Path) -> None:
        if target != book:
            return real(source, target)
        if moment == "behind":
            real(source, target)
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", replace)
        patch.setattr(Journal, "recover", lambda self: ())  # a dead process settles nothing
        with pytest.raises(Killed):
            write(book, NEW, rows=ROWS)


@pytest.mark.parametrize(
    ("moment", "then", "expected"),
    [
        ("before", None, "aborted"),
        ("behind", None, "committed"),
        ("before", b"edited", "unknown"),
        ("behind", b"edited", "unknown"),
        ("behind", b"", "unknown"),
    ],
)
def test_recover__by_the_hash_and_never_by_guessing(book, monkeypatch, moment, then, expected):
    killed_at(monkeypatch, book, moment)
    assert states(book) == ["prepared"]
    if then == b"":
        book.unlink()
    elif then:
        book.write_bytes(then)
    open_journal(book).settle()
    assert states(book) == [expected]
    assert open_journal(book).fingerprints() == (
        {"f1": f"{STEM}001", "f2": "X001"} if expected == "committed" else {}
    )


def test_recover__by_the_next_run_on_any_book_of_the_folder(book, tmp_path, monkeypatch):
    killed_at(monkeypatch, book, "behind")
    other = tmp_path / "乙.xlsx"
    publish(other, OLD, None, change=Change(Run("new")))
    assert states(book) == ["committed"]


def test_recover__reads_no_line_where_all_are_closed(book, monkeypatch):
    for number in range(3):
        write(book, f"{number}".encode(), rows=ROWS)
    with monkeypatch.context() as patch:
        patch.setattr(module, "records", None)
        assert open_journal(book).recover() == ()
        open_journal(book).settle()
    killed_at(monkeypatch, book, "behind")
    assert [entry.state for entry in open_journal(book).recover()] == ["committed"]
    assert open_journal(book).recover() == ()


KEYS = st.sampled_from(["a1", "b2", "c3"])
CLOSED = st.sampled_from(["committed", "aborted", "unknown"])
WHO = {"run": "r", "command": "import", "book": "线索.xlsx", "time": "t"}
BEGUN = {
    **{"state": "prepared", "key": "a1", "batch": "20200101-001"},
    **{**WHO, "before": None, "after": "x}"},
}
LINES = st.one_of(
    KEYS.map(lambda key: {**BEGUN, "key": key}),
    st.tuples(CLOSED, KEYS).map(lambda each: {"state": each[0], "key": each[1], "time": "t"}),
    st.just({"state": "reserved", **WHO, "ids": {}}),
    st.just({"state": "手写", "key": "a1"}),
)


@example([({"state": "committed", "key": "a1", "time": "t"}, 99, False), (BEGUN, 999, False)])
@given(st.lists(st.tuples(LINES, st.integers(1, 200), st.booleans()), max_size=6))
def test_journal__an_open_entry_is_never_missed(tmp_path_factory, lines):
    folder = tmp_path_factory.mktemp("册")
    (folder / FOLDER).mkdir()
    made = (line(record)[:length] + (b"\n" if ends else b"") for record, length, ends in lines)
    (folder / FOLDER / "journal.jsonl").write_bytes(b"".join(made))
    journal = open_journal(folder)
    open_ = {entry.key for entry in journal.entries() if entry.state == "prepared"}
    (folder / "线索.xlsx").write_bytes(b"y")
    assert {entry.key for entry in journal.recover()} == open_
    assert all(entry.state != "prepared" for entry in journal.entries())


def test_recover__a_book_that_cannot_be_read_waits(book, monkeypatch):
    killed_at(monkeypatch, book, "behind")

    def refused(_path: Path) -> str:
        raise PermissionError

    with monkeypatch.context() as patch:
        patch.setattr(module, "digest", refused)
        open_journal(book).settle()
    assert states(book) == ["prepared"]
    open_journal(book).settle()
    assert states(book) == ["committed"]


def test_interrupt__by_hand_is_settled_at_once(book, monkeypatch):
    def interrupted(source: Path, target: Path) -> None:
        real(source, target)
        if target == book:
            raise KeyboardInterrupt

    real = os.replace
    monkeypatch.setattr(os, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write(book, NEW)
    assert (book.read_bytes(), states(book)) == (NEW, ["committed"])


def test_failed_publish__is_aborted(book, monkeypatch):
    def full(source: Path, target: Path) -> None:
        if target == book:
            raise OSError(28, "no space")
        real(source, target)

    real = os.replace
    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(FileProblem):
        write(book, NEW, rows=ROWS)
    assert (book.read_bytes(), states(book)) == (OLD, ["aborted"])
    assert open_journal(book).fingerprints() == {}


def test_journal_that_cannot_be_written__nothing_is_published(book, monkeypatch):
    def refused(_file: Path, _data: bytes) -> None:
        raise PermissionError(13, "read-only")

    monkeypatch.setattr(module, "_append", refused)
    with pytest.raises(FileProblem):
        write(book, NEW)
    assert book.read_bytes() == OLD


def test_reserve__never_the_same_number_twice(book, tmp_path):
    mine, theirs = open_journal(book), open_journal(tmp_path / "乙.xlsx")
    seen = mine.high_water()
    assert theirs.reserve(Run("import"), {STEM: (1, 3)}, theirs.high_water())
    assert not mine.reserve(Run("import"), {STEM: (1, 2)}, seen)
    assert mine.high_water() == {STEM: 3}
    assert mine.reserve(Run("import"), {STEM: (4, 5)}, mine.high_water())
    assert mine.reserve(Run("import"), {"GZ2026": (1, 1)}, seen)
    assert theirs.high_water() == {STEM: 5, "GZ2026": 1}
    assert mine.reserve(Run("import"), {}, {})


def test_high_water__aborted_runs_and_deleted_rows_leave_gaps(book, monkeypatch):
    run = Run("import")
    open_journal(book).reserve(run, {STEM: (1, 4)}, {})
    killed_at(monkeypatch, book, "before")
    open_journal(book).settle()
    assert open_journal(book).high_water() == {STEM: 4}


def test_fingerprints__forgotten_when_taken_back_and_known_again_when_brought_back(book):
    write(book, b"1", rows=ROWS)
    back = tuple(row.inverse() for row in ROWS)
    write(book, b"2", Run("undo"), rows=back)
    assert open_journal(book).fingerprints() == {}
    write(book, b"3", Run("undo"), rows=tuple(row.inverse() for row in back))
    assert open_journal(book).fingerprints() == {"f1": f"{STEM}001", "f2": "X001"}
    assert open_journal(book.with_name("乙.xlsx")).fingerprints() == {}


def test_undone__an_entry_counts_until_it_is_brought_back(book):
    write(book, b"1")
    (done,) = open_journal(book).entries()
    assert open_journal(book).undone() == frozenset()
    write(book, b"2", Run("undo"), undoes=done.key)
    assert open_journal(book).undone() == {done.key}
    back = open_journal(book).entries()[-1]
    write(book, b"3", Run("undo"), undoes=back.key)
    assert open_journal(book).undone() == {back.key}


def test_undone__an_undo_that_came_to_nothing_does_not_count(book, monkeypatch):
    write(book, b"1")
    (done,) = open_journal(book).entries()
    with monkeypatch.context() as patch:
        patch.setattr(module, "_now", lambda: "2026-05-01T09:00:00+08:00")
        patch.setattr(os, "replace", lambda *_: (_ for _ in ()).throw(OSError(28, "full")))
        with pytest.raises(FileProblem):
            write(book, b"2", Run("undo"), undoes=done.key)
    assert open_journal(book).undone() == frozenset()


def test_of_run__the_last_it_did_and_settled(book, monkeypatch):
    run, other = Run("weekly"), Run("weekly")
    assert open_journal(book).of_run(run) is None
    write(book, b"1", run)
    write(book, b"2", other)
    write(book, b"3", run)
    first, second, third = open_journal(book).entries()
    assert open_journal(book).of_run(run) == third
    assert open_journal(book).of_run(other) == second
    assert first.batch == third.batch
    killed_at(monkeypatch, book, "behind")
    found = open_journal(book).entries()[-1]
    again = open_journal(book).of_run(Run("import", found.run))
    assert again is not None
    assert (found.state, again.state) == ("prepared", "committed")
    assert open_journal(book.with_name("乙.xlsx")).of_run(run) is None


def test_of_run__numbers_alone_are_no_change(book):
    run, journal = Run("weekly"), open_journal(book)
    journal.reserve(run, {STEM: (1, 2)}, {})
    assert journal.of_run(run) is None


def test_reserved__the_last_numbers_of_the_run_and_the_book(book):
    run, journal = Run("weekly"), open_journal(book)
    assert journal.reserved(run) == {}
    journal.reserve(run, {STEM: (1, 2)}, {})
    journal.reserve(run, {STEM: (3, 5), "GZ": (1, 1)}, journal.high_water())
    assert journal.reserved(run) == {STEM: (3, 5), "GZ": (1, 1)}
    assert journal.reserved(Run("weekly")) == {}
    assert open_journal(book.with_name("乙.xlsx")).reserved(run) == {}


def test_entry__of_a_reservation_has_the_numbers_of_all_its_books(book, tmp_path):
    run, other = Run("weekly"), tmp_path / "乙.xlsx"
    other.write_bytes(OLD)
    open_journal(book).reserve(run, {STEM: (1, 2)}, {})
    open_journal(other).reserve(run, {STEM: (3, 3)}, {STEM: 2})
    write(book, NEW, run)
    write(other, NEW, run)
    assert [e.ids for e in Journal(tmp_path).entries()] == [{STEM: (1, 2)}, {STEM: (3, 3)}]


def test_journal_that_cannot_be_read__nothing_is_published(book):
    file_of(book).parent.mkdir()
    file_of(book).mkdir()
    with pytest.raises(FileProblem, match="操作记录"):
        write(book, NEW)
    assert book.read_bytes() == OLD


CELLS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**53), 2**53),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(),
    st.dates(),
    st.datetimes(),
    st.times(),
    st.timedeltas(timedelta(0), timedelta(days=999)),
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.sampled_from(["A", "B", "AA"]), CELLS), st.booleans())
def test_row__comes_back_from_the_file_as_it_was(cells, created):
    row = ChangedRow("表", 3, cells, dict.fromkeys(cells, "甲"), created, "编号", "f", not created)
    (record,) = records(row_lines("k", [row]))
    again = ChangedRow.of_json(record)
    assert again == row
    assert [type(cell) for cell in again.new.values()] == [type(cell) for cell in cells.values()]


def test_inverse__twice_is_the_row_itself():
    for row in ROWS:
        back = row.inverse()
        assert (back.emptied, back.forgotten, back.created) == (row.created, True, False)
        assert back.inverse() == row


def test_row__nothing_but_cells_is_kept():
    row = ChangedRow("表", 3, {"A": float("nan"), "B": date(2026, 5, 1), "C": time(9, 30)})
    assert json.loads(row_lines("k", [row]))["new"] == {
        "A": None,
        "B": {"day": "2026-05-01"},
        "C": {"clock": "09:30:00"},
    }
    with pytest.raises(TypeError):
        row_lines("k", [ChangedRow("表", 3, {"A": object()})])  # type: ignore[dict-item]


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.dictionaries(st.sampled_from("AB"), CELLS), max_size=6))
def test_rows__lines_are_those_of_single_rows(several):
    rows = [ChangedRow("表", at, cells, cells, id="编号") for at, cells in enumerate(several, 1)]
    assert row_lines("k", rows) == b"".join(row_lines("k", [row]) for row in rows)
    assert [ChangedRow.of_json(record) for record in records(row_lines("k", rows))] == rows


def test_time__has_the_zone_of_this_computer(book):
    write(book, NEW)
    (entry,) = open_journal(book).entries()
    assert abs(datetime.now(UTC) - datetime.fromisoformat(entry.time)) < timedelta(minutes=5)
