"""规则: the built-in checks and the manager's own ones, to rows and back."""

from collections.abc import Mapping, Sequence

from sheetcrm.findings import Severity
from sheetcrm.kit.blocks import Block, FoundBlock, Line, Report
from sheetcrm.kit.model import Kit, Rule, TableSpec
from sheetcrm.kit.words import FLAG_NAMES, FLAGS, SEVERITIES, SEVERITY_NAMES, listed

RULES_ANCHOR = "代码"
_NEEDED = (RULES_ANCHOR, "级别", "公式", "启用")
_HEADERS = (RULES_ANCHOR, "表", "级别", "公式", "提示", "处理建议", "启用")


def rules_block(kit: Kit) -> Block:
    """Describe the rules; built-in ones have no formula."""
    names = {t.key: t.name for t in kit.tables}
    rows = tuple(
        (
            rule.code,
            names.get(rule.table, rule.table),
            SEVERITY_NAMES[rule.severity],
            rule.formula,
            rule.message,
            rule.hint,
            FLAG_NAMES[rule.enabled],
        )
        for rule in kit.rules
    )
    choices = {
        "级别": tuple(SEVERITY_NAMES.values()),
        "启用": tuple(FLAG_NAMES.values()),
        "表": tuple(names.values()),
    }
    return Block("rules", "规则", _HEADERS, rows, choices=choices)


def read_rules(
    found: FoundBlock | None,
    base: Sequence[Rule],
    tables: Sequence[TableSpec],
    report: Report,
) -> tuple[Rule, ...]:
    """Read the rules; a built-in rule without a row stays as it is in `base`."""
    if found is None or not found.columns.keys() >= set(_NEEDED):
        report.add_sheet("KIT-01", expected="、".join(_NEEDED))
        return tuple(base)
    known = {rule.code: rule for rule in base}
    keys = {t.name: t.key for t in tables}
    rules: dict[str, Rule] = {}
    for line in found.lines:
        code = line.text(RULES_ANCHOR)
        if not code:
            report.add("KIT-19", line, RULES_ANCHOR)
        elif code in rules:
            report.add("KIT-02", line, RULES_ANCHOR, other="前面的行")
        elif code not in known and not line.text("公式"):
            report.add("KIT-18", line, RULES_ANCHOR)
        else:
            rules[code] = _rule(line, known.get(code), keys, report)
    kept = [rules.pop(rule.code, rule) for rule in base]
    return (*kept, *rules.values())


def _rule(line: Line, known: Rule | None, keys: Mapping[str, str], report: Report) -> Rule:
    code = line.text(RULES_ANCHOR)
    usual: Severity = known.severity if known else "warning"
    builtin = known is not None and known.builtin
    own = "" if builtin else line.text("公式")
    if builtin and known and line.text("公式") not in ("", known.formula):
        report.add("RUL-05", line, "公式", rule=code)
    return Rule(
        code=code,
        table=_table(line, keys, report),
        severity=_severity(line, usual, report),
        formula=known.formula if known and builtin else own,
        message=line.text("提示") or (known.message if known else code),
        hint=line.text("处理建议"),
        enabled=_enabled(line, report),
        builtin=builtin,
        place=f"{report.sheet}!{line.address('公式')}" if own else "",
    )


def _table(line: Line, keys: Mapping[str, str], report: Report) -> str:
    text = line.text("表")
    if text and text not in keys:
        report.add("KIT-10", line, "表", expected="、".join(keys), default="全部表")
    return keys.get(text, "")


def _severity(line: Line, usual: Severity, report: Report) -> Severity:
    text = line.text("级别")
    if text not in SEVERITIES:
        default = SEVERITY_NAMES[usual]
        report.add("KIT-10", line, "级别", expected=listed(SEVERITY_NAMES), default=default)
    return SEVERITIES.get(text, usual)


def _enabled(line: Line, report: Report) -> bool:
    """Read 启用; a rule is on unless the cell says otherwise."""
    text = line.text("启用").casefold()
    if text and text not in FLAGS:
        report.add("KIT-10", line, "启用", expected=listed(FLAG_NAMES), default="是")
    return FLAGS.get(text, True) if text else True
