"""What a team keeps beside leads and follow-ups: contracts, payments, goals, rivals, customers."""

import random
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

from .simulate import COMPETITORS, Person, Record, Story, is_working_day

# what a customer says -> what kind of objection that is
OBJECTIONS = {
    "认可方案，价格要再商量": "价格",
    "预算待审批": "内部决策",
    "条款基本一致": "合同条款",
}
DOUBTS = {
    "功能": "担心移动端功能不够用",
    "服务": "怕上线后没人管，问售后怎么服务",
    "交期": "希望两个月内上线，担心交期",
    "竞品对比": "拿另一家的方案来比较",
}
TAGS = {
    "需要一套客户管理系统": "客户管理",
    "想把报表自动化": "报表",
    "移动端录单": "移动端",
    "与财务系统对接": "系统对接",
    "替换现有进销存": "进销存",
    "数据权限管理": "数据权限",
}
TERMS = ("签约付三成，验收付七成", "签约付五成，验收付五成", "签约一次付清")
# what the team set itself for the quarter
GOALS = {
    "conversion_baseline": 0.5,
    "conversion_target": 0.58,
    "response_baseline": 36.0,
    "response_target": 24.0,
    "approval_baseline": 6.0,
    "approval_target": 4.0,
}


def fill_out(story: Story, people: Iterable[Person], until: date) -> None:
    """Add the further tables and columns to a story; with numbers of its own, the same each run."""
    rng = random.Random(until.toordinal())
    prompt = {person.name: person.promptness for person in people}
    leads = {lead["lead_id"]: lead for lead in story.tables["lead"]}
    ends = {
        row["lead_id"]: until if row["left_stage_on"] is None else row["left_stage_on"]
        for row in story.tables["stage_progress"]
        if row["stage"] not in ("成交", "流失")
    }
    _responses(rng, story.tables["follow_up"], leads, ends, prompt)
    _objections(rng, story.tables["follow_up"])
    _answers(rng, story.tables["request"])
    _sales_targets(rng, story.tables["target"])
    story.tables["competitor"] = _rivals(rng, story, leads, until)
    won = [lead for lead in leads.values() if "won_on" in lead]
    for lead in won:
        shares = (0.8, 1.0, 1.0) if (until - lead["won_on"]).days > 45 else (0.3, 0.5, 0.5, 1.0)
        lead["paid_amount"] = round(lead["amount"] * rng.choice(shares), -2)
    story.tables["contract"] = _contracts(rng, won, story, until)
    story.tables["account"] = [_account(rng, lead, n) for n, lead in enumerate(won, 1)]


def _responses(
    rng: random.Random,
    log: list[Record],
    leads: dict[str, Record],
    ends: dict[str, date],
    prompt: dict[str, float],
) -> None:
    """Move some first talks to the working day after the lead came in."""
    talks: dict[str, list[Record]] = {}
    for record in log:
        talks.setdefault(record["lead_id"], []).append(record)
    for lead_id, (first, *later) in talks.items():
        moved = after_working_days(first["followed_on"], 1)
        latest = later[0]["followed_on"] - timedelta(days=1) if later else ends[lead_id]
        if rng.random() > 1.1 - 0.35 * prompt[first["owner"]] or moved > latest:
            continue
        first["followed_on"] = moved
        first["recorded_at"] = datetime.combine(moved, first["recorded_at"].time())
        if not later:
            lead = leads[lead_id]
            lead["last_follow_up"] = moved
            first["next_follow_up"] = max(first["next_follow_up"], after_working_days(moved, 1))
            if "next_follow_up" in lead:
                lead["next_follow_up"] = first["next_follow_up"]


def _objections(rng: random.Random, log: list[Record]) -> None:
    for record in log:
        kind = OBJECTIONS.get(record["feedback"].partition("，等")[0])
        if kind and rng.random() < 0.6:
            record["objection"] = kind
        elif not kind and rng.random() < 0.12:
            record["objection"], record["feedback"] = rng.choice(list(DOUBTS.items()))


def _answers(rng: random.Random, requests: list[Record]) -> None:
    """Give the requests the hour they were made at, and when the department answered."""
    for record in requests:
        asked = datetime.combine(record["requested_on"], time(rng.randint(9, 11), 30))
        record["requested_on"] = asked
        if rng.random() < 0.85:
            record["responded_at"] = asked + timedelta(hours=rng.choice((1, 2, 3, 3, 5)))
        elif record["done_on"]:
            record["responded_at"] = datetime.combine(record["done_on"], time(9, 40))


def _sales_targets(rng: random.Random, targets: list[Record]) -> None:
    """Set what the team can reach; the last three months have goals for the process too."""
    last = max(record["month"] for record in targets)
    for record in targets:
        record["stage_target"] = rng.randint(2, 4)
        record["sales_target"] = float(rng.randint(22, 36) * 10000)
        record["paid_target"] = float(rng.randint(12, 20) * 10000)
        if (last - record["month"]).days < 70:
            record |= GOALS


def _rivals(
    rng: random.Random, story: Story, leads: dict[str, Record], until: date
) -> list[Record]:
    """Name a rival on some leads that came to an offer, and note what was heard."""
    heard = []
    for row in story.tables["stage_progress"]:
        lead = leads[row["lead_id"]]
        if row["stage"] != "报价" or rng.random() > 0.35:
            continue
        rival = lead.setdefault("competitor", rng.choice(COMPETITORS))
        if lead["status"] == "流失" and lead.get("lost_reason") != "选择竞品":
            continue
        heard.append(
            {
                "competitor": rival,
                "company": lead["company"],
                "lead_id": lead["lead_id"],
                "event": "报价",
                "happened_on": min(until, after_working_days(row["entered_stage_on"], 1)),
                "amount": round(lead["expected_amount"] * rng.uniform(0.75, 1.1), -2),
                "features": rng.choice(("移动端强", "价格低，服务另收费", "只支持单仓库")),
                "response": rng.choice(("突出系统对接，安排现场演示", "给出两年总成本的对比")),
                "info_source": lead["decision_maker"],
                "recorded_by": lead["owner"],
            }
        )
    return heard


def _contracts(rng: random.Random, won: list[Record], story: Story, until: date) -> list[Record]:
    """Make a contract of each deal, and of some offers that are just being reviewed."""
    rows = []
    for lead in sorted(won, key=lambda each: each["won_on"]):
        legal, approval = rng.choice((1, 1, 1, 1, 1, 2)), rng.choice((2, 3, 4, 5))
        approved = after_working_days(lead["won_on"], -1)
        sent = after_working_days(approved, -approval)
        row = _contract(rng, lead, lead["amount"], sent) | {
            "legal_done_on": min(approved, after_working_days(sent, legal)),
            "approved_on": approved,
            "signed_on": lead["won_on"],
        }
        started = after_working_days(lead["won_on"], rng.choice((1, 2, 3, 5)))
        rows.append(row | ({"delivery_started_on": started} if started <= until else {}))
    offered = [lead for lead in story.tables["lead"] if lead["status"] == "报价"]
    for lead, ago in zip(offered, (1, 2, 3, 6), strict=False):
        sent = after_working_days(until, -ago)
        row = _contract(rng, lead, lead["expected_amount"], sent)
        rows.append(row | ({"legal_done_on": after_working_days(sent, 1)} if ago != 3 else {}))
    for number, row in enumerate(rows, 1):
        row["contract_id"] = f"HT{until.year}{number:03d}"
    return rows


def _contract(rng: random.Random, lead: Record, amount: float, sent: date) -> Record:
    return {
        "lead_id": lead["lead_id"],
        "company": lead["company"],
        "edition": lead["product"],
        "amount": amount,
        "term": rng.choice(("1年", "2年")),
        "payment_terms": rng.choice(TERMS),
        "submitted_on": sent,
        "responsible": lead["owner"],
    }


def _account(rng: random.Random, lead: Record, number: int) -> Record:
    tags = [TAGS[lead["initial_need"]], *rng.sample(sorted(TAGS.values()), 1)]
    return {
        "account_id": f"CL{lead['acquired_on'].year}{number:03d}",
        "company": lead["company"],
        "industry": lead["industry"],
        "contact": lead["contact"],
        "title": lead["decision_maker"],
        "phone": lead["phone"],
        "source": lead["source"],
        "first_contact_on": lead["acquired_on"],
        "need_tags": "、".join(dict.fromkeys(tags)),
        "company_size": rng.choice(("50人以下", "50-100人", "100-300人", "300人以上")),
        "grade": "A",
        "owner": lead["owner"],
    }


def after_working_days(day: date, count: int) -> date:
    """Return the working day so many after `day`, or before it where `count` is negative."""
    step = timedelta(days=1 if count > 0 else -1)
    for _ in range(abs(count)):
        day += step
        while not is_working_day(day):
            day += step
    return day
