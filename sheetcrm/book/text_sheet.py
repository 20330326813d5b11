"""The text of a CSV file to a sheet of texts: separator, quotes, what programs put around cells.

Nothing is taken for a number or a date: leading zeros and long numbers stay as they are.
"""

import csv
import io
import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import TypeAlias

from sheetcrm.book.container import EXPORT_AGAIN, FETCH_AGAIN
from sheetcrm.book.guard import MAX_CELLS
from sheetcrm.errors import FileProblem
from sheetcrm.table import LAST_COLUMN, LAST_ROW, Cell, CellRows
from sheetcrm.values.csv_text import unwrap

SEPARATORS = {",": "逗号", "\t": "制表符", ";": "分号", "|": "竖线", "，": "全角逗号"}

_SAMPLE_CHARS, _SAMPLE_RECORDS = 1 << 18, 300
_MAX_FIELD = 16 << 20  # characters of one cell; Excel holds 32,767, logs pasted into one a bit more
_SEP_LINE = re.compile(r"\s*\"?sep=\"?(?P<mark>.)\"?[ \t]*(?:\r\n|\r|\n|\Z)", re.IGNORECASE)
_UNBALANCED = "请用记事本打开，补上或删去第{line}行多余的引号再试；或从原来的系统导出 .xlsx"


@dataclass(frozen=True)
class TextSheet:
    """The rows of a text file and, in Chinese, what was assumed to read them."""

    rows: CellRows
    separator: str
    assumptions: tuple[str, ...] = ()


# the records without blank cells at their ends, and how many of them were how wide before
_Records: TypeAlias = tuple[list[list[str]], Counter[int]]


@dataclass(frozen=True)
class _Dialect:
    """How cells are told apart: `escape` is the character that takes a quote's meaning away."""

    separator: str
    quote: str = '"'
    escape: str | None = None
    spaced: bool = False

    def reader(self, text: str, *, strict: bool) -> Iterator[list[str]]:
        return csv.reader(
            io.StringIO(text, newline=""),
            delimiter=self.separator,
            quotechar=self.quote,
            escapechar=self.escape,
            skipinitialspace=self.spaced,
            strict=strict,
        )


def text_sheet(text: str, path: str) -> TextSheet:
    """Read the table in a text.

    Args:
        text: The whole file, decoded, without its byte order mark.
        path: The file as the user named it, for messages.

    Raises:
        FileProblem: A quote that swallows the lines below it, or more than a sheet can hold.
    """
    notes: list[str] = []
    nulls = text.count("\x00")
    if nulls:
        text = text.replace("\x00", "")
        notes.append(f"去掉了{nulls}个无效字符（NUL）")
    told = _SEP_LINE.match(text)
    if told:
        text = text[told.end() :]
    with _long_fields():
        dialect = _dialect(text, told["mark"] if told else "")
        records, widths = _records(text, dialect, path)
    notes += _too_long(records, widths)
    if not records:
        raise FileProblem(path, "文件是空的，没有任何内容", FETCH_AGAIN)
    rows, unwrapped = _cells(records, text)
    if unwrapped:
        notes.append(f'有{unwrapped}格带着防止变成数字或公式的记号（如 ="…"、单引号），已去掉')
    return TextSheet(CellRows(rows), _shown(dialect, told=told is not None), tuple(notes))


def _shown(dialect: _Dialect, *, told: bool) -> str:
    name = SEPARATORS.get(dialect.separator, f"“{dialect.separator}”")
    quoted = "、单引号括起文字" if dialect.quote == "'" else ""
    return f"{name}分隔{'（首行 sep= 指定）' if told else ''}{quoted}"


@contextmanager
def _long_fields() -> Iterator[None]:
    before = csv.field_size_limit(_MAX_FIELD)
    try:
        yield
    finally:
        csv.field_size_limit(before)


def _dialect(text: str, told: str) -> _Dialect:
    sample = text[:_SAMPLE_CHARS]
    whole = len(sample) == len(text)
    separator = told or max(
        SEPARATORS, key=lambda mark: _consistency(_widths(sample, mark, whole=whole))
    )
    mark = re.escape(separator)
    in_single = rf"(?:^|{mark})'(?:[^'\\\r\n]|\\.|'')*'(?=$|{mark}|\r)"
    single = len(re.findall(in_single, sample, re.MULTILINE))
    if single and 2 * single > len(re.findall(rf"(?:^|{mark})[^\r\n]", sample, re.MULTILINE)):
        return _Dialect(separator, "'", "\\")
    spaced = f'{separator} "' in sample and f'{separator}"' not in sample
    return _Dialect(separator, spaced=spaced and separator != "\t")


def _widths(sample: str, separator: str, *, whole: bool) -> list[int]:
    """Return how many cells the first lines have, cut by a separator; blank lines do not count."""
    records = _Dialect(separator).reader(sample, strict=False)
    widths = []
    try:
        widths = [len(r) for r in islice(records, _SAMPLE_RECORDS) if any(r)]
    except csv.Error:
        return widths
    return widths if whole or len(widths) in (1, _SAMPLE_RECORDS) else widths[:-1]


def _consistency(widths: Sequence[int]) -> float:
    """Say how well lines agree on a number of columns: their share, and more for more columns."""
    if not widths:
        return 0.0
    most, count = Counter(widths).most_common(1)[0]
    if most == 1 and max(widths) > 1:  # titles above a short table
        most, count = Counter(w for w in widths if w > 1).most_common(1)[0]
        count = count if 3 * count > len(widths) else 0
    return count / len(widths) * math.log2(most)


def _records(text: str, dialect: _Dialect, path: str) -> _Records:
    """Return the records; a quote nobody closed is never taken for one giant cell."""
    try:
        return _checked(text, dialect, path, strict=True)
    except csv.Error as error:
        if "field larger" in str(error):
            raise _giant(path) from error
        if "unexpected end" in str(error):
            raise _unbalanced(text, dialect, path, "") from error
    tries = [dialect]
    if '\\"' in text:
        tries.insert(0, _Dialect(dialect.separator, escape="\\", spaced=dialect.spaced))
    for strict, attempt in ((True, tries[0]), (False, tries[-1])):
        try:
            return _checked(text, attempt, path, strict=strict)
        except csv.Error:
            continue
    raise _unbalanced(text, dialect, path, "")


def _checked(text: str, dialect: _Dialect, path: str, *, strict: bool) -> _Records:
    records: list[list[str]] = []
    widths: Counter[int] = Counter()
    cells = 0
    for record in dialect.reader(text, strict=strict):
        widths[len(record)] += 1
        if not record or not record[-1]:
            _trim(record)
        cells += len(record)
        if len(record) > LAST_COLUMN:
            reason = f"一行有{len(record)}列，超过 Excel 的 {LAST_COLUMN} 列"
            raise FileProblem(path, reason, EXPORT_AGAIN)
        if cells > MAX_CELLS or len(records) >= LAST_ROW:
            reason = f"文件太大：超过 {LAST_ROW} 行，或 {MAX_CELLS // 10_000} 万格"
            raise FileProblem(path, reason, "请拆成几个文件再导入")
        records.append(record)
    while records and not records[-1]:
        records.pop()
    if dialect.quote in text:
        swallowed = _swallowing(records, dialect.separator, sure=strict)
        if swallowed:
            raise _unbalanced(text, dialect, path, swallowed)
    return records, widths


def _trim(record: list[str]) -> None:
    while record and not record[-1]:
        record.pop()


def _swallowing(records: Sequence[Sequence[str]], separator: str, *, sure: bool) -> str:
    """Return a cell with whole lines of the table inside it, "" where there is none."""
    width = max((len(r) for r in records[:_SAMPLE_RECORDS]), default=0)
    fewest = max(2, (width - 1) if sure else (width - 1) // 2)
    for record in records:
        for cell in record:
            if "\n" in cell or "\r" in cell:
                lines = cell.splitlines()[1 if sure else 0 :]
                if any(line.count(separator) >= fewest for line in lines):
                    return cell
    return ""


def _unbalanced(text: str, dialect: _Dialect, path: str, cell: str) -> FileProblem:
    """Return the problem of a quote without its partner; its line is where the record begins."""
    reader = csv.reader(
        io.StringIO(text, newline=""),
        delimiter=dialect.separator,
        quotechar=dialect.quote,
        escapechar=dialect.escape,
        skipinitialspace=dialect.spaced,
        strict=not cell,
    )
    line = 1
    try:
        for record in reader:
            if cell and cell in record:
                break
            line = reader.line_num + 1
    except csv.Error:
        pass
    reason = f"第{line}行有一个引号没有成对，后面的行会被并进同一格"
    return FileProblem(path, reason, _UNBALANCED.format(line=line))


def _giant(path: str) -> FileProblem:
    return FileProblem(path, "文件里有一格异常巨大", EXPORT_AGAIN)


def _too_long(records: Sequence[Sequence[str]], widths: Mapping[int, int]) -> list[str]:
    """Mention lines with more cells than the rest: a separator inside a text shifts the cells."""
    usual = max(widths, key=lambda w: (widths[w], w), default=0)
    long = [n for n, record in enumerate(records, 1) if len(record) > usual]
    if usual < 2 or not long or 4 * len(long) > 3 * len(records):
        return []
    named = "、".join(map(str, long[:5])) + ("等" if len(long) > 5 else "")
    return [
        f"有{len(long)}行比其他行多出几格（第{named}行），可能是内容里有分隔符，请核对有没有错位"
    ]


def _cells(records: Sequence[list[str]], text: str) -> tuple[list[list[Cell]], int]:
    """Return the cells, blank ones None, and how many were freed of what kept them texts."""
    if not any(mark in text for mark in ("='", '="', "'", "\t")):
        return [[cell or None for cell in record] for record in records], 0
    count, rows = 0, []
    for record in records:
        row: list[Cell] = []
        for cell in record:
            if cell and (cell[0] in "='\t" or cell[-1] == "\t"):
                plain = unwrap(cell)
                count += plain != cell
                row.append(plain or None)
            else:
                row.append(cell or None)
        rows.append(row)
    return rows, count
