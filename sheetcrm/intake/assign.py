"""Owners for leads that come in without one, by the rule of 设置: the same sheet, the same owners.

轮流 goes round, 按在手 gives to whom has the fewest open leads; 按区域 and 按行业 go round among
those who take the region or the industry. All keep to the regions, industries and quotas that the
分配规则 names.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from sheetcrm.checks.leads import open_leads
from sheetcrm.clean import CleanBook
from sheetcrm.intake.keys import text_column
from sheetcrm.kit.model import OWNER_LIST, Kit, Share
from sheetcrm.values.regions import PART_OF, PROVINCE_OF
from sheetcrm.values.text import fold

RULE = "assign_rule"
NO_RULE, IN_TURN, BY_REGION, BY_INDUSTRY, BY_LOAD = "不分配", "轮流", "按区域", "按行业", "按在手"


@dataclass(frozen=True)
class Assigned:
    """Who gets which row, and why; `left` are the rows that nobody may take."""

    owners: pd.Series
    reasons: pd.Series
    left: pd.Index


def rule_of(kit: Kit) -> str:
    """Return how owners are given: one of the words of 导入分配办法."""
    value = next((s.value for s in kit.settings if s.key == RULE), NO_RULE)
    return str(value)


def shares_of(kit: Kit) -> tuple[Share, ...]:
    """Return who takes leads: the 分配规则, else everybody of the owner list alike."""
    people = kit.list_by_key.get(OWNER_LIST)
    return kit.shares or tuple(Share(owner=i.value) for i in (people.items if people else ()))


def assign(rows: pd.DataFrame, given: pd.Series, book: CleanBook) -> Assigned:
    """Give each row an owner, in order of row.

    The turn goes on where the book's leads left it: to whoever has had the fewest of this import,
    then of the book.

    Args:
        rows: New leads without an owner, with `region` and `industry` where they say them.
        given: Owners that other rows of this import bring; they count towards the quotas.
        book: Its kit has the rule, its leads say who has how many.
    """
    rule, shares = rule_of(book.kit), shares_of(book.kit)
    owners, reasons = (pd.Series(index=rows.index, dtype="str") for _ in range(2))
    if rule == NO_RULE or not shares or rows.empty:
        return Assigned(owners, reasons, rows.index)
    all_held, open_held = _held(book)
    got = Counter(given.dropna().tolist())
    regions, industries = (_said(rows, key, book.kit) for key in ("region", "industry"))
    taken = [_folded(s) for s in shares]
    for row, region, industry in zip(rows.index, regions, industries, strict=True):
        able = [
            (i, s)
            for i, s in enumerate(shares)
            if _takes(taken[i], region, industry, rule) and not 0 < s.quota <= got[s.owner]
        ]
        if not able:
            continue
        chosen = min(able, key=lambda each: _turn(each, rule, got, (all_held, open_held)))[1]
        got[chosen.owner] += 1
        owners[row] = chosen.owner
        reasons[row] = _why(rule, chosen, open_held[chosen.owner])
    return Assigned(owners, reasons, owners.index[owners.isna()])


def _turn(
    each: tuple[int, Share], rule: str, got: Counter[str], held: tuple[Counter[str], Counter[str]]
) -> tuple[int, int, int]:
    place, share = each
    everything, still_open = held
    if rule == BY_LOAD:
        return still_open[share.owner] + got[share.owner], 0, place
    return got[share.owner], everything[share.owner], place


def _held(book: CleanBook) -> tuple[Counter[str], Counter[str]]:
    """Return how many leads everybody has in the book: all, and open ones."""
    table = book.tables.get("lead")
    if table is None or "owner" not in table.data:
        return Counter(), Counter()
    owners = table.data["owner"]
    still = owners[open_leads(book)] if "status" in table.data else owners
    return Counter(owners.dropna().tolist()), Counter(still.dropna().tolist())


def _said(rows: pd.DataFrame, key: str, kit: Kit) -> list[frozenset[str]]:
    wider = _wider(kit, key)
    return [_words(text, wider) for text in text_column(rows, key)]


def _words(text: object, wider: dict[str, str]) -> frozenset[str]:
    """Return a region (or industry) with the province and the part of the country it lies in."""
    if not isinstance(text, str):
        return frozenset()
    plain = _plain(text)
    province = PROVINCE_OF.get(plain, "")
    part = PART_OF.get(province, PART_OF.get(plain, ""))
    near = {plain, province, part, wider.get(plain, ""), wider.get(province, "")}
    return frozenset(near - {""})


def _plain(text: str) -> str:
    return fold(text).removesuffix("市").removesuffix("省")


def _wider(kit: Kit, key: str) -> dict[str, str]:
    """Return what other names a list has for its values: 上海 for 华东."""
    found = kit.list_by_key.get(key)
    items = found.items if found else ()
    return {_plain(alias): _plain(item.value) for item in items for alias in item.aliases}


def _folded(share: Share) -> tuple[frozenset[str], frozenset[str]]:
    return _all(share.regions), _all(share.industries)


def _all(texts: Sequence[str]) -> frozenset[str]:
    return frozenset(_plain(text) for text in texts)


def _takes(
    share: tuple[frozenset[str], frozenset[str]],
    region: frozenset[str],
    industry: frozenset[str],
    rule: str,
) -> bool:
    """Say whether somebody takes a lead; a rule by region or industry needs it to be named."""
    regions, industries = share
    if rule == BY_REGION and not (regions & region):
        return False
    if rule == BY_INDUSTRY and not (industries & industry):
        return False
    return (not regions or bool(regions & region)) and (
        not industries or bool(industries & industry)
    )


def _why(rule: str, share: Share, held: int) -> str:
    if rule == BY_LOAD:
        return f"按在手分配，{share.owner}原有{held}条在手"
    return f"{rule}分配给{share.owner}"
