"""Make the pictures of the documentation from the demo: `python docs/make_images.py`.

Needs LibreOffice (`soffice`) and poppler (`pdftoppm`, `pdftotext`) on the PATH.
"""

import shutil
import struct
import subprocess
import sys
import tempfile
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

IMAGES = Path(__file__).resolve().parent / "images"
SAMPLES = IMAGES.parents[1] / "samples"
AS_OF = "2026-06-30"  # the last day of the samples
TOOLS = ("soffice", "pdftoppm", "pdftotext")
RESOLUTION = 110  # dots per inch: a page of A4 is some 1,280 wide, text can be read
MARGIN = 12  # pixels left around what is on the page
COLOURS = 256

Pixels = NDArray[np.uint8]


@dataclass(frozen=True)
class Picture:
    """One picture: the first page of `tab` in a demo workbook, its middle part.

    `top` and `bottom` are the shares of the page's height between which it lies; they leave out
    the page's header and footer.
    """

    name: str
    book: str
    tab: str
    top: float = 0.06
    bottom: float = 0.95


TEAM = "team/团队汇总.xlsx"
LEADS = "leads/展会线索.csv"
DECISION = "leads/展会线索-导入决定.xlsx"
INTO = "team/周敏.xlsx"
PICTURES = (
    Picture("input", "team/刘洋.xlsx", "线索跟踪", bottom=0.45),
    Picture("settings", "team/刘洋.xlsx", "设置", bottom=0.7),
    Picture("stage_log", "team/刘洋.xlsx", "阶段日志", bottom=0.5),
    Picture("findings", "messy/线索跟踪-待整理.xlsx", "校验结果", bottom=0.585),
    Picture("dashboard", TEAM, "仪表盘"),
    Picture("funnel", TEAM, "漏斗分析"),
    Picture("conversion", TEAM, "转化分析"),
    Picture("overdue", TEAM, "逾期预警", bottom=0.7),
    Picture("performance", TEAM, "业绩"),
    Picture("trend", TEAM, "趋势"),
    Picture("segments", TEAM, "客户分层"),
    Picture("review", TEAM, "复盘"),
    Picture("goals", TEAM, "目标对比"),
    Picture("collaboration", TEAM, "协作瓶颈"),
    Picture("focus", TEAM, "攻坚清单"),
    Picture("sampling", TEAM, "抽检"),
    Picture("cards", TEAM, "客户卡片"),
    Picture("reconciliation", TEAM, "对账"),
    Picture("decision_overview", DECISION, "导入概览"),
    Picture("decision_mend", DECISION, "待修正"),
    Picture("decision_duplicates", DECISION, "疑似重复"),
)


def main() -> None:
    """Run the demo in a temporary folder and write every picture."""
    missing = [tool for tool in TOOLS if shutil.which(tool) is None]
    if missing:
        sys.exit(f"缺少 {'、'.join(missing)}：请先安装 LibreOffice 和 poppler-utils。")
    IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        run(sys.executable, "-m", "sheetcrm", "demo", str(work))
        shutil.copytree(SAMPLES / "leads", work / "leads")
        sheet, book = str(work / LEADS), str(work / INTO)
        trial = ("import", sheet, "--into", book, "--as-of", AS_OF)
        run(sys.executable, "-m", "sheetcrm", *trial, allowed=(0, 1))  # 1: rows are to be mended
        for book in dict.fromkeys(p.book for p in PICTURES):
            pdf = as_pdf(work / book, work)
            for picture in (p for p in PICTURES if p.book == book):
                pixels = trimmed(page_of(pdf, picture.tab), picture)
                (IMAGES / f"{picture.name}.png").write_bytes(png(pixels))


def run(*command: str, allowed: tuple[int, ...] = (0,)) -> str:
    """Run a program and return what it printed.

    Raises:
        CalledProcessError: It ended with an exit code that is not allowed.
    """
    done = subprocess.run(command, check=False, capture_output=True, encoding="utf-8")
    if done.returncode not in allowed:
        done.check_returncode()
    return done.stdout


def as_pdf(book: Path, work: Path) -> Path:
    """Convert a workbook with LibreOffice, under a profile of its own."""
    profile = f"-env:UserInstallation={(work / 'profile').as_uri()}"
    run("soffice", "--headless", profile, "--convert-to", "pdf", "--outdir", str(work), str(book))
    return work / f"{book.stem}.pdf"


def page_of(pdf: Path, tab: str) -> Pixels:
    """Return the first page whose header names the tab, as an array of height, width, 3."""
    pages = run("pdftotext", str(pdf), "-").split("\f")
    number = next(n for n, text in enumerate(pages, 1) if text.lstrip().startswith(tab))
    stem = pdf.with_suffix("")
    only = ("-singlefile", "-f", str(number), "-l", str(number))
    run("pdftoppm", "-r", str(RESOLUTION), *only, str(pdf), str(stem))
    data = stem.with_suffix(".ppm").read_bytes()
    _, size, _, pixels = data.split(b"\n", 3)
    width, height = map(int, size.split())
    return np.frombuffer(pixels, np.uint8).reshape(height, width, 3)


def trimmed(page: Pixels, picture: Picture) -> Pixels:
    """Cut a page down to the part wanted, and that to what is not white."""
    height = len(page)
    part = page[int(height * picture.top) : int(height * picture.bottom)]
    inked = part.min(axis=2) < 250
    rows, columns = np.flatnonzero(inked.any(axis=1)), np.flatnonzero(inked.any(axis=0))
    down = slice(max(rows[0] - MARGIN, 0), rows[-1] + MARGIN)
    across = slice(max(columns[0] - MARGIN, 0), columns[-1] + MARGIN)
    return part[down, across]


def png(pixels: Pixels) -> bytes:
    """Return a PNG of at most 256 colours: a third of the size, and no difference to be seen."""
    height, width, _ = pixels.shape
    coarse = (pixels >> 3).astype(np.int64) @ np.array([1 << 10, 1 << 5, 1])
    found, where, counts = np.unique(coarse, return_inverse=True, return_counts=True)
    kept = found[np.argsort(-counts)[:COLOURS]]
    nearest = np.abs(channels(found)[:, None] - channels(kept)[None]).sum(axis=2).argmin(axis=1)
    indexes = nearest[where].reshape(height, width).astype(np.uint8)
    lines = np.hstack([np.zeros((height, 1), np.uint8), indexes])
    palette = (channels(kept) * 255 // 31).astype(np.uint8)
    header = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        chunk(kind, data)
        for kind, data in (
            (b"IHDR", header),
            (b"PLTE", palette.tobytes()),
            (b"IDAT", zlib.compress(lines.tobytes(), 9)),
            (b"IEND", b""),
        )
    )


def channels(colours: NDArray[np.int64]) -> NDArray[np.int64]:
    """Take packed colours apart into red, green, blue of 0 to 31."""
    return np.stack([colours >> 10, colours >> 5 & 31, colours & 31], axis=1)


def chunk(kind: bytes, data: bytes) -> bytes:
    """Return one chunk of a PNG file (ISO/IEC 15948, 5.3)."""
    checksum = zlib.crc32(kind + data)
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", checksum)


if __name__ == "__main__":
    main()
