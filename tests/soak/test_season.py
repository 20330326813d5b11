"""Weeks of a whole team against a model of it: no figure, no line of the log, no state differs.

People add, move, lose, win, reopen, hand over, sort, filter, delete and mistype leads; the manager
runs `weekly`, changes limits, rules and the name of a stage, imports, and takes things back.
"""

from pathlib import Path

import pytest

from tests.recalc import assert_recalculates
from tests.soak.scale import SOAK, times
from tests.soak.season.season import (
    KINDS,
    TABS,
    Season,
    again,
    begin,
    bring_in,
    elsewhere,
    manage,
    run,
    take_back,
    type_all,
    work,
)

WEEKS = 12


@pytest.mark.skipif(not SOAK, reason="minutes a season; SHEETCRM_SOAK runs it")
@pytest.mark.parametrize("seed", range(times(6, 1)))
def test_season__every_figure_is_what_happened(tmp_path: Path, seed: int, figure) -> None:
    season = begin(tmp_path / "销售部", seed)
    for number in range(WEEKS):
        day = work(season, number)
        ours = season.books[-1]
        if number == 2:
            bring_in(season, day)
        if number == 5:
            manage(season)
            type_all(season)
        before = (season.folder / ours.file).read_bytes()
        run(season, day)
        if number in (1, 6):
            again(season, day)
        if number == 7:
            take_back(season, ours, day, before)
        if number in (3, WEEKS - 1):
            recalculated = season.folder.parent / f"重算{number}"
            recalculated.mkdir()
            assert_recalculates(books(season), recalculated, only=TABS)
        assert season.wrong == []
    elsewhere(season, day, jobs=2)
    assert season.wrong == []
    figure(f"season {seed}", f"{WEEKS} 周，{sum(len(b.leads) for b in season.books)} 条线索")


@pytest.mark.skipif(SOAK > 0, reason="the campaign does more")
def test_season__of_two(tmp_path: Path) -> None:
    season = begin(tmp_path / "销售部", 11, (KINDS[0], KINDS[1], "", ""))
    for number in range(3):
        day = work(season, number)
        if number == 1:
            manage(season)
            type_all(season)
        run(season, day)
        assert season.wrong == []
    again(season, day)
    assert season.wrong == []


def books(season: Season) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in season.folder.glob("*.xlsx")}
