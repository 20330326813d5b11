"""Frequent words and short phrases of Chinese texts, each counted once a lead.

Texts are cut by rjieba (the dictionary of jieba), which is imported only when a text is there to
be cut. Without its guessing of unknown words: what the dictionary and the kit's own words do not
hold falls into single characters and is left out, where guessing would make words up.
"""

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd

# Beyond so many different texts only the latest ones are cut: a second or two on a slow machine.
MOST_TEXTS = 20_000
_MOST_CANDIDATES = 400
_LONGEST_PHRASE = 3
# Words side by side are a phrase where the rarest of them so often stands in it, and a word is
# left out where phrases shown make up so much of what it counts.
_COLLOCATED, _COVERED = 0.6, 0.8
_LEAST_PHRASE = 2
_JOINT = "\x1f"
# Parts of speech (ICTCLAS) that carry a meaning of their own: nouns, verbs, adjectives, idioms,
# abbreviations, foreign words; not names of people and places, times, numbers.
_KINDS = frozenset(("n", "v", "a", "l", "i", "j", "e", "b"))
_NOT = frozenset(("nr", "nrt", "nrfg", "ns", "e", "f"))
# What every follow-up says and none means.
STOP_WORDS = frozenset(
    re.findall(
        r"\S+",
        """
    客户 对方 我们 公司 企业 单位 需要 需求 希望 想要 要求 表示 反馈 介绍 沟通 联系 跟进 进行 可以
    能够 能否 是否 有没有 没有 确认 了解 讨论 说明 提供 发送 安排 准备 整理 约定 预约 下周 本周 明天
    今天 目前 现在 已经 还是 比较 觉得 认为 问题 情况 方面 相关 一些 一下 这个 那个 什么 怎么 时候
    电话 微信 邮件 拜访 面谈 线上 第次 产品 使用 增加 考虑 再看 看看 一套 优先级 清单 回复 答复 等待
    开始 继续 完成 通过 关注 感兴趣 兴趣 满意 认可 愿意 基本 进一步 内容 工作 负责 负责人 经理 老板
    不了 一起 客服 时间 两家 几家 同行 同行业 案例 资料 技术 人员 领导 内部 汇报 明确 现状
    """,
    )
)
# Words of the trade that the dictionary cuts apart.
TRADE_WORDS = frozenset(
    (
        "移动端",
        "手机端",
        "小程序",
        "进销存",
        "数据迁移",
        "旧系统",
        "二次开发",
        "多仓库",
        "录单",
        "上云",
    )
)
_MEANING = re.compile(r"[\u4e00-\u9fff]{2,}|[A-Za-z][A-Za-z0-9+#.-]+")

Cutter = Callable[[str], list[tuple[str, str]]]


@dataclass(frozen=True)
class Term:
    """A word or phrase: how many leads mention it, and the place of its latest mention.

    `example` is a label of the index of the mentions given.
    """

    text: str
    leads: int
    example: int


@dataclass(frozen=True)
class Terms:
    """The most frequent terms; `texts` different ones were cut, `left` older ones were not."""

    items: tuple[Term, ...]
    leads: int
    texts: int
    left: int


def frequent(
    mentions: pd.DataFrame, words: Iterable[str], ignored: Collection[str], shown: int
) -> Terms:
    """Find the most frequent terms.

    Args:
        mentions: `lead`, `text` and `day`, any index; rows without a text are passed over.
        words: Words of the team's own, that are never cut apart.
        ignored: Names that are no terms.
        shown: How many to return.
    """
    rows = mentions[mentions["text"].notna() & (mentions["lead"] >= 0)]
    rows = rows.sort_values("day", ascending=False, kind="stable", na_position="last")
    codes, texts = pd.factorize(rows["text"])
    leads = int(rows["lead"].nunique())
    kept = min(len(texts), MOST_TEXTS)
    if not kept:
        return Terms((), leads, 0, 0)
    own = tuple(sorted({w for w in (*words, *TRADE_WORDS) if _MEANING.fullmatch(w)}))
    found = _terms_of([str(t) for t in texts[:kept]], _cutter(own), frozenset(ignored))
    seen = rows.assign(code=codes)[codes < kept]
    pairs = seen[["code", "lead"]].merge(found, on="code")
    pairs = pairs.drop_duplicates(["lead", "term"])
    counts = pairs["term"].value_counts()
    chosen = _without_parts(counts.head(_MOST_CANDIDATES), shown)
    items = [
        Term(text.replace(_JOINT, ""), size, _example(seen, found, text)) for text, size in chosen
    ]
    return Terms(tuple(items), leads, kept, len(texts) - kept)


def clauses(texts: pd.Series, cues: str) -> pd.Series:
    """Return the clauses of texts in which a cue occurs, joined by ；, NaN where there is none.

    Args:
        texts: The texts.
        cues: A regular expression.
    """
    codes, unique = pd.factorize(texts)
    pattern = re.compile(cues)
    mark = re.compile(r"[，。；！？!?;,\n]+")
    cut = [
        "；".join([part for part in mark.split(text) if pattern.search(part)])
        if pattern.search(text)
        else ""
        for text in unique.tolist()
    ]
    found = np.array([*cut, ""], dtype="object")[codes]
    return pd.Series(found, index=texts.index, dtype="str").replace("", np.nan)


def _terms_of(texts: Sequence[str], cut: Cutter, ignored: Collection[str]) -> pd.DataFrame:
    """Return `code` (place of the text) and `term`, every term once a text."""
    codes: list[int] = []
    terms: list[str] = []
    known: dict[tuple[str, str], bool] = {}
    for code, text in enumerate(texts):
        tokens = cut(text)
        for token in tokens:
            if token not in known:
                known[token] = _meant(*token, ignored)
        mine = _terms(tokens, known)
        codes += [code] * len(mine)
        terms += mine
    return pd.DataFrame({"code": codes, "term": pd.Series(terms, dtype="str")})


def _terms(tokens: Sequence[tuple[str, str]], known: Mapping[tuple[str, str], bool]) -> set[str]:
    """Return the words with a meaning, and those that stand side by side joined by _JOINT."""
    found: set[str] = set()
    last: list[str] = []
    for token in tokens:
        if not known[token]:
            last = []
            continue
        # The phrases that end with this word, the shortest first.
        word = token[0]
        last = [word, *(phrase + _JOINT + word for phrase in last[: _LONGEST_PHRASE - 1])]
        found.update(last)
    return found


def _meant(word: str, kind: str, ignored: Collection[str]) -> bool:
    if word in STOP_WORDS or word in ignored or not _MEANING.fullmatch(word):
        return False
    return kind == "eng" or (kind[:1] in _KINDS and kind not in _NOT)


def _without_parts(counts: "pd.Series[int]", shown: int) -> list[tuple[str, int]]:
    """Return the most frequent words and phrases; those that a longer phrase tells are left out."""
    sizes = {str(term): int(size) for term, size in counts.items()}
    phrases = [t for t in sizes if _JOINT in t and _is_phrase(t, sizes)]
    longest = [
        p
        for p in phrases
        if not any(_covers(q, p) and sizes[q] >= _COVERED * sizes[p] for q in phrases)
    ]
    covered: Counter[str] = Counter()
    for phrase in longest:
        for word in set(phrase.split(_JOINT)):
            covered[word] += sizes[phrase]
    words = [t for t in sizes if _JOINT not in t and covered[t] < _COVERED * sizes[t]]
    ranked = sorted([*words, *longest], key=lambda t: (-sizes[t], -len(t), t))
    return [(term, sizes[term]) for term in ranked[:shown]]


def _is_phrase(term: str, sizes: Mapping[str, int]) -> bool:
    rarest = min(sizes.get(word, 0) for word in term.split(_JOINT))
    return sizes[term] >= max(_LEAST_PHRASE, _COLLOCATED * rarest)


def _covers(longer: str, term: str) -> bool:
    return longer != term and f"{_JOINT}{term}{_JOINT}" in f"{_JOINT}{longer}{_JOINT}"


def _example(seen: pd.DataFrame, found: pd.DataFrame, term: str) -> int:
    codes = found.loc[found["term"] == term, "code"]
    return int(seen.index[seen["code"].isin(codes)][0])


@cache
def _cutter(words: tuple[str, ...]) -> Cutter:
    import rjieba  # its dictionary takes a second to load

    jieba = rjieba.Jieba()
    for word in words:
        jieba.add_word(word, None, "n")
    return lambda text: jieba.tag(text, hmm=False)
