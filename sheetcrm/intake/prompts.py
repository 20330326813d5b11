"""What people may be asked about headings, likeliest answers first."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from sheetcrm.intake.model import HeadingHow, HeadingMatch, Incoming
from sheetcrm.intake.vocabulary import STAGE_KEY
from sheetcrm.kit.model import Kit
from sheetcrm.table import column_letter
from sheetcrm.values.masking import mask_contact
from sheetcrm.values.text import as_text, is_blank

IGNORE = "忽略"
STAGE_PREFIX = "阶段:"
_SAMPLES = 3
_LONGEST = 30
_LOOKED_THROUGH = 500
_CONTACT = re.compile(r"1[3-9]\d{9}|@|\d{3,4}-\d{7,8}")


@dataclass(frozen=True)
class HeadingPrompt:
    """One heading and what it may stand for.

    `answer` is what holds now ("" where it has to be said), `choices` everything that may be
    chosen, likeliest first: field names, `阶段:商机`, `忽略`. Each is understood by `given_map`.
    `samples` are up to three cells of the column, masked where they are contact data.
    """

    sheet: str
    text: str
    cell: str
    how: HeadingHow
    answer: str
    choices: tuple[str, ...]
    samples: tuple[str, ...]
    reason: str = ""


def heading_prompts(incoming: Incoming, kit: Kit) -> tuple[HeadingPrompt, ...]:
    """Return every heading of a sheet, those that have to be asked about first."""
    spec = kit.by_key[incoming.kind]
    names = {column.key: column.name for column in spec.columns}
    stages = tuple(f"{STAGE_PREFIX}{s.name}" for s in kit.pipeline.stages[1:])
    everything = (*names.values(), *(stages if incoming.kind == "lead" else ()), IGNORE)
    made = []
    for match, heading in zip(incoming.headings, incoming.table.headings, strict=True):
        likely = tuple(_shown(candidate, names) for candidate in match.candidates)
        made.append(
            HeadingPrompt(
                incoming.sheet,
                match.text,
                f"{column_letter(match.column)}{incoming.table.header_row}",
                match.how,
                _answer(match, names),
                tuple(dict.fromkeys((*likely, *everything))),
                _samples(incoming.table.raw[heading.key]),
                match.reason,
            )
        )
    return tuple(sorted(made, key=lambda prompt: prompt.how != "asked"))


def _answer(match: HeadingMatch, names: Mapping[str, str]) -> str:
    if match.stage:
        return f"{STAGE_PREFIX}{match.stage}"
    if match.how == "asked":
        return ""
    return names.get(match.key, match.key) or IGNORE


def _shown(candidate: str, names: Mapping[str, str]) -> str:
    if candidate.startswith(STAGE_KEY):
        return f"{STAGE_PREFIX}{candidate.removeprefix(STAGE_KEY)}"
    return names.get(candidate, candidate)


def _samples(cells: pd.Series) -> tuple[str, ...]:
    """Return the first different cells of a column, contact data masked."""
    found: list[str] = []
    for cell in cells.iloc[:_LOOKED_THROUGH]:
        text = "" if is_blank(cell) else " ".join(as_text(cell).split())
        text = mask_contact(text) if _CONTACT.search(text) else text
        text = text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
        if text and text not in found:
            found.append(text)
        if len(found) == _SAMPLES:
            break
    return tuple(found)
