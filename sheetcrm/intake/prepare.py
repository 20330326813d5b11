"""The incoming rows as they are compared: ids told apart, names completed, owners of logs found."""

from dataclasses import dataclass, field

import pandas as pd

from sheetcrm.checks.cells import distinct, folded
from sheetcrm.checks.leads import kinds
from sheetcrm.checks.new_ids import IdForm, counted_through, id_form
from sheetcrm.clean import CleanBook, CleanTable
from sheetcrm.findings import Finding, Place, finding
from sheetcrm.intake.attach import attach
from sheetcrm.intake.fingerprint import fingerprints, unreadable
from sheetcrm.intake.keys import CUSTOMERS, ORIGIN, running_numbers, text_column
from sheetcrm.intake.model import Incoming
from sheetcrm.intake.names import Names
from sheetcrm.kit.model import TableSpec

# What a row is known by: if it cannot be read, nobody can say whether the row is there already.
_KEYS = {
    "lead": ("company", "phone"),
    "account": ("company", "phone"),
    "follow_up": ("followed_on",),
}
# What a row of each table must say at least something of.
_NAMED = {
    "lead": ("company", "contact"),
    "account": ("company", "contact"),
    "follow_up": ("lead_id", "account_id", "company"),
    "stage_progress": ("lead_id", "company"),
    "request": ("content", "lead_id", "company"),
    "status_change": ("lead_id", "account_id", "company"),
    "contract": ("lead_id", "company"),
    "target": ("month",),
    "competitor": ("competitor",),
    "price": ("product",),
}
NO_RECORD = "IMP-11"


@dataclass(frozen=True)
class Prepared:
    """Incoming rows ready to be compared.

    `data` has the kit's columns with ids of the book's own form only; `origin` the other ids
    (folded), `origin_text` as written. `rejected` has `code` and `reason` of the rows that cannot
    be a record. `unread` are texts of cells that could not be read, by column key.
    """

    spec: TableSpec
    data: pd.DataFrame
    origin: pd.Series
    origin_text: pd.Series
    prints: pd.Series
    unread: dict[str, pd.Series]
    rejected: pd.DataFrame
    form: IdForm | None
    findings: tuple[Finding, ...] = ()
    notes: tuple[str, ...] = ()
    filled: tuple[tuple[str, pd.Index, str], ...] = field(default=())


def prepare(incoming: Incoming, book: CleanBook, names: Names) -> Prepared:
    """Bring the rows of a sheet into the shape they are compared in."""
    spec = book.kit.by_key[incoming.kind]
    data = incoming.data[[k for k in incoming.data if k in spec.by_key]].copy()
    unread = {key: texts for key, texts in unreadable(incoming).items() if key in spec.by_key}
    notes: list[str] = []
    filled: list[tuple[str, pd.Index, str]] = []
    form = _form(book, incoming.kind)
    data, origin = _own_ids(data, spec, form, book, notes)
    if incoming.kind in CUSTOMERS and "contact" in data:
        names_given = text_column(data, "company")
        person = data.index[names_given.isna() & data["contact"].notna()]
        person = person.difference(_held(unread, "company"))
        data["company"] = names_given.fillna(data["contact"].loc[person].reindex(data.index))
        if len(person):
            filled.append(("company", person, "没有客户名称，按个人客户写联系人姓名"))
    if incoming.kind == "lead":
        data, by_stage = _stage_reached(data, incoming, book)
        filled += by_stage
    attached = attach(data, incoming.kind, book, names)
    for key in attached.found.dropna().unique():
        rows = attached.found.index[attached.found == key]
        filled.append((str(key), rows, "按客户名称找到的编号"))
    known = attached.data.assign(_origin=origin)
    rejected = _rejected(incoming, known, spec.id_column, unread)
    return Prepared(
        spec,
        attached.data,
        folded(origin),
        origin,
        fingerprints(incoming),
        unread,
        rejected,
        form,
        (*_nameless(incoming, rejected), *_orphans(incoming, book, attached.orphans)),
        tuple(notes),
        tuple(filled),
    )


def _form(book: CleanBook, kind: str) -> IdForm | None:
    table = book.tables.get(kind)
    form = id_form(book, kind)
    if form is not None or table is None or table.spec.id_column not in table.data:
        return form
    return counted_through(distinct(table.data[table.spec.id_column]))


def _own_ids(
    data: pd.DataFrame, spec: TableSpec, form: IdForm | None, book: CleanBook, notes: list[str]
) -> tuple[pd.DataFrame, pd.Series]:
    """Tell the book's own ids from those of another system and from mere row numbers."""
    ids = text_column(data, spec.id_column)
    none = pd.Series(index=data.index, dtype="str")
    if ids.isna().all():
        return data, none
    table = book.tables.get(spec.key)
    there = set(distinct(folded(text_column(table.data, spec.id_column)))) if table else set()
    known = folded(ids).isin(there)
    if form is None and not book.own and not running_numbers(ids):
        return data, none
    if running_numbers(ids) and not known.any():
        notes.append(f"“{spec.by_key[spec.id_column].name}”一列只是序号，没有当作编号")
        return data.assign(**{spec.id_column: none}), none
    fits = [text for text in distinct(ids) if form is None or form.fits(text)]
    own = known | ids.isin(fits)
    strange = ids.notna() & ~own
    if strange.any():
        where = "，原来的写在备注里" if "note" in spec.by_key else ""
        notes.append(f"{int(strange.sum())}行的编号是别处的写法，给了新编号{where}")
    return data.assign(**{spec.id_column: ids.where(own)}), ids.where(strange)


def with_origin(data: pd.DataFrame, origin: pd.Series, spec: TableSpec) -> pd.DataFrame:
    """Write the ids that rows had elsewhere into 备注."""
    told = (ORIGIN + origin).reindex(data.index)
    if "note" not in spec.by_key or not told.notna().any():
        return data
    note = text_column(data, "note")
    both = (note + "；" + told).fillna(note).fillna(told)
    return data.assign(note=both)


def _stage_reached(
    data: pd.DataFrame, incoming: Incoming, book: CleanBook
) -> tuple[pd.DataFrame, list[tuple[str, pd.Index, str]]]:
    """Fill a blank status with the furthest stage that has a date."""
    status = text_column(data, "status")
    stages = [s for s in book.kit.pipeline.stages if s.name in incoming.stages]
    if not stages:
        return data, []
    reached = pd.Series(index=data.index, dtype="str")
    for stage in stages:
        label = stage.labels[0] if stage.labels else stage.name
        reached = reached.mask(incoming.stages[stage.name].reindex(data.index).notna(), label)
    filled = []
    for key, values, why in (
        ("status", reached, "没有写阶段，按有日期的最后一个阶段"),
        ("won_on", _won_on(incoming, book, status.fillna(reached)), "按进入成交阶段的日期"),
    ):
        own = data[key] if key in data else values.where(values.isna())
        rows = data.index[own.isna() & values.notna()]
        if len(rows) and key in book.kit.by_key["lead"].by_key:
            data = data.assign(**{key: own.fillna(values)})
            filled.append((key, rows, why))
    return data, filled


def _won_on(incoming: Incoming, book: CleanBook, status: pd.Series) -> pd.Series:
    """Return the day a won lead entered the first won stage that has a date."""
    days = pd.Series(index=status.index, dtype="datetime64[us]")
    for stage in book.kit.pipeline.stages:
        if stage.kind == "won" and stage.name in incoming.stages:
            days = days.fillna(incoming.stages[stage.name].reindex(status.index))
    return days.where(kinds(book, status) == "won")


def _held(unread: dict[str, pd.Series], key: str) -> pd.Index:
    texts = unread.get(key)
    return texts.index[texts.notna()] if texts is not None else pd.Index([], dtype="int64")


def _rejected(
    incoming: Incoming, data: pd.DataFrame, id_column: str, unread: dict[str, pd.Series]
) -> pd.DataFrame:
    """Return the rows that cannot be a record: `code` and `reason`."""
    named = data["_origin"].notna() | text_column(data, id_column).notna()
    for key in _NAMED.get(incoming.kind, ()):
        if key in data:
            named = named | data[key].notna()
    why = "没有客户名称，也没有编号" if incoming.kind in CUSTOMERS else "没有能认出这一行的内容"
    code = pd.Series("", index=data.index, dtype="str").mask(~named, NO_RECORD)
    reason = pd.Series("", index=data.index, dtype="str").mask(~named, why)
    found = {(f.row, f.cell): f.code for f in incoming.findings if f.severity == "error"}
    for key in (id_column, *_KEYS.get(incoming.kind, ())):
        if key not in unread:
            continue
        for row in _held(unread, key):
            cell = incoming.table.cell(int(row), key)
            heading = incoming.table.by_key[key].text
            code[row] = found.get((int(row), cell), NO_RECORD)
            reason[row] = f"“{heading}”读不出来"
    hit = code != ""
    return pd.DataFrame({"code": code[hit], "reason": reason[hit]})


def _nameless(incoming: Incoming, rejected: pd.DataFrame) -> list[Finding]:
    """IMP-11 at every row that nobody can say what it is about."""
    table, key = incoming.table, _NAMED.get(incoming.kind, ("",))[0]
    heading = table.by_key.get(key)
    return [
        finding(
            NO_RECORD,
            Place(
                table.file,
                table.sheet,
                table.cell(row, key),
                row,
                heading.text if heading else "",
            ),
            reason=reason,
        )
        for row, code, reason in rejected.itertuples()
        if code == NO_RECORD
    ]


def _orphans(incoming: Incoming, book: CleanBook, orphans: dict[str, pd.Index]) -> list[Finding]:
    """REF-01 at every row whose lead or customer the book does not have; the row is imported."""
    result = []
    table = CleanTable(incoming.table, book.kit.by_key[incoming.kind], incoming.data)
    for key, rows in orphans.items():
        parent = "account" if key == "account_id" else "lead"
        there = book.tables.get(parent)
        name = f"“{there.source.sheet if there else book.kit.by_key[parent].name}”"
        for row in rows:
            heading = incoming.table.by_key.get(key)
            place = Place(
                incoming.table.file,
                incoming.table.sheet,
                incoming.table.cell(int(row), key),
                int(row),
                heading.text if heading else "",
            )
            said = table.data.at[row, key] if key in table.data else ""
            result.append(finding("REF-01", place, str(said), table=name))
    return result
