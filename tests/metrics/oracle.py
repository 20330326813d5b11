"""The figures a second time, lead by lead in plain Python, to hold the vectorised ones against."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from itertools import zip_longest
from statistics import median
from typing import Any

ORDER = {"线索": 0, "意向": 1, "商机": 2, "成交": 3}
Row = Mapping[str, Any]
Rows = Sequence[Row]
Tables = tuple[Rows, Rows, Rows, Rows]


def figures(rows: Tables, as_of: date) -> dict[str, Any]:
    """Return the JSON of the summary of leads, stage rows, follow-ups and requests."""
    leads, progress, follow_ups, requests = rows
    facts = [lead_facts(lead, progress, follow_ups, as_of) for lead in leads]
    won = [f for f in facts if f["outcome"] == "won"]
    lost = [f for f in facts if f["outcome"] == "lost"]
    open_ = [f for f in facts if f["outcome"] == "open"]
    cycles = [f["cycle"] for f in won if f["cycle"] is not None]
    return {
        "as_of": as_of.isoformat(),
        "population": {
            "leads": len(facts),
            "open": len(open_),
            "won": len(won),
            "lost": len(lost),
        },
        "funnel": [stage_row(name, facts) for name in ORDER],
        "overall_conversion": share(len(won), len(facts)),
        "win_rate": share(len(won), len(won) + len(lost)),
        "median_cycle_days": median(cycles) if cycles else None,
        "won_amount": sum(f["amount"] or 0 for f in won),
        "open_amount": sum(f["expected_amount"] or 0 for f in open_),
        "lost_reasons": reason_rows(lost),
        "by_source": group_rows(facts, "source"),
        "by_owner": group_rows(facts, "owner"),
        "overdue": {
            "silent": {str(n): over(open_, "silent", n) for n in (3, 7, 30)},
            "in_stage_over": {"15": over(open_, "dwell", 15)},
            "never_followed_up": sum(f["never"] for f in open_),
            "no_plan": sum(f["next_follow_up"] is None for f in open_),
            "next_follow_up_overdue": sum(
                f["next_follow_up"] is not None and f["next_follow_up"] < as_of for f in open_
            ),
            "requests_open": sum(is_open(r) for r in requests),
            "requests_overdue": sum(
                is_open(r) and r["due_on"] is not None and r["due_on"] < as_of for r in requests
            ),
            "requests_done_late": sum(
                r["status"] == "已完成"
                and None not in (r["due_on"], r["done_on"])
                and r["done_on"] > r["due_on"]
                for r in requests
            ),
        },
    }


def lead_facts(
    lead: Row, progress: Sequence[Row], follow_ups: Sequence[Row], as_of: date
) -> dict[str, Any]:
    mine = sorted(
        (r for r in progress if r["lead_id"] == lead["lead_id"]),
        key=lambda r: r["entered_stage_on"],
    )
    status = lead["status"] or (mine[-1]["stage"] if mine else "")
    outcome = {"成交": "won", "流失": "lost"}.get(status, "open")
    seen = [ORDER[r["stage"]] for r in mine if r["stage"] in ORDER]
    if outcome == "lost":
        seen += [ORDER[lead["lost_stage"]]] if lead["lost_stage"] else []
    elif status:
        seen.append(ORDER[status])
    reached = 3 if outcome == "won" else min(max(seen, default=0), 2)
    cycle = days(lead["acquired_on"], lead["won_on"]) if outcome == "won" else None
    contacts = [r["followed_on"] for r in follow_ups if r["lead_id"] == lead["lead_id"]] + [
        lead["last_follow_up"]
    ]
    past = [day for day in contacts if day is not None and day <= as_of]
    entered = [r["entered_stage_on"] for r in mine if r["stage"] == status]
    since = max(entered) if entered else lead["acquired_on"] if status == "线索" else None
    silent = days(max(past) if past else lead["acquired_on"], as_of)
    dwell = days(since, as_of)
    return {
        **lead,
        "outcome": outcome,
        "current": ORDER.get(status, -1),
        "reached": reached,
        "cycle": cycle if cycle is not None and cycle >= 0 else None,
        "silent": silent and max(silent, 0),
        "dwell": dwell and max(dwell, 0),
        "never": all(day is None for day in contacts),
        "stays": stays(mine, reached),
    }


def stays(mine: Sequence[Row], reached: int) -> dict[int, int]:
    """Return days stayed by stage, where every stay in the stage is completed."""
    found: dict[int, list[int | None]] = {}
    for row, after in zip_longest(mine, mine[1:]):
        left = row["left_stage_on"] or (after["entered_stage_on"] if after else None)
        stay = days(row["entered_stage_on"], left)
        if row["stage"] in ORDER and ORDER[row["stage"]] <= reached:
            good = stay if stay is not None and stay >= 0 else None
            found.setdefault(ORDER[row["stage"]], []).append(good)
    return {
        at: sum(x for x in all_ if x is not None) for at, all_ in found.items() if None not in all_
    }


def stage_row(name: str, facts: Sequence[Row]) -> dict[str, Any]:
    at = ORDER[name]
    reached = sum(f["reached"] >= at for f in facts)
    before = sum(f["reached"] >= at - 1 for f in facts) if at else 0
    conversion = share(reached, before)
    lost = [f for f in facts if f["outcome"] == "lost" and f["reached"] == at]
    stayed = [f["stays"][at] for f in facts if at in f["stays"]] if name != "成交" else []
    return {
        "stage": name,
        "reached": reached,
        "current": sum(f["current"] == at for f in facts),
        "conversion": conversion,
        "lost_here": len(lost),
        "drop_off": None if conversion is None else 1 - conversion,
        "median_dwell_days": median(stayed) if stayed else None,
        "top_lost_reasons": reason_rows(lost)[:3],
    }


def reason_rows(lost: Sequence[Row]) -> list[dict[str, Any]]:
    counts = Counter(f["lost_reason"] for f in lost if f["lost_reason"])
    ranked = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    return [{"reason": r, "count": n, "share": n / counts.total()} for r, n in ranked]


def group_rows(facts: Sequence[Row], column: str) -> list[dict[str, Any]]:
    rows = []
    for name in {f[column] or "（未填）" for f in facts}:
        mine = [f for f in facts if (f[column] or "（未填）") == name]
        counts = Counter(f["outcome"] for f in mine)
        rows.append(
            {
                "name": name,
                "leads": len(mine),
                **{kind: counts[kind] for kind in ("won", "lost", "open")},
                "conversion": share(counts["won"], len(mine)),
                "win_rate": share(counts["won"], counts["won"] + counts["lost"]),
                "won_amount": sum(f["amount"] or 0 for f in mine if f["outcome"] == "won"),
            }
        )
    return sorted(rows, key=lambda r: (r["name"] == "（未填）", -r["leads"], r["name"]))


def is_open(request: Row) -> bool:
    return request["status"] in ("待响应", "处理中")


def over(facts: Sequence[Row], key: str, limit: int) -> int:
    return sum(f[key] is not None and f[key] > limit for f in facts)


def days(start: date | None, end: date | None) -> int | None:
    return None if start is None or end is None else (end - start).days


def share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
