"""The charts of the summary tabs; plain bars and columns, which Excel, WPS and LibreOffice draw."""

from collections.abc import Mapping, Sequence
from typing import Any

from sheetcrm.book.area import Area
from sheetcrm.book.write import Book
from sheetcrm.tabs.style import BLUE, FONT, INK, LINE, SERIES_COLORS

# About half the width of a tab; 13 rows high.
CHART_SIZE: Mapping[str, object] = {"object_position": 2, "x_scale": 1.35, "y_scale": 1.05}
# Labels of empty bars would lie on each other.
_NO_ZERO = "0;;;"
_FONT = {"name": FONT, "size": 9, "color": INK}
_TITLE_FONT = {"name": FONT, "size": 12, "bold": True, "color": INK}


def funnel_chart(book: Book, sheet: str, areas: tuple[Area, Area, Area]) -> Any:
    """Return a centred funnel: bars stacked on an invisible series, the first stage on top.

    Args:
        book: The book the chart belongs to.
        sheet: The sheet of the areas.
        areas: Stage names, the invisible spacing, the numbers.
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
    _dress(chart, "销售漏斗（到达各阶段的客户数量）")
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
    book: Book, sheet: str, title: str, names: Area, series: Sequence[tuple[str, Area]]
) -> Any:
    """Return clustered bars by person, the first person on top; `series` are name and numbers."""
    chart = book.chart("bar")
    for (name, area), color in zip(series, SERIES_COLORS, strict=False):
        chart.add_series(
            {
                "name": name,
                "categories": f"={names.on(sheet)}",
                "values": f"={area.on(sheet)}",
                "fill": {"color": color},
                "gap": 60,
                "data_labels": {"value": True, "font": _FONT, "num_format": _NO_ZERO},
            }
        )
    _dress(chart, title)
    chart.set_y_axis({"reverse": True, "num_font": _FONT})
    axis = {"num_font": _FONT, "min": 0, "major_gridlines": _grid(), "label_position": "none"}
    chart.set_x_axis({**axis, "line": {"none": True}})
    chart.set_legend({"position": "bottom", "font": _FONT})
    return chart


def _dress(chart: Any, title: str) -> None:
    chart.set_title({"name": title, "name_font": _TITLE_FONT, "overlay": False})
    chart.set_chartarea({"border": {"color": LINE}})
    chart.set_plotarea({"fill": {"none": True}})


def _grid() -> dict[str, object]:
    return {"visible": True, "line": {"color": LINE, "width": 0.5}}
