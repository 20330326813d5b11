"""Lead sheets read beside the book."""

import time
from pathlib import Path

import pytest

from sheetcrm.errors import FileProblem, UnknownName
from sheetcrm.workflows.import_ahead import reading_ahead


def sheet(folder: Path, name: str, company: str) -> Path:
    path = folder / name
    path.write_text(f"客户名称,联系方式\n{company},13800000001\n", encoding="utf-8")
    return path


def test_reading_ahead__each_file_in_its_place(tmp_path: Path) -> None:
    paths = [
        sheet(tmp_path, "一.csv", "甲公司"),
        tmp_path / "没有.csv",
        sheet(tmp_path, "二.csv", "乙公司"),
    ]
    with reading_ahead(paths, None) as ahead:
        assert ahead[2].result().raw.sheets[0].rows[1][0] == "乙公司"
        assert ahead[0].result().raw.path == str(paths[0])
        with pytest.raises(FileProblem, match="没有"):
            ahead[1].result()


def test_reading_ahead__an_unknown_encoding_is_told_when_asked_for(tmp_path: Path) -> None:
    with (
        reading_ahead([sheet(tmp_path, "一.csv", "甲公司")], "klingon") as ahead,
        pytest.raises(UnknownName),
    ):
        ahead[0].result()


@pytest.mark.parametrize("pause", [0, 0.05, 0.3])
def test_reading_ahead__what_nobody_waits_for_is_given_up(tmp_path: Path, pause: float) -> None:
    paths = [sheet(tmp_path, f"{n}.csv", "甲公司") for n in range(200)]
    with reading_ahead(paths, None) as ahead:
        time.sleep(pause)
    assert all(one.done() for one in ahead)
    assert sum(not one.cancelled() for one in ahead) < len(paths)
