"""Small clean books for the tests of the figures: tables written as text, one row a line."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import pandas as pd

from sheetcrm.clean import CleanBook, CleanTable
from sheetcrm.kit.model import Kit, Pipeline, Setting, Stage, TableSpec
from sheetcrm.metrics.dataset import DAY, NEEDED, NUMBER, TEXT, dataset
from sheetcrm.metrics.results import Summary
from sheetcrm.metrics.summary import summarise
from sheetcrm.table import Table

SETTINGS: Mapping[str, float | str] = {
    "silent_days_owner": 3,
    "silent_days_manager": 7,
    "churn_days": 30,
    "dwell_days": 15,
    "stalled_days": 14,
    "low_value_ratio": 0.8,
    "win_window_days": 30,
    "top_reasons": 3,
    "change_days": 30,
    "bottleneck_min_n": 10,
    "entry_working_days": 1,
    "needs_working_days": 2,
    "proposal_working_days": 3,
    "legal_working_days": 1,
    "win_back_days": 3,
    "workday_start": "09:00",
    "workday_end": "18:00",
}


def stage(name: str, phase: Any, kind: Any = "open", *labels: str) -> Stage:
    return Stage(name=name, labels=labels or (name,), kind=kind, phase=phase)


FIVE = Pipeline(
    key="lead_to_deal",
    name="线索到成交",
    stages=(
        stage("线索", "lead"),
        stage("意向", "needs"),
        stage("商机", "qualified"),
        stage("成交", "won", "won"),
        stage("流失", "lost", "lost"),
    ),
)


def kit(pipeline: Pipeline = FIVE, **settings: float) -> Kit:
    values = {**SETTINGS, **settings}
    return Kit(
        key="test",
        name="测试",
        tables=tuple(TableSpec(key=key, name=key, columns=()) for key in NEEDED),
        pipeline=pipeline,
        lists=(),
        settings=tuple(Setting(key=k, name=k, value=v) for k, v in values.items()),
    )


def table(kind: str, rows: pd.DataFrame, file: str = "甲.xlsx") -> CleanTable:
    """Return a clean table of typed rows, indexed from Excel row 2."""
    rows = rows.set_axis(range(2, len(rows) + 2))
    source = Table(file, kind, kind, 1, (), rows.astype("object"))
    return CleanTable(source, TableSpec(key=kind, name=kind, columns=()), rows)


def typed(kind: str, rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> pd.DataFrame:
    frame = pd.DataFrame(list(rows), columns=list(columns))
    kinds = NEEDED[kind]
    for key in frame:
        wanted: Any = kinds.get(str(key), TEXT)
        if wanted == DAY:
            frame[key] = pd.to_datetime(frame[key]).astype(wanted)
        else:
            frame[key] = frame[key].astype(wanted)
    return frame


def parse(kind: str, text: str) -> pd.DataFrame:
    """Read `key key key` and then one row a line; `-` is blank."""
    lines = [line.split() for line in text.strip().splitlines()]
    head, body = lines[0], lines[1:]
    numbers = {key for key, dtype in NEEDED[kind].items() if dtype == NUMBER}
    rows = [
        {
            key: None if cell == "-" else float(cell) if key in numbers else cell
            for key, cell in zip(head, line, strict=True)
        }
        for line in body
    ]
    return typed(kind, rows, head)


def book(
    file: str = "甲.xlsx", its_kit: Kit | None = None, **tables: str | pd.DataFrame
) -> CleanBook:
    """Return a clean book of the tables given as text or typed frames."""
    frames = {k: parse(k, t) if isinstance(t, str) else t for k, t in tables.items()}
    return CleanBook(
        file=file,
        kit=its_kit or kit(),
        own=True,
        tables={kind: table(kind, frame, file) for kind, frame in frames.items()},
    )


def summary(*books: CleanBook, as_of: str = "2024-06-30") -> Summary:
    return summarise(dataset(books), date.fromisoformat(as_of))
