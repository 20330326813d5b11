"""The month's sales targets from 业绩目标: of people, of teams, and of everybody."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

import pandas as pd

KEYS = ("sales_target", "paid_target")
Pair = tuple[float | None, float | None]
NONE: Pair = (None, None)


@dataclass(frozen=True)
class SalesTargets:
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
        sales, paid = _sum(pair[0] for pair in members), _sum(pair[1] for pair in members)
        own = self.own.get(name, NONE)
        return (sales or own[0], paid or own[1])


def sales_targets(table: pd.DataFrame, month: date) -> SalesTargets:
    """Read the targets of the month that starts on `month`; goals of 0 or less count as none."""
    if table.empty:
        return SalesTargets({}, {}, {}, NONE)
    start = table["month"].dt.to_period("M").dt.to_timestamp()
    rows = table[(start == pd.Timestamp(month)).to_numpy()]
    personal = rows[rows["owner"].notna()]
    team_rows = rows[rows["owner"].isna() & rows["team"].notna()]
    people, own = _by(personal, "owner"), _by(team_rows, "team")
    known = table[table["owner"].notna() & table["team"].notna()].sort_values(
        "month", kind="stable"
    )
    team_of = dict(zip(known["owner"], known["team"], strict=True))
    sales, paid = (_total(people, own, team_of, kind) for kind in range(len(KEYS)))
    return SalesTargets(people, team_of, own, (sales, paid))


def _total(
    people: Mapping[str, Pair], own: Mapping[str, Pair], team_of: Mapping[str, str], kind: int
) -> float | None:
    """Return everybody's target of a kind: the people's, and those of teams without people's."""
    given = {name: pair[kind] for name, pair in people.items() if pair[kind] is not None}
    if not given.keys() <= team_of.keys():  # Any team may be theirs.
        return _sum(given.values())
    covered = {team_of[name] for name in given}
    rest = [pair[kind] for team, pair in own.items() if team not in covered]
    return _sum([*given.values(), *rest])


def _by(rows: pd.DataFrame, key: str) -> dict[str, Pair]:
    wanted = rows[list(KEYS)].where(rows[list(KEYS)] > 0)
    sums = wanted.groupby(rows[key].to_numpy(), sort=False).sum(min_count=1)
    return {
        str(name): tuple(None if pd.isna(v) else float(v) for v in pair)  # type: ignore[misc]
        for name, pair in zip(sums.index, sums.to_numpy(), strict=True)
    }


def _sum(values: Iterable[float | None]) -> float | None:
    found = [value for value in values if value is not None]
    return sum(found) if found else None
