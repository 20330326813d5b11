"""The charts of the summary tabs; plain bars and columns, which Excel, WPS and LibreOffice draw."""

from collections.abc import Mapping, Sequence
from typing import Any

from sheetcrm.book.area import Area
from sheetcrm.book.write import Book
from sheetcrm.tabs.style import BLUE, FONT, INK, LINE, NAVY, PAPER, SERIES_COLORS

# About half the width of a tab; 13 rows high.
CHART_SIZE: Mapping[str, object] = {"object_position": 2, "x_scale": 1.35, "y_scale": 1.05}
# Labels of empty bars would lie on each other.
_NO_ZERO = "0;;;"
# The same in 万, as the style `wan`.
WAN_LABELS = r"0\.0,;;;"
# So many dates stand side by side under a chart of that size.
_MOST_LABELS = 15
_MARKS = ("circle", "diamond", "square", "triangle", "x")
# Parts of a stacked bar, and what is readable on them: dark, light and middling also in grey.
_STACKED = ((NAVY, PAPER), ("#D9E2EC", INK), ("#ED7D31", INK))
_FONT = {"name": FONT, "size": 9, "color": INK}
_TITLE_FONT = {"name": FONT, "size": 12, "bold": True, "color": INK}


def funnel_chart(book: Book, sheet: str, areas: tuple[Area, Area, Area], title: str) -> Any:
    """Return a centred funnel: bars stacked on an invisible series, the first stage on top.

    Args:
        book: The book the chart belongs to.
        sheet: The sheet of the areas.
        areas: Stage names, the invisible spacing, the numbers.
        title: What it shows.
    """
    names, spacing, numbers = (f"={area.on(sheet)}" for area in areas)
    chart = book.chart("bar", "stacked")
    hidden = {"fill": {"none": True}, "border": {"none": True}}
    chart.add_series({"name": "留白", "categories": names, "values": spacing, "gap": 25, **hidden})
    chart.add_series(
        {
            "name": "客户数量",
            "categories": names,
            "values": numbers,
            "fill": {"color": BLUE},
            "data_labels": {"value": True, "font": {**_FONT, "bold": True, "color": "#FFFFFF"}},
        }
    )
    _dress(chart, title)
    chart.set_y_axis({"reverse": True, "num_font": _FONT, "line": {"none": True}})
    chart.set_x_axis({"visible": False, "major_gridlines": {"visible": False}, "min": 0})
    chart.set_legend({"none": True})
    chart.show_hidden_data()
    return chart


def rate_chart(book: Book, sheet: str, title: str, areas: tuple[Area, Area]) -> Any:
    """Return columns of rates, labelled in per cent; `areas` are the names and the rates."""
    names, rates = (f"={area.on(sheet)}" for area in areas)
    chart = book.chart("column")
    labels = {"value": True, "font": _FONT, "num_format": "0%"}
    fill = {"color": BLUE}
    chart.add_series(
        {
            "name": title,
            "categories": names,
            "values": rates,
            "fill": fill,
            "gap": 60,
            "data_labels": labels,
        }
    )
    _dress(chart, title)
    axis = {"num_font": _FONT, "num_format": "0%", "min": 0}
    chart.set_y_axis({**axis, "major_gridlines": _grid(), "line": {"none": True}})
    chart.set_x_axis({"num_font": _FONT})
    chart.set_legend({"none": True})
    return chart


def people_chart(
    book: Book,
    sheet: str,
    title: str,
    names: Area,
    series: Sequence[tuple[str, Area]],
    labels: str = _NO_ZERO,
) -> Any:
    """Return clustered bars by person, the first person on top; `series` are name and numbers."""
    chart = book.chart("bar")
    _add_series(chart, sheet, names, series, labels)
    _dress(chart, title)
    chart.set_y_axis({"reverse": True, "num_font": _FONT})
    axis = {"num_font": _FONT, "min": 0, "major_gridlines": _grid(), "label_position": "none"}
    chart.set_x_axis({**axis, "line": {"none": True}})
    chart.set_legend({"position": "bottom", "font": _FONT})
    return chart


def column_chart(
    book: Book,
    sheet: str,
    title: str,
    names: Area,
    series: Sequence[tuple[str, Area]],
    labels: str = _NO_ZERO,
) -> Any:
    """Return clustered columns, labelled with their numbers; `series` are name and numbers."""
    chart = book.chart("column")
    _add_series(chart, sheet, names, series, labels)
    _upright(chart, title, series)
    return chart


def stacked_chart(
    book: Book,
    sheet: str,
    title: str,
    names: Area,
    series: Sequence[tuple[str, Area]],
) -> Any:
    """Return stacked columns, each part labelled with its number; `series` from the bottom up."""
    chart = book.chart("column", "stacked")
    for (name, area), (color, ink) in zip(series, _STACKED, strict=False):
        chart.add_series(
            {
                "name": name,
                "categories": f"={names.on(sheet)}",
                "values": f"={area.on(sheet)}",
                "fill": {"color": color},
                "gap": 50,
                "data_labels": {
                    "value": True,
                    "font": {**_FONT, "color": ink},
                    "num_format": _NO_ZERO,
                },
            }
        )
    _upright(chart, title, series)
    return chart


def line_chart(
    book: Book,
    sheet: str,
    title: str,
    names: Area,
    series: Sequence[tuple[str, Area]],
    axis_format: str = "General",
) -> Any:
    """Return lines over time, told apart by their marks as well as their colours."""
    chart = book.chart("line")
    for (name, area), color, mark in zip(series, SERIES_COLORS, _MARKS, strict=False):
        chart.add_series(
            {
                "name": name,
                "categories": f"={names.on(sheet)}",
                "values": f"={area.on(sheet)}",
                "line": {"color": color, "width": 2},
                "marker": {
                    "type": mark,
                    "size": 5,
                    "fill": {"color": color},
                    "border": {"color": color},
                },
            }
        )
    _dress(chart, title)
    points = names.bottom - names.top + 1
    chart.set_x_axis({"num_font": _FONT, "interval_unit": -(-points // _MOST_LABELS)})
    axis = {"num_font": _FONT, "min": 0, "num_format": axis_format, "major_gridlines": _grid()}
    share = {"max": 1} if axis_format.endswith("%") else {}
    chart.set_y_axis({**axis, **share, "line": {"none": True}})
    _legend(chart, series)
    return chart


def _add_series(
    chart: Any, sheet: str, names: Area, series: Sequence[tuple[str, Area]], labels: str
) -> None:
    colors = SERIES_COLORS if len(series) > 1 else (BLUE,)
    for (name, area), color in zip(series, colors, strict=False):
        chart.add_series(
            {
                "name": name,
                "categories": f"={names.on(sheet)}",
                "values": f"={area.on(sheet)}",
                "fill": {"color": color},
                "gap": 60,
                "data_labels": {"value": True, "font": _FONT, "num_format": labels},
            }
        )


def _upright(chart: Any, title: str, series: Sequence[tuple[str, Area]]) -> None:
    """Dress a chart of columns: no line and no numbers at the value axis, which starts at 0."""
    _dress(chart, title)
    chart.set_x_axis({"num_font": _FONT})
    axis = {"num_font": _FONT, "min": 0, "major_gridlines": _grid(), "label_position": "none"}
    chart.set_y_axis({**axis, "line": {"none": True}})
    _legend(chart, series)


def _legend(chart: Any, series: Sequence[tuple[str, Area]]) -> None:
    hidden: Mapping[str, object] = {"none": True}
    chart.set_legend({"position": "bottom", "font": _FONT} if len(series) > 1 else hidden)


def _dress(chart: Any, title: str) -> None:
    chart.set_title({"name": title, "name_font": _TITLE_FONT, "overlay": False})
    chart.set_chartarea({"border": {"color": LINE}})
    chart.set_plotarea({"fill": {"none": True}})


def _grid() -> dict[str, object]:
    return {"visible": True, "line": {"color": LINE, "width": 0.5}}


def compact(chart: Any, title: str) -> Any:
    """Make a chart fit a third of a page: a smaller title, nothing else around the plot."""
    chart.set_title({"name": title, "name_font": {**_TITLE_FONT, "size": 10}, "overlay": False})
    chart.set_chartarea({"border": {"none": True}})
    return chart
