"""Chinese company names by their structure: region, 字号, trade, legal form, branch.

Edit distance cannot tell them apart: 上海星辰科技 and 星辰科技（上海） are one company, two
branches of one bank are not. Names are the same where 字号 and trade are equal, the regions agree
and the branch is the same; similar where one of these is left open.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations, pairwise
from string import ascii_lowercase
from typing import Literal, NamedTuple

from sheetcrm.values.company_words import BRANCHES, FORMS, GENERIC, TRADES
from sheetcrm.values.regions import CITIES, PROVINCE_OF, WIDE
from sheetcrm.values.traditional import TRADITIONAL

Likeness = Literal["strong", "similar", "none"]

_DISTRICT = re.compile(r"[\u4e00-\u9fff]{1,3}(?:自治[州县]|新区|[县区])(?=[\u4e00-\u9fff]{2})")
_BRANCH = re.compile(
    r"(?<=[司团行厂])((?:(?!公司|集团)[\u4e00-\u9fff0-9]){0,12}(?:" + "|".join(BRANCHES) + r"))$"
)
_PAREN = re.compile(r"[(\[【〔]([^)\]】〕]*)[)\]】〕]")
_MARKS = re.compile(r"[\s·•.,，。、;；:：\"'“”‘’《》<>!！_-]+")
_ANONYMOUS = re.compile(r"[*?×]|xx|某|(?:先生|女士|小姐|老师|阿姨|师傅)$|^.{1,2}(?:总|经理)$", re.I)
# What `_ANONYMOUS` needs to find one of: most names hold none of these.
_MAYBE_ANONYMOUS = frozenset("*?×x某生士姐师姨傅总理")
_NORMAL = re.compile(r"[\u4e00-\u9fff0-9a-z()]+")
_OLD_LETTERS = frozenset(map(chr, TRADITIONAL))
_SHORTEST_CORE = 2
_PROVINCE_ENDS = ("省", "市", "壮族自治区", "回族自治区", "维吾尔自治区", "自治区")


@dataclass(frozen=True)
class Words:
    """Words to look for at the front of a name: their lengths, longest first; first letters."""

    texts: frozenset[str]
    lengths: tuple[int, ...]
    firsts: frozenset[str]


def _words(texts: Iterable[str]) -> Words:
    known = frozenset(texts)
    return Words(
        known,
        tuple(sorted({len(text) for text in known}, reverse=True)),
        frozenset(text[0] for text in known),
    )


def _ending(words: Iterable[str], keep: int) -> re.Pattern[str]:
    """Match, in a name written backwards, words at its end, the longest ones first.

    `keep` characters of the name stay.
    """
    longest_first = sorted((word[::-1] for word in set(words)), key=len, reverse=True)
    return re.compile(f"(?:(?:{'|'.join(map(re.escape, longest_first))})(?=.{{{keep}}}))*", re.S)


def _plain_letters() -> str:
    """Return the ranges of characters that need no folding and hide no name."""
    odd = _OLD_LETTERS | _MAYBE_ANONYMOUS
    han = sorted(map(ord, (c for c in odd if "\u4e00" <= c <= "\u9fff")))
    between = pairwise((0x4E00 - 1, *han, 0x9FFF + 1))
    ranges = (f"{chr(a + 1)}-{chr(b - 1)}" for a, b in between if b - a > 1)
    return "0-9" + "".join(sorted(set(ascii_lowercase) - odd)) + "".join(ranges)


_FORM_END, _TRADE_END = _ending(FORMS, 1), _ending(TRADES, _SHORTEST_CORE)
_PLACES = (
    (_words(WIDE), ("区",)),
    (_words(CITIES), _PROVINCE_ENDS),
    (_words(PROVINCE_OF), ("市",)),
)
_PLACE_LETTERS = "".join(letter for words, _ in _PLACES for letter in words.firsts)
# Names, one a line, that are nothing but 字号, trade and form.
_PLAIN = re.compile(
    rf"^(?![{_PLACE_LETTERS}])[{_plain_letters()}]++(?<!{')(?<!'.join(BRANCHES)})$", re.MULTILINE
)
# The 字号 of such names that are written backwards.
_CORE_LEFT = re.compile(f"^{_FORM_END.pattern}+{_TRADE_END.pattern}+(.++)$", re.MULTILINE)
# A 字号 that more names share is not compared pair by pair.
_LARGE_BLOCK = 60


class Company(NamedTuple):
    """A company name taken apart; the parts are normalised, "" where the name lacks them.

    `city` and `province` come from the front of the name or from parentheses; `core` is the 字号;
    `known` says that the name is fit for comparing (no 某, no masking, a 字号 of 2 characters).
    """

    text: str
    core: str
    trade: str = ""
    form: str = ""
    branch: str = ""
    city: str = ""
    province: str = ""
    known: bool = True


def normal_name(name: str) -> str:
    """Return a name in simplified, half-width, lower-case characters without spaces and marks."""
    if _NORMAL.fullmatch(name) and _OLD_LETTERS.isdisjoint(name):
        return name
    folded = unicodedata.normalize("NFKC", name).translate(TRADITIONAL).casefold()
    return _MARKS.sub("", folded)


def parse_company(name: str) -> Company:
    """Take a company name apart.

    A name without any of the usual parts is all 字号, as people's names and brands are.
    """
    text = normal_name(name)
    rest, noted = _without_parentheses(text)
    branch = _BRANCH.search(rest) if rest.endswith(BRANCHES) else None
    if branch:
        rest = rest[: branch.start()]
    rest, form = _split_end(rest, _FORM_END)
    rest, places = _places(rest)
    core, trade = _split_end(rest, _TRADE_END)
    known = (
        len(core) >= _SHORTEST_CORE
        and (core not in GENERIC or bool(places))
        and (_MAYBE_ANONYMOUS.isdisjoint(text) or not _ANONYMOUS.search(text))
    )
    if not (noted or places or branch):
        return Company(text, core, trade, form, known=known)
    regions = (*places, *(place for note in noted for place in _places(note)[1]))
    loose = "".join(note for note in noted if not _places(note)[1] and note not in FORMS)
    return Company(
        text=_PAREN.sub(r"\1", text) if noted else text,
        core=core,
        trade=trade,
        form=form,
        branch=(branch[1] if branch else "") + loose,
        city=next((p for p in regions if p in PROVINCE_OF or p in WIDE), ""),
        province=next((p for p in regions if p in CITIES), ""),
        known=known,
    )


def compare(one: Company, other: Company) -> Likeness:
    """Say how alike two companies are.

    strong: the same 字号, trade and branch, and regions that agree. similar: the same 字号 and
    branch, where the trade or the region is missing in one of them. Anything else is none: another
    city, another trade, another branch.
    """
    if not (one.known and other.known):
        return "none"
    if one.text == other.text:
        return "strong"
    if one.core != other.core or one.branch != other.branch:
        return "none"
    region = _regions_agree(one, other)
    trade = _trades_agree(one.trade, other.trade)
    if "none" in (region, trade):
        return "none"
    return "strong" if region == trade == "strong" else "similar"


def plain_cores(names: Collection[str]) -> dict[str, str]:
    """Return the 字号 of those distinct names that can be taken apart all at once.

    As `parse_company` finds it. These have no region, branch, parentheses and the like; the others
    are left out.
    """
    plain = _PLAIN.findall("\n".join(name for name in names if "\n" not in name))
    backwards = _CORE_LEFT.findall("\n".join(reversed(plain))[::-1])
    return {name: core[::-1] for name, core in zip(plain, backwards, strict=True)}


def with_shared_core(names: Collection[str]) -> list[str]:
    """Return those of distinct names whose 字号 another one of them has as well."""
    cores = plain_cores(names)
    if len(cores) < len(names):
        others = (name for name in names if name not in cores)
        cores |= {name: parse_company(name).core for name in others}
    shared = {core for core, count in Counter(cores.values()).items() if count > 1}
    return [name for name in names if cores[name] in shared] if shared else []


def alike(companies: Mapping[str, Company]) -> list[tuple[str, str, Likeness]]:
    """Return the pairs of names that are alike, compared only within the same 字号.

    Of a 字号 that very many names share, only names of the same trade, branch and city are paired,
    each with the first of them.

    Args:
        companies: What `parse_company` says of each distinct name.
    """
    blocks: dict[str, dict[str, Company]] = {}
    for name, company in companies.items():
        if company.known:
            blocks.setdefault(company.core, {})[name] = company
    return [
        (a, b, likeness)
        for block in blocks.values()
        if len(block) > 1
        for a, b in _pairs(block)
        if (likeness := compare(block[a], block[b])) != "none"
    ]


def _pairs(block: Mapping[str, Company]) -> Iterable[tuple[str, str]]:
    if len(block) <= _LARGE_BLOCK:
        return combinations(block, 2)
    first: dict[tuple[str, str, str], str] = {}
    pairs = []
    for name, company in block.items():
        key = (company.trade, company.branch, company.city)
        if key in first:
            pairs.append((first[key], name))
        first.setdefault(key, name)
    return pairs


def _without_parentheses(text: str) -> tuple[str, list[str]]:
    if "(" not in text and "【" not in text and "[" not in text and "〔" not in text:
        return text, []
    return _PAREN.sub("", text), [note for note in _PAREN.findall(text) if note]


def _split_end(text: str, words: re.Pattern[str]) -> tuple[str, str]:
    """Split off words at the end, several where they follow one another."""
    found = words.match(text[::-1])
    length = found.end() if found else 0
    return (text[:-length], text[-length:]) if length else (text, "")


def _places(text: str) -> tuple[str, list[str]]:
    """Split off province, city and district at the front; a whole text that is a place too."""
    found: list[str] = []
    for words, suffixes in _PLACES:
        if text[:1] not in words.firsts:
            continue
        name = next((text[:n] for n in words.lengths if text[:n] in words.texts), "")
        rest = text[len(name) :]
        rest = rest[len(next((s for s in suffixes if rest.startswith(s)), "")) :]
        if name and (len(rest) >= _SHORTEST_CORE or not rest):
            found.append(name)
            text = rest
    district = _DISTRICT.match(text) if found else None
    return (text[district.end() :] if district else text), found


def _regions_agree(one: Company, other: Company) -> Likeness:
    cities, provinces = {one.city, other.city}, {_province(one), _province(other)}
    if "" not in provinces and len(provinces) > 1:
        return "none"
    if "" not in cities and len(cities) > 1:
        return "none"
    if cities == {""}:
        return "strong" if "" in provinces or len(provinces) == 1 else "none"
    return "strong" if "" not in cities or "" in provinces else "similar"


def _province(company: Company) -> str:
    return company.province or PROVINCE_OF.get(company.city, company.city)


def _trades_agree(one: str, other: str) -> Likeness:
    if one == other:
        return "strong"
    short, long = sorted((one, other), key=len)
    return "similar" if long.startswith(short) or long.endswith(short) else "none"
