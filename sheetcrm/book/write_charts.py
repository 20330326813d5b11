"""Charts whose every switch is written: an absent one means different things to different readers.

XlsxWriter writes charts as Excel 2007 did, which left switches out that are off. Readers take them
for off in a workbook that says it is from Excel 2007, and for on in any other: moved into a later
workbook, every label would also show its series and category, and axes could be gone.
"""

from collections.abc import Mapping
from typing import Any

from lxml import etree

from sheetcrm.book.xmlpart import ensure_child, local_name, parse, serialise

# ECMA-376 part 1, 21.2.2: the children of an element in their order, as far as charts of ours have
# them; what is off where it is absent comes with its value.
_LABELS = (
    *("numFmt", "spPr", "txPr", "dLblPos", "showLegendKey", "showVal", "showCatName"),
    *("showSerName", "showPercent", "showBubbleSize"),
)
_AXIS = ("axId", "scaling", "delete", "axPos", "majorGridlines", "minorGridlines", "title")
_TEXT = ("legendPos", "tx", "layout", "overlay", "spPr", "txPr")
_GROUP = ("barDir", "grouping", "varyColors", "ser", "gapWidth", "overlap", "marker", "axId")
_ORDER: Mapping[str, tuple[str, ...]] = {
    "chartSpace": ("lang", "roundedCorners", "style", "protection", "chart", "spPr", "txPr"),
    "chart": ("title", "autoTitleDeleted", "plotArea", "legend", "plotVisOnly", "dispBlanksAs"),
    "title": _TEXT,
    "legend": _TEXT,
    "dLbls": _LABELS,
    "barChart": _GROUP,
    "lineChart": _GROUP,
    "catAx": (*_AXIS, "auto", "lblAlgn", "lblOffset", "noMultiLvlLbl"),
    "valAx": _AXIS,
    "dPt": ("idx", "invertIfNegative", "marker", "bubble3D", "explosion", "spPr"),
}
_OFF: Mapping[str, tuple[str, ...]] = {
    "chartSpace": ("roundedCorners",),
    "chart": ("autoTitleDeleted", "plotVisOnly"),
    "title": ("overlay",),
    "legend": ("overlay",),
    "dLbls": tuple(name for name in _LABELS if name.startswith("show")),
    "barChart": ("varyColors",),
    "lineChart": ("varyColors",),
    "catAx": ("delete", "noMultiLvlLbl"),
    "valAx": ("delete",),
    "dPt": ("invertIfNegative", "bubble3D"),
}
_SERIES = ("idx", "order", "tx", "spPr", "invertIfNegative", "marker", "dPt", "dLbls", "cat", "val")
_OFF_IN_SERIES = {"barChart": "invertIfNegative", "lineChart": "smooth"}


def spelled_out(chart: Any) -> Any:
    """Return an XlsxWriter chart that writes every switch."""
    assemble = chart._assemble_xml_file

    def assemble_all() -> None:
        assemble()
        text = explicit(chart.fh.getvalue())
        chart.fh.seek(0)
        chart.fh.truncate()
        chart.fh.write(text)

    chart._assemble_xml_file = assemble_all
    return chart


def explicit(text: str) -> str:
    """Return the XML of a chart with its absent switches written as off."""
    root = parse(text.encode())
    for element in list(root.iter()):
        name = local_name(element)
        for switch in _OFF.get(name, ()):
            _put(element, switch, _ORDER[name])
        group = element.getparent()
        if name == "ser" and group is not None and local_name(group) in _OFF_IN_SERIES:
            _put(element, _OFF_IN_SERIES[local_name(group)], (*_SERIES, "smooth"))
    return serialise(root).decode()


def _put(element: etree._Element, switch: str, order: tuple[str, ...]) -> None:
    made = ensure_child(element, switch, order)
    if made.get("val") is None:
        made.set("val", "0")
