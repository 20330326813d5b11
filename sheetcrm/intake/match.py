"""Which rows of the book an incoming row may be, and how sure that is.

Where an id or a way to reach the customer says that he is there already, a doubtful row is not
created unless a person says so; where only the company says so, it is.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from sheetcrm.checks.cells import distinct
from sheetcrm.intake.keys import day_texts
from sheetcrm.intake.names import Names

On = Literal["id", "origin", "phone", "contact", "number", "mask", "company", "similar", "row"]
# The strongest first: what the sheet's own numbers say, then how to reach him, then who he is.
ORDER: tuple[On, ...] = (
    "row",
    "id",
    "origin",
    "phone",
    "contact",
    "number",
    "mask",
    "company",
    "similar",
)
ON_NAMES: dict[str, str] = {
    "row": "内容",
    "id": "编号",
    "origin": "原编号",
    "phone": "联系方式",
    "contact": "公司+联系人",
    "number": "公司+脱敏号码",
    "mask": "联系人+脱敏号码",
    "company": "公司",
    "similar": "相似公司",
}
# So many rows of the book are looked at for one key: more of them are a question in any case.
_MOST = 20


@dataclass(frozen=True)
class Side:
    """One side of a comparison, indexed by row.

    `keys` are those of `customer_keys`; `kind` is "open", "won", "lost" or missing.
    """

    keys: pd.DataFrame
    kind: pd.Series


def candidates(left: pd.DataFrame, right: pd.DataFrame, names: Names) -> pd.DataFrame:
    """Return the pairs of rows that have a key in common: columns `row`, `target`, `on`.

    A pair stands there once, with its strongest key.

    Args:
        left: Keys of the incoming rows.
        right: Keys of the book's rows.
        names: Company names taken apart so far.
    """
    found = [
        joined(left["id"], right["id"], "id"),
        joined(left["origin"], right["origin"], "origin"),
        joined(left["phone"], right["phone"], "phone"),
        *_masked(left, right),
        *_companies(left, right, names),
    ]
    return strongest(pd.concat([part for part in found if len(part)] or found[:1]))


def strongest(pairs: pd.DataFrame) -> pd.DataFrame:
    """Keep of each pair of rows the strongest key."""
    rank = pairs["on"].map({on: i for i, on in enumerate(ORDER)})
    ordered = pairs.assign(rank=rank).sort_values(["row", "target", "rank"], kind="stable")
    once = ordered.drop_duplicates(["row", "target"])
    return once.drop(columns="rank").reset_index(drop=True)


def pairs_of(rows: object, targets: object, on: On) -> pd.DataFrame:
    """Return pairs of rows: columns `row`, `target`, `on`."""
    return pd.DataFrame(
        {"row": np.asarray(rows, "int64"), "target": np.asarray(targets, "int64"), "on": on}
    )


def joined(left: pd.Series, right: pd.Series, on: On) -> pd.DataFrame:
    """Pair the rows of equal keys."""
    mine, theirs = left.dropna(), right.dropna()
    theirs = theirs[theirs.isin(mine.unique())]
    theirs = theirs[theirs.groupby(theirs).cumcount() < _MOST]
    mine = mine[mine.isin(theirs.unique())]
    both = pd.merge(
        pd.DataFrame({"key": mine, "row": mine.index}),
        pd.DataFrame({"key": theirs, "target": theirs.index}),
        on="key",
    )
    return pairs_of(both["row"].to_numpy(), both["target"].to_numpy(), on)


def _masked(left: pd.DataFrame, right: pd.DataFrame) -> list[pd.DataFrame]:
    """Pair a masked number with a like one of a contact of the same name."""
    if not (left["masked"].any() or right["masked"].any()):
        return []
    mine, theirs = (side["mask"] + "|" + side["contact"] for side in (left, right))
    return [
        joined(mine[left["masked"]], theirs, "mask"),
        joined(mine, theirs[right["masked"]], "mask"),
    ]


def _companies(left: pd.DataFrame, right: pd.DataFrame, names: Names) -> list[pd.DataFrame]:
    mine, theirs = left["company"].dropna(), right["company"].dropna()
    links = names.links(distinct(mine), distinct(theirs))
    if links.empty:
        return []
    strong = links[links["likeness"] == "strong"].groupby("name")["other"].agg(list)
    similar = links[links["likeness"] == "similar"].groupby("name")["other"].agg(list)
    own = mine.map(strong.to_dict()).dropna().explode().astype("str")
    near = mine.map(similar.to_dict()).dropna().explode().astype("str")
    theirs = theirs[theirs.isin(links["other"].unique())]
    contact = _beside(theirs, right["contact"])
    found = [joined(_beside(own, left["contact"]), contact, "contact")]
    if left["masked"].any() or right["masked"].any():
        masked = _beside(theirs, right["mask"].where(right["masked"]))
        anyhow = _beside(own, left["mask"].where(left["masked"]))
        found.append(joined(anyhow, _beside(theirs, right["mask"]), "number"))
        found.append(joined(_beside(own, left["mask"]), masked, "number"))
    days = (day_texts(side["day"], "%Y-%m-%d") for side in (left, right))
    same_day = [_beside(names, day) for names, day in zip((own, theirs), days, strict=True)]
    found.append(joined(same_day[0], same_day[1], "company"))
    found.append(joined(own, theirs, "company"))
    return [*found, joined(near, theirs, "similar")]


def _beside(company: pd.Series, other: pd.Series) -> pd.Series:
    """Return company and another key as one; missing where either is."""
    beside = other.reindex(company.index)
    return company + "\x1f" + beside


def judge(pairs: pd.DataFrame, left: Side, right: Side, names: Names, table: str) -> pd.DataFrame:
    """Say of every pair what it means.

    Adds `certain`, `default` ("match": the row is the book's; "create"; "skip"), `reason`, `score`
    (higher is the better match). `same` (the pair agrees in every cell that is given) must be
    there.
    """
    pairs = pairs.copy()
    mine, theirs = left.keys.loc[pairs["row"]], right.keys.loc[pairs["target"]]
    a, b = _plain(mine), _plain(theirs)
    alike = pd.Series(
        [names.likeness(x, y) for x, y in zip(a["company"], b["company"], strict=True)],
        dtype="object",
    )
    facts = pd.DataFrame(
        {
            # A person's name where others have a company contradicts nothing.
            "conflict": (alike == "none") & (_person(a) == _person(b)),
            "alike": alike == "strong",
            "same_phone": (a["phone"] == b["phone"]) & a["phone"].notna(),
            "other_phone": (a["phone"] != b["phone"]) & a["phone"].notna() & b["phone"].notna(),
            "same_mask": (a["mask"] == b["mask"]) & a["mask"].notna(),
            "other_mask": (a["mask"] != b["mask"]) & a["mask"].notna() & b["mask"].notna(),
            "same_contact": (a["contact"] == b["contact"]) & a["contact"].notna(),
            "other_contact": (a["contact"] != b["contact"])
            & a["contact"].notna()
            & b["contact"].notna(),
            "other_id": (a["id"] != b["id"]) & a["id"].notna() & b["id"].notna(),
            "person": _person(a),
            "ended": _ended(pairs, left, right),
        }
    ).fillna(value=False)
    known = facts["alike"] | facts["same_phone"] | pairs["same"]
    keep = (pairs["on"] != "origin") | known
    pairs, facts = pairs[keep], facts[keep]
    verdict = _verdicts(pairs, facts, table)
    still = pd.Series(right.kind.reindex(pairs["target"]).to_numpy() == "open", index=pairs.index)
    score = facts["same_phone"] * 8 + facts["alike"] * 4 + facts["same_contact"] * 2 + still * 1
    level = pairs["on"].map({on: len(ORDER) - i for i, on in enumerate(ORDER)})
    level = level.where(~pairs["same"], len(ORDER) + 1)
    return pairs.assign(**verdict, level=level, score=level * 16 + score)


def _person(keys: pd.DataFrame) -> pd.Series:
    """Say which customers are people: the contact is the customer."""
    return (keys["company"].str.casefold() == keys["contact"]).fillna(value=False)


def _plain(keys: pd.DataFrame) -> pd.DataFrame:
    return keys.reset_index(drop=True)


def _ended(pairs: pd.DataFrame, left: Side, right: Side) -> pd.Series:
    """Say of which pairs the book's lead is won or lost, and the sheet's a later one."""
    closed = right.kind.reindex(pairs["target"]).isin(["won", "lost"]).to_numpy()
    still = ~left.kind.reindex(pairs["row"]).isin(["won", "lost"]).to_numpy()
    mine, theirs = (
        left.keys["day"].reindex(pairs["row"]),
        right.keys["day"].reindex(pairs["target"]),
    )
    not_later = (mine.to_numpy() <= theirs.to_numpy()) & theirs.notna().to_numpy()
    return pd.Series(closed & still & ~not_later)


def _verdicts(pairs: pd.DataFrame, facts: pd.DataFrame, table: str) -> dict[str, pd.Series]:
    """Return `certain`, `default` and `reason` of every pair; the first case that holds counts."""
    on = pairs["on"]
    lone = table == "account"
    cases: list[tuple[pd.Series, str, str]] = [
        (pairs["same"], "match", ""),
        ((on == "id") & facts["conflict"] & ~facts["same_phone"], "skip", "编号相同，客户却不同"),
        (on.isin(["id", "row", "origin"]), "match", ""),
        (facts["other_id"], "create", "编号不同，{on}却相同"),
        (on.isin(["phone", "mask"]) & facts["conflict"], "skip", "{on}相同，公司却不同"),
        (facts["ended"], "create", "同一客户的上一条线索已经结束，这是新的一条"),
        (on == "mask", "skip", "只有姓名和脱敏号码相同"),
        (
            (on == "contact") & facts["person"] & (facts["other_phone"] | facts["other_mask"]),
            "create",
            "只有姓名相同，联系方式不同",
        ),
        (
            (on == "contact") & facts["person"] & ~facts["same_mask"],
            "create",
            "只有姓名相同，有一边没有联系方式",
        ),
        (on.isin(["phone", "contact", "number"]), "match", ""),
        ((on == "company") & lone & ~facts["other_contact"], "match", ""),
        (on == "company", "create", "公司相同，联系人不同或没有写"),
        (on == "similar", "create", "公司名称相近，可能是同一家"),
    ]
    hits = [hit.to_numpy(dtype=bool) for hit, _, _ in cases]
    default = np.select(hits, [d for _, d, _ in cases], "create")
    reason = np.select(hits, [r for _, _, r in cases], "")
    return {
        "certain": pd.Series(default == "match", index=pairs.index),
        "default": pd.Series(default, index=pairs.index, dtype="str"),
        "reason": pd.Series(
            [r.format(on=ON_NAMES[o]) for r, o in zip(reason, on, strict=True)],
            index=pairs.index,
            dtype="str",
        ),
    }


def best(pairs: pd.DataFrame) -> pd.DataFrame:
    """Return the one pair that counts for every row: columns as in `pairs`, indexed by `row`.

    The strongest pair that is certain, unless two rows of the book are equally good or a stronger
    doubtful one says otherwise: then it is a question, and the row is left out until it is
    answered. Else the strongest doubtful pair.
    """
    if pairs.empty:
        return pairs.set_index("row")
    order = ["row", "score", "target"]
    ranked = pairs.sort_values(order, ascending=[True, False, True], kind="stable")
    sure = ranked[ranked["certain"]].drop_duplicates("row").set_index("row")
    first = ranked.drop_duplicates("row").set_index("row")
    doubtful = ranked[ranked["default"] == "skip"].drop_duplicates("row").set_index("row")
    equal = ranked[ranked["certain"] & ~ranked["same"]]
    tied = equal[equal["score"] == equal["row"].map(sure["score"])].groupby("row").size()
    several = tied[tied > 1]
    stronger = doubtful["level"].reindex(sure.index) > sure["level"]
    result = pd.concat([sure[~stronger], doubtful.loc[sure.index[stronger]]])
    result = pd.concat([result, first[~first.index.isin(result.index)]]).sort_index()
    asked = result["certain"] & ~result["same"] & result.index.isin(several.index)
    questions = {
        row: f"{ON_NAMES[str(on)]}与表中{several[int(str(row))]}行相同，请指定是哪一行"
        for row, on in result["on"][asked].items()
    }
    said = pd.Series(questions, dtype="str").reindex(result.index)
    return result.assign(
        certain=result["certain"] & ~asked,
        default=result["default"].where(~asked, "skip"),
        reason=said.fillna(result["reason"]),
    )
