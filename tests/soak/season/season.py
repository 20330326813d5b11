"""A season of a team: people work, the manager runs `weekly`, everything is held to the model."""

import random
import shutil
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path

from click.testing import CliRunner

from sheetcrm.cli.main import main
from sheetcrm.findings import Finding, file_name
from sheetcrm.workflows.undo import undo
from sheetcrm.workflows.weekly import TEAM_BOOK, TeamResult, weekly
from tests.soak.season.books import make, write
from tests.soak.season.compare import figures_differ, log_differs, tabs_differ
from tests.soak.season.model import Book, Lead, Line, record
from tests.soak.season.people import Team, week
from tests.soak.season.sheets import Value, parts, read_tabs, sheet_parts, table, type_cells

START = date(2026, 3, 2)
PEOPLE = ("林晓舟", "王浩", "赵敏", "陈佳")
KINDS = ("new", "own", "months", "new")
RENAMED = {"商机": "打样"}
TABS = frozenset(
    (
        *("仪表盘", "漏斗分析", "转化分析", "逾期预警", "攻坚清单", "客户卡片", "校验结果"),
        *("阶段日志", "业绩", "趋势", "客户分层", "复盘", "目标对比", "抽检", "对账", "团队明细"),
    )
)
IMPORTED = (
    "公司名称,联系人,手机,来源,登记日期,销售\n",
    "{}机电有限公司,周七,1390013{:04d},展会推荐,{},{}\n",
)


@dataclass
class Season:
    """The team, where its workbooks are, and what the last run found by its identity."""

    folder: Path
    team: Team
    names: dict[str, str] = field(default_factory=dict)
    found: dict[str, Counter[tuple[str, ...]]] = field(default_factory=dict)
    shown: dict[str, list[Line]] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)

    @property
    def books(self) -> list[Book]:
        return self.team.books


def begin(folder: Path, seed: int, kinds: Sequence[str] = KINDS) -> Season:
    """Make the workbooks of the team, with the goals in the last one of ours."""
    folder.mkdir(parents=True)
    pairs = [pair for pair in zip(PEOPLE, kinds, strict=False) if pair[1]]
    people = tuple(person for person, _ in pairs)
    books = [Book(f"{person}.xlsx", kind, person) for person, kind in pairs]
    ours = [book for book in books if book.kind == "new"]
    goals = {(date(2026, month, 1), who): 1e5 * month for month in (3, 4, 5) for who in people}
    ours[-1].goals = goals
    for book in books:
        make(folder, book, people)
    return Season(folder, Team(random.Random(seed), books, people))


def work(season: Season, number: int) -> date:
    """Let a week pass, type it into the workbooks, and return the day of the run."""
    monday = START + timedelta(weeks=number)
    until = monday + timedelta(days=6 if number % 3 == 0 else 4)
    week(season.team, monday, until)
    type_all(season)
    return until


def type_all(season: Season) -> None:
    for book in season.books:
        dice = season.team.dice
        hidden = frozenset(n for n in range(4, 9) if dice.random() < 0.2)
        write(season.folder, book, hidden, season.names if book is season.books[0] else {})


def run(season: Season, day: date, jobs: int = 1) -> TeamResult:
    """Run `weekly`, and hold the log, the figures, the tabs and the findings to the model."""
    before = {book.file: parts(season.folder / book.file) for book in season.books}
    result = weekly(season.folder, day, jobs=jobs)
    wrong: list[str] = []
    for book in season.books:
        tabs = read_tabs(season.folder / book.file)
        if book.kind == "new":
            wrong += _number(book, [row[0] for row in tabs["线索跟踪"][3:]])
        after = parts(season.folder / book.file)
        wrong += (f"{book.owner} {text}" for text in _touched(book, before[book.file], after))
        added = record(book, day)
        shown = [_shown(line, season, book) for line in added]
        old = season.shown.setdefault(book.file, [])
        wrong += (f"{book.owner} {text}" for text in log_differs(tabs["阶段日志"], old, shown))
        book.log += added
        old += shown
    wrong += figures_differ(season.books, result, day, season.names)
    wrong += tabs_differ(season.folder, season.books, day, season.names)
    wrong += _states(season, result)
    season.wrong += (f"{day} {text}" for text in wrong)
    return result


def again(season: Season, day: date) -> None:
    """Run `weekly` once more: no workbook changes by a byte."""
    once = {path.name: path.read_bytes() for path in season.folder.glob("*.xlsx")}
    weekly(season.folder, day)
    for name, data in once.items():
        if (season.folder / name).read_bytes() != data:
            season.wrong.append(f"{day} {name}: a second run changes it")


def take_back(season: Season, book: Book, day: date, before: bytes) -> None:
    """Undo the run on a workbook, which is as before it then, and run it again."""
    path = season.folder / book.file
    undo(path)
    if path.read_bytes() != before:
        season.wrong.append(f"{day} {book.owner}: not as before after an undo")
    season.found = _found(weekly(season.folder, day))
    tabs = read_tabs(path)
    _renumber(season, book, [str(row[0]) for row in tabs["线索跟踪"][3:]])
    wrong = log_differs(tabs["阶段日志"], season.shown[book.file], [])
    season.wrong += (f"{day} {book.owner} {text}" for text in wrong)


def _renumber(season: Season, book: Book, ids: Sequence[str]) -> None:
    """Take over the ids given out once more: those of the run that was undone are used up."""
    for lead, told in zip(book.leads, ids, strict=True):
        for lines in (book.log, season.shown[book.file]):
            lines[:] = [replace(x, id=told) if x.id == lead.id else x for x in lines]
        lead.id = told


def elsewhere(season: Season, day: date, jobs: int) -> None:
    """Copy the workbooks to another folder under other names, rows in any order: same figures."""
    folder = season.folder.parent / "别处"
    folder.mkdir()
    for book in season.books:
        name = {"陈佳.xlsx": "丁.xlsx", "王浩.xlsx": "乙.xlsx"}.get(book.file, book.file)
        shutil.copy(season.folder / book.file, folder / name)
        book.file = name
        season.team.dice.shuffle(book.leads)
        season.team.dice.shuffle(book.talks)
        renamed = season.names if book.owner == PEOPLE[0] else {}
        write(folder, book, names=renamed)
    season.books.sort(key=lambda book: book.file)
    result = weekly(folder, day, jobs=jobs)
    wrong = list(figures_differ(season.books, result, day, season.names))
    wrong += tabs_differ(folder, season.books, day, season.names)
    season.wrong += (f"{day} elsewhere: {text}" for text in wrong)


def manage(season: Season) -> None:
    """Change the limits, switch a check off and give a stage another name, in 设置 and 规则."""
    for book in [book for book in season.books if book.kind == "new"]:
        path = season.folder / book.file
        tabs = read_tabs(path)
        stage = next(n for n, row in enumerate(tabs["设置"], 1) if row[6] == "商机")
        aliases = f"{tabs['设置'][stage - 1][16]}、商机"
        cells: dict[str, Value] = {
            f"G{stage}": "打样",
            f"H{stage}": "打样",
            f"Q{stage}": aliases,
            "B8": 10,
        }
        book.limits["dwell_days"] = 10.0
        if book is season.books[0]:
            cells["B6"] = 5
            book.limits["silent_days_manager"] = 5.0
        type_cells(path, "设置", cells)
        rule = next(n for n, row in enumerate(tabs["规则"], 1) if row[0] == "GRD-04")
        type_cells(path, "规则", {f"G{rule}": "否"})
    season.names = dict(RENAMED)


def bring_in(season: Season, day: date) -> None:
    """Import a list of leads into the last workbook of ours; take it back, and import it again."""
    book = [book for book in season.books if book.kind == "new"][-1]
    path, sheet = season.folder / book.file, season.folder.parent / "展会.csv"
    text = IMPORTED[0]
    new = []
    for n, city in enumerate(("合肥", "南昌", "太原")):
        text += IMPORTED[1].format(city, n, day, book.owner)
        made = Lead(
            f"{city}机电有限公司",
            "展会推荐",
            "周七",
            f"1390013{n:04d}",
            day,
            "",
            "线索",
            book.owner,
        )
        new.append(made)
    sheet.write_text(text, encoding="utf-8-sig")
    before = path.read_bytes()
    said = _cli("import", sheet, "--into", path, "--apply", "--as-of", str(day))
    undo(path)
    if path.read_bytes() != before:
        season.wrong.append(f"{day} {book.owner}: not as before the import after an undo")
    said = _cli("import", sheet, "--into", path, "--apply", "--as-of", str(day))
    grid = read_tabs(path)["线索跟踪"][3:]
    added = grid[len(book.leads) :]
    if [row[2] for row in added] != [lead.company for lead in new]:
        season.wrong.append(f"{day} imported {[row[2] for row in added]}: {said}")
        return
    for lead, row in zip(new, added, strict=True):
        lead.id, lead.grade = str(row[0]), str(row[8] or "")
        lead.entered, lead.need = row[7], str(row[5] or "")  # type: ignore[assignment]
    book.leads += new


def _cli(*words: object) -> str:
    done = CliRunner().invoke(main, [str(word) for word in words])
    assert done.exit_code in (0, 1), done.output
    return done.output


def _number(book: Book, ids: Sequence[object]) -> Iterator[str]:
    """Take over the ids that the run gave out."""
    taken = Counter(lead.id for lead in book.leads if lead.id)
    for lead, told in zip(book.leads, ids, strict=True):
        if not lead.id:
            lead.id = str(told or "")
            if not lead.id.startswith("线索-2026-") or taken[lead.id]:
                yield f"{lead.company} was given {told!r}"
            taken[lead.id] += 1
        elif lead.id != told:
            yield f"{lead.company} was {lead.id}, is {told!r}"


def _touched(book: Book, before: dict[str, bytes], after: dict[str, bytes]) -> Iterator[str]:
    """Say which sheets of people's own are not as they were, byte by byte."""
    now = sheet_parts(after)
    for name, part in sheet_parts(before).items():
        if name in TABS:
            continue
        given = name == "线索跟踪" and book.kind == "new"
        if name not in now:
            yield f"{name} is gone"
        elif before[part] != after[now[name]] and not given:
            yield f"{name} was touched"


def _shown(line: Line, season: Season, book: Book) -> Line:
    """Return a line as it is shown: with the names the stages of that workbook have now."""
    if book.kind != "new" or line.item not in ("阶段", "新增", "删除"):
        return line
    old, new = (season.names.get(str(text), text) for text in (line.old, line.new))
    return replace(line, old=old, new=new)


def _states(season: Season, result: TeamResult) -> Iterator[str]:
    """Count what is new, open and fixed of everybody, and compare with 校验结果 and the JSON."""
    now = _found(result)
    before, season.found = season.found, now
    was, is_ = (sum(c.values(), Counter()) for c in (before, now))
    new, fixed = is_ - was, was - is_
    told = {p.owner: (p.new, p.open, p.fixed) for p in result.people}
    everybody = tuple(map(sum, zip(*told.values(), strict=True)))
    meant = (new.total(), is_.total() - new.total(), fixed.total())
    if everybody != meant:
        yield f"findings: {meant} != {everybody}"
    for owner, counts in now.items():
        if told.get(owner, (0, 0, 0))[0] + told.get(owner, (0, 0, 0))[1] != counts.total():
            yield f"findings of {owner}: {counts.total()} != {told.get(owner)}"
    tab = table(read_tabs(season.folder / TEAM_BOOK)["校验结果"], "负责人")[2]
    shown = {row[0]: tuple(row[4:7]) for row in tab if row[0] != "合计"}
    if shown != told:
        yield f"校验结果: {told} != {shown}"


def _found(result: TeamResult) -> dict[str, Counter[tuple[str, ...]]]:
    """Count the findings of everybody by what they are known by from run to run."""
    found: dict[str, Counter[tuple[str, ...]]] = {}
    for each in result.findings:
        found.setdefault(each.owner or "（未指定）", Counter())[_identity(each)] += 1
    return found


def _identity(each: Finding) -> tuple[str, ...]:
    row = each.key or each.cell
    return (each.code, file_name(each.file), each.sheet, row, each.column)
