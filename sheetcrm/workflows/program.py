"""This program and the libraries it is made with: which of its states gave a result."""

import hashlib
import platform
from collections.abc import Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from sheetcrm import __version__

# Other versions of these may read, count, write or unpickle differently.
DECISIVE = (
    *("holidays", "lxml", "numpy", "pandas", "phonenumbers", "pydantic", "python-calamine"),
    *("rjieba", "xlsxwriter"),
)
LIBRARIES = (*DECISIVE, "click", "filelock", "platformdirs", "rich")
# The one fact of `program` that is no version.
FILES = "程序文件"

_PACKAGE = Path(__file__).resolve().parents[1]


@cache
def program() -> Mapping[str, str]:
    """Return what results depend on besides the files: versions, and a hash of this program."""
    folders = (_PACKAGE, _PACKAGE.parent / "templates")
    files = sorted(p for f in folders for kind in ("*.py", "*.toml") for p in f.rglob(kind))
    digest = hashlib.sha256()
    for file in files:
        digest.update(f"{file.name}\0".encode())
        digest.update(file.read_bytes().replace(b"\r\n", b"\n"))
    return {
        "sheetcrm": __version__,
        "Python": ".".join(platform.python_version_tuple()[:2]),
        **{name: version_of(name) for name in DECISIVE},
        FILES: digest.hexdigest(),
    }


def version_of(library: str) -> str:
    """Return the version of an installed library, "" where it is not installed."""
    try:
        return version(library)
    except PackageNotFoundError:
        return ""
