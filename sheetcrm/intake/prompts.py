"""What people may be asked about headings, likeliest answers first."""

import re
from dataclasses import dataclass

import pandas as pd

from sheetcrm.intake.answers import STAGE_PREFIX, field_name, field_names
from sheetcrm.intake.model import HeadingHow, Incoming
from sheetcrm.intake.vocabulary import is_ignore, is_stage
from sheetcrm.kit.model import Kit
from sheetcrm.table import column_letter
from sheetcrm.values.masking import mask_contact
from sheetcrm.values.text import as_text, is_blank

_SAMPLES = 3
_LONGEST = 30
_LOOKED_THROUGH = 500
_CONTACT = re.compile(r"1[3-9]\d{9}|@|\d{3,4}-\d{7,8}")


@dataclass(frozen=True)
class HeadingPrompt:
    """One heading and what it may stand for.

    `choices` are everything that may be chosen, likeliest first, as 列映射 calls it. Each is
    understood by `given_map`. `samples` are up to three cells of the column, masked where they are
    contact data.
    """

    sheet: str
    text: str
    cell: str
    how: HeadingHow
    choices: tuple[str, ...]
    samples: tuple[str, ...]
    reason: str = ""


def heading_prompts(incoming: Incoming, kit: Kit) -> tuple[HeadingPrompt, ...]:
    """Return every heading of a sheet, those that have to be asked about first."""
    spec = kit.by_key[incoming.kind]
    everything = field_names(spec, kit)
    made = []
    for match, heading in zip(incoming.headings, incoming.table.headings, strict=True):
        likely = tuple(field_name(spec, candidate) for candidate in match.candidates)
        made.append(
            HeadingPrompt(
                incoming.sheet,
                match.text,
                f"{column_letter(match.column)}{incoming.table.header_row}",
                match.how,
                tuple(dict.fromkeys((*likely, *everything))),
                _samples(incoming.table.raw[heading.key]),
                match.reason,
            )
        )
    return tuple(sorted(made, key=lambda prompt: prompt.how != "asked"))


def understood(prompt: HeadingPrompt, answer: str) -> bool:
    """Say whether an answer is one of the choices, also as `--map` writes it: 阶段:商机, 忽略."""
    if is_stage(answer):
        answer = STAGE_PREFIX + answer.replace("：", ":").rpartition(":")[2].strip()
    return answer in prompt.choices or is_ignore(answer)


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
