"""Companies of a sheet and of a large book: which names are alike, without reading every one.

A book's name is taken apart only where it holds the 字号 of an incoming one, so that 20,000 rows
meet 100,000 in well under the time it takes to read them.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence

import numpy as np
import pandas as pd

from sheetcrm.values.company import (
    Company,
    Likeness,
    compare,
    normal_name,
    parse_company,
    plain_cores,
)
from sheetcrm.values.company_words import GENERIC, TRADES

# A 字号 that more names of the book share is not compared name by name.
_LARGE_BLOCK = 60
_BETWEEN = "\ue000"
_SHIFT = 21  # bits of a letter


class Names:
    """Company names taken apart, each once."""

    def __init__(self) -> None:
        """Start with none."""
        self._parsed: dict[str, Company] = {}

    def __getitem__(self, name: str) -> Company:
        """Take a name apart."""
        found = self._parsed.get(name)
        if found is None:
            found = self._parsed[name] = parse_company(name)
        return found

    def likeness(self, one: object, other: object) -> Likeness | None:
        """Say how alike two names are; None where one is blank or too vague to say."""
        if not (isinstance(one, str) and isinstance(other, str)):
            return None
        a, b = self[one], self[other]
        if not (a.known and b.known):
            return "strong" if a.text == b.text and a.text else None
        return compare(a, b)

    def links(self, names: Iterable[str], others: Sequence[str]) -> pd.DataFrame:
        """Return the pairs of alike names: columns `name`, `other`, `likeness`.

        Args:
            names: Of the sheet.
            others: Of the book, distinct.
        """
        blocks: dict[str, list[str]] = {}
        own = list(names)
        for name, core in self.cores(own).items():
            # a name whose 字号 says nothing is compared only where it has a region
            if len(core) > 1 and (core not in GENERIC or self[name].known):
                blocks.setdefault(core, []).append(name)
        there: dict[str, list[str]] = {}
        near = {*own, *self._parsed}
        near.update(_holding(blocks, [other for other in others if other not in near]))
        for other in [name for name in others if name in near]:
            company = self[other]
            if company.known and company.core in blocks:
                there.setdefault(company.core, []).append(other)
        rows = [
            (name, other, likeness)
            for core, near_by in there.items()
            for name in blocks[core]
            if self[name].known
            for other, likeness in self._alike(name, near_by)
        ]
        return pd.DataFrame(rows, columns=["name", "other", "likeness"], dtype="str")

    def cores(self, names: Collection[str]) -> dict[str, str]:
        """Return the 字号 of distinct names; of most it is found without taking each apart."""
        plain = plain_cores(names)
        return {name: plain[name] if name in plain else self[name].core for name in names}

    def of_shared_core(self, names: Collection[str]) -> list[str]:
        """Return those of distinct names whose 字号 another one of them has as well."""
        cores = self.cores(names)
        count = Counter(cores.values())
        return [name for name in names if count[cores[name]] > 1]

    def _alike(self, name: str, near: Sequence[str]) -> list[tuple[str, Likeness]]:
        own = self[name]
        if len(near) > _LARGE_BLOCK:
            same = (own.trade, own.branch, own.city)
            near = [n for n in near if (self[n].trade, self[n].branch, self[n].city) == same]
        found = [(other, compare(own, self[other])) for other in near]
        return [(other, likeness) for other, likeness in found if likeness != "none"]


def _holding(cores: Iterable[str], names: Sequence[str]) -> list[str]:
    """Return the names that hold one of the 字号 anywhere."""
    # By first letters and length: one look tells of all that start alike. A trade word stands in
    # too many names to be looked for.
    by_start: dict[str, dict[int, set[str]]] = {}
    for core in cores:
        if core not in TRADES:
            by_start.setdefault(core[:2], {}).setdefault(len(core), set()).add(core)
    if not names or not by_start:
        return []
    normal = normal_name(_BETWEEN.join(names)).split(_BETWEEN)
    if len(normal) != len(names):  # a name holds the mark itself
        normal = [normal_name(name) for name in names]
    whole = _BETWEEN.join(normal)
    letters = np.frombuffer(whole.encode("utf-32-le"), dtype="<u4").astype("int64")
    starts = np.array([_pair(start) for start in by_start], dtype="int64")
    places = np.flatnonzero(np.isin(letters[:-1] << _SHIFT | letters[1:], starts))
    ends = np.cumsum([len(text) + 1 for text in normal])
    owner = np.searchsorted(ends, places, side="right")
    found = [
        at
        for at, place in zip(owner.tolist(), places.tolist(), strict=True)
        if _starts(whole, place, by_start[whole[place : place + 2]])
    ]
    return [names[at] for at in dict.fromkeys(found)]


def _starts(whole: str, place: int, cores: Mapping[int, Collection[str]]) -> bool:
    """Say whether one of the 字号, by their length, stands at a place."""
    return any(whole[place : place + length] in texts for length, texts in cores.items())


def _pair(start: str) -> int:
    return ord(start[0]) << _SHIFT | ord(start[1])
