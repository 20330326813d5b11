"""The month's sales targets from 业绩目标: of people, of teams, and of everybody."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import pandas as pd

KEYS = ("sales_target", "paid_target")
Pair = tuple[float | None, float | None]
NONE: Pair = (None, None)


@dataclass(frozen=True)
class Goals:
    """销售额目标 and 回款目标, None where none is set.

    A team's are those of its people added up, else its own rows; so are everybody's: a team without
    people's targets is added where the rows say which team the people with targets belong to.
    `team_of` tells a person's team, `teams` their names in the order of the sheet.
    """

    people: Mapping[str, Pair]
    team_of: Mapping[str, str]
    own: Mapping[str, Pair]
    total: Pair

    @property
    def teams(self) -> tuple[str, ...]:
        """The teams that somebody belongs to."""
        return tuple(dict.fromkeys(self.team_of.values()))

    def person(self, name: str) -> Pair:
        """Return the targets of a person."""
        return self.people.get(name, NONE)

    def team(self, name: str) -> Pair:
        """Return the targets of a team."""
        members = [self.person(p) for p, team in self.team_of.items() if team == name]
        added = _add(members)
        own = self.own.get(name, NONE)
        return (added[0] or own[0], added[1] or own[1])


def sales_targets(table: pd.DataFrame, month: date) -> Goals:
    """Read the targets of the month that starts on `month`; goals of 0 or less count as none."""
    if table.empty:
        return Goals({}, {}, {}, NONE)
    start = table["month"].dt.to_period("M").dt.to_timestamp()
    rows = table[(start == pd.Timestamp(month)).to_numpy()]
    personal = rows[rows["owner"].notna()]
    team_rows = rows[rows["owner"].isna() & rows["team"].notna()]
    people, own = _by(personal, "owner"), _by(team_rows, "team")
    known = table[table["owner"].notna() & table["team"].notna()].sort_values(
        "month", kind="stable"
    )
    team_of = dict(zip(known["owner"], known["team"], strict=True))
    everybody = _add(list(people.values()))
    told = all(p in team_of for p in people)
    covered = {team_of[p] for p in people if p in team_of}
    rest = [pair for team, pair in own.items() if team not in covered] if told else []
    with_rest = _add([everybody, *rest])
    total = with_rest if people else _add(list(own.values()))
    return Goals(people, team_of, own, total)


def _by(rows: pd.DataFrame, key: str) -> dict[str, Pair]:
    wanted = rows[list(KEYS)].where(rows[list(KEYS)] > 0)
    sums = wanted.groupby(rows[key].to_numpy(), sort=False).sum(min_count=1)
    return {
        str(name): tuple(None if pd.isna(v) else float(v) for v in pair)  # type: ignore[misc]
        for name, pair in zip(sums.index, sums.to_numpy(), strict=True)
    }


def _add(pairs: list[Pair]) -> Pair:
    columns = zip(*pairs, strict=True) if pairs else ((), ())
    sums = [[v for v in column if v is not None] for column in columns]
    first, second = (sum(values) if values else None for values in sums)
    return first, second
