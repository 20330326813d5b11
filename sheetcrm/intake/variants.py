"""The ways one heading may be read: without question numbers, polite words, codes and languages."""

import re
import unicodedata
from functools import lru_cache

# 问卷星、金数据: "1、您的姓名：", "Q2. 请输入手机号", "（3）贵公司名称是？"
_NUMBER = re.compile(
    r"^(?:[(（【]\d{1,3}[)）】][、.．]?|(?:q|第)?\d{1,3}(?:题)?[、.．:：)）]|[一二三四五六七八九十]{1,3}、)\s*",
    re.IGNORECASE,
)
_POLITE = re.compile(
    r"^(?:请问|请您?(?:输入|填写|选择|留下)?|[您你](?:所在)?的?|贵(?=公司|单位|司)的?|我的)+(?=.{2})"
)
_ASKING = re.compile(r"(?:是什么|是多少|是哪里|是谁|是|为|有哪些|怎么称呼)?[?？:：]*$")
_BRACKETED = re.compile(
    r"^(?P<outside>[^()（）【】\[\]]+)[(（【\[](?P<inside>[^()（）【】\[\]]+)[)）】\]]$"
)
# A yuan by another name; any other currency is for a person to look at.
_YUAN = re.compile(r"[\s_-]*(?:cny|rmb|人民币)$", re.IGNORECASE)
_PATH = re.compile(
    r"^(?:(?:线索|商机|客户|联系人|公司|企业|跟进)\s*[.·>》:：-]"
    r"|[\u4e00-\u9fff]{2,4}(?:信息|资料|属性)\s*[.·>》/:：-])\s*(?=.{2})"
)
_LANGUAGES = re.compile(
    r"^(?P<chinese>[\u4e00-\u9fff、（）()]+)[\s/|_-]*(?P<english>[A-Za-z][A-Za-z _.-]+)$"
)
_ENGLISH_FIRST = re.compile(
    r"^(?P<english>[A-Za-z][A-Za-z _.-]+?)[\s/|_-]*(?P<chinese>[\u4e00-\u9fff]+)$"
)
_FIRST = re.compile(r"(?<=[\u4e00-\u9fff])(?:[\s_-]*1|一|①|[(（][1一][)）])$")
_AND = re.compile(r"[/、|+&]|(?<=[\u4e00-\u9fff])[和及与或](?=[\u4e00-\u9fff])")
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")


@lru_cache(maxsize=4096)
def variants(text: str) -> tuple[str, ...]:
    """Return other texts a heading may be known by, likeliest first, without the heading itself."""
    found: list[str] = []
    plain = unicodedata.normalize("NFKC", text).strip().strip("*").strip()
    asked = _ASKING.sub("", _POLITE.sub("", _NUMBER.sub("", plain))).strip() or plain
    found += [asked, _NUMBER.sub("", plain)]
    for base in (plain, asked):
        found += _parts(base)
        found += [_YUAN.sub("", base), _PATH.sub("", base), _FIRST.sub("", base)]
    return tuple(dict.fromkeys(t for t in found if t and t != text))


def languages(text: str) -> tuple[str, str] | None:
    """Return the Chinese and the English part of a heading in both; None for any other."""
    plain = unicodedata.normalize("NFKC", text).strip().strip("*").strip()
    match = _LANGUAGES.match(plain) or _ENGLISH_FIRST.match(plain)
    return (match["chinese"].strip(), match["english"].strip()) if match else None


def joined(text: str) -> tuple[str, ...]:
    """Return the parts of a heading that names several things: 公司/联系人."""
    parts = [part.strip() for part in _AND.split(unicodedata.normalize("NFKC", text))]
    return tuple(part for part in parts if part) if len(parts) > 1 else ()


@lru_cache(maxsize=4096)
def english_words(text: str) -> tuple[str, ...]:
    """Return the words of an English heading, lower case: Customer_ID, customerId, Customer ID."""
    return tuple(word.casefold() for word in _WORD.findall(text)) if text.isascii() else ()


def _parts(text: str) -> list[str]:
    """Return what stands outside and inside a heading's brackets."""
    found = []
    if match := _BRACKETED.match(text):
        found.append(match["outside"])
        # 紧急联系人(电话) is no phone of the customer; Name (name) says the same twice.
        if match["inside"].isascii():
            found.append(match["inside"])
    return [part.strip() for part in found]
