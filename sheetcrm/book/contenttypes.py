"""The content types that a package declares for its parts."""

from collections.abc import Callable, Iterator
from copy import deepcopy
from urllib.parse import unquote

from lxml import etree

from sheetcrm.book.xmlpart import CONTENT_TYPES, local_name, serialise

RELATIONSHIPS_TYPE = "application/vnd.openxmlformats-package.relationships+xml"


def part_key(name: str) -> str:
    """Return the form under which two spellings of a part name are the same."""
    return name.replace("\\", "/").lstrip("/").lower()


class ContentTypes:
    """The table of content types; `changed` since it was read, or written.

    Args:
        root: Its tree, which is changed in place.
    """

    def __init__(self, root: etree._Element) -> None:
        self._root = root
        self.changed = False
        self._overrides: dict[str, list[etree._Element]] = {}
        for item in root:
            if local_name(item) == "Override":
                self._know(item)

    def fork(self) -> "ContentTypes":
        """Return a copy that can be changed without changing this one."""
        twin = ContentTypes(deepcopy(self._root))
        twin.changed = self.changed
        return twin

    def of(self, name: str) -> str:
        """Return a part's content type, empty if none is declared."""
        key = part_key(name)
        for item in self._overrides.get(key, ()):
            return item.get("ContentType") or ""
        for item in self._root:
            extension = (item.get("Extension") or "").lower()
            if local_name(item) == "Default" and key.endswith("." + extension):
                return item.get("ContentType") or ""
        return ""

    def names(self, wanted: Callable[[str], bool] = lambda _: True) -> Iterator[str]:
        """Yield the parts that have a content type of their own which is wanted, as spelt."""
        for item in self._root:
            if local_name(item) == "Override" and wanted(item.get("ContentType") or ""):
                yield item.get("PartName") or ""

    def declare(self, key: str, name: str, content_type: str) -> None:
        """Give a part, found under `key`, a content type of its own."""
        self.forget(key)
        tag = f"{{{CONTENT_TYPES}}}Override"
        made = etree.SubElement(self._root, tag, PartName=f"/{name}", ContentType=content_type)
        self._know(made)
        self.changed = True

    def declare_relationships(self) -> None:
        """Give parts that end in .rels the type of relationships."""
        default = etree.Element(
            f"{{{CONTENT_TYPES}}}Default", Extension="rels", ContentType=RELATIONSHIPS_TYPE
        )
        self._root.insert(0, default)
        self.changed = True

    def forget(self, key: str) -> None:
        """Take a part's own content type away."""
        for item in list(self._overrides.get(key, ())):
            for spelt in _keys(item):
                self._overrides[spelt].remove(item)
            self._root.remove(item)
            self.changed = True

    def written(self) -> bytes:
        """Return the table as a part."""
        self.changed = False
        return serialise(self._root)

    def _know(self, item: etree._Element) -> None:
        for key in _keys(item):
            self._overrides.setdefault(key, []).append(item)


def _keys(item: etree._Element) -> set[str]:
    name = item.get("PartName") or ""
    return {part_key(name), part_key(unquote(name))}
