"""The marks our input sheets carry, for those who write them and those who read them back.

An input sheet has a line of explanation in row 1, the example in row 2, the headings in row 3 and
its data from row 4. The example stands above the headings so that no sum, sort or filter can ever
take it in; a row copied from it keeps the mark in its first filled cell and is no data either.
"""

import re

from sheetcrm.kit.model import Column

EXAMPLE_MARK = "示例"
# What others write there: 例：某某公司.
_EXAMPLE = re.compile(rf"[【\[（( ]*(?:{EXAMPLE_MARK}|样例|例(?:如|子)?[:：】\])）])")
REQUIRED_MARK = "*"
CONDITIONAL_MARK = "△"

LEGEND_ROW = 1
EXAMPLE_ROW = 2
HEADING_ROW = 3
FIRST_DATA_ROW = 4


def heading_text(column: Column) -> str:
    """Return a column's heading: name, unit and mark, as `预计成交金额（元） △`.

    `kit.headings.read_heading` takes it apart again.
    """
    unit = f"（{column.unit}）" if column.unit else ""
    return f"{column.name}{unit}{_mark(column)}"


def is_example(first_text: str) -> bool:
    """Say whether the first filled cell of a row marks it as an example, not data."""
    return _EXAMPLE.match(first_text) is not None


def _mark(column: Column) -> str:
    if not column.required:
        return ""
    return f" {REQUIRED_MARK}" if column.required == "always" else f" {CONDITIONAL_MARK}"
