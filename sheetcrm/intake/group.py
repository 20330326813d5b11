"""Rows of one sheet that are the same customer or record: merged into the first of them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pandas as pd

from sheetcrm.checks.cells import distinct
from sheetcrm.intake.match import ON_NAMES
from sheetcrm.intake.names import Names
from sheetcrm.values.text import fold

# One number under so many names is a switchboard's, or an agent's own.
_MANY = 50
GROUP_COLUMNS = ("head", "beside", "default", "on", "reason")


@dataclass(frozen=True)
class Batch:
    """The rows of a sheet that are compared with one another.

    `keys` are those of `keys_of`, `prints` their fingerprints, `ended` a text that tells won and
    lost leads apart, missing for open ones. `customers`: the rows are customers; else only equal
    content is the same, and with `ids` equal ids.
    """

    keys: pd.DataFrame
    prints: pd.Series
    ended: pd.Series
    customers: bool
    ids: bool = True


def group(batch: Batch, names: Names) -> pd.DataFrame:
    """Say of every row which row it is merged into.

    Rows of one phone, id, or company and contact belong together. They are kept apart where their
    own ids differ, or one is won or lost and the other is not the same deal (each is created), and
    where the companies differ (the later one is left out); `beside` is then the row they are like.

    Returns:
        A row a row: `head`, the row it is merged into (itself for the first); `beside` (Int64),
        `default` ("create", "skip" or "") and `reason` for heads that are like another head; `on`.
    """
    index = batch.prints.index
    linked = _components(index, _edges(batch, names))
    head, beside = linked.copy(), pd.Series(pd.NA, index=index, dtype="Int64")
    default, reason = (pd.Series("", index=index, dtype="str") for _ in range(2))
    if batch.customers:
        for rows in _several(linked):
            for first, part, kind, why in _parts(batch, rows, names):
                head[part] = part[0]
                if first != part[0]:
                    beside[part[0]], default[part[0]], reason[part[0]] = first, kind, why
    on = _on(batch, head.where(beside.isna(), beside.astype("float64")).astype("int64"))
    columns = (head, beside, default, on, reason)
    return pd.DataFrame(dict(zip(GROUP_COLUMNS, columns, strict=True)))


def _edges(batch: Batch, names: Names) -> list[tuple[int, int]]:
    keys, edges = batch.keys, _equal(batch.prints)
    if batch.ids:
        edges += _equal(keys["id"])
    if not batch.customers:
        return edges
    edges += _equal(keys["origin"]) + _equal(keys["phone"])
    # A person who is his own company is known by his number, not by a name others may have too.
    firm = keys[keys["contact"].notna() & (keys["company"].str.casefold() != keys["contact"])]
    firm = firm[["company", "contact", "mask"]]
    companies = names.of_shared_core(distinct(firm["company"]))
    links = names.links(companies, companies)
    links = links[(links["likeness"] == "strong") & (links["name"] != links["other"])]
    strong = {str(name): list(others) for name, others in links.groupby("name")["other"]}
    for key in ("contact", "mask"):
        edges += _same_people(firm, strong, key, names)
    return edges


def _equal(keys: pd.Series) -> list[tuple[int, int]]:
    """Link every row to the first one of its key."""
    known = keys.dropna()
    known = known[known.duplicated(keep=False)]
    first = pd.Series(known.index, index=known.index).groupby(known).transform("first")
    return [(int(a), int(b)) for a, b in zip(first, first.index, strict=True) if a != b]


def _same_people(
    firm: pd.DataFrame, strong: dict[str, list[str]], key: str, names: Names
) -> list[tuple[int, int]]:
    """Link the rows whose companies are the same one, and whose contact (or number) is too."""
    known = firm.dropna(subset=["company", key])
    exact = known["company"] + "\x1f" + known[key]
    again = exact[exact.duplicated(keep=False)]
    companies = known["company"].loc[again.index].tolist()
    edges = _equal(again[[names[name].known for name in companies]])
    linked = exact[known["company"].isin(list(strong))]
    first = {text: int(row) for row, text in reversed(list(linked.items()))}  # type: ignore[call-overload]
    for text, row in first.items():
        company, _, said = text.partition("\x1f")
        for other in strong.get(company, ()):
            there = first.get(f"{other}\x1f{said}")
            if there is not None:
                edges.append((row, there))
    return edges


def _components(index: pd.Index, edges: Iterable[tuple[int, int]]) -> pd.Series:
    """Return the first row of everything that is linked, for each row."""
    parent: dict[int, int] = {}

    def root(row: int) -> int:
        while (up := parent.get(row, row)) != row:
            parent[row] = parent.get(up, up)
            row = up
        return row

    for a, b in edges:
        low, high = sorted((root(a), root(b)))
        parent[high] = low
    heads = [root(row) if row in parent else row for row in index.tolist()]
    return pd.Series(heads, index=index, dtype="int64")


def _several(head: pd.Series) -> list[list[int]]:
    """Return the rows of every component of more than one row, in order."""
    many = head[head.duplicated(keep=False)]
    return [sorted(rows) for rows in many.groupby(many).groups.values()]


def _parts(
    batch: Batch, rows: Sequence[int], names: Names
) -> list[tuple[int, list[int], str, str]]:
    """Split linked rows into those that are one customer and one deal.

    Returns:
        For each part the row it is like (its own first row where it is the first), its rows, what
        becomes of it, and why.
    """
    # By content, so that the order of the rows does not change who belongs together.
    ordered = sorted(rows, key=lambda row: (str(batch.prints[row]), row))
    result: list[tuple[int, list[int], str, str]] = []
    deals = [(_by_row(_companies(batch, part, names)), why) for part, why in _deals(batch, ordered)]
    for parts, why in sorted(deals):
        own = parts[0][0]
        first = result[0][1][0] if result else own
        result.append((first, parts[0], "create" if first != own else "", why))
        result += [(own, part, "skip", "{on}相同，公司却不同") for part in parts[1:]]
    return result


def _by_row(parts: list[list[int]]) -> list[list[int]]:
    return sorted(sorted(part) for part in parts)


def _deals(batch: Batch, rows: Sequence[int]) -> list[tuple[list[int], str]]:
    ids = {row: batch.keys.at[row, "id"] for row in rows}
    known = [text for text in ids.values() if isinstance(text, str)]
    if len(set(known)) > 1:
        labels = {row: text if isinstance(text, str) else known[0] for row, text in ids.items()}
        return [(part, "编号不同，{on}却相同") for part in _by_label(rows, labels)]
    ended = {row: batch.ended[row] for row in rows}
    if any(isinstance(text, str) for text in ended.values()):
        labels = {row: text if isinstance(text, str) else "" for row, text in ended.items()}
        why = "同一客户的另一条线索已经结束，这是另外一条"
        return [(part, why) for part in _by_label(rows, labels)]
    return [(list(rows), "")]


def _companies(batch: Batch, rows: Sequence[int], names: Names) -> list[list[int]]:
    """Split rows into companies that do not contradict one another."""
    named = {row: batch.keys.at[row, "company"] for row in rows}
    people = {row for row in rows if fold(str(named[row])) == batch.keys.at[row, "contact"]}
    if len(people) < len(rows):  # a person's name beside companies contradicts nothing
        named = {row: None if row in people else name for row, name in named.items()}
    called = list(dict.fromkeys(n for n in named.values() if isinstance(n, str)))
    if len(called) > _MANY:
        called = list(dict.fromkeys(names[name].text for name in called))
        named = {row: names[n].text if isinstance(n, str) else n for row, n in named.items()}
    elif all(names.likeness(a, b) != "none" for a in called for b in called):
        return [list(rows)]
    same = {
        name: min(i for i, other in enumerate(called) if names.likeness(name, other) == "strong")
        if names[name].known and len(called) <= _MANY
        else called.index(name)
        for name in called
    }
    labels = {
        row: str(same[name]) if isinstance(name, str) else str(row) for row, name in named.items()
    }
    return _by_label(rows, labels)


def _by_label(rows: Sequence[int], labels: dict[int, str]) -> list[list[int]]:
    parts: dict[str, list[int]] = {}
    for row in rows:
        parts.setdefault(labels[row], []).append(row)
    return list(parts.values())


def _on(batch: Batch, head: pd.Series) -> pd.Series:
    """Say in Chinese what each row has in common with another."""
    on = pd.Series("", index=head.index, dtype="str")
    other = head[head != head.index]
    keys, there = batch.keys.loc[other.index], batch.keys.loc[other.to_numpy()]
    said = pd.Series(ON_NAMES["contact" if batch.customers else "id"], index=other.index)
    for key in ("origin", "id", "phone") if batch.customers else ("id",):
        equal = keys[key].notna().to_numpy() & (keys[key].to_numpy() == there[key].to_numpy())
        said = said.mask(equal, ON_NAMES["id" if key == "origin" else key])
    prints = batch.prints
    same = prints[other.index].to_numpy() == prints[other.to_numpy()].to_numpy()
    on.loc[other.index] = said.mask(same, ON_NAMES["row"])
    return on
