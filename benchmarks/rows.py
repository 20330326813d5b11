"""The rows of the table: what is measured beside what, and which ratio must hold."""

import math
import sys
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from benchmarks import data
from benchmarks.measure import Taken, command, in_child, side_by_side


@dataclass(frozen=True)
class Size:
    """How much of everything: the issue's numbers, or fewer to develop with."""

    runs: int = 5
    big: int = 100_000
    heavy: int = 120_000
    new: int = 20_000
    books: int = 200
    rows: int = 500
    leads: int = 20_000
    growth: tuple[int, ...] = (1_000, 10_000, 100_000, 1_000_000)

    def with_runs(self, runs: int) -> "Size":
        """Return the same with another number of runs."""
        return replace(self, runs=runs)


@dataclass(frozen=True)
class Measured:
    """One ratio: ours against other's (`most`), or other's against ours (`least` as many times).

    Without a `kind` it is only shown. `power` is used instead of the times where it is given.
    """

    what: str
    ours: Taken
    other: Taken
    kind: str = ""
    limit: float = 0.0
    power: float | None = None

    def ratio(self, *, cpu: bool) -> float:
        """Return the ratio, by the clock or by processor time."""
        if self.power is not None:
            return self.power
        ours, other = (t.cpu if cpu else t.wall for t in (self.ours, self.other))
        return other / ours if self.kind == "least" else ours / other

    def within(self, ratio: float, grace: float = 0.0) -> bool:
        """Say whether the limit holds."""
        if self.kind == "most":
            return ratio <= self.limit * (1 + grace)
        return self.kind != "least" or ratio >= self.limit * (1 - grace)


@dataclass(frozen=True)
class Row:
    """One row of the table."""

    name: str
    measure: Callable[[Path, Size], list[Measured]]


def _runs(jobs: Mapping[str, tuple[object, ...]], size: Size) -> dict[str, Taken]:
    calls = {name: partial(in_child, *call) for name, call in jobs.items()}
    return side_by_side(calls, size.runs)


def read_check(folder: Path, size: Size) -> list[Measured]:
    """Read and check one big workbook."""
    path = data.lead_book(folder / "大.xlsx", size.big)
    took = _runs(
        {
            "ours": ("read_check", path),
            "floor": ("crc_and_calamine_in_child", path),
            "calamine": ("calamine", path),
            "frictionless": ("frictionless", path),
            "pandera": ("pandera", path),
            "openpyxl": ("openpyxl_loop", path),
        },
        size,
    )
    ours, what = took["ours"], f"读取并检查 {size.big:,} × 20"
    return [
        Measured(f"{what} / 校验和加 calamine（子进程交回）", ours, took["floor"], "most", 2.0),
        Measured(f"{what} / calamine（本进程）", ours, took["calamine"]),
        Measured(f"{what}：比 frictionless 快几倍", ours, took["frictionless"], "least", 5.0),
        Measured(f"{what}：比 pandas+pandera 快几倍", ours, took["pandera"], "least", 0.0),
        Measured(f"{what}：比 openpyxl 循环快几倍", ours, took["openpyxl"], "least", 0.0),
    ]


def write_back(folder: Path, size: Size) -> list[Measured]:
    """Three tabs into a workbook of 10 MB."""
    path = data.lead_book(folder / "大.xlsx", size.heavy)
    small = data.lead_book(folder / "小.xlsx", size.rows)
    tiny = data.lead_book(folder / "微.xlsx", 1000)
    copy = folder / "copy.xlsx"
    took = _runs(
        {
            "tabs": ("build_tabs", small),
            "ours": ("write_back", path, small, folder / "ours"),
            "light": ("write_back", tiny, small, folder / "light"),
            "floor": ("copy_zip", path, copy),
            "openpyxl": ("openpyxl_save", path, copy),
        },
        size,
    )
    ours, light = took["ours"], took["light"]
    what = f"写回三页（{path.stat().st_size / 1e6:.1f} MB 的工作簿）"
    memory = ours.memory / light.memory
    return [
        # What the tabs cost (built, carried, looked over) is what they cost in a small workbook.
        Measured(
            f"{what}，比写进千行工作簿多的 / 原样复制压缩包",
            _more(ours, light),
            took["floor"],
            "most",
            5.0,
        ),
        Measured(f"{what}，只除去造页 / 原样复制", _more(ours, took["tabs"]), took["floor"]),
        Measured(f"{what}：比 openpyxl 读存快几倍", ours, took["openpyxl"], "least", 50.0),
        Measured(f"{what}：内存 / 千行工作簿的", ours, took["light"], power=memory),
    ]


def _more(one: Taken, other: Taken) -> Taken:
    """Return what one took more than the other."""
    return Taken(max(0.0, one.wall - other.wall), max(0.0, one.cpu - other.cpu), one.memory)


def generate(folder: Path, size: Size) -> list[Measured]:
    """A new workbook with all tables."""
    made, ours = folder / "new" / "新.xlsx", ("generate", folder / "new")
    in_child(*ours)  # whose cells the floor writes
    took = _runs({"ours": ours, "floor": ("bare_xlsxwriter", made, folder / "bare.xlsx")}, size)
    return [Measured("生成空白工作簿 / 裸 XlsxWriter 写同样的格子", took["ours"], took["floor"])]


def import_sheet(folder: Path, size: Size) -> list[Measured]:
    """A lead sheet into a big workbook, of which every tenth customer is there already."""
    book = data.lead_book(folder / "大.xlsx", size.big)
    sheet = data.lead_book(folder / "名单.xlsx", size.new, seed=9, first=size.big - size.new // 10)
    took = _runs(
        {
            "ours": ("import_sheet", sheet, book, folder / "import"),
            "floor": ("read", sheet, book),
        },
        size,
    )
    what = f"导入 {size.new:,} 条到 {size.big:,} 条 / 读两个文件"
    return [Measured(what, took["ours"], took["floor"], "most", 3.0)]


def weekly(folder: Path, size: Size) -> list[Measured]:
    """A folder of workbooks: everything checked, summed up and written back."""
    source, place = data.team_folder(folder / "in", size.books, size.rows), folder / "out"
    script = folder / "script"
    took = _runs(
        {
            "one": ("weekly", source, place, 1),
            "two": ("weekly", source, place, 2),
            "again": ("weekly_again", source, place, 1),
            "script": ("weekly_script", source, script),
            "styled": ("styled_script", source, script),
            "bare": ("bare_weekly", place, source, folder / "bare.xlsx"),
        },
        size,
    )
    what = f"每周任务 {size.books} 本 × {size.rows} 行"
    one, cells = took["one"], [filled_cells(where) for where in (place, script)]
    written = f"{what}：写好后有内容的格子 {cells[0]:,}，脚本的 {cells[1]:,}"
    return [
        Measured(f"{what}：比 pandas+openpyxl 脚本快几倍", one, took["script"], "least", 8.0),
        Measured(f"{what}：比用命名样式的脚本快几倍", one, took["styled"], "least", 0.0),
        Measured(written, one, took["script"], power=cells[0] / cells[1]),
        Measured(f"{what} / 裸 XlsxWriter 光写各页有内容的格子", one, took["bare"]),
        Measured(f"{what}：脚本比光写这些格子慢几倍", took["bare"], took["script"], "least", 0.0),
        Measured(f"{what}，两个进程：比一个快几倍", took["two"], one, "least", 0.0),
        Measured(f"{what}，没有变化再跑：快几倍", took["again"], one, "least", 5.0),
    ]


def filled_cells(folder: Path) -> int:
    """Count the cells that hold something in all workbooks of a folder."""
    count = 0
    for path in folder.glob("*.xlsx"):
        with zipfile.ZipFile(path) as book:
            for name in book.namelist():
                if name.startswith("xl/worksheets/sheet"):
                    sheet = book.read(name)
                    count += sheet.count(b"</v>") + sheet.count(b"</is>")
    return count


def all_tabs(folder: Path, size: Size) -> list[Measured]:
    """All tabs of a big workbook written back, beside reading it."""
    path = data.full_book(folder / "全.xlsx", size.leads, 5 * size.leads)
    took = _runs(
        {
            "ours": ("all_tabs", path, folder / "tabs"),
            "whole": ("summarise", path, folder / "out"),
            "floor": ("read", path),
        },
        size,
    )
    what = f"{size.leads:,} 条线索 {5 * size.leads:,} 条跟进"
    tabs, whole = f"{what}，算数字、全部汇总页写回 / 读取", f"{what}，读、查、算、写一遍 / 读取"
    return [
        Measured(tabs, took["ours"], took["floor"], "most", 2.0),
        Measured(whole, took["whole"], took["floor"]),
    ]


def growth(folder: Path, size: Size) -> list[Measured]:
    """How time and memory grow with the rows, as a power of their number."""
    paths = {n: data.narrow_book(folder / f"{n}.xlsx", n) for n in size.growth}
    took = _runs({str(n): ("read_check", path) for n, path in paths.items()}, size)
    points = [(n, took[str(n)]) for n in size.growth]
    ends = points[-1][1], points[0][1]
    what = f"读取并检查 {size.growth[0]:,} 到 {size.growth[-1]:,} 行"
    by = {"时间": [t.cpu for _, t in points], "内存": [t.memory for _, t in points]}
    return [
        Measured(f"{what}：{name}增长的指数", *ends, "most", 1.05, power=_power(size.growth, taken))
        for name, taken in by.items()
    ]


def _power(sizes: tuple[int, ...], taken: list[float]) -> float:
    """Return the slope of the regression of log(taken) on log(size)."""
    x, y = [math.log(n) for n in sizes], [math.log(t) for t in taken]
    mean_x, mean_y = sum(x) / len(x), sum(y) / len(y)
    over = sum((a - mean_x) * (b - mean_y) for a, b in zip(x, y, strict=True))
    return over / sum((a - mean_x) ** 2 for a in x)


def start_up(folder: Path, size: Size) -> list[Measured]:
    """The program's start, beside that of Python."""
    program = str(Path(sys.executable).with_name("sheetcrm"))
    took = side_by_side(
        {
            "pass": partial(command, [sys.executable, "-c", "pass"]),
            "version": partial(command, [program, "--version"]),
            "help": partial(command, [program, "--help"]),
        },
        4 * size.runs,
    )
    return [
        Measured("sheetcrm --version / python -c pass", took["version"], took["pass"], "most", 5.0),
        Measured("sheetcrm --help / python -c pass", took["help"], took["pass"], "most", 6.0),
    ]


ROWS = (
    Row("start", start_up),
    Row("read", read_check),
    Row("write", write_back),
    Row("generate", generate),
    Row("import", import_sheet),
    Row("tabs", all_tabs),
    Row("weekly", weekly),
    Row("growth", growth),
)
