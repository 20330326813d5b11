"""Mappings given as text: `--map 标题=字段`, `--map-value 字段:原值=新值`."""

from collections.abc import Sequence

from sheetcrm.intake.model import SavedMap
from sheetcrm.kit.model import Kit


def given_map(headings: Sequence[str], values: Sequence[str], kit: Kit) -> SavedMap:
    """Read mappings as they are typed.

    Args:
        headings: `A=B`: heading A of the incoming sheet is B, which is a field's name, key or
            alias, `阶段:商机` for the day a lead entered that stage, or `忽略`.
        values: `字段:原值=新值`, e.g. `来源渠道:抖音=线上推广`.
        kit: The book's kit.

    Raises:
        BadMapping: A mapping cannot be understood, or names no field, stage or list column.
    """
    raise NotImplementedError
