"""Sheets with headings like leads' whose rows are something else: receipts, visits, leave."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from sheetcrm.findings import Finding, Place, finding
from sheetcrm.kit.headings import Vocabulary, read_heading
from sheetcrm.kit.infer import phase_of, stage_words
from sheetcrm.kit.load import load_pipelines
from sheetcrm.kit.locate import Located, locate
from sheetcrm.kit.model import Kit
from sheetcrm.kit.references import texts_below
from sheetcrm.values.traditional import simplified

# Columns that only leads have; every list has dates, states and amounts.
_OWN = frozenset(
    ("source", "grade", "initial_need", "acquired_on", "status", "pain_point", "need_priority")
) | {
    *("decision_maker", "budget", "expected_purchase_on", "lost_reason", "lost_stage"),
    *("next_follow_up", "lead_id"),
}
_ANYBODYS = re.compile(
    r"(?:登记|创建|提交|填写)?(?:日期|时间)|当前?状态|目前状态|状态|等级|级别|结果|进度"
    r"|编号|id|客户(?:编号|id|代码|号)|date|status|stage|description|level|rating"
)
# What such a sheet is called, what only it has a column for, and what state its rows are in.
_NAME = re.compile(
    r"(?:回款|收款|到款|到账|付款|开票|发票|发货|送货|出货|出库|入库|库存|物流|快递|报销|费用|请假|休假|考勤|打卡"
    r"|签到|加班|排班|值班|工资|售后|维修|投诉|工单)(?:登记|记录|明细|台账|台帐|流水|统计|汇总|清单|日志|申请|情况|单|表)*"
    r"|(?:报价|订单|合同|产品|采购|样品|寄样|送样|价格)(?:登记|记录|明细|台账|台帐|清单|单)表?"
)
_HEADING = re.compile(
    r"(?:回款|收款|到款|到账|付款|开票|发货|送货|出库|入库|报销|请假)(?:日期|时间|方式|单号|编号|人|类型|事由)"
    r"|发票(?:号码?|类型|代码)|(?:物流|快递|运单|订单|报价)(?:单?号|编号)|报价人|上班|下班|打卡|工号|假别|事由|通话时长"
    r"|问题描述|故障|处理结果|处理人"
)
_STATE = re.compile(
    r"到账|入账|[回收付]款|[已未]付|付清|结清|开票|发货|签收|寄出|送达|入库|出库|报销|审批|批准|驳回"
    r"|迟到|早退|旷工|正常|[事病年婚产]假|出勤|[已未]解决|处理|受理|维修|履行|归档|已发送"
)
_DECORATION = re.compile(r"[\W\d_]|[年月季度周日本]|公司|部门?$")
# Two signs of these weights: what a sheet is called says it all.
_ENOUGH = 2
_HALF = 0.5
# A customer of a table of leads may come again; most do not.
_REPEATED = 0.6
_FEWEST_ROWS = 5


@dataclass(frozen=True)
class _Sign:
    """Something that speaks against leads: what it says, in Chinese, and its weight."""

    text: str
    weight: int = 1


def without_records(
    file: str, candidates: Sequence[Located], words: Sequence[Vocabulary], kit: Kit
) -> tuple[list[Located], list[Finding]]:
    """Take what is a record of something else out of the sheets that look like leads.

    A log of talks (one row a talk, customers repeated) becomes one; what only has a customer, a
    date and a state, and is called or filled like receipts, leave or orders, is no table at all.
    Both are said.
    """
    kept: list[Located] = []
    said: list[Finding] = []
    for found in candidates:
        if found.spec.key != "lead" or found.sheet.table:
            kept.append(found)
            continue
        place = Place(file, found.sheet.name, f"A{found.header_row}", found.header_row)
        if log := _log(found, words):
            kept.append(log)
            said.append(finding("HDR-12", place, rows=_often(found)))
        elif signs := _signs(found, kit):
            reason = "、".join(sign.text for sign in signs)
            sure = sum(sign.weight for sign in signs) > _ENOUGH
            said.append(finding("HDR-11", place, severity="info" if sure else None, reason=reason))
        else:
            kept.append(found)
    return kept, said


def _log(found: Located, words: Sequence[Vocabulary]) -> Located | None:
    """Return the sheet as the follow-ups it holds, None where its rows are leads."""
    log = locate(found.sheet, [v for v in words if v.spec.key == "follow_up"])
    if log is None or log.header_row != found.header_row or "followed_on" not in log.keys:
        return None
    dated = next(m for m in log.matches if m.column and m.column.key == "followed_on")
    told = log.keys & {"content", "feedback"} or not _ANYBODYS.fullmatch(_bare(dated.text))
    named = [sum(m.how == "name" for m in f.matches if m.column) for f in (log, found)]
    if not told or "company" not in log.keys or named[0] + 1 < named[1]:
        return None
    return log if _repeats(found) and not _has_own_ids(found) else None


def _signs(found: Located, kit: Kit) -> list[_Sign]:
    """Return what says that rows are no leads; nothing where they are, or may be."""
    own = [m for m in found.matches if m.column and m.column.key in _OWN]
    if any(m.how == "name" or not _ANYBODYS.fullmatch(_bare(m.text)) for m in own):
        return []
    states = _states(found)
    known = stage_words((kit.pipeline, *load_pipelines()))
    stages = [n for text, n in states.items() if not _STATE.search(text) and _says(text, known)]
    if states and sum(stages) >= _HALF * states.total():
        return []
    signs = []
    if _NAME.fullmatch(_DECORATION.sub("", simplified(found.sheet.name))):
        signs.append(_Sign(f"工作表叫“{found.sheet.name}”", _ENOUGH))
    other = [m.text for m in found.matches if _HEADING.search(_bare(m.text))]
    signs += [_Sign(f"有“{text}”列") for text in other[:_ENOUGH]]
    strange = Counter({text: n for text, n in states.items() if _STATE.search(text)})
    if strange and strange.total() >= _HALF * states.total():
        signs.append(_Sign(f"状态写的是“{strange.most_common(1)[0][0]}”"))
    if _repeats(found):
        signs.append(_Sign(f"同一个{'客户' if 'company' in found.keys else '人'}有好几行"))
    return signs if sum(sign.weight for sign in signs) >= _ENOUGH else []


def _says(text: str, known: frozenset[str]) -> bool:
    return text in known or phase_of(text) is not None


def _states(found: Located) -> Counter[str]:
    stage = (m for m in found.matches if m.column and m.column.key == found.spec.stage_column)
    return Counter(simplified(text) for match in stage for text in texts_below(found, match))


def _who(found: Located) -> list[str]:
    """Return whose each row is, by the customer, where there is none by the person."""
    by_key = {m.column.key: m for m in found.matches if m.column}
    match = by_key.get("company") or by_key.get("contact")
    return texts_below(found, match) if match else []


def _repeats(found: Located) -> bool:
    who = _who(found)
    return len(who) >= _FEWEST_ROWS and len(set(who)) <= _REPEATED * len(who)


def _often(found: Located) -> str:
    who = _who(found)
    return f"{len(set(who))}个客户有{len(who)}行"


def _has_own_ids(found: Located) -> bool:
    """Say whether every row has an id under a heading that only leads have."""
    own = (m for m in found.matches if m.column and m.column.key == found.spec.id_column)
    for match in own:
        ids = texts_below(found, match)
        if not _ANYBODYS.fullmatch(_bare(match.text)):
            return bool(ids) and len(set(ids)) == len(ids)
    return False


def _bare(text: str) -> str:
    return read_heading(text).bare
