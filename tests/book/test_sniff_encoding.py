"""Encodings: marks, strict decoding, short Chinese texts, bytes that fit nothing."""

import random

import pytest

from sheetcrm.book.encoding import decode
from sheetcrm.errors import FileProblem, UnknownName

SHEET = "客户名称,联系人,电话\r\n上海星辰科技有限公司,张伟,13800138000\r\n"
TRADITIONAL = "客戶名稱,聯繫人,電話\r\n台北遠景科技股份有限公司,陳小姐,13800138000\r\n"
COMPANIES = (
    "杭州明德食品有限公司",
    "鑫源建材",
    "北京恒信科技",
    "佛山市南海区骏业五金厂",
    "喆越传媒",
)


@pytest.mark.parametrize(
    ("text", "codec", "name"),
    [
        (SHEET, "utf-8", "UTF-8"),
        (SHEET, "utf-8-sig", "UTF-8"),
        (SHEET, "gbk", "GBK"),
        (SHEET.replace("张伟", "张𠮷"), "gb18030", "GB18030"),
        (SHEET, "utf-16", "UTF-16"),
        (f"\ufeff{SHEET}", "utf-16-be", "UTF-16"),
        (SHEET, "utf-16-le", "UTF-16"),
        (SHEET, "utf-16-be", "UTF-16"),
        (SHEET, "utf-32", "UTF-32"),
        ("id,name\r\n1,Li\r\n", "ascii", "UTF-8"),
        ("a,b,c\n\x00,2,3\n", "ascii", "UTF-8"),
    ],
)
def test_decode__by_mark_and_rule(text: str, codec: str, name: str) -> None:
    found = decode(text.encode(codec), "a.csv")
    assert (found.text, found.name) == (text.removeprefix("\ufeff"), name)


def test_decode__traditional_and_western() -> None:
    assert decode(TRADITIONAL.encode("big5"), "a.csv").text == TRADITIONAL
    western = "prénom,société\r\nRené,Café Zoë\r\n"
    assert decode(western.encode("cp1252"), "a.csv").text == western


@pytest.mark.parametrize("count", [1, 2, 5])
def test_decode__short_gbk_is_never_taken_for_big5(count: int) -> None:
    rng = random.Random(count)
    for _ in range(100):
        text = ",".join(rng.choice(COMPANIES) for _ in range(count)) + "\r\n"
        assert decode(text.encode("gbk"), "a.csv").text == text


def test_decode__first_chinese_far_down() -> None:
    text = "id,name\r\n" * 50_000 + "客户,张伟\r\n"
    assert decode(text.encode("gbk"), "a.csv").text == text


def test_decode__what_the_user_says_wins() -> None:
    assert decode(SHEET.encode("gbk"), "a.csv", "latin-1").text.startswith("¿Í»§")
    assert decode(SHEET.encode("gbk"), "a.csv", "GB2312").text == SHEET
    assert decode(SHEET.encode("utf-8-sig"), "a.csv", "UTF-8").text == SHEET
    assert decode(SHEET.encode("utf-16"), "a.csv", "utf-16").text == SHEET
    with pytest.raises(UnknownName, match="gbk"):
        decode(b"", "a.csv", "klingon")
    with pytest.raises(UnknownName):
        decode(b"", "a.csv", "hex")


LINES = [f"{n},客户{n},张伟\r\n" for n in range(1, 21)]


def broken(encoding: str, place: int, junk: bytes) -> bytes:
    data = [line.encode(encoding) for line in LINES]
    data[place] = junk + data[place]
    return b"".join(data)


@pytest.mark.parametrize(
    ("data", "given", "sentence"),
    [
        (broken("utf-8", 10, b"\xff"), None, "第11行有按 UTF-8 编码读不出的字"),
        (broken("gbk", 4, b"\xff"), None, "第5行有按 GB18030 编码读不出的字"),
        ("".join(LINES).encode("gbk"), "utf-8", "第1行有按 UTF-8 编码读不出的字"),
        ("".join(LINES).encode("gbk")[:-5], None, "第20行断在半个字上"),
        ("".join(LINES).encode()[:-4], None, "第20行断在半个字上"),
        (
            b"".join(line.encode() for line in LINES[:10])
            + b"".join(line.encode("gbk") for line in LINES[10:]),
            None,
            "从第11行起换了编码",
        ),
    ],
)
def test_decode__names_the_line(data: bytes, given: str | None, sentence: str) -> None:
    with pytest.raises(FileProblem, match=sentence):
        decode(data, "a.csv", given)
