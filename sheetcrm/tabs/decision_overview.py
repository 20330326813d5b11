"""概览: the equation of an import in words and figures, why rows are held, what to do next."""

from collections import Counter
from collections.abc import Iterator, Sequence

from sheetcrm.book.area import Area, cell_name
from sheetcrm.book.write_sheet import Page, Sheet
from sheetcrm.findings.catalogue import CATALOGUE
from sheetcrm.intake.counts import Counts
from sheetcrm.tabs.decision_frame import FOOTER
from sheetcrm.tabs.decision_plan import Plan
from sheetcrm.tabs.layout import row_height
from sheetcrm.tabs.style import GREEN, NAVY

TITLE = "概览"
_WIDTHS = (14, 4, 14, 4, 14, 4, 14, 4, 14, 4, 14, 6)
_LAST = len(_WIDTHS)
_SIGNS = ("=", "+", "+", "+", "+")
_COLOURS = {"新增": "good", "更新": "good", "待修正": "bad"}


def overview_tab(sheet: Sheet, plan: Plan, tabs: Sequence[tuple[str, str, str]]) -> None:
    """Fill the tab, which stands first and speaks of all others.

    Args:
        sheet: The empty sheet.
        plan: The import.
        tabs: The other tabs: name, how many lines they have, what they are for.
    """
    sheet.widths(_WIDTHS)
    done = bool(plan.origin.batch)
    sheet.merge(
        Area(1, 1, 1, _LAST), f"导入{'结果' if done else '预演'}：{plan.origin.file}", "title"
    )
    sheet.height(1, 34)
    said = (
        f"已经写进“{plan.origin.book}”（批次 {plan.origin.batch}）。可以用 sheetcrm undo 整批撤回。"
        if done
        else f"这是预演，“{plan.origin.book}”还没有改动。"
    )
    sheet.merge(Area(2, 1, 2, _LAST), said, "subtitle")
    sheet.height(2, 24)
    row = _equation(sheet, 4, plan.counts)
    row = _sentence(sheet, row, plan)
    row = _facts(sheet, row + 1, plan)
    row = _reasons(sheet, row + 1, plan)
    row = _steps(sheet, row + 1, plan)
    _contents(sheet, row + 1, tabs)
    sheet.gridlines(shown=False)
    sheet.tab_color(GREEN if done else NAVY)
    sheet.page(Page("导入概览", landscape=False, footer=FOOTER, pages_tall=1))
    sheet.protect()
    sheet.open_here()


def equation(counts: Counts) -> str:
    """Say the equation in words: 读入 5 行 = 新增 3 + 更新 0 + 重复跳过 1 + 待修正 1 + 空行 0."""
    parts = " + ".join(f"{name} {number:,}" for name, number in _parts(counts))
    return f"读入 {counts.read:,} 行 = {parts}"


def reasons(plan: Plan) -> list[tuple[str, int]]:
    """Return why rows are held, the most frequent first."""
    codes: Counter[str] = Counter()
    for sheet in plan.sheets:
        codes.update(held["code"] or "其他" for _, held in sheet.rows("reject"))
    return [
        (f"{CATALOGUE[code].title}（{code}）" if code in CATALOGUE else code, number)
        for code, number in codes.most_common()
    ]


def _parts(counts: Counts) -> tuple[tuple[str, int], ...]:
    return (
        ("新增", counts.created),
        ("更新", counts.updated),
        ("重复跳过", counts.duplicates),
        ("待修正", counts.rejected),
        ("空行", counts.blank),
    )


def _equation(sheet: Sheet, row: int, counts: Counts) -> int:
    """Write the figures as tiles with their signs between; the first is the sum of the others."""
    parts = _parts(counts)
    cells = [cell_name(row + 1, 3 + 2 * i) for i in range(len(parts))]
    sheet.text(row, 1, "读入", "heading")
    sheet.formula(row + 1, 1, "+".join(cells), float(counts.read), "tile+integer+center")
    for i, ((name, number), sign) in enumerate(zip(parts, _SIGNS, strict=True)):
        column = 3 + 2 * i
        sheet.text(row + 1, column - 1, sign, "sign")
        sheet.text(row, column, name, "heading")
        colour = f"+{_COLOURS[name]}" if number and name in _COLOURS else ""
        sheet.number(row + 1, column, number, f"tile+integer+center{colour}")
    sheet.height(row, 24)
    sheet.height(row + 1, 44)
    return row + 2


def _sentence(sheet: Sheet, row: int, plan: Plan) -> int:
    sheet.merge(Area(row, 1, row, _LAST), equation(plan.counts) + "。", "muted")
    if plan.several:
        for each in plan.sheets:
            row += 1
            name = each.incoming.table.sheet
            text = f"其中“{name}”（{plan.spec(each).name}）：{equation(each.counts)}。"
            sheet.merge(Area(row, 1, row, _LAST), text, "muted")
    return row + 1


def _facts(sheet: Sheet, row: int, plan: Plan) -> int:
    origin = plan.origin
    kinds = "、".join(dict.fromkeys(plan.spec(each).name for each in plan.sheets))
    assumed = [*plan.assumptions, *(t for s in plan.sheets for t in s.incoming.assumptions)]
    facts = (
        ("来的文件", origin.file),
        ("导入到", f"{origin.book}（{kinds}）"),
        ("来源", origin.source or "（没有指定）"),
        ("文字编码", origin.encoding),
        (
            "读的时候认定",
            "；".join(text.rstrip("。") for text in dict.fromkeys(assumed[:4]))
            + ("……" if len(assumed) > 4 else ""),
        ),
    )
    for name, value in facts:
        if value:
            row = _line(sheet, row, name, value)
    return row


def _reasons(sheet: Sheet, row: int, plan: Plan) -> int:
    found = reasons(plan)
    if not found:
        return row - 1
    sheet.text(row, 1, "为什么没有导入", "subtitle")
    sheet.height(row, 24)
    for name, number in found:
        row = _line(sheet, row + 1, f"{number:,} 行", name) - 1
    return row + 1


def _steps(sheet: Sheet, row: int, plan: Plan) -> int:
    sheet.text(row, 1, "接下来", "subtitle")
    sheet.height(row, 24)
    for number, step in enumerate(_next(plan), 1):
        row = _line(sheet, row + 1, f"第 {number} 步", step) - 1
    return row + 1


def _next(plan: Plan) -> Iterator[str]:
    held = plan.counts.rejected
    unsure = sum(len(s.incoming.unmapped) for s in plan.sheets)
    if plan.origin.batch and not held:
        undo = f"sheetcrm undo {plan.origin.book}"
        yield f"打开“{plan.origin.book}”看看新写进去的行；不对就运行 {undo}。"
        yield "“疑似重复”里的要另作决定，就选好再交回来；没有就不用管。"
    else:
        mend = "“待修正”里把红色的格子改好" if held else "“待修正”是空的，不用改"
        yield f"{mend}；“疑似重复”里拿不准的，在“你的决定”一列选一下，空着就按建议办。"
        yield (
            f"“列映射”里有 {unsure} 个表头没认出来（黄色），选好它对应的字段；不选就不导入那一列。"
            if unsure
            else "“值映射”里是表里没有的写法，需要换成哪个就选哪个；不选就原样写进去。"
        )
    yield f"保存、关闭本文件，运行：{plan.command}"


def _line(sheet: Sheet, row: int, name: str, text: str) -> int:
    sheet.text(row, 1, name, "label")
    sheet.merge(Area(row, 2, row, _LAST), text, "cell+wrapped")
    sheet.height(row, max(20.0, row_height([text], [sum(_WIDTHS[1:])])))
    return row + 1


def _contents(sheet: Sheet, row: int, tabs: Sequence[tuple[str, str, str]]) -> None:
    sheet.text(row, 1, "本文件里有", "subtitle")
    sheet.height(row, 24)
    for name, lines, purpose in tabs:
        row += 1
        sheet.link(row, 1, (name, "A1"), name, "cell+link")
        sheet.merge(Area(row, 2, row, 3), lines, "cell+center")
        sheet.merge(Area(row, 4, row, _LAST), purpose, "cell")
        sheet.height(row, 20)
