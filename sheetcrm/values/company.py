"""Chinese company names by their structure: region, 字号, trade, legal form, branch.

Edit distance cannot tell them apart: 上海星辰科技 and 星辰科技（上海） are one company, two
branches of one bank are not. Names are the same where 字号 and trade are equal, the regions agree
and the branch is the same; similar where one of these is left open.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

from sheetcrm.values.regions import CITIES, PROVINCE_OF, WIDE

Likeness = Literal["strong", "similar", "none"]

# Traditional characters that are usual in company names, and their simplified forms.
_TRADITIONAL = str.maketrans(
    "國際業實務資訊產電開發機構華東廣灣臺龍鳳銀團創製設計學醫藥衛飛馬貿經濟環圖書傳媒聯營財險貨運車"
    "輛動軟體網絡諮詢顧問與億萬豐盛達寶鋼鐵銅鋁礦煉紡織輕紅藍綠黃遠錦興壽樂韓極鑫縣區陽陰連島長農"
    "漁養飼質檢測驗節儀術橋門廈處歷師範幼兒園藝話語譯優選購銷採購級層樓閣療護齊魯義烏蘇滬風雲畫鄉積爾愛聖亞歐頓蘭維",
    "国际业实务资讯产电开发机构华东广湾台龙凤银团创制设计学医药卫飞马贸经济环图书传媒联营财险货运车"
    "辆动软体网络咨询顾问与亿万丰盛达宝钢铁铜铝矿炼纺织轻红蓝绿黄远锦兴寿乐韩极鑫县区阳阴连岛长农"
    "渔养饲质检测验节仪术桥门厦处历师范幼儿园艺话语译优选购销采购级层楼阁疗护齐鲁义乌苏沪风云画乡积尔爱圣亚欧顿兰维",
)
_FORMS = (
    *(
        "股份有限责任公司",
        "有限责任公司",
        "股份有限公司",
        "集团有限公司",
        "控股有限公司",
        "有限公司",
    ),
    *("股份公司", "集团公司", "总公司", "公司", "集团股份", "集团", "控股", "股份", "有限合伙"),
    *("普通合伙", "合伙企业", "个人独资企业", "事务所", "合作社", "商行", "工作室", "经营部", "厂"),
)
_TRADES = (
    *(
        "信息技术",
        "网络科技",
        "电子商务",
        "电子科技",
        "智能科技",
        "生物科技",
        "智能制造",
        "供应链管理",
    ),
    *(
        "软件开发",
        "文化传媒",
        "文化传播",
        "广告传媒",
        "企业管理",
        "管理咨询",
        "人力资源",
        "国际贸易",
    ),
    *(
        "进出口贸易",
        "进出口",
        "物流运输",
        "房地产开发",
        "房地产",
        "置业",
        "装饰工程",
        "建筑工程",
        "建设工程",
    ),
    *(
        "医疗器械",
        "医疗科技",
        "教育科技",
        "教育咨询",
        "餐饮管理",
        "酒店管理",
        "物业管理",
        "机电设备",
    ),
    *("自动化设备", "机械设备", "机械制造", "精密机械", "新材料", "新能源", "环保科技", "农业科技"),
    *(
        "科技发展",
        "科技",
        "技术",
        "网络",
        "软件",
        "信息",
        "电子",
        "电器",
        "电气",
        "机械",
        "机电",
        "设备",
    ),
    *(
        "制造",
        "实业",
        "工业",
        "贸易",
        "商贸",
        "物流",
        "货运",
        "运输",
        "速递",
        "快递",
        "建材",
        "材料",
        "化工",
    ),
    *(
        "塑料",
        "塑胶",
        "橡胶",
        "五金",
        "模具",
        "纺织",
        "服装",
        "服饰",
        "鞋业",
        "家具",
        "家居",
        "包装",
        "印刷",
    ),
    *(
        "食品",
        "餐饮",
        "酒业",
        "饮料",
        "农业",
        "牧业",
        "渔业",
        "粮油",
        "生物",
        "制药",
        "医药",
        "药业",
        "医疗",
    ),
    *(
        "健康",
        "教育",
        "培训",
        "咨询",
        "服务",
        "管理",
        "投资",
        "资本",
        "金融",
        "保险",
        "证券",
        "租赁",
        "传媒",
    ),
    *(
        "广告",
        "文化",
        "设计",
        "装饰",
        "建筑",
        "建设",
        "工程",
        "地产",
        "物业",
        "酒店",
        "旅游",
        "旅行社",
        "汽车",
    ),
    *(
        "汽配",
        "能源",
        "电力",
        "环保",
        "环境",
        "钢铁",
        "金属",
        "铝业",
        "矿业",
        "通信",
        "通讯",
        "半导体",
        "光电",
    ),
    *(
        "仪器",
        "仪表",
        "自动化",
        "零售",
        "百货",
        "超市",
        "发展",
        "开发",
        "互联网",
        "数据",
        "智能",
        "航空",
        "海运",
    ),
)
_DISTRICT = re.compile(r"[\u4e00-\u9fff]{1,3}(?:自治[州县]|新区|[县区])(?=[\u4e00-\u9fff]{2})")
_BRANCHES = (
    "分公司",
    "子公司",
    "分行",
    "支行",
    "分部",
    "办事处",
    "代表处",
    "门店",
    "分店",
    "营业部",
)
_BRANCH = re.compile(
    r"(?<=[司团行厂])((?:(?!公司|集团)[\u4e00-\u9fff0-9]){0,12}(?:" + "|".join(_BRANCHES) + r"))$"
)
_PAREN = re.compile(r"[(\[【〔]([^)\]】〕]*)[)\]】〕]")
_MARKS = re.compile(r"[\s·•.,，。、;；:：\"'“”‘’《》<>!！_-]+")
_ANONYMOUS = re.compile(r"[*?×]|xx|某|(?:先生|女士|小姐|老师|阿姨|师傅)$|^.{1,2}(?:总|经理)$", re.I)
_SHORTEST_CORE = 2
# Words that say what a body is, not which one.
_GENERIC = frozenset(
    (*_TRADES, "大学", "学院", "中学", "小学", "医院", "银行", "政府", "协会", "客户")
)
_PROVINCE_ENDS = ("省", "市", "壮族自治区", "回族自治区", "维吾尔自治区", "自治区")


@dataclass(frozen=True)
class Words:
    """Words to look for at one end of a name: their lengths, longest first; their outer letters."""

    texts: frozenset[str]
    lengths: tuple[int, ...]
    firsts: frozenset[str]
    lasts: frozenset[str]


def _words(texts: Iterable[str]) -> Words:
    known = frozenset(texts)
    return Words(
        known,
        tuple(sorted({len(text) for text in known}, reverse=True)),
        frozenset(text[0] for text in known),
        frozenset(text[-1] for text in known),
    )


_FORM_WORDS, _TRADE_WORDS = _words(_FORMS), _words(_TRADES)
_PLACES = (
    (_words(WIDE), ("区",)),
    (_words(CITIES), _PROVINCE_ENDS),
    (_words(PROVINCE_OF), ("市",)),
)
# A 字号 that more names share is not compared pair by pair.
_LARGE_BLOCK = 60


@dataclass(frozen=True)
class Company:
    """A company name taken apart; the parts are normalised, "" where the name lacks them.

    `city` and `province` come from the front of the name or from parentheses; `core` is the 字号;
    `known` says that the name is fit for comparing (no 某, no masking, a 字号 of 2 characters).
    """

    text: str
    core: str
    trade: str = ""
    form: str = ""
    branch: str = ""
    city: str = ""
    province: str = ""
    known: bool = True


def normal_name(name: str) -> str:
    """Return a name in simplified, half-width, lower-case characters without spaces and marks."""
    folded = unicodedata.normalize("NFKC", name).translate(_TRADITIONAL).casefold()
    return _MARKS.sub("", folded)


def parse_company(name: str) -> Company:
    """Take a company name apart.

    A name without any of the usual parts is all 字号, as people's names and brands are.
    """
    text = normal_name(name)
    rest, noted = _without_parentheses(text)
    branch = _BRANCH.search(rest) if rest.endswith(_BRANCHES) else None
    if branch:
        rest = rest[: branch.start()]
    rest, form = _split_end(rest, _FORM_WORDS, 1)
    rest, places = _places(rest)
    inside = [place for note in noted for place in _places(note)[1]]
    core, trade = _split_end(rest, _TRADE_WORDS, _SHORTEST_CORE)
    loose = "".join(note for note in noted if not _places(note)[1] and note not in _FORMS)
    return Company(
        text=_PAREN.sub(r"\1", text) if noted else text,
        core=core,
        trade=trade,
        form=form,
        branch=(branch[1] if branch else "") + loose,
        city=next((p for p in (*places, *inside) if p in PROVINCE_OF or p in WIDE), ""),
        province=next((p for p in (*places, *inside) if p in CITIES), ""),
        known=len(core) >= _SHORTEST_CORE
        and (core not in _GENERIC or bool(places))
        and not _ANONYMOUS.search(text),
    )


def compare(one: Company, other: Company) -> Likeness:
    """Say how alike two companies are.

    strong: the same 字号, trade and branch, and regions that agree. similar: the same 字号 and
    branch, where the trade or the region is missing in one of them. Anything else is none: another
    city, another trade, another branch.
    """
    if not (one.known and other.known):
        return "none"
    if one.text == other.text:
        return "strong"
    if one.core != other.core or one.branch != other.branch:
        return "none"
    region = _regions_agree(one, other)
    trade = _trades_agree(one.trade, other.trade)
    if "none" in (region, trade):
        return "none"
    return "strong" if region == trade == "strong" else "similar"


def alike(companies: Mapping[str, Company]) -> list[tuple[str, str, Likeness]]:
    """Return the pairs of names that are alike, compared only within the same 字号.

    Of a 字号 that very many names share, only names of the same trade, branch and city are paired,
    each with the first of them.

    Args:
        companies: What `parse_company` says of each distinct name.
    """
    blocks: dict[str, dict[str, Company]] = {}
    for name, company in companies.items():
        if company.known:
            blocks.setdefault(company.core, {})[name] = company
    return [
        (a, b, likeness)
        for block in blocks.values()
        if len(block) > 1
        for a, b in _pairs(block)
        if (likeness := compare(block[a], block[b])) != "none"
    ]


def _pairs(block: Mapping[str, Company]) -> Iterable[tuple[str, str]]:
    if len(block) <= _LARGE_BLOCK:
        return combinations(block, 2)
    first: dict[tuple[str, str, str], str] = {}
    pairs = []
    for name, company in block.items():
        key = (company.trade, company.branch, company.city)
        if key in first:
            pairs.append((first[key], name))
        first.setdefault(key, name)
    return pairs


def _without_parentheses(text: str) -> tuple[str, list[str]]:
    if "(" not in text and "【" not in text and "[" not in text and "〔" not in text:
        return text, []
    return _PAREN.sub("", text), [note for note in _PAREN.findall(text) if note]


def _last_word(text: str, words: Words, keep: int) -> str:
    """Return the longest of the words that the text ends with, leaving `keep` characters."""
    if text[-1:] not in words.lasts:
        return ""
    for length in words.lengths:
        if len(text) - length >= keep and text[-length:] in words.texts:
            return text[-length:]
    return ""


def _split_end(text: str, words: Words, keep: int) -> tuple[str, str]:
    """Split off words at the end, several where they follow one another."""
    ending = ""
    while word := _last_word(text, words, keep):
        text, ending = text[: -len(word)], word + ending
    return text, ending


def _places(text: str) -> tuple[str, list[str]]:
    """Split off province, city and district at the front; a whole text that is a place too."""
    found: list[str] = []
    for words, suffixes in _PLACES:
        if text[:1] not in words.firsts:
            continue
        name = next((text[:n] for n in words.lengths if text[:n] in words.texts), "")
        rest = text[len(name) :]
        rest = rest[len(next((s for s in suffixes if rest.startswith(s)), "")) :]
        if name and (len(rest) >= _SHORTEST_CORE or not rest):
            found.append(name)
            text = rest
    district = _DISTRICT.match(text) if found else None
    return (text[district.end() :] if district else text), found


def _regions_agree(one: Company, other: Company) -> Likeness:
    cities, provinces = {one.city, other.city}, {_province(one), _province(other)}
    if "" not in provinces and len(provinces) > 1:
        return "none"
    if "" not in cities and len(cities) > 1:
        return "none"
    if cities == {""}:
        return "strong" if "" in provinces or len(provinces) == 1 else "none"
    return "strong" if "" not in cities or "" in provinces else "similar"


def _province(company: Company) -> str:
    return company.province or PROVINCE_OF.get(company.city, company.city)


def _trades_agree(one: str, other: str) -> Likeness:
    if one == other:
        return "strong"
    short, long = sorted((one, other), key=len)
    return "similar" if long.startswith(short) or long.endswith(short) else "none"
