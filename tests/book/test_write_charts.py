"""Charts say what is off, in the order of the schema."""

import io
import zipfile

import pytest
from lxml import etree

from sheetcrm.book.write_charts import explicit
from sheetcrm.tabs.style import new_book

C = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"


def names(element: etree._Element) -> list[str]:
    return [etree.QName(child).localname for child in element]


@pytest.fixture(params=["bar", "column", "line"])
def chart(request) -> etree._Element:
    book = new_book()
    sheet = book.sheet("数")
    for row in (1, 2, 3):
        sheet.number(row, 1, row, "plain")
    made = book.chart(request.param)
    labels = {"value": True, "num_format": "0"}
    made.add_series({"values": "=数!$A$1:$A$3", "data_labels": labels, "points": [{}, {}]})
    made.set_title({"name": "标题"})
    made.show_hidden_data()
    sheet.chart(1, 3, made)
    with zipfile.ZipFile(io.BytesIO(book.finish())) as archive:
        return etree.fromstring(archive.read("xl/charts/chart1.xml"))


def test_labels__show_the_value_and_nothing_else(chart):
    (labels,) = chart.iter(f"{C}dLbls")
    shown = {etree.QName(e).localname: e.get("val") for e in labels if "show" in e.tag}
    assert [name for name, value in shown.items() if value == "1"] == ["showVal"]
    assert list(shown) == [
        "showLegendKey",
        "showVal",
        "showCatName",
        "showSerName",
        "showPercent",
        "showBubbleSize",
    ]


def test_axes__are_there_and_the_frame_is_square(chart):
    for axis in (*chart.iter(f"{C}catAx"), *chart.iter(f"{C}valAx")):
        assert names(axis)[:4] == ["axId", "scaling", "delete", "axPos"]
        assert axis.find(f"{C}delete").get("val") == "0"
    assert chart.find(f"{C}roundedCorners").get("val") == "0"
    assert names(chart)[:3] == ["lang", "roundedCorners", "chart"]


def test_data__of_hidden_rows_is_drawn(chart):
    inside = chart.find(f"{C}chart")
    assert names(inside) == ["title", "autoTitleDeleted", "plotArea", "legend", "plotVisOnly"]
    assert inside.find(f"{C}plotVisOnly").get("val") == "0"


def test_explicit__changes_nothing_more_the_second_time(chart):
    text = etree.tostring(chart, encoding="unicode")
    once = explicit(text)
    assert explicit(once) == once
