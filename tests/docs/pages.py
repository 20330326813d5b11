"""The documents, and the `sheetcrm` commands in them."""

import re
import shlex
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PAGES = (ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted(DOCS.glob("*.md")))

_GENERATOR = re.compile(r"<!-- \[\[\[.*?\]\]\] -->", re.DOTALL)
_FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.DOTALL | re.MULTILINE)
_SPAN = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")


def text(page: Path) -> str:
    """Return a page as people read it, without the code that generates parts of it."""
    return _GENERATOR.sub("", page.read_text(encoding="utf-8"))


def spans(page: Path) -> list[str]:
    """Return what stands in `backticks`."""
    return _SPAN.findall(_FENCE.sub("", text(page)))


def commands(page: Path) -> list[list[str]]:
    """Return the arguments of every `sheetcrm` line in a block of shell commands."""
    blocks = (body for kind, body in _FENCE.findall(text(page)) if kind in ("sh", "bat"))
    lines = (line for block in blocks for line in block.splitlines())
    return [shlex.split(line)[1:] for line in lines if line.startswith("sheetcrm ")]


def slug(heading: str) -> str:
    """Return the anchor of a heading, as code hosts make it."""
    kept = re.sub(r"[^\w\- ]", "", heading.strip().lower())
    return kept.replace(" ", "-")
