"""Work in several processes: one that dies costs a retry, never the others' results."""

import os
import pickle
from pathlib import Path

import pytest

from sheetcrm.errors import FileProblem
from sheetcrm.workflows.parallel import Work, processes, processes_for, spread

GIVEN_UP = "given up"


def _do(path: Path) -> str:
    """Return a file's text; 'once' kills the first process that reads it, 'always' every one."""
    text = path.read_text()
    if text == "always" or (text == "once" and not path.with_suffix(".tried").exists()):
        path.with_suffix(".tried").touch()
        os._exit(1)
    if text == "problem":
        raise FileProblem(str(path), "坏了", "换一个")
    return text


def _given_up(path: Path) -> str:
    del path
    return GIVEN_UP


def files(folder: Path, *texts: str) -> list[Path]:
    paths = [folder / f"{number}.txt" for number, _ in enumerate(texts)]
    for path, text in zip(paths, texts, strict=True):
        path.write_text(text)
    return paths


def test_spread__a_dead_process_costs_a_retry(tmp_path):
    paths = files(tmp_path, "a", "once", "always", "b")
    done: list[Path] = []
    results = spread(paths, Work(_do, _given_up), processes(2), done.append)
    assert [results[path] for path in paths] == ["a", "once", GIVEN_UP, "b"]
    assert sorted(done) == paths


def test_spread__an_error_stops_the_run_in_its_own_words(tmp_path):
    with pytest.raises(FileProblem, match=r"【.*0\.txt】坏了。换一个。") as caught:
        spread(files(tmp_path, "problem"), Work(_do, _given_up), processes(1), print)
    assert caught.value.reason == "坏了"


def test_errors__travel_as_they_are():
    error = FileProblem("甲.xlsx", "坏了", "换一个", "FIL-07")
    copy = pickle.loads(pickle.dumps(error))
    assert (type(copy), str(copy), copy.code) == (FileProblem, str(error), "FIL-07")


@pytest.mark.parametrize(
    ("files_", "jobs", "expected"), [(0, 4, 1), (3, 4, 1), (4, 4, 2), (200, 4, 4), (200, 1, 1)]
)
def test_processes_for__few_files_are_not_worth_one(files_, jobs, expected):
    assert processes_for(files_, jobs) == expected
