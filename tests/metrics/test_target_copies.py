"""The same targets in the files of several people: every goal counts once."""

from datetime import date

from sheetcrm.kit.load import load_kit
from sheetcrm.metrics.analysis import Analysis, analyse
from sheetcrm.metrics.dataset import dataset
from sheetcrm.metrics.summary import summarise
from tests.tables import clean_book, sheet

AS_OF = date(2024, 6, 19)
LEADS = """
线索编号|客户名称|来源渠道|线索状态|负责人|线索获取时间
{who}1|甲|官网表单|意向|{who}|2024-06-06
"""
HEAD = "月份|负责人|团队|目标阶段|阶段目标数|销售额目标|回款目标|转化率目标|响应时效目标"
TARGETS = f"""
{HEAD}
2024-06-01|王芳|销售部|||100000|80000||
2024-06-01|李强|销售部|||200000|||
2024-06-01||销售部|意向|10||||24
2024-06-01||销售部|商机|4|||#0.4|
2024-06-01||客服部|||50000|||
"""


def figures(**targets: str) -> Analysis:
    """Return the figures of a file a person, each with the person's leads and its own targets."""
    books = [
        clean_book(
            sheet(LEADS.format(who=who)),
            sheet(text, "业绩目标"),
            kit=load_kit(),
            own=True,
            file=f"{who}.xlsx",
        )
        for who, text in targets.items()
    ]
    data = dataset(books)
    return analyse(data, summarise(data, AS_OF))


def told(found: Analysis) -> tuple[dict[str, float | None], dict[str, float]]:
    """Return the sales targets by person and of everybody, and the goals by stage."""
    sales = {p.name: p.target for p in (*found.performance.people, found.performance.total)}
    return sales, {row.stage: row.target.goal for row in found.summary.funnel if row.target}


def test_copies__count_once():
    alone, copied = figures(王芳=TARGETS), figures(王芳=TARGETS, 李强=TARGETS, 周敏=TARGETS)

    sales, stages = told(copied)
    assert sales == {"王芳": 100_000, "李强": 200_000, "合计": 350_000, "周敏": None}
    assert stages == {"意向": 10, "商机": 4} == told(alone)[1]
    assert [goal.goal for goal in copied.goals.rows] == [24, 0.4]
    said = "有8个业绩目标在不止一个文件中都有，每个只计一次。"
    for notes in (copied.performance, copied.goals, copied.summary):
        assert said in notes.assumptions
    assert not any("不止一个文件" in text for text in alone.summary.assumptions)


def test_copies__that_differ():
    """A person's own file counts; of a team's, the greatest, wherever it stands."""
    found = figures(
        王芳=TARGETS.replace("|100000|", "|90000|"),
        李强=TARGETS.replace("意向|10|", "意向|12|").replace("|100000|", "|95000|"),
        周敏=TARGETS.replace("|200000|", "|#999999|"),
    )

    sales, stages = told(found)
    assert sales == {"王芳": 90_000, "李强": 200_000, "合计": 340_000, "周敏": None}
    assert stages == {"意向": 12, "商机": 4}
    (said,) = (text for text in found.performance.assumptions if "不止一个文件" in text)
    assert "其中3个各文件写得不同（如2024年06月“王芳”的）" in said


def test_copies__each_file_with_its_own_goals_and_rows_that_add_up():
    own = f"{HEAD}\n2024-06-01|{{0}}||||30000||||\n2024-06-08|{{0}}||||20000||||\n"
    found = figures(王芳=own.format("王芳"), 李强=own.format("李强"))

    assert told(found)[0] == {"王芳": 50_000, "李强": 50_000, "合计": 100_000}
    assert not any("不止一个文件" in text for text in found.summary.assumptions)


def test_copies__without_a_month_count_in_no_file():
    text = f"{HEAD}\n|王芳||||{{}}||||\n"
    found = figures(王芳=text.format(10000), 李强=text.format(20000))

    assert told(found)[0]["合计"] is None
    assert not any("不止一个文件" in text for text in found.summary.assumptions)


def test_copies__without_any_goal():
    text = f"{HEAD}\n2024-06-01|王芳|||||||\n"
    found = figures(王芳=text, 李强=text)

    assert told(found) == ({"王芳": None, "李强": None, "合计": None}, {})
