"""Which rules had no column to work on: said once, instead of failing on every row."""

from collections.abc import Iterable
from dataclasses import dataclass

from sheetcrm.checks.cells import described
from sheetcrm.checks.grades import EVIDENCE
from sheetcrm.checks.own_rules import unchecked_rules
from sheetcrm.checks.references import CHILDREN, team_list
from sheetcrm.clean import CleanBook
from sheetcrm.findings import CATALOGUE
from sheetcrm.kit.model import TableSpec


@dataclass(frozen=True)
class Need:
    """A code, and the columns of a table without which its rule says nothing.

    Spoken of where the workbook has that table, and those of `with_tables`.
    """

    code: str
    table: str
    columns: tuple[str, ...]
    with_tables: tuple[str, ...] = ()


NEEDS: tuple[Need, ...] = (
    Need("REQ-05", "lead", ("status", "next_follow_up")),
    Need("AMT-04", "lead", ("status", "amount")),
    Need("AMT-06", "price", ("list_price",)),
    Need("DAT-01", "lead", ("acquired_on", "last_follow_up")),
    Need("DAT-01", "follow_up", ("followed_on",)),
    Need("DAT-02", "lead", ("acquired_on", "won_on")),
    Need("DAT-04", "follow_up", ("followed_on", "next_follow_up")),
    Need("DAT-05", "stage_progress", ("entered_stage_on",)),
    Need("DAT-06", "lead", ("status", "expected_purchase_on")),
    Need("DUP-03", "lead", ("phone",)),
    Need("DUP-04", "lead", ("company",)),
    Need("DUP-06", "follow_up", ("followed_on", "content")),
    Need("REF-03", "lead", ("last_follow_up",), with_tables=("follow_up",)),
    Need("REF-04", "request", ("status",), with_tables=("lead",)),
    Need("STG-01", "stage_progress", ("stage", "entered_stage_on")),
    Need("STG-02", "stage_progress", ("stage", "entered_stage_on")),
    Need("STG-04", "contract", ("signed_on",), with_tables=("lead",)),
    Need("STG-06", "lead", ("status",)),
    Need("GRD-01", "lead", ("grade", "status", *EVIDENCE)),
    Need("GRD-02", "lead", ("grade", "status", *EVIDENCE)),
    Need("GRD-03", "status_change", ("from_status", "to_status"), with_tables=("follow_up",)),
    Need("GRD-04", "lead", ("grade", "status", *EVIDENCE)),
    Need("SLA-01", "lead", ("acquired_on", "entered_on")),
    Need("SLA-02", "follow_up", ("followed_on", "recorded_at")),
    Need("SLA-03", "lead", ("status", "acquired_on")),
    Need("SLA-04", "lead", ("status", "pain_point"), with_tables=("follow_up",)),
    Need("SLA-05", "stage_progress", ("stage", "entered_stage_on")),
    Need("SLA-06", "contract", ("submitted_on", "legal_done_on")),
    Need("SLA-07", "request", ("priority", "requested_on")),
    Need("FUP-04", "lead", ("status", "next_follow_up")),
    Need("FUP-06", "lead", ("status",)),
    Need("FUP-08", "request", ("due_on",)),
    Need("QLT-01", "follow_up", ("followed_on", "recorded_at", "owner")),
    Need("QLT-02", "follow_up", ("content",)),
    Need("QLT-03", "follow_up", ("content",)),
)
# Rules that judge by what a workbook's own 设置 recommends; a guest has none.
OWN_ONLY = (("FUP-07", "没有“设置”里的跟进周期，不判断下次跟进是否排得太晚"),)


def unchecked(book: CleanBook) -> list[tuple[str, str]]:
    """Return (code, reason in Chinese) of the rules that could not run on this workbook.

    Only tables that the workbook has are spoken of; a rule that also works on other columns of the
    table is named for the columns it misses.
    """
    result = [
        (need.code, _reason(book, need.table, missing))
        for need in NEEDS
        if {need.table, *need.with_tables} <= set(book.tables)
        and (missing := _missing(book, need.table, need.columns))
    ]
    result += [
        ("REQ-02", _reason(book, kind, missing))
        for kind, table in book.tables.items()
        if (missing := _missing(book, kind, _conditional(table.spec)))
    ]
    children = [kind for kind in CHILDREN if kind in book.tables]
    if children and not {"lead", "account"} & set(book.tables):
        result.append(("REF-01", "没有线索跟踪表或客户档案表，无法核对编号"))
    if not book.own and "lead" in book.tables:
        result += OWN_ONLY
    if not team_list(book):
        result.append(("REF-02", "没有“设置”里的负责人名单，无法核对姓名"))
    order = list(CATALOGUE)
    builtin = sorted(dict.fromkeys(result), key=lambda pair: (order.index(pair[0]), pair[1]))
    return [*builtin, *unchecked_rules(book)]


def _conditional(spec: TableSpec) -> tuple[str, ...]:
    """Columns that only some stages ask for, without those that have a code of their own."""
    named = {"amount", "next_follow_up"}
    by_stage = ("after", "from", "on", "while")
    return tuple(
        c.key for c in spec.columns if c.required.startswith(by_stage) and c.key not in named
    )


def _missing(book: CleanBook, kind: str, columns: Iterable[str]) -> list[str]:
    table = book.tables[kind]
    missing = [key for key in columns if key not in table.data]
    return [column.name if (column := described(table.spec, key)) else key for key in missing]


def _reason(book: CleanBook, kind: str, missing: Iterable[str]) -> str:
    return f"“{book.tables[kind].source.sheet}”没有{'、'.join(f'“{name}”' for name in missing)}列"
