"""Simulate a sales team's half-year: leads, stage history, follow-ups, requests, targets.

Everything is invented; phone numbers use 138 0013 xxxx. The same seed gives the same records.
"""

import random
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

import holidays

Record = dict[str, Any]

SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦许何吕张孔曹严华金魏陶姜"
GIVEN = ("思远", "子涵", "建华", "婷", "志强", "晓彤", "文博", "雨欣", "浩然", "丽萍", "俊杰", "敏")
CITIES = {
    "北京": "华北",
    "上海": "华东",
    "深圳": "华南",
    "杭州": "华东",
    "苏州": "华东",
    "成都": "西南",
    "武汉": "华中",
    "青岛": "华东",
    "厦门": "华东",
    "西安": "西北",
}
BRANDS = (
    "启明",
    "恒信",
    "嘉禾",
    "博雅",
    "中弘",
    "云帆",
    "金石",
    "长青",
    "卓越",
    "星河",
    "远景",
    "利群",
)
MIDDLES = ("", "达", "通", "源", "盛", "宏", "泰", "和")
TRADES = {
    "制造业": ("智能制造", "精密机械", "新材料"),
    "零售": ("商贸", "连锁超市"),
    "教育": ("教育咨询", "职业培训"),
    "医疗": ("医疗器械", "健康管理"),
    "物流": ("物流", "供应链管理"),
    "互联网": ("网络科技", "数据服务"),
}
FORMS = ("有限公司", "有限责任公司", "股份有限公司", "集团有限公司")
SOURCES = {
    "官网表单": 0.95,
    "电话咨询": 1.0,
    "展会推荐": 1.04,
    "客户转介绍": 1.15,
    "线上推广": 0.88,
}
NEEDS = (
    "需要一套客户管理系统",
    "想把报表自动化",
    "移动端录单",
    "与财务系统对接",
    "替换现有进销存",
    "数据权限管理",
)
PAINS = (
    "客户资料散落在各人手里",
    "月底报表要做三天",
    "跟进靠记忆，常有遗漏",
    "现有系统手机上用不了",
    "数据口径对不上",
)
METHODS = ("电话", "微信", "拜访", "线上", "邮件")
TALKS = (
    ("介绍产品并了解现状", "愿意进一步了解", "发送同行业案例"),
    ("确认需求清单与优先级", "需求基本明确，等内部汇报", "整理需求并约技术交流"),
    ("演示移动端与报表功能", "对演示满意，希望试用", "开通试用账号"),
    ("沟通预算与采购流程", "预算待审批", "下周跟进审批进度"),
    ("讲解方案与报价", "认可方案，价格要再商量", "准备分期付款方案"),
    ("讨论合同条款", "条款基本一致", "安排签约"),
)
# department, what is asked, what is delivered, working days it usually takes
ASKS = (
    ("技术", "出具技术方案", "方案文档", 3),
    ("法务", "审核合同条款", "法务意见书", 1),
    ("财务", "开具保函", "保函扫描件", 2),
    ("售后", "安排现场勘察", "勘察报告", 4),
)
LOST_REASONS = {"价格过高": 30, "预算不足": 22, "需求不匹配": 18, "联系中断": 16, "选择竞品": 14}
COMPETITORS = ("甲方案公司", "乙软件", "丙云")
CLOSED_DAYS = holidays.country_holidays("CN", years=range(2025, 2028))


@dataclass(frozen=True)
class Person:
    """One salesperson: how likely a stage is passed (1 = average), how promptly they follow up."""

    name: str
    skill: float
    promptness: float


@dataclass(frozen=True)
class Flow:
    """The stages a story uses: (label, chance to pass it, mean days in it), then won and lost.

    `needs` and `proposal` say at which step the needs analysis is done and the proposal starts.
    """

    steps: tuple[tuple[str, float, float], ...]
    won: str
    lost: str
    needs: int
    proposal: int


@dataclass
class Story:
    """The records of a team by table key."""

    tables: dict[str, list[Record]] = field(default_factory=dict)

    def of(self, owner: str) -> "Story":
        """Return one person's records only."""
        mine = {r["lead_id"] for r in self.tables["lead"] if r["owner"] == owner}

        def keep(record: Record) -> bool:
            return record["lead_id"] in mine if "lead_id" in record else record["owner"] == owner

        return Story({t: [r for r in rows if keep(r)] for t, rows in self.tables.items()})


def simulate(people: Iterable[Person], flow: Flow, leads: int, until: date, seed: int) -> Story:
    """Make a half-year that ends on `until`: `leads` leads and what follows from them."""
    rng = random.Random(seed)
    days = [d for d in (until - timedelta(days=n) for n in range(180, 0, -1)) if is_working_day(d)]
    team = list(people)
    story = Story({t: [] for t in ("lead", "follow_up", "stage_progress", "request", "target")})
    born = sorted(rng.choice(days) for _ in range(leads))
    serial: dict[date, int] = {}
    for number, day in enumerate(born):
        serial[day] = serial.get(day, 0) + 1
        lead_id = f"线索-{day:%Y-%m%d}-{serial[day]:03d}"
        _live(rng, story, flow, rng.choice(team), (lead_id, day, number, until))
    for person in team:
        story.tables["target"] += _targets(rng, person, flow.won, until)
    return story


def is_working_day(day: date) -> bool:
    """Say whether offices work on that day (public holidays and make-up days known)."""
    return CLOSED_DAYS.is_working_day(day)


def _working_day_from(day: date) -> date:
    while not is_working_day(day):
        day += timedelta(days=1)
    return day


def _working_days_after(day: date, count: int) -> date:
    for _ in range(count):
        day = _working_day_from(day + timedelta(days=1))
    return day


def _live(
    rng: random.Random, story: Story, flow: Flow, person: Person, at: tuple[str, date, int, date]
) -> None:
    lead_id, born, number, until = at
    source = rng.choice(list(SOURCES))
    lead = _new_lead(rng, lead_id, born, number, person.name) | {"source": source}
    lift = person.skill * SOURCES[source]
    path, ended = _walk(rng, flow, born, until, lift)
    lead["status"] = path[-1][0] if ended is None else ended[0]
    reached = len(path) - 1
    _evidence(rng, lead, flow, path, ended)
    for (label, entered), left in zip(
        path, [*(d for _, d in path[1:]), ended[1] if ended else None], strict=True
    ):
        story.tables["stage_progress"].append(_stage_row(rng, lead, label, entered, left))
    if ended:
        story.tables["stage_progress"].append(_stage_row(rng, lead, ended[0], ended[1], None))
    _follow_ups(
        rng, story, lead, person, (path[0][1], ended[1] if ended else until, ended is None, until)
    )
    if ended and ended[0] == flow.lost:
        lead["lost_reason"] = rng.choices(list(LOST_REASONS), list(LOST_REASONS.values()))[0]
        lead["lost_stage"] = path[-1][0]
        if lead["lost_reason"] == "选择竞品":
            lead["competitor"] = rng.choice(COMPETITORS)
    if ended and ended[0] == flow.won:
        lead["won_on"] = ended[1]
        lead["amount"] = round(lead["expected_amount"] * rng.uniform(0.85, 1.0), -2)
        lead["paid_amount"] = round(lead["amount"] * rng.choice((0.3, 0.5, 1.0)), -2)
    if reached >= flow.proposal and rng.random() < 0.35:
        _request(rng, story, lead, path[flow.proposal][1], until)
    story.tables["lead"].append(lead)


def _new_lead(rng: random.Random, lead_id: str, born: date, number: int, owner: str) -> Record:
    industry = rng.choice(list(TRADES))
    city = list(CITIES)[number % len(CITIES)]
    # brand and second character walk through all their pairs, so that no company comes twice
    brand = BRANDS[number // len(CITIES) % len(BRANDS)]
    brand += MIDDLES[number // (len(CITIES) * len(BRANDS)) % len(MIDDLES)]
    return {
        "lead_id": lead_id,
        "company": f"{city}{brand}{rng.choice(TRADES[industry])}{FORMS[number % len(FORMS)]}",
        "contact": rng.choice(SURNAMES) + rng.choice(GIVEN),
        "phone": f"138001{30000 + number}",
        "initial_need": rng.choice(NEEDS),
        "acquired_on": born,
        "entered_on": born,
        "grade": "C",
        "owner": owner,
        "industry": industry,
        "region": CITIES[city],
        "city": city,
        "product": rng.choice(("基础版", "高级版")),
    }


def _walk(
    rng: random.Random, flow: Flow, born: date, until: date, lift: float
) -> tuple[list[tuple[str, date]], tuple[str, date] | None]:
    """Return the stages passed with their entry dates, and how it ended (None while open)."""
    day, path = born, []
    for label, chance, stay in flow.steps:
        path.append((label, day))
        leaves = _working_day_from(day + timedelta(days=max(1, round(rng.expovariate(1 / stay)))))
        if leaves > until:
            return path, None
        if rng.random() > min(0.95, chance * lift):
            return path, (flow.lost, leaves)
        day = leaves
    return path, (flow.won, day)


def _evidence(
    rng: random.Random,
    lead: Record,
    flow: Flow,
    path: list[tuple[str, date]],
    ended: tuple[str, date] | None,
) -> None:
    """Fill what a salesperson knows by the stage that was reached, and the grade it supports."""
    reached = len(path) - 1
    if reached < flow.needs:
        return
    entered = path[min(flow.needs, reached)][1]
    won = ended is not None and ended[0] == flow.won
    soon = won or rng.random() < 0.3
    lead |= {
        "pain_point": rng.choice(PAINS),
        "need_priority": rng.choice(("高", "中", "低")),
        "decision_maker": rng.choice(("采购总监", "财务经理", "总经理", "信息部主管")),
        "budget": rng.choice(("5-10万", "10-20万", "20-30万", "30万以内")),
        "expected_purchase_on": entered
        + timedelta(days=rng.randint(10, 25) if soon else rng.randint(45, 120)),
        "expected_amount": float(rng.randint(30, 300) * 1000),
        "grade": "A" if soon else "B",
    }


def _stage_row(
    rng: random.Random, lead: Record, label: str, entered: date, left: date | None
) -> Record:
    return {
        "lead_id": lead["lead_id"],
        "owner": lead["owner"],
        "company": lead["company"],
        "stage": label,
        "entered_stage_on": entered,
        "left_stage_on": left,
        "expected_close_on": entered + timedelta(days=rng.randint(20, 60)),
        "key_action": rng.choice(("约定演示时间", "提交方案", "等内部审批", "合同待审")),
        "responsible": lead["owner"],
    }


def _follow_ups(
    rng: random.Random,
    story: Story,
    lead: Record,
    person: Person,
    span: tuple[date, date, bool, date],
) -> None:
    start, end, still_open, until = span
    day, last, talks = start, None, 0
    # some open leads have gone quiet: nobody has talked to them for a while
    quiet_from = end
    if still_open and rng.random() < 0.15:
        quiet_from = max(start, until - timedelta(days=rng.randint(8, 60)))
    while day <= min(end, quiet_from):
        content, feedback, step = TALKS[min(talks, len(TALKS) - 1)]
        gap = max(1, round(rng.expovariate(person.promptness / 6)))
        if still_open and until - day < timedelta(days=14):
            gap = min(gap, 2)  # planned as closely as the kit advises for any stage
        following = _working_day_from(day + timedelta(days=gap))
        story.tables["follow_up"].append(
            {
                "follow_up_id": f"GZ{until.year}{len(story.tables['follow_up']) + 1:05d}",
                "lead_id": lead["lead_id"],
                "company": lead["company"],
                "followed_on": day,
                "owner": lead["owner"],
                "method": rng.choice(METHODS),
                "content": f"第{talks + 1}次：{lead['contact']}，{content}，{lead['initial_need']}",
                "feedback": feedback,
                "next_action": step,
                "status": lead["status"],
                "next_follow_up": following,
                "recorded_at": datetime.combine(day, time(17, rng.randint(0, 59))),
                "effective": rng.choice(("是", "是", "是", "否")),
            }
        )
        last, day, talks = (day, following), following, talks + 1
    if last:
        lead["last_follow_up"] = last[0]
        lead.setdefault("pain_point", rng.choice(PAINS))
        if still_open:
            lead["next_follow_up"] = last[1]


def _request(rng: random.Random, story: Story, lead: Record, asked: date, until: date) -> None:
    department, content, deliverable, days = rng.choice(ASKS)
    due = _working_days_after(asked, days)
    late = rng.choice((0, 0, 0, 0, 0, 2))
    done = _working_days_after(asked, days + late)
    closed = done <= until
    story.tables["request"].append(
        {
            "request_id": f"XZ{until.year}{len(story.tables['request']) + 1:04d}",
            "lead_id": lead["lead_id"],
            "company": lead["company"],
            "department": department,
            "content": content,
            "deliverable": deliverable,
            "requester": lead["owner"],
            "requested_on": asked,
            "due_on": due,
            "priority": rng.choice(("高", "中", "低")),
            "responsible": rng.choice(SURNAMES) + "工",
            "status": "已完成" if closed else "处理中",
            "done_on": max(done, asked) if closed else None,
        }
    )


def _targets(rng: random.Random, person: Person, won: str, until: date) -> list[Record]:
    months = sorted({(until - timedelta(days=n)).replace(day=1) for n in range(0, 180, 15)})
    return [
        {
            "month": month,
            "owner": person.name,
            "stage": won,
            "stage_target": rng.randint(3, 5),
            "sales_target": float(rng.randint(30, 55) * 10000),
            "paid_target": float(rng.randint(20, 35) * 10000),
        }
        for month in months
    ]
