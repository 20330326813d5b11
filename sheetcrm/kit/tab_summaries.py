"""汇总页, 分析维度: which summary tabs are written, what leads are compared by; rows and back."""

from collections.abc import Mapping, Sequence

from sheetcrm.kit.blocks import Block, FoundBlock, Report, limit_of
from sheetcrm.kit.model import Dimension, Kit, TabChoice, TableSpec, TabPlace

TABS_ANCHOR, DIMENSIONS_ANCHOR = "汇总页", "维度"
WHERE, TOP = "写在哪里", "最多列出"
LEAD = "lead"
PLACE_NAMES: Mapping[TabPlace, str] = {"all": "个人和团队", "team": "仅团队", "none": "不生成"}
PLACES: Mapping[str, TabPlace] = {name: place for place, name in PLACE_NAMES.items()}
# By these columns leads are told apart, not compared.
_NOT_COMPARED = frozenset({"id", "phone", "email", "contact", "link", "date", "datetime"})


def tabs_block(tabs: Sequence[TabChoice]) -> Block:
    """Describe which summary tab is written where."""
    rows = tuple((t.name, PLACE_NAMES[t.where], t.help) for t in tabs)
    headers = (TABS_ANCHOR, WHERE, "说明")
    return Block("tabs", "要哪些汇总", headers, rows, choices={WHERE: tuple(PLACES)})


def dimensions_block(kit: Kit) -> Block:
    """Describe what the leads are compared by."""
    columns = kit.by_key[LEAD].by_key if LEAD in kit.by_key else {}
    known = (d for d in kit.dimensions if d.column in columns)
    rows = tuple((columns[d.column].name, d.top or None) for d in known)
    names = tuple(c.name for c in columns.values() if c.type not in _NOT_COMPARED)
    choices = {DIMENSIONS_ANCHOR: names} if names else {}
    return Block("dimensions", "分析维度", (DIMENSIONS_ANCHOR, TOP), rows, choices=choices)


def read_tabs(
    found: FoundBlock | None, base: Sequence[TabChoice], report: Report
) -> tuple[TabChoice, ...]:
    """Read where the tabs are written; what the block does not say stays as in `base`."""
    by_name = {tab.name: tab for tab in base}
    changed: dict[str, TabChoice] = {}
    for line in found.lines if found else ():
        tab, word = by_name.get(line.text(TABS_ANCHOR)), line.text(WHERE)
        if tab is None:
            report.add("KIT-21", line, TABS_ANCHOR)
        elif tab.key in changed:
            report.add("KIT-02", line, TABS_ANCHOR, other="前面的行")
        elif word not in PLACES:
            facts = {"expected": "、".join(PLACES), "default": PLACE_NAMES[tab.where]}
            report.add("KIT-10", line, WHERE, **facts)
        else:
            changed[tab.key] = tab.model_copy(update={"where": PLACES[word]})
    return tuple(changed.get(tab.key, tab) for tab in base)


def read_dimensions(
    found: FoundBlock | None, base: Kit, tables: Sequence[TableSpec], report: Report
) -> tuple[Dimension, ...]:
    """Read what the leads are compared by, in the order written; without the block `base` stays.

    A column of the base kit that this workbook does not have is passed over.
    """
    if found is None:
        return base.dimensions
    lead = next((t for t in tables if t.key == LEAD), None)
    by_name = {c.name: c.key for c in lead.columns} if lead else {}
    former = {c.name for c in base.by_key[LEAD].columns} if LEAD in base.by_key else set()
    dimensions: dict[str, Dimension] = {}
    for line in found.lines:
        name = line.text(DIMENSIONS_ANCHOR)
        key = by_name.get(name)
        if not name:
            report.add("KIT-19", line, DIMENSIONS_ANCHOR)
        elif key is None and name not in former:
            report.add("KIT-22", line, DIMENSIONS_ANCHOR)
        elif key in dimensions:
            report.add("KIT-02", line, DIMENSIONS_ANCHOR, other="前面的行")
        elif key is not None:
            dimensions[key] = Dimension(column=key, top=limit_of(line, TOP, "全部", report))
    return tuple(dimensions.values())
