"""GRD: is a lead's grade what its evidence supports?

A: a clear need, a clear budget, a known decision maker and a purchase within a month.
B: a need, with budget or decision maker still open. C: an inquiry only, or no hurry.
A sign of urgency (a competitor has quoted, an answer wanted within days) lifts C to B.
"""

from dataclasses import dataclass
from datetime import date

import pandas as pd

from sheetcrm.checks.cells import missing, name_of, report, says, values
from sheetcrm.checks.dates import settled
from sheetcrm.checks.leads import lead_rows, newest, open_leads
from sheetcrm.clean import CleanBook, CleanTable
from sheetcrm.findings import Finding
from sheetcrm.kit.model import Kit

EVIDENCE = ("budget", "decision_maker", "expected_purchase_on")
LIMIT = "grade_a_max_days"
_INQUIRY = (
    r"^(?:仅|只|先|初步|简单|随便|目前)*(?:是|来)?(?:咨询|了解|知晓|问问|看看|打听|询问)"
    r"|暂无|需求不明|没有需求|无明确|不明确"
)
_URGENT = (
    r"(?:竞品|竞争对手|对手|同行|别家).{0,6}报价"
    r"|[0-9一二两三四五六七十]+\s*个?(?:工作日|天|日|周)内"
)


@dataclass(frozen=True)
class Evidence:
    """What is known of the open leads, one boolean or number a row of the lead table.

    `days` counts from the as-of date to the expected purchase, NaN where that is not known.
    """

    need: pd.Series
    budget: pd.Series
    decider: pd.Series
    days: pd.Series
    urgent: pd.Series
    limit: int

    @property
    def near(self) -> pd.Series:
        """The purchase is due within the limit."""
        return self.days.between(0, self.limit)

    @property
    def far(self) -> pd.Series:
        """The purchase is due after the limit."""
        return self.days > self.limit

    @property
    def supports_a(self) -> pd.Series:
        """Need, budget, decision maker and a near purchase are all there."""
        return self.need & self.budget & self.decider & self.near

    @property
    def supports_b(self) -> pd.Series:
        """More than an inquiry: a need with something to go by, or a hurry."""
        known = self.budget | self.decider
        return self.urgent | (self.need & (self.near | (known & ~self.far)))


def missing_evidence(book: CleanBook, as_of: date) -> list[Finding]:
    """GRD-04: an open A-grade lead without budget, decision maker or purchase date."""
    table = _gradable(book)
    if table is None:
        return []
    evidence = _evidence(book, table, as_of)
    gaps = pd.DataFrame({name_of(table, key): missing(table, key) for key in EVIDENCE})
    graded_a = open_leads(book) & (values(table, "grade") == "A") & gaps.any(axis=1)
    hits = gaps[graded_a]
    facts = pd.DataFrame(
        {
            "missing": ["、".join(hits.columns[row]) for row in hits.to_numpy()],
            "supported": evidence.need[graded_a].map({True: "B", False: "C"}),
        },
        index=hits.index,
    )
    return report(table, "GRD-04", "grade", facts)


def without_basis(book: CleanBook, as_of: date) -> list[Finding]:
    """GRD-02: an open B-grade lead with neither need, budget, decision maker nor purchase date."""
    table = _gradable(book)
    if table is None:
        return []
    bare = _bare(table)
    rows = table.data.index[open_leads(book) & (values(table, "grade") == "B") & bare]
    del as_of
    return report(table, "GRD-02", "grade", rows)


def unsupported(book: CleanBook, as_of: date) -> list[Finding]:
    """GRD-01: an open lead whose evidence supports another grade; says which and why.

    A lead whose purchase date has passed is left to DAT-06, an incomplete A to GRD-04, one without
    anything to go by to GRD-02.
    """
    table = _gradable(book)
    if table is None:
        return []
    e = _evidence(book, table, as_of)
    grade = values(table, "grade")
    judged = open_leads(book) & ~(e.days < 0) & ~((grade == "B") & _bare(table))
    complete = e.budget & e.decider & e.days.notna()
    days = e.days.fillna(0).astype("int64").astype("str")
    within = f"{e.limit}天"
    ready = "需求、预算、决策人都明确，预计" + days + "天后采购"
    cases: list[tuple[pd.Series, str, str | pd.Series]] = [
        ((grade == "A") & complete & ~e.need, "C", "没有写清需求"),
        ((grade == "A") & complete & e.far, "B", "预计采购还有" + days + f"天，超过{within}"),
        (grade.isin(["B", "C"]) & e.supports_a, "A", ready),
        ((grade == "B") & ~e.need & ~e.urgent, "C", "只有初步咨询，没有写清需求"),
        ((grade == "C") & e.urgent, "B", "客户提到竞品报价或限期答复，时间紧"),
        ((grade == "C") & e.supports_b, "B", "需求明确，且已知预算、决策人或近期采购时间"),
    ]
    facts = pd.DataFrame({"supported": "", "reason": ""}, index=grade.index, dtype="str")
    for hit, supported, reason in cases:
        new = hit & judged & (facts["supported"] == "")
        facts.loc[new, "supported"] = supported
        facts.loc[new, "reason"] = reason[new] if isinstance(reason, pd.Series) else reason
    return report(table, "GRD-01", "grade", facts[facts["supported"] != ""])


def _gradable(book: CleanBook) -> CleanTable | None:
    table = book.tables.get("lead")
    if table is None or not {"grade", "status", *EVIDENCE} <= set(table.data):
        return None
    return table


def _bare(table: CleanTable) -> pd.Series:
    """Say of every lead that no cell which a grade could rest on is filled."""
    bare = pd.Series(data=True, index=table.data.index)
    for key in ("initial_need", "pain_point", *EVIDENCE):
        if key in table.data:
            bare &= missing(table, key)
    return bare


def _evidence(book: CleanBook, table: CleanTable, as_of: date) -> Evidence:
    wish = values(table, "initial_need")
    clear = wish.notna() & ~says(wish, _INQUIRY)
    due = settled(table, "expected_purchase_on", as_of).dt.normalize()
    said = [values(table, key) for key in ("initial_need", "pain_point", "note")]
    said.append(_last_feedback(book, table))
    urgent = pd.Series(data=False, index=table.data.index)
    for text in said:
        urgent |= says(text, _URGENT)
    return Evidence(
        need=clear | values(table, "pain_point").notna(),
        budget=~missing(table, "budget"),
        decider=~missing(table, "decision_maker"),
        days=(due - pd.Timestamp(as_of)).dt.days,
        urgent=urgent,
        limit=int(book.kit.number(LIMIT)),
    )


def _last_feedback(book: CleanBook, table: CleanTable) -> pd.Series:
    """Return what the customer said in each lead's newest follow-up."""
    follow_ups = book.tables.get("follow_up")
    if follow_ups is None or not {"feedback", "followed_on"} <= set(follow_ups.data):
        return pd.Series(index=table.data.index, dtype="str")
    leads = lead_rows(book, follow_ups)
    last = newest(follow_ups, "followed_on", leads)
    said = values(follow_ups, "feedback")[last].set_axis(leads[last])
    return said.reindex(table.data.index)


def proposed(leads: CleanTable, kit: Kit, as_of: date) -> pd.DataFrame:
    """Propose a grade for leads that have none: columns `grade` and `reason`.

    Args:
        leads: Typed leads; columns they lack count as blank.
        kit: Its pipeline and its limits.
        as_of: The day the time to the purchase counts from.
    """
    known = leads.data.reindex(columns=list(dict.fromkeys([*leads.data, *EVIDENCE])))
    table = CleanTable(leads.source, leads.spec, known.astype(_types(known)), leads.faulty)
    e = _evidence(CleanBook("", kit, own=True, tables={"lead": table}), table, as_of)
    days = e.days.fillna(0).astype("int64").astype("str")
    cases: list[tuple[pd.Series, str, str | pd.Series]] = [
        (e.supports_a, "A", "需求、预算、决策人都明确，预计" + days + "天后采购"),
        (e.urgent, "B", "客户提到竞品报价或限期答复，时间紧"),
        (e.supports_b, "B", "需求明确，且已知预算、决策人或近期采购时间"),
        (e.need & e.far, "C", "预计采购还有" + days + "天"),
        (e.need, "C", "有需求，预算、决策人和采购时间都还不知道"),
    ]
    grade = pd.Series("C", index=days.index, dtype="str")
    reason = pd.Series("没有写清需求", index=days.index, dtype="str")
    open_rows = pd.Series(data=True, index=days.index)
    for hit, found, why in cases:
        hits = hit & open_rows
        grade = grade.mask(hits, found)
        reason = reason.mask(hits, why)
        open_rows &= ~hits
    return pd.DataFrame({"grade": grade, "reason": reason})


def _types(data: pd.DataFrame) -> dict[str, str]:
    """Columns without any value have no type of their own: dates need one."""
    empty = [str(key) for key in data if data[key].isna().all()]
    return {key: "datetime64[us]" if key.endswith("_on") else "str" for key in empty}
