"""The built-in kits, and kit files of one's own, read from TOML.

A kit file names shared tables and a pipeline and overrides what differs:

    templates/<kit>.toml            the kit: tables, pipeline, [settings], [columns.<表>.<列>], ...
    templates/tables/<key>.toml     one table, with its columns
    templates/pipelines/<key>.toml  one pipeline, with its stages
    templates/shared/*.toml         the lists, thresholds, bonus and summaries all kits start from
"""

import re
import tomllib
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from sheetcrm.errors import KitProblem
from sheetcrm.kit.builtin import builtin_rules, with_formulas
from sheetcrm.kit.mistakes import Sources, semantic_mistakes, shape_mistakes
from sheetcrm.kit.model import Kit, Pipeline

Raw = dict[str, Any]
_KIT_KEYS = ("key", "name", "description", "pipeline", "tables", "settings", "lists", "columns")
_PLACE = re.compile(r"\(at line (\d+), column \d+\)")


@cache
def load_kit(name: str = "standard") -> Kit:
    """Load a built-in kit by its key or its Chinese name.

    Raises:
        KitProblem: There is no such kit, or its files have mistakes.
    """
    files = {path.stem: path for path in _templates().glob("*.toml")}
    if name in files:
        return load_kit_file(files[name])
    for path in files.values():
        if _read(path).get("name") == name:
            return load_kit_file(path)
    known = "、".join(kit_names())
    raise KitProblem(name, [f"没有名为“{name}”的配置；可用的有：{known}"])


def kit_names() -> tuple[str, ...]:
    """Return the keys of the built-in kits, the default one first."""
    names = sorted(path.stem for path in _templates().glob("*.toml"))
    return tuple(sorted(names, key=lambda n: n != "standard"))


@cache
def load_pipelines() -> tuple[Pipeline, ...]:
    """Load all built-in pipelines, the standard kit's first."""
    first = load_kit().pipeline
    paths = sorted((_templates() / "pipelines").glob("*.toml"))
    others = (_pipeline_file(p) for p in paths if p.stem != first.key)
    return (first, *others)


def load_kit_file(path: Path) -> Kit:
    """Load a kit file; the tables and the pipeline it names are looked up beside it, then built in.

    Raises:
        KitProblem: The file has mistakes: one sentence each, with file, table and column.
    """
    sources = Sources(path.name)
    raw = _read(path)
    mistakes: list[str] = []
    assembled = _assemble(path, raw, sources, mistakes)
    if mistakes:
        raise KitProblem(path.name, mistakes)
    try:
        kit = Kit.model_validate(assembled)
    except ValidationError as error:
        raise KitProblem(path.name, shape_mistakes(error, assembled, sources)) from None
    mistakes = semantic_mistakes(kit, sources)
    if mistakes:
        raise KitProblem(path.name, mistakes)
    return with_formulas(kit)


def _templates() -> Path:
    """Find the templates: inside the package (wheel) or beside it (checkout)."""
    package = Path(__file__).resolve().parents[1]
    inside = package / "templates"
    return inside if inside.is_dir() else package.parent / "templates"


def _read(path: Path) -> Raw:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise KitProblem(path.name, [f"{path.name}：找不到这个文件"]) from None
    except UnicodeDecodeError:
        raise KitProblem(path.name, [f"{path.name}：不是UTF-8编码的文本，请另存为UTF-8"]) from None
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        place = _PLACE.search(str(error))
        line = place[1] if place else len(text.splitlines())
        reason = (
            f"{path.name} 第{line}行：不符合TOML的写法，请检查引号、括号、等号，以及有没有重复的项"
        )
        raise KitProblem(path.name, [reason]) from None


def _pipeline_file(path: Path) -> Pipeline:
    try:
        return Pipeline.model_validate(_with_labels(_read(path)))
    except ValidationError as error:
        raw = {"pipeline": _read(path)}
        raise KitProblem(path.name, shape_mistakes(error, raw, Sources(path.name))) from None


def _assemble(path: Path, raw: Raw, sources: Sources, mistakes: list[str]) -> Raw:
    """Put a kit together from its parts; unknown names are appended to `mistakes`."""
    known = (*_KIT_KEYS, "rules", "exceptions", "bonus", "shares", "tabs", "dimensions")
    mistakes += [f"{path.name}：不认识的项“{key}”" for key in raw.keys() - set(known)]
    parts = [_table(path, part, sources, mistakes) for part in raw.get("tables", [])]
    tables = [part for part in parts if part is not None]
    _override_columns(path, raw.get("columns", {}), tables, mistakes)
    return {
        "key": raw.get("key", path.stem),
        "name": raw.get("name", path.stem),
        "description": raw.get("description", ""),
        "tables": tables,
        "pipeline": _pipeline(path, raw.get("pipeline", "lead_to_deal"), sources, mistakes),
        "lists": _lists(path, raw.get("lists", {})),
        "settings": _settings(path, raw.get("settings", {}), mistakes),
        "rules": _rules(path, raw.get("rules", {}), mistakes),
        "exceptions": raw.get("exceptions", []),
        "shares": raw.get("shares", []),
        "bonus": raw.get("bonus", _read(_shared(path, "bonus"))["bonus"]),
        "tabs": _tabs(path, raw.get("tabs", {}), mistakes),
        "dimensions": _dimensions(path, raw, tables, mistakes),
    }


def _find(path: Path, folder: str, key: str) -> Path | None:
    places = (path.parent / folder, _templates() / folder)
    return next((p / f"{key}.toml" for p in places if (p / f"{key}.toml").is_file()), None)


def _table(path: Path, part: str | Raw, sources: Sources, mistakes: list[str]) -> Raw | None:
    if isinstance(part, dict):
        return part
    found = _find(path, "tables", part)
    if found is None:
        mistakes.append(f"{path.name}：没有表“{part}”")
        return None
    table = _read(found)
    sources.tables[str(table.get("key", part))] = f"tables/{found.name}"
    return table


def _pipeline(path: Path, part: str | Raw, sources: Sources, mistakes: list[str]) -> Raw:
    if isinstance(part, dict):
        return _with_labels(part)
    found = _find(path, "pipelines", part)
    if found is None:
        mistakes.append(f"{path.name}：没有流程“{part}”")
        return {}
    sources.pipeline = f"pipelines/{found.name}"
    return _with_labels(_read(found))


def _with_labels(raw: Raw) -> Raw:
    """A stage without labels of its own is its own label."""
    stages = [{"labels": [s.get("name", "")], **s} for s in raw.get("stages", [])]
    return {**raw, "stages": stages}


def _override_columns(path: Path, changes: Raw, tables: Iterable[Raw], mistakes: list[str]) -> None:
    by_key = {t.get("key"): t for t in tables}
    for table_key, columns in changes.items():
        table = by_key.get(table_key)
        if table is None:
            mistakes.append(f"{path.name} [columns.{table_key}]：没有表“{table_key}”")
            continue
        known = {c.get("key"): c for c in table.get("columns", [])}
        for key, change in columns.items():
            if key in known:
                known[key].update(change)
            elif "name" in change:
                table.setdefault("columns", []).append({"key": key, **change})
            else:
                where = f"{path.name} [columns.{table_key}.{key}]"
                mistakes.append(f"{where}：“{table.get('name')}”表没有这一列；要新增，请写上name")


def _lists(path: Path, changes: Raw) -> list[Raw]:
    lists = _read(_shared(path, "lists"))["lists"]
    known = {item["key"] for item in lists}
    changed = [{**item, **changes.get(item["key"], {})} for item in lists]
    return changed + [{"key": key, **new} for key, new in changes.items() if key not in known]


def _settings(path: Path, changes: Raw, mistakes: list[str]) -> list[Raw]:
    files = (_templates() / "shared" / "settings.toml", _shared(path, "settings"))
    by_key: dict[str, Raw] = {s["key"]: s for file in files for s in _read(file)["settings"]}
    for key, value in changes.items():
        setting = by_key.get(key)
        if setting is None:
            mistakes.append(f"{path.name} [settings]：没有参数“{key}”")
        elif isinstance(value, str) != isinstance(setting["value"], str) or isinstance(value, bool):
            kind = "文字" if isinstance(setting["value"], str) else "数字"
            mistakes.append(
                f"{path.name} [settings] {key}：{setting['name']}应为{kind}，现在是“{value}”"
            )
        else:
            setting["value"] = value
    return list(by_key.values())


def _tabs(path: Path, changes: Raw, mistakes: list[str]) -> list[Raw]:
    tabs: list[Raw] = _read(_shared(path, "summaries"))["tabs"]
    unknown = changes.keys() - {tab["key"] for tab in tabs}
    mistakes += [f"{path.name} [tabs]：没有汇总页“{key}”" for key in sorted(unknown)]
    return [{**tab, "where": changes.get(tab["key"], tab["where"])} for tab in tabs]


def _dimensions(path: Path, raw: Raw, tables: Iterable[Raw], mistakes: list[str]) -> list[Raw]:
    """Return the kit's own dimensions; else those of all kits that its lead table has."""
    leads = [column for t in tables if t.get("key") == "lead" for column in t.get("columns", [])]
    known = {column.get("key") for column in leads}
    if "dimensions" not in raw:
        shared = _read(_shared(path, "summaries"))["dimensions"]
        return [part for part in shared if part["column"] in known]
    own: list[Raw] = raw["dimensions"]
    columns = (part.get("column") for part in own)
    mistakes += [
        f"{path.name} [[dimensions]]：线索表没有列“{c}”" for c in columns if c not in known
    ]
    return own


def _shared(path: Path, name: str) -> Path:
    beside = path.parent / "shared" / f"{name}.toml"
    return beside if beside.is_file() else _templates() / "shared" / f"{name}.toml"


def _rules(path: Path, changes: Raw, mistakes: list[str]) -> list[Raw]:
    rules = {rule.code: rule.model_dump() for rule in builtin_rules()}
    for code, change in changes.items():
        if code not in rules and "message" not in change:
            mistakes.append(
                f'{path.name} [rules."{code}"]：没有规则“{code}”；自己的规则请写上message'
            )
            continue
        if code in rules and "formula" in change:
            where = f'{path.name} [rules."{code}"]'
            mistakes.append(f"{where}：内置检查不能写formula；自己的规则请换一个代码")
            continue
        rules[code] = {"severity": "warning", **rules.get(code, {}), **change, "code": code}
    return list(rules.values())
