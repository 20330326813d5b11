"""One palette and one set of cell styles for every sheet we author.

Text on a fill keeps a contrast of at least 4.5 : 1 (WCAG 2.1, 1.4.3), and no state is told by
colour alone. The font is the one Chinese Windows and WPS have; LibreOffice falls back to Noto CJK.
"""

from collections.abc import Mapping

from sheetcrm.book.write import Book

FONT = "微软雅黑"

INK = "#1F2933"
GREY = "#52606D"
LINE = "#CBD2D9"
PAPER = "#FFFFFF"
SHADE = "#F5F7FA"
NAVY = "#1F4E79"
BLUE = "#2E75B6"
PALE_BLUE = "#DDEBF7"
RED = "#9C0006"
PALE_RED = "#FFC7CE"
AMBER = "#7F4F00"
PALE_AMBER = "#FFEB9C"
GREEN = "#1E5631"
PALE_GREEN = "#D5EDDB"

# Bars and lines of charts, in the order they are used: each another shade of grey when printed so.
SERIES_COLORS = (NAVY, "#ED7D31", "#9DC3E6", "#6E6E6E", "#D9E2EC")

_BOX: Mapping[str, object] = {"border": 1, "border_color": LINE}
_MIDDLE: Mapping[str, object] = {"valign": "vcenter"}
_SIDES: Mapping[str, object] = {
    "left": 1,
    "right": 1,
    "left_color": LINE,
    "right_color": LINE,
    **_MIDDLE,
}
_TOP: Mapping[str, object] = {**_SIDES, "top": 1, "top_color": LINE}
_BOTTOM: Mapping[str, object] = {**_SIDES, "bottom": 1, "bottom_color": LINE}
_HEADING: Mapping[str, object] = {
    "bold": True,
    "align": "center",
    "text_wrap": True,
    **_BOX,
    **_MIDDLE,
}

STYLES: Mapping[str, Mapping[str, object]] = {
    "base": {"font_name": FONT, "font_size": 10, "font_color": INK},
    "plain": {**_MIDDLE},
    "title": {"bold": True, "font_size": 16, "font_color": NAVY, **_MIDDLE},
    "subtitle": {"bold": True, "font_size": 12, "font_color": NAVY, **_MIDDLE},
    "muted": {"font_size": 9, "font_color": GREY, **_MIDDLE},
    "heading": {"bg_color": NAVY, "font_color": PAPER, **_HEADING},
    "heading_required": {"bg_color": NAVY, "font_color": PAPER, **_HEADING},
    "heading_conditional": {"bg_color": PALE_AMBER, "font_color": AMBER, **_HEADING},
    "heading_optional": {"bg_color": PALE_BLUE, "font_color": NAVY, **_HEADING},
    "cell": {**_BOX, **_MIDDLE},
    "label": {"bold": True, "bg_color": SHADE, **_BOX, **_MIDDLE},
    "input": {"bg_color": "#FFFEF2", "locked": False, **_BOX, **_MIDDLE},
    "fixed": {"bg_color": SHADE, **_BOX, **_MIDDLE},
    "total": {"bold": True, "bg_color": SHADE, "top": 2, "bottom": 1, **_MIDDLE},
    "example": {"font_color": GREY, "bg_color": SHADE, **_BOX, **_MIDDLE},
    "legend": {"font_size": 9, "font_color": GREY, **_MIDDLE},
    "link": {"font_color": "#0B5394", "underline": 1},
    "tile": {"bold": True, "font_size": 20, **_BOX, **_MIDDLE},
    "tile_name": {"font_size": 9, "font_color": GREY, "bg_color": SHADE, **_TOP, **_MIDDLE},
    "tile_figure": {"bold": True, "font_size": 20, "font_color": NAVY, "bg_color": SHADE, **_SIDES},
    "tile_line": {"font_size": 9, "font_color": GREY, "bg_color": SHADE, **_BOTTOM, **_MIDDLE},
    "sign": {"bold": True, "font_size": 16, "font_color": GREY, "align": "center", **_MIDDLE},
    # Words to add to any of the above.
    "wrap": {"text_wrap": True, "valign": "top"},
    "wrapped": {"text_wrap": True},
    "middle": {"valign": "vcenter"},
    "center": {"align": "center"},
    "right": {"align": "right"},
    "left": {"align": "left"},
    "bold": {"bold": True},
    "unlocked": {"locked": False},
    "text": {"num_format": "@"},
    "date": {"num_format": "yyyy-mm-dd", "align": "center"},
    "datetime": {"num_format": "yyyy-mm-dd hh:mm", "align": "center"},
    "integer": {"num_format": "#,##0"},
    "number": {"num_format": "#,##0.##"},
    "decimal": {"num_format": "#,##0.0"},
    "amount": {"num_format": "#,##0.00"},
    "money": {"num_format": "#,##0"},
    # In 万: a comma drops three digits, and the point stands before the last of those left.
    "wan": {"num_format": r"0\.0,"},
    "percent": {"num_format": "0.0%"},
    "whole_percent": {"num_format": "0%"},
    "days": {"num_format": '0.0"天"'},
    # For conditional formats: only what a differential format can hold.
    "bad": {"bg_color": PALE_RED, "font_color": RED},
    "warn": {"bg_color": PALE_AMBER, "font_color": AMBER},
    "good": {"bg_color": PALE_GREEN, "font_color": GREEN},
    "faint": {"font_color": GREY},
    "missing": {"bg_color": PALE_RED, "font_color": RED, "border": 1, "border_color": RED},
    "grid": {"border": 1, "border_color": LINE},
}

# Every colour our cells have, as files spell them: another one on our tabs is somebody's own.
COLOURS = frozenset(
    str(value)[1:].upper()
    for style in STYLES.values()
    for key, value in style.items()
    if key in ("bg_color", "font_color")
)


def new_book() -> Book:
    """Return an empty workbook with these styles."""
    return Book(STYLES)
