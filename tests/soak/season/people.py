"""What people do in a week: leads come, go on, go back, are lost, won, handed over, mistyped."""

import random
from dataclasses import dataclass, field
from datetime import date, timedelta

from tests.soak.season.model import ORDER, Book, Change, Lead, Talk

SOURCES = ("官网表单", "展会推荐", "电话咨询", "客户转介绍")
REASONS = ("价格过高", "预算不足", "选择竞品")
_NAMES = ("明禾", "东方", "北辰", "南山", "西岭", "中原", "海川", "金石", "长青", "星河", "云帆")
_TRADES = ("机械", "物流", "教育", "医疗", "商贸", "电子", "食品", "建材")
_CITIES = ("苏州", "杭州", "青岛", "成都", "武汉", "西安", "厦门", "长沙", "大连", "昆明")


@dataclass
class Team:
    """The workbooks of a team, in the order of their files."""

    dice: random.Random
    books: list[Book]
    people: tuple[str, ...]
    made: int = 0
    names: set[str] = field(default_factory=set)


def week(team: Team, monday: date, until: date) -> None:
    """Let everybody work from a Monday to the day of the run."""
    dice = team.dice
    span = [monday + timedelta(days=n) for n in range((until - monday).days + 1)]
    for book in team.books:
        for lead in list(book.leads):
            _go_on(team, book, lead, span)
        first = not book.leads
        for _ in range(dice.randint(1, 4)):
            book.leads.append(_lead(team, book, span))
        if first:  # so that the first stage of a list of one's own is there from the start
            book.leads[0].stage = "线索"
            book.leads[0].stage_days.clear()
        if dice.random() < 0.3:
            _insert(dice, book)
        if dice.random() < 0.3:
            dice.shuffle(book.leads)
        if dice.random() < 0.2 and len(book.leads) > 6:
            book.leads.remove(dice.choice(book.leads))
        if dice.random() < 0.2:
            book.own_column = book.kind != "months"
    if dice.random() < 0.5:
        _hand_over(team)


def _lead(team: Team, book: Book, span: list[date]) -> Lead:
    dice = team.dice
    team.made += 1
    number = team.made
    name = f"{_CITIES[number % 10]}{_NAMES[number // 10 % 11]}{_TRADES[number // 110 % 8]}"
    got = dice.choice(span) - timedelta(days=dice.choice((0, 0, 0, 0, 3, 25)))
    stage = dice.choice(("线索", "线索", "线索", "意向", "商机"))
    owner = book.owner if dice.random() < 0.9 else dice.choice(team.people)
    lead = Lead(
        company=f"{name}{'有限公司' if number % 3 else '集团'}",
        source=dice.choice(SOURCES),
        contact="张一",
        phone=f"1380013{number:04d}",
        acquired=got,
        grade=dice.choice("BC"),
        stage=stage,
        owner=book.owner if book.kind == "months" else owner,
        entered=got,
        expected=float(dice.randint(2, 40) * 5000) if dice.random() < 0.8 else None,
        next=span[-1] + timedelta(days=dice.randint(-2, 9)) if book.plans else None,
        evidence=stage != "线索",
    )
    if book.kind == "own":
        lead.id = f"W{number:03d}"
    if book.kind == "new" and dice.random() < 0.5:
        lead.id = f"线索-{got:%Y-%m%d}-{number + 500}"
    if book.kind == "months":
        lead.sheet = f"{max(got.month, 3)}月"
    if book.kind == "own" and stage != "线索" and dice.random() < 0.6:
        lead.stage_days[stage] = dice.choice(span)
    _mistake(dice, book, lead)
    return lead


def _mistake(dice: random.Random, book: Book, lead: Lead) -> None:
    """Leave something out, or write it wrongly; what is meant stays in the model."""
    kind = dice.random()
    if kind < 0.06:
        lead.contact = ""
    elif kind < 0.12 and book.kind != "own":
        lead.wrong["phone"] = "1380013"
    elif kind < 0.18 and lead.acquired:
        lead.wrong["acquired"] = f"{lead.acquired.year}.{lead.acquired.month}.{lead.acquired.day}"
    elif kind < 0.22:
        lead.source = ""
    elif kind < 0.26 and book.kind == "new":
        lead.grade, lead.evidence = "A", False
    elif kind < 0.29 and book.kind != "months":
        lead.owner = ""
    elif kind < 0.31:
        lead.acquired = None


def _go_on(team: Team, book: Book, lead: Lead, span: list[date]) -> None:
    dice = team.dice
    day = dice.choice(span)
    _correct(team, book, lead)
    was = lead.stage
    if lead.outcome == "open":
        _move(dice, lead, day)
        _talk(dice, book, lead, day)
    elif not lead.stage:
        lead.stage = dice.choice(ORDER[:3])
    else:
        _reconsider(dice, lead)
    if lead.stage == was:
        return
    kept = book.kind == "new" and lead.id and was and lead.stage
    if kept and dice.random() < 0.6 and book is team.books[0]:
        book.changes.append(Change(lead.identity, day, was, lead.stage, book.owner))
    if book.kind == "own" and lead.stage in ("意向", "商机") and dice.random() < 0.6:
        lead.stage_days.setdefault(lead.stage, day)


def _correct(team: Team, book: Book, lead: Lead) -> None:
    """Mend mistakes, and put amounts, grades and owners right."""
    dice = team.dice
    if lead.wrong and dice.random() < 0.4:
        lead.wrong.clear()
    if not lead.contact and dice.random() < 0.4:
        lead.contact = "李二"
    if not lead.owner and dice.random() < 0.4:
        lead.owner = book.owner
    if dice.random() < 0.05:
        lead.expected = float(dice.randint(2, 40) * 5000)
    if dice.random() < 0.04:
        lead.grade = dice.choice("BC")
    if dice.random() < 0.04 and book.kind != "months":
        lead.owner = dice.choice(team.people)


def _reconsider(dice: random.Random, lead: Lead) -> None:
    """Take up a lost lead once more, or find that a deal was none, or was another amount."""
    chance = dice.random()
    if lead.outcome == "lost":
        if chance < 0.05:
            lead.stage, lead.reason, lead.lost_stage = "意向", "", ""
    elif chance < 0.04:
        lead.stage, lead.amount, lead.won_on = "报价", None, None
    elif chance < 0.08:
        lead.amount = float(dice.randint(2, 40) * 4000)


def _move(dice: random.Random, lead: Lead, day: date) -> None:
    """Move a lead on, back, out, or leave it where it is."""
    at, chance = ORDER.index(lead.stage), dice.random()
    if chance < 0.3:
        lead.stage = ORDER[at + 1]
    elif chance < 0.36:
        lead.stage = ORDER[min(at + 2, 4)]
    elif chance < 0.40 and at:
        lead.stage = ORDER[at - 1]
    elif chance < 0.50:
        lead.stage = "流失"
        lead.reason = dice.choice((*REASONS, ""))
        lead.lost_stage = dice.choice((ORDER[at], ORDER[at], ""))
    elif chance < 0.51:
        lead.stage = ""
    lead.evidence = lead.stage not in ("线索", "") or lead.evidence
    if lead.stage == "成交":
        lead.won_on = day if dice.random() < 0.95 else None
        lead.amount = float(dice.randint(2, 40) * 4000) if dice.random() < 0.95 else None


def _talk(dice: random.Random, book: Book, lead: Lead, day: date) -> None:
    if dice.random() < 0.4 or book.kind == "months":
        return
    plan = day + timedelta(days=dice.randint(1, 12))
    if lead.identity == lead.id and dice.random() < 0.8:
        book.talks.append(Talk(lead.id, day, book.owner, plan))
    if dice.random() < 0.7:
        lead.last = day
    if book.plans and dice.random() < 0.8:
        lead.next = plan if dice.random() < 0.9 else None


def _insert(dice: random.Random, book: Book) -> None:
    """Move the row that came last somewhere between the others."""
    book.leads.insert(dice.randrange(len(book.leads)), book.leads.pop())


def _hand_over(team: Team) -> None:
    """Hand a lead to somebody else: the row goes from one workbook of ours to the other."""
    ours = [book for book in team.books if book.kind == "new"]
    if len(ours) < 2:
        return
    giver, taker = team.dice.sample(ours, 2)
    ready = [lead for lead in giver.leads if lead.id]
    if not ready:
        return
    lead = team.dice.choice(ready)
    giver.leads.remove(lead)
    lead.owner = taker.owner
    taker.leads.append(lead)
    if team.dice.random() < 0.5:
        taker.talks += [talk for talk in giver.talks if talk.lead == lead.id]
        giver.talks = [talk for talk in giver.talks if talk.lead != lead.id]
