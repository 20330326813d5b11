"""A kit as the rows of the 设置, 字段 and 规则 tabs, and back.

What a manager changes in those tabs is what the workbook is from then on. A mistake there is a
finding at its cell, and the value of the base kit stays in force.
"""

from collections.abc import Sequence
from itertools import pairwise

from sheetcrm.findings import Finding
from sheetcrm.kit.blocks import Block, FoundBlock, Report, as_rows, find_blocks, side_by_side
from sheetcrm.kit.model import Kit
from sheetcrm.kit.tab_bonus import BONUS_ANCHOR, bonus_block, read_bonus
from sheetcrm.kit.tab_fields import FIELDS_ANCHOR, fields_block, read_tables
from sheetcrm.kit.tab_rules import RULES_ANCHOR, read_rules, rules_block
from sheetcrm.kit.tab_settings import (
    EXCEPTIONS_ANCHOR,
    LIST_ANCHOR,
    SETTINGS_ANCHOR,
    exceptions_block,
    list_blocks,
    read_exceptions,
    read_lists,
    read_settings,
    settings_block,
)
from sheetcrm.kit.tab_shares import SHARES_ANCHOR, read_shares, shares_block
from sheetcrm.kit.tab_stages import STAGES_ANCHOR, read_pipeline, stages_block
from sheetcrm.kit.tab_summaries import (
    DIMENSIONS_ANCHOR,
    TABS_ANCHOR,
    dimensions_block,
    read_dimensions,
    read_tabs,
    tabs_block,
)
from sheetcrm.table import Cell

Rows = list[list[Cell]]
TAB_NAMES = ("设置", "字段", "规则")
KIT_LABEL = "配置方案"
_SETTINGS_ANCHORS = (
    SETTINGS_ANCHOR,
    STAGES_ANCHOR,
    EXCEPTIONS_ANCHOR,
    LIST_ANCHOR,
    BONUS_ANCHOR,
    SHARES_ANCHOR,
    TABS_ANCHOR,
    DIMENSIONS_ANCHOR,
)


def settings_blocks(kit: Kit) -> tuple[Block, ...]:
    """Return the blocks of the 设置 tab, placed side by side.

    Thresholds, stages and working-day exceptions come first, then the lists, then the bonus,
    who gets new leads, and what the summaries hold.
    """
    first = (settings_block(kit), stages_block(kit.pipeline), exceptions_block(kit))
    last = (bonus_block(kit.bonus), shares_block(kit.shares))
    summaries = (tabs_block(kit.tabs), dimensions_block(kit))
    return side_by_side((*first, *list_blocks(kit), *last, *summaries))


def settings_heading(kit: Kit) -> Rows:
    """Return the two rows above the blocks of the 设置 tab; the second names the kit."""
    return [["设置"], [KIT_LABEL, kit.key, kit.name]]


def settings_rows(kit: Kit) -> Rows:
    """Return the 设置 tab from A1."""
    return as_rows(settings_blocks(kit), settings_heading(kit))


def fields_rows(kit: Kit) -> Rows:
    """Return the 字段 tab from A1."""
    return as_rows([fields_block(kit)], [["字段"]])


def rules_rows(kit: Kit) -> Rows:
    """Return the 规则 tab from A1."""
    return as_rows([rules_block(kit)], [["规则"]])


def kit_key(settings: Sequence[Sequence[Cell]]) -> str:
    """Return the key of the kit a 设置 tab was generated from; "" where it does not say."""
    for cells in settings:
        for label, value in pairwise(cells):
            if label == KIT_LABEL and isinstance(value, str):
                return value.strip()
    return ""


def kit_from_tabs(
    settings: Sequence[Sequence[Cell]],
    fields: Sequence[Sequence[Cell]],
    rules: Sequence[Sequence[Cell]],
    base: Kit,
    file: str = "",
    sheets: Sequence[str] = TAB_NAMES,
) -> tuple[Kit, list[Finding]]:
    """Read a kit from the rows of its three tabs.

    Args:
        settings: The 设置 tab from A1; blank cells are None.
        fields: The 字段 tab, [] where the workbook has none.
        rules: The 规则 tab, [] where the workbook has none.
        base: The kit the workbook was generated from (`kit_key`); what the tabs do not say stays.
        file: The workbook, for the findings.
        sheets: What the three tabs are called, for the findings.
    """
    findings: list[Finding] = []
    about = [Report(file, sheet, findings) for sheet in sheets]
    found = find_blocks(settings, _SETTINGS_ANCHORS)
    pipeline = read_pipeline(_first(found, STAGES_ANCHOR), base.pipeline, about[0])
    lists = read_lists([b for b in found if b.anchor == LIST_ANCHOR], base.lists, about[0])
    changes: dict[str, object] = {
        "settings": read_settings(_first(found, SETTINGS_ANCHOR), base.settings, about[0]),
        "exceptions": read_exceptions(_first(found, EXCEPTIONS_ANCHOR), base.exceptions, about[0]),
        "shares": read_shares(_first(found, SHARES_ANCHOR), base.shares, about[0]),
        "bonus": read_bonus(_first(found, BONUS_ANCHOR), base.bonus, about[0]),
        "tabs": read_tabs(_first(found, TABS_ANCHOR), base.tabs, about[0]),
        "pipeline": pipeline,
        "lists": lists,
    }
    tables, checks = base.tables, base.rules
    if fields:
        block = _first(find_blocks(fields, (FIELDS_ANCHOR,)), FIELDS_ANCHOR)
        tables = read_tables(block, base, lists, pipeline, about[1])
    if rules:
        block = _first(find_blocks(rules, (RULES_ANCHOR,)), RULES_ANCHOR)
        checks = read_rules(block, base.rules, tables, about[2])
    compared = _first(found, DIMENSIONS_ANCHOR)
    changes["dimensions"] = read_dimensions(compared, base, tables, about[0])
    return base.model_copy(update={**changes, "tables": tables, "rules": checks}), findings


def _first(found: Sequence[FoundBlock], anchor: str) -> FoundBlock | None:
    return next((block for block in found if block.anchor == anchor), None)
