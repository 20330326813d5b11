"""Whose phone a column holds, in sheets that name more than one person a row."""

from collections.abc import Mapping, Sequence


def whose(
    persons: Sequence[int], contacts: Sequence[int], mine: int, *, grouped: bool = False
) -> Mapping[int, int]:
    """Return which contact columns are another person's, with the column of that person.

    A contact stands right of its person: 姓名, 电话, 姓名, 电话; or left of it, where the first one
    comes before any person. Where the names stand together nothing tells them apart but the order:
    联系人, 备用联系人, 电话, 备用电话.

    Args:
        persons: Columns of names, in order.
        contacts: Columns of phones and addresses, in order.
        mine: The person that is imported, one of `persons`.
        grouped: The names have one heading, as below a row that tells the persons apart.
    """
    if len(persons) < 2 or not contacts:
        return {}
    if contacts[0] < persons[0]:
        owners = {c: next((p for p in persons if p > c), persons[-1]) for c in contacts}
    else:
        owners = {c: max(p for p in persons if p < c) for c in contacts}
    if not grouped and _together(persons, contacts):
        owners = dict.fromkeys(contacts, persons[0]) | dict(zip(contacts, persons, strict=False))
    return {c: person for c, person in owners.items() if person != mine}


def _together(persons: Sequence[int], contacts: Sequence[int]) -> bool:
    between = [c for c in contacts if persons[0] < c < persons[-1]]
    return not between and contacts[0] > persons[-1]
