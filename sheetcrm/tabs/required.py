"""When a column must be filled, said to the people who fill it."""

from sheetcrm.kit.model import PHASES, Column, Kit, StageKind, TableSpec

_KIND_WORDS: dict[StageKind, str] = {"won": "成交", "lost": "流失", "open": "进行中"}


def required_text(column: Column, table: TableSpec, kit: Kit) -> str:
    """Return when the column must be filled, as one clause; "" for an optional one.

    Raises:
        ValueError: The requirement is not of the kit's language (`kit.model.Column`).
    """
    if not column.required:
        return ""
    return "，或".join(_clause(part, table, kit) for part in column.required.split(";"))


def _clause(part: str, table: TableSpec, kit: Kit) -> str:
    word, _, argument = part.partition(":")
    if word == "always":
        return "必填"
    if word in ("after", "from"):
        return f"{_reached(kit, argument, later=word == 'after')}起必填"
    if word in ("on", "while"):
        names = [s.name for s in kit.pipeline.stages if s.kind == argument]
        known = {kind: said for kind, said in _KIND_WORDS.items() if kind == argument}
        said = known.get(argument, argument)  # type: ignore[call-overload]
        return f"{said}时必填" if word == "while" else f"状态为“{'、'.join(names) or said}”时必填"
    if word == "when":
        key, _, value = argument.partition("=")
        return f"{table.by_key[key].name}为“{value}”时必填"
    if word == "without":
        return f"没填{table.by_key[argument].name}时必填"
    raise ValueError(f"unknown requirement {part!r}")


def _reached(kit: Kit, phase: str, *, later: bool) -> str:
    """Return the first stage of the pipeline that the requirement covers."""
    order = {name: number for number, name in enumerate(PHASES)}
    limit = order[phase] + (1 if later else 0)  # type: ignore[index]
    reached = (s for s in kit.pipeline.stages if s.phase != "lost" and order[s.phase] >= limit)
    first = next(reached, None)
    return f"到“{first.name}”" if first else "成交后"
