"""What is said of a sheet that was recognised: of its headings, and of rows left out or changed."""

from collections.abc import Callable, Sequence

from sheetcrm.findings import Finding, Place, Severity, finding
from sheetcrm.kit.apart import beside_it
from sheetcrm.kit.locate import Located
from sheetcrm.kit.model import Kit
from sheetcrm.kit.person import OWNER, Person
from sheetcrm.kit.rows import DataRows
from sheetcrm.kit.unread import nameless, uncalculated
from sheetcrm.table import RawSheet, Table, column_letter

# What happens to a column without a heading.
_NOT_DONE = "没有检查，也没有汇总"


def heading_findings(
    table: Table, located: Located, person: Person | None, *, own: bool
) -> list[Finding]:
    """Say how the headings were understood, which are missing, and whose the rows are."""
    found: list[Finding] = []
    severity: Severity = "error" if own else "warning"
    texts: dict[str, str] = {}
    for match in located.matches:
        place = place_at(table, f"{column_letter(match.position)}{table.header_row}", match.text)
        if match.text in texts:
            other = texts[match.text]
            found.append(finding("HDR-03", place, match.text, severity=severity, other=other))
        elif match.column is None and not own:
            found.append(finding("HDR-04", place, match.text))
        elif match.column and match.how != "name" and not own:
            found.append(finding("HDR-05", place, match.text, expected=match.column.name))
        texts.setdefault(match.text, place.cell)
    start = f"{column_letter(located.matches[0].position)}{table.header_row}"
    if person:
        place = place_at(table, start, "负责人")
        found.append(finding("HDR-10", place, person=person.name, source=person.source))
    for column in located.spec.columns:
        if not own and (
            (person and column.key == OWNER)
            or (column.key == "company" and "contact" in located.keys)  # the customers are people
        ):
            continue
        if column.required == "always" and column.key not in located.keys:
            place = place_at(table, start, column.name)
            found.append(finding("HDR-02", place, severity=severity, expected=column.name))
    found += nameless(table, located.sheet, _NOT_DONE)
    if table.header_row > 1 and not own:
        found.append(finding("HDR-07", place_at(table, start, "")))
    return found


def row_findings(table: Table, sheet: RawSheet, rows: DataRows) -> list[Finding]:
    """Say which rows are no data, which were taken for others', and what stands beside them."""
    found: list[Finding] = []
    letter = column_letter(min(h.column for h in table.headings))

    def at(row: int) -> Place:
        return Place(table.file, table.sheet, f"{letter}{row}", row)

    if rows.blanks:
        found.append(finding("ROW-01", at(rows.blanks[0]), rows=_ranges(rows.blanks)))
    found += [finding("ROW-02", at(row)) for row in rows.examples]
    found += [finding("ROW-03", at(row), text) for row, text in rows.totals]
    found += [finding("ROW-05", at(row), text) for row, text in rows.notes]
    if rows.merged:
        place = place_at(table, rows.merged[0].split(":")[0], "")
        cells = "、".join(rows.merged[:10]) + ("等" if len(rows.merged) > 10 else "")
        found.append(finding("SHT-05", place, cells=cells))
    if rows.repeats:
        place = at(rows.repeats[0])
        found.append(finding("SHT-08", place, rows=_ranges(rows.repeats), count=len(rows.repeats)))
    found += _under_findings(table, rows, at)
    for apart in filter(None, (rows.apart, beside_it(sheet, table.header_row, table.headings))):
        place = place_at(table, apart.cell, "")
        found.append(finding("SHT-07", place, headings=apart.headings, rows=apart.rows))
    found += uncalculated(table, sheet)
    hidden = len(sheet.hidden_rows.intersection(table.raw.index)) if sheet.hidden_rows else 0
    if hidden:
        found.append(
            finding("SHT-04", place_at(table, at(table.header_row).cell, ""), count=hidden)
        )
    return found


def _under_findings(table: Table, rows: DataRows, at: Callable[[int], Place]) -> list[Finding]:
    """Say which rows were taken for the customer above, who is not named in them again."""
    under = tuple(rows.talks.heads) if rows.talks else rows.filled
    if not under:
        return []
    latest = "，最后跟进时间取最晚的" if table.has("last_follow_up") else ""
    effect = f"算他的几次跟进，不另计线索{latest}" if rows.talks else "按他的计"
    return [finding("ROW-06", at(under[0]), rows=_ranges(under), count=len(under), effect=effect)]


def place_at(table: Table, cell: str, column: str) -> Place:
    """Return the place of a cell of a sheet."""
    digits = cell.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    return Place(table.file, table.sheet, cell, int(digits), column)


def _ranges(rows: Sequence[int]) -> str:
    """Write row numbers as ranges: 5、7-9."""
    parts: list[list[int]] = []
    for row in rows:
        if parts and parts[-1][1] == row - 1:
            parts[-1][1] = row
        else:
            parts.append([row, row])
    texts = [str(a) if a == b else f"{a}-{b}" for a, b in parts]
    return "、".join(texts[:20]) + (f"等共{len(rows)}行" if len(texts) > 20 else "")


def several_sheets(table: Table, kit: Kit) -> list[Finding]:
    """Say which sheets were taken for one table (SHT-09)."""
    if not table.parts:
        return []
    place = Place(table.file, table.sheet, f"A{table.header_row}", table.header_row)
    sheets = "、".join(f"“{part.sheet}”{len(part.raw)}行" for part in table.parts)
    name = kit.by_key[table.kind].name
    return [finding("SHT-09", place, sheets=sheets, table=name, rows=len(table.raw))]


def once(findings: Sequence[Finding]) -> list[Finding]:
    """Leave out what a further sheet of a table says of a heading like the ones before it."""
    told: dict[tuple[str, str, str], str] = {}
    kept = []
    for f in findings:
        about = (f.code, f.column, f.message)
        first = told.setdefault(about, f.sheet)
        if first == f.sheet or not (f.column and f.code.startswith("HDR")):
            kept.append(f)
    return kept
