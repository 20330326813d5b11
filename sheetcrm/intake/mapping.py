"""Which heading fills which field: said, saved, exact, alias with fitting content, else asked.

Never by edit distance: on Chinese headings it is wrong more often than right. What the text alone
does not settle is asked, and left out until somebody says.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from sheetcrm.intake.candidates import candidates
from sheetcrm.intake.content import are_people, fits, fits_id, hopeless, preference, readable
from sheetcrm.intake.model import HeadingHow, HeadingMatch, SavedMap
from sheetcrm.intake.persons import whose
from sheetcrm.intake.stage_dates import stage_named
from sheetcrm.intake.variants import joined, languages, variants
from sheetcrm.intake.vocabulary import STAGE_KEY, Words
from sheetcrm.kit.headings import read_heading
from sheetcrm.kit.model import OWNER_LIST, Column
from sheetcrm.kit.words import TYPE_NAMES
from sheetcrm.table import Cell, column_letter

SAID = "按指定忽略"
SAVED = "沿用上次的选择，忽略"
_AS_SAID = "按指定由"
_AMONG = "标题只有一部分和字段相同，不能确定是哪个字段"
_NOTHING_LIKE_IT = "这张表没有对应的字段"
_EMPTY = "没有对应的字段，这一列也是空的"
# Of two such columns either is right; of two dates or amounts only one is.
_FREE_TYPES = ("text", "choice", "link", "contact", "phone", "email")
_REACHED = ("contact", "phone", "email")
_PERSONS = ("人", "姓名", "名字", "name")
# Of two headings for one field the one further left in this order wins.
_ORDER: tuple[HeadingHow, ...] = ("given", "name", "saved", "alias", "stage", "content")


@dataclass(frozen=True)
class Claim:
    """One heading with its cells, and what it stands for as far as is known."""

    match: HeadingMatch
    cells: list[Cell] = field(repr=False)
    column: Column | None = None
    rank: float = 0.0

    @property
    def wants(self) -> str:
        """What it fills; "" for nothing."""
        return f"{STAGE_KEY}{self.match.stage}" if self.match.stage else self.match.key


def map_headings(
    headings: Sequence[tuple[str, int, list[Cell]]],
    words: Words,
    given: SavedMap,
    saved: SavedMap,
) -> tuple[HeadingMatch, ...]:
    """Match the headings of one sheet.

    Args:
        headings: Text, column counted from 1, and a sample of the filled cells of each.
        words: The table it fills.
        given: What has been said for this file.
        saved: What was said for its source before.
    """
    claims = [_claim(text, at, cells, words, (given, saved)) for text, at, cells in headings]
    claims = _compete(_of_one_person(claims), words)
    taken = {c.wants for c in claims if c.wants}
    return tuple(_left_over(claim, words, taken) for claim in claims)


def decided(match: HeadingMatch) -> bool:
    """Say whether a person's word stands behind what becomes of a heading."""
    if match.how == "ignored":
        return match.reason in (SAID, SAVED) or _AS_SAID in match.reason
    return match.how in ("given", "saved")


def _claim(
    text: str, at: int, cells: list[Cell], words: Words, answers: tuple[SavedMap, SavedMap]
) -> Claim:
    start = HeadingMatch(text, at, "", "asked")
    given, saved = answers
    if said := _answered(start, cells, words, given, "given"):
        return said
    if said := _answered(start, cells, words, saved, "saved"):
        return said
    found = words.vocabulary.find(text)
    if found and found[1] == "name":
        return _named(start, cells, found[0])
    return _by_text(start, cells, words) or Claim(start, cells)


def _answered(
    start: HeadingMatch, cells: list[Cell], words: Words, answers: SavedMap, how: HeadingHow
) -> Claim | None:
    """Return what people said about a heading; a saved answer only while the content agrees."""
    answer = _lookup(answers, start.text)
    target = words.target(answer) if answer is not None else None
    if target is None:
        return None
    rank = _ORDER.index(how)
    if target.column:
        if how == "saved" and not readable(target.column.type, cells):
            return None
        return Claim(_filled(start, target.column, how), cells, target.column, rank)
    if target.stage:
        return Claim(replace(start, how=how, stage=target.stage), cells, None, rank)
    reason = SAID if how == "given" else SAVED
    return Claim(replace(start, how="ignored", reason=reason), cells)


def _lookup(answers: SavedMap, text: str) -> str | None:
    if text in answers.headings:
        return answers.headings[text]
    wanted = read_heading(text).whole
    return next((a for t, a in answers.headings.items() if read_heading(t).whole == wanted), None)


def _named(start: HeadingMatch, cells: list[Cell], column: Column) -> Claim:
    if hopeless(column, cells):
        reason = f"标题是“{column.name}”，内容却都不像{_kind(column)}"
        return Claim(replace(start, candidates=(column.key,), reason=reason), cells)
    return Claim(_filled(start, column, "name"), cells, column, _ORDER.index("name"))


def _by_text(start: HeadingMatch, cells: list[Cell], words: Words) -> Claim | None:
    """Match by alias, in any reading of the heading, or by the stage whose day it names."""
    column, direct = _alias(start.text, words)
    day = stage_named(start.text, words.pipeline) if words.spec.key == "lead" else None
    if day and readable("date", cells) and (column is None or day.exact):
        if not day.sure:
            reason = f"本工作簿把这一步并入阶段“{day.stage.name}”，不一定是进入该阶段的日期"
            offered = (f"{STAGE_KEY}{day.stage.name}",)
            return Claim(replace(start, candidates=offered, reason=reason), cells)
        reason = f"读作进入阶段“{day.stage.name}”的日期"
        match = replace(start, how="stage", stage=day.stage.name, reason=reason)
        return Claim(match, cells, None, _ORDER.index("stage") + (0.0 if day.exact else 0.5))
    if column is None:
        return None
    if doubt := _doubt(start, cells, column, words):
        return doubt
    rank = _ORDER.index("alias") + (0.0 if direct else 0.5)
    return Claim(_filled(start, column, "alias"), cells, column, rank)


def _alias(text: str, words: Words) -> tuple[Column | None, bool]:
    """Return the column a heading names by an alias, and whether as it stands."""
    if found := words.vocabulary.find(text):
        return found[0], True
    for reading in variants(text):
        if found := words.vocabulary.find(reading):
            return found[0], False
    # 来源URL is no 来源: each part has to say the same.
    said = [words.vocabulary.find(part) for part in languages(text) or joined(text)]
    columns = {match[0].key: match[0] for match in said if match}
    if len(columns) == 1 and None not in said:
        return next(iter(columns.values())), False
    return None, False


def _doubt(start: HeadingMatch, cells: list[Cell], column: Column, words: Words) -> Claim | None:
    """Return the question an alias raises; None where there is no doubt."""
    parts = {m[0].key for part in joined(start.text) if (m := words.vocabulary.find(part))}
    if len(parts) > 1 and not words.vocabulary.find(start.text):
        return Claim(replace(start, candidates=tuple(sorted(parts)), reason=_AMONG), cells)
    if not fits_id(column, words.spec, start.text, cells):
        reason = f"可能是对方自己的编号，不一定是“{column.name}”"
        return Claim(replace(start, candidates=(column.key,), reason=reason), cells)
    if fits(column, cells):
        return None
    return Claim(
        replace(start, reason=f"按标题像“{column.name}”，但内容不像{_kind(column)}"), cells
    )


def _filled(start: HeadingMatch, column: Column, how: HeadingHow) -> HeadingMatch:
    factor = read_heading(start.text).factor if column.type == "amount" else 1.0
    return replace(start, key=column.key, how=how, factor=factor)


def _kind(column: Column) -> str:
    return "公司名或人名" if column.type in ("text", "choice") else TYPE_NAMES[column.type]


def _compete(claims: Sequence[Claim], words: Words) -> list[Claim]:
    """Leave one heading a field: the surest, then the one whose cells serve it better."""
    result = list(claims)
    for wanted in {c.wants for c in claims if c.wants}:
        rivals = [i for i, c in enumerate(claims) if c.wants == wanted]
        if len(rivals) < 2:
            continue
        winner = _winner([claims[i] for i in rivals])
        for i in rivals:
            if winner is not claims[i]:
                result[i] = _beaten(claims[i], winner, words)
    return result


def _of_one_person(claims: Sequence[Claim]) -> list[Claim]:
    """Leave out the phones of everybody but the contact: no row mixes two persons."""
    result = list(claims)
    contacts = [c for c in claims if c.wants == "contact"]
    if not contacts:
        return result
    mine = _winner(contacts) or contacts[0]
    reached = [c for c in claims if c.column and c.column.type in _REACHED]
    others = [c for c in claims if c.wants != "contact" and _names_somebody(c)]
    persons = {c.match.column: c.match.text for c in (*contacts, *others)}
    at = [c.match.column for c in reached]
    grouped = len({c.match.text for c in contacts}) < len(contacts)
    found = whose(sorted(persons), at, mine.match.column, grouped=grouped)
    # One phone behind 联系人 and 决策人 may be anybody's, and then is the contact's.
    named = {c.match.column for c in contacts}
    if len(found) == len(at):
        found = {column: person for column, person in found.items() if person in named}
    for i, claim in enumerate(claims):
        person = found.get(claim.match.column)
        if person is not None and claim.match.how not in ("given", "saved"):
            whom = f"“{persons[person]}”（{column_letter(person)}列）"
            reason = f"这是{whom}的联系方式，不是“{mine.match.text}”的"
            start = HeadingMatch(claim.match.text, claim.match.column, "", "ignored")
            result[i] = Claim(replace(start, reason=reason), claim.cells)
    return result


def _names_somebody(claim: Claim) -> bool:
    """Say whether a column names a person other than the contact and the colleague."""
    if claim.column and claim.column.list == OWNER_LIST:
        return False
    text = read_heading(claim.match.text).bare
    return text.endswith(_PERSONS) and are_people(claim.cells)


def _winner(rivals: Sequence[Claim]) -> Claim | None:
    """Return the claim that wins; None where only a person can tell."""
    best = min(c.rank for c in rivals)
    surest = [c for c in rivals if c.rank == best]
    column = surest[0].column
    if len(surest) == 1 or best < _ORDER.index("alias") or column is None:
        return surest[0]
    if all(c.cells == surest[0].cells for c in surest):
        return surest[0]
    served = [preference(column, c.cells) for c in surest]
    if max(served) > min(served):
        return surest[served.index(max(served))]
    if column.type in _FREE_TYPES:
        return min(surest, key=lambda c: _place(column, c.match.text))
    return None


def _place(column: Column, text: str) -> int:
    """Return how far down a column's aliases a heading stands: the commonest come first."""
    whole = read_heading(text).whole
    known = [read_heading(alias).whole for alias in column.aliases]
    return known.index(whole) if whole in known else len(known)


def _beaten(claim: Claim, winner: Claim | None, words: Words) -> Claim:
    name = claim.column.name if claim.column else f"阶段“{claim.match.stage}”的日期"
    start = HeadingMatch(claim.match.text, claim.match.column, "", "asked")
    if winner is None:
        reason = f"有几列都像“{name}”，请指定用哪一列"
        return Claim(replace(start, candidates=(claim.wants,), reason=reason), claim.cells)
    said = winner.match.how in ("given", "saved")
    reason = f"“{name}”{_AS_SAID if said else '已由'}“{winner.match.text}”这一列填写"
    contact = words.spec.by_key.get("contact")
    persons = claim.match.key == "company" and "客户" in claim.match.text
    if persons and contact and are_people(claim.cells):
        return Claim(replace(start, candidates=("contact",), reason=reason), claim.cells)
    spare = ""
    if claim.column and claim.column.type == "contact" and not said:
        spare, reason = claim.match.key, f"{reason}；那里空着的行用这一列"
    return Claim(replace(start, how="ignored", reason=reason, spare=spare), claim.cells)


def _left_over(claim: Claim, words: Words, taken: set[str]) -> HeadingMatch:
    """Offer what an unmatched heading may stand for; ignore it where that is nothing."""
    match = claim.match
    if match.how not in ("asked", "ignored") or match.reason in (SAID, SAVED):
        return match
    if match.candidates:
        open_ = tuple(key for key in match.candidates if key not in taken)
        if open_:
            return replace(match, candidates=open_)
        reason = match.reason if match.how == "ignored" else _NOTHING_LIKE_IT
        return replace(match, how="ignored", candidates=(), reason=reason)
    offered = candidates(match.text, claim.cells, words, taken) if claim.cells else ()
    if offered:
        return replace(match, how="asked", candidates=offered, reason=match.reason or _AMONG)
    if match.reason:
        return match
    return replace(match, how="ignored", reason=_NOTHING_LIKE_IT if claim.cells else _EMPTY)
