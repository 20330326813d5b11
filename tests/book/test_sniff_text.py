"""CSV and its kin: separators, quotes, lengths, what keeps numbers as texts."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sheetcrm.book.text_sheet import text_sheet
from sheetcrm.errors import FileProblem
from sheetcrm.table import Cell
from sheetcrm.values.csv_text import escape

HEAD = ["客户名称", "联系人", "预计金额", "备注"]
ROWS: list[list[str | None]] = [
    ["上海星辰", "张伟", "1.234,50", "先看样品，再谈"],
    ["北京华泰", "王磊", "800,00", "他说：好；下周"],
    ["杭州明德", "李娜", "50,00", None],
]


def rows(text: str) -> list[list[Cell]]:
    return [list(row) for row in text_sheet(text, "a.csv").rows]


@pytest.mark.parametrize("mark", ["\t", ";", "|"])
def test_text__separator_by_agreement_of_lines(mark: str) -> None:
    lines = [mark.join(HEAD), *(mark.join(c or "" for c in row) for row in ROWS)]
    assert rows("\r\n".join(lines)) == [HEAD, *ROWS]


def test_text__comma_full_width_comma_and_one_column() -> None:
    assert rows("公司，电话\n甲，01\n乙，02\n") == [["公司", "电话"], ["甲", "01"], ["乙", "02"]]
    assert rows('a,b\n"x;y;z",2\n"u;v;w",3\n')[1] == ["x;y;z", "2"]
    assert rows("公司\n甲\n乙，丙\n丁\n") == [["公司"], ["甲"], ["乙，丙"], ["丁"]]


@pytest.mark.parametrize("first", ["sep=;\r\n", 'SEP=";"\n', '"sep=;"\r\n'])
def test_text__sep_line(first: str) -> None:
    found = text_sheet(first + "a,b;c\r\n1,2;3\r\n", "a.csv")
    assert list(found.rows) == [["a,b", "c"], ["1,2", "3"]]
    assert "sep=" in found.separator


def test_text__titles_above_and_any_line_end() -> None:
    text = "2024年线索\r导出人：张伟\n\n" + "\r\n".join(",".join(HEAD) for _ in range(4))
    assert rows(text)[0][0] == "2024年线索"
    assert rows(text)[2] == [None] * 4
    assert rows(text)[3] == HEAD


def test_text__blank_ends_are_cut() -> None:
    found = text_sheet("a,b,,,\r\n1,2,,,\r\n" + ",,,,\r\n" * 500, "a.csv")
    assert list(found.rows) == [["a", "b"], ["1", "2"]]
    assert found.assumptions == ()


def test_text__stays_text_and_loses_its_wrapping() -> None:
    found = text_sheet(
        '编号,电话,备注\n007,="013800138000",\'=1+1\n008,\t13800138000,=1+1\n', "a.csv"
    )
    assert [list(row) for row in found.rows][1:] == [
        ["007", "013800138000", "=1+1"],
        ["008", "13800138000", "=1+1"],
    ]
    assert any("3格" in note for note in found.assumptions)


def test_text__nul_and_long_lines_are_told() -> None:
    found = text_sheet("a,b\n1\x00,2\n3,4\n5,6,7\n8,9\n", "a.csv")
    assert [list(r) for r in found.rows][1] == ["1", "2", None]
    assert [n[:7] for n in found.assumptions] == ["去掉了1个无效", "有1行比其他行"]
    assert "第4行" in found.assumptions[1]


def test_text__quotes() -> None:
    assert rows('a,b\n"甲\n乙","说""好"""\n') == [["a", "b"], ["甲\n乙", '说"好"']]
    assert rows('a, b\n1, "x, y"\n') == [["a", "b"], ["1", "x, y"]]
    assert rows('a,b\n1,"x \\"y\\", z"\n') == [["a", "b"], ["1", 'x "y", z']]
    assert rows('a,b\n1,5" 屏\n') == [["a", "b"], ["1", '5" 屏']]
    assert rows("a,b\n'1','x\\'y'\n'2','z, z'\n") == [["a", "b"], ["1", "x'y"], ["2", "z, z"]]


LINES = [f"L-{n},上海{n},张伟,备注\n" for n in range(1, 31)]


def test_text__a_quote_never_swallows_the_file() -> None:
    lines = LINES.copy()
    lines[14] = lines[14].replace("上海", '"上海')
    with pytest.raises(FileProblem, match="第15行有一个引号没有成对"):
        text_sheet("".join(lines), "a.csv")
    lines[20] = 'L-21,"上海,浦东",张伟,备注\n'
    with pytest.raises(FileProblem, match="第15行有一个引号没有成对"):
        text_sheet("".join(lines), "a.csv")
    lines[20] = 'L-21,上海",张伟,备注\n'
    with pytest.raises(FileProblem, match="第15行有一个引号没有成对"):
        text_sheet("".join(lines), "a.csv")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "空的"),
        (",,,\n\n,,\n", "空的"),
        ("a," * 20_000, "16384"),
        ("a,b\n" + "长" * (17 << 20), "异常巨大"),
        ("a\n" * 1_048_577, "太大"),
    ],
)
def test_text__limits(text: str, sentence: str) -> None:
    with pytest.raises(FileProblem, match=sentence):
        text_sheet(text, "a.csv")


CELLS = st.text(st.sampled_from("甲乙ab1,;|\t\"'=+-\n \\"), max_size=6)


@given(st.lists(st.tuples(CELLS, CELLS, CELLS), min_size=2, max_size=8))
def test_text__what_we_write_is_what_we_read(written: list[tuple[str, str, str]]) -> None:
    table = [("编号", "客户名称", "备注"), *written]
    out = io.StringIO()
    csv.writer(out, quoting=csv.QUOTE_ALL).writerows([escape(c) for c in row] for row in table)
    try:
        found = rows("sep=,\r\n" + out.getvalue())
    except FileProblem:  # a cell that holds what looks like whole lines of the table
        assert any(c.count(",") >= 2 and "\n" in c for row in table for c in row)
        return
    padded = [[c or None for c in row] for row in table]
    while padded and not any(padded[-1]):
        padded.pop()
    width = max(map(len, found))
    assert found == [row[:width] for row in padded]
