"""The elements of a worksheet part before and behind its cells, as byte positions.

Nothing is parsed into a tree, so that what is not changed stays as it is, byte for byte.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from xml.sax.saxutils import escape

from sheetcrm.book.cellplaces import SheetText, attribute
from sheetcrm.book.xmlpart import BadXml

_TAG = re.compile(
    rb"""<(/?)(?:[\w.-]+:)?([\w.-]+)((?:\s+[^\s=/>]+\s*=\s*(?:"[^"]*"|'[^']*'))*)\s*(/?)>"""
)


@dataclass
class Node:
    """One element: its local name, those of the elements it is in, and where it stands.

    `inner` is behind its start tag, `close` before its end tag, `end` behind it.
    """

    name: str
    path: tuple[str, ...]
    start: int
    inner: int
    attributes: bytes
    close: int = 0
    end: int = 0

    def get(self, name: bytes) -> bytes | None:
        """Return an attribute as it is written, None where there is none."""
        return attribute(self.attributes, name)


def nodes(part: SheetText, start: int, end: int = -1) -> list[Node]:
    """Return the elements between two positions, each before those inside it.

    Raises:
        BadXml: Tags do not match; end tags of what was opened before `start` are let be.
    """
    found: list[Node] = []
    waiting: list[Node] = []
    for tag in _TAG.finditer(part.mask, start, len(part.mask) if end < 0 else end):
        name = tag[2].decode("ascii", "replace")
        if tag[1]:
            if waiting:
                node = waiting.pop()
                if node.name != name:
                    raise BadXml(f"{name} ends {node.name}")
                node.close, node.end = tag.start(), tag.end()
            continue
        path = tuple(node.name for node in waiting)
        node = Node(name, path, tag.start(), tag.end(), tag[3])
        node.close = node.end = tag.end()
        found.append(node)
        if not tag[4]:
            waiting.append(node)
    return found


def inside(all_nodes: list[Node], outer: Node) -> Iterator[Node]:
    """Yield the elements inside one of them."""
    return (node for node in all_nodes if outer.inner <= node.start < outer.close)


def attribute_edit(
    part: SheetText, node: Node, name: bytes, value: bytes
) -> tuple[int, int, bytes]:
    """Return the edit (from, to, new bytes) that gives an attribute another value.

    Raises:
        KeyError: The element has no such attribute.
    """
    head = part.mask[node.start : node.inner]
    found = re.search(rb"""\s%b\s*=\s*(?:"([^"]*)"|'([^']*)')""" % re.escape(name), head)
    if found is None:
        raise KeyError(name)
    group = 1 if found[1] is not None else 2
    return node.start + found.start(group), node.start + found.end(group), value


def plain(text: bytes) -> str:
    """Return the text inside an element without markup: escapes resolved.

    Characters of another encoding come back as they are through `marked_up`.
    """
    return unescape(text.decode("utf-8", "surrogateescape"))


def marked_up(text: str) -> bytes:
    """Return text as it may stand inside an element."""
    return escape(text).encode("utf-8", "surrogateescape")
