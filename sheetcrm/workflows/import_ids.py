"""The ids that an import gives out, set aside in the journal before they are written."""

from collections.abc import Iterable, Mapping
from datetime import date

from sheetcrm.book.changes import Run
from sheetcrm.book.journal import Journal
from sheetcrm.checks.cells import distinct
from sheetcrm.checks.new_ids import IdForm, counted_through, id_form
from sheetcrm.clean import CleanBook
from sheetcrm.tabs.decision_plan import SheetPlan
from sheetcrm.workflows.import_plan import Planned


def reserve(
    journal: Journal, run: Run, taken: Mapping[str, int], planned: Planned, book: CleanBook
) -> bool:
    """Set the new ids of a plan aside; False where another run took some of them meanwhile."""
    given: dict[str, tuple[int, int]] = {}
    for plan in planned.files:
        for sheet in plan.sheets:
            form = _form(book, sheet.table)
            for stem, number in _numbers(_new_ids(book, sheet), form):
                first, last = given.get(stem, (number, number))
                given[stem] = (min(first, number), max(last, number))
    return journal.reserve(run, given, taken)


def _new_ids(book: CleanBook, sheet: SheetPlan) -> Iterable[str]:
    """Yield the ids that the sheet did not bring itself."""
    column, new = book.kit.by_key[sheet.table].id_column, sheet.decided.new
    if column not in new:
        return
    brought, given = sheet.incoming.data.get(column), new[column].dropna()
    if brought is not None:
        given = given[(brought.reindex(given.index) != given).fillna(value=True)]
    yield from map(str, given.to_numpy(dtype=object).tolist())


def _numbers(ids: Iterable[str], form: IdForm | None) -> Iterable[tuple[str, int]]:
    if form is None:
        return
    length = len(form.stem(date(2000, 1, 1)))
    for text in ids:
        if text[length:].isdecimal():
            yield text[:length], int(text[length:])


def _form(book: CleanBook, kind: str) -> IdForm | None:
    form = id_form(book, kind)
    table = book.tables.get(kind)
    if form is not None or table is None or table.spec.id_column not in table.data:
        return form
    return counted_through(distinct(table.data[table.spec.id_column]))
