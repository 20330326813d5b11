"""The cache: what is kept comes back, what others could have written does not."""

import os
import shutil
from pathlib import Path

import pytest

from sheetcrm.book.cache import VARIABLE, Cache, user_cache

posix = pytest.mark.skipif(os.name == "nt", reason="Windows has no such permissions")


def entry(folder: Path) -> Path:
    (found,) = folder.glob("*.kept")
    return found


def test_cache__gives_back_what_was_put(tmp_path):
    cache = Cache(tmp_path)
    assert cache.get("a") is None
    cache.put("a", b"one")
    cache.put("b", b"two")
    cache.put("a", b"three")
    assert (cache.get("a"), cache.get("b")) == (b"three", b"two")
    assert not list(tmp_path.glob("*.kept-new"))


def test_cache__without_a_folder_keeps_nothing():
    cache = Cache(None)
    cache.put("a", b"one")
    cache.prune()
    assert cache.get("a") is None


@pytest.mark.parametrize("damage", [b"", b"x", b"\0" * 40])
def test_cache__a_damaged_entry_is_none(tmp_path, damage):
    cache = Cache(tmp_path)
    cache.put("a", b"one")
    entry(tmp_path).write_bytes(damage)
    assert cache.get("a") is None


def test_cache__may_be_deleted_at_any_time(tmp_path):
    cache = Cache(tmp_path / "gone")
    cache.put("a", b"one")
    assert cache.get("a") is None


def test_cache__the_longest_unused_go_first(tmp_path):
    cache = Cache(tmp_path, most=1000)
    for number, key in enumerate("abcd"):
        cache.put(key, bytes(200))
        os.utime(tmp_path / f"{key}.kept", (number, number))
    assert cache.get("a") == bytes(200)
    cache.put("e", bytes(200))
    cache.prune()
    assert [key for key in "abcde" if cache.get(key)] == ["a", "c", "d", "e"]


def test_cache__what_else_lies_in_the_folder_stays(tmp_path):
    others = [tmp_path / name for name in ("合同.docx", "下载.part", "kept")]
    for other in others:
        other.write_bytes(bytes(900))
        os.utime(other, (1, 1))
    cache = Cache(tmp_path, most=1000)
    for key in "abcdefg":
        cache.put(key, bytes(200))
    cache.prune()
    assert all(other.exists() for other in others)
    assert sum(bool(cache.get(key)) for key in "abcdefg") == 4


def test_cache__the_folder_may_go_between_two_puts(tmp_path):
    folder = tmp_path / "cache"
    folder.mkdir()
    cache = Cache(folder, most=1000)
    cache.put("a", bytes(200))
    shutil.rmtree(folder)
    for key in "bcde":
        cache.put(key, bytes(200))
    assert cache.get("a") is None


def test_cache__an_entry_too_big_is_not_kept(tmp_path):
    cache = Cache(tmp_path, most=1000)
    cache.put("a", bytes(251))
    assert cache.get("a") is None


@posix
@pytest.mark.parametrize("mode", [0o620, 0o602])
def test_cache__an_entry_that_others_may_write_is_not_read(tmp_path, mode):
    cache = Cache(tmp_path)
    cache.put("a", b"one")
    entry(tmp_path).chmod(mode)
    assert cache.get("a") is None


@posix
def test_cache__a_link_is_not_followed(tmp_path):
    cache = Cache(tmp_path)
    cache.put("a", b"one")
    real = entry(tmp_path)
    real.rename(tmp_path / "elsewhere")
    real.symlink_to(tmp_path / "elsewhere")
    assert cache.get("a") is None


@posix
@pytest.mark.parametrize(("mode", "kept"), [(0o700, True), (0o755, True), (0o777, False)])
def test_user_cache__only_in_a_folder_nobody_else_writes_to(tmp_path, monkeypatch, mode, kept):
    folder = tmp_path / "cache"
    folder.mkdir()
    folder.chmod(mode)
    monkeypatch.setenv(VARIABLE, str(folder))
    user_cache.cache_clear()
    assert (user_cache().folder == folder) is kept


@posix
def test_user_cache__is_made_for_the_user_alone(tmp_path, monkeypatch):
    monkeypatch.setenv(VARIABLE, str(tmp_path / "new" / "cache"))
    user_cache.cache_clear()
    folder = user_cache().folder
    assert folder is not None
    assert folder.stat().st_mode & 0o777 == 0o700


@posix
def test_user_cache__another_users_folder_is_not_used(tmp_path, monkeypatch):
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    user_cache.cache_clear()
    assert user_cache().folder is None


@posix
def test_user_cache__without_a_home_folder_nothing_is_kept(tmp_path, monkeypatch):
    """As in a container whose user has neither HOME nor an entry in the list of users."""
    homeless(monkeypatch)
    monkeypatch.chdir(tmp_path)
    for said in ("", "~/cache"):
        monkeypatch.setenv(VARIABLE, said)
        user_cache.cache_clear()
        assert user_cache().folder is None
    assert not list(tmp_path.iterdir())


def homeless(monkeypatch: pytest.MonkeyPatch) -> None:
    """Be a user of whom the system knows no home folder."""

    def unknown(uid: int) -> object:
        raise KeyError(uid)

    for name in ("HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("pwd.getpwuid", unknown)
