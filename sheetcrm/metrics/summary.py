"""All the figures of a set of books, as of one day."""

from datetime import date

import pandas as pd

from sheetcrm.kit.clock import clock
from sheetcrm.metrics.cohort import views
from sheetcrm.metrics.conversion import bottleneck, counted, groups, totals
from sheetcrm.metrics.dataset import Dataset
from sheetcrm.metrics.dimensions import compared, with_dimensions
from sheetcrm.metrics.funnel import funnel, with_cohorts
from sheetcrm.metrics.history import history
from sheetcrm.metrics.leads import lead_table
from sheetcrm.metrics.numbers import Groups
from sheetcrm.metrics.overdue import overdue
from sheetcrm.metrics.recorded import recorded, stage_gap
from sheetcrm.metrics.requests import request_table
from sheetcrm.metrics.results import GroupRow, Population, Summary
from sheetcrm.metrics.service import with_services
from sheetcrm.metrics.targets import targets
from sheetcrm.metrics.thresholds import thresholds


def summarise(data: Dataset, as_of: date) -> Summary:
    """Work out every figure of the summary tabs and of `summarise --json`.

    Raises:
        KeyError: The kit lacks one of the settings the figures need.
    """
    limits = thresholds(data.kit)
    pipeline = data.kit.pipeline
    past = history(data)
    asked = recorded(data)
    leads = with_dimensions(lead_table(data, past, limits, as_of, asked), data)
    requests = request_table(data, as_of)
    goals = targets(data.frames["target"], leads, past, as_of)
    seen = views(leads, past, pipeline, limits, as_of)
    work = counted(leads, limits, as_of)
    rows = with_cohorts(funnel(leads, work, past, pipeline, as_of, goals), seen)

    def by(column: str) -> tuple[GroupRow, ...]:
        return groups(work, Groups.of(leads[column]))

    counts = (int(kind.sum()) for kind in (work.open, work.won, work.lost))
    found = Summary(
        as_of=as_of,
        files=data.files,
        pipeline=pipeline.name,
        population=Population(len(leads), *counts),
        funnel=rows,
        totals=totals(work, past.reached, pipeline),
        by_source=by("source"),
        by_owner=by("owner"),
        reasons=work.reasons_of(work.lost),
        bottleneck=bottleneck(rows, limits.enough),
        overdue=overdue(
            leads, requests, limits, pd.Timestamp(as_of), _win_back(data, as_of), asked
        ),
        history=past.note,
        assumptions=(
            *filter(None, [stage_gap(data)]),
            *data.assumptions,
            past.note.sentence,
            *_gaps(leads, as_of),
        ),
        views=seen,
        dimensions=compared(leads, work, data),
        leads=leads,
        events=past.events,
        requests=requests,
    )
    return with_services(data, found)


def _win_back(data: Dataset, as_of: date) -> date:
    """Return the day by which a customer at risk is to be won back."""
    return clock(data.kit).calendar.add(as_of, int(data.kit.number("win_back_days")))


def _gaps(leads: pd.DataFrame, as_of: date) -> tuple[str, ...]:
    """Say in Chinese which leads a figure had to leave out, or take as something else."""
    won, open_ = leads["outcome"] == "won", leads["outcome"] == "open"
    counted = (
        (won & leads["amount"].isna(), "条成交线索没有实际成交金额，成交金额中按0计。"),
        (
            won & leads["cycle_days"].isna(),
            "条成交线索的获取或成交时间缺失或颠倒，未计入成交周期。",
        ),
        (
            open_ & leads["dwell_days"].isna(),
            "条进行中线索不知何时进入当前阶段，未判断停留是否超期。",
        ),
        (
            open_ & leads["silent_days"].isna(),
            "条进行中线索不知何时跟进过（没有跟进时间，又没有获取时间或跟进的列），未判断静默天数。",
        ),
        (leads["acquired_on"] > pd.Timestamp(as_of), "条线索的获取时间晚于截止日期，天数按0计。"),
    )
    return tuple(f"有{int(rows.sum())}{text}" for rows, text in counted if rows.any())
