"""When a column must be filled, said to the people who fill it."""

from sheetcrm.kit.model import PHASES, Column, Kit, Phase, TableSpec
from sheetcrm.kit.requirement import Condition, parse


def required_text(column: Column, table: TableSpec, kit: Kit) -> str:
    """Return when the column must be filled, as one clause; "" for an optional one.

    Raises:
        ConditionError: The requirement is not of the kit's language (`kit.model.Column`).
    """
    return "，或".join(_clause(c, table, kit) for c in parse(column.required))


def phases_reached(condition: Condition) -> tuple[Phase, ...]:
    """Return the phases an "after" or "from" condition holds in; a lost case has none."""
    first = PHASES.index(condition.phase or "lead") + (condition.kind == "after")
    return tuple(p for p in PHASES[first:] if p != "lost")


def _clause(condition: Condition, table: TableSpec, kit: Kit) -> str:
    match condition:
        case Condition("always"):
            return "必填"
        case Condition("while"):
            return "成交或流失之前必填"
        case Condition("on", phase=phase):
            names = [label for s in kit.pipeline.stages if s.kind == phase for label in s.labels]
            return f"状态为“{'、'.join(names)}”时必填"
        case Condition("when", column=key, value=value):
            return f"{table.by_key[key].name}为“{value}”时必填"
        case Condition("without", column=key):
            return f"没填{table.by_key[key].name}时必填"
    return _reached(kit, condition)


def _reached(kit: Kit, condition: Condition) -> str:
    """Name the first stage of the kit's own pipeline that the requirement covers."""
    reached = phases_reached(condition)
    covered = [s for s in kit.pipeline.stages if s.phase in reached]
    return f"到“{covered[0].name}”起必填" if covered else "成交之后必填"
