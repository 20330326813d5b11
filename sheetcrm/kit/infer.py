"""A foreign workbook's own pipeline, read from its labels, its stage rows and common vocabulary."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from sheetcrm.kit.model import PHASES, Phase, Pipeline, Stage, StageKind
from sheetcrm.kit.percent import phase_of_share, share_of
from sheetcrm.values.text import fold, is_blank, tidy
from sheetcrm.values.traditional import simplified

# A label nobody knows is a stage where it is used regularly: at least so often and in this share.
_REGULAR_COUNT = 3
_REGULAR_SHARE = 0.02
# Below this share of known labels the workbook speaks its own language: all its labels are stages.
_KNOWN_SHARE = 0.5
_MOST_STAGES = 30
# A workbook that uses fewer of a shipped pipeline's stages has a shorter pipeline of its own.
_FITTING_SHARE = 0.6
_KEYWORDS: tuple[tuple[str, Phase], ...] = (
    (r"暂[缓停时不无没]|on.?hold", "contact"),
    (
        r"流失|丢单|输单|失败|战败|无效|放弃|关闭|拒绝|黄(?:了|掉|单)|死单|没戏|泡汤|谈崩|取消|终止|作废"
        r"|落标|[未没]中标|没(?:成交|签成|谈成)|[无没]有?(?:意向|需求|兴趣)|不(?:需要|合作|考虑|要了|再)|停止|空号"
        r"|停(?:销|用|合作)|退(?:筹|房|订|定|单|保|款|费|课)|拒保|撤单|已购他"
        r"|lost|dead|declin|reject",
        "lost",
    ),
    (
        r"(?:待|拟|准备|即将|快|未|没|等)(?:签|成交|下单|付款|打款|报名|缴费|承保|出单|铺货)|签约中|谈判|议价"
        r"|合同(?:评审|审批|拟定)|商务洽谈|认购|投保|negotiat",
        "negotiation",
    ),
    (r"交付|实施|售后|验收|上线|交[车房]|deliver", "delivery"),
    (
        r"成交|赢单|签约|签订|签单|已签|签了|中标|回款|下单|付款|打款|报名(?!试|体验|活动|参)|缴费|承保|出单|铺货"
        r"|won|sold|booked",
        "won",
    ),
    (
        r"方案|报价|投标|演示|试[用听驾销样单]|体验|建议书|打样|[送寄看]样|proposal|quot",
        "proposal",
    ),
    (r"商机|立项|高意向|认筹|qualif|opportunit", "qualified"),
    (r"需求|调研|意向|分析|need", "needs"),
    (
        r"沟通|联系|接[触洽通]|[拜来到复首面约回]访|到[店场]|跟进|洽谈|交流|面谈|邀约|加微|加好友|contact",
        "contact",
    ),
    (r"线索|录入|新增|潜在|获取|[未待]开发|lead|new", "lead"),
)
# What usually comes before what within a milestone: 未接通, 已加微信, 已到访.
_STEPS = (
    r"[未没待]",
    r"[首初]|接通|联系",
    r"微信?|好友",
    r"邀|约",
    r"[到来拜]访|到店|面谈",
    r"复访|回访|二次",
    r"[送寄打看]样",
    r"方案|演示|建议书",
    r"试|体验",
    r"报价",
    r"投标",
    r"谈判|洽谈|议价",
    r"认购|投保|合同",
)


@dataclass(frozen=True)
class StageUse:
    """How a workbook uses its stage labels, all tidied.

    `current` counts the labels of the lead table, `history` has columns lead, stage and entered of
    the 阶段进度 rows in sheet order, `listed` are the values of the column's own drop-down,
    `named` counts the labels that leads had before (kit.stage_memory).
    """

    current: Mapping[str, int]
    history: pd.DataFrame
    listed: tuple[str, ...] = ()
    named: Mapping[str, int] = field(default_factory=dict)

    @property
    def visited(self) -> Mapping[str, int]:
        """How many stage rows each label has."""
        return Counter(self.history["stage"])


def stage_use(
    current: Sequence[object], history: pd.DataFrame | None = None, listed: Sequence[str] = ()
) -> StageUse:
    """Collect how stages are used.

    Args:
        current: The cells of the lead table's stage column.
        history: Raw columns lead, stage, entered; None where there are no stage rows.
        listed: The stage column's own drop-down values.
    """
    labels: Counter[str] = Counter()
    for cell, count in Counter(current).items():
        if isinstance(cell, str) and not is_blank(cell):
            labels[tidy(cell)] += count
    rows = pd.DataFrame({"lead": [], "stage": [], "entered": []}) if history is None else history
    if len(rows):
        stages = {s: tidy(s) for s in set(rows["stage"]) if isinstance(s, str) and not is_blank(s)}
        rows = rows.assign(stage=rows["stage"].map(stages)).dropna(subset="stage")
    return StageUse(labels, rows, tuple(dict.fromkeys(tidy(v) for v in listed if v.strip())))


def infer_pipeline(use: StageUse, shipped: Sequence[Pipeline]) -> Pipeline | None:
    """Work out the pipeline of a foreign workbook; None where it names no stage at all.

    Kinds come from the synonyms of all shipped pipelines, the order from the transitions in the
    stage rows, then from the drop-down, then from the synonyms' phases. Labels are kept as they
    are. A workbook whose labels all belong to one shipped pipeline gets that one; where all of them
    are losses, the shipped pipeline says on what way those leads were.
    """
    labels = _stage_labels(use, _synonyms(shipped))
    if not labels:
        return None
    closest = _closest_first(labels, shipped)
    known = _synonyms(closest)
    labels = sorted(labels, key=lambda label: share_of(label) or 0)  # the others as they were
    ordered, source = _ordered([_stage(label, known) for label in labels], use)
    if all(stage.kind == "lost" for stage in ordered):
        way = [stage for stage in closest[0].stages if stage.kind != "lost"]
        ordered, source = [*way, *ordered], f"预置流程“{closest[0].name}”"
    fitting = next((p for p in shipped if _fits(ordered, p)), None)
    if fitting:
        sentence = f"阶段名称与预置流程“{fitting.name}”一致，按该流程的顺序和期限处理"
        return fitting.model_copy(update={"inferred": sentence})
    return Pipeline(
        key="inferred",
        name="本文件的阶段",
        stages=tuple(ordered),
        inferred=_sentence(ordered, source),
    )


def stage_reason(label: str, shipped: Sequence[Pipeline]) -> str:
    """Say in Chinese what a label's kind and phase rest on; "" where nothing speaks for them."""
    like = _synonyms(_closest_first([label], shipped)).get(_key(label))
    if like:
        same = _key(label) in (_key(text) for text in (like.name, *like.labels))
        return "常见的阶段名称" if same else f"“{like.name}”的另一种叫法"
    if share_of(label) is not None:
        return "百分比越高越接近成交，100%是成交"
    for words, _ in _KEYWORDS:
        if found := re.search(words, simplified(label), re.IGNORECASE):
            return f"名称里有“{found[0]}”"
    return ""


def _fits(stages: Sequence[Stage], shipped: Pipeline) -> bool:
    """Say whether the stages are most of a shipped pipeline's, in its words and order."""
    place = {
        text: i for i, stage in enumerate(shipped.stages) for text in (stage.name, *stage.labels)
    }
    places = [place.get(stage.name, -1) for stage in stages]
    enough = len(set(places)) >= _FITTING_SHARE * len(shipped.stages)
    return enough and -1 not in places and places == sorted(places)


def _synonyms(shipped: Sequence[Pipeline]) -> dict[str, Stage]:
    known: dict[str, Stage] = {}
    for texts in (lambda s: (s.name,), lambda s: s.labels, lambda s: s.aliases):
        for pipeline in shipped:
            for stage in pipeline.stages:
                for text in texts(stage):
                    known.setdefault(_key(text), stage)
    return known


def _key(label: str) -> str:
    return simplified(fold(label))


def stage_words(shipped: Sequence[Pipeline]) -> frozenset[str]:
    """Return every name, label and alias of the pipelines' stages, folded and simplified."""
    return frozenset(_synonyms(shipped))


def _stage_labels(use: StageUse, known: Mapping[str, Stage]) -> list[str]:
    """Choose which labels are stages; the rest are values to be reported."""
    if use.listed:
        return list(use.listed)
    visited = use.visited
    counts = Counter(use.current) + Counter(visited)
    total_current, total_visited = sum(use.current.values()), sum(visited.values())
    familiar = sum(n for label, n in counts.items() if _key(label) in known)
    own_language = familiar < _KNOWN_SHARE * sum(counts.values()) and len(counts) <= _MOST_STAGES

    def regular(label: str) -> bool:
        return any(
            n >= max(_REGULAR_COUNT, _REGULAR_SHARE * total)
            for n, total in (
                (use.current.get(label, 0), total_current),
                (visited[label], total_visited),
            )
        )

    # Stage rows are a history of every lead: a label that never occurs in them and only now and
    # then in the lead table is a slip, even when somebody else uses it for a stage.
    has_history = total_visited >= max(5, total_current)
    now = [
        label
        for label in counts
        if regular(label)
        or (own_language and not has_history)
        or ((_key(label) in known or phase_of(label)) and (not has_history or label in visited))
    ]
    before = [
        label
        for label, n in use.named.items()
        if label not in counts
        and (n >= _REGULAR_COUNT or own_language or (_key(label) in known and not has_history))
    ]
    return [*now, *(before if now else ())]


def _closest_first(labels: Sequence[str], shipped: Sequence[Pipeline]) -> list[Pipeline]:
    """Sort shipped pipelines by how many of the labels they know."""
    wanted = {_key(label) for label in labels}
    return sorted(shipped, key=lambda p: -len(wanted & {_key(text) for text in p.by_label}))


def _stage(label: str, known: Mapping[str, Stage]) -> Stage:
    like = known.get(_key(label))
    if like:
        kept = like.model_dump(exclude={"name", "labels", "aliases"})
        return Stage(name=label, labels=(label,), **kept)
    share = share_of(label)
    phase = phase_of(label) or "contact" if share is None else phase_of_share(share)
    kind: StageKind = (
        "lost" if phase == "lost" else "won" if phase in ("won", "delivery") else "open"
    )
    return Stage(name=label, labels=(label,), kind=kind, phase=phase)


def phase_of(label: str) -> Phase | None:
    """Return the milestone a stage label speaks of by its words, None where it has none of them."""
    said = simplified(label)
    return next((p for words, p in _KEYWORDS if re.search(words, said, re.IGNORECASE)), None)


def _step(label: str) -> int:
    """Return how far a label is among those of its milestone by its words."""
    said = simplified(label)
    return next((i for i, words in enumerate(_STEPS) if re.search(words, said)), len(_STEPS))


def _ordered(stages: Sequence[Stage], use: StageUse) -> tuple[list[Stage], str]:
    """Put the stages in order: open ones, then won, then lost; and say what the order rests on."""
    before = _precedence(use.history)
    listed = {label: i for i, label in enumerate(use.listed)}
    seen = {label for pair in before for label in pair}
    group = {"open": 0, "won": 1, "lost": 2}
    by_phase = sorted(
        stages,
        key=lambda s: (
            group[s.kind],
            listed.get(s.name, 0),
            PHASES.index(s.phase),
            _step(s.name),
        ),
    )
    moved = [s for s in by_phase if s.name in seen]
    wins = {
        s.name: sum(
            before[s.name, o.name] > before[o.name, s.name] for o in moved if o.kind == s.kind
        )
        for s in moved
    }
    moved.sort(key=lambda s: (group[s.kind], -wins[s.name]))
    if len([s for s in moved if s.kind == "open"]) < 2:
        return by_phase, "下拉列表" if listed else "阶段名称的通常含义"
    result = list(moved)
    for stage in (s for s in by_phase if s.name not in seen):
        place = (group[stage.kind], PHASES.index(stage.phase))
        spot = next(
            (i for i, s in enumerate(result) if (group[s.kind], PHASES.index(s.phase)) > place),
            len(result),
        )
        result.insert(spot, stage)
    return result, "阶段进度里的先后"


def _precedence(history: pd.DataFrame) -> Counter[tuple[str, str]]:
    """Count for each pair of stages how many leads entered the one before the other."""
    if history.empty:
        return Counter()
    rows = history.dropna(subset=["lead", "entered"])
    rows = rows.sort_values("entered", kind="stable")
    rows = rows.drop_duplicates(["lead", "stage"])
    before: Counter[tuple[str, str]] = Counter()
    step = rows.groupby("lead", sort=False).cumcount().to_numpy()
    leads, stages = pd.factorize(rows["lead"])[0], rows["stage"].to_numpy()
    for distance in range(1, int(step.max(initial=0)) + 1):
        order = np.lexsort((step, leads))
        left, right = order[:-distance], order[distance:]
        same = leads[left] == leads[right]
        before.update(zip(stages[left][same], stages[right][same], strict=True))
    return before


def _sentence(stages: Sequence[Stage], source: str) -> str:
    path = " → ".join(s.name for s in stages if s.kind != "lost")
    won = "、".join(s.name for s in stages if s.kind == "won") or "没有"
    lost = "、".join(s.name for s in stages if s.kind == "lost") or "没有"
    return f"阶段按{source}推断为：{path}（成交：{won}；流失：{lost}）"
