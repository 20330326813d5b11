"""Amounts whose unit does not go with the rest of their column."""

from collections.abc import Sequence

import numpy as np

from sheetcrm.clean.note import Cells, Note

# 万元 typed in a column of 元: 10,000 times too small, and right in the middle once corrected.
_UNIT = 10_000.0
_FEWEST = 20
_FAR = 1_000.0
_NEAR = 20.0


def suspected_units(cells: Cells, values: np.ndarray, notes: Sequence[Note]) -> list[Note]:
    """Note amounts that look like 万元 among 元, or the reverse (AMT-03)."""
    numbers = np.array(values, dtype="float64")
    known = numbers[numbers > 0]
    if len(known) < _FEWEST:
        return []
    median = float(np.median(known))
    said = {note.row for note in notes}
    found = []
    for factor in (_UNIT, 1 / _UNIT):
        far = numbers < median / _FAR if factor > 1 else numbers > median * _FAR
        corrected = numbers * factor
        near = (corrected > median / _NEAR) & (corrected < median * _NEAR)
        for i in np.flatnonzero((numbers > 0) & far & near):
            if int(cells.rows[i]) not in said:
                fixed = f"{corrected[i]:,.2f}".removesuffix(".00")
                usual = f"{median:,.0f}"
                found.append(cells.note(int(i), "AMT-03", {"fixed": fixed, "usual": usual}))
    return found
