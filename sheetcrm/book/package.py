r"""An Office package in memory: parts found by relationship, changed by overlay.

Nothing is assumed of folder or file names: names are compared without case, with `\` as `/` and
with or without %-escapes. A part is addressed by its *key* (the normalised name that `find`
returns). `fork` gives an independent copy to change; `to_bytes` writes it, every untouched part
with its compressed bytes verbatim, in the order the user's file had.
"""

import posixpath
import zipfile
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from urllib.parse import unquote

from lxml import etree

from sheetcrm.book.contenttypes import ContentTypes, part_key
from sheetcrm.book.xmlpart import PACKAGE_RELATIONSHIPS, BadXml, local_name, parse, serialise
from sheetcrm.book.zipraw import DAMAGED, Packing, RawZip, ZipBuilder
from sheetcrm.errors import FileProblem

_TYPES_PART = "[content_types].xml"
_LARGEST_PART = 512 << 20  # bytes inflated; the reader's guard has the same limit


@dataclass(frozen=True)
class Relationship:
    """One line of a .rels part; `target` as written, `external` for links out of the package."""

    id: str
    type: str
    target: str
    external: bool


def relationships_name(part: str) -> str:
    """Return the name of the .rels part that belongs to a part ("" for the package itself)."""
    folder, base = posixpath.split(part)
    return posixpath.join(folder, "_rels", f"{base}.rels")


def resolve(source: str, target: str) -> str:
    """Return the part name that a relationship target of `source` means."""
    path = target.partition("#")[0].replace("\\", "/")
    rooted = posixpath.join("/", posixpath.dirname(source), path)
    return posixpath.normpath(rooted).lstrip("/")


class Package:
    """The parts of one workbook file.

    Args:
        data: The file's bytes.
        path: The file as the user named it, for messages.

    Raises:
        FileProblem: No readable package, encrypted or doubled entries, no content types.
    """

    def __init__(self, data: bytes, path: str) -> None:
        self.path = path
        self._parts: dict[str, zipfile.ZipInfo] = {}
        self._new: dict[str, tuple[str, bytes]] = {}
        self._packing: dict[str, Packing] = {}
        self._gone: set[str] = set()
        self._links: dict[str, tuple[Relationship, ...]] = {}
        try:
            self._zip = RawZip(data)
        except DAMAGED as problem:
            raise self.damaged() from problem
        for entry in self._zip.entries:
            self._register(entry)
        if _TYPES_PART not in self._parts:
            raise self._not_office()
        self._types = ContentTypes(self.xml(_TYPES_PART))

    def _register(self, entry: zipfile.ZipInfo) -> None:
        if entry.flag_bits & 1:
            raise self.problem("压缩包里的内容有密码", "请去掉密码后再试")
        if entry.filename.endswith("/"):
            return
        key = part_key(entry.filename)
        if key in self._parts:
            raise self.problem(
                f"文件里有两份同名的内容（{key}），无法确定哪一份是真的",
                "请用 Excel 或 WPS 打开后另存一份再试",
            )
        self._parts[key] = entry

    def _not_office(self) -> FileProblem:
        if {"mimetype", "content.xml"} <= set(self._parts):
            return self.problem(
                "这是 .ods 表格，不能在里面写汇总",
                "请用 LibreOffice、Excel 或 WPS 另存为 .xlsx 后再试",
                "FIL-02",
            )
        return self.problem("里面没有 Excel 工作簿的内容", "请确认选对了文件", "FIL-02")

    def fork(self) -> "Package":
        """Return a copy that can be changed without changing this one."""
        twin = object.__new__(Package)
        twin.path, twin._zip, twin._parts = self.path, self._zip, self._parts
        twin._new, twin._gone, twin._links = dict(self._new), set(self._gone), dict(self._links)
        twin._packing = dict(self._packing)
        twin._types = self._types.fork()
        return twin

    def problem(self, reason: str, remedy: str, code: str = "FIL-01") -> FileProblem:
        """Return the exception that says why this file cannot be used."""
        return FileProblem(self.path, reason, remedy, code)

    def damaged(self) -> FileProblem:
        """Return the exception for a file that is not what it should be inside."""
        return self.problem("文件已损坏或不完整", "请用 Excel 或 WPS 打开后另存一份再试")

    # reading

    def part_keys(self) -> list[str]:
        """Return the keys of all parts, in stored order."""
        kept = [key for key in self._parts if key not in self._gone or key in self._new]
        return kept + [key for key in self._new if key not in self._parts]

    def find(self, name: str) -> str | None:
        """Return the key of a part however its name is spelt, None if there is no such part."""
        for key in (part_key(name), part_key(unquote(name))):
            if key in self._new or (key in self._parts and key not in self._gone):
                return key
        return None

    def stored_name(self, key: str) -> str:
        """Return the part's name as the file spells it, with `/` between folders."""
        name = self._new[key][0] if key in self._new else self._parts[key].filename
        return name.replace("\\", "/").lstrip("/")

    def read(self, key: str) -> bytes:
        """Return a part's content.

        Raises:
            FileProblem: The entry is broken or absurdly large.
        """
        if key in self._new:
            return self._new[key][1]
        entry = self._parts[key]
        if entry.file_size > _LARGEST_PART:
            raise self.problem("文件解压后大得不正常", "请确认文件来源可靠")
        try:
            return self._zip.read(entry)
        except DAMAGED as problem:
            raise self.damaged() from problem

    def xml(self, key: str) -> etree._Element:
        """Return a fresh tree of a part.

        Raises:
            FileProblem: The part is broken, or declares a document type.
        """
        try:
            return parse(self.read(key))
        except BadXml as problem:
            raise self.damaged() from problem

    def content_type(self, name: str) -> str:
        """Return a part's content type, empty if none is declared."""
        return self._types.of(name)

    def parts_of_type(self, ending: str) -> list[str]:
        """Return the keys of existing parts declared with a content type of that ending."""
        names = self._types.names(lambda content_type: content_type.endswith(ending))
        return [key for key in map(self.find, names) if key is not None]

    def relationships(self, key: str) -> tuple[Relationship, ...]:
        """Return the relationships of a part ("" for the package itself)."""
        found = self.find(relationships_name(key))
        if found is None:
            return ()
        if found not in self._links:
            self._links[found] = tuple(
                Relationship(
                    item.get("Id") or "",
                    item.get("Type") or "",
                    item.get("Target") or "",
                    item.get("TargetMode") == "External",
                )
                for item in self.xml(found)
                if local_name(item) == "Relationship"
            )
        return self._links[found]

    def target_of(self, key: str, relationship: Relationship) -> str | None:
        """Return the key of the part a relationship leads to; None if outside or missing."""
        return None if relationship.external else self.find(resolve(key, relationship.target))

    def related(self, key: str, type_ending: str) -> str | None:
        """Return the key of the first existing part related by a type with that ending."""
        for link in self.relationships(key):
            if link.type.endswith(type_ending) and (found := self.target_of(key, link)):
                return found
        return None

    def reachable(self, start: Iterable[str], without: Collection[str] = ()) -> set[str]:
        """Return the keys reached from `start` by relationships, never entering `without`."""
        seen: set[str] = set()
        waiting = [key for key in start if key not in without]
        while waiting:
            key = waiting.pop()
            if key in seen:
                continue
            seen.add(key)
            targets = (self.target_of(key, link) for link in self.relationships(key))
            waiting += [found for found in targets if found and found not in without]
        return seen

    def taken_names(self, ignoring: Collection[tuple[str, str]] = ()) -> set[str]:
        """Return the keys no new part may take.

        Besides existing parts these are names something already points at: a dangling
        relationship would come alive if a new part took its target's name.

        Args:
            ignoring: (source key, relationship id) pairs about to be pointed elsewhere.
        """
        taken = set(self.part_keys())
        taken |= set(map(part_key, self._types.names()))
        for name in ["", *self.part_keys()]:
            if not name.endswith(".rels"):
                taken |= {
                    part_key(resolve(name, link.target))
                    for link in self.relationships(name)
                    if not link.external and (name, link.id) not in ignoring
                }
        return taken

    # changing

    def put(self, name: str, data: bytes, content_type: str = "") -> str:
        """Add a part, or replace its content under the name it has; return its key."""
        key = self.find(name) or part_key(name)
        stored = self._parts[key].filename if key in self._parts else name
        self._new[key], self._packing[key] = (stored, data), Packing(data)
        self._links.pop(key, None)
        if content_type and self.content_type(key) != content_type:
            self._types.declare(key, name, content_type)
        return key

    def put_relationships(self, key: str, links: Iterable[Relationship]) -> None:
        """Write all relationships of a new part."""
        root = parse(f'<Relationships xmlns="{PACKAGE_RELATIONSHIPS}"/>'.encode())
        for link in links:
            append_relationship(root, link)
        self.put(relationships_name(self.stored_name(key)), serialise(root))

    def drop(self, key: str) -> None:
        """Remove a part with its own .rels and its content type."""
        for name in (key, self.find(relationships_name(key))):
            if name is not None:
                self._new.pop(name, None)
                self._packing.pop(name, None)
                self._links.pop(name, None)
                self._gone.add(name)
                self._types.forget(name)

    # writing

    def to_bytes(self) -> bytes:
        """Return the file, as it was if nothing changed; untouched parts keep their bytes."""
        self._declare_relationships_type()
        if self._types.changed:
            self.put(_TYPES_PART, self._types.written())
        if not self._new and not self._gone:
            return self._zip.data
        out, packed = ZipBuilder(), {key: each.done() for key, each in self._packing.items()}
        try:
            for entry in self._zip.entries:
                key = part_key(entry.filename)
                if key in self._new:
                    out.add(entry.filename, packed[key])
                elif key not in self._gone:
                    out.copy(self._zip, entry)
        except DAMAGED as problem:
            raise self.damaged() from problem
        for key, (name, _) in self._new.items():
            if key not in self._parts:
                out.add(name, packed[key])
        return out.finish(self._zip.comment)

    def _declare_relationships_type(self) -> None:
        # LibreOffice lists every .rels as an Override and has no Default for new ones to use
        if any(key.endswith(".rels") and not self.content_type(key) for key in self._new):
            self._types.declare_relationships()


def append_relationship(root: etree._Element, link: Relationship) -> None:
    """Append one line to the tree of a .rels part."""
    item = etree.SubElement(
        root,
        f"{{{PACKAGE_RELATIONSHIPS}}}Relationship",
        Id=link.id,
        Type=link.type,
        Target=link.target,
    )
    if link.external:
        item.set("TargetMode", "External")
