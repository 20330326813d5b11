"""A guest's stage column under a heading nobody knows, told by its values."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

from sheetcrm.kit.compatible import content_fits
from sheetcrm.kit.headings import vocabulary
from sheetcrm.kit.infer import phase_of, stage_words
from sheetcrm.kit.load import load_pipelines
from sheetcrm.kit.locate import Located, Match, locate
from sheetcrm.kit.model import Kit
from sheetcrm.kit.references import texts_below
from sheetcrm.kit.rows import below
from sheetcrm.kit.ticks import dated_by
from sheetcrm.table import RawSheet
from sheetcrm.values.text import is_blank
from sheetcrm.values.traditional import simplified

# So many of the filled cells are stages by their usual names; the rest may be the team's own.
_SHARE = 0.8
# A result that is only noted at the end says "成交" and "流失" too, in few of the rows.
_FILLED = 0.5
_FEWEST_STAGES = 2
# Under a heading that speaks of progress fewer of them need be known: the rest are the team's own.
_SAID_SHARE = 0.5
_PROGRESS = re.compile(r"进度|进展|阶段|状态|环节|步骤")
# A team's own words (已签, 黄了) are stages where a few short ones repeat and one is a result.
_ENDS = ("won", "lost")
_LONGEST = 8
_WON_ON = "won_on"
_SOMEBODYS = frozenset(("phone", "owner"))
_ANOTHER = re.compile(r"原|上[次周月个]|之前|前一|最[高远初]|目标|计划|预计|下一|下[次步]")


def with_stage_column(located: Mapping[str, Located], kit: Kit) -> dict[str, Located]:
    """Take the one column of a guest's leads whose values are stages for its stage column.

    Only where no heading names one. Of several such columns none is taken.
    """
    leads = located.get("lead")
    if leads is None or not leads.spec.stage_column or leads.spec.stage_column in leads.keys:
        return dict(located)
    known = stage_words((kit.pipeline, *load_pipelines()))
    found = [m for m in leads.matches if m.column is None and _tells_stages(leads, m, known)]
    if len(found) != 1:
        return dict(located)
    column = leads.spec.by_key[leads.spec.stage_column]
    named = Match(found[0].text, found[0].position, column, "alias")
    matches = tuple(named if match is found[0] else match for match in leads.matches)
    return {**located, "lead": replace(leads, matches=matches)}


def _tells_stages(found: Located, match: Match, known: frozenset[str]) -> bool:
    if _ANOTHER.search(match.text):
        return False
    said = Counter(simplified(text) for text in texts_below(found, match))
    named = bool(_PROGRESS.search(match.text)) and _few_and_short(said)
    share = _SAID_SHARE if named else _SHARE
    return are_stages(said, known, share) and said.total() >= _FILLED * _rows(found)


def are_stages(said: Counter[str], known: frozenset[str], share: float = _SHARE) -> bool:
    """Say whether a column's texts are stages: usual names, or a few own words with a result.

    Args:
        said: How often each text stands there, folded and simplified.
        known: The usual names of stages (`stage_words`).
        share: How much of the column has to be known.
    """
    stages = [count for text, count in said.items() if text in known]
    if any(phase_of(text) in _ENDS for text in said) and _few_and_short(said):
        stages = [count for text, count in said.items() if text in known or phase_of(text)]
    return len(stages) >= _FEWEST_STAGES and sum(stages) >= share * said.total()


def with_won_day(located: Mapping[str, Located]) -> dict[str, Located]:
    """Take the one column that dates the deal in a trade's own words for the day it was won."""
    leads = located.get("lead")
    if leads is None or _WON_ON not in leads.spec.by_key or _WON_ON in leads.keys:
        return dict(located)
    shipped = load_pipelines()
    found = [
        m
        for m in leads.matches
        if m.column is None
        and not m.clash
        and (dated_by(m.text, shipped) or ("", ""))[1] == "won"
        and _days(leads, m)
    ]
    if len(found) != 1:
        return dict(located)
    named = Match(found[0].text, found[0].position, leads.spec.by_key[_WON_ON], "alias")
    matches = tuple(named if match is found[0] else match for match in leads.matches)
    return {**located, "lead": replace(leads, matches=matches)}


def _days(found: Located, match: Match) -> bool:
    """Say whether a column has dates below its heading, and hardly anything else."""
    cells = below(found.sheet.by_column, match.position, found.header_row).cells.tolist()
    return not all(is_blank(cell) for cell in cells) and content_fits("date", cells)


def lead_by_its_stages(sheet: RawSheet, kit: Kit) -> Located | None:
    """Find leads on a sheet without any heading that is the leads' own, told by their stages.

    Customers with phone numbers or sellers, and a column of stages under whatever heading, or one
    of dates for each stage.
    """
    spec = kit.by_key.get("lead")
    if spec is None or not spec.stage_column:
        return None
    anything = spec.model_copy(update={"signature": ()})
    found = locate(sheet, [vocabulary(anything)])
    if found is None or "company" not in found.keys or not found.keys & _SOMEBODYS:
        return None
    found = replace(found, spec=spec)
    taken = with_stage_column({"lead": found}, kit)["lead"]
    return taken if spec.stage_column in taken.keys or _dates_stages(found) else None


def _dates_stages(found: Located) -> bool:
    """Say whether a column dates the deal and others date stages before it: 报价日期 | 签约日期."""
    headings = [m.text for m in found.matches if m.column is None or m.column.key == _WON_ON]
    dated = [told for text in headings if (told := dated_by(text, load_pipelines()))]
    return {"open", "won"} <= {kind for _, kind in dated}


def _few_and_short(said: Counter[str]) -> bool:
    return 2 * len(said) <= said.total() and all(len(text) <= _LONGEST for text in said)


def _rows(found: Located) -> int:
    """Return how many rows the fullest column of the table has."""
    return max(len(texts_below(found, match)) for match in found.matches)
