"""Workbooks under a URL (s3://, oss://, https://): listed and read through fsspec, not written.

`file://` is no such URL: it names a local file, for reading and writing.
"""

import re
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from glob import has_magic
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.request import url2pathname

from sheetcrm.book.guard import MAX_FILE
from sheetcrm.errors import FileProblem

if TYPE_CHECKING:
    from fsspec import AbstractFileSystem

if sys.platform == "win32":
    from pathlib import WindowsPath as _Path
else:
    from pathlib import PosixPath as _Path

# A drive letter is no scheme. A path that was made of a URL has lost one of its slashes.
_URL = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]+):/+(?P<rest>.*)", re.DOTALL)
_PASSWORD = re.compile(r"[^/@]*:[^/@]*@")


class RemotePath(_Path):
    """The path of a file that is no local one; `str()` is its URL.

    It has a name, a stem and a parent as any path; of what touches the disk only what is defined
    here works.
    """

    def __str__(self) -> str:
        """Return the URL."""
        scheme, *rest = self.parts
        return f"{scheme}//{'/'.join(rest)}"

    def resolve(self, strict: bool = False) -> "RemotePath":  # noqa: FBT001, FBT002 - as in Path
        """Return the path itself: there are no links."""
        del strict
        return self

    def absolute(self) -> "RemotePath":
        """Return the path itself."""
        return self

    def is_absolute(self) -> bool:
        """Say that it does not depend on the current folder."""
        return True

    def exists(self, *, follow_symlinks: bool = True) -> bool:
        """Say whether there is such a file or folder; the network is asked.

        Raises:
            OSError: There is no answer.
        """
        del follow_symlinks
        with _told(str(self)) as (files, place):
            return bool(files.exists(place))

    def read_bytes(self) -> bytes:
        """Return all of the file.

        Raises:
            FileProblem: It cannot be read, or is larger than 512 MB.
        """
        with _told(str(self)) as (files, place):
            size = files.info(place).get("size")
            if size is not None and size > MAX_FILE:
                raise FileProblem(str(self), "文件超过 512 MB，太大了", "请拆成几个文件再试")
            data = files.cat_file(place)
            assert isinstance(data, bytes)
            return data


def located(path: str | Path) -> Path:
    """Return what the user named as a path: a local one, also for file://, or a RemotePath.

    Raises:
        FileProblem: It is a URL with a password in it.
    """
    found = _URL.fullmatch(str(path))
    if found is None:
        return Path(path)
    if found["scheme"].casefold() == "file":
        return Path(url2pathname("/" + found["rest"].removeprefix("localhost/")))
    if _PASSWORD.match(found["rest"]):
        shown = f"{found['scheme']}://…"
        raise FileProblem(
            shown,
            "地址里写了密码，会出现在结果里",
            "请按存储服务的说明把密钥放在环境变量或配置文件里",
        )
    return RemotePath(f"{found['scheme'].casefold()}:/{found['rest']}")


def local(path: str | Path) -> Path:
    """Return what the user named as the path of a file of this machine, also for file://.

    Raises:
        FileProblem: It is under a URL.
    """
    found = located(path)
    if isinstance(found, RemotePath):
        raise FileProblem(
            str(found), "这个命令不能用在网上的文件上", "请先下载到这台电脑的文件夹里"
        )
    return found


def is_remote(path: Path) -> bool:
    """Say whether a file is under a URL."""
    return isinstance(path, RemotePath)


def listed(path: RemotePath) -> tuple[list[Path], bool]:
    """Return the files that a URL names, and whether it names one file itself.

    A folder stands for the files directly in it; * and ? are expanded.

    Raises:
        FileProblem: There is nothing, or it cannot be listed.
    """
    with _told(str(path)) as (files, place):
        if has_magic(place):
            return _paths(files, files.glob(place)), False
        if files.isfile(place):
            return [path], True
        if files.isdir(place):
            inside = files.ls(place, detail=True)
            return _paths(files, (e["name"] for e in inside if e["type"] == "file")), False
    raise FileProblem(str(path), "找不到这个文件或文件夹", "请检查地址和文件名")


@contextmanager
def fetched(path: Path) -> Iterator[Path | None]:
    """Keep a copy of a remote file on this machine for a while.

    Returns:
        The copy; None for a local file.

    Raises:
        FileProblem: It cannot be read.
    """
    if not isinstance(path, RemotePath):
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="sheetcrm-", ignore_cleanup_errors=True) as folder:
        copy = Path(folder) / f"book{path.suffix}"
        copy.write_bytes(path.read_bytes())
        yield copy


def refuse_remote(paths: Iterable[Path]) -> None:
    """Raise if one of the files that are to be written is remote.

    Raises:
        FileProblem: Which.
    """
    for path in paths:
        if isinstance(path, RemotePath):
            raise FileProblem(
                str(path),
                "网上的文件只读不写",
                "只检查请用 check，汇总请用 --into 写到这台电脑上的文件；要写回就先下载到文件夹里",
            )


def _paths(files: "AbstractFileSystem", places: Iterable[Any]) -> list[Path]:
    return [located(files.unstrip_protocol(place)) for place in places]


@contextmanager
def _told(url: str) -> Iterator[tuple["AbstractFileSystem", str]]:
    """Yield where a URL leads; whatever goes wrong there is told in a sentence."""
    scheme = url.partition(":")[0]
    try:
        from fsspec.core import url_to_fs

        files, place = url_to_fs(url)
        yield files, str(place)
    except FileProblem:
        raise
    except ImportError as error:
        package = _package(scheme)
        raise FileProblem(
            url, f"读 {scheme}:// 的文件还缺一个组件", f"请先运行 pip install {package}"
        ) from error
    except FileNotFoundError as error:
        raise FileProblem(url, "找不到这个文件", "请检查地址和文件名") from error
    except PermissionError as error:
        raise FileProblem(url, "没有权限读取", "请检查访问密钥和存储桶的权限") from error
    except Exception as error:  # each kind of storage has errors of its own
        raise FileProblem(
            url, f"读取失败（{type(error).__name__}）", "请检查地址、网络和访问密钥"
        ) from error


def _package(scheme: str) -> str:
    try:
        from fsspec.registry import known_implementations
    except ImportError:
        return '"sheetcrm[cluster]"'
    known = str(known_implementations.get(scheme, {}).get("class", scheme))
    package = known.partition(".")[0]
    if package != "fsspec":
        return package
    # some kinds it reads itself, with packages that an extra of its own brings
    return f'"fsspec[{"http" if scheme == "https" else scheme}]"'
