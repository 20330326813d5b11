"""The benchmarks' own command, its smallest rows, and what its floors write."""

from pathlib import Path

import pytest

from benchmarks import data
from benchmarks.__main__ import main
from benchmarks.floors import bare_weekly
from benchmarks.rows import filled_cells
from sheetcrm.workflows.weekly import weekly


def test_main__help_lists_every_option(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--help"])
    assert ended.value.code == 0
    assert "--check" in capsys.readouterr().out


def test_bare_weekly__writes_the_cells_that_the_run_added(tmp_path: Path) -> None:
    source = data.team_folder(tmp_path / "in", 1, 20)
    done = data.team_folder(tmp_path / "out", 1, 20)
    weekly(done, data.AS_OF)
    (done / "团队汇总.xlsx").unlink()  # one workbook is left, so that one is written
    before = filled_cells(source)
    bare = tmp_path / "bare"
    bare.mkdir()
    bare_weekly(str(done), str(source), str(bare / "一.xlsx"))()
    added = filled_cells(done) - before  # formulas that show nothing among them
    assert 0.9 * added < filled_cells(bare) <= added
