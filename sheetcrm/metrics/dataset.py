"""The tables of all books as one: typed frames by table kind, every row tied to its lead."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from sheetcrm.clean import CleanBook, CleanTable
from sheetcrm.clean.products import a_row_a_product, with_product
from sheetcrm.findings import file_name
from sheetcrm.kit.model import Kit
from sheetcrm.metrics.dated import handed_over, logged_stages, stage_dates
from sheetcrm.metrics.stages import Placement, place
from sheetcrm.metrics.target_copies import told_once
from sheetcrm.metrics.told import contact_unknown, with_told
from sheetcrm.table import sheets_and_rows

TEXT, DAY, NUMBER = "str", "datetime64[us]", "float64"
# What the figures read; a column that a sheet lacks is there all the same, blank.
NEEDED: Mapping[str, Mapping[str, str]] = {
    "lead": {
        **dict.fromkeys(("lead_id", "company", "contact", "owner", "source", "industry"), TEXT),
        **dict.fromkeys(("region", "product", "grade", "status"), TEXT),
        **dict.fromkeys(("lost_reason", "lost_stage", "pain_point"), TEXT),
        **dict.fromkeys(("acquired_on", "won_on", "last_follow_up", "next_follow_up"), DAY),
        **dict.fromkeys(("entered_stage_on", "entered_on"), DAY),
        **dict.fromkeys(("expected_amount", "amount", "paid_amount"), NUMBER),
    },
    "stage_progress": {
        **dict.fromkeys(("lead_id", "company", "owner", "responsible", "stage"), TEXT),
        **dict.fromkeys(("entered_stage_on", "left_stage_on"), DAY),
    },
    "status_change": {
        **dict.fromkeys(("lead_id", "account_id", "company", "from_status", "to_status"), TEXT),
        **dict.fromkeys(("changed_at",), DAY),
    },
    "follow_up": {
        **dict.fromkeys(("lead_id", "account_id", "company", "owner", "method"), TEXT),
        **dict.fromkeys(("followed_on", "next_follow_up"), DAY),
    },
    "request": {
        **dict.fromkeys(("request_id", "lead_id", "company", "department", "content"), TEXT),
        **dict.fromkeys(("requester", "responsible", "priority", "status"), TEXT),
        **dict.fromkeys(("requested_on", "responded_at", "due_on", "done_on"), DAY),
    },
    "contract": {
        **dict.fromkeys(("contract_id", "lead_id", "company", "responsible"), TEXT),
        **dict.fromkeys(("submitted_on", "legal_done_on", "approved_on"), DAY),
        **dict.fromkeys(("signed_on", "delivery_started_on"), DAY),
    },
    "account": dict.fromkeys(("account_id", "company"), TEXT),
    "target": {
        **dict.fromkeys(("owner", "team", "stage"), TEXT),
        "month": DAY,
        **dict.fromkeys(("stage_target", "sales_target", "paid_target"), NUMBER),
        **dict.fromkeys(("conversion_baseline", "conversion_target"), NUMBER),
        **dict.fromkeys(("response_baseline", "response_target"), NUMBER),
        **dict.fromkeys(("approval_baseline", "approval_target"), NUMBER),
    },
}
# What is said of a whole sheet that does not count, or not as leads.
_SHEETS_APART = (("SHT-03", "error"), ("HDR-11", "warning"), ("HDR-12", "warning"))
CHILDREN = ("stage_progress", "status_change", "follow_up", "request")


@dataclass(frozen=True)
class Dataset:
    """All books as one set of frames.

    `frames` has one frame a table kind, with columns file, sheet, row (Excel's) and at least
    those of NEEDED. Frames of CHILDREN also have `lead`: the position in frames["lead"] of the
    first row with that lead's identity, -1 where there is none; the follow-ups those that stand in
    the leads' own rows, too. The lead frame has `key` (that first position for itself), `position`
    (funnel stage now; -1 lost, NaN unknown), `outcome`, `lost_position` and `contact_unknown`
    (talks that nobody could date). Stage columns of the others are placed the same way, as
    `position` (and `old_position`). `kit` is the first book's; its pipeline is the report's funnel.
    `columns` are the column keys that at least one lead sheet has. `target_notes` say in Chinese
    what became of targets that several files tell (metrics.target_copies). `books` are what it was
    made from.
    Two frames are no tables: `stage_date` (metrics.dated.stage_dates), `stage_log` (logged_stages).
    """

    files: tuple[str, ...]
    kit: Kit
    frames: Mapping[str, pd.DataFrame] = field(repr=False)
    columns: frozenset[str] = frozenset()
    assumptions: tuple[str, ...] = ()
    target_notes: tuple[str, ...] = ()
    books: tuple[CleanBook, ...] = field(default=(), repr=False, compare=False)

    def files_with(self, kind: str, column: str) -> frozenset[str]:
        """Return the files whose table of a kind has a column, by their keys."""
        return frozenset(
            book.file
            for book in self.books
            if kind in book.tables and column in book.tables[kind].data
        )


def dataset(books: Sequence[CleanBook]) -> Dataset:
    """Put the books' tables together and tie every row to its lead.

    A lead is (file, 线索编号), or (file, 客户名称) where a row has no id: equal ids of two files
    are two leads, and an assumption counts them. What a file's log knows of a lead that stands in
    another file by now is that one's.

    Raises:
        ValueError: No book was given.
    """
    if not books:
        raise ValueError("dataset() needs at least one book")
    kit = books[0].kit
    placements = {book.file: place(book.kit.pipeline, kit.pipeline) for book in books}
    frames = {kind: _frame(books, kind) for kind in _kinds(books)}
    frames["stage_log"] = logged_stages(books)
    frames["lead"] = _with_progress_leads(frames["lead"], frames["stage_progress"])
    columns = frozenset(str(k) for b in books if "lead" in b.tables for k in b.tables["lead"].data)
    _place_all(frames, placements)
    if len(books) > 1:
        frames["stage_log"] = handed_over(frames["stage_log"], frames["lead"])
    frames["lead"]["key"] = _own_key(frames["lead"])
    for kind in (*CHILDREN, "stage_log"):
        frames[kind]["lead"] = _attach(frames[kind], frames["lead"], frames["account"])
    frames["follow_up"] = with_told(frames["follow_up"], books, frames["lead"])
    frames["lead"]["contact_unknown"] = contact_unknown(books, frames["lead"])
    frames["target"], target_notes = told_once(frames["target"], frames["lead"])
    frames["stage_date"] = stage_dates(books, frames["lead"], placements)
    return Dataset(
        files=tuple(book.file for book in books),
        kit=kit,
        frames=frames,
        columns=columns,
        assumptions=(*_assumptions(books, placements, frames), *target_notes),
        target_notes=target_notes,
        books=tuple(books),
    )


def _kinds(books: Sequence[CleanBook]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*NEEDED, *(kind for book in books for kind in book.tables))))


def _frame(books: Sequence[CleanBook], kind: str) -> pd.DataFrame:
    """Concatenate one kind of table, with its provenance and every needed column."""
    parts = [
        book.tables[kind].data.assign(file=book.file, **_places(book.tables[kind]))
        for book in books
        if kind in book.tables and len(book.tables[kind].data)
    ]
    if not parts:
        return _nothing(kind).copy(deep=False)
    frame = parts[0].reset_index(drop=True)
    if len(parts) > 1:
        frame = pd.concat(parts, ignore_index=True)
    types = _types(kind)
    blanks = {
        key: pd.Series(index=frame.index, dtype=dtype)
        for key, dtype in types.items()
        if key not in frame
    }
    frame = frame.assign(**blanks)
    held = dict(zip(frame.columns, frame.dtypes, strict=True))
    other = {key: dtype for key, dtype in types.items() if held[key] != dtype}
    return frame.astype(other) if other else frame


def _places(table: CleanTable) -> dict[str, Any]:
    """Return the sheet and Excel's row number of every row."""
    index, parts = table.data.index.to_numpy(), table.source.sheets
    if len(parts) == 1:
        return {"sheet": parts[0].sheet, "row": index}
    names = np.array([part.sheet for part in parts], dtype=object)
    at, rows = sheets_and_rows(index)
    return {"sheet": names[at], "row": rows}


def _types(kind: str) -> dict[str, str]:
    return {**NEEDED.get(kind, {}), "file": TEXT, "sheet": TEXT, "row": "int64"}


@cache
def _nothing(kind: str) -> pd.DataFrame:
    """Return the frame of a kind that no book has rows of."""
    return pd.DataFrame({key: pd.Series(dtype=dtype) for key, dtype in _types(kind).items()})


def _with_progress_leads(leads: pd.DataFrame, progress: pd.DataFrame) -> pd.DataFrame:
    """Add a lead per customer of every file that has 阶段进度 but no lead table.

    Such a lead stands at its latest stage row and was acquired on the first.
    """
    rows = progress[~progress["file"].isin(leads["file"].unique())]
    if rows.empty:
        return leads
    rows = rows.assign(
        who=rows["lead_id"].fillna(rows["company"]),
        owner=rows["owner"].fillna(rows["responsible"]),
    ).dropna(subset="who")
    rows = rows.sort_values("entered_stage_on", kind="stable", na_position="first")
    grouped = rows.groupby(["file", "who"], sort=False)
    latest = grouped.tail(1).set_index(["file", "who"])
    latest = latest.assign(acquired_on=grouped["entered_stage_on"].min(), status=latest["stage"])
    latest = latest.drop(columns="entered_stage_on").reset_index().sort_values(["file", "row"])
    shared = [key for key in latest if key in leads]
    added = latest[shared].reindex(columns=leads.columns)
    return pd.concat([leads, added], ignore_index=True).astype(leads.dtypes.to_dict())


def _place_all(frames: dict[str, pd.DataFrame], placements: Mapping[str, Placement]) -> None:
    """Add the funnel positions of every stage column, each by its own book's pipeline."""
    wanted = (
        ("lead", "status", "position"),
        ("lead", "lost_stage", "lost_position"),
        ("stage_progress", "stage", "position"),
        ("status_change", "to_status", "position"),
        ("status_change", "from_status", "old_position"),
        ("stage_log", "new", "position"),
        ("stage_log", "old", "old_position"),
        ("target", "stage", "position"),
    )
    for kind, label, name in wanted:
        frame = frames[kind]
        placed = np.full(len(frame), np.nan)
        for file, rows in _by_file(frame):
            placed[rows] = placements[file].position(frame[label][rows])
        frame[name] = placed
    leads = frames["lead"]
    outcome = np.full(len(leads), np.nan, dtype="object")
    for file, rows in _by_file(leads):
        outcome[rows] = placements[file].outcome(leads["status"][rows]).to_numpy("object")
    leads["outcome"] = pd.Series(outcome, index=leads.index, dtype="str")


def _by_file(frame: pd.DataFrame) -> Iterator[tuple[str, npt.NDArray[np.bool_]]]:
    """Yield each file that has rows, with a mask of them."""
    codes, files = pd.factorize(frame["file"].to_numpy("object"))
    for at, file in enumerate(files):
        yield str(file), codes == at


def _own_key(leads: pd.DataFrame) -> np.ndarray:
    """Return the position of the first row with the same lead identity."""
    id_ = leads["lead_id"].to_numpy("object")
    known = leads["lead_id"].notna().to_numpy()
    text = np.where(known, id_, leads["company"].to_numpy("object"))
    for _, rows in _by_file(leads):
        if a_row_a_product(leads.loc[rows, ["company", "product"]]):
            mine = pd.Series(text[rows], dtype="str").set_axis(leads.index[rows])
            text[rows] = with_product(mine, leads.loc[rows])
    who, names = pd.factorize(text)
    files, _ = pd.factorize(leads["file"].to_numpy("object"))
    identity = (files * 2 + known) * (len(names) + 1) + who
    _, first, of_row = np.unique(identity, return_index=True, return_inverse=True)
    return np.where(who < 0, np.arange(len(leads)), first[of_row]).astype("int64")


def _find(known: pd.DataFrame, wanted: pd.DataFrame, column: str) -> np.ndarray:
    """Return the first row of `known` with the file and text of each wanted row, else -1.

    Both frames have `file` and the column; blank text is never found.
    """
    texts, values = pd.factorize(pd.concat([known[column], wanted[column]], ignore_index=True))
    files, _ = pd.factorize(pd.concat([known["file"], wanted["file"]], ignore_index=True))
    codes = np.where(texts < 0, -1, files * (len(values) + 1) + texts)
    split = len(known)
    at = pd.Series(codes[:split])
    at = at[at >= 0].drop_duplicates()
    found = pd.Index(at).get_indexer(pd.Index(codes[split:]))
    return np.append(at.index.to_numpy("int64"), -1)[found]


def _attach(child: pd.DataFrame, leads: pd.DataFrame, accounts: pd.DataFrame) -> np.ndarray:
    """Return each row's lead: by id, else by customer, within its own file.

    A file without leads of its own (a follow-up log kept apart) is matched over all files, where
    the id or the customer is only one lead's.
    """
    lead = np.full(len(child), -1, dtype="int64")
    if child.empty:
        return lead
    apart = ~child["file"].isin(leads["file"].unique()).to_numpy()
    has_id = child["lead_id"].notna().to_numpy()
    child = child[["file", "lead_id"]].assign(company=_companies(child, accounts, ~has_id))
    for column, rows in (("lead_id", has_id), ("company", ~has_id)):
        known, own, other = leads[["file", column]], rows & ~apart, rows & apart
        if own.any():
            lead[own] = _find(known, child[own], column)
        if other.any():
            once = known[~known[column].duplicated(keep=False)].assign(file="")
            at = _find(once.reset_index(drop=True), child[other].assign(file=""), column)
            lead[other] = np.append(once.index.to_numpy("int64"), -1)[at]
    return np.where(lead < 0, -1, np.append(leads["key"].to_numpy("int64"), -1)[lead])


def _companies(child: pd.DataFrame, accounts: pd.DataFrame, rows: np.ndarray) -> pd.Series:
    """Return 客户名称 of the rows, looked up by 客户编号 where it is blank."""
    company = child["company"]
    if "account_id" not in child or not rows.any() or accounts.empty:
        return company
    named = np.append(accounts["company"].to_numpy("object"), [None])
    at = _find(accounts, child, "account_id")
    return company.fillna(pd.Series(named[at], index=child.index, dtype="str"))


def _assumptions(
    books: Sequence[CleanBook],
    placements: Mapping[str, Placement],
    frames: Mapping[str, pd.DataFrame],
) -> tuple[str, ...]:
    """Say in Chinese what had to be assumed to put the tables together."""
    leads = frames["lead"]
    guesses = (book.kit.pipeline.inferred for book in books)
    said = [guess.removesuffix("。") + "。" for guess in guesses if guess]
    said += [
        f"【{f.sheet}】{f.message}。"
        for book in books
        for f in book.findings
        if (f.code, f.severity) in _SHEETS_APART
    ]
    said += [
        f"【{file_name(f.file)}】{f.message}。"
        for book in books
        for f in book.findings
        if f.code
        in ("HDR-10", "HDR-13", "HDR-14", "ROW-06", "SHT-07", "SHT-08", "SHT-09", "STG-11")
    ]
    for file, placement in placements.items():
        pairs = "、".join(f"“{a}”按“{b}”计" for a, b in placement.renamed)
        if pairs:
            said.append(f"【{file_name(file)}】的阶段名称与汇总所用的不同：{pairs}。")
    if len(books) > 1 and (shared := _shared_ids(leads)):
        said.append(f"有{shared}个线索编号出现在不止一个文件中，各文件分别计为不同线索。")
    said += _about_rows(leads)
    names = {"stage_progress": "阶段进度", "status_change": "状态变更", "follow_up": "跟进记录"}
    for kind, name in names.items():
        if orphans := int((frames[kind]["lead"] < 0).sum()):
            said.append(f"有{orphans}行{name}找不到对应的线索，未计入。")
    log = frames["stage_log"]
    if gone := _gone(log):
        said.append(f"阶段日志记得的{gone}条线索已不在表中（删除或改了编号），未计入。")
    if len({_thresholds(book.kit) for book in books}) > 1:
        said.append(f"各文件“设置”中的天数不同，统一按【{file_name(books[0].file)}】的设置计算。")
    return tuple(dict.fromkeys(said))


def _about_rows(leads: pd.DataFrame) -> list[str]:
    """Say what was assumed of lead rows: repeated ones, a row a product, unknown stages."""
    said: list[str] = []
    if repeated := int((leads["key"] != np.arange(len(leads))).sum()):
        said.append(f"有{repeated}行线索与同一文件中前面的行重复，仍按行计数；请先处理重复。")
    for file, rows in _by_file(leads):
        if a_row_a_product(mine := leads.loc[rows, ["company", "product"]]):
            rows_said = f"{mine['company'].nunique()}个客户{len(mine)}行"
            said.append(
                f"【{file_name(file)}】同一个客户的不同产品各占一行，每行算一条线索：{rows_said}。"
            )
    unknown = leads["status"].notna() & leads["position"].isna()
    if count := int(unknown.sum()):
        labels = "、".join(f"“{x}”" for x in leads.loc[unknown, "status"].unique()[:5])
        said.append(f"有{count}条线索的状态{labels}不在阶段清单中，按进行中计，所处阶段记为未填。")
    return said


def _shared_ids(leads: pd.DataFrame) -> int:
    """Count the ids that stand in several files."""
    return int((leads.groupby("lead_id")["file"].nunique() > 1).sum())


def _gone(log: pd.DataFrame) -> int:
    """Count the leads that only the stage log remembers."""
    lost = log["lead"] < 0
    return int(lost.groupby([log["file"], _who(log)]).first().sum()) if lost.any() else 0


def _who(rows: pd.DataFrame) -> pd.Series:
    return rows["lead_id"].fillna(rows["company"])


def _thresholds(kit: Kit) -> tuple[tuple[str, str], ...]:
    return tuple((s.key, str(s.value)) for s in kit.settings)
