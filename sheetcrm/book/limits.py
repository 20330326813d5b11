"""How much Excel holds; lengths are in UTF-16 units, as Excel counts.

Sources: "Excel specifications and limits"; [MS-OI29500] 2.1.613 and 2.1.732 for validations.
"""

from datetime import date

CELL_LIMIT = 32_767
SHEET_NAME_LIMIT = 31
DEFINED_NAME_LIMIT = 255
FORMULA_LIMIT = 8_192
TEXT_CONSTANT_LIMIT = 255  # of a text inside a formula

RULE_FORMULA_LIMIT = 255  # of a data validation; our conditional formats keep to it as well
LIST_LIMIT = 255  # of a drop-down's items written out
TITLE_LIMIT = 32
PROMPT_LIMIT = 255
ERROR_LIMIT = 224  # 255 may be stored, Excel shows no more than this

# Excel keeps 15 significant digits: a longer whole number would change silently.
EXACT_INTEGER_LIMIT = 10**15
# Dates before 1900-03-01 have another serial number in Excel than in LibreOffice.
FIRST_SAFE_DAY = date(1900, 3, 1)


def exact(number: float) -> float:
    """Return a number to Excel's 15 digits.

    With a 16th, what another program saves of it is rounded twice: it would look edited.
    """
    return float(f"{number:.15g}")
