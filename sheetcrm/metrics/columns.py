"""The columns of the frames that a summary carries, one row a lead, a stage entry, a request."""

from typing import Literal

UNFILLED = "（未填）"
NO_REASON = "缺原因"
GROUPS = ("owner", "source", "industry", "region", "product", "grade")
Provenance = Literal["declared", "logged", "observed", "inferred"]

LEAD_COLUMNS = (
    "file",  # path of the workbook, as CleanBook.file
    "sheet",
    "row",  # int, Excel row number
    "lead_id",  # NaN where the sheet has none
    "company",
    "contact",
    "owner",  # UNFILLED where blank, as are the five group columns
    "source",
    "industry",
    "region",
    "product",
    "grade",
    "status",  # the label as the sheet has it
    "stage",  # canonical stage of the report's pipeline; UNFILLED where unknown
    "reached",  # int, position in the funnel of the furthest stage reached, 0 = first
    "reached_stage",  # its name
    "outcome",  # "open", "won" or "lost"
    "lost_reason",  # NO_REASON for a lost lead without one; NaN for others
    "acquired_on",  # datetime64, as all dates
    "won_on",
    "lost_on",  # NaT where no stage or status row dates it
    "cycle_days",  # won_on - acquired_on of won leads, NaN when negative or unknown
    "entered_stage_on",  # current stage of open leads; NaT where unknown
    "last_follow_up",  # latest of the column and the follow-up log, not after as_of
    "next_follow_up",
    "age_days",  # as_of - acquired_on, open leads only (so for the next two)
    "dwell_days",  # as_of - entered_stage_on
    "silent_days",  # as_of - last_follow_up, from acquired_on where there was none
    "expected_amount",
    "amount",
    "low_value",  # bool, as are all flags; each is true for open leads only
    "silent_owner",
    "silent_manager",
    "churn_risk",
    "in_stage_over",
    "stalled",
    "next_follow_up_overdue",
    "no_plan",
    "never_followed_up",
    "contact_unknown",  # of all leads: there was a contact, but nobody can tell when
    "lost_stage_unknown",  # of lost leads: nothing says how far it came
)
EVENT_COLUMNS = (
    "lead",  # int, position of the lead in Summary.leads
    "position",  # int, position of the stage in the funnel
    "stage",
    "entered_on",
    "left_on",  # NaT while there, or unknown
    "provenance",  # declared, logged, observed or inferred
    "stay_days",  # completed stays only
)
REQUEST_COLUMNS = (
    "file",
    "sheet",
    "row",
    "request_id",
    "lead_id",
    "company",
    "department",
    "content",
    "requester",
    "responsible",
    "priority",
    "status",
    "requested_on",
    "due_on",
    "done_on",
    "state",  # "open", "done" or "rejected"
    "days_late",  # past the due date: as_of or done_on - due_on, NaN when not late
    "action",  # what to do, one sentence
)
