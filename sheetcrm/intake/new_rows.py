"""The rows an import appends: what the sheet says, and what is filled in where it says nothing.

Filled in are ids, 录入时间, the day of receipt, the first stage, the source, a proposed grade and
an owner by rule; each with its reason. Nothing that the sheet says is replaced.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

import pandas as pd

from sheetcrm.checks.dates import FIRST_YEAR, PAST
from sheetcrm.checks.grades import proposed
from sheetcrm.checks.leads import kinds
from sheetcrm.checks.new_ids import known_ids
from sheetcrm.clean import CleanTable, home
from sheetcrm.findings import Finding, Place, finding
from sheetcrm.intake.assign import NO_RULE, assign, rule_of
from sheetcrm.intake.case import Case
from sheetcrm.intake.keys import text_column
from sheetcrm.intake.own_words import in_own_words
from sheetcrm.intake.prepare import with_origin
from sheetcrm.kit.load import load_kit

FILLED_COLUMNS = ("row", "key", "value", "reason")
NO_OWNER = "IMP-14"
# The day an id is numbered by, the first that is known; else the day the sheet came in.
ID_DAYS = {
    "lead": ("acquired_on", "entered_on"),
    "account": ("first_contact_on",),
    "follow_up": ("followed_on",),
    "request": ("requested_on",),
    "contract": ("submitted_on", "signed_on"),
}
# When a row was written down: the moment of the import where the sheet does not say.
ENTERED = {"lead": "entered_on", "follow_up": "recorded_at"}


@dataclass
class _Growing:
    """The rows as they are filled, and what was filled in why."""

    data: pd.DataFrame
    filled: list[pd.DataFrame] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def fill(self, key: str, values: pd.Series, reason: str | pd.Series) -> None:
        """Fill the blanks of a column; nothing is replaced."""
        own = self.data[key] if key in self.data else pd.Series(index=self.data.index, dtype="str")
        rows = own.index[own.isna() & values.reindex(own.index).notna()]
        if not len(rows):
            return
        new = values.loc[rows]
        if key in self.data and own.notna().any():
            self.data[key] = own.fillna(new.reindex(own.index))
        else:
            self.data[key] = new.reindex(own.index)
        why = reason.loc[rows] if isinstance(reason, pd.Series) else reason
        told = {"row": rows, "key": key, "value": new.to_numpy(dtype=object), "reason": why}
        self.filled.append(
            pd.DataFrame(told, index=range(len(rows)))
            if isinstance(why, str)
            else pd.DataFrame({**told, "reason": why.to_numpy(dtype=object)})
        )


@dataclass(frozen=True)
class NewRows:
    """The rows to append, typed; `filled` one row a cell that the import filled in."""

    data: pd.DataFrame
    filled: pd.DataFrame
    notes: tuple[str, ...]
    findings: tuple[Finding, ...]


def new_rows(case: Case, data: pd.DataFrame) -> NewRows:
    """Complete the rows that are created.

    Args:
        case: The sheet and the book.
        data: The rows, with what the rows merged into them add.
    """
    rows = _Growing(with_origin(data.copy(), case.rows.origin_text, case.rows.spec))
    _prepared(case, rows)
    if len(data):
        _times(case, rows)
        if case.incoming.kind == "lead":
            _lead(case, rows)
        _ids(case, rows)
    whole = _of_the_book(case, _with_unread(case, rows.data), rows)
    filled = [part for part in rows.filled if part["key"].iloc[0] in whole]
    return NewRows(
        whole,
        _filled(filled),
        (*_notes(filled, case), *rows.notes),
        tuple(rows.findings),
    )


def _prepared(case: Case, rows: _Growing) -> None:
    """Note what was filled in before the rows were compared."""
    for key, index, why in case.rows.filled:
        at = rows.data.index.intersection(index)
        if len(at):
            values = rows.data[key].loc[at].to_numpy(dtype=object)
            rows.filled.append(
                pd.DataFrame({"row": at, "key": key, "value": values, "reason": why})
            )


def _times(case: Case, rows: _Growing) -> None:
    now, index = case.options.now, rows.data.index
    if case.incoming.kind == "lead":
        _receipt(case, rows)
    key = ENTERED.get(case.incoming.kind, "")
    column = case.rows.spec.by_key.get(key)
    if column is not None:
        at = pd.Timestamp(now) if column.type == "datetime" else pd.Timestamp(now.date())
        moment = pd.Series(at, index=index, dtype="datetime64[us]")
        rows.fill(key, _readable(case, key, moment), f"没有写{column.name}，按导入的时间")


def _receipt(case: Case, rows: _Growing) -> None:
    """Fill the day of receipt: never after what the row itself says has happened since."""
    index, spec = rows.data.index, case.rows.spec
    days = _dates(case.incoming.stages.reindex(index).min(axis=1))
    basis = pd.Series("最早进入阶段的日期", index=index, dtype="str").where(
        days.notna(), "收到的日期"
    )
    days = days.fillna(pd.Timestamp(case.options.day))
    since = [later for earlier, later in spec.date_order if earlier == "acquired_on"]
    for key in since:
        if key not in PAST["lead"] or key not in rows.data:
            continue
        known = _dates(rows.data[key]).dt.normalize()
        before = (known < days) & (known.dt.year >= FIRST_YEAR)
        days, basis = days.mask(before, known), basis.mask(before, spec.by_key[key].name)
    days = _readable(case, "acquired_on", days)
    for what in basis.unique():
        rows.fill("acquired_on", days[basis.loc[days.index] == what], f"没有写获取时间，按{what}")


def _dates(values: pd.Series) -> pd.Series:
    return pd.to_datetime(values).astype("datetime64[us]")


def _readable(case: Case, key: str, values: pd.Series) -> pd.Series:
    """Leave out the rows whose cell holds something that could not be read: that is kept."""
    texts = case.rows.unread.get(key)
    return values if texts is None else values[texts.reindex(values.index).isna()]


def _lead(case: Case, rows: _Growing) -> None:
    index, spec = rows.data.index, case.rows.spec
    stage = case.book.kit.pipeline.stages[0]
    label = stage.labels[0] if stage.labels else stage.name
    first = pd.Series(label, index=index, dtype="str")
    if spec.stage_column:
        rows.fill(spec.stage_column, _readable(case, "status", first), "没有写阶段，按第一个阶段")
    if case.options.source:
        source = pd.Series(case.options.source, index=index, dtype="str")
        rows.fill("source", _readable(case, "source", source), "没有写来源，按这次导入的来源")
    _grades(case, rows)
    _owners(case, rows)


def _grades(case: Case, rows: _Growing) -> None:
    blank = text_column(rows.data, "grade").isna()
    still = kinds(case.book, text_column(rows.data, "status")) == "open"
    data = rows.data[blank & still]
    column = case.rows.spec.by_key.get("grade")
    if data.empty or column is None:
        return
    table = CleanTable(case.incoming.table, case.rows.spec, data)
    found = proposed(table, case.book.kit, case.options.as_of)
    grades = in_own_words(found["grade"], column, case.book.kit)
    rows.fill("grade", grades, "建议等级：" + found["reason"])


def _owners(case: Case, rows: _Growing) -> None:
    given = text_column(rows.data, "owner")
    still = kinds(case.book, text_column(rows.data, "status"))
    blank = given.index[given.isna() & still.isin(["open"])]
    assigned = assign(rows.data.loc[blank], given, case.book)
    rows.fill("owner", assigned.owners, assigned.reasons)
    left = text_column(rows.data, "owner").isna()
    if left.any():
        rule = rule_of(case.book.kit)
        why = f"按“{rule}”也分不出去" if rule != NO_RULE else "“导入分配办法”是不分配"
        table = case.incoming.table
        heading = table.by_key.get("owner")
        place = Place(
            table.file, table.sheet, table.cell(0, "owner"), 0, heading.text if heading else ""
        )
        rows.findings.append(finding(NO_OWNER, place, count=int(left.sum()), why=why))


def _ids(case: Case, rows: _Growing) -> None:
    key, form = case.rows.spec.id_column, case.rows.form
    if not key:
        return
    ids = text_column(rows.data, key)
    known = known_ids(case.book, key)
    # An id that only other tables name is free: a lead may come in after its follow-ups.
    own = text_column(case.table.data, key) if case.table else ids[:0]
    again = ids.notna() & (ids.isin(own) | ids.duplicated())
    if again.any():
        rows.notes.append(f"{int(again.sum())}行的编号已经有了，给了新编号")
    rows.data[key] = ids.mask(again)
    blank = rows.data.index[rows.data[key].isna()]
    if form is None:
        if len(blank):
            rows.notes.append(f"{len(blank)}行没有编号：看不出这张表的编号规律，请自己补上")
        return
    days = _days(case, rows.data.loc[blank])
    given = form.next_ids(days, known | set(ids.dropna()), case.options.taken)
    rows.fill(key, pd.Series(given, index=blank, dtype="str"), "新编号")


def _days(case: Case, data: pd.DataFrame) -> Sequence[date]:
    days = pd.Series(index=data.index, dtype="datetime64[us]")
    for key in ID_DAYS.get(case.incoming.kind, ()):
        if key in data and pd.api.types.is_datetime64_any_dtype(data[key]):
            days = days.fillna(data[key])
    return [d.date() for d in days.fillna(pd.Timestamp(case.options.day))]


def _with_unread(case: Case, data: pd.DataFrame) -> pd.DataFrame:
    """Put the texts of cells that could not be read where they stood."""
    data = data.copy()
    for key, texts in case.rows.unread.items():
        here = texts.reindex(data.index)
        if key in data and key != case.rows.spec.id_column and here.notna().any():
            cells = data[key].astype("object")
            data[key] = cells.where(cells.notna(), here)
    return data


def _of_the_book(case: Case, data: pd.DataFrame, rows: _Growing) -> pd.DataFrame:
    """Return the columns the book's table has, in its order; say what is left out."""
    table = case.table
    if table is None:
        rows.notes.append(f"工作簿里没有“{case.rows.spec.name}”表")
        return data
    sheet = home(table)
    there = [h.key for h in sheet.headings]
    left = [str(k) for k in data if k not in there and data[k].notna().any()]
    if left:
        said = "、".join(f"“{_name(case, key)}”" for key in left)
        these = "这些列" if len(left) > 1 else "这一列"
        rows.notes.append(f"“{sheet.sheet}”里没有{said}{these}，没有写入")
    if table.source.parts and len(data):
        rows.notes.append(f"新的行写在“{sheet.sheet}”：几张表里它的日期最新")
    return data.reindex(columns=[k for k in there if k in data])


def _name(case: Case, key: str) -> str:
    """Return what the book calls a column, else what it is usually called."""
    usual = load_kit().by_key.get(case.incoming.kind)
    column = case.rows.spec.by_key.get(key) or (usual.by_key.get(key) if usual else None)
    return column.name if column else key


def _filled(parts: list[pd.DataFrame]) -> pd.DataFrame:
    columns = list(FILLED_COLUMNS)
    if not parts:
        return pd.DataFrame({key: pd.Series(dtype="object") for key in columns})
    told = pd.concat([p.astype({"value": "object"}) for p in parts], ignore_index=True)
    return told[columns].sort_values("row", kind="stable").reset_index(drop=True)


def _notes(parts: list[pd.DataFrame], case: Case) -> tuple[str, ...]:
    """Return one sentence for each column that was filled in by a fixed rule."""
    names, result = case.rows.spec.by_key, []
    for part in parts:
        key, reasons = str(part["key"].iloc[0]), part["reason"].unique()
        if len(reasons) == 1 and key in names and key != case.rows.spec.id_column:
            result.append(f"{len(part)}行的“{names[key].name}”：{reasons[0]}")
        elif key == "grade":
            result.append(f"{len(part)}行按依据建议了“{names[key].name}”")
        elif key == "owner":
            result.append(f"{len(part)}行按“{rule_of(case.book.kit)}”分配了“{names[key].name}”")
    return tuple(result)
