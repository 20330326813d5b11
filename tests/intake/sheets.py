"""Sheets as text files give them, mapped, and short forms of what becomes of them."""

import pandas as pd

from sheetcrm.intake.incoming import incoming
from sheetcrm.intake.model import Incoming, SavedMap
from sheetcrm.kit.load import load_kit
from sheetcrm.table import RawBook, RawSheet

KIT = load_kit()
NOTHING = SavedMap()


def text_book(text: str, name: str = "导出") -> RawBook:
    """Return a book as a text file gives it: nothing but texts."""
    lines = [line for line in text.strip("\n").splitlines() if line.strip()]
    rows = [[part.strip() or None for part in line.split("|")] for line in lines]
    return RawBook("导出.csv", "0" * 64, (RawSheet(name, [list(row) for row in rows]),))


def one(
    text: str, kit=KIT, given: SavedMap = NOTHING, saved: SavedMap = NOTHING, **more: object
) -> Incoming:
    (made,) = incoming(text_book(text), kit, given, saved, "官网", **more)  # type: ignore[arg-type]
    return made


def headings(made: Incoming) -> dict[str, str]:
    keys = (
        f"stage:{m.stage}" if m.stage else m.key or "、".join(m.candidates) for m in made.headings
    )
    return {m.text: f"{m.how} {key}".strip() for m, key in zip(made.headings, keys, strict=True)}


def values(made: Incoming, key: str) -> list[tuple[str, str, str, int, str]]:
    return [(v.text, v.value, v.how, v.count, v.suggestion) for v in made.values if v.key == key]


def column(made: Incoming, key: str) -> list[object]:
    return [None if pd.isna(v) else v for v in made.data[key]]


def said(made: Incoming, word: str) -> list[str]:
    return [sentence for sentence in made.assumptions if word in sentence]
